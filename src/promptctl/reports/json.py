"""The versioned JSON document of a verb, printed as it is."""

from __future__ import annotations

import json

from promptctl.model.finding import Report
from promptctl.model.prompt import Json
from promptctl.reports.escape import json_document


def render(report: Report) -> str:
    """`report.data`, indented by two. Raises ValueError where a number is not finite: JSON has none."""
    return dumps(report.data)


def dumps(value: Json) -> str:
    """Any JSON value as a document that is safe to print: keys in their own order, text as it is written."""
    return json_document(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"
