"""Several tests at once: adjusted p-values, each to be compared with alpha itself."""

from __future__ import annotations

from collections.abc import Sequence


def _check(p_values: Sequence[float]) -> list[int]:
    if not all(0 <= p <= 1 for p in p_values):
        raise ValueError("p-values must lie between 0 and 1")
    return sorted(range(len(p_values)), key=lambda index: p_values[index])


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's step-down adjustment, in the order given: no false alarm among all, under any dependence.

    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6.
    """
    order, count = _check(p_values), len(p_values)
    adjusted, highest = [0.0] * count, 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (count - rank) * p_values[index]))
        adjusted[index] = highest
    return tuple(adjusted)


def _step_up(p_values: Sequence[float], factor: float) -> tuple[float, ...]:
    order, count = _check(p_values), len(p_values)
    adjusted, lowest = [0.0] * count, 1.0
    for rank in range(count, 0, -1):
        index = order[rank - 1]
        lowest = min(lowest, factor * count * p_values[index] / rank)
        adjusted[index] = lowest
    return tuple(adjusted)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted for the false discovery rate of independent tests, in the order given; for exploring, not for gating.

    Benjamini and Hochberg (1995), JRSS B 57.
    """
    return _step_up(p_values, 1.0)


def benjamini_yekutieli(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted for the false discovery rate under any dependence, in the order given.

    Benjamini and Yekutieli (2001), Annals of Statistics 29: Hochberg's values times 1 + 1/2 + ... + 1/m.
    """
    return _step_up(p_values, sum(1 / rank for rank in range(1, len(p_values) + 1)))


def e_bh(e_values: Sequence[float], *, alpha: float = 0.05) -> frozenset[int]:
    """The positions of the e-values rejected at false discovery rate `alpha`, under any dependence.

    The largest k whose k-th largest value is at least m / (alpha k): Wang and Ramdas (2022), JRSS B 84.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, not {alpha}")
    order = sorted(range(len(e_values)), key=lambda index: -e_values[index])
    rejected = 0
    for rank, index in enumerate(order, start=1):
        if e_values[index] * alpha * rank >= len(e_values):
            rejected = rank
    return frozenset(order[:rejected])
