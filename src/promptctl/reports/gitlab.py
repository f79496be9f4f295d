"""GitLab's code quality report: a JSON array, one entry a finding.

GitLab's parser stops at the first entry that misses a field and lets a later entry replace one of the same
fingerprint, so every entry has every field and a fingerprint of its own.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from promptctl.model.finding import Finding, Report, Severity
from promptctl.reports.escape import visible
from promptctl.reports.json import dumps

_SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}
_PROJECT_FILE = "promptctl.yaml"


def render(report: Report) -> str:
    """The findings as a code quality report."""
    entries = []
    for finding, fingerprint in zip(report.findings, fingerprints(report.findings), strict=True):
        message = finding.message if not finding.hint else f"{finding.message} ({finding.hint})"
        entries.append(
            {
                "description": visible(message),
                "check_name": f"{finding.rule} {finding.name}",
                "fingerprint": fingerprint,
                "severity": _SEVERITY[finding.severity],
                "location": {
                    "path": (finding.path or _PROJECT_FILE).removeprefix("./"),
                    "lines": {"begin": finding.line or 1},
                },
            }
        )
    return dumps(entries)


def fingerprints(findings: Sequence[Finding]) -> tuple[str, ...]:
    """A fingerprint for each finding: its own, else one of rule, path and message; the n-th alike is made distinct."""
    seen: Counter[str] = Counter()
    found = []
    for one in findings:
        identity = one.fingerprint or "\0".join((one.rule, one.path or "", one.message))
        seen[identity] += 1
        if seen[identity] > 1:
            identity += f"\0{seen[identity]}"
        found.append(hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:40])
    return tuple(found)
