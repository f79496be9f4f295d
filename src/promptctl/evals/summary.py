"""Judged samples to counts, rates, money and time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from promptctl.evals.metrics import metrics_of
from promptctl.evals.plan import Plan
from promptctl.model.golden import Case
from promptctl.model.run import (
    AssertionResult,
    CallRecord,
    Completion,
    Latency,
    Outcome,
    PromptRun,
    SampleResult,
    Source,
    Summary,
    case_outcome,
)
from promptctl.stats.proportions import quantile, wilson

CaseKey = tuple[str, str]


def outcomes(plan: Plan, results: Iterable[SampleResult]) -> Mapping[CaseKey, Outcome]:
    """The outcome of every case that has a result, in the plan's order."""
    by_case: dict[CaseKey, list[Outcome]] = {}
    for result in results:
        by_case.setdefault((result.prompt, result.case), []).append(result.outcome)
    decided: dict[CaseKey, Outcome] = {}
    for planned in plan.cases:
        key = (planned.prompt.name, planned.case.id)
        if key in by_case:
            decided[key] = case_outcome(by_case[key], pass_if=planned.case.pass_if)
    return decided


def prompt_runs(plan: Plan, results: Sequence[SampleResult]) -> tuple[PromptRun, ...]:
    """One PromptRun for each prompt of the plan, in its order."""
    by_prompt: dict[str, list[SampleResult]] = {}
    for result in results:
        by_prompt.setdefault(result.prompt, []).append(result)
    runs: dict[str, PromptRun] = {}
    for planned in plan.cases:
        prompt = planned.prompt
        if prompt.name not in runs:
            runs[prompt.name] = PromptRun(
                name=prompt.name,
                version=prompt.version,
                path=prompt.source.path,
                model=planned.request.model,
                prompt_digest=prompt.digest,
                golden_digest=planned.golden.digest,
                summary=summarise(plan, by_prompt.get(prompt.name, [])),
            )
    return tuple(runs.values())


def summarise(plan: Plan, results: Sequence[SampleResult]) -> Summary:
    """The summary of `results`, which are of cases of `plan`."""
    decided = list(outcomes(plan, results).values())
    passed = decided.count(Outcome.PASS)
    completions = [result.completion for result in results if result.completion is not None]
    calls = [call for result in results for call in _calls(result.assertions)]
    live = [c.latency_s for c in completions if c.latency_s is not None]
    return Summary(
        cases=len(decided),
        samples=len(results),
        passed=passed,
        failed=decided.count(Outcome.FAIL),
        errored=decided.count(Outcome.ERROR),
        pass_rate=passed / len(decided) if decided else None,
        pass_rate_interval=wilson(passed, len(decided)),
        metrics=_metrics(plan, results),
        cost_usd=_total(completion.cost_usd for completion in completions),
        judge_cost_usd=_total(call.cost_usd for call in calls),
        unpriced=_unpriced(plan, results, calls),
        input_tokens=_total_tokens(completion.input_tokens for completion in completions),
        output_tokens=_total_tokens(completion.output_tokens for completion in completions),
        latency_s=Latency(p50=quantile(live, 0.5), p95=quantile(live, 0.95)),
        completions=_sources(completions),
    )


def _calls(assertions: Iterable[AssertionResult]) -> Iterable[CallRecord]:
    for assertion in assertions:
        yield from assertion.calls
        yield from _calls(assertion.children)


def _total(costs: Iterable[float | None]) -> float | None:
    """The sum where every part is known and there is one; an unknown part makes the sum unknown."""
    known = list(costs)
    if not known or any(cost is None for cost in known):
        return None
    return sum(cost for cost in known if cost is not None)


def _total_tokens(counts: Iterable[int | None]) -> int | None:
    known = list(counts)
    if not known or any(count is None for count in known):
        return None
    return sum(count for count in known if count is not None)


def _unpriced(plan: Plan, results: Sequence[SampleResult], calls: Sequence[CallRecord]) -> tuple[str, ...]:
    models = {planned.prompt.name: planned.request.model for planned in plan.cases}
    unknown = [
        models[result.prompt]
        for result in results
        if result.completion is not None and result.completion.cost_usd is None
    ]
    unknown += [call.model for call in calls if call.cost_usd is None]
    return tuple(sorted(set(unknown)))


def _sources(completions: Sequence[Completion]) -> Mapping[str, int]:
    counts = {source.value: 0 for source in Source}
    for completion in completions:
        counts[completion.source.value] += 1
    return counts


def _metrics(plan: Plan, results: Sequence[SampleResult]) -> Mapping[str, float]:
    """Mean score, what judges, retrieval and safety checks come to, every named assertion, the pass rate of every tag."""
    metrics = metrics_of(results)
    scores = [result.score for result in results if result.score is not None]
    if scores:
        metrics["score"] = sum(scores) / len(scores)
    named: dict[str, list[float]] = {}
    for result in results:
        for assertion in result.assertions:
            if assertion.name is not None and assertion.score is not None:
                named.setdefault(assertion.name, []).append(assertion.score)
    metrics.update({name: sum(values) / len(values) for name, values in sorted(named.items())})
    for tag, decided in sorted(_by_tag(plan, results).items()):
        metrics[f"pass_rate[{tag}]"] = decided.count(Outcome.PASS) / len(decided)
    return metrics


def _by_tag(plan: Plan, results: Sequence[SampleResult]) -> Mapping[str, list[Outcome]]:
    cases: dict[CaseKey, Case] = {(planned.prompt.name, planned.case.id): planned.case for planned in plan.cases}
    tagged: dict[str, list[Outcome]] = {}
    for key, outcome in outcomes(plan, results).items():
        for tag in cases[key].tags:
            tagged.setdefault(tag, []).append(outcome)
    return tagged
