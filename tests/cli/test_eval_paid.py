"""Never pay twice: cache, recordings, refresh and offline, through the console script."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.eval_projects import Project, asked, case, environment, loopback, make_project

CASES = [case("a"), case("b"), case("same-as-a", said="a"), case("fails", {"contains": "absent"})]
OFFLINE = ("unshare", "-n")


@pytest.fixture
def server() -> Iterator[Any]:
    with loopback() as running:
        yield running


def no_network() -> tuple[str, ...]:
    """A command prefix without any network, not even loopback, where the machine permits one."""
    if shutil.which("unshare") and subprocess.run([*OFFLINE, "true"], capture_output=True, check=False).returncode == 0:
        return OFFLINE
    return ()


@pytest.mark.slow
def test_what_was_paid_for_is_not_asked_again(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, cases=CASES)
    first = project.json()
    assert first.code == 1
    assert sorted(asked(server)) == ["a", "b", "fails"]  # two cases with one request share one answer
    second = project.json()
    assert len(server.requests) == 3
    assert second.document["summary"]["completions"] == {"live": 0, "cached": 4, "recorded": 0, "given": 0}
    for name, before in first.cases().items():
        after = second.cases()[name]
        assert after["outcome"] == before["outcome"]
        for key in ("output", "latency_s", "cost_usd", "input_tokens", "model"):
            assert after["completion"][key] == before["completion"][key]
    project.json("--refresh", "--case", "b")
    assert asked(server)[3:] == ["b"]
    project.json("--no-cache", "--case", "b")
    assert asked(server)[4:] == ["b"]
    project.json("--case", "b")
    assert len(server.requests) == 5


def test_no_cache_writes_none(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url)
    assert project.eval("--no-cache").code == 0
    assert not (project.state / "cache.sqlite").exists()
    assert project.eval().code == 0
    assert len(server.requests) == 2


def test_what_changes_the_request_is_asked_and_what_does_not_is_not(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url)
    project.eval()
    prompt = {"name": "bot", "version": "1.0.0", "model": "openai/gpt-4o-2024-08-06", "system_prompt": "Be nice."}
    project.write("prompts/bot.yaml", json.dumps({**prompt, "version": "1.0.1", "description": "x", "tags": ["y"]}))
    assert project.eval().code == 0
    assert len(server.requests) == 1
    project.write("prompts/bot.yaml", json.dumps({**prompt, "parameters": {"temperature": 0}}))
    project.eval()
    assert len(server.requests) == 2
    project.eval("--model", "openai/gpt-4o-2024-05-13")
    assert server.requests[-1].json["model"] == "gpt-4o-2024-05-13"


def test_a_recording_replays_in_a_clone_without_network_key_and_cache(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path / "desk", api_base=server.url, cases=CASES)
    first = project.json("--record")
    assert first.code == 1
    recorded = [json.loads(line) for line in (project.root / "recordings/bot.jsonl").read_text().splitlines()]
    assert len(recorded) == 3
    # The clone's provider is the real one: without a key it could not even begin to ask.
    clone = Project(tmp_path / "clone")
    shutil.copytree(project.root, clone.root, ignore=shutil.ignore_patterns(".git"))
    subprocess.run(["git", "init", "-q", str(clone.root)], check=True, env=environment())
    asked_before = len(server.requests)
    replayed = clone.json("--offline", before=no_network())
    assert replayed.code == 1
    assert len(server.requests) == asked_before
    assert replayed.document["summary"]["completions"] == {"live": 0, "cached": 0, "recorded": 4, "given": 0}
    for name, before in first.cases().items():
        after = replayed.cases()[name]
        assert (after["outcome"], after["request_digest"]) == (before["outcome"], before["request_digest"])
        for key in ("output", "latency_s", "cost_usd", "model"):
            assert after["completion"][key] == before["completion"][key]
    summaries = [run.document["summary"] for run in (first, replayed)]
    for key in ("cost_usd", "latency_s", "pass_rate", "input_tokens"):
        assert summaries[0][key] == summaries[1][key]

    clone.write("golden/bot.yaml", json.dumps({"cases": [*CASES, case("new")]}))
    missing = clone.json("--offline", before=no_network())
    assert missing.code == 1
    assert "no recording for case 'new'" in missing.cases()["new"]["error"]
    alone = clone.eval("--offline", "--case", "new", before=no_network())
    assert alone.code == 3
    assert "case 'new'" in alone.out
    assert "--record" in alone.out
    assert len(server.requests) == asked_before


def test_offline_asks_nobody_who_is_there(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, cases=CASES)
    assert project.eval("--offline").code == 3
    project.eval("--case", "a")
    done = project.json("--offline")
    assert done.code == 3
    assert done.cases()["a"]["completion"]["source"] == "cached"
    assert len(server.requests) == 1


def test_recordings_are_sorted_and_survive_a_second_run(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, cases=CASES)
    project.eval("--record", "--case", "b")
    project.eval("--record")  # what comes from the cache is written, too
    path = project.root / "recordings/bot.jsonl"
    once = path.read_text()
    assert len(once.splitlines()) == 3
    project.eval("--record")
    assert path.read_text() == once
    assert len(server.requests) == 3
    # A union merge leaves lines in any order, and twice.
    path.write_text("".join(reversed(once.splitlines(keepends=True))) + once)
    shutil.rmtree(project.state)
    assert project.json("--offline").document["summary"]["completions"]["recorded"] == 4


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda text: text + text[: len(text) // 3] + "\n", "recordings/bot.jsonl:2"),
        (lambda _: "not json\n", "recordings/bot.jsonl:1"),
        (lambda _: "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "LFS"),
    ],
    ids=["a cut line", "no JSON", "an LFS pointer"],
)
def test_a_damaged_recording_is_told_with_its_line(tmp_path: Path, server: Any, spoil: Any, told: str) -> None:
    project = make_project(tmp_path, api_base=server.url)
    project.eval("--record")
    path = project.root / "recordings/bot.jsonl"
    path.write_text(spoil(path.read_text()))
    done = project.eval("--offline")
    assert done.code == 2
    assert told in done.err


def test_two_runs_at_once_ask_each_request_once(tmp_path: Path, server: Any) -> None:
    server.latency_s = 0.2
    cases = [case(f"case-{number}") for number in range(24)]
    project = make_project(tmp_path, api_base=server.url, cases=cases, config={"eval": {"concurrency": 4}})
    both = [project.start("--format", "json") for _ in range(2)]
    documents = []
    for running in both:
        out, err = running.communicate(timeout=60)
        assert running.returncode == 0, err
        documents.append(json.loads(out))
    assert sorted(asked(server)) == sorted(one["id"] for one in cases)
    live = [document["summary"]["completions"]["live"] for document in documents]
    assert sum(live) == 24
    assert all(document["summary"]["passed"] == 24 for document in documents)


def test_a_cache_that_is_none_is_put_aside_and_the_run_goes_on(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url)
    project.state.mkdir()
    (project.state / "cache.sqlite").write_bytes(b"this is no database" * 100)
    done = project.eval()
    assert done.code == 0
    assert "cache.sqlite" in done.err
    assert project.json().document["summary"]["completions"]["cached"] == 1
    assert len(server.requests) == 1


READ_ONLY = (
    "unshare", "-m", "sh", "-c",
    'mount --bind "$PWD" "$PWD" && mount -o remount,ro,bind "$PWD" && cd "$PWD" && exec "$@"', "sh",
)  # fmt: skip


def test_without_a_place_for_state_everything_works_uncached(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url)
    for place in ("/proc/promptctl", str(tmp_path / "promptctl.yaml" / "x")):
        done = project.eval(PROMPTCTL_STATE_DIR=place)
        assert done.code == 0
        assert done.err.count("cannot be written") == 1
        assert "PROMPTCTL_STATE_DIR" in done.err
    assert len(server.requests) == 2
    assert not project.state.exists()


def test_in_a_read_only_folder_everything_works_uncached(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path / "project", api_base=server.url, git=False)
    probe = subprocess.run([*READ_ONLY, "true"], cwd=project.root, capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip(f"a read-only mount is not permitted here: {probe.stderr.decode().strip()}")
    done = project.eval(before=READ_ONLY)
    assert done.code == 0
    assert done.err.count("cannot be written") == 1
    refused = project.eval("--record", before=READ_ONLY)
    assert refused.code == 3
    assert "recordings" in refused.err
    assert "1 of 1 case passed" in refused.out
    elsewhere = tmp_path / "state"
    done = project.eval(before=READ_ONLY, PROMPTCTL_STATE_DIR=str(elsewhere))
    assert (done.code, done.err) == (0, "")
    assert (elsewhere / "cache.sqlite").is_file()


def test_outside_git_the_state_ignores_itself(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, git=False)
    done = project.json()
    assert done.code == 0
    assert done.document["provenance"]["commit"] is None
    assert (tmp_path / ".promptctl" / ".gitignore").read_text() == "*\n"
    assert {place.name for place in tmp_path.iterdir()} == {"promptctl.yaml", "prompts", "golden", ".promptctl"}


def test_the_commit_is_noted_and_worktrees_share_the_cache(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path / "main", api_base=server.url)

    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=T", "-c", "user.email=t@example.com")
        command = ["git", "-C", str(project.root), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment()).stdout.strip()

    git("add", ".")
    git("commit", "-qm", "one")
    provenance = project.json().document["provenance"]
    assert (provenance["commit"], provenance["dirty"]) == (git("rev-parse", "HEAD"), False)
    git("worktree", "add", "-q", str(tmp_path / "other"), "HEAD")
    assert Project(tmp_path / "other").json().document["summary"]["completions"]["cached"] == 1
    project.write("golden/bot.yaml", json.dumps({"cases": [case("more")]}))
    assert project.json().document["provenance"]["dirty"] is True
