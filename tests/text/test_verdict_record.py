"""The verdict document: the promised keys, and nothing lost on the way there and back."""

from __future__ import annotations

import json

import pytest

from promptctl.model.errors import InputError
from promptctl.model.run import Outcome, ToolCall
from promptctl.model.verdict import (
    Broken,
    CaseError,
    Measure,
    Metric,
    PromptVerdict,
    Ruling,
    Shown,
    TagResult,
    Verdict,
    Witness,
)
from promptctl.text.verdict_record import decode, encode

METRIC = Metric(
    "pass_rate",
    Ruling.FAIL,
    "regression",
    50,
    0.9,
    0.7,
    -0.2,
    (-0.3, -0.1),
    -0.29,
    -0.11,
    0.001,
    0.002,
    48,
    0.15,
    60,
    "fail",
)
WITNESS = Witness(
    "reset",
    "regression",
    Shown(Outcome.PASS, "Settings", 4, 4, 1.0, (ToolCall("search", '{"q": 1}', "call-1"),)),
    Shown(Outcome.FAIL, "No idea", 1, 4, 0.25, error="late"),
    (Broken("contains", "place", '"Settings" is not in the answer', 3, 4),),
    ("critical",),
    must_pass=True,
    confirmed="regression",
    format_only=True,
)
VERDICT = Verdict(
    Ruling.FAIL,
    (
        PromptVerdict(
            prompt="bot",
            verdict=Ruling.FAIL,
            rule="must-pass",
            n=50,
            regressions=11,
            improvements=1,
            metrics=(METRIC,),
            path="prompts/bot.yaml",
            base_passed=45,
            head_passed=35,
            e_value=312.5,
            stopped_after=30,
            incomplete=True,
            confirmed_regressions=3,
            confirmed_improvements=0,
            witnesses=(WITNESS,),
            improved=("other",),
            measures=(
                Measure("latency_p95", "s", 1.0, 2.0, 60, 61, (0.9, None), (1.8, 2.2), 1.5, Ruling.FAIL, "slow"),
            ),
            tags=(TagResult("critical", 5, 1, 0, -0.2, (-0.5, 0.1), 0.5),),
            errors=(CaseError("late", "head", "timeout"),),
            base_only=("gone",),
            head_only=("new",),
            edited=("changed",),
            reasons=("one that must pass",),
            notes=("a note",),
        ),
    ),
    baseline={"spec": "main", "commit": "2da8db2"},
    head={"spec": "worktree"},
    policy={"max_drop": 0.02, "must_pass": ("critical",)},
    rule="must-pass",
    reasons=("bot: one that must pass",),
    carried_over=("quiet",),
    notes=("the whole",),
    command="promptctl gate --against main",
)


def test_nothing_is_lost_on_the_way_through_json():
    assert decode(json.loads(json.dumps(encode(VERDICT), allow_nan=False))) == VERDICT


def test_the_document_has_the_promised_shape():
    document = encode(VERDICT)
    assert (document["version"], document["kind"], document["verdict"]) == (1, "verdict", "fail")
    assert {"baseline", "prompts", "reasons"} <= document.keys()
    assert {
        "prompt", "verdict", "n", "regressions", "improvements", "difference", "interval", "p_value",
        "detectable_drop", "rule", "witnesses",
    } <= document["prompts"][0].keys()  # fmt: skip


def test_the_figures_of_a_prompt_are_those_of_the_metric_that_decides():
    row = encode(VERDICT)["prompts"][0]
    assert (row["difference"], row["interval"], row["p_value"], row["detectable_drop"]) == (
        -0.2,
        [-0.3, -0.1],
        0.001,
        0.15,
    )


def test_nothing_measured_is_null():
    bare = PromptVerdict("bot", Ruling.INCONCLUSIVE, "nothing-measured", 0, 0, 0, ())
    row = encode(Verdict(Ruling.INCONCLUSIVE, (bare,)))["prompts"][0]
    assert [row[key] for key in ("difference", "interval", "p_value", "detectable_drop", "e_value")] == [None] * 5


def test_unknown_keys_are_ignored():
    document = {**encode(VERDICT), "later": 1}
    assert decode(document) == VERDICT


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "run"}, "not a verdict document"),
        ({"version": 2}, "version 2"),
        ({"verdict": "maybe"}, "damaged"),
        ({"prompts": [{}]}, "no 'prompt'"),
        ({"prompts": None}, "damaged"),
    ],
)
def test_what_cannot_be_read_is_an_input_error(change, said):
    with pytest.raises(InputError, match=said):
        decode({**encode(VERDICT), **change})
