"""`promptctl init` as a process, in empty folders, in repositories, and where somebody was before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

EVERYTHING = (
    ".gitattributes",
    ".github/workflows/promptctl.yml",
    ".pre-commit-config.yaml",
    "golden/ticket-triage.yaml",
    "promptctl.yaml",
    "prompts/ticket-triage.yaml",
    "schemas/ticket-triage.json",
    "scripted/ticket-triage.yaml",
)


def files(root: Path) -> dict[str, bytes]:
    found = (path for path in root.rglob("*") if path.is_file())
    named = {path.relative_to(root).as_posix(): path.read_bytes() for path in found}
    return {name: data for name, data in named.items() if not name.startswith((".git/", ".promptctl/"))}


def test_in_an_empty_repository_eval_passes_right_after_it(promptctl, git, project: Path) -> None:
    git("init", "-q")
    ended = promptctl("init")
    assert (ended.code, ended.err) == (0, "")
    assert tuple(sorted(files(project))) == EVERYTHING
    assert all(f"wrote    {name}\n" in ended.out for name in EVERYTHING)
    assert "\nnext:\n  promptctl eval " in ended.out
    evaluated = promptctl("eval", "--format", "json")
    assert (evaluated.code, evaluated.json["summary"]["passed"]) == (0, 6)
    assert promptctl("doctor").code == 0
    linted = promptctl("lint", "--format", "json")
    assert linted.code == 0
    assert [one for one in linted.json["findings"] if one["severity"] != "info"] == []


def test_outside_of_git_it_works_too_and_says_git_init(promptctl, project: Path) -> None:
    ended = promptctl("init", "new/place")
    assert ended.code == 0
    assert tuple(sorted(files(project / "new/place"))) == EVERYTHING
    assert "  git init new/place " in ended.out
    assert "  promptctl -C new/place eval " in ended.out
    assert promptctl("-C", "new/place", "show", "ticket-triage").code == 0


@pytest.mark.parametrize("gone", ["Never promise a refund", "What stands between"])
def test_the_example_measures_its_instructions(promptctl, project: Path, gone: str) -> None:
    promptctl("init")
    path = project / "prompts/ticket-triage.yaml"
    kept = [line for line in path.read_text().splitlines(keepends=True) if gone not in line]
    path.write_text("".join(kept))
    ended = promptctl("eval", "--format", "json")
    assert (ended.code, ended.json["summary"]["failed"]) == (1, 1)


def test_a_second_time_changes_nothing(promptctl, git, project: Path) -> None:
    git("init", "-q")
    promptctl("init")
    before = files(project)
    ended = promptctl("init")
    assert ended.code == 0
    assert files(project) == before
    assert "wrote" not in ended.out
    assert ended.out.count("(exists)") == len(EVERYTHING)


def test_what_exists_is_kept(promptctl, git, project: Path) -> None:
    git("init", "-q")
    theirs = {
        "promptctl.yaml": b"recordings: answers/kept\r\n",
        "golden/ticket-triage.yaml": b"",
        ".pre-commit-config.yaml": b"repos: []\n",
        ".gitattributes": b"*.png binary",
    }
    for name, data in theirs.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_bytes(data)
    ended = promptctl("init")
    assert ended.code == 0
    after = files(project)
    assert {name: after[name] for name in theirs if name != ".gitattributes"} == {
        name: data for name, data in theirs.items() if name != ".gitattributes"
    }
    assert after[".gitattributes"] == b"*.png binary\nanswers/kept/*.jsonl merge=union\n"
    assert "extended .gitattributes (one line)" in ended.out
    assert "kept     golden/ticket-triage.yaml" in ended.out
    snippet = ended.out.partition("under `repos:`\n")[2].partition("wrote")[0].partition("\nnext")[0]
    hook = yaml.safe_load(snippet)[0]["hooks"][0]
    assert (hook["id"], hook["pass_filenames"], hook["always_run"]) == ("promptctl-lint", False, True)


def test_lines_of_windows_get_a_line_of_windows(promptctl, project: Path) -> None:
    (project / ".gitattributes").write_bytes(b"*.png binary\r\n")
    promptctl("init")
    assert (project / ".gitattributes").read_bytes() == b"*.png binary\r\nrecordings/*.jsonl merge=union\r\n"


def test_no_example_among_prompts_of_somebodys_own(promptctl, project: Path) -> None:
    (project / "prompts").mkdir()
    (project / "prompts/mine.yaml").write_text("model: openai/gpt-4o-2024-08-06\nsystem_prompt: Hi.\n")
    ended = promptctl("init")
    assert ended.code == 0
    assert "left out prompts/ticket-triage.yaml" in ended.out
    assert "show ticket-triage" not in ended.out
    assert sorted(path.name for path in project.rglob("*triage*")) == []


def test_in_a_folder_of_a_repository_ci_stands_at_its_top(promptctl, git, project: Path) -> None:
    git("init", "-q")
    ended = promptctl("init", "services/my bot")
    assert ended.code == 0
    assert "promptctl.yaml" in files(project / "services/my bot")
    workflow = yaml.safe_load((project / ".github/workflows/promptctl.yml").read_text())
    runs = [step.get("run", "") for step in workflow["jobs"]["promptctl"]["steps"]]
    assert "promptctl -C 'services/my bot' lint --format github" in runs
    hook = yaml.safe_load((project / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"][0]
    assert hook["entry"] == "promptctl -C 'services/my bot' lint --staged"
    assert not (project / "services/my bot/.github").exists()
    assert git("check-attr", "merge", "services/my bot/recordings/x.jsonl").endswith("merge: union")


def test_the_workflow_asks_for_little_and_installs_this_version(promptctl, project: Path) -> None:
    promptctl("init")
    workflow = yaml.safe_load((project / ".github/workflows/promptctl.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    version = promptctl("--version").out.split()[1]
    runs = [step.get("run", "") for step in workflow["jobs"]["promptctl"]["steps"]]
    assert f'pip install "promptctl=={version}"' in runs
    assert not any("@AT@" in run or "${{" in run for run in runs)


def test_a_folder_that_leads_out_is_refused(promptctl, project: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (project / "golden").symlink_to(tmp_path / "elsewhere")
    ended = promptctl("init")
    assert ended.code == 2
    assert "golden is a symbolic link to" in ended.err
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_in_the_way_is_named(promptctl, project: Path) -> None:
    (project / "here").write_text("x")
    ended = promptctl("init", "here")
    assert ended.code == 2
    assert "is a file, not a folder" in ended.err
    (project / "prompts").write_text("x")
    ended = promptctl("init")
    assert ended.code == 2
    assert f"{project / 'prompts'}: is a file, not a folder" in ended.err


def test_a_disk_that_is_full_is_not_a_bug(home: Path, project: Path) -> None:
    limited = "import resource, os, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64)); os.execv(sys.argv[1], sys.argv[1:])"
    script = str(Path(sys.executable).parent / "promptctl")
    done = subprocess.run(
        [sys.executable, "-B", "-c", limited, script, "init"], cwd=project, capture_output=True, text=True, check=False,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 3
    assert "the disk is full" in done.stderr
    assert files(project) == {}  # half a file would be kept the next time
