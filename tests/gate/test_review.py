"""The verdict issued again: published figures, the bounds' promise, and what a label is of."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_runs import assertion, judged, run_of, sample

from promptctl.gate.compare import compare
from promptctl.gate.decide import decide
from promptctl.gate.pairs import Pair, side_of
from promptctl.gate.review import policy_of, reviewed, with_gate
from promptctl.gate.review_bounds import Tally, bounds_of
from promptctl.gate.review_cases import ReviewCase, review_case
from promptctl.gate.review_judge import arm_of, same_for_people
from promptctl.gate.review_labels import agreed, by_labeller, labelling
from promptctl.gate.review_measure import Asked
from promptctl.gate.review_plan import FEWEST, FIRST_MOST, sample_size, sampled, strata_of, to_ask
from promptctl.gate.review_run import rated, run_asked
from promptctl.model.config import GateConfig, MetricBound
from promptctl.model.review import Label, PromptReview
from promptctl.model.run import Outcome, Run, SampleResult
from promptctl.model.verdict import Ruling
from promptctl.stats.paired import difference_lower, difference_upper
from promptctl.stats.two_phase import two_phase
from promptctl.text.verdict_record import decode, encode

Human = Callable[[str], tuple[str, str]]


def two_runs(letters: Sequence[tuple[str, str]], seed: str = "") -> tuple[Run, Run]:
    """Two runs of cases c0, c1, ... with the judge's outcome on each side."""
    base = [judged(f"c{n}", one, "base") for n, (one, _) in enumerate(letters)]
    head = [judged(f"c{n}", other, "head") for n, (_, other) in enumerate(letters)]
    return run_of(f"base{seed}", base), run_of(f"head{seed}", head)


def on_desk(
    base: Run, head: Run, policy: GateConfig, *, number: int | None = None, seed: str = "s", **gate: Any
) -> Asked:
    """The one prompt of two runs under review."""
    comparison = compare(base, head)
    (verdict,) = decide(comparison, policy, **gate).prompts
    (one,) = comparison.prompts
    strata = strata_of(one, seed)
    return Asked(one, verdict, strata, sample_size(strata, policy, number=number))


def labels_for(cases: Sequence[ReviewCase], human: Callable[[str, str], bool]) -> dict[str, bool]:
    """A label for every answer of `cases`; human: of a case's id and the answer."""
    return {one.key: human(case.case, one.completion.output) for case in cases for one in case.answers}


def everything(one: Asked) -> tuple[ReviewCase, ...]:
    return (*one.strata.flipped, *one.strata.rest)


def review_of(one: Asked, labels: dict[str, bool], policy: GateConfig) -> PromptReview:
    (found,) = reviewed([one], labels, policy)
    return found


# --- published figures ------------------------------------------------------------------------------------------------


def _published(shared_data: Path) -> dict[str, dict[str, float]]:
    document = json.loads((shared_data / "stats_cases.json").read_text())
    (case,) = (one for one in document["cases"] if one["id"] == "real_two_phase_labels")
    return case["expected"]


@pytest.mark.parametrize("suite", ["safe", "all"])
@pytest.mark.parametrize("systems", ["llama2new->llama2orig", "mistralinstruct->mistralguard", "gpt4->llama2new"])
def test_the_two_phase_figures_of_real_comparisons(shared_data: Path, systems: str, suite: str) -> None:
    """From the judge's outcomes to the estimate. The counts behind the published figures are whole numbers, and known."""
    want = _published(shared_data)[f"{systems}/{suite}"]
    n, flips, k = int(want["n"]), int(want["judge_discordant"]), 60
    lost = round((flips - want["judge_diff"] * n) / 2)
    letters = [("p", "f")] * lost + [("f", "p")] * (flips - lost) + [("p", "p")] * (n - flips)
    policy = GateConfig()
    one = on_desk(*two_runs(letters), policy, number=k)
    assert one.gate.metrics[0].difference == pytest.approx(want["judge_diff"])
    on_flips = round(want["discordant_only_relabel"] * n)
    in_sample = round((want["two_phase_estimate"] * n - on_flips) / (n - flips) * k)
    spread = (want["two_phase_se_design"] * n / (n - flips)) ** 2 * k / (1 - k / (n - flips))
    unequal = round(spread * (k - 1) + in_sample**2 / k)  # cases of the sample in which people see a difference
    labels: dict[str, bool] = {}
    for cases, total, differing in ((one.strata.flipped, on_flips, flips), (one.strata.rest[:k], in_sample, unequal)):
        differing -= (differing - abs(total)) % 2
        losses = (differing - total) // 2
        changes = [-1] * losses + [1] * (differing - losses) + [0] * (len(cases) - differing)
        for case, change in zip(cases, changes, strict=True):
            labels |= labels_for([case], lambda _, answer, c=change: (answer.startswith("head")) == (c > 0) or c == 0)
    found = review_of(one, labels, policy)
    assert found.corrected is not None
    assert found.corrected.value == pytest.approx(want["two_phase_estimate"], abs=1e-6)
    assert found.corrected.error == pytest.approx(want["two_phase_se_design"], abs=1e-6)
    assert found.corrected.judged_only == pytest.approx(want["discordant_only_relabel"], abs=1e-6)
    assert found.flipped + found.sampled == want["human_labels_used"]
    assert found.verdict is Ruling.FAIL


