"""Several samples of a case: how often one passes, how often all do, and whether the case is flaky."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import comb

from scipy.special import betainc


def _check(passed: int, samples: int, k: int) -> None:
    if not 0 <= passed <= samples:
        raise ValueError(f"passed must lie between 0 and {samples}, not {passed}")
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")


def pass_at_k(passed: int, samples: int, k: int) -> float | None:
    """The probability that one of k samples passes at least, unbiased; None where fewer than k were drawn.

    1 - C(n - c, k) / C(n, k): Chen and others (2021), arXiv 2107.03374, equation 1.
    """
    _check(passed, samples, k)
    return float(1 - Fraction(comb(samples - passed, k), comb(samples, k))) if samples >= k else None


def pass_hat_k(passed: int, samples: int, k: int) -> float | None:
    """The probability that all of k samples pass (pass^k), unbiased; None where fewer than k were drawn.

    C(c, k) / C(n, k): Yao and others (2024), tau-bench, arXiv 2406.12045.
    """
    _check(passed, samples, k)
    return float(Fraction(comb(passed, k), comb(samples, k))) if samples >= k else None


def mean_pass_at_k(cases: Sequence[tuple[int, int]], k: int) -> float | None:
    """pass@k averaged over cases of (passed, samples); None where a case has fewer than k samples, or of no cases."""
    values = [pass_at_k(passed, samples, k) for passed, samples in cases]
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


def mean_pass_hat_k(cases: Sequence[tuple[int, int]], k: int) -> float | None:
    """pass^k averaged over cases of (passed, samples); None where a case has fewer than k samples, or of no cases."""
    values = [pass_hat_k(passed, samples, k) for passed, samples in cases]
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


def flakiness(passed: int, samples: int, *, near: float = 0.05) -> float | None:
    """The posterior probability that a case neither nearly always fails nor nearly always passes; None of no samples.

    P(near < p < 1 - near) under Jeffreys' prior, p ~ Beta(passed + 1/2, failed + 1/2).
    """
    _check(passed, samples, 1)
    if not 0 < near < 0.5:
        raise ValueError(f"near must lie between 0 and one half, not {near}")
    if samples == 0:
        return None
    a, b = passed + 0.5, samples - passed + 0.5
    return float(betainc(a, b, 1 - near) - betainc(a, b, near))
