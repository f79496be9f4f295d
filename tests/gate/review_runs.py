"""Runs made of outcomes: what each side answered, and what the judge said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from promptctl.model.run import (
    AssertionResult,
    Completion,
    Outcome,
    PromptRun,
    Provenance,
    Run,
    SampleResult,
    Summary,
    case_outcome,
)

OUTCOMES = {"p": Outcome.PASS, "f": Outcome.FAIL, "x": Outcome.ERROR}


def assertion(kind: str, letter: str, **more: Any) -> AssertionResult:
    """One result; `letter` is p, f or x (an ERROR)."""
    outcome = OUTCOMES[letter]
    score = {"p": 1.0, "f": 0.0, "x": None}[letter]
    return AssertionResult(kind, outcome, score, "said so", f"{kind}-digest", **more)


def sample(case: str, answer: str | None, *assertions: AssertionResult, number: int = 0, **more: Any) -> SampleResult:
    """A sample with its outcome as the engine makes it; no answer is an ERROR."""
    from promptctl.assertions.engine import verdict

    outcome, score = verdict(assertions, more.get("threshold")) if answer is not None else (Outcome.ERROR, None)
    completion = None if answer is None else Completion(answer)
    keys: dict[str, Any] = {"prompt": "bot", "case_digest": f"digest-{case}", "tags": (), "error": None, **more}
    return SampleResult(
        case=case,
        request_digest=None,
        sample=number,
        outcome=outcome,
        score=score,
        assertions=tuple(assertions) if answer is not None else (),
        completion=completion,
        **keys,
    )


def judged(case: str, letter: str, side: str = "", **more: Any) -> SampleResult:
    """A sample that the judge alone decides; its answer is the case's on this side."""
    return sample(case, f"{side} answers {case}", assertion("judge", letter), **more)


def run_of(name: str, results: Sequence[SampleResult], digests: Mapping[str, str] | None = None) -> Run:
    """A run of the prompt `bot`."""
    cases: dict[str, list[SampleResult]] = {}
    for one in results:
        cases.setdefault(one.case, []).append(one)
    outcomes = [case_outcome([one.outcome for one in own], pass_if=own[0].pass_if) for own in cases.values()]
    passed = outcomes.count(Outcome.PASS)
    summary = Summary(
        cases=len(cases),
        samples=len(results),
        passed=passed,
        failed=outcomes.count(Outcome.FAIL),
        errored=outcomes.count(Outcome.ERROR),
        pass_rate=passed / len(cases) if cases else None,
        pass_rate_interval=None,
    )
    return Run(
        id=name,
        status="complete",
        provenance=Provenance("0", None, None, False, "2026-11-30T00:00:00.000Z", 0.0),
        summary=summary,
        prompts=(PromptRun("bot", "1.0.0", "prompts/bot.yaml", "scripted/x.yaml", "p", "g", summary),),
        results=tuple(results),
    )