# --- the bounds -------------------------------------------------------------------------------------------------------


@given(
    st.integers(1, 300).flatmap(
        lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(0, n), st.integers(0, n))
    )
)
def test_with_every_case_labelled_the_bounds_are_the_gates(counts: tuple[int, int, int, int]) -> None:
    n, certain, losses, gains = counts
    losses, gains = min(losses, n), min(gains, n - min(losses, n))
    sure_losses, sure_gains = min(losses, certain), min(gains, certain - min(losses, certain))
    rest_losses, rest_gains = losses - sure_losses, gains - sure_gains
    tally = Tally(certain, sure_losses, sure_gains, n - certain, n - certain, rest_losses, rest_gains)
    found = bounds_of(tally, 0.95)
    assert found.lower == pytest.approx(difference_lower(losses, gains, n), abs=1e-9)
    assert found.upper == pytest.approx(difference_upper(losses, gains, n), abs=1e-9)
    assert found.lower_here == found.upper_here == pytest.approx((gains - losses) / n)


@pytest.mark.parametrize(("cases", "lost", "seen", "k"), [(450, 0.05, 0.0, 60), (1000, 0.02, 0.0, 150)])
def test_a_loss_at_the_margin_passes_one_time_in_twenty_not_one_in_five(
    cases: int, lost: float, seen: float, k: int
) -> None:
    """Hidden flips are few, and the normal bound on them is far too sure: it is what this replaces."""
    draw, passes, normal, rounds = random.Random(11), 0, 0, 300
    for _ in range(rounds):
        people = [-1 if draw.random() < lost else 0 for _ in range(cases)]
        flipped = [d for d in people if (d and draw.random() < seen) or draw.random() < 0.03]
        rest = list(people)
        for d in flipped:
            rest.remove(d)
        found = draw.sample(rest, k)
        tally = Tally(len(flipped), flipped.count(-1), flipped.count(1), len(rest), k, found.count(-1), found.count(1))
        passes += bounds_of(tally, 0.95).lower > -lost
        estimate = two_phase([float(d) for d in flipped], [float(d) for d in found], len(rest))
        assert estimate is not None
        normal += estimate.value - 1.645 * estimate.total_error > -lost
    assert passes / rounds < 0.09  # 0.05 and three standard errors
    assert normal > 2 * passes


def test_labelling_only_the_flips_is_biased_and_this_is_not() -> None:
    """A judge that sees a third of the losses, over many seeds of the sample."""
    kinds = ["lost and seen"] * 20 + ["lost"] * 40 + ["gained and seen"] * 10 + ["same"] * 230
    seen = {"lost and seen": ("p", "f"), "gained and seen": ("f", "p")}
    base, head = two_runs([seen.get(kind, ("p", "p")) for kind in kinds])
    truth = (10 - 60) / 300

    def human(case: str, answer: str) -> bool:
        kind = kinds[int(case[1:])]
        return not (kind.startswith("lost") and answer.startswith("head")) and not (
            kind.startswith("gained") and answer.startswith("base")
        )

    estimates, flips_only = [], set()
    first = on_desk(base, head, GateConfig(), number=60)
    for seed in range(16):
        one = replace(first, strata=strata_of(first.one, str(seed)))
        found = review_of(one, labels_for(to_ask(one.strata, one.size, str(seed)), human), GateConfig())
        assert found.corrected is not None
        estimates.append(found.corrected.value)
        flips_only.add(round(found.corrected.judged_only, 6))
    assert fmean(estimates) == pytest.approx(truth, abs=0.03)
    assert flips_only == {round((10 - 20) / 300, 6)}


# --- the verdict ------------------------------------------------------------------------------------------------------


def all_labelled(changes: Sequence[int], policy: GateConfig, **more: Any) -> PromptReview:
    """A judge that sees no difference, and people who see `changes` in every case."""
    one = on_desk(*two_runs([("p", "p")] * len(changes)), policy, number=len(changes), **more)

    def human(case: str, answer: str) -> bool:
        change = changes[int(case[1:])]
        return change == 0 or answer.startswith("head") == (change > 0)

    return review_of(one, labels_for(everything(one), human), policy)


