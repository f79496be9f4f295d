"""`promptctl init`: a project's first files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promptctl.cli import boundary, options

if TYPE_CHECKING:
    from promptctl.adapters.scaffold import Laid

CONFIG = "promptctl.yaml"
EXAMPLE = (
    "prompts/ticket-triage.yaml",
    "schemas/ticket-triage.json",
    "golden/ticket-triage.yaml",
    "scripted/ticket-triage.yaml",
)
WORKFLOW = ".github/workflows/promptctl.yml"
HOOKS = ".pre-commit-config.yaml"
ATTRIBUTES = ".gitattributes"


def init(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The project's folder; this one if none.", show_default=False)
    ] = None,
    directory: options.Directory = None,
) -> int:
    """Write a project's first files.

    Settings, an example prompt with its golden set, a line for .gitattributes, a CI workflow and a pre-commit hook.
    The example's model is a file of rules, so that `promptctl eval` works at once, offline and without a key.
    What exists is never overwritten, so that running it again is safe.
    """
    from promptctl.adapters.checkout import top_level
    from promptctl.adapters.scaffold import make_folder

    if directory is not None:
        from promptctl.cli.app import enter

        enter(directory)
    root = Path.cwd() / (folder or "")
    make_folder(root)
    top = top_level(root) or root
    at = _at(root.resolve(), top.resolve())
    for laid in (*_project(root), *_around(top, at)):
        boundary.say(_told(laid, root=root, top=top))
    _say_next(root, folder, top)
    return boundary.ExitCode.OK


def _project(root: Path) -> Iterator[Laid]:
    """Settings and example: the example only where there are no prompts of somebody's own."""
    from promptctl.adapters.scaffold import Laid, add_line, lay

    yield from lay(root, {CONFIG: _text(CONFIG)})
    prompts = root / "prompts"
    own = {path.name for path in prompts.glob("**/*.y*ml")} if prompts.is_dir() else set()
    if own <= {Path(EXAMPLE[0]).name}:
        yield from lay(root, {path: _text(path) for path in EXAMPLE})
    else:
        yield Laid(EXAMPLE[0], "left out")
    yield add_line(root, ATTRIBUTES, f"{_recordings(root)}/*.jsonl merge=union")


def _around(top: Path, at: str) -> Iterator[Laid]:
    """What has to stand at the top of a repository."""
    from promptctl import __version__
    from promptctl.adapters.scaffold import lay

    def filled(name: str) -> bytes:
        return _text(name).replace(b"@AT@", at.encode()).replace(b"@VERSION@", __version__.encode())

    yield from lay(top, {WORKFLOW: filled("workflow.yml"), HOOKS: filled("pre-commit.yaml")})


def _at(root: Path, top: Path) -> str:
    """How a command at the top of the repository is told where the project is."""
    from shlex import quote

    return "" if root == top else f" -C {quote(root.relative_to(top).as_posix())}"


def _text(name: str) -> bytes:
    from importlib.resources import files

    return files("promptctl.cli").joinpath("scaffold", *name.split("/")).read_bytes()


def _recordings(root: Path) -> str:
    """The recordings folder of the configuration, which may have been there before; its default where it is unreadable."""
    from promptctl.adapters.files import WorkTree
    from promptctl.model.config import Config
    from promptctl.model.errors import InputError
    from promptctl.text.config import parse_config

    try:
        return parse_config(WorkTree(root).read(CONFIG)).recordings.strip("/")
    except InputError:
        return Config().recordings


def _told(laid: Laid, *, root: Path, top: Path) -> str:
    from promptctl.reports.escape import line

    folder = top if laid.path in (WORKFLOW, HOOKS) else root
    path = laid.path if folder == root else str(folder / laid.path)
    about = {
        "wrote": "wrote    {}",
        "extended": "extended {} (one line)",
        "kept": "kept     {} (exists)",
        "left out": "left out {} (you have prompts)",
    }
    told = about[laid.done].format(line(path))
    if laid.path == HOOKS and laid.done == "kept" and not _has_hook(folder / HOOKS):
        told += "\n         to have the hook, add under `repos:`\n" + _indented(_text("pre-commit.yaml"))
    return told


def _has_hook(path: Path) -> bool:
    try:
        return b"promptctl" in path.read_bytes()
    except OSError:
        return False


def _indented(text: bytes) -> str:
    lines = text.decode().replace("@AT@", "").splitlines()[1:]
    return "\n".join(f"         {one}" for one in lines)


def _say_next(root: Path, folder: Path | None, top: Path) -> None:
    from shlex import quote

    at = "" if folder is None or root.samefile(Path.cwd()) else f" -C {quote(str(folder))}"
    steps = [
        (f"promptctl{at} eval", "run the golden sets"),
        (f"promptctl{at} show ticket-triage", "what the model gets to see"),
        (f"promptctl{at} doctor", "is this machine ready"),
    ]
    if not (root / EXAMPLE[0]).is_file():
        del steps[1]
    if not (top / ".git").exists():
        steps = [(f"git init{f' {quote(str(folder))}' if at else ''}", "the registry: baselines are revisions"), *steps]
    room = max(len(command) for command, _ in steps)
    boundary.say("\nnext:\n" + "\n".join(f"  {command:<{room}}  # {why}" for command, why in steps))
