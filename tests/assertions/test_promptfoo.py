"""Every case of promptfoo's whose assertion both have: agreed, or named with its reason in docs/promptfoo.md."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from promptctl.assertions.engine import names, verdict
from promptctl.model.answer import Answer
from promptctl.model.errors import InputError

DOCS = Path(__file__).resolve().parents[2] / "docs" / "promptfoo.md"
WANTED = {True: "pass", False: "fail", None: "error"}


@pytest.fixture(scope="session")
def cases(shared_data):
    return json.loads((shared_data / "promptfoo_assertion_cases.json").read_text())


def compact(output: object) -> str:
    """promptfoo compares an output that is not text by its compact JSON."""
    if output is None:
        return ""
    return output if isinstance(output, str) else json.dumps(output, ensure_ascii=False, separators=(",", ":"))


def entry(written: dict[str, object]) -> dict[str, object]:
    """promptfoo's assertion in promptctl's spelling."""
    kind = str(written["type"])
    if kind == "assert-set":
        members = [entry(member) for member in written["assert"]]
        group = "weighted" if "threshold" in written else "all"
        return {group: members, **{key: written[key] for key in ("threshold", "weight") if key in written}}
    out = {"type": kind, **{key: written[key] for key in ("threshold", "weight") if written.get(key) is not None}}
    if written.get("value") is not None:
        out["value"] = written["value"]
    if kind.endswith("latency") and "threshold" in out:
        out["threshold"] = out["threshold"] / 1000
    return out


def given(case: dict[str, object]) -> Answer:
    facts = case.get("context", {})
    latency = facts.get("latency_ms")
    return Answer(
        output=compact(case["output"]),
        cost_usd=facts.get("cost"),
        latency_s=None if latency is None else latency / 1000,
        finish_reason=facts.get("finish_reason"),
    )


def outcome(case: dict[str, object], bound) -> str:
    """pass, fail, error, or refused at load time."""
    entries = [entry(each) for each in case.get("assert", [case])]
    try:
        made = [bound(each) for each in entries]
    except InputError:
        return "refused"
    results = [one.judge(given(case)) for one in made]
    if "assert" not in case:
        return results[0].outcome.value
    return verdict(results, case.get("threshold"))[0].value


def shared(case: dict[str, object]) -> bool:
    return "assert" in case or str(case["type"]).removeprefix("not-") in names()


def documented() -> dict[str, tuple[str, str]]:
    """The cases of the tables: what promptfoo says, what promptctl says."""
    out = {}
    for line in DOCS.read_text().splitlines():
        if found := re.fullmatch(r"\| .+ \| (pf-[-pf, 0-9]+) \| (\w+) \| (\w+) \|", line):
            out |= dict.fromkeys(found[1].split(", "), (found[2], found[3]))
    return out


def test_the_documented_disagreements_are_all_there_are(cases, bound):
    actual = {}
    for case in filter(shared, cases):
        said, wanted = outcome(case, bound), WANTED[case["expected_pass"]]
        if said != wanted and not (wanted == "error" and said == "refused"):
            actual[case["id"]] = (wanted, said)
    assert actual == documented()


def test_the_documented_numbers_of_cases(cases):
    several = sum("assert" in case for case in cases)
    single = sum(shared(case) for case in cases) - several
    assert f"{single} published and observed cases" in DOCS.read_text()
    assert f"{several} verdicts over several assertions" in DOCS.read_text()


def test_lenient_json_reads_what_promptfoo_reads(cases, bound):
    """All of promptfoo's own lenient cases but an object that is cut off, and a key without a value."""
    unreadable = {"pf-0492", "pf-0499"}
    for case in cases:
        if case["type"].removeprefix("not-") != "contains-json" or case["id"] in unreadable:
            continue
        each = entry(case) | {"lenient": True}
        assert bound(each).judge(given(case)).outcome.value == WANTED[case["expected_pass"]], case


# promptfoo gives 1 or 0 where promptctl grades.
GRADED = {"levenshtein"}


def test_scores_agree(cases, bound):
    compared = 0
    for case in filter(shared, cases):
        kind = str(case["type"]).removeprefix("not-")
        if case["id"] in documented() or "assert" in case or kind in GRADED or "quirk" in case:
            continue
        try:
            result = bound(entry(case)).judge(given(case))
        except InputError:
            continue
        if case["expected_pass"] is None:
            continue
        if "expected_score" in case:
            digits = case.get("expected_score_digits", 6)
            assert result.score == pytest.approx(case["expected_score"], abs=0.5 * 10**-digits), case
            compared += 1
        for sign, bound_value in case.get("expected_score_bounds", {}).items():
            assert {
                "gt": result.score > bound_value,
                "ge": result.score >= bound_value,
                "lt": result.score < bound_value,
                "le": result.score <= bound_value,
            }[sign], case
    assert compared > 200
