"""Keeps API keys out of what promptctl writes: the operator's own, and whatever looks like one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from promptctl.adapters.access import allowed_keys

REMOVED = "[key removed]"
SHORTEST = 12  # a shorter value is a placeholder, and may well be a word of the text

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS)(?:$|_ID$)|APIKEY|ACCESS_KEY", re.IGNORECASE
)
# A word begins here, also right after an escape of JSON: in "key:\\nsk-..." the n is no letter of the word.
START = r"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrtbf])|(?<=\\u[0-9a-fA-F]{4}))"
_KEY_SHAPES = (
    ("an OpenAI, Anthropic or OpenRouter key", START + r"sk-(?:[a-z]+-)*[A-Za-z0-9_-]{20,}"),
    ("a Google key", START + r"AIza[A-Za-z0-9_-]{35}"),
    ("a Groq key", START + r"gsk_[A-Za-z0-9]{32,}"),
    ("an xAI key", START + r"xai-[A-Za-z0-9]{32,}"),
    ("a Hugging Face token", START + r"hf_[A-Za-z0-9]{30,}"),
    ("a GitHub token", START + r"(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})"),
    ("an AWS access key", START + r"(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    ("a bearer token", START + r"[Aa]uthorization\W{1,6}Bearer\s+[A-Za-z0-9._~+/=-]{16,}"),
    ("a private key", r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"),
)
_SHAPES = tuple((name, re.compile(shape)) for name, shape in _KEY_SHAPES)
_HINTS = re.compile(
    "|".join(("sk-", "AIza", "gsk_", "xai-", "hf_", "gh[pousr]_", "github_pat_", "A[KS]IA", "Bearer", "PRIVATE KEY"))
)


@dataclass(frozen=True, slots=True)
class Leaks:
    """What must not be written: `values` are secrets by the name of their variable."""

    values: Mapping[str, str]

    def find(self, text: str) -> str | None:
        """What secret `text` holds, in words that do not repeat it; None where it holds none."""
        if len(text) < SHORTEST:
            return None  # no value and no shape is as short, and most texts of a report are
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
    """The secrets of an environment: values of variables that are named like keys, tokens and passwords, and of those
    that PROMPTCTL_ALLOW_KEYS lets a repository use."""
    allowed = allowed_keys(environ)
    named = {name: value.strip() for name, value in environ.items() if name in allowed or _is_secret(name)}
    return Leaks({name: value for name, value in sorted(named.items()) if len(value) >= SHORTEST})


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return bool(_SECRET_NAME.search(name))
