"""A judge of pairs asked in both orders: which way its verdict leans when the order changes."""

from __future__ import annotations

from collections.abc import Mapping

_RANK: Mapping[str, int] = {"A": 1, "tie": 0, "B": -1}


def lean(first: str, second: str) -> int:
    """1 where the verdict moved towards what stood first, -1 towards what stood second, 0 where the order did not matter.

    first, second: the verdict ("A", "B", "tie") with A shown first, and with B shown first. A verdict better for A when A
    stood first leans to the first place. Zheng and others (2023), arXiv 2306.05685.
    """
    return (_RANK[first] > _RANK[second]) - (_RANK[first] < _RANK[second])