@pytest.mark.parametrize(
    ("changes", "policy", "verdict", "rule"),
    [
        ([0] * 20, {}, Ruling.PASS, "identical"),
        ([0] * 199 + [-1], {"max_drop": 0.05}, Ruling.PASS, "non-inferiority"),
        ([-1] * 30 + [0] * 170, {}, Ruling.FAIL, "regression"),
        ([-1] * 6 + [0] * 394, {"max_drop": 0.05}, Ruling.PASS, "regressed-within-margin"),
        ([-1] * 3 + [0] * 47, {}, Ruling.INCONCLUSIVE, "not-settled"),
        ([-1] * 2 + [0] * 98, {"rule": "threshold"}, Ruling.PASS, "threshold"),
        ([-1] * 3 + [0] * 97, {"rule": "threshold"}, Ruling.FAIL, "threshold"),
    ],
)
def test_the_three_states(changes: list[int], policy: dict[str, Any], verdict: Ruling, rule: str) -> None:
    found = all_labelled(changes, GateConfig(**policy))
    assert (found.verdict, found.rule) == (verdict, rule)


def test_with_everything_labelled_the_verdict_is_the_gates_on_what_people_see() -> None:
    draw = random.Random(5)
    for _ in range(25):
        n = draw.randint(5, 100)
        loss, gain = draw.choice([(0.02, 0.02), (0.2, 0.02), (0.05, 0.05), (0.0, 0.0)])
        changes = [-1 if (u := draw.random()) < loss else 1 if u < loss + gain else 0 for _ in range(n)]
        policy = GateConfig(max_drop=draw.choice([0.02, 0.1]))
        letters = {-1: ("p", "f"), 0: ("p", "p"), 1: ("f", "p")}
        sides = zip(*(letters[d] for d in changes), strict=True)
        plain = [
            run_of("r", [sample(f"c{at}", "x", assertion("contains", one)) for at, one in enumerate(side)])
            for side in sides
        ]
        (gate,) = decide(compare(*plain), policy).prompts
        found = all_labelled(changes, policy)
        assert (found.verdict, found.rule) == (gate.verdict, gate.rule), changes


def test_an_inconclusive_one_says_how_many_more_labels_or_cases_would_do() -> None:
    def few(case: str, answer: str) -> bool:
        return not (answer.startswith("head") and int(case[1:]) % 25 == 0)

    base, head = two_runs([("p", "p")] * 600)
    policy = GateConfig(max_drop=0.02)
    one = on_desk(base, head, policy, number=25)
    first = review_of(one, labels_for(one.strata.rest[:25], few), policy)
    assert first.verdict is Ruling.INCONCLUSIVE
    assert first.more_labels is not None
    again = on_desk(base, head, policy, number=25 + 3 * first.more_labels)
    settled = review_of(again, labels_for(again.strata.rest, few), policy)
    assert settled.verdict is Ruling.FAIL
    small = all_labelled([-1] + [0] * 19, policy)
    assert small.verdict is Ruling.INCONCLUSIVE
    assert small.more_labels is None
    assert small.more_cases is not None
    assert small.more_cases > 20


def test_labels_that_are_missing_leave_no_verdict_and_are_counted() -> None:
    letters = [("p", "f")] * 4 + [("p", "p")] * 100
    one = on_desk(*two_runs(letters), GateConfig(), number=10)
    none = review_of(one, {}, GateConfig())
    assert none.verdict is None
    assert none.remaining is not None
    assert (none.remaining.flipped, none.remaining.sampled, none.remaining.answers) == (4, 10, 28)
    half = labels_for(one.strata.flipped, lambda *_: True) | labels_for(one.strata.rest[1:10], lambda *_: True)
    left = review_of(one, half, GateConfig()).remaining
    assert left is not None
    assert (left.flipped, left.sampled, left.answers) == (0, 1, 2)


def test_one_prompt_without_labels_keeps_all_of_them_open() -> None:
    one = on_desk(*two_runs([("p", "f")] * 3), GateConfig())
    done = labels_for(everything(one), lambda *_: True)
    other = on_desk(*two_runs([("p", "f")] * 3), GateConfig(), seed="other")
    assert [found.verdict for found in reviewed([one, other], done, GateConfig())] == [None, None]


def test_holm_is_over_the_prompts_reviewed() -> None:
    changes = [-1] * 4 + [0] * 96
    assert all_labelled(changes, GateConfig()).verdict is Ruling.FAIL  # mid-p 0.031
    desks = [on_desk(*two_runs([("p", "p")] * 100), GateConfig(), number=100, seed=seed) for seed in "ab"]

    def human(case: str, answer: str) -> bool:
        return answer.startswith("base") or int(case[1:]) >= 4

    labels = labels_for([case for one in desks for case in everything(one)], human)
    assert {found.verdict for found in reviewed(desks, labels, GateConfig())} == {Ruling.INCONCLUSIVE}


