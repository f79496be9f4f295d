"""`promptctl diff` in real repositories: sides, names, exit codes, formats, and what git makes hard."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from promptctl.adapters.files import LFS_POINTER

PROMPT = """version: 1.0.0
model: openai/gpt-4o-2024-08-06
parameters: {temperature: 0, max_tokens: 100}
inputs: {question: {type: string}}
system_prompt: |
  You answer questions.
user_prompt: "{{ question }}"
"""
GOLDEN = """cases:
  - id: reset
    input: How do I reset my password?
    assertions: [{contains: Settings}]
  - id: invoice
    input: Where is my invoice? I have looked everywhere and cannot find it.
    assertions: [{contains: Billing}]
"""
Run = Callable[..., Any]


@pytest.fixture
def write(project: Path) -> Callable[..., None]:
    def put(path: str, text: str | bytes, root: Path | None = None) -> None:
        place = (root or project) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())

    return put


@pytest.fixture
def repo(git: Run, write: Callable[..., None]) -> Run:
    """A repository with one prompt and its golden set; gives git."""
    git("init", "-q")
    write("prompts/bot.yaml", PROMPT)
    write("golden/bot.yaml", GOLDEN)
    save(git, "first")
    return git


def save(git: Run, message: str) -> str:
    git("add", "-A")
    git("commit", "-qm", message)
    return git("rev-parse", "HEAD")


def rules(ended: Any) -> list[str]:
    assert ended.code in (0, 1), ended.err
    return sorted(one["rule"] for one in ended.json["findings"])


def test_nothing_changed_says_so(repo: Run, promptctl: Run) -> None:
    for arguments in ((), ("HEAD",), ("HEAD", "HEAD"), ("--staged",), ("--check",), ("HEAD...HEAD",)):
        ended = promptctl("diff", *arguments)
        assert (ended.code, ended.out) == (0, "PASS: nothing changed\n"), arguments
    assert promptctl("diff", "bot").out == "PASS: nothing of bot changed\n"


def test_the_working_tree_the_index_and_two_commits_are_three_questions(
    repo: Run, promptctl: Run, write: Callable[..., None]
) -> None:
    write("prompts/bot.yaml", PROMPT.replace("temperature: 0", "temperature: 1"))
    repo("add", "prompts")
    write("prompts/bot.yaml", PROMPT.replace("temperature: 0", "temperature: 1").replace("questions", "letters"))
    assert rules(promptctl("diff", "--format", "json")) == ["PD302", "PD401"]
    assert rules(promptctl("diff", "--staged", "--format", "json")) == ["PD302"]
    assert rules(promptctl("diff", "index", "worktree", "--format", "json")) == ["PD401"]
    save(repo, "second")
    assert rules(promptctl("diff", "HEAD~1", "HEAD", "--format", "json")) == ["PD302", "PD401"]
    assert rules(promptctl("diff", "HEAD~1..HEAD", "--format", "json")) == ["PD302", "PD401"]
    assert promptctl("diff").out == "PASS: nothing changed\n"


def test_three_dots_compare_with_where_they_parted(repo: Run, promptctl: Run, write: Callable[..., None]) -> None:
    repo("switch", "-qc", "topic")
    write("prompts/bot.yaml", PROMPT.replace("questions", "letters"))
    save(repo, "topic")
    repo("switch", "-q", "main")
    write("prompts/bot.yaml", PROMPT.replace("temperature: 0", "temperature: 1"))
    save(repo, "main moved on")
    assert rules(promptctl("diff", "main...topic", "--format", "json")) == ["PD401"]
    assert rules(promptctl("diff", "main", "topic", "--format", "json")) == ["PD302", "PD401"]
    repo("merge", "-q", "topic", "-m", "merge")
    assert rules(promptctl("diff", "HEAD^1", "HEAD", "--format", "json")) == ["PD401"]
    repo("switch", "-q", "--detach", "HEAD")
    assert rules(promptctl("diff", "HEAD^2", "--format", "json")) == ["PD302"]


def test_check_exits_1_at_the_threshold_and_without_it_0(repo: Run, promptctl: Run, write: Callable[..., None]) -> None:
    write("prompts/bot.yaml", PROMPT.replace("temperature: 0", "temperature: 1"))
    assert promptctl("diff", "--check").code == 0
    assert promptctl("diff", "--check", "--fail-on", "warning").code == 1
    write("golden/bot.yaml", GOLDEN.partition("  - id: invoice")[0])
    assert promptctl("diff").code == 0
    ended = promptctl("diff", "--check")
    assert ended.code == 1
    assert "FAIL: 1 prompt changed: 1 error, 1 warning" in ended.out
    assert promptctl("diff", "--fail-on", "fatal").code == 2


def test_a_word_is_a_revision_a_prompt_or_an_error(repo: Run, promptctl: Run, write: Callable[..., None]) -> None:
    bad = promptctl("diff", "nosuch")
    assert (bad.code, bad.out) == (2, "")
    assert "'nosuch' is neither a revision nor a prompt" in bad.err
    assert promptctl("diff", "HEAD", "nosuch").code == 2
    assert promptctl("diff", "nosuch", "--").code == 2
    unknown = promptctl("diff", "--", "bott")
    assert unknown.code == 4
    assert "did you mean bot?" in unknown.err
    repo("branch", "bot")
    both = promptctl("diff", "bot")
    assert both.code == 2
    assert "'bot' is both a revision and a prompt" in both.err
    assert "promptctl diff bot --" in both.err
    assert promptctl("diff", "bot", "--").code == promptctl("diff", "--", "bot").code == 0
    write("prompts/other.yaml", PROMPT.replace("version", "name: spoken\nversion"))
    save(repo, "a prompt whose name its file does not tell")
    repo("branch", "spoken")
    assert "both a revision and a prompt" in promptctl("diff", "spoken").err


def test_names_and_paths_narrow(repo: Run, promptctl: Run, write: Callable[..., None], project: Path) -> None:
    write("prompts/other.yaml", PROMPT)
    save(repo, "second prompt")
    write("prompts/other.yaml", PROMPT.replace("temperature: 0", "temperature: 1"))
    write("prompts/bot.yaml", PROMPT.replace("questions", "letters"))
    for word in ("bot", "prompts/bot.yaml", "bot@1.0.0", "golden/bot.yaml"):
        assert rules(promptctl("diff", word, "--format", "json")) == ["PD401"], word
    assert rules(promptctl("diff", "HEAD", "--format", "json", "--", "other")) == ["PD302"]
    assert rules(promptctl("diff", "bot.yaml", "--format", "json", cwd=project / "prompts")) == ["PD401"]
    assert rules(promptctl("diff", "prompts", "--format", "json")) == ["PD302", "PD401"]


def test_a_prompt_is_followed_by_its_name_when_its_file_moves(
    repo: Run, promptctl: Run, write: Callable[..., None], project: Path
) -> None:
    write("prompts/named.yaml", PROMPT.replace("version", "name: spoken\nversion"))
    save(repo, "named")
    (project / "prompts" / "named.yaml").unlink()
    write("prompts/new/place.yaml", PROMPT.replace("version", "name: spoken\nversion").replace("questions", "letters"))
    found = promptctl("diff", "--format", "json").json
    assert [one["rule"] for one in found["findings"]] == ["PD401"]
    ends = found["prompts"][0]
    assert (ends["before"]["path"], ends["after"]["path"]) == ("prompts/named.yaml", "prompts/new/place.yaml")
    (project / "prompts" / "new" / "place.yaml").rename(project / "prompts" / "moved.yaml")
    write("prompts/moved.yaml", PROMPT.replace("version", "name: spoken\nversion"))
    assert rules(promptctl("diff", "--format", "json")) == ["PD601"]


def test_a_new_version_in_a_file_of_its_own_is_compared_with_the_one_before(
    repo: Run, promptctl: Run, write: Callable[..., None]
) -> None:
    write("prompts/help/v1.0.0.yaml", PROMPT)
    save(repo, "first version")
    narrower = PROMPT.replace("{type: string}", "{enum: [a, b]}")
    write("prompts/help/v2.0.0.yaml", narrower.replace("1.0.0", "2.0.0"))
    found = promptctl("diff", "--format", "json").json["findings"]
    assert [(one["rule"], one["severity"]) for one in found] == [("PD106", "info")]
    assert "help@1.0.0 is still there" in found[0]["hint"]
    write("prompts/help/v2.0.0.yaml", narrower.replace("1.0.0", "1.1.0").replace("v2", "v1"))
    found = promptctl("diff", "--format", "json").json["findings"]
    assert [(one["rule"], one["severity"]) for one in found] == [("PD106", "error")]


def test_an_include_two_files_away_is_followed(repo: Run, promptctl: Run, write: Callable[..., None]) -> None:
    write("shared/a.txt", '{% include "shared/b.txt" %}')
    write("shared/b.txt", "Be friendly.")
    write("prompts/inc.yaml", PROMPT.replace("You answer questions.", '{% include "shared/a.txt" %}'))
    save(repo, "includes")
    write("shared/b.txt", "Be brief.")
    ended = promptctl("diff", "--format", "json")
    assert rules(ended) == ["PD408"]
    assert ended.json["prompts"][0]["name"] == "inc"
    assert ended.json["prompts"][0]["includes"]["shared/b.txt"][1:3] == [["-", "friendly"], ["+", "brief"]]


def test_a_golden_set_alone_is_told_under_its_prompt(repo: Run, promptctl: Run, write: Callable[..., None]) -> None:
    write("prompts/named.yaml", PROMPT.replace("version", "golden: golden/elsewhere.yaml\nversion"))
    write("golden/elsewhere.yaml", GOLDEN)
    save(repo, "golden elsewhere")
    write("golden/elsewhere.yaml", GOLDEN.replace("contains: Settings", "icontains: Settings"))
    found = promptctl("diff", "--format", "json").json
    assert [(one["rule"], one["prompt"]) for one in found["findings"]] == [("PD506", "named")]
    assert found["prompts"][0]["golden"]["edited"][0]["id"] == "reset"


def test_policy_is_read_from_the_base(repo: Run, promptctl: Run, write: Callable[..., None]) -> None:
    write("golden/bot.yaml", GOLDEN.partition("  - id: invoice")[0])
    write("promptctl.yaml", "lint: {ignore: [PD502]}\n")
    ended = promptctl("diff", "--check", "--format", "json")
    assert ended.code == 1
    assert {one["rule"] for one in ended.json["findings"]} == {"PD502", "PD515"}
    repo("checkout", "-q", "golden")
    save(repo, "the policy first")
    write("golden/bot.yaml", GOLDEN.partition("  - id: invoice")[0])
    assert promptctl("diff", "--check").code == 0


def test_a_file_that_cannot_be_read_is_a_finding(repo: Run, promptctl: Run, write: Callable[..., None]) -> None:
    write("prompts/bot.yaml", "model: [openai")
    ended = promptctl("diff", "--check", "--format", "json")
    assert ended.code == 1
    assert rules(ended) == ["PD001"]
    write("prompts/bot.yaml", PROMPT)
    write("golden/bot.yaml", LFS_POINTER + b"\noid sha256:00\nsize 1\n")
    ended = promptctl("diff", "--check", "--format", "json")
    assert (ended.code, rules(ended)) == (1, ["PD001"])
    assert "LFS" in ended.json["findings"][0]["message"]


def test_before_the_first_commit_everything_is_new(git: Run, promptctl: Run, write: Callable[..., None]) -> None:
    git("init", "-q")
    write("prompts/bot.yaml", PROMPT)
    ended = promptctl("diff", "--format", "json")
    assert ended.code == 0, ended.err
    assert [one["status"] for one in ended.json["prompts"]] == ["added"]


def test_outside_of_git_there_is_nothing_to_compare_with(promptctl: Run, write: Callable[..., None]) -> None:
    write("prompts/bot.yaml", PROMPT)
    ended = promptctl("diff")
    assert ended.code == 2
    assert "is not in a git repository" in ended.err


def test_line_ends_are_no_change(repo: Run, promptctl: Run, write: Callable[..., None]) -> None:
    write("shared/tone.txt", "Be friendly.\nBe brief.\n")
    write("prompts/inc.yaml", PROMPT.replace("You answer questions.", '{% include "shared/tone.txt" %}'))
    save(repo, "includes")
    write("shared/tone.txt", "Be friendly.\r\nBe brief.\r\n")
    write("prompts/bot.yaml", PROMPT.replace("\n", "\r\n"))
    ended = promptctl("diff", "--format", "json")
    assert rules(ended) == ["PD601"]
    assert [one["name"] for one in ended.json["prompts"]] == ["bot"]  # the file git sees as changed
    repo("config", "core.autocrlf", "true")
    repo("checkout", "-q", "--", ".")
    assert promptctl("diff").out == "PASS: nothing changed\n"


def test_names_outside_of_ascii_and_a_project_in_a_folder(
    git: Run, promptctl: Run, write: Callable[..., None], project: Path
) -> None:
    git("init", "-q")
    write("team/größe/promptctl.yaml", "prompts: [prompts]\n")
    write("team/größe/prompts/bøt.yaml", PROMPT.replace("version", "name: bot\nversion"))
    write("prompts/outside.yaml", PROMPT)
    save(git, "one")
    write("team/größe/prompts/bøt.yaml", PROMPT.replace("version", "name: bot\nversion").replace("questions", "Briefe"))
    write("prompts/outside.yaml", PROMPT.replace("temperature: 0", "temperature: 1"))
    ended = promptctl("diff", "--format", "json", cwd=project / "team" / "größe")
    assert [(one["rule"], one["path"]) for one in ended.json["findings"]] == [("PD401", "prompts/bøt.yaml")]
    assert rules(promptctl("diff", "--format", "json")) == ["PD302"]
    assert rules(promptctl("diff", "-C", "team/größe", "prompts/bøt.yaml", "--format", "json")) == ["PD401"]


def test_a_sparse_checkout_leaves_nothing_out(
    repo: Run, promptctl: Run, write: Callable[..., None], project: Path
) -> None:
    write("prompts/far/away.yaml", PROMPT)
    save(repo, "more")
    repo("sparse-checkout", "set", "--no-cone", "/prompts/bot.yaml", "/golden/")
    assert not (project / "prompts" / "far").exists()
    assert promptctl("diff").out == "PASS: nothing changed\n"


def test_a_moved_submodule_is_told_as_such(
    repo: Run, promptctl: Run, write: Callable[..., None], project: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    repo("init", "-q", cwd=other)
    write("bot2.yaml", PROMPT, other)
    repo("add", "-A", cwd=other)
    repo("commit", "-qm", "one", cwd=other)
    repo("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "prompts/sub")
    save(repo, "submodule")
    before = repo("rev-parse", "HEAD", cwd=project / "prompts" / "sub")
    repo("commit", "-q", "--allow-empty", "-m", "two", cwd=project / "prompts" / "sub")
    after = repo("rev-parse", "HEAD", cwd=project / "prompts" / "sub")
    found = promptctl("diff", "--format", "json").json
    assert [(one["rule"], one["severity"]) for one in found["findings"]] == [("PD002", "warning")]
    assert found["submodules"] == [{"path": "prompts/sub", "before": before, "after": after, "holds_prompts": True}]
    save(repo, "moved")
    assert rules(promptctl("diff", "HEAD~1", "HEAD", "--format", "json")) == ["PD002"]


def test_a_shallow_clone_says_what_to_fetch(
    repo: Run, promptctl: Run, write: Callable[..., None], project: Path, tmp_path: Path
) -> None:
    repo("switch", "-qc", "topic")
    for number in range(3):
        write("prompts/bot.yaml", PROMPT.replace("questions", f"{number} letters"))
        save(repo, f"commit {number}")
    clone = tmp_path / "clone"
    repo("clone", "-q", "--depth", "1", "--branch", "topic", project.as_uri(), str(clone))
    for words in (("HEAD~1",), ("origin/main",), ("HEAD^1", "HEAD"), ("origin/main...HEAD",)):
        ended = promptctl("diff", *words, cwd=clone)
        assert (ended.code, ended.out) == (3, ""), words
        assert "git fetch" in ended.err, words
    command = promptctl("diff", "HEAD~1", cwd=clone).err.partition("run '")[2].partition("'")[0].split()
    subprocess.run(command, cwd=clone, check=True, capture_output=True)
    assert promptctl("diff", "HEAD~1", cwd=clone).code == 0


def test_a_case_is_shown_as_the_model_reads_it(repo: Run, promptctl: Run, write: Callable[..., None]) -> None:
    write("prompts/bot.yaml", PROMPT.replace("You answer questions.", "You answer questions briefly."))
    ended = promptctl("diff", "--case", "reset")
    assert "bot: what the model reads for reset" in ended.out
    assert "+You answer questions{+ briefly+}." in ended.out
    assert promptctl("diff", "--case", "nosuch").code == 4


@pytest.mark.parametrize("name", ["text", "markdown", "junit", "sarif", "github", "gitlab", "html"])
def test_every_format_tells_the_finding(repo: Run, promptctl: Run, write: Callable[..., None], name: str) -> None:
    write("golden/bot.yaml", GOLDEN.partition("  - id: invoice")[0])
    ended = promptctl("diff", "--check", "--format", name)
    assert ended.code == 1
    assert "PD502" in ended.out
    assert "invoice" in ended.out


def test_fingerprints_survive_later_pushes(repo: Run, promptctl: Run, write: Callable[..., None]) -> None:
    write("golden/bot.yaml", GOLDEN.partition("  - id: invoice")[0])
    first = promptctl("diff", "--format", "json").json["findings"][0]["fingerprint"]
    save(repo, "one")
    write("golden/bot.yaml", "# a comment\n\n" + GOLDEN.partition("  - id: invoice")[0])
    write("prompts/bot.yaml", PROMPT.replace("temperature: 0", "temperature: 1"))
    save(repo, "two")
    later = {
        one["rule"]: one["fingerprint"] for one in promptctl("diff", "HEAD~2", "--format", "json").json["findings"]
    }
    assert later["PD502"] == first
    write("golden/bot.yaml", GOLDEN.partition("  - id: invoice")[0].replace("id: reset", "id: other"))
    assert {one["rule"] for one in promptctl("diff", "HEAD~2", "--format", "json").json["findings"]} >= {
        "PD502",
        "PD503",
    }
