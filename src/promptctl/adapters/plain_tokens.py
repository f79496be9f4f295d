"""What a scripted model calls a token. Apart from tokens.py, so that counting them opens no tokenizer."""

from __future__ import annotations

CHARACTERS = 4


def plain_count(text: str) -> int:
    """One token for every four characters that are not blank, rounded up."""
    return -(-len("".join(text.split())) // CHARACTERS)