def test_a_case_that_must_pass_fails_the_prompt_whatever_the_rest() -> None:
    base = [judged(f"c{n}", "p", "base", tags=("critical",) if n == 0 else ()) for n in range(200)]
    head = [judged(f"c{n}", "p", "head") for n in range(200)]
    policy = GateConfig(max_drop=0.1)
    one = on_desk(run_of("base", base), run_of("head", head), policy, number=200)
    labels = labels_for(everything(one), lambda case, answer: case != "c0" or answer.startswith("base"))
    found = review_of(one, labels, policy)
    assert (found.verdict, found.rule) == (Ruling.FAIL, "must-pass")
    assert "c0" in found.reasons[0]


def test_what_cannot_be_judged_by_anybody_counts_as_a_loss_before_it_counts_as_a_pass() -> None:
    def found(errors: int) -> PromptReview:
        base = [judged(f"c{n}", "p", "base") for n in range(300)]
        head = [sample(f"c{n}", None) if n < errors else judged(f"c{n}", "p", "head") for n in range(300)]
        policy = GateConfig(max_drop=0.05)
        one = on_desk(run_of("base", base), run_of("head", head), policy, number=300)
        return review_of(one, labels_for(everything(one), lambda *_: True), policy)

    assert found(2).verdict is Ruling.PASS
    many = found(14)
    assert (many.verdict, many.rule, many.incomplete) == (Ruling.INCONCLUSIVE, "errors", True)


def test_floors_and_lint_stay_as_the_gate_has_them() -> None:
    policy = GateConfig(max_drop=0.1, min_pass_rate=0.99)
    letters = [("p", "p")] * 95 + [("f", "f")] * 5
    one = on_desk(*two_runs(letters), policy, number=100)
    found = review_of(one, labels_for(everything(one), lambda *_: True), policy)
    assert (found.verdict, found.rule) == (Ruling.FAIL, "min-pass-rate")
    assert found.reasons == ("95 of 100 cases pass, at least 99.0 % is required (the judge's word, not reviewed)",)
    gate = decide(compare(*two_runs(letters)), GateConfig())
    fine = review_of(one, labels_for(everything(one), lambda *_: True), GateConfig())
    assert with_gate([fine], gate)[1] is Ruling.PASS
    assert with_gate([fine], gate, ("1 lint error",))[1:3] == (Ruling.FAIL, "lint")


def test_what_floors_stand_on_is_told_with_labels_and_without() -> None:
    """Every floor the judge breaks, none of which people were asked about, and one that is a fact."""
    bounds = {name: MetricBound(min=0.9) for name in ("faithfulness", "judge_score", "context_recall")}
    policy = GateConfig(max_drop=0.5, min_judge_score=0.9, metrics={**bounds, "leak_rate": MetricBound(max=0.0)})

    def side(name: str) -> Run:
        checks = [assertion("faithfulness", "f", weight=0), assertion("judge", "p"), assertion("not-leaks", "f")]
        results = [sample(f"c{n}", f"{name} {n}", *checks, threshold=0.4) for n in range(5)]
        return run_of(name, results)

    one = on_desk(side("base"), side("head"), policy, number=5)
    told = "min_judge_score, faithfulness, judge_score: held against the judge's word on the head"
    assert review_of(one, {}, policy).notes[0].startswith(told)
    found = review_of(one, labels_for(everything(one), lambda *_: True), policy)
    assert (found.verdict, found.rule) == (Ruling.FAIL, "metric-leak-rate")
    assert found.notes[0].startswith(told)
    fact, *words = found.reasons
    assert "not reviewed" not in fact
    assert [reason.partition(" is ")[0] for reason in words] == ["faithfulness", "judge score", "the mean judge score"]
    assert all(reason.endswith("(the judge's word, not reviewed)") for reason in words)


def test_a_floor_on_judges_is_told_as_such_of_a_prompt_that_needs_no_label() -> None:
    """One and the same answer on both sides: nobody is asked, and the gate's verdict is the judge's word."""
    policy = GateConfig(max_drop=0.5, min_pass_rate=0.4, min_judge_score=0.9)

    def side(name: str) -> Run:
        return run_of(name, [judged(f"c{n}", "pf"[n % 2], "both") for n in range(10)])

    one = on_desk(side("base"), side("head"), policy)
    found = review_of(one, {}, policy)
    assert (found.reviewed, found.verdict, found.rule) == (False, Ruling.FAIL, "min-judge-score")
    told = "the mean judge score is 0.500, at least 0.9 is required (the judge's word, not reviewed)"
    assert found.reasons == (told,)
    assert found.notes[0].startswith("min_pass_rate, min_judge_score: held against the judge's word")


