"""The steps of `accept`: find the finding, and write the approval down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from promptctl.adapters.files import WorkTree, atomic_write, find_root
from promptctl.adapters.sides import WORKTREE
from promptctl.cli.compared import compared, judged
from promptctl.cli.workspace import start_folder
from promptctl.model.errors import InputError, Problem
from promptctl.model.source import Blob
from promptctl.reports.escape import line
from promptctl.rules.diff.engine.accepted import FILE, SHORTEST, Acceptance, day, parse_accepted, with_acceptance
from promptctl.rules.diff.engine.findings import Judged
from promptctl.text.decode import decode


@dataclass(frozen=True, slots=True)
class Approval:
    """What the command line asks for."""

    fingerprint: str
    reason: str
    expires: str | None
    against: str
    directory: Path | None


def run_accept(wanted: Approval) -> str:
    """Write the approval; the sentence that says so. Raises InputError, UnavailableError."""
    if not wanted.reason.strip():
        raise InputError(Problem("--reason is empty", hint="say why the change is right; reviewers read it"))
    expires = day(wanted.expires) if wanted.expires is not None else None
    today = datetime.now(UTC).astimezone().date()
    if expires is not None and expires < today:
        raise InputError(Problem(f"--expires {expires} is over already"))
    root = find_root(start_folder(wanted.directory))
    found = _finding(root, wanted)
    one = _acceptance(found, wanted.reason.strip(), expires)
    tree = WorkTree(root)
    text = decode(tree.read(FILE)) if (root / FILE).exists() else ""
    written = with_acceptance(text.replace("\r\n", "\n"), one)
    parse_accepted(Blob(FILE, written.encode()))  # what cannot be read back is not written
    atomic_write(root / FILE, written.encode())
    return f"accepted {one.fingerprint} ({one.rule}, {line(one.change or '')}) in {FILE}: commit it with the change"


def _finding(root: Path, wanted: Approval) -> Judged:
    mark = wanted.fingerprint.lower()
    with compared(root, wanted.against, WORKTREE) as sides:
        outcome = judged(sides)
    every = [*outcome.found, *(one for one, _ in outcome.accepted)]
    fits = [one for one in every if one.finding.fingerprint.startswith(mark)]
    if len(mark) < SHORTEST or len(fits) > 1:
        raise InputError(
            Problem(f"{wanted.fingerprint!r} is too short to mean one finding", hint=f"at least {SHORTEST} digits")
        )
    if not fits:
        known = ", ".join(sorted(one.finding.fingerprint for one in every)[:10]) or "none"
        hint = f"there are: {known}; --against names the base, such as merge-base:origin/main"
        message = f"no finding against {wanted.against} has the fingerprint {wanted.fingerprint!r}"
        raise InputError(Problem(message, hint=hint))
    return fits[0]


def _acceptance(found: Judged, reason: str, expires: date | None) -> Acceptance:
    finding = found.finding
    return Acceptance(
        fingerprint=finding.fingerprint,
        reason=reason,
        rule=finding.rule,
        prompt=found.subject or None,
        change=finding.message,
        expires=expires,
    )
