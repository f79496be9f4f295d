"""Is the model that answered the model that was asked? Pure, by the names alone."""

from __future__ import annotations

import re
from typing import Literal

Verdict = Literal["same", "other_snapshot", "unrecognised"]

_SNAPSHOT = re.compile(
    r"[-@](?P<date>\d{4}-\d{2}-\d{2}|\d{8}|\d{2}-\d{4}|\d{2}-\d{2}|\d{6}|\d{4}|\d{3})(?:-v\d+(?::\d+)?)?$"
    r"|@sha256:(?P<digest>[0-9a-f]{8,64})$|@(?P<commit>[0-9a-f]{40})$"
)


def served_model_verdict(asked: str, served: str | None) -> Verdict:
    """Compare the model of a request with the one its answer names.

    "same": equal, or the snapshot an alias stands for (`gpt-4o` answered by `gpt-4o-2024-08-06`).
    "other_snapshot": the request pins one snapshot and another dated one answered.
    "unrecognised": nothing can be said (no name, a deployment's name, a path, a dateless name for a pinned one).

    >>> served_model_verdict("openai/gpt-4o-2024-08-06", "gpt-4o-2024-11-20")
    'other_snapshot'
    """
    if not served:
        return "unrecognised"
    wanted, got = asked.lower(), served.lower()
    if _tails(wanted) & _tails(got):
        return "same"
    wanted_family, wanted_pin = _split(wanted)
    got_family, got_pin = _split(got)
    related = bool(_tails(wanted_family) & _tails(got_family))
    if wanted_pin is None or got_pin is None:
        return "same" if related and got_pin is not None else "unrecognised"
    return "same" if related and got_pin == wanted_pin else "other_snapshot"


def _split(name: str) -> tuple[str, str | None]:
    """A name without its snapshot, and the snapshot without its punctuation: `@20250514` is `-2025-05-14`."""
    found = _SNAPSHOT.search(name)
    if found is None:
        return name, None
    pin = next(group for group in found.groups() if group is not None)
    return name[: found.start()], pin.replace("-", "")


def _tails(name: str) -> frozenset[str]:
    """A name with ever fewer leading segments: providers add and drop `openai/`, `models/`, `us.anthropic.`."""
    segments = name.split("/")
    tails = {"/".join(segments[start:]) for start in range(len(segments))}
    tails |= {re.sub(r"^(?:(?:us|eu|apac|global|jp|au)\.)?(?:[a-z0-9]+\.)?(?=claude)", "", tail) for tail in tails}
    return frozenset(tail for tail in tails if tail)
