"""Keys and tokens: found in every kind of file, never repeated, and not seen where there are none.

No key stands here whole: each is put together at run time, so that no scanner takes this file for a leak.
"""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path

import pytest
from rule_bench import lint_files

from promptctl.model.finding import Finding
from promptctl.rules.secrets.reading.keys import is_made_up, looks_invented, suspicious

HEX = hashlib.sha256(b"nothing").hexdigest() + hashlib.sha256(b"at all").hexdigest()
MIXED = "Qz7" + HEX.replace("a", "K").replace("3", "w").replace("e", "T")
UPPER = HEX.upper().replace("0", "X")

KEYS = {
    "OpenAI": "sk-" + "proj-" + MIXED[:48],
    "OpenAI, older": "sk-" + MIXED[:20] + "T3Blbk" + "FJ" + MIXED[30:50],
    "Anthropic": "sk-" + "ant-api03-" + MIXED[:93],
    "OpenRouter": "sk-" + "or-v1-" + HEX[:64],
    "Google": "AI" + "za" + MIXED[:35],
    "Groq": "gs" + "k_" + MIXED[:52],
    "xAI": "xa" + "i-" + MIXED[:80],
    "Hugging Face": "hf" + "_" + MIXED[:34],
    "Replicate": "r8" + "_" + MIXED[:37],
    "Perplexity": "pp" + "lx-" + MIXED[:48],
    "NVIDIA": "nva" + "pi-" + MIXED[:64],
    "Pinecone": "pc" + "sk_" + MIXED[:70],
    "LangSmith": "lsv2" + "_pt_" + HEX[:32] + "_" + HEX[40:50],
    "GitHub": "gh" + "p_" + MIXED[:36],
    "GitHub, newer": "github" + "_pat_" + MIXED[:70],
    "GitLab": "gl" + "pat-" + MIXED[:20],
    "npm": "np" + "m_" + MIXED[:36],
    "AWS": "AK" + "IA" + UPPER[:16],
    "AWS secret": "aws_secret" + "_access_key = '" + MIXED[:40] + "'",
    "Azure": "Account" + "Key=" + MIXED[:86] + "==",
    "Slack": "xo" + "xb-" + "271828182845-" + MIXED[:24],
    "Slack hook": "https://hooks.slack" + ".com/services/T" + UPPER[:8] + "/B" + UPPER[10:18] + "/" + MIXED[:24],
    "Stripe": "sk" + "_live_" + MIXED[:24],
    "SendGrid": "SG" + "." + MIXED[:22] + "." + MIXED[:43],
    "Twilio": "SK" + HEX[:32],
    "Telegram": "7718281828" + ":" + MIXED[:35],
    "Mailchimp": HEX[:32] + "-us" + "12",
    "PyPI": "pypi-AgEI" + "cHlwaS5vcmc" + MIXED[:75],
    "Databricks": "da" + "pi" + HEX[:32],
    "DigitalOcean": "do" + "p_v1_" + HEX[:64],
    "bearer": "Authorization: Bea" + "rer " + MIXED[:40],
    "URL": "postgres://app:" + MIXED[:12] + "@db.acme.io/prod",
}


def keys_in(folder: Path, text: str, path: str = "golden/bot.jsonl") -> list[Finding]:
    """What PL601 and PL602 find in a file with this text."""
    case = {"id": "a", "input": text, "assertions": [{"contains": "x"}]}
    content = json.dumps(case) + "\n" if path.endswith("jsonl") else text
    return [one for one in lint_files(folder, {path: content}).findings if one.rule in ("PL601", "PL602")]


@pytest.mark.parametrize("name", KEYS)
def test_a_key_is_found_once_at_its_place_and_not_repeated(name: str, tmp_path: Path) -> None:
    key = KEYS[name]
    found = keys_in(tmp_path, f"Use this:\n{key}\nand answer.")
    assert [(one.rule, one.severity) for one in found] == [("PL601", "error")], found
    told = found[0].message + (found[0].hint or "")
    assert not any(key[at : at + 9] in told for at in range(len(key) - 8)), told
    secret = next(part for part in (MIXED[:12], HEX[:12], UPPER[:8]) if part in key)
    assert key[:4] in told or secret[:4] in told


def test_a_key_is_found_in_a_comment_the_configuration_a_judge_and_an_included_file(tmp_path: Path) -> None:
    key = KEYS["GitHub"]
    judge = "model: openai/gpt-4o-2024-08-06\nsystem_prompt: Judge {{ output }} by {{ rubric }}\n"
    files = {
        "promptctl.yaml": f"# token {key}\nprompts: [prompts]\n",
        "judges/strict.yaml": f"# {key}\n{judge}",
        "prompts/a.yaml": "model: openai/gpt-4o-2024-08-06\nsystem_prompt: '{% include \"shared/tone.txt\" %}'\n",
        "shared/tone.txt": f"Be kind.\nThe token is {key}.\n",
        "golden/a.csv": f'id,input.question,assertions\na,{key},"[{{""contains"": ""x""}}]"\n',
    }
    found = [one for one in lint_files(tmp_path, files).findings if one.rule == "PL601"]
    places = {(one.path, one.line, one.column) for one in found}
    assert places == {
        ("promptctl.yaml", 1, 9),
        ("judges/strict.yaml", 1, 3),
        ("shared/tone.txt", 2, 14),
        ("golden/a.csv", 2, 3),
    }


