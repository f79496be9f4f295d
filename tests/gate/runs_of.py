"""Runs made by hand for the tests of the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

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

NOTHING = Summary(0, 0, 0, 0, 0, None, None)
LETTERS = {"p": Outcome.PASS, "f": Outcome.FAIL, "e": Outcome.ERROR}


def sample(
    case: str,
    outcome: str,
    *,
    number: int = 0,
    score: float | None = None,
    kind: str = "contains",
    prompt: str = "bot",
    output: str = "an answer",
    cost: float | None = None,
    latency: float | None = None,
    **more: object,
) -> SampleResult:
    """One judged sample; `outcome` is p, f or e."""
    found = LETTERS[outcome]
    given = (1.0 if outcome == "p" else 0.0) if score is None else score
    error = found is Outcome.ERROR
    result = SampleResult(
        prompt=prompt,
        case=case,
        case_digest=f"digest of {case}",
        request_digest=None,
        sample=number,
        tags=(),
        outcome=found,
        score=None if error else given,
        error="the provider did not answer" if error else None,
        assertions=() if error else (AssertionResult(kind, found, given, f"{kind} said so", "digest"),),
        completion=None if error else Completion(output, cost_usd=cost, latency_s=latency),
    )
    return replace(result, **more)


def run_of(results: Sequence[SampleResult], name: str = "run") -> Run:
    """A run of these results."""
    prompts = dict.fromkeys(one.prompt for one in results)
    return Run(
        id=name,
        status="complete",
        provenance=Provenance("0", None, None, False, "2026-01-01T00:00:00.000+00:00", 0.0),
        summary=NOTHING,
        prompts=tuple(PromptRun(one, "1.0.0", f"prompts/{one}.yaml", "m", "", "", NOTHING) for one in prompts),
        results=tuple(results),
    )


def outcomes(letters: str, **more: object) -> Run:
    """A run with a case for each letter: p, f or e. more: of every sample, or by the case's number where a mapping."""
    return run_of([_numbered(number, letter, more) for number, letter in enumerate(letters)])


def _numbered(number: int, letter: str, more: Mapping[str, object]) -> SampleResult:
    own = {
        key: value[number] if isinstance(value, dict) else value
        for key, value in more.items()
        if not isinstance(value, dict) or number in value
    }
    return sample(f"case-{number}", letter, **own)


def flipped(n: int, regressions: int, improvements: int) -> tuple[Run, Run]:
    """Base and head over n cases with so many flips; the others pass on both sides."""
    same = n - regressions - improvements
    return outcomes("p" * regressions + "f" * improvements + "p" * same), outcomes(
        "f" * regressions + "p" * improvements + "p" * same
    )


def samples(case: str, letters: str, **more: object) -> list[SampleResult]:
    """Several samples of one case."""
    return [sample(case, letter, number=number, **more) for number, letter in enumerate(letters)]
