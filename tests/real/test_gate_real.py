"""The gate on real answers: a system prompt that was changed, and an agent that was not.

AlpacaEval: gpt-3.5-turbo-1106 under three system prompts, 805 instructions, judged by gpt-4-1106-preview; the change
to "be concise" loses 1.76 points of win rate, p 0.008 two-sided when paired. tau-bench airline (arXiv 2406.12045): four
runs of one unchanged gpt-4o agent on 50 tasks, at .42, .44, .40 and .42.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path

import pytest

from promptctl.gate.compare import compare
from promptctl.gate.decide import decide
from promptctl.model.config import GateConfig
from promptctl.model.run import (
    AssertionResult,
    Completion,
    Outcome,
    PromptRun,
    Provenance,
    Run,
    SampleResult,
    Summary,
)
from promptctl.model.verdict import Ruling

NOTHING = Summary(0, 0, 0, 0, 0, None, None)
THRESHOLD = GateConfig(rule="threshold")


def run_of(scores: Mapping[str, float], kind: str) -> Run:
    """A run of one prompt with a score for each case; a case passes from one half on."""
    results = []
    for case, score in scores.items():
        outcome = Outcome.PASS if score >= 0.5 else Outcome.FAIL
        said = AssertionResult(kind, outcome, score, "as it was scored", "digest")
        results.append(
            SampleResult("bot", case, "", None, 0, (), outcome, score, None, (said,), Completion("an answer"))
        )
    provenance = Provenance("0", None, None, False, "", 0.0)
    prompts = (PromptRun("bot", None, "prompts/bot.yaml", "m", "", "", NOTHING),)
    return Run("run", "complete", provenance, NOTHING, prompts, tuple(results))


@pytest.fixture(scope="module")
def judged(shared_data: Path) -> Mapping[str, Run]:
    """The three system prompts, every instruction scored by its win probability."""
    wins: dict[str, dict[str, float]] = {}
    with (shared_data / "alpacaeval_prompts" / "judgments.jsonl").open() as lines:
        for row in map(json.loads, lines):
            wins.setdefault(row["variant"], {})[str(row["idx"])] = row["win"]
    return {variant: run_of(scores, "judge") for variant, scores in wins.items()}


@pytest.fixture(scope="module")
def trials(shared_data: Path) -> Mapping[int, Run]:
    """The four runs of the unchanged agent."""
    rewards: dict[int, dict[str, float]] = {}
    with (shared_data / "taubench_airline" / "gpt-4o.trials.jsonl").open() as lines:
        for row in map(json.loads, lines):
            rewards.setdefault(row["trial"], {})[str(row["task_id"])] = row["reward"]
    return {trial: run_of(scores, "python") for trial, scores in rewards.items()}


def test_a_prompt_that_answers_too_briefly_is_blocked(judged):
    found = decide(compare(judged["default"], judged["concise"]), GateConfig())
    one = found.prompts[0]
    metric = one.deciding
    assert (found.verdict, one.metric, one.n) == (Ruling.FAIL, "judge_score", 805)
    assert metric is not None
    assert metric.difference == pytest.approx(-0.0176, abs=5e-5)
    assert 2 * metric.p_value == pytest.approx(0.008, abs=5e-4)
    assert metric.adjusted_p < 0.05
    assert one.witnesses


def test_the_naive_rule_merges_it(judged):
    """1.76 points are less than 2: the point rule on the pass rate lets the change through."""
    assert decide(compare(judged["default"], judged["concise"]), THRESHOLD).verdict is Ruling.PASS


def test_a_prompt_that_answers_at_length_is_not_blocked(judged):
    found = decide(compare(judged["default"], judged["verbose"]), GateConfig())
    assert found.verdict is not Ruling.FAIL


def test_identical_agents_never_fail(trials):
    pairs = list(permutations(sorted(trials), 2))
    assert len(pairs) == 12
    for base, head in pairs:
        found = decide(compare(trials[base], trials[head]), GateConfig())
        assert found.verdict is not Ruling.FAIL, (base, head)


def test_the_naive_rule_blocks_one_of_them(trials):
    blocked = [
        (base, head)
        for base, head in permutations(sorted(trials), 2)
        if decide(compare(trials[base], trials[head]), THRESHOLD).verdict is Ruling.FAIL
    ]
    assert blocked == [(1, 2)]


def test_identical_agents_differ_on_almost_a_third_of_the_tasks(trials):
    """What the docs tell: mean discordance of the six pairs is 29 %."""
    flips = []
    for base, head in permutations(sorted(trials), 2):
        one = compare(trials[base], trials[head]).prompts[0]
        flips.append((len(one.regressions) + len(one.improvements)) / len(one.pairs))
    assert sum(flips) / len(flips) == pytest.approx(0.29, abs=0.005)
