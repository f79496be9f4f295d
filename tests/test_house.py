"""What holds for the whole house: its floors, what starts without what, and that the reference pages are the code's."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.eval_projects import Project, case, console_script, environment, lines, make_project

import promptctl

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = Path(promptctl.__file__).parent
HEAVY = ("litellm", "tiktoken", "scipy", "git", "rich", "aiohttp", "openai", "httpx", "pydantic", "numpy")

# Runs the console script's own entry point, and says on stderr which heavy libraries it imported.
RUN = f"""
import sys
from promptctl.cli import app
sys.argv = ["promptctl", *sys.argv[1:]]
def leave(code):
    sys.stdout.flush()
    found = [name for name in {HEAVY!r} if name in sys.modules]
    print("HEAVY", *found, "CODE", code, file=sys.stderr)
    sys.exit(code)
app.leave = leave
app.main()
"""


def imported(project: Project, *arguments: str) -> set[str]:
    """The heavy libraries that a fresh interpreter has imported when the command ends, which it has to with 0."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=project.root,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    said = re.search(r"^HEAVY(.*) CODE 0$", done.stderr, re.MULTILINE)
    assert said, f"{arguments}: {done.stdout}\n{done.stderr}"
    return set(said.group(1).split())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose answers are given, recorded in its cache, or not asked for."""
    made = make_project(tmp_path_factory.mktemp("house"), api_base="http://127.0.0.1:9/v1", cases=[case("a")])
    made.write("o.jsonl", lines({"case": "a", "output": "a"}))
    return made


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("eval", "--help"),
        ("schema", "prompt"),
        ("schema", "golden"),
        ("schema", "config"),
        ("eval", "--outputs", "o.jsonl", "--quiet"),
        ("eval", "--outputs", "o.jsonl", "--format", "json"),
        ("eval", "--outputs", "o.jsonl", "--format", "junit", "--report", "markdown=r.md", "--report", "html=r.html"),
        ("runs", "list"),
    ],
    ids=" ".join,
)
def test_what_asks_no_model_imports_nothing_heavy(project: Project, arguments: tuple[str, ...]) -> None:
    project.eval("--outputs", "o.jsonl", "--quiet")
    heavy = imported(project, *arguments)
    shows_text = arguments in (("eval", "--outputs", "o.jsonl", "--quiet"), ("runs", "list"))
    assert heavy - ({"rich"} if shows_text else set()) == set()


def test_a_probe_that_could_not_see_would_prove_nothing(project: Project) -> None:
    """The same question where the answer is yes: counting tokens needs tiktoken, and says so."""
    assert imported(project, "eval", "--dry-run") == {"tiktoken", "rich"}


def test_help_names_every_option_of_the_contract() -> None:
    done = subprocess.run(
        [console_script(), "eval", "--help"], env=environment(), capture_output=True, text=True, check=True
    )
    for option in (
        "--offline", "--record", "--refresh", "--no-cache", "--samples", "--model", "--max-cost", "--tag", "--case", "--outputs",
        "--min-pass-rate", "--dry-run", "--no-exec", "--allow-host", "--format", "--report", "--allow-empty", "--exit-code",
        "--quiet", "--verbose", "-C",
    ):  # fmt: skip
        assert re.search(rf"(?m)^\s+(-\w, )?{option}\b", done.stdout), option


def test_the_floors_hold() -> None:
    command = shutil.which(
        "lint-imports", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    )
    if command is None:
        pytest.skip("import-linter is not installed (pip install -e '.[dev]')")
    done = subprocess.run([command, "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def sources() -> list[Path]:
    """Every module of the package."""
    found = sorted(PACKAGE.rglob("*.py"))
    assert len(found) > 100
    return found


def test_only_the_boundary_speaks_to_the_streams() -> None:
    """`print` is banned by the linter; this is for what it does not see."""
    speaking = {
        path.relative_to(PACKAGE).as_posix()
        for path in sources()
        if re.search(r"sys\.(stdout|stderr)\.write|os\._exit|sys\.exit", path.read_text(encoding="utf-8"))
    }
    assert speaking <= {"cli/app.py", "cli/boundary.py", "cli/signals.py", "adapters/worker_main.py"}


def test_imports_stand_at_the_top_but_where_doors_open_late() -> None:
    """Inside functions only in cli/ and assertions/."""
    wrong = []
    for path in sources():
        room = path.relative_to(PACKAGE).parts[0]
        if room in ("cli", "assertions"):
            continue
        module = ast.parse(path.read_text(encoding="utf-8"))
        functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        wrong += [
            f"{path.relative_to(PACKAGE)}:{node.lineno}"
            for function in functions
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
    assert not wrong


def test_every_public_function_says_what_it_does() -> None:
    """A docstring for every module and public function; of an assertion's file the module's is the page."""
    silent = []
    for path in sources():
        name = path.relative_to(PACKAGE).as_posix()
        module = ast.parse(path.read_text(encoding="utf-8"))
        if ast.get_docstring(module) is None:
            silent.append(name)
        if re.fullmatch(r"assertions/\w+\.py", name):
            continue
        silent += [
            f"{name}:{node.name}"
            for node in module.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and not node.name.startswith("_")
            and ast.get_docstring(node) is None
        ]
    assert not silent


def test_the_schemas_are_json_and_ship_in_the_package() -> None:
    for kind in ("prompt", "golden", "config"):
        done = subprocess.run(
            [console_script(), "schema", kind], env=environment(), capture_output=True, text=True, check=True
        )
        assert json.loads(done.stdout)["$schema"].startswith("https://json-schema.org/")


def test_every_package_that_is_imported_is_declared() -> None:
    """What a fresh environment gets is what pyproject.toml names."""
    path = REPOSITORY / "pyproject.toml"
    if not path.is_file():
        pytest.skip("pyproject.toml is not here: the tests run outside of the repository")
    declared = path.read_text(encoding="utf-8").partition("dependencies = [")[2].partition("]\n")[0].casefold()
    # jsonschema's own parts come with it, under names that its documentation gives.
    wheels = {
        "git": "gitpython", "yaml": "pyyaml", "detect_secrets": "detect-secrets", "stdnum": "python-stdnum",
        "referencing": "jsonschema", "jsonschema_specifications": "jsonschema",
    }  # fmt: skip
    used: set[str] = set()
    for source in sources():
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                used.add(node.module.partition(".")[0])
    foreign = used - set(sys.stdlib_module_names) - {"promptctl", "__future__"}
    assert foreign
    assert {name for name in foreign if f'"{wheels.get(name, name).casefold()}' not in declared} == set()
    assert all(importlib.util.find_spec(name) for name in foreign)
