"""The figures of reasons, as people read them."""

from __future__ import annotations

from collections.abc import Sequence

_MOST_NAMES = 5


def points(difference: float) -> str:
    """A signed difference in 0..1 as percentage points: `-1.76 points`."""
    return f"{difference * 100:+.2f} points"


def size(drop: float) -> str:
    """A drop's size: `12.0 points`."""
    return f"{drop * 100:.1f} points"


def share(rate: float) -> str:
    """`24.6 %`."""
    return f"{rate * 100:.1f} %"


def p_value(p: float) -> str:
    """`p 0.0084`, `p below 0.0001`."""
    return "p below 0.0001" if p < 0.0001 else f"p {p:.4f}"


def cases(number: int) -> str:
    """`1 case`, `1,546 cases`."""
    return f"{number:,} case{'' if number == 1 else 's'}"


def names(found: Sequence[str]) -> str:
    """`a, b and 3 more`."""
    if len(found) <= _MOST_NAMES:
        return ", ".join(found)
    return f"{', '.join(found[:_MOST_NAMES])} and {len(found) - _MOST_NAMES:,} more"
