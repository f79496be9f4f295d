"""From the results of assertions to one outcome."""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.model.run import AssertionResult, Outcome


def verdict(results: Sequence[AssertionResult], threshold: float | None = None) -> tuple[Outcome, float | None]:
    """One sample's outcome and its score, the weighted mean in 0..1 (None where the outcome is ERROR).

    A result of weight 0 is information: it decides nothing. No deciding result is ERROR: nothing was asserted.
    A failed `required` assertion is FAIL whatever else holds. Without a threshold one FAIL is FAIL, else one ERROR
    is ERROR. With one the weighted mean decides; where results are missing (ERROR) the outcome is FAIL if even full
    marks for them would not reach it, and ERROR otherwise.
    """
    deciding = [result for result in results if result.weight > 0 and result.outcome is not Outcome.SKIP]
    if not deciding:
        return Outcome.ERROR, None
    failed = [result for result in deciding if result.outcome is Outcome.FAIL]
    broke = any(result.outcome is Outcome.ERROR for result in deciding)
    if threshold is None:
        outcome = Outcome.FAIL if failed else Outcome.ERROR if broke else Outcome.PASS
    elif any(result.required for result in failed) or _mean(deciding, missing=1.0) < threshold:
        outcome = Outcome.FAIL
    else:
        outcome = Outcome.ERROR if broke else Outcome.PASS
    return outcome, None if outcome is Outcome.ERROR else _mean(deciding, missing=0.0)


def _mean(results: Sequence[AssertionResult], *, missing: float) -> float:
    """The weighted mean score; a result without a score counts as `missing`."""
    total = sum(result.weight for result in results)
    earned = sum(result.weight * (missing if result.score is None else result.score) for result in results)
    return earned / total
