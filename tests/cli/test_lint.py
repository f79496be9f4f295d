"""`promptctl lint`, `explain` and `rules` as processes, in real repositories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest

from promptctl.cli.report_codes import page

MAIN = "from promptctl.cli.app import main\nmain()\n"
CONFIG = "lint: {select: [PL001, PL101, PL008, PL403]}\n"
ALIAS = "model: openai/gpt-4o\nsystem_prompt: Hello.\n"
GOOD = "model: anthropic/claude-sonnet-4-6\nsystem_prompt: Hello.\n"
GOLDEN = "cases: [{id: a, input: x, assertions: [{contains: b}]}]\n"


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PROMPTCTL_"))}
    author = {
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.com",
    }
    return kept | author | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull} | more


def promptctl(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", MAIN, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=60, check=False
    )


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment(), capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one good prompt and golden set, committed."""
    folder = tmp_path / "project"
    write(folder, {"promptctl.yaml": CONFIG, "prompts/bot.yaml": GOOD, "golden/bot.yaml": GOLDEN})
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def found(done: subprocess.CompletedProcess[str]) -> list[tuple[str, str, int | None]]:
    assert done.returncode in (0, 1), done.stderr
    return [(one["rule"], one["path"], one["line"]) for one in json.loads(done.stdout)["findings"]]


def test_nothing_found_is_0_and_an_error_is_1_with_the_line_a_caret_and_the_hint(repository: Path) -> None:
    assert promptctl(repository, "lint").returncode == 0
    write(repository, {"prompts/bot.yaml": ALIAS})
    done = promptctl(repository, "lint")
    assert done.returncode == 1
    assert "model: openai/gpt-4o" in done.stdout
    assert "^^^^^^^^^^^^^" in done.stdout
    assert "hint: pin it" in done.stdout


def test_the_document_of_lint_is_version_1_with_every_key_of_a_finding(repository: Path) -> None:
    write(repository, {"prompts/bot.yaml": ALIAS})
    document = json.loads(promptctl(repository, "lint", "--format", "json").stdout)
    assert (document["version"], document["kind"]) == (1, "lint")
    (one,) = document["findings"]
    assert set(one) == {"rule", "name", "severity", "message", "path", "line", "column", "hint", "fingerprint"}
    assert (one["rule"], one["name"], one["severity"], one["line"], one["column"]) == (
        "PL101",
        "unpinned-model",
        "error",
        1,
        8,
    )
    assert document["summary"] == {"files": 3, "errors": 1, "warnings": 0, "infos": 0}


@pytest.mark.parametrize("name", ["text", "json", "github", "gitlab", "sarif", "junit", "markdown"])
def test_every_format_speaks_of_the_finding(repository: Path, name: str) -> None:
    write(repository, {"prompts/bot.yaml": ALIAS})
    done = promptctl(repository, "lint", "--format", name, "--report", f"{name}=out.txt")
    assert done.returncode == 1
    assert "PL101" in done.stdout
    assert "PL101" in (repository / "out.txt").read_text()


def test_fail_on_moves_the_threshold(repository: Path) -> None:
    write(repository, {"golden/other.yaml": GOLDEN})
    assert promptctl(repository, "lint").returncode == 0
    assert promptctl(repository, "lint", "--fail-on", "warning").returncode == 1
    assert promptctl(repository, "lint", "--fail-on", "warnin").returncode == 2


def test_a_cached_finding_is_found_again(repository: Path) -> None:
    write(repository, {"prompts/bot.yaml": ALIAS})
    first, second = promptctl(repository, "lint"), promptctl(repository, "lint")
    assert (first.returncode, first.stdout) == (second.returncode, second.stdout)
    assert (repository / ".git/promptctl/lint.sqlite").exists()
    (repository / ".git/promptctl/lint.sqlite").write_bytes(b"not a database" * 100)
    third = promptctl(repository, "lint")
    assert (third.returncode, third.stdout) == (first.returncode, first.stdout)
    assert promptctl(repository, "lint").stderr == ""


