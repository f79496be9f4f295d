"""The hook of .pre-commit-hooks.yaml under the real pre-commit, in real commits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from test_lint import ALIAS, CONFIG, GOLDEN, GOOD, MAIN, environment, git, write

REPOSITORY = Path(__file__).resolve().parents[2]
PRE_COMMIT = os.environ.get("PROMPTCTL_TEST_PRE_COMMIT") or shutil.which("pre-commit")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PRE_COMMIT is None, reason="pre-commit is not installed (or set PROMPTCTL_TEST_PRE_COMMIT)"),
]


@pytest.fixture
def hooked(tmp_path: Path) -> Path:
    """A repository with the published hook installed; `language` alone is changed, so that no environment is built."""
    script = tmp_path / "bin" / "promptctl"
    write(
        tmp_path,
        {"bin/main.py": MAIN, "bin/promptctl": f'#!/bin/sh\nexec "{sys.executable}" "{tmp_path}/bin/main.py" "$@"\n'},
    )
    script.chmod(0o755)
    published = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())
    (hook,) = [one for one in published if one["id"] == "promptctl-lint"]
    folder = tmp_path / "project"
    hook |= {"language": "unsupported", "entry": f"{script.parent}/{hook['entry']}"}
    write(
        folder,
        {
            ".pre-commit-config.yaml": yaml.safe_dump({"repos": [{"repo": "local", "hooks": [hook]}]}),
            "promptctl.yaml": CONFIG,
            "prompts/bot.yaml": GOOD,
            "golden/bot.yaml": GOLDEN,
        },
    )
    git(folder, "init", "-q", "-b", "main")
    run(folder, str(PRE_COMMIT), "install")
    git(folder, "add", ".")
    assert commit(folder, "-m", "first").returncode == 0
    return folder


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    more = {"PRE_COMMIT_HOME": str(folder.parent / "pre-commit"), "PRE_COMMIT_COLOR": "never"}
    return subprocess.run(
        command, cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=120, check=False
    )


def commit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "git", "commit", *arguments)


def refused(done: subprocess.CompletedProcess[str], what: str) -> bool:
    assert "promptctl lint" in done.stdout + done.stderr, done.stderr
    return done.returncode == 1 and what in done.stdout + done.stderr


def test_what_is_staged_is_judged_and_not_what_lies_in_the_folder(hooked: Path) -> None:
    write(hooked, {"prompts/bot.yaml": ALIAS})
    git(hooked, "add", ".")
    write(hooked, {"prompts/bot.yaml": GOOD + "# not staged\n"})
    assert refused(commit(hooked, "-m", "an alias"), "PL101")
    git(hooked, "add", ".")
    write(hooked, {"prompts/bot.yaml": ALIAS})
    assert commit(hooked, "-m", "a comment").returncode == 0


def test_commit_all_and_commit_of_a_path_are_judged_by_the_index_git_makes_for_them(hooked: Path) -> None:
    write(hooked, {"prompts/bot.yaml": ALIAS})
    assert refused(commit(hooked, "-a", "-m", "an alias"), "PL101")
    assert refused(commit(hooked, "-m", "an alias", "--", "prompts/bot.yaml"), "PL101")
    write(hooked, {"golden/bot.yaml": GOLDEN + "# more\n"})
    assert commit(hooked, "-m", "only this", "--", "golden/bot.yaml").returncode == 0
    write(hooked, {"prompts/bot.yaml": GOOD + "# fine\n"})
    assert commit(hooked, "-a", "-m", "good").returncode == 0


def test_a_commit_that_only_deletes_is_judged(hooked: Path) -> None:
    write(hooked, {"promptctl.yaml": "lint: {select: [PL008], severity: {PL008: error}}\n"})
    assert commit(hooked, "-a", "-m", "stricter").returncode == 0
    git(hooked, "rm", "-q", "prompts/bot.yaml")
    write(hooked, {"prompts/other.yaml": GOOD})
    git(hooked, "add", ".")
    assert refused(commit(hooked, "-m", "gone"), "PL008")


def test_a_commit_of_nothing_but_deletions_reaches_the_hook(hooked: Path) -> None:
    write(hooked, {"promptctl.yaml": "lint: {select: [PL008], severity: {PL008: error}}\n", "prompts/other.yaml": GOOD})
    git(hooked, "add", ".")
    assert commit(hooked, "-m", "two prompts").returncode == 0
    git(hooked, "rm", "-q", "prompts/bot.yaml")
    assert refused(commit(hooked, "-m", "gone"), "PL008")


def test_many_files_are_one_process_and_one_answer(hooked: Path) -> None:
    files = {f"prompts/{'long-name-' * 12}{number}.yaml": GOOD for number in range(1200)}
    write(hooked, files | {"prompts/last.yaml": ALIAS})
    git(hooked, "add", ".")
    done = commit(hooked, "-m", "many")
    assert refused(done, "PL101")
    assert (done.stdout + done.stderr).count("(1,201 files checked)") == 1, done.stdout[-500:]


def test_a_commit_in_a_linked_worktree_is_judged_there(hooked: Path) -> None:
    git(hooked, "worktree", "add", "-q", "../linked", "-b", "side")
    linked = hooked.parent / "linked"
    write(linked, {"prompts/bot.yaml": ALIAS})
    assert refused(commit(linked, "-a", "-m", "an alias"), "PL101")
    assert commit(hooked, "--allow-empty", "-m", "nothing").returncode == 0
