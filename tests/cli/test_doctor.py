"""`promptctl doctor` as a process: every fault it names is planted for real."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import promptctl as promptctl_package
from promptctl.adapters.prices import litellm_folder
from promptctl.adapters.probes import packages, refused_by

PLAIN = "model: openai/gpt-4o-2024-08-06\nsystem_prompt: Hello.\n"
GOLDEN = "cases: [{id: a, input: x, assertions: [{contains: b}]}]\n"
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12345\n"


@pytest.fixture
def ready(git, evaluated_once: Path, project: Path) -> Path:
    """A repository in which there is nothing to do, with a cache and a stored run of its own."""
    git("init", "-q")
    shutil.copytree(evaluated_once, project, dirs_exist_ok=True)
    (project / ".promptctl").rename(project / ".git/promptctl")
    return project


def write(root: Path, name: str, text: str) -> Path:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)
    return root / name


def examined(promptctl: Callable[..., Any], *, code: int, **options: Any) -> list[tuple[str, str, str, str]]:
    """Every check that is not ok, as (name, status, what, do)."""
    ended = promptctl("doctor", "--format", "json", **options)
    assert (ended.code, ended.err) == (code, "")
    assert ended.json["ready"] is (code == 0)
    found = [(one["name"], one["status"], one["what"], one["do"] or "") for one in ended.json["checks"]]
    return [one for one in found if one[1] != "ok"]


def test_where_all_is_well_there_is_nothing_to_do(promptctl, ready: Path) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in ready.rglob("*"))
    ended = promptctl("doctor")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[-1] == "ready: nothing to do"
    assert all(line.startswith("ok ") for line in lines[:-2])
    names = [line.split()[1] for line in lines[:-2]]
    assert names == [
        "promptctl:", "packages:", "tokens:", "git:", "repository:", "config:", "prompts:", "golden:", "keys:", "state:",
        "cache:", "runs:",
    ]  # fmt: skip
    document = promptctl("doctor", "--format", "json").json
    assert (document["version"], document["kind"]) == (1, "doctor")
    assert document["summary"] == {"ok": 12, "info": 0, "warning": 0, "problem": 0}
    assert sorted((path, path.stat().st_mtime_ns) for path in ready.rglob("*")) == before


def test_no_git_repository(promptctl, project: Path) -> None:
    found = examined(promptctl, code=0)
    assert ("repository", "warning", f"{project} is in no git repository: there are no baselines", "git init") in found
    assert ("prompts", "warning", "there are no prompts under prompts", "promptctl init writes an example") in found


def test_no_git_at_all(promptctl, ready: Path, tmp_path: Path) -> None:
    alone = tmp_path / "bin"
    alone.mkdir()
    found = examined(promptctl, code=0, env={"PATH": str(alone)})
    assert found == [
        ("git", "warning", "git is not installed, or not on the PATH: no baselines", "install git 2.31 or later")
    ]


def test_an_old_git(promptctl, ready: Path, tmp_path: Path) -> None:
    script = write(
        tmp_path,
        "bin/git",
        '#!/bin/sh\n[ "$2" = --version ] && echo git version 2.20.1 && exit\nexec /usr/bin/git "$@"\n',
    )
    script.chmod(0o755)
    found = examined(promptctl, code=0, env={"PATH": f"{script.parent}:/usr/bin:/bin"})
    assert found == [("git", "warning", "git version 2.20.1 is old", "install git 2.31 or later")]


def test_a_shallow_clone(promptctl, git, ready: Path, tmp_path: Path) -> None:
    git("add", "-A")
    git("commit", "-qm", "one")
    git("commit", "-qm", "two", "--allow-empty")
    git("clone", "-q", "--depth", "1", f"file://{ready}", str(tmp_path / "clone"))
    found = examined(promptctl, code=0, cwd=tmp_path / "clone")
    assert [one[:2] for one in found] == [("repository", "warning")]
    assert "is a shallow clone" in found[0][2]
    assert "git fetch --unshallow" in found[0][3]
    git("fetch", "-q", "--unshallow", cwd=tmp_path / "clone")
    assert examined(promptctl, code=0, cwd=tmp_path / "clone") == []


def test_a_repository_of_another_user(promptctl, git, ready: Path) -> None:
    # git's own switch for its tests of this: it then takes every folder for somebody else's
    found = examined(promptctl, code=1, env={"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"})
    assert found == [
        (
            "repository",
            "problem",
            f"git refuses to read {ready}: the folder belongs to another user",
            f"if you trust it: git config --global --add safe.directory {ready}",
        )
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_a_repository_given_to_another_user(promptctl, ready: Path) -> None:
    for path in (ready, ready / ".git"):
        os.chown(path, 54321, 54321)
    found = examined(promptctl, code=1)
    assert [one[:2] for one in found] == [("repository", "problem")]
    assert "belongs to another user" in found[0][2]


def test_a_repository_git_cannot_read(promptctl, ready: Path) -> None:
    (ready / ".git/HEAD").write_text("nonsense")
    found = examined(promptctl, code=1)
    assert [one[:2] for one in found] == [("repository", "problem")]
    assert f"git cannot read {ready}: fatal: " in found[0][2]


def test_a_configuration_that_is_wrong(promptctl, ready: Path) -> None:
    write(ready, "promptctl.yaml", "eval:\n  concurency: 3\n")
    found = examined(promptctl, code=1)
    assert found[0][:2] == ("config", "problem")
    assert found[0][2].startswith("promptctl.yaml:2:3: ")
    assert "did you mean 'concurrency'" in found[0][3]
    assert [one[:2] for one in found[1:]] == [("project", "warning")]


def test_a_prompt_that_cannot_be_parsed(promptctl, ready: Path) -> None:
    write(ready, "prompts/bad.yaml", "model: [\n")
    found = examined(promptctl, code=1)
    assert [one[:2] for one in found] == [("prompts", "problem")]
    assert found[0][2].startswith("prompts/bad.yaml:")


def test_a_prompt_without_a_golden_set(promptctl, ready: Path) -> None:
    write(ready, "prompts/chat.yaml", PLAIN.replace("openai/gpt-4o-2024-08-06", "ollama_chat/llama3.2"))
    what = "prompts/chat.yaml: chat has no golden set, so nothing measures it"
    do = "write golden/chat.yaml, or name one with `golden:`"
    assert examined(promptctl, code=0) == [("golden", "warning", what, do)]


def test_a_golden_set_that_is_an_lfs_pointer(promptctl, ready: Path) -> None:
    write(ready, "golden/ticket-triage.yaml", LFS)
    found = examined(promptctl, code=1)
    assert [one[:2] for one in found] == [("golden", "problem")]
    assert found[0][2] == "golden/ticket-triage.yaml: is a Git LFS pointer, not the file itself"
    assert "git lfs pull" in found[0][3]


def test_a_golden_set_that_cannot_be_read(promptctl, ready: Path) -> None:
    write(ready, "golden/spare.yaml", "cases: [{id: a, inputs: {}}]\n")
    found = examined(promptctl, code=1)
    assert [one[:2] for one in found] == [("golden", "problem")]
    assert found[0][2].startswith("golden/spare.yaml:1:")


def test_a_key_that_is_missing(promptctl, ready: Path) -> None:
    write(ready, "prompts/chat.yaml", PLAIN + "fallbacks: [anthropic/claude-sonnet-4-6]\n")
    write(ready, "golden/chat.yaml", GOLDEN)
    found = examined(promptctl, code=1)
    assert [one[:2] for one in found] == [("keys", "problem"), ("keys", "warning")]
    assert "OPENAI_API_KEY is not set (needed for openai/gpt-4o-2024-08-06)" in found[0][2]
    assert "ANTHROPIC_API_KEY" in found[1][2]
    keys = {"OPENAI_API_KEY": "sk-not-a-real-one", "ANTHROPIC_API_KEY": "sk-ant-not-a-real-one"}
    assert examined(promptctl, code=0, env=keys) == []
    assert "not-a-real-one" not in promptctl("doctor", env=keys).out


def test_a_judge_needs_its_key_too(promptctl, ready: Path) -> None:
    write(ready, "judges/tone.yaml", PLAIN.replace("openai/gpt-4o-2024-08-06", "anthropic/claude-sonnet-4-6"))
    found = examined(promptctl, code=1)
    assert [one[:2] for one in found] == [("keys", "problem")]
    assert "needed for anthropic/claude-sonnet-4-6" in found[0][2]


def test_a_default_judge_that_is_not_there_and_labels_that_cannot_be_read(promptctl, ready: Path) -> None:
    write(ready, "judges/fair.yaml", 'model: scripted/bot\nscale: 1-5\nuser_prompt: "{{ rubric }}{{ output }}"\n')
    write(ready, "judges/fair.labels.jsonl", "\ngarbage\n")
    write(ready, "promptctl.yaml", "eval: {judge: fare}\n")
    found = {name: (status, what, do) for name, status, what, do in examined(promptctl, code=1)}
    assert found["judges"] == (
        "problem",
        "promptctl.yaml: eval.judge: there is no judge 'fare'",
        "did you mean fair?",
    )
    assert found["labels"][:2] == ("problem", found["labels"][1])
    assert found["labels"][1].startswith("judges/fair.labels.jsonl:2:")


def test_a_host_that_is_not_allowed(promptctl, ready: Path) -> None:
    write(ready, "promptctl.yaml", "providers:\n  openai: {api_base: https://collector.example.net/v1}\n")
    found = examined(promptctl, code=1)
    assert [one[:2] for one in found] == [("hosts", "problem")]
    assert "collector.example.net" in found[0][2]
    assert "PROMPTCTL_ALLOW_HOSTS=collector.example.net" in found[0][3]
    assert examined(promptctl, code=0, env={"PROMPTCTL_ALLOW_HOSTS": "collector.example.net"}) == []


def test_a_scripted_model_that_is_wrong_or_gone(promptctl, ready: Path) -> None:
    script = write(ready, "scripted/ticket-triage.yaml", "rules: [{when: {usr: x}, reply: y}]\n")
    found = examined(promptctl, code=1)
    assert found == [
        ("models", "problem", "scripted/ticket-triage.yaml:1:17: unknown key `usr`", "did you mean `user`?")
    ]
    script.unlink()
    found = examined(promptctl, code=1)
    assert found[0][:2] == ("models", "problem")
    assert "there is no scripted/ticket-triage.yaml" in found[0][2]


def test_state_that_cannot_be_kept(promptctl, ready: Path) -> None:
    write(ready, "file", "")
    found = examined(promptctl, code=0, env={"PROMPTCTL_STATE_DIR": str(ready / "file/state")})
    assert [one[:2] for one in found] == [("state", "warning")]
    assert f"{ready / 'file'} is not a folder" in found[0][2]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_state_without_permission(promptctl, ready: Path) -> None:
    (ready / ".git/promptctl").chmod(0o500)
    found = examined(promptctl, code=0)
    assert [one[:2] for one in found] == [("state", "warning")]


def swapped(data: bytes, page: int) -> bytes:
    """A database whose table begins on this page (of 4096 bytes) with its first two rows in the wrong order."""
    at = (page - 1) * 4096
    assert data[at] == 0x0D  # a leaf of a table, https://sqlite.org/fileformat2.html#b_tree_pages
    first, second = data[at + 8 : at + 10], data[at + 10 : at + 12]
    return data[: at + 8] + second + first + data[at + 12 :]


@pytest.mark.parametrize("damage", ["no database", "cut off", "torn", "swapped"])
def test_a_damaged_cache(promptctl, ready: Path, damage: str) -> None:
    cache = ready / ".git/promptctl/cache.sqlite"
    for suffix in ("-wal", "-shm"):
        Path(f"{cache}{suffix}").unlink(missing_ok=True)
    data = cache.read_bytes()
    with closing(sqlite3.connect(f"file:{cache}?immutable=1", uri=True)) as db:
        page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'completions'").fetchone()[0]
    broken = {
        "no database": b"x" * 5000,
        "cut off": data[:5000],
        "torn": data[:4096] + b"\xff" * (len(data) - 4096),
        "swapped": swapped(data, page),
    }[damage]
    cache.write_bytes(broken)
    found = examined(promptctl, code=1)
    assert [one[:2] for one in found] == [("cache", "problem")]
    assert found[0][2].startswith(f"{cache} is damaged: ")
    assert cache.read_bytes() == broken


def test_recordings_that_will_conflict(promptctl, ready: Path) -> None:
    assert promptctl("eval", "--case", "wish", "--record").code == 0
    assert examined(promptctl, code=0) == []
    (ready / ".gitattributes").write_text("*.png binary\n")
    found = examined(promptctl, code=0)
    assert [one[:2] for one in found] == [("merge", "warning")]
    assert "recordings/*.jsonl merge=union" in found[0][3]
    assert promptctl("init").code == 0
    assert examined(promptctl, code=0) == []


def test_recordings_that_cannot_be_read(promptctl, ready: Path) -> None:
    write(ready, "recordings/ticket-triage.jsonl", "<<<<<<< HEAD\n")
    found = examined(promptctl, code=1)
    assert [one[:2] for one in found] == [("recordings", "problem")]
    assert found[0][2].startswith("recordings/ticket-triage.jsonl:1: an unfinished merge")


def test_a_dotenv_is_not_read_and_that_is_said(promptctl, ready: Path) -> None:
    write(ready, ".env", "OPENAI_API_KEY=sk-from-a-file\n")
    what = f"{ready / '.env'} is here; promptctl does not read it"
    assert examined(promptctl, code=0) == [
        ("dotenv", "info", what, "export the keys in the shell, or as secrets in CI")
    ]


def test_variables_that_send_requests_elsewhere(promptctl, ready: Path) -> None:
    found = examined(promptctl, code=0, env={"HTTPS_PROXY": "http://user:secret@proxy.example.net:3128"})
    assert [one[:2] for one in found] == [("environment", "info")]
    assert "HTTPS_PROXY (proxy.example.net)" in found[0][2]
    assert "secret" not in found[0][2]


def test_a_stored_run_that_is_damaged(promptctl, ready: Path) -> None:
    run = next((ready / ".git/promptctl/runs").iterdir())
    (run / "run.json").write_text('{"version": 1, "kind": "run"')
    found = examined(promptctl, code=0)
    assert [one[:2] for one in found] == [("runs", "warning")]
    assert f"run {run.name} is damaged: " in found[0][2]
    assert found[0][3] == f"delete {run}"


def test_litellm_of_an_excluded_version(promptctl, ready: Path, tmp_path: Path) -> None:
    write(
        tmp_path, "first/litellm-1.106.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: litellm\nVersion: 1.106.2\n"
    )
    found = examined(promptctl, code=1, env={"PYTHONPATH": str(tmp_path / "first")})
    assert [one[:2] for one in found] == [("packages", "problem")]
    assert found[0][2] == "litellm 1.106.2 is not supported (!=1.106.* is required)"
    assert found[0][3].startswith("pip install 'litellm")


def link_all(source: Path, target: Path, gone: set[Path]) -> None:
    """A folder with links to everything in another but the paths that are gone."""
    target.mkdir()
    for entry in source.iterdir():
        below = {path.relative_to(entry.name) for path in gone if path.parts[0] == entry.name}
        if Path() in below:
            continue
        if below:
            link_all(entry, target / entry.name, below)
        else:
            (target / entry.name).symlink_to(entry)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Where the packages of another installation are to be."""
    return tmp_path / "site"