def test_without_a_place_for_state_everything_works(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = promptctl(repository, "lint", PROMPTCTL_STATE_DIR=str(tmp_path / "file" / "x"))
    assert done.returncode == 0


def test_statistics_count_by_rule(repository: Path) -> None:
    write(repository, {"prompts/bot.yaml": ALIAS + "fallbacks: [openai/gpt-4.1]\n"})
    assert "2  PL101" in promptctl(repository, "lint", "--statistics").stdout


def test_select_and_ignore(repository: Path) -> None:
    write(repository, {"prompts/bot.yaml": ALIAS})
    assert promptctl(repository, "lint", "--ignore", "PL101").returncode == 0
    assert promptctl(repository, "lint", "--select", "PL4").returncode == 0
    assert promptctl(repository, "lint", "--select", "PL1,PL4").returncode == 1


def test_a_code_that_does_not_exist_is_2_with_the_one_that_was_meant(repository: Path) -> None:
    done = promptctl(repository, "lint", "--select", "PL1O1")
    assert done.returncode == 2
    assert "did you mean PL101" in done.stderr
    write(repository, {"promptctl.yaml": "lint:\n  ignore: [unpined-model]\n"})
    done = promptctl(repository, "lint")
    assert done.returncode == 2
    assert "promptctl.yaml:2:12" in done.stderr
    assert "did you mean PL101" in done.stderr


def test_nothing_to_lint_is_4_unless_that_is_allowed(tmp_path: Path) -> None:
    assert promptctl(tmp_path, "lint").returncode == 4
    assert promptctl(tmp_path, "lint", "--allow-empty").returncode == 0


def test_paths_narrow_and_a_wrong_one_is_4(repository: Path) -> None:
    write(repository, {"prompts/a/x.yaml": ALIAS, "prompts/b.yaml": ALIAS})
    assert found(promptctl(repository, "lint", "prompts/a", "--format", "json")) == [("PL101", "prompts/a/x.yaml", 1)]
    assert found(promptctl(repository / "prompts", "lint", "b.yaml", "--format", "json")) == [
        ("PL101", "prompts/b.yaml", 1)
    ]
    done = promptctl(repository, "lint", "prompts/bott.yaml")
    assert done.returncode == 4
    assert "did you mean prompts/bot.yaml" in done.stderr
    assert promptctl(repository, "lint", "..").returncode == 2


def test_a_folder_that_is_a_file_is_told(repository: Path) -> None:
    shutil.rmtree(repository / "prompts")
    write(repository, {"prompts": "not a folder"})
    done = promptctl(repository, "lint", "--format", "json")
    assert ("PL001", "prompts", 1) in [(rule, path, 1) for rule, path, _ in found(done)]


def test_staged_reads_the_index_and_not_the_files(repository: Path) -> None:
    write(repository, {"prompts/bot.yaml": ALIAS})
    assert promptctl(repository, "lint", "--staged").returncode == 0
    git(repository, "add", ".")
    write(repository, {"prompts/bot.yaml": GOOD})
    assert promptctl(repository, "lint", "--staged").returncode == 1
    assert promptctl(repository, "lint").returncode == 0


def test_nothing_staged_is_0_and_says_so(repository: Path) -> None:
    write(repository, {"prompts/bot.yaml": ALIAS})
    done = promptctl(repository, "lint", "--staged")
    assert done.returncode == 0
    assert "nothing is staged" in done.stdout


def test_staged_reports_what_is_staged_and_what_it_breaks_elsewhere(repository: Path) -> None:
    write(repository, {"prompts/old.yaml": ALIAS})
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "an old sin")
    write(repository, {"prompts/new.yaml": ALIAS})
    git(repository, "add", ".")
    assert found(promptctl(repository, "lint", "--staged", "--format", "json")) == [("PL101", "prompts/new.yaml", 1)]
    git(repository, "commit", "-qm", "another")
    git(repository, "rm", "-q", "prompts/bot.yaml")
    assert found(promptctl(repository, "lint", "--staged", "--format", "json")) == [("PL008", "golden/bot.yaml", None)]


