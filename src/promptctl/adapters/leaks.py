"""Keeps API keys out of what promptctl writes: the operator's own, and whatever looks like one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

REMOVED = "[key removed]"
SHORTEST = 12  # a shorter value is a placeholder, and may well be a word of the text

_SECRET_NAME = re.compile(r"(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS)(?:$|_ID$)|APIKEY|ACCESS_KEY", re.IGNORECASE)
_KEY_SHAPES = (
    ("an OpenAI, Anthropic or OpenRouter key", r"\bsk-(?:[a-z]+-)*[A-Za-z0-9_-]{20,}"),
    ("a Google key", r"\bAIza[A-Za-z0-9_-]{35}"),
    ("a Groq key", r"\bgsk_[A-Za-z0-9]{32,}"),
    ("an xAI key", r"\bxai-[A-Za-z0-9]{32,}"),
    ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}"),
    ("a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{30,}"),
    ("an AWS access key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    ("a bearer token", r"\b[Aa]uthorization\W{1,6}Bearer\s+[A-Za-z0-9._~+/=-]{16,}"),
    ("a private key", r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"),
)
_SHAPES = tuple((name, re.compile(shape)) for name, shape in _KEY_SHAPES)
_HINTS = re.compile("|".join(("sk-", "AIza", "gsk_", "xai-", "hf_", "gh[pousr]_", "github_pat_", "A[KS]IA", "Bearer", "PRIVATE KEY")))


@dataclass(frozen=True, slots=True)
class Leaks:
    """What must not be written: `values` are secrets by the name of their variable."""

    values: Mapping[str, str]

    def find(self, text: str) -> str | None:
        """What secret `text` holds, in words that do not repeat it; None where it holds none."""
        for name, value in self.values.items():
            if value in text:
                return f"the value of {name}"
        if _HINTS.search(text):
            for name, shape in _SHAPES:
                if shape.search(text):
                    return f"what looks like {name}"
        return None

    def redact(self, text: str) -> str:
        """`text` with every secret replaced. JSON stays JSON."""
        for value in self.values.values():
            text = text.replace(value, REMOVED)
        if _HINTS.search(text):
            for _, shape in _SHAPES:
                text = shape.sub(REMOVED, text)
        return text


def leaks_of(environ: Mapping[str, str]) -> Leaks:
    """The secrets of an environment: values of variables that are named like keys, tokens and passwords."""
    named = {name: value.strip() for name, value in environ.items() if _is_secret(name)}
    return Leaks({name: value for name, value in sorted(named.items()) if len(value) >= SHORTEST})


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return bool(_SECRET_NAME.search(name))
