"""Token counts: offline, from files that were checked first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from promptctl.adapters import tokens
from promptctl.adapters.prices import litellm_folder


# Counts that OpenAI's cookbook prints ("How to count tokens with tiktoken", comparison of encodings).
@pytest.mark.parametrize(
    ("model", "text", "count"),
    [
        ("openai/gpt-4o", "antidisestablishmentarianism", 6),
        ("openai/gpt-4", "antidisestablishmentarianism", 6),
        ("openai/gpt-4", "2 + 2 = 4", 7),
        ("openai/gpt-4", "お誕生日おめでとう", 9),
        ("openai/gpt-4o", "お誕生日おめでとう", 8),
        ("openai/gpt-4o", "", 0),
        ("scripted/x.yaml", "four  word\n s!", 3),
    ],
)
def test_counts(model, text, count):
    assert tokens.count(text, model) == count


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("openai/gpt-5.6", "o200k_base"),
        ("azure/gpt-4.1-mini", "o200k_base"),
        ("openrouter/openai/o3", "o200k_base"),
        ("openai/ft:gpt-4o-2024-08-06:o::i", "o200k_base"),
        ("gpt-4-0613", "cl100k_base"),
        ("openai/gpt-3.5-turbo", "cl100k_base"),
        ("anthropic/claude-opus-5", "cl100k_base"),
    ],
)
def test_the_providers_prefix_does_not_change_the_encoding(model, name):
    assert tokens.encoding_name(model) == name


def test_special_tokens_are_text():
    assert tokens.count("<|endoftext|>", "openai/gpt-4o") > 1


def test_chat_messages_as_the_cookbook_counts_them():
    # The six messages of OpenAI's cookbook "How to count tokens with tiktoken": 129 prompt tokens for gpt-4-0613.
    said = [
        (
            "system",
            None,
            "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
        ),
        ("system", "example_user", "New synergies will help drive top-line growth."),
        ("system", "example_assistant", "Things working well together will increase revenue."),
        (
            "system",
            "example_user",
            "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
        ),
        ("system", "example_assistant", "Let's talk later when we're less busy about how to do better."),
        ("user", None, "This late pivot means we don't have time to boil the ocean for the client deliverable."),
    ]
    messages = [{"role": role, "content": text} | ({"name": name} if name else {}) for role, name, text in said]
    assert tokens.count_messages(messages, "openai/gpt-4-0613") == 129


def test_a_very_long_word_takes_no_time():
    assert tokens.count("a" * 1_000_000, "openai/gpt-4o") > 10_000


def test_the_environment_is_left_alone():
    before = dict(os.environ)
    tokens.count("x", "openai/gpt-4o")
    tokens.count("x", "openai/gpt-4")
    assert dict(os.environ) == before


@pytest.mark.parametrize("harm", ["missing", "changed"])
def test_a_file_that_is_not_the_published_one_is_neither_used_nor_deleted_nor_downloaded(tmp_path, harm):
    fake = tmp_path / "litellm"
    folder = fake / "litellm_core_utils" / "tokenizers"
    folder.mkdir(parents=True)
    (fake / "__init__.py").touch()
    file = folder / tokens.FILES["cl100k_base"][0]
    if harm == "changed":
        shutil.copy(litellm_folder() / "litellm_core_utils" / "tokenizers" / file.name, file)
        file.write_bytes(file.read_bytes()[:-10])
    code = (
        "import sys, socket\n"
        "def refuse(*a, **k): raise SystemExit('a socket was opened')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "from promptctl.adapters import tokens\n"
        "from promptctl.model.errors import UnavailableError\n"
        "try: tokens.count('x', 'openai/gpt-4')\n"
        "except UnavailableError as error: print(error)\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert "cl100k_base" in done.stdout
    assert "reinstall litellm" in done.stdout
    assert file.exists() == (harm == "changed")
