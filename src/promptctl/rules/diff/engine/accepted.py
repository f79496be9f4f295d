"""The approvals of a project: a reviewed file that says which findings are meant, why, and until when."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.source import Blob, Span
from promptctl.text.checked import Fields, Problems
from promptctl.text.yaml import load

FILE = "promptctl-accepted.yaml"
SHORTEST = 6
"""Digits of a fingerprint that suffice on the command line."""
KEYS = ("fingerprint", "rule", "prompt", "change", "reason", "expires")
HEAD = (
    "# Findings of 'promptctl diff' that are meant. Each line of it is part of the change it approves: review it as such.\n"
    "# Written by 'promptctl accept FINGERPRINT --reason \"...\"'.\n"
)
_FINGERPRINT = re.compile(r"[0-9a-f]{12}\Z")


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One approval. expires: the last day on which it holds, or None. rule, prompt, change: what it was given for, for
    the reader; only the fingerprint counts. span: where it stands."""

    fingerprint: str
    reason: str
    rule: str | None = None
    prompt: str | None = None
    change: str | None = None
    expires: date | None = None
    span: Span | None = None

    def key(self) -> tuple[str, str, date | None]:
        """What makes it another approval: what for, why, and until when."""
        return self.fingerprint, self.reason, self.expires

    def expired(self, today: date) -> bool:
        """Whether it has ceased to hold."""
        return self.expires is not None and self.expires < today


def parse_accepted(blob: Blob) -> tuple[Acceptance, ...]:
    """The approvals in a file. Raises InputError with every problem."""
    document = load(blob)
    problems = Problems(blob.path, document.where, document.where_key)
    root = Fields({} if document.value is None else document.value, (), problems, what="the file")
    root.known(("accepted",))
    found = []
    for index, item in enumerate(root.items("accepted")):
        one = _acceptance(Fields(item, ("accepted", index), problems, what="an approval"))
        if one is not None:
            found.append(one)
    problems.finish()
    return tuple(found)


def _acceptance(fields: Fields) -> Acceptance | None:
    if not fields.values:
        return None
    fields.known(KEYS)
    fingerprint, reason = fields.text("fingerprint"), fields.text("reason")
    if fingerprint is None or not _FINGERPRINT.match(fingerprint):
        hint = "twelve hexadecimal digits, as 'promptctl diff' shows them; quote them"
        fields.problem("fingerprint", "an approval needs the fingerprint of a finding", hint=hint)
        return None
    if reason is None or not reason.strip():
        fields.problem("reason", "an approval needs a reason", hint="reason: why this change is right")
        return None
    return Acceptance(
        fingerprint=fingerprint,
        reason=reason,
        rule=fields.text("rule"),
        prompt=fields.text("prompt"),
        change=fields.text("change"),
        expires=_day(fields),
        span=fields.problems.span(fields.at),
    )


def _day(fields: Fields) -> date | None:
    written = fields.text("expires")
    if written is None:
        return None
    try:
        return day(written)
    except InputError as error:
        fields.problem("expires", error.problems[0].message, hint=error.problems[0].hint)
        return None


def day(written: str) -> date:
    """A day written as 2027-01-31. Raises InputError."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise InputError(Problem(f"{written!r} is no day", hint="write it as 2027-01-31")) from None


def in_force(before: Iterable[Acceptance], after: Iterable[Acceptance]) -> Mapping[str, Acceptance]:
    """The approvals that belong to a change, by fingerprint: those the side after it has and the side before has not.

    An approval that is already in the base was for a change that is done: the same change made again needs a new one.
    """
    known = {one.key() for one in before}
    return {one.fingerprint: one for one in after if one.key() not in known}


def with_acceptance(text: str, added: Acceptance) -> str:
    """The file's text with an approval at its end, in place of one for the same fingerprint; "" is a file not there yet."""
    kept = text if text.strip() else f"{HEAD}accepted:\n"
    kept = _without(kept, added.fingerprint)
    if re.search(r"^accepted:[ \t]*(\[\][ \t]*)?$", kept, re.MULTILINE):
        kept = re.sub(r"^accepted:[ \t]*\[\][ \t]*$", "accepted:", kept, flags=re.MULTILINE)
    return kept.rstrip("\n") + "\n" + _entry(added)


def _without(text: str, fingerprint: str) -> str:
    """Without the entry of this fingerprint, as `_entry` writes it."""
    return re.sub(rf'^  - fingerprint: "{fingerprint}"\n(?:    .*\n?)*', "", text, flags=re.MULTILINE)


def _entry(one: Acceptance) -> str:
    pairs: list[tuple[str, Json]] = [
        ("rule", one.rule),
        ("prompt", one.prompt),
        ("change", one.change),
        ("reason", one.reason),
        ("expires", None if one.expires is None else one.expires.isoformat()),
    ]
    lines = [f'  - fingerprint: "{one.fingerprint}"']
    lines += [f"    {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in pairs if value is not None]
    return "\n".join(lines) + "\n"