@pytest.fixture
def examined_there(ready: Path, site: Path) -> Callable[[], subprocess.CompletedProcess[str]]:
    """Runs doctor with the packages in `site` in place of the installed ones."""

    def run() -> subprocess.CompletedProcess[str]:
        own = site / "promptctl"  # installed, it is linked already; in a development environment it lies elsewhere
        if not own.exists():
            own.symlink_to(Path(promptctl_package.__file__).parent)
        code = (
            "import sys\nsys.path[:] = [path for path in sys.path if 'site-packages' not in path]\n"
            f"sys.path += {[str(site)]!r}\n"
            "sys.argv = ['promptctl', 'doctor']\nfrom promptctl.cli.app import main\nmain()"
        )
        return subprocess.run(
            [sys.executable, "-S", "-c", code], cwd=ready, capture_output=True, text=True, check=False,
            env={"HOME": str(site), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip

    return run


INSTALLED = litellm_folder().parent
ENCODINGS = Path("litellm/litellm_core_utils/tokenizers")


def test_litellm_missing(examined_there, site: Path) -> None:
    link_all(
        INSTALLED, site, {Path(path.name) for path in (*INSTALLED.glob("litellm-*.dist-info"), INSTALLED / "litellm")}
    )
    done = examined_there()
    assert (done.returncode, done.stderr) == (1, "")
    assert "problem  packages: litellm is not installed\n" in done.stdout
    assert "\nnot ready: " in done.stdout


def test_the_encodings_missing(examined_there, site: Path) -> None:
    link_all(INSTALLED, site, {ENCODINGS})
    done = examined_there()
    assert (done.returncode, done.stderr) == (1, "")
    assert "problem  tokens: the o200k_base encoding is not on this machine" in done.stdout
    assert "problem  tokens: the cl100k_base encoding is not on this machine" in done.stdout


def test_the_encodings_replaced(examined_there, site: Path) -> None:
    link_all(INSTALLED, site, {ENCODINGS})
    for file in (INSTALLED / ENCODINGS).iterdir():
        write(site, f"{ENCODINGS}/{file.name}", "IQ== 0\n")
    done = examined_there()
    assert done.returncode == 1
    assert done.stdout.count("is not the published one") == 2


def test_another_installation_that_is_whole(examined_there, site: Path) -> None:
    link_all(INSTALLED, site, set())
    done = examined_there()
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("installed", "wanted", "refused"),
    [
        ("1.105.0", ">=1.101,!=1.106.*,!=1.108.0,<1.110", None),
        ("1.106.9", ">=1.101,!=1.106.*,!=1.108.0,<1.110", "!=1.106.*"),
        ("1.108.0", ">=1.101,!=1.106.*,!=1.108.0,<1.110", "!=1.108.0"),
        ("1.108", "!=1.108.0", "!=1.108.0"),
        ("1.109.9.post1", ">=1.101,<1.110", None),
        ("1.110.0rc1", "<1.110", "<1.110"),
        ("1.99", ">=1.101", ">=1.101"),
        ("0.28.0", "<0.29,>=0.27.3", None),
        ("6", ">=6.0.0", None),
        ("2!1.0", "<2", None),
        ("1.0", "", None),
    ],
)
def test_ranges(installed: str, wanted: str, refused: str | None) -> None:
    assert refused_by(installed, wanted) == refused


def test_every_requirement_is_looked_at_and_understood() -> None:
    found = {package.name.lower(): package for package in packages()}
    assert {"litellm", "gitpython", "typer", "tiktoken", "scipy"} <= set(found)
    assert "pytest" not in found
    assert all(refused_by("0.0.0.1", package.wanted) is not None for package in found.values())


def test_bad_usage(promptctl, project: Path) -> None:
    ended = promptctl("doctor", "--format", "html")
    assert (ended.code, ended.out) == (2, "")
    assert "doctor has no format 'html'\n  hint: the formats are text and json" in ended.err
    assert promptctl("doctor", "-C", "absent").code == 2
