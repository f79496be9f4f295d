"""Which model ids are snapshots of one model."""

from __future__ import annotations

import re

_DATE = re.compile(r"[-@:](?:\d{4}-?\d{2}-?\d{2}|\d{4}|latest)$")


def family(model: str) -> str:
    """A model's id without the date of its snapshot."""
    return _DATE.sub("", model)
