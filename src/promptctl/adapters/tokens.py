"""The one door to tiktoken: how many tokens a text is, offline, before anything is sent.

An estimate for budgets and limits; what is billed is what the provider reports. The encodings are the files
litellm ships, found without importing litellm and checked before tiktoken sees them, because tiktoken deletes
and downloads what it does not recognise.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import tiktoken

from promptctl.adapters.plain_tokens import plain_count
from promptctl.adapters.prices import litellm_folder
from promptctl.model.errors import Problem, UnavailableError

# Name in litellm's folder (the sha1 of tiktoken's URL) and the sha256 tiktoken publishes for each encoding.
FILES: Mapping[str, tuple[str, str]] = {
    "o200k_base": (
        "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    ),
    "cl100k_base": (
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
}
CACHE_VARIABLE = "TIKTOKEN_CACHE_DIR"
PIECE = 50_000
"""Characters encoded at once: the time an encoder takes for one unbroken word grows faster than its length."""

_NEWER = re.compile(r"(?:ft:)?(?:gpt-4o|gpt-4\.1|gpt-4\.5|gpt-[5-9]|gpt-\d\d|gpt-oss|chatgpt|codex|o\d)")
_environment = Lock()


def count(text: str, model: str) -> int:
    """Tokens of a text as `provider/model` would count them: exact for OpenAI's models, near for others.

    Raises UnavailableError where the encoding is not on this machine; nothing is ever downloaded.
    """
    if model.startswith("scripted/"):
        return plain_count(text)
    encoding = _encoding(encoding_name(model))
    return sum(len(encoding.encode_ordinary(text[at : at + PIECE])) for at in range(0, len(text), PIECE))


def count_messages(messages: Sequence[Mapping[str, Any]], model: str, tools: Sequence[Mapping[str, Any]] = ()) -> int:
    """Tokens of a chat request: each message's text plus three, and three for the reply's beginning.

    The constants are OpenAI's (cookbook, "How to count tokens with tiktoken"); tools count as their JSON text.
    """
    total = 3
    for message in messages:
        total += 3 + sum(count(_text(value), model) for value in message.values() if value is not None)
        total += 1 if message.get("name") else 0
    return total + (count(json.dumps(list(tools)), model) if tools else 0)


def encoding_name(model: str) -> str:
    """The encoding for a model, its provider's prefix set aside: o200k_base for OpenAI's newer, else cl100k_base."""
    return "o200k_base" if _NEWER.match(model.rpartition("/")[2]) else "cl100k_base"


@cache
def _encoding(name: str) -> tiktoken.Encoding:
    folder = litellm_folder() / "litellm_core_utils" / "tokenizers"
    _verify(name, folder)
    with _environment:
        before = os.environ.get(CACHE_VARIABLE)
        os.environ[CACHE_VARIABLE] = str(folder)
        try:
            return tiktoken.get_encoding(name)
        finally:
            if before is None:
                del os.environ[CACHE_VARIABLE]
            else:
                os.environ[CACHE_VARIABLE] = before


def _verify(name: str, folder: Path) -> None:
    """Raises UnavailableError unless the file is there and is the published one."""
    file, expected = FILES[name]
    try:
        found = hashlib.sha256((folder / file).read_bytes()).hexdigest()
    except OSError as error:
        message = f"the {name} encoding is not on this machine: {error}"
        raise UnavailableError(Problem(message, hint="reinstall litellm, which ships it")) from error
    if found != expected:
        message = f"the {name} encoding in {folder} is not the published one (sha256 {found[:12]})"
        raise UnavailableError(Problem(message, hint="reinstall litellm, which ships it"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