def test_without_a_floor_on_judges_there_is_nothing_to_tell() -> None:
    policy = GateConfig(metrics={"faithfulness": MetricBound(min=0.9), "leak_rate": MetricBound(max=0.1)})
    one = on_desk(*two_runs([("p", "p")] * 3), policy)
    assert review_of(one, {}, policy).notes == ()
    policy = GateConfig(min_pass_rate=0.9)
    plain = [run_of(side, [sample("c", side, assertion("contains", "f"))]) for side in ("base", "head")]
    found = review_of(on_desk(*plain, policy), {}, policy)
    assert (found.rule, found.notes) == ("min-pass-rate", ())
    assert found.reasons == ("0 of 1 case pass, at least 90.0 % is required",)


@pytest.mark.parametrize("share", [None, 0.5])
def test_of_a_prompt_that_is_all_errors_nothing_can_be_reviewed_and_the_others_go_on(share: float | None) -> None:
    def side(name: str) -> Run:
        down = [sample(f"d{n}", None, prompt="down") for n in range(3)]
        return run_of(name, [*(judged(f"c{n}", "p", name) for n in range(4)), *down])

    policy, comparison = GateConfig(max_drop=0.5), compare(side("base"), side("head"))
    gate = decide(comparison, policy)
    asked = []
    for one, verdict in zip(comparison.prompts, gate.prompts, strict=True):
        strata = strata_of(one, "s")
        asked.append(Asked(one, verdict, strata, sample_size(strata, policy, share=share)))
    cases = [case for one in asked for case in everything(one)]
    labels = labels_for(cases, lambda *_: True)
    reviews = {one.prompt: one for one in reviewed(asked, labels, policy)}
    assert (reviews["bot"].verdict, reviews["bot"].reviewed) == (Ruling.PASS, True)
    down = reviews["down"]
    assert (down.verdict, down.reviewed, down.incomplete) == (Ruling.INCONCLUSIVE, False, True)
    (note,) = down.notes
    assert note.startswith("nothing of it can be reviewed: 3 cases with an ERROR that no label can change")
    assert next(one for one in reviewed(asked, {}, policy) if one.prompt == "down").notes == (note,)
    assert with_gate(list(reviews.values()), gate)[1] is Ruling.INCONCLUSIVE


def test_a_judges_error_is_asked_like_the_rest_and_people_decide() -> None:
    one = on_desk(*two_runs([("p", "x")] * 5 + [("p", "p")] * 5), GateConfig(), number=10)
    assert (len(one.strata.rest), len(one.strata.lost)) == (10, 0)
    found = review_of(one, labels_for(everything(one), lambda *_: True), GateConfig())
    assert (found.verdict, found.cases) == (Ruling.PASS, 10)


def test_a_check_that_broke_is_nothing_people_can_label() -> None:
    """With a pass it would still be an ERROR: nobody is asked, and it counts as what could not be judged."""
    broken = [assertion("judge", "p"), assertion("python", "x")]
    base = [sample(f"c{n}", f"base {n}", *broken) for n in range(3)] + [judged("d", "p", "base")]
    head = [sample(f"c{n}", f"head {n}", *broken) for n in range(3)] + [judged("d", "p", "head")]
    one = on_desk(run_of("base", base), run_of("head", head), GateConfig())
    assert (len(one.strata.lost), len(one.strata.rest)) == (3, 1)
    found = review_of(one, labels_for(everything(one), lambda *_: True), GateConfig())
    assert (found.verdict, found.rule, found.incomplete) == (Ruling.INCONCLUSIVE, "errors", True)


def test_errors_that_leave_nothing_of_the_sample_leave_no_estimate() -> None:
    def side(name: str) -> list[SampleResult]:
        more = {"pass_if": "majority"}
        cases = range(4)
        found = [
            sample(f"c{n}", f"{name} {n} {k}", assertion("judge", "p"), number=k, **more) for n in cases for k in (0, 1)
        ]
        return found + [sample(f"c{n}", None, number=2, **more) for n in cases]

    one = on_desk(run_of("base", side("base")), run_of("head", side("head")), GateConfig(), number=2)
    labels = labels_for(one.strata.rest[:2], lambda _, answer: answer.endswith("0"))
    found = review_of(one, labels, GateConfig())
    assert (found.verdict, found.rule, found.incomplete) == (Ruling.INCONCLUSIVE, "errors", True)


