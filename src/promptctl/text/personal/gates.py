"""What most texts have none of, told in some millionths of a second: long numbers, and words as long as a key."""

from __future__ import annotations

import re
from functools import lru_cache

# Seven digits, at most three other characters between two of them; the date of a file or model is none.
_LONG = re.compile(r"\d(?!\d{3}-[01]\d-[0-3]\d(?!\d))(?:[ \u00a0.()/\u2011-]{0,3}\d){6}")
_LONG_WORD = 13


@lru_cache(maxsize=8)
def has_long_number(text: str) -> bool:
    """Whether seven digits stand beside each other, as in phone numbers, cards and ids, however they are grouped."""
    return _LONG.search(text) is not None


@lru_cache(maxsize=8)
def long_words(text: str) -> str:
    """The words of a text that are long enough for a key, a URL with a password in it, or an id of letters."""
    return " ".join([word for word in text.split() if len(word) > _LONG_WORD])
