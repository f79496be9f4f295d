"""Where promptctl keeps its own state: cache and runs, never committed, shared by the worktrees of a repository."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.checkout import common_dir

OVERRIDE = "PROMPTCTL_STATE_DIR"


@dataclass(frozen=True, slots=True)
class State:
    """The state directory. path: None where there is none to be had; then `warning` says why, in one sentence.

    hidden: whether it lies in the project itself and must ignore itself. Asking creates nothing; `folder()` creates.
    """

    path: Path | None
    warning: str | None = None
    hidden: bool = False

    def folder(self, warn: Callable[[str], None], name: str = "") -> Path | None:
        """The state directory, or the folder `name` in it, created now; None, and a warning, where that fails."""
        if self.path is None:
            return None
        place = self.path / name
        try:
            place.mkdir(parents=True, exist_ok=True)
            if self.hidden and not (self.path / ".gitignore").exists():
                (self.path / ".gitignore").write_text("*\n", encoding="utf-8")
        except OSError as error:
            warn(_warning(place, error.strerror or str(error)))
            return None
        return place


def state_of(root: Path, environ: Mapping[str, str]) -> State:
    """The state of the project at `root`: PROMPTCTL_STATE_DIR, else `<git common dir>/promptctl`, else `.promptctl`.

    A directory that cannot be written gives a State without a path and with a warning: everything works, uncached.
    """
    override = environ.get(OVERRIDE)
    shared = common_dir(root)
    hidden = not override and shared is None
    own = root / ".promptctl" if shared is None else shared / "promptctl"
    path = Path(override).absolute() if override else own
    problem = _problem(path)
    return State(path, hidden=hidden) if problem is None else State(None, _warning(path, problem))


def _warning(path: Path, problem: str) -> str:
    return f"{path} cannot be written ({problem}): answers are not cached and runs are not kept; set {OVERRIDE} to another folder"


def _problem(path: Path) -> str | None:
    """What keeps `path` from being written, or None. Only looks: the nearest existing folder must admit us."""
    nearest = path
    while not os.path.lexists(nearest) and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        return f"{nearest} is not a folder"
    return None if os.access(nearest, os.W_OK | os.X_OK) else f"no permission to write {nearest}"