def test_clusters_widen_the_doubt() -> None:
    def upper(clusters: Callable[[int], str | None]) -> float:
        base = [judged(f"c{n}", "p", "base", cluster=clusters(n)) for n in range(120)]
        head = [judged(f"c{n}", "f" if n < 12 else "p", "head") for n in range(120)]
        one = on_desk(run_of("base", base), run_of("head", head), GateConfig(), number=108)
        labels = labels_for(everything(one), lambda case, answer: answer.startswith("base") or int(case[1:]) >= 12)
        corrected = review_of(one, labels, GateConfig()).corrected
        assert corrected is not None
        return corrected.upper

    assert upper(lambda n: str(n // 12)) > upper(lambda n: None)
    assert upper(lambda n: "one") == pytest.approx(1.0)


# --- what a label is of -----------------------------------------------------------------------------------------------


def pair_of(base: Sequence[SampleResult], head: Sequence[SampleResult]) -> ReviewCase:
    return review_case("bot", Pair(base[0].case, side_of(base), side_of(head)), "seed")


def test_one_answer_on_both_sides_is_no_difference_and_nobody_is_asked() -> None:
    case = pair_of([sample("c", "same", assertion("judge", "p"))], [sample("c", "same", assertion("judge", "f"))])
    assert case.judged_change == -1
    assert case.change({}) == 0
    assert case.open_answers({}) == ()


def test_an_answer_that_fails_a_hard_assertion_fails_whatever_people_say() -> None:
    case = pair_of(
        [sample("c", "good", assertion("judge", "p"), assertion("contains", "p"))],
        [sample("c", "bad", assertion("judge", "p"), assertion("contains", "f"))],
    )
    (only,) = case.answers
    assert only.completion.output == "good"
    assert case.change({only.key: True}) == -1
    assert case.change({only.key: False}) == 0


@pytest.mark.parametrize(
    ("assertions", "asked"),
    [
        ([assertion("judge", "p", weight=0.0), assertion("contains", "p")], False),
        ([assertion("contains", "p")], False),
        ([assertion("any", "p", children=(assertion("judge", "f"), assertion("contains", "p")))], False),
        ([assertion("any", "p", children=(assertion("judge", "p"), assertion("contains", "f")))], True),
        ([assertion("all", "f", children=(assertion("judge", "p"), assertion("contains", "f")))], False),
        ([assertion("all", "p", children=(assertion("judge", "p"), assertion("contains", "p")))], True),
        ([assertion("not-all", "p", children=(assertion("judge", "f"), assertion("contains", "f")))], True),
        (
            [assertion("weighted", "p", threshold=0.5, children=(assertion("judge", "f"), assertion("contains", "p")))],
            False,
        ),
        (
            [assertion("weighted", "p", threshold=0.8, children=(assertion("judge", "p"), assertion("contains", "p")))],
            True,
        ),
        ([assertion("judge", "x"), assertion("contains", "p")], True),
    ],
)
def test_people_are_asked_only_where_the_judge_decides(assertions: list[Any], asked: bool) -> None:
    case = pair_of([sample("c", "one", *assertions)], [sample("c", "two", *assertions)])
    assert len(case.answers) == (2 if asked else 0)
    assert (case.change({}) is None) is asked


def test_a_threshold_of_the_case_weighs_the_label_with_the_rest() -> None:
    graded = [assertion("judge", "p"), assertion("contains", "f"), assertion("regex", "p")]
    case = pair_of([sample("c", "one", *graded, threshold=0.6)], [sample("c", "two", *graded, threshold=0.6)])
    one, two = (shown.key for shown in sorted(case.answers, key=lambda shown: shown.completion.output))
    assert case.change({one: True, two: False}) == -1


def test_of_several_samples_each_different_answer_is_labelled_once_and_pass_if_decides() -> None:
    def side(*answers: str) -> list[SampleResult]:
        return [
            sample("c", text, assertion("judge", "p"), number=n, pass_if="majority") for n, text in enumerate(answers)
        ]

    case = pair_of(side("a", "a", "b"), side("b", "c", "d"))
    keys = {shown.completion.output: shown.key for shown in case.answers}
    assert sorted(keys) == ["a", "b", "c", "d"]
    assert case.change({keys["a"]: True, keys["b"]: False, keys["c"]: False}) == -1
    assert case.open_answers({keys["a"]: True, keys["b"]: False, keys["c"]: False}) == ()
    waiting = case.open_answers({keys["b"]: True, keys["c"]: False})
    assert {one.completion.output for one in waiting} == {"a", "d"}


def test_keys_and_order_hide_the_side() -> None:
    cases = [pair_of([judged(f"c{n}", "p", "base")], [judged(f"c{n}", "f", "head")]) for n in range(400)]
    first = sum(case.answers[0].completion.output.startswith("base") for case in cases)
    assert 150 < first < 250
    assert all(one.key[0] == "r" and len(one.key) == 16 for case in cases for one in case.answers)


def test_the_sample_is_the_same_every_time_grows_from_its_beginning_and_mixes_with_the_flips() -> None:
    one = on_desk(*two_runs([("p", "f")] * 30 + [("p", "p")] * 300), GateConfig(), number=30)
    again = on_desk(*two_runs([("p", "f")] * 30 + [("p", "p")] * 300), GateConfig(), number=60)
    assert [case.case for case in again.strata.rest[:30]] == [case.case for case in one.strata.rest[:30]]
    other = on_desk(*two_runs([("p", "f")] * 30 + [("p", "p")] * 300), GateConfig(), number=30, seed="t")
    assert [case.case for case in other.strata.rest] != [case.case for case in one.strata.rest]
    asked = [case.judged_change for case in to_ask(one.strata, one.size, "s")]
    assert 8 <= sum(change == -1 for change in asked[:30]) <= 22


def test_a_skipped_case_ends_the_sample_before_it() -> None:
    one = on_desk(*two_runs([("p", "p")] * 50), GateConfig(), number=10)
    labels = labels_for([*one.strata.rest[:12], *one.strata.rest[13:20]], lambda *_: True)
    assert len(sampled(one.strata, 10, labels)) == 12
    assert sampled(one.strata, 20, labels) == ()


def test_the_first_sample_is_as_large_as_the_boundary_is_near() -> None:
    far = on_desk(*two_runs([("p", "f")] * 100 + [("p", "p")] * 400), GateConfig())
    near = on_desk(*two_runs([("p", "f")] * 10 + [("f", "p")] * 10 + [("p", "p")] * 400), GateConfig())
    assert (far.size, near.size) == (FEWEST, FIRST_MOST)
    assert sample_size(near.strata, GateConfig(), share=0.2) == 80
    assert sample_size(near.strata, GateConfig(), number=1) == 2
    few = on_desk(*two_runs([("p", "p")] * 5), GateConfig())
    assert few.size == 5


# --- the judge and the labellers --------------------------------------------------------------------------------------


def test_a_judge_that_favours_one_side_is_told_by_an_exact_test() -> None:
    letters = [("p", "f")] * 9 + [("f", "p")] * 1 + [("p", "p")] * 20
    one = on_desk(*two_runs(letters), GateConfig(), number=20)
    labels = labels_for(everything(one), lambda *_: True)
    found = same_for_people(one.strata.flipped, labels, Outcome.PASS)
    assert (found.prefers_base, found.prefers_head) == (9, 1)
    assert found.p_value == pytest.approx(0.021484375)  # 2 * (1 + 10) / 2 ** 10
    assert same_for_people(one.strata.flipped, labels, Outcome.FAIL).p_value is None


def test_tpr_and_tnr_count_a_sampled_case_for_all_it_stands_for() -> None:
    one = on_desk(*two_runs([("p", "f")] * 10 + [("p", "p")] * 100), GateConfig(), number=10)
    cases = [(case, 1.0) for case in one.strata.flipped] + [(case, 10.0) for case in one.strata.rest[:10]]
    labels = labels_for([case for case, _ in cases], lambda *_: True)
    arm = arm_of(cases, labels, head=True, confidence=0.95)
    assert (arm.passes, arm.fails, arm.tnr) == (20, 0, None)
    assert arm.tpr == pytest.approx(100 / 110)
    assert arm.tpr_interval is not None
    low, high = arm.tpr_interval  # wider than of 20 equal labels
    assert low < 0.683
    assert high < 1
    whole = review_of(one, labels, GateConfig()).head_judge
    assert whole is not None
    assert whole.tpr == pytest.approx(100 / 110)


def test_what_other_assertions_decided_is_no_achievement_of_the_judge() -> None:
    def side(name: str, letters: str) -> list[SampleResult]:
        return [
            sample(f"c{n}", f"{name} {n}", assertion("judge", "p"), assertion("contains", letter))
            for n, letter in enumerate(letters)
        ]

    base, head = side("base", "pppp"), side("head", "ffpp")
    one = on_desk(run_of("base", base), run_of("head", head), GateConfig(), number=4)
    found = review_of(one, labels_for(everything(one), lambda *_: True), GateConfig())
    assert found.base_judge is not None
    assert found.head_judge is not None
    assert (found.base_judge.passes, found.base_judge.fails) == (4, 0)
    assert (found.head_judge.passes, found.head_judge.fails) == (2, 0)


def test_the_last_word_of_each_labeller_counts_and_the_majority_decides() -> None:
    said = [
        Label("a", "ann", False),
        Label("a", "ann", True),
        Label("b", "ann", True),
        Label("b", "bob", False),
        Label("c", "ann", True),
        Label("c", "ann", None),
        Label("a", "bob", True),
    ]
    found = by_labeller(said)
    assert agreed(found) == {"a": True}
    summary = labelling(found, ["a", "b", "c"])
    assert (summary.answers, summary.disputed, summary.by) == (1, 1, {"ann": 2, "bob": 2})
    assert [(one.answers, one.agreed) for one in summary.agreements] == [(2, 1)]
    assert agreed(by_labeller([*said, Label("b", "eve", False)])) == {"a": True, "b": False}


def test_the_policy_comes_back_from_a_verdict_document() -> None:
    assert policy_of({"max_drop": 0.1, "must_pass": ["vip"], "unheard": 1}) == GateConfig(
        max_drop=0.1, must_pass=("vip",)
    )


def test_every_key_of_a_policy_comes_back() -> None:
    policy = GateConfig(
        rule="threshold",
        max_drop=0.1,
        confidence=0.9,
        confirm=2,
        min_pass_rate=0.5,
        min_judge_score=0.6,
        min_tnr=0.7,
        must_pass=("vip", "law"),
        max_cost_increase=0.2,
        max_latency_p95_increase=0.3,
        on_inconclusive="fail",
        metrics={"faithfulness": MetricBound(min=0.8), "leak_rate": MetricBound(max=0.0)},
    )
    assert all(getattr(policy, key) != getattr(GateConfig(), key) for key in GateConfig.__slots__)
    document = json.loads(json.dumps(encode(decide(compare(*two_runs([("p", "p")])), policy))))
    assert policy_of(document["policy"]) == policy
    assert policy_of(decode(document).policy) == policy


# --- a single run -----------------------------------------------------------------------------------------------------


def test_a_run_is_rated_by_prediction_powered_inference() -> None:
    """A judge that passes half of the bad answers: its 75 % is 50 % in human eyes."""
    kinds = ["good"] * 200 + ["bad"] * 100 + ["bad, passed"] * 100
    results = [judged(f"c{n}", "f" if kind == "bad" else "p") for n, kind in enumerate(kinds)]
    (one,) = run_asked(run_of("run", results), "seed", number=120)
    labels = labels_for(one.strata.rest[:120], lambda case, _: kinds[int(case[1:])] == "good")
    found = rated(one, labels, 0.95)
    assert found.judge_rate == 0.75
    assert found.rate is not None
    assert found.interval is not None
    assert found.interval[0] < 0.5 < found.interval[1] < 0.65
    assert found.confusion is not None
    both_pass, missed_passes, missed_fails, both_fail = found.confusion
    assert missed_passes == 0
    assert both_pass + missed_fails + both_fail == 120
    assert found.judge is not None
    assert found.judge.tpr == 1.0
    assert found.more_labels is not None


def test_the_tuned_figures_of_a_real_judge(shared_data: Path) -> None:
    """113 labels and 337 answers that only the judge has seen; the naive judge is 20 points off."""
    document = json.loads((shared_data / "stats_cases.json").read_text())
    (case,) = (one for one in document["cases"] if one["id"] == "real_ppi_vs_rg")
    given, want = case["inputs"], case["expected"]
    total, k = given["n_labelled"] + given["N_unlabelled"], given["n_labelled"]
    (order,) = run_asked(run_of("run", [judged(f"c{n}", "p") for n in range(total)]), "seed", number=k)
    missed = given["P"] - given["tp"]
    passed = round(want["naive_judge_all"] * total) - given["tp"]
    judge = "p" * given["tp"] + "f" * (missed + given["tn"]) + "p" * passed
    letters = dict(zip((one.case for one in order.strata.rest), judge.ljust(total, "f"), strict=True))
    (one,) = run_asked(run_of("run", [judged(f"c{n}", letters[f"c{n}"]) for n in range(total)]), "seed", number=k)
    people = {one.case: place < given["P"] for place, one in enumerate(order.strata.rest)}
    found = rated(one, labels_for(one.strata.rest[:k], lambda name, _: people[name]), 0.95)
    assert found.judge_rate == pytest.approx(want["naive_judge_all"], abs=1e-6)
    assert found.rate == pytest.approx(want["ppi_pp"], abs=case["tol"])
    assert found.interval == pytest.approx(want["ppi_pp_ci95"], abs=case["tol"])


def test_labels_that_never_contradict_the_judge_leave_room_for_those_that_would() -> None:
    (one,) = run_asked(run_of("run", [judged(f"c{n}", "p") for n in range(500)]), "seed", number=50)
    found = rated(one, labels_for(one.strata.rest[:50], lambda *_: True), 0.95)
    assert found.rate == 1.0
    assert found.interval == pytest.approx((0.05 ** (1 / 50), 1.0))


def test_all_labelled_is_what_people_said_and_hard_cases_count_as_they_are() -> None:
    results = [judged(f"c{n}", "p") for n in range(10)]
    results += [sample(f"h{n}", "text", assertion("contains", "p")) for n in range(10)]
    (one,) = run_asked(run_of("run", results), "seed", number=10)
    assert rated(one, {}, 0.95).remaining is not None
    found = rated(one, labels_for(one.strata.rest, lambda case, _: case in ("c0", "c1")), 0.95)
    assert (found.cases, found.known, found.judged) == (20, 10, 10)
    assert found.rate == pytest.approx(12 / 20)