def test_a_file_that_two_prompts_include_is_told_once(tmp_path: Path) -> None:
    prompt = "model: openai/gpt-4o-2024-08-06\nsystem_prompt: '{% include \"shared/tone.txt\" %}'\n"
    files = {"prompts/a.yaml": prompt, "prompts/b.yaml": f"# b\n{prompt}", "shared/tone.txt": KEYS["GitHub"]}
    found = [one for one in lint_files(tmp_path, files).findings if one.rule == "PL601"]
    assert [(one.path, one.line) for one in found] == [("shared/tone.txt", 1)]


def test_a_file_that_is_no_prompt_is_searched_all_the_same(tmp_path: Path) -> None:
    found = lint_files(tmp_path, {"prompts/a.yaml": f"model: [\nkey: {KEYS['AWS']}\n"}).findings
    assert {one.rule for one in found} >= {"PL001", "PL601"}


@pytest.mark.parametrize(
    "text",
    [
        "sk-...",
        "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-your-key-goes-here-and-nowhere-else",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "Authorization: Bearer YOUR_API_KEY_GOES_HERE",
        "Authorization: Bearer <access-token-of-the-user>",
        "Authorization: Bearer {{ token }}",
        "Authorization: Bearer $ACCESS_TOKEN_OF_SESSION",
        "https://user:password@db.acme.io/x",
        "https://${USER}:${PASSWORD}@db.acme.io/x",
        "ghp_" + "*" * 36,
        "a risk-averse-and-otherwise-unremarkable-desk-lamp",
        "the task-force-on-something-extraordinarily-long",
        "sk-learn-and-other-libraries-for-machine-learning",
        "sha256:" + HEX[:64],
        "https://acme.io/sk-bratislava-2024-travel-guide-for-hikers",
        "the digest " + "d41d8cd98f00b204e9800998ecf8427e",
        "550e8400-e29b-41d4-a716-446655440000",
        "APPLICATION APEXPREDATOR AKCELERATION",
        "https://docs.acme.io:8443/path/@scope/name@1.2.3",
        "at 12:30:45.123456 and see https://acme.io/a:b",
        "password: correct horse battery staple",
        "-----BEGIN PRIVATE KEY----- is how it begins",
        "-----BEGIN PUBLIC KEY-----\n" + MIXED[:64] + "\n-----END PUBLIC KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\n(your key here)\n-----END RSA PRIVATE KEY-----",
        "eyJhbGciOi is how most tokens begin, eyJ.eyJ.x is none",
    ],
)
def test_what_is_no_key_is_left_alone(text: str, tmp_path: Path) -> None:
    assert keys_in(tmp_path, text) == []


@pytest.mark.parametrize(
    "key",
    [
        "gh" + "p_" + "abcdefghijklmnopqrstuvwxyz0123456789",
        "sk-" + "1234567890abcdef1234567890abcdef",
        "hf" + "_" + "A" * 34,
        # the token jwt.io shows
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
        "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
    ],
)
def test_a_key_typed_along_the_alphabet_or_documented_is_a_warning(key: str, tmp_path: Path) -> None:
    assert [(one.rule, one.severity) for one in keys_in(tmp_path, key)] == [("PL601", "warning")]


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", "PGP "])
def test_a_private_key_is_found_with_line_ends_as_they_are_and_escaped(kind: str, tmp_path: Path) -> None:
    block = " BLOCK" if kind == "PGP " else ""
    head = f"-----BEGIN {kind}PRIV" + f"ATE KEY{block}-----"
    for number, text in enumerate((f"{head}\n{MIXED[:64]}\n{MIXED[64:]}", f"{head}\\n{MIXED[:64]}")):
        found = keys_in(tmp_path / str(number), text)
        assert [one.rule for one in found] == ["PL602"]
        assert MIXED[:6] not in found[0].message
    indented = f"model: scripted/x.yaml\nsystem_prompt: |\n  {head}\n  {MIXED[:64]}\n"
    found = keys_in(tmp_path / "yaml", indented, "prompts/a.yaml")
    assert [(one.rule, one.line, one.column) for one in found] == [("PL602", 3, 3)]


def test_a_text_without_signs_of_keys_is_not_handed_on() -> None:
    assert list(suspicious("You answer riders of Pedalo. Ask: what next? See 3.1 and gpt-4o-2024-08-06.")) == []


def test_a_long_line_is_searched_in_parts_that_do_not_overlap() -> None:
    text = ("x" * 3000 + " " + KEYS["GitHub"] + " ") * 4
    parts = list(suspicious(text))
    assert all(before[1] <= after[0] for before, after in pairwise(parts))
    assert sum(text[first:last].count(KEYS["GitHub"]) for first, last in parts) == 4


def test_words_that_say_it_is_no_key() -> None:
    assert is_made_up("YOUR_API_KEY")
    assert is_made_up("password")
    assert not is_made_up(MIXED[:40])
    assert not looks_invented(MIXED[:40])
