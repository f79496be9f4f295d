"""Figures as people read them. None is always "unknown", never 0."""

from __future__ import annotations

from collections.abc import Sequence

UNKNOWN = "unknown"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 case`, `2 cases`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(share: float) -> str:
    """A share in 0..1 as `75.0 %`. Never rounds to a whole it did not reach: 0.99999 is `99.9 %`."""
    shown = round(share * 100, 1)
    if shown == 100.0 and share < 1:
        shown = 99.9
    if shown == 0.0 and share > 0:
        shown = 0.1
    return f"{shown:.1f} %"


def rate(share: float | None, interval: tuple[float, float] | None) -> str:
    """`75.0 %, 95 % interval 46.8-91.1 %`; a rate nobody measured is `unknown`."""
    if share is None:
        return UNKNOWN
    if interval is None:
        return percent(share)
    low, high = interval
    return f"{percent(share)}, 95 % interval {low * 100:.1f}-{high * 100:.1f} %"


def usd(amount: float | None) -> str:
    """`$1.25`, `$0.0123`, `under $0.0001`; None is `unknown`."""
    if amount is None:
        return UNKNOWN
    if amount == 0:
        return "$0.00"
    if amount < 0.0001:
        return "under $0.0001"
    return f"${amount:,.2f}" if amount >= 1 else f"${amount:.4f}"


def seconds(duration: float | None) -> str:
    """`0.82 s`, `350 ms`, `2 min 5 s`; None is `unknown`."""
    if duration is None:
        return UNKNOWN
    if duration < 0.0995:
        return f"{duration * 1000:.0f} ms"
    if duration < 99.5:
        return f"{duration:.2f} s" if duration < 9.95 else f"{duration:.0f} s"
    minutes, rest = divmod(round(duration), 60)
    return f"{minutes} min {rest} s"


def tokens(number: int | None) -> str:
    """`1,234`; None is `unknown`."""
    return UNKNOWN if number is None else f"{number:,}"


def listed(names: Sequence[str], most: int = 5) -> str:
    """`a, b, c and 4 more`."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most:,} more"
