"""Krippendorff's alpha: agreement of a panel, with any number of judges and verdicts missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import cast

Distance = Callable[[Hashable, Hashable], float]


def _nominal(one: Hashable, other: Hashable) -> float:
    return 0.0 if one == other else 1.0


def _interval(one: Hashable, other: Hashable) -> float:
    return (cast("float", one) - cast("float", other)) ** 2


def _ordinal(totals: Counter[Hashable]) -> Distance:
    """The square of how many values lie from one rank to the other, the two ends counted half."""
    before: dict[Hashable, float] = {}
    seen = 0
    for value in sorted(totals, key=lambda value: cast("float", value)):
        before[value] = seen + totals[value] / 2
        seen += totals[value]
    return lambda one, other: (before[one] - before[other]) ** 2


def krippendorff_alpha(units: Sequence[Sequence[Hashable]], *, level: str = "nominal") -> float | None:
    """Alpha over `units`, each the verdicts given to one item (None for a missing one); 1 is perfect, 0 is chance.

    level: "nominal" | "ordinal" | "interval"; the latter two need numbers. Krippendorff (2011), Computing
    Krippendorff's alpha-reliability, through the coincidence matrix. Items with fewer than two verdicts say nothing;
    None where none has two. 1 where every verdict is the same.
    """
    if level not in ("nominal", "ordinal", "interval"):
        raise ValueError(f"level must be nominal, ordinal or interval, not {level!r}")
    pairable = [tuple(value for value in unit if value is not None) for unit in units]
    pairable = [unit for unit in pairable if len(unit) > 1]
    if not pairable:
        return None
    totals: Counter[Hashable] = Counter(value for unit in pairable for value in unit)
    distance = _ordinal(totals) if level == "ordinal" else _interval if level == "interval" else _nominal
    count = sum(totals.values())
    observed = sum(
        times * (of_unit[other] - (one == other)) * distance(one, other) / (len(unit) - 1)
        for unit in pairable
        for of_unit in (Counter(unit),)
        for one, times in of_unit.items()
        for other in of_unit
    )
    expected = sum(totals[one] * totals[other] * distance(one, other) for one in totals for other in totals)
    return 1.0 if expected == 0 else 1 - (count - 1) * observed / expected