def test_before_the_first_commit_everything_staged_is_new(tmp_path: Path) -> None:
    write(tmp_path, {"promptctl.yaml": CONFIG, "prompts/bot.yaml": ALIAS})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    assert found(promptctl(tmp_path, "lint", "--staged", "--format", "json")) == [("PL101", "prompts/bot.yaml", 1)]


def test_a_revision_is_read_from_the_object_database(repository: Path) -> None:
    write(repository, {"prompts/bot.yaml": ALIAS})
    assert promptctl(repository, "lint", "--rev", "HEAD").returncode == 0
    git(repository, "commit", "-qam", "worse")
    assert promptctl(repository, "lint", "--rev", "HEAD").returncode == 1
    assert promptctl(repository, "lint", "--rev", "HEAD~1").returncode == 0


def test_a_revision_that_does_not_exist_is_2(repository: Path) -> None:
    for option in ("--rev", "--against"):
        done = promptctl(repository, "lint", option, "mian")
        assert done.returncode == 2
        assert "mian" in done.stderr
        assert "did you mean main" in done.stderr


def test_a_shallow_clone_without_the_base_is_3_with_the_command_that_helps(repository: Path, tmp_path: Path) -> None:
    git(repository, "commit", "-q", "--allow-empty", "-m", "second")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repository}", "shallow")
    done = promptctl(tmp_path / "shallow", "lint", "--against", "HEAD~1")
    assert done.returncode == 3
    assert "git fetch --deepen=1" in done.stderr


def test_in_a_bare_repository_a_revision_can_be_linted(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repository), "bare.git")
    assert promptctl(tmp_path / "bare.git", "lint").returncode == 4
    done = promptctl(tmp_path / "bare.git", "lint", "--rev", "HEAD")
    assert done.returncode == 0, done.stderr


def test_staged_outside_of_a_repository_is_2(tmp_path: Path) -> None:
    write(tmp_path, {"prompts/bot.yaml": GOOD})
    done = promptctl(tmp_path, "lint", "--staged")
    assert done.returncode == 2
    assert "not in a git repository" in done.stderr


def test_fix_pins_what_has_one_snapshot_and_keeps_the_rest_of_the_file(repository: Path) -> None:
    before = (
        "\ufeff# head\r\nmodel: 'openai/gpt-4.1'   # why\r\nfallbacks: [openai/gpt-4o]\r\nsystem_prompt: Hello.\r\n"
    )
    write(repository, {"prompts/bot.yaml": before})
    done = promptctl(repository, "lint", "--fix", "--format", "json")
    assert done.returncode == 1, "gpt-4o has several snapshots, so it stays"
    assert json.loads(done.stdout)["summary"]["fixed"] == 1
    after = (repository / "prompts/bot.yaml").read_bytes().decode()
    assert after == before.replace("gpt-4.1", "gpt-4.1-2025-04-14")
    again = promptctl(repository, "lint", "--fix", "--format", "json")
    assert json.loads(again.stdout)["summary"]["fixed"] == 0


def test_fix_is_of_files_and_never_of_the_index(repository: Path) -> None:
    for option in (["--staged"], ["--rev", "HEAD"]):
        assert promptctl(repository, "lint", "--fix", *option).returncode == 2


def test_explain_knows_the_codes_of_gate_eval_and_audit() -> None:
    for code, name in (("PG001", "regression"), ("PE001", "cases-failed"), ("PJ002", "judge-not-asked")):
        text = page(code)
        assert text.startswith(f"# {code} {name}\n")
        assert (Path(__file__).parents[2] / text.rpartition("More: ")[2].strip()).is_file()


