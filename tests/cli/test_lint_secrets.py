"""What a secrets rule points at is named and placed, and shown in no format."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptctl.adapters.files import WorkTree
from promptctl.cli.lint_report import report_of
from promptctl.model.config import Config
from promptctl.model.finding import Finding, Severity
from promptctl.reports import formats
from promptctl.rules.engine.lint import Linted
from promptctl.rules.engine.outline import Outline

SECRET = "hunter2-hunter2"


@pytest.mark.parametrize("name", formats.NAMES)
@pytest.mark.parametrize("end", [None, 9 + len(SECRET)])
def test_the_line_is_shown_without_it(tmp_path: Path, name: str, end: int | None) -> None:
    (tmp_path / "a.yaml").write_text(f"model: x\r\nuse key {SECRET} now\r\n")
    finding = Finding(
        rule="PL601",
        name="api-key",
        severity=Severity.ERROR,
        message="an API key",
        path="a.yaml",
        line=2,
        column=9,
        end_column=end,
    )
    linted = Linted(findings=(finding,), checked=("a.yaml",), found=(), outline=Outline(Config(), (), (), (), {}, {}))
    report = report_of(linted, WorkTree(tmp_path), Severity.ERROR, staged=False, statistics=False, fixed=None)
    shown = formats.render(report, name)
    assert SECRET not in shown
    assert "an API key" in shown
