"""Judged samples to counts, rates, money and time."""

from __future__ import annotations

from dataclasses import replace
from math import isclose

from hypothesis import given
from hypothesis import strategies as st
from tests.evals.evaluations import case, files, planned

from promptctl.evals.plan import Plan
from promptctl.evals.summary import prompt_runs, summarise
from promptctl.model.run import AssertionResult, CallRecord, Completion, Outcome, SampleResult, Source

PLAN = planned(
    files(
        [
            case("a", {"contains": "x"}, tags=["t"]),
            case("b", {"contains": "x"}, tags=["t", "u"]),
            case("c", {"contains": "x"}),
        ]
    ),
    files([case("a", {"contains": "x"})], name="other"),
)
ANSWER = Completion(output="x", cost_usd=0.5, input_tokens=10, output_tokens=1, latency_s=2.0)


def result(
    name: str,
    outcome: Outcome = Outcome.PASS,
    *,
    prompt: str = "bot",
    sample: int = 0,
    completion: Completion | None = ANSWER,
) -> SampleResult:
    score = None if outcome is Outcome.ERROR else float(outcome is Outcome.PASS)
    checked = AssertionResult(type="contains", outcome=outcome, score=score, reason="", digest="0" * 64, name="named")
    return SampleResult(
        prompt=prompt, case=name, case_digest="", request_digest=None, sample=sample, tags=(), outcome=outcome, score=score,
        error=None, assertions=(checked,), completion=completion,
    )  # fmt: skip


def test_cases_are_counted_and_not_samples() -> None:
    made = summarise(
        PLAN, [result("a", sample=n) for n in range(3)] + [result("b", Outcome.FAIL), result("c", Outcome.ERROR)]
    )
    assert (made.cases, made.samples, made.passed, made.failed, made.errored) == (3, 5, 1, 1, 1)
    assert made.pass_rate == 1 / 3
    assert made.pass_rate_interval is not None
    # Wilson's interval of 1 in 3 at 95 %: (0.0615, 0.7923), as in any table of it.
    assert isclose(made.pass_rate_interval[0], 0.0615, abs_tol=5e-4)
    assert isclose(made.pass_rate_interval[1], 0.7923, abs_tol=5e-4)


def test_a_case_of_one_name_in_two_prompts_is_two_cases() -> None:
    both = [result("a"), result("a", Outcome.FAIL, prompt="other")]
    assert summarise(PLAN, both).cases == 2
    runs = prompt_runs(PLAN, both)
    assert [(run.name, run.summary.cases, run.summary.passed) for run in runs] == [("bot", 1, 1), ("other", 1, 0)]


def test_nothing_measured_is_nothing_and_not_zero() -> None:
    made = summarise(PLAN, [])
    assert (made.cases, made.samples) == (0, 0)
    assert (made.pass_rate, made.pass_rate_interval, made.cost_usd, made.input_tokens, made.latency_s.p50) == (
        None,
    ) * 5
    lost = summarise(PLAN, [result("a", Outcome.ERROR, completion=None)])
    assert (lost.pass_rate, lost.cost_usd, lost.output_tokens, lost.latency_s.p95) == (0.0, None, None, None)


def test_an_unknown_part_makes_a_sum_unknown() -> None:
    unpriced = replace(ANSWER, cost_usd=None, input_tokens=None)
    made = summarise(PLAN, [result("a"), result("b", completion=unpriced)])
    assert (made.cost_usd, made.input_tokens, made.output_tokens) == (None, None, 2)
    assert made.unpriced == ("openai/gpt-4o-2024-08-06",)
    known = summarise(PLAN, [result("a"), result("b")])
    assert (known.cost_usd, known.input_tokens, known.unpriced) == (1.0, 20, ())


def test_judges_are_counted_apart_also_within_groups() -> None:
    def call(cost: float | None) -> CallRecord:
        return CallRecord("0" * 64, "openai/judge-2024-01-01", cost, 1, 1, Source.LIVE)

    def judged(*costs: float | None) -> SampleResult:
        plain = result("a")
        inner = replace(plain.assertions[0], calls=tuple(call(cost) for cost in costs))
        group = replace(plain.assertions[0], type="any", children=(inner,))
        return replace(plain, assertions=(group,))

    made = summarise(PLAN, [judged(0.1, 0.2)])
    assert (made.cost_usd, made.unpriced) == (0.5, ())
    assert made.judge_cost_usd is not None
    assert isclose(made.judge_cost_usd, 0.3)
    unknown = summarise(PLAN, [judged(0.1, None)])
    assert (unknown.judge_cost_usd, unknown.unpriced) == (None, ("openai/judge-2024-01-01",))


def test_metrics_are_means_of_what_was_measured() -> None:
    made = summarise(PLAN, [result("a"), result("b", Outcome.FAIL), result("c", Outcome.ERROR)])
    assert made.metrics == {"score": 0.5, "named": 0.5, "pass_rate[t]": 0.5, "pass_rate[u]": 0.0}


def test_sources_and_latency() -> None:
    answers = [
        replace(ANSWER, source=source, latency_s=seconds)
        for source, seconds in zip(Source, (1.0, 2.0, 3.0, None), strict=True)
    ]
    made = summarise(PLAN, [result("a", sample=n, completion=answer) for n, answer in enumerate(answers)])
    assert made.completions == {"live": 1, "cached": 1, "recorded": 1, "given": 1}
    assert made.latency_s.p50 == 2.0


OUTCOMES = st.sampled_from([Outcome.PASS, Outcome.FAIL, Outcome.ERROR])
SAMPLES = st.dictionaries(st.sampled_from("abc"), st.lists(OUTCOMES, min_size=1, max_size=5))


@given(SAMPLES, st.sampled_from(["all", "majority", "any", 1, 2, 3]))
def test_counts_always_add_up(said: dict[str, list[Outcome]], pass_if: str | int) -> None:
    cases = tuple(replace(one, case=replace(one.case, pass_if=pass_if)) for one in PLAN.cases)
    results = [result(name, outcome, sample=n) for name, outcomes in said.items() for n, outcome in enumerate(outcomes)]
    made = summarise(Plan(cases), results)
    assert made.cases == len(said) == made.passed + made.failed + made.errored
    assert made.samples == len(results)
    if made.cases:
        assert made.pass_rate == made.passed / made.cases
        assert made.pass_rate_interval is not None
        assert made.pass_rate_interval[0] <= made.pass_rate <= made.pass_rate_interval[1]
    enough = pass_if if isinstance(pass_if, int) else 1
    sure = sum(len(all_) >= enough and set(all_) == {Outcome.PASS} for all_ in said.values())
    assert made.passed >= sure
    hopeless = sum(all(outcome is Outcome.FAIL for outcome in outcomes) for outcomes in said.values())
    assert made.failed >= hopeless
