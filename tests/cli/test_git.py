"""`promptctl git install` under the real git: diff, log, show, blame and merge, with promptctl there and without."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import BIN, clean_environment

PROMPT = """\
name: bot
version: 1.0.0
model: openai/gpt-4o-2024-08-06
parameters: {temperature: 0, max_tokens: 400}
system_prompt: |
  You answer for Acme. Be brief. Never guess.
  Be kind.
user_prompt: "{{ question }}"
"""
GOLDEN = """\
prompt: bot
cases:
  - id: one
    input: {question: One?}
    assertions: [{contains: "1"}]
  - id: two
    input: {question: Two?}
    assertions: [{contains: "2"}]
"""


@pytest.fixture
def repo(project: Path, git) -> Path:
    """A repository with a prompt and its golden set in the first commit."""
    git("init", "-q")
    write(project, "prompts/bot.yaml", PROMPT)
    write(project, "golden/bot.yaml", GOLDEN)
    git("add", ".")
    git("commit", "-qm", "one")
    return project


@pytest.fixture
def installed(repo: Path, promptctl, git) -> Path:
    assert promptctl("git", "install").code == 0
    git("add", ".gitattributes")
    git("commit", "-qm", "attributes")
    return repo


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def replace(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_bytes().decode()
    assert old in text
    write(folder, name, text.replace(old, new))


def without_promptctl(home: Path) -> dict[str, str]:
    """An environment whose PATH has git and a shell, and no promptctl."""
    env = clean_environment(home)
    folders = [folder for folder in os.environ["PATH"].split(os.pathsep) if not (Path(folder) / "promptctl").exists()]
    assert shutil.which("promptctl", path=os.pathsep.join(folders)) is None
    return env | {"PATH": os.pathsep.join(folders)}


def plus_minus(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(("+", "-")) and line[:3] not in ("+++", "---")]


def test_diff_shows_the_changed_sentence_under_its_heading(installed: Path, git) -> None:
    replace(installed, "prompts/bot.yaml", "Never guess.", "Never invent anything.")
    replace(installed, "prompts/bot.yaml", "{temperature: 0, max_tokens: 400}", "{max_tokens: 400, temperature: 0}")
    shown = git("diff")
    assert plus_minus(shown) == ["-  Never guess.", "+  Never invent anything."]
    git("add", ".")
    assert plus_minus(git("diff", "--cached")) == plus_minus(shown)


def test_a_hunk_is_headed_by_the_message_it_is_in(installed: Path, git) -> None:
    lines = "".join(f"  Rule {number}.\n" for number in range(20))
    replace(installed, "prompts/bot.yaml", "  Be kind.\n", lines)
    git("commit", "-qam", "rules")
    replace(installed, "prompts/bot.yaml", "Rule 15.", "Rule fifteen.")
    (header,) = [line for line in git("diff").splitlines() if line.startswith("@@")]
    assert header.endswith("@@ [system]")


def test_log_show_and_blame_show_it_too(installed: Path, git) -> None:
    replace(installed, "golden/bot.yaml", '{contains: "2"}', '{contains: "two"}')
    git("commit", "-qam", "second")
    expected = ['-  assert contains: "2"', "+  assert contains: two"]
    assert plus_minus(git("log", "-p", "-1")) == expected
    assert plus_minus(git("show")) == expected
    blamed = git("blame", "--textconv", "-s", "golden/bot.yaml").splitlines()
    assert [line.split(") ", 1)[1] for line in blamed if "[case" in line] == ["[case one]", "[case two]"]
    second = git("rev-parse", "HEAD")
    assert [line for line in blamed if second.startswith(line[:8])] == [blamed[-1]]
    assert git("rev-parse", "--verify", "refs/notes/textconv/promptctl")


def test_broken_yaml_is_shown_as_it_is(installed: Path, git) -> None:
    replace(installed, "prompts/bot.yaml", "name: bot", "name: [bot")
    assert "+name: [bot" in plus_minus(git("diff"))


def test_installing_twice_changes_nothing(installed: Path, promptctl, git) -> None:
    before = (installed / ".git/config").read_bytes(), (installed / ".gitattributes").read_bytes()
    ended = promptctl("git", "install")
    assert (ended.code, ended.out) == (0, "everything is in place already\n")
    assert ((installed / ".git/config").read_bytes(), (installed / ".gitattributes").read_bytes()) == before
    assert "python" not in git("config", "diff.promptctl.textconv")


@pytest.mark.parametrize("attributes", [None, "*.png binary\n", "*.png binary"])
def test_uninstalling_leaves_what_was_there(repo: Path, promptctl, git, attributes: str | None) -> None:
    git("config", "diff.other.textconv", "cat")
    if attributes is not None:
        write(repo, ".gitattributes", attributes)
    before = (repo / ".git/config").read_bytes()
    assert promptctl("git", "install").code == 0
    assert "/prompts/**/*.yaml diff=promptctl merge=promptctl\n" in (repo / ".gitattributes").read_text()
    assert promptctl("git", "install", "--private").code == 0
    assert git("log", "-p")
    assert promptctl("git", "uninstall").code == 0
    assert (repo / ".git/config").read_bytes() == before
    path = repo / ".gitattributes"
    assert (path.read_text() if path.exists() else None) == attributes
    assert "promptctl" not in git("for-each-ref")
    ended = promptctl("git", "uninstall")
    assert (ended.code, ended.out) == (0, "there was nothing to take out\n")


def test_for_every_repository_of_the_user(repo: Path, home: Path, promptctl, git, tmp_path: Path) -> None:
    before = (home / ".gitconfig").read_text()
    assert promptctl("git", "install", "--global", cwd=tmp_path).code == 0
    replace(repo, "prompts/bot.yaml", "Never guess.", "Do not guess.")
    assert plus_minus(git("diff")) == ["-  Never guess.", "+  Do not guess."]
    assert git("status", "--short") == "M prompts/bot.yaml"
    assert promptctl("git", "uninstall", "--global", cwd=tmp_path).code == 0
    assert (home / ".gitconfig").read_text() == before
    assert not (home / ".config/git/attributes").exists()


def test_a_named_attributes_file_of_the_user_is_used(repo: Path, home: Path, promptctl, git, tmp_path: Path) -> None:
    git("config", "--global", "core.attributesFile", "~/my attributes")
    assert promptctl("git", "install", "--global").code == 0
    assert "**/prompts/**/*.yaml diff=promptctl" in (home / "my attributes").read_text()


def test_a_project_below_the_top_with_odd_names(project: Path, promptctl, git) -> None:
    git("init", "-q")
    folder = project / "tools für alle"
    write(folder, "promptctl.yaml", 'prompts: ["my prompts", "solo.yaml"]\n')
    write(folder, "my prompts/größe.yaml", PROMPT)
    write(folder, "solo.yaml", PROMPT.replace("name: bot", "name: solo"))
    git("add", ".")
    git("commit", "-qm", "one")
    for options in ((), ("--private",)):
        assert promptctl("git", "install", *options, cwd=folder).code == 0
        for name in ("my prompts/größe.yaml", "solo.yaml"):
            replace(folder, name, "Never guess.", "Do not guess.")
            assert plus_minus(git("diff")) == ["-  Never guess.", "+  Do not guess."]
            replace(folder, name, "Do not guess.", "Never guess.")
        assert promptctl("git", "uninstall", cwd=folder).code == 0


def test_it_works_in_a_linked_worktree_and_in_a_hook(installed: Path, git, tmp_path: Path) -> None:
    linked = tmp_path / "linked tree"
    git("worktree", "add", "-q", "-b", "linked", str(linked))
    replace(linked, "prompts/bot.yaml", "Never guess.", "Do not guess.")
    assert plus_minus(git("diff", cwd=linked)) == ["-  Never guess.", "+  Do not guess."]
    hook = installed / ".git/hooks/pre-commit"
    hook.write_text(f'#!/bin/sh\ngit diff --cached > "{tmp_path}/seen"\n')
    hook.chmod(0o755)
    git("commit", "-qam", "in a hook", cwd=linked)
    assert plus_minus((tmp_path / "seen").read_text()) == ["-  Never guess.", "+  Do not guess."]


@pytest.fixture
def movable(repo: Path, home: Path, git, tmp_path: Path) -> Path:
    """Installed from a script that can be taken away; the path of the script."""
    script = tmp_path / "some bin" / "promptctl"
    script.parent.mkdir()
    shutil.copy(BIN / "promptctl", script)
    subprocess.run(
        [str(script), "git", "install"], cwd=repo, env=without_promptctl(home), check=True, capture_output=True
    )
    git("add", ".gitattributes")
    git("commit", "-qm", "attributes")
    return script


def test_without_promptctl_git_shows_plain_text_and_forgets_it_later(movable: Path, repo: Path, home: Path) -> None:
    replace(repo, "prompts/bot.yaml", "Never guess.", "Do not guess.")
    away = movable.with_name("away")
    env = without_promptctl(home)

    def run(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=repo, env=env, check=True, capture_output=True, text=True).stdout

    assert plus_minus(run("diff")) == ["-  Never guess.", "+  Do not guess."]
    run("commit", "-qam", "second")
    movable.rename(away)
    plain = ["-  You answer for Acme. Be brief. Never guess.", "+  You answer for Acme. Be brief. Do not guess."]
    run("show")  # the first time git still has the normal form of one side, and is told to keep nothing
    assert plus_minus(run("show")) == plain
    assert run("blame", "--textconv", "prompts/bot.yaml")
    assert run("log", "-p")
    away.rename(movable)
    replace(repo, "prompts/bot.yaml", "Be kind.", "Be polite.")
    run("diff")  # promptctl runs again, and has git forget what it was shown
    assert run("config", "diff.promptctl.cachetextconv") == "true\n"
    assert plus_minus(run("show")) == ["-  Never guess.", "+  Do not guess."]
    assert "+name: bot" not in run("log", "-p")


def test_installed_for_everything_it_comes_back_too(movable: Path, repo: Path, home: Path, git) -> None:
    env = without_promptctl(home)
    script = str(movable)
    for command in (["uninstall"], ["install", "--global"]):
        subprocess.run([script, "git", *command], cwd=repo, env=env, check=True, capture_output=True)
    config = (repo / ".git/config").read_text()
    away = movable.rename(movable.with_name("away"))
    replace(repo, "prompts/bot.yaml", "Never guess.", "Do not guess.")
    assert "+  You answer for Acme. Be brief. Do not guess." in git_without(repo, env, "diff", "prompts")
    assert git("config", "--local", "diff.promptctl.cachetextconv") == "false"
    away.rename(movable)
    assert plus_minus(git_without(repo, env, "diff", "prompts")) == ["-  Never guess.", "+  Do not guess."]
    assert (repo / ".git/config").read_text() == config


def git_without(repo: Path, env: dict[str, str], *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=repo, env=env, check=True, capture_output=True, text=True).stdout


def branches(repo: Path, git, name: str, ours: tuple[str, str], theirs: tuple[str, str]) -> None:
    git("checkout", "-qb", "side")
    replace(repo, name, *theirs)
    git("commit", "-qam", "theirs")
    git("checkout", "-q", "main")
    replace(repo, name, *ours)
    git("commit", "-qam", "ours")


def merged(repo: Path, home: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "merge", "-q", "--no-edit", "side"], cwd=repo, env=env or clean_environment(home),
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_merge_takes_both_changes_of_one_line(installed: Path, home: Path, git) -> None:
    branches(
        installed, git, "prompts/bot.yaml", ("temperature: 0", "temperature: 1"), ("max_tokens: 400", "max_tokens: 9")
    )
    assert merged(installed, home).returncode == 0
    assert "parameters: {temperature: 1, max_tokens: 9}\n" in (installed / "prompts/bot.yaml").read_text()


def test_merge_conflicts_where_both_changed_one_message(installed: Path, home: Path, git) -> None:
    branches(installed, git, "prompts/bot.yaml", ("Be brief.", "Be short."), ("  Be kind.", "  Be polite."))
    ended = merged(installed, home)
    assert ended.returncode == 1
    assert "both sides changed system_prompt" in ended.stderr
    text = (installed / "prompts/bot.yaml").read_text()
    assert text.index("<<<<<<< ours\n") < text.index("Be short.") < text.index("=======\n") < text.index("Be polite.")
    assert git("diff", "--name-only", "--diff-filter=U") == "prompts/bot.yaml"


def test_without_promptctl_git_merges_the_lines(movable: Path, repo: Path, home: Path, git) -> None:
    branches(repo, git, "prompts/bot.yaml", ("version: 1.0.0", "version: 1.1.0"), ("  Be kind.", "  Be polite."))
    movable.unlink()
    assert merged(repo, home, without_promptctl(home)).returncode == 0
    text = (repo / "prompts/bot.yaml").read_text()
    assert "version: 1.1.0" in text
    assert "Be polite." in text


def test_a_file_nobody_can_read_is_merged_by_its_lines(installed: Path, home: Path, git) -> None:
    write(installed, "golden/notes.yaml", "a: [\n1\n2\n3\n4\n5\n6\n")
    git("add", ".")
    git("commit", "-qm", "broken")
    branches(installed, git, "golden/notes.yaml", ("1\n", "one\n"), ("6\n", "six\n"))
    assert merged(installed, home).returncode == 0
    assert (installed / "golden/notes.yaml").read_text() == "a: [\none\n2\n3\n4\n5\nsix\n"


def test_outside_of_a_repository_there_is_nothing_to_install_into(project: Path, promptctl) -> None:
    ended = promptctl("git", "install")
    assert ended.code == 2
    assert "is not in a git repository" in ended.err
