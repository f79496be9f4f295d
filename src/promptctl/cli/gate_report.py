"""The end of a gate: the report with new lint errors in it, kept beside the runs, and the exit code."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from promptctl.adapters.files import atomic_write
from promptctl.adapters.leaks import leaks_of
from promptctl.adapters.runs import encode as encode_bytes
from promptctl.adapters.runs import new_id
from promptctl.adapters.state import state_of
from promptctl.cli import boundary
from promptctl.cli.output import Output
from promptctl.model.config import GateConfig
from promptctl.model.errors import InputError, PromptctlError, UnavailableError
from promptctl.model.finding import Finding, Report, Section
from promptctl.model.prompt import Json
from promptctl.model.source import Tree
from promptctl.model.verdict import Ruling, Verdict
from promptctl.reports.build_verdict import of_verdict
from promptctl.reports.figures import count
from promptctl.text.decode import decode

VERDICTS = "verdicts"


def concluded(
    root: Path,
    verdict: Verdict,
    errors: Sequence[Finding],
    head: Tree,
    policy: GateConfig,
    output: Output,
    *,
    signal_code: int = 0,
) -> int:
    """Write and keep the report of a verdict; the exit code. errors: lint errors that the base does not have."""
    report = _report(verdict, errors, head, policy, verbose=output.verbose)
    if signal_code:
        report = _interrupted(report)
    _keep(root, report, output)
    code = _code(report, output)
    try:
        output.write(report)
    except UnavailableError as error:  # the verdict stands, whoever can read it
        code = boundary.worst(code, boundary.refuse(error, boundary.ExitCode.UNAVAILABLE))
    return signal_code or code


def _code(report: Report, output: Output) -> boundary.ExitCode:
    if report.outcome == "warning":
        output.warn(report.conclusion.removeprefix("WARNING: "))
        return boundary.ExitCode.OK
    return boundary.OUTCOMES[report.outcome]


def _report(verdict: Verdict, errors: Sequence[Finding], head: Tree, policy: GateConfig, *, verbose: bool) -> Report:
    report = of_verdict(verdict, on_inconclusive=policy.on_inconclusive, verbose=verbose)
    if verdict.rule == "new":
        report = replace(report, conclusion=f"PASS: {'; '.join(verdict.reasons)}", outcome="pass")
    if not errors:
        return report
    told = f"{count(len(errors), 'lint error')} that the base does not have"
    failed = verdict.verdict is Ruling.FAIL
    data = {
        **report.data,
        "verdict": Ruling.FAIL.value,
        "rule": verdict.rule if failed else "lint",
        "reasons": [told, *report.data["reasons"]],
        "lint": [_row(one) for one in errors],
    }
    places = "\n".join(f"{_place(one)}: {one.rule} {one.message}" for one in errors)
    return replace(
        report,
        outcome="fail",
        conclusion=f"{report.conclusion}; and {told}" if failed else f"FAIL: {told}; {report.conclusion}",
        data=data,
        findings=(*errors, *report.findings),
        sections=(Section(told, places, style="failure"), *report.sections),
        sources={**report.sources, **_sources(head, errors)},
    )


def _interrupted(report: Report) -> Report:
    """Of a gate that was ended there is no verdict, whatever the answers so far say."""
    told = "INTERRUPTED: there is no verdict; what was answered is kept and is not asked again"
    data = {**report.data, "verdict": Ruling.INCONCLUSIVE.value, "rule": "interrupted", "incomplete": True}
    return replace(report, outcome="error", conclusion=told, data=data)


def _place(one: Finding) -> str:
    return ":".join(str(part) for part in (one.path, one.line, one.column) if part is not None)


def _row(one: Finding) -> dict[str, Json]:
    return {
        "rule": one.rule,
        "name": one.name,
        "severity": one.severity.value,
        "message": one.message,
        "path": one.path,
        "line": one.line,
        "column": one.column,
        "hint": one.hint,
        "fingerprint": one.fingerprint,
    }


def _sources(head: Tree, errors: Sequence[Finding]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in dict.fromkeys(one.path for one in errors):
        with suppress(InputError):
            found |= {path: decode(head.read(path))} if path is not None else {}
    return found


def _keep(root: Path, report: Report, output: Output) -> None:
    """Write the verdict document under the state directory, beside the runs; a disk that refuses costs a warning."""
    folder = state_of(root, os.environ).folder(output.warn, VERDICTS)
    if folder is None:
        return
    try:
        document = json.loads(json.dumps(report.data, allow_nan=False))
        atomic_write(folder / f"{new_id(datetime.now(UTC))}.json", encode_bytes(document, leaks_of(os.environ)))
    except PromptctlError as error:
        output.warn(f"this verdict is not kept: {error.problems[0].message}")
