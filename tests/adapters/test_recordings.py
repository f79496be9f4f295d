"""Recordings: read in any order, written sorted and whole, and never with a key in them."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.adapters.files import WorkTree
from promptctl.adapters.leaks import Leaks, leaks_of
from promptctl.adapters.recordings import Recording, parse_recordings, path_of, read_recordings, write_recordings
from promptctl.model.errors import InputError, UnavailableError
from promptctl.model.run import Completion, Request, Source
from promptctl.model.source import Blob

NO_LEAKS = Leaks({})


def recording(
    digest: str, output: str = "out", *, at: str | None = None, sample: int = 0, question: str = "q"
) -> Recording:
    request = Request(model="openai/m-2024-01-01", messages=({"role": "user", "content": question},), digest=digest)
    completion = Completion(output=output, cost_usd=0.5, latency_s=2.5, received_at=at)
    return Recording("bot", "case-1", request, sample, completion)


def write(root: Path, *recordings: Recording, leaks: Leaks = NO_LEAKS) -> tuple[str, ...]:
    return write_recordings(root, "recordings", recordings, leaks)


def read(root: Path) -> dict[tuple[str, int], Completion]:
    return dict(read_recordings(WorkTree(root), "recordings", ["bot"]))


def test_what_was_written_replays_with_its_cost_and_latency(tmp_path: Path) -> None:
    assert write(tmp_path, recording("b", "\ud800 ü \u2028"), recording("a", sample=1)) == ("recordings/bot.jsonl",)
    assert read(tmp_path) == {
        ("b", 0): replace(recording("b", "\ud800 ü \u2028").completion, source=Source.RECORDED),
        ("a", 1): replace(recording("a").completion, source=Source.RECORDED),
    }


def test_the_file_is_sorted_readable_and_says_what_was_asked(tmp_path: Path) -> None:
    write(tmp_path, recording("b"), recording("a", "ü", sample=10), recording("a", sample=2))
    text = (tmp_path / "recordings/bot.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["request_digest"], line["sample"]) for line in lines] == [("a", 2), ("a", 10), ("b", 0)]
    assert lines[0]["request"] == {"model": "openai/m-2024-01-01", "messages": [{"role": "user", "content": "q"}]}
    assert '"ü"' in text
    assert text.endswith("}\n")


def test_writing_merges_with_what_is_there_and_changes_nothing_needlessly(tmp_path: Path) -> None:
    write(tmp_path, recording("a", "old"), recording("b", "kept"))
    assert write(tmp_path, recording("a", "new")) == ("recordings/bot.jsonl",)
    assert {key[0]: value.output for key, value in read(tmp_path).items()} == {"a": "new", "b": "kept"}
    assert write(tmp_path, recording("a", "new")) == ()


@given(st.randoms(), st.integers(1, 6))
def test_order_and_duplicates_do_not_matter(randomness: random.Random, twins: int) -> None:
    lines = [
        json.dumps(
            {"request_digest": "d", "sample": 0, "completion": {"output": f"o{n}", "received_at": f"2026-0{n + 1}"}}
        )
        for n in range(twins)
    ] + ["", json.dumps({"request_digest": "e", "sample": 0, "completion": {"output": "e"}})]
    randomness.shuffle(lines)
    found = parse_recordings(Blob("r.jsonl", "\n".join(lines).encode()))
    assert {key[0]: line["completion"]["output"] for key, line in found.items()} == {"d": f"o{twins - 1}", "e": "e"}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "not a recording"),
        ("[1]", "not a recording"),
        ("{}", "no 'request_digest'"),
        ('{"request_digest": 1, "sample": 0, "completion": {"output": ""}}', "request_digest is a text"),
        ('{"request_digest": "a", "sample": 0, "completion": {}}', "not a recording"),
        ('{"request_digest": "a", "sample": 0, "completion": []}', "not a recording"),
        ("<<<<<<< HEAD", "unfinished merge"),
        ("\xff", "not a recording"),
    ],
)
def test_a_malformed_line_is_named(line: str, why: str) -> None:
    good = b'{"request_digest": "a", "sample": 0, "completion": {"output": ""}}\r\n\n'
    with pytest.raises(InputError, match=r"not a recording|unfinished") as caught:
        parse_recordings(Blob("recordings/bot.jsonl", good + line.encode("latin-1")))
    assert str(caught.value).startswith("recordings/bot.jsonl:3")
    assert why in str(caught.value)


KEY = "zq81-operators-own-key"


@pytest.mark.parametrize(
    "secret", [KEY, "sk-" + "proj-" + "Ab3" * 12, "AIza" + "x" * 35, "gsk_" + "a1" * 20, "ghp_" + "Z9" * 18]
)
@pytest.mark.parametrize("where", ["question", "output"])
def test_a_key_is_never_written_and_the_case_is_named(tmp_path: Path, secret: str, where: str) -> None:
    leaks = leaks_of({"MY_API_KEY": KEY, "HOME": "/root/somewhere", "OTHER_TOKEN": "short"})
    with pytest.raises(UnavailableError, match=r"case 'case-1' of bot is not recorded") as caught:
        write(tmp_path, recording("a"), recording("b", **{where: f"my key is\n{secret}."}), leaks=leaks)  # type: ignore[arg-type]
    assert secret not in str(caught.value)
    assert not list(tmp_path.rglob("*.jsonl"))
    assert leaks.redact(f'{{"a": "{secret}"}}') == '{"a": "[key removed]"}'


@pytest.mark.parametrize(
    "text", ["risk-free ask-me-anything", "sk-short", "/root/somewhere", "short", "hf_model", "a Bearer of news"]
)
def test_ordinary_words_are_no_keys(text: str) -> None:
    leaks = leaks_of({"HOME": "/root/somewhere", "OTHER_TOKEN": "short", "MONKEY": "bananas-and-more"})
    assert leaks.find(text + " bananas-and-more") is None
    assert leaks.redact(text) == text


def test_names_that_are_no_file_names_are_encoded(tmp_path: Path) -> None:
    assert path_of("recordings", "a/../b ü") == "recordings/a%2F..%2Fb %C3%BC.jsonl"


def test_a_folder_that_leads_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root/recordings").symlink_to(tmp_path)
    with pytest.raises(InputError, match="leads out"):
        write(tmp_path / "root", recording("a"))
    with pytest.raises(InputError, match="leads out"):
        write_recordings(tmp_path / "root", "../x", [recording("a")], NO_LEAKS)
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="cannot be created"):
        write_recordings(tmp_path, "file/x", [recording("a")], NO_LEAKS)
