"""`promptctl schema` as a process: the schemas hold for real files, and what is heavy stays unimported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SCAFFOLD = Path(__file__).resolve().parents[2] / "src/promptctl/cli/scaffold"
FILES = {"prompt": "prompts/*.yaml", "golden": "golden/*.yaml", "config": "promptctl.yaml"}
HEAVY = ("litellm", "scipy", "git", "openai", "pydantic", "aiohttp", "sacrebleu", "nltk")


@pytest.mark.parametrize("kind", FILES)
def test_holds_for_the_examples(promptctl, kind: str) -> None:
    ended = promptctl("schema", kind)
    assert (ended.code, ended.err) == (0, "")
    jsonschema.Draft202012Validator.check_schema(ended.json)
    validator = jsonschema.Draft202012Validator(ended.json)
    files = [*EXAMPLES.glob(FILES[kind]), *SCAFFOLD.glob(FILES[kind])]
    assert len(files) >= 2
    for file in files:
        found = [error.message for error in validator.iter_errors(yaml.load(file.read_text(), yaml.CSafeLoader))]
        assert (file, found) == (file, [])


def test_golden_refuses_a_misspelt_assertion(promptctl) -> None:
    validator = jsonschema.Draft202012Validator(promptctl("schema", "golden").json)
    good = {"cases": [{"id": "a", "assertions": [{"not-contains": "x"}, {"any": [{"equals": 1}]}]}]}
    assert validator.is_valid(good)
    assert not validator.is_valid(json.loads(json.dumps(good).replace("not-contains", "not-contain")))
    assert not validator.is_valid(json.loads(json.dumps(good).replace("equals", "equal")))


def test_another_kind_is_told_the_nearest(promptctl) -> None:
    ended = promptctl("schema", "promt")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "promptctl: error: there is no schema of 'promt'\n  hint: did you mean 'prompt'?\n"


def test_without_a_kind_it_is_a_usage_error(promptctl) -> None:
    ended = promptctl("schema")
    assert ended.code == 2
    assert "KIND" in ended.err


# What none of these commands may import, and what only a revision needs.
COMMANDS = (
    ["--help"],
    ["schema", "prompt"],
    ["schema", "golden"],
    ["init"],
    ["show", "ticket-triage"],
    ["runs", "list"],
    ["runs", "prune", "--keep", "1", "--cache"],
    ["doctor"],
)


def imported(project: Path, home: Path, command: list[str]) -> str:
    """The exit code and the heavy modules of a command, run in a fresh interpreter."""
    code = (
        "import sys\nfrom promptctl.cli.app import main\n"
        "try:\n    main()\nexcept SystemExit as ended:\n    code = ended.code\n"
        f"sys.stderr.write(repr((code, sorted(set({HEAVY!r}) & set(sys.modules)))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command], cwd=project, capture_output=True, text=True, check=False,
        env={"HOME": str(home), "PATH": str(Path(sys.executable).parent) + ":/usr/bin:/bin"},
    )  # fmt: skip
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_heavy_is_imported(promptctl, project: Path, home: Path, command: list[str]) -> None:
    assert promptctl("init").code == 0
    assert imported(project, home, command) == "(0, [])"


def test_git_is_imported_for_a_revision_only(promptctl, git, project: Path, home: Path) -> None:
    git("init", "-q")
    promptctl("init")
    git("add", "-A")
    git("commit", "-qm", "one")
    assert imported(project, home, ["show", "ticket-triage", "--rev", "HEAD"]) == "(0, ['git'])"
