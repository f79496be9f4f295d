"""Is there a long number in a text at all? Most texts have none, and most rules here are about numbers."""

from __future__ import annotations

import re
from functools import lru_cache

# Seven digits, at most three other characters between two of them; the date of a file or model is none.
_LONG = re.compile(r"\d(?!\d{3}-[01]\d-[0-3]\d(?!\d))(?:[ \u00a0.()/\u2011-]{0,3}\d){6}")


@lru_cache(maxsize=8)
def has_long_number(text: str) -> bool:
    """Whether seven digits stand beside each other, as in phone numbers, cards and ids, however they are grouped."""
    return _LONG.search(text) is not None
