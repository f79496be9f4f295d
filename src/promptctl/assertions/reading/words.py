"""Words and runs of words, for the measures that compare texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

# A word keeps its inner apostrophes, hyphens and points (don't, well-known, 3.14); any other mark stands alone.
_TOKEN = re.compile(r"\w+(?:['’.,\-]\w+)*|[^\w\s]")


def tokens(text: str, *, punctuation: bool = True) -> tuple[str, ...]:
    """The words of a text in lower case, with its punctuation marks or without.

    >>> tokens("The cat's mat.")
    ('the', "cat's", 'mat', '.')
    """
    if not punctuation:
        return tuple(re.findall(r"\w+", text.lower()))
    return tuple(_TOKEN.findall(text.lower()))


def runs(words: Sequence[str], length: int) -> Counter[tuple[str, ...]]:
    """Every run of `length` words with how often it occurs."""
    return Counter(tuple(words[at : at + length]) for at in range(len(words) - length + 1))


def f1(common: int, one: int, other: int) -> float:
    """The harmonic mean of common / one and common / other; 0 where nothing is in common."""
    return 2 * common / (one + other) if common else 0.0
