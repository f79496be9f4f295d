"""The public YAML test suite, as far as libyaml's syntax and the core schema go."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from promptctl.model.errors import InputError
from promptctl.model.source import Blob
from promptctl.text.yaml import load

MEASURED = 305  # of 406, with libyaml 0.2.5

# Why the other 101 do not pass, in the words of the refusal, or what libyaml reads although the suite wants an error.
REASONS = {
    "libyaml's syntax": (
        "did not find expected", "could not find expected", "found character that cannot start", "a tab character",
        "found unexpected ':'", "unknown directive", "incompatible YAML", "mapping values are not allowed",
        "unexpected non-alphabetical", "a tab character that violates",
    ),
    "an anchor defined twice": ("found duplicate anchor",),
    "tags outside the core schema are refused": ("not part of YAML's core schema",),
    "mapping keys are text": ("key must be text",),
}  # fmt: skip
# Read by libyaml otherwise than the suite says: comments without a space, indentation in flow, `! 12`, `?` and `:`
# inside plain scalars, colons in anchor names.
READ_OTHERWISE = {
    "652Z", "9C9N", "9JBA", "CVW2", "DK95/01", "G5U8", "HM87/01", "L24T/01", "MUS6/00", "QB6E", "S4JQ", "S98Z", "SU5Z",
    "X4QW", "Y2GN", "Y79Y/03", "YJV2",
}  # fmt: skip


def outcome(test: dict[str, object]) -> str | None:
    """None where the test passes, else why not."""
    try:
        loaded = load(Blob("x.yaml", str(test["yaml"]).encode())).value
    except InputError as error:
        said = error.problems[0].message
        documents = values(test["json"])
        if test["fail"] or (documents is not None and len(documents) > 1 and "another document" in said):
            return None
        return said
    documents = values(test["json"])
    if test["fail"] or (documents is not None and documents[:1] != [loaded] and (documents or loaded is not None)):
        return "read otherwise"
    return None


def values(stream: object) -> list[object] | None:
    if stream is None:
        return None
    found, rest = [], str(stream).strip()
    while rest:
        one, end = json.JSONDecoder().raw_decode(rest)
        found.append(one)
        rest = rest[end:].lstrip()
    return found


def test_the_suite_passes_as_far_as_was_measured(shared_data: Path) -> None:
    lines = (shared_data / "yaml_suite" / "tests.jsonl").read_text(encoding="utf-8").splitlines()
    tests = [json.loads(line) for line in lines]
    failed = {test["id"]: why for test in tests if (why := outcome(test)) is not None}
    assert len(tests) == 406
    assert len(tests) - len(failed) >= MEASURED
    reasons = Counter(reason(name, why) for name, why in failed.items())
    unexplained = {name: why for name, why in failed.items() if reason(name, why) is None}
    assert not unexplained, reasons


def reason(name: str, why: str) -> str | None:
    if name in READ_OTHERWISE and why == "read otherwise":
        return "read otherwise by libyaml"
    return next((label for label, signs in REASONS.items() if any(sign in why for sign in signs)), None)