def test_explain_prints_a_page_by_code_and_by_name(tmp_path: Path) -> None:
    by_code = promptctl(tmp_path, "explain", "PL101")
    assert by_code.returncode == 0
    assert by_code.stdout.startswith("# PL101 unpinned-model")
    assert promptctl(tmp_path, "explain", "unpinned-model").stdout == by_code.stdout
    assert promptctl(tmp_path, "explain", "pg001").stdout.startswith("# PG001 regression\n")
    unknown = promptctl(tmp_path, "explain", "PL1O1")
    assert unknown.returncode == 2
    assert "did you mean PL101" in unknown.stderr


def test_rules_lists_them_all(tmp_path: Path) -> None:
    listed = json.loads(promptctl(tmp_path, "rules", "--format", "json").stdout)
    assert {"code", "name", "severity", "summary"} == set(listed["rules"][0])
    text = promptctl(tmp_path, "rules").stdout.splitlines()
    assert [line.split()[0] for line in text] == [one["code"] for one in listed["rules"]]


def test_no_network_no_litellm_no_git_library_for_a_plain_lint(repository: Path) -> None:
    told = "print(sorted(m for m in ('litellm', 'git') if m in sys.modules), file=sys.stderr)"
    code = f"import atexit, sys\natexit.register(lambda: {told})\n{MAIN}"
    done = subprocess.run(
        [sys.executable, "-c", code, "lint", "-q", "--format", "json"],
        cwd=repository,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.strip() == "[]"


def test_sarif_and_gitlab_are_valid_by_their_schemas(repository: Path) -> None:
    write(repository, {"prompts/bot.yaml": ALIAS, "prompts/broken.yaml": "a: [\n"})
    schemas = Path(__file__).parents[1] / "reports" / "schemas"
    for name, schema in (("sarif", "sarif-2.1.0-rtm.5.json"), ("gitlab", "gitlab-code-quality.json")):
        document = json.loads(promptctl(repository, "lint", "--format", name).stdout)
        jsonschema.validate(document, json.loads((schemas / schema).read_text()))
    log = json.loads(promptctl(repository, "lint", "--format", "sarif").stdout)["runs"][0]
    pages = {rule["id"]: rule["help"]["markdown"] for rule in log["tool"]["driver"]["rules"]}
    assert pages["PL101"].startswith("# PL101 unpinned-model")


def test_a_finding_in_jsonl_has_its_line(repository: Path) -> None:
    (repository / "golden/bot.yaml").unlink()
    write(
        repository,
        {
            "golden/bot.jsonl": '{"id": "a", "input": "x", "assertions": [{"contains": "b"}]}\n{"id": "b", "input": "x"}\n'
        },
    )
    assert found(promptctl(repository, "lint", "--format", "json")) == [("PL403", "golden/bot.jsonl", 2)]


def test_fix_gives_ids_of_the_first_words(repository: Path) -> None:
    before = "cases:\n  # the usual\n  - input: How do I reset it?\n    assertions: [{contains: b}]\n  - {input: How do I reset it?, assertions: [{contains: c}]}\n"
    write(repository, {"promptctl.yaml": "lint: {select: [PL001, PL401]}\n", "golden/bot.yaml": before})
    done = promptctl(repository, "lint", "--format", "json")
    assert [rule for rule, _, _ in found(done)] == ["PL401", "PL401"]
    assert promptctl(repository, "lint", "--fix").returncode == 0
    assert (repository / "golden/bot.yaml").read_text() == before.replace(
        "- input:", "- id: how-do-i-reset-it\n    input:"
    ).replace("{input:", "{id: how-do-i-reset-it-2, input:")


def test_files_that_are_no_text_hurt_nobody(repository: Path) -> None:
    """A picture beside the prompts, and a prompt that is not UTF-8: its line cannot be shown, and is named all the same."""
    (repository / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    (repository / "prompts" / "latin.yaml").write_bytes(b"model: openai/gpt-4o\nsystem_prompt: caf\xe9\n")
    done = promptctl(repository, "lint")
    assert done.returncode == 1, done.stderr
    assert "prompts/latin.yaml:2:19" in done.stdout
    assert "PL001" in done.stdout
