"""Where state lives, that asking creates nothing, and that a place that cannot be written is only a warning."""

from __future__ import annotations

import subprocess
from pathlib import Path

from promptctl.adapters.state import State, state_of


def folder(state: State, name: str = "") -> tuple[Path | None, list[str]]:
    warnings: list[str] = []
    return state.folder(warnings.append, name), warnings


def test_in_a_repository_state_is_shared_by_the_worktrees(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    state = state_of(tmp_path, {})
    assert state.path == tmp_path / ".git/promptctl"
    assert not state.path.exists()
    assert folder(state, "runs") == (tmp_path / ".git/promptctl/runs", [])
    assert not (tmp_path / ".git/promptctl/.gitignore").exists()


def test_outside_of_git_it_ignores_itself(tmp_path: Path) -> None:
    state = state_of(tmp_path, {})
    assert folder(state) == (tmp_path / ".promptctl", [])
    assert (tmp_path / ".promptctl/.gitignore").read_text() == "*\n"


def test_the_operator_can_put_it_elsewhere(tmp_path: Path) -> None:
    state = state_of(tmp_path, {"PROMPTCTL_STATE_DIR": str(tmp_path / "x/y")})
    assert folder(state) == (tmp_path / "x/y", [])


def test_a_place_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    state = state_of(tmp_path, {"PROMPTCTL_STATE_DIR": str(tmp_path / "file/state")})
    assert state.path is None
    assert "is not a folder" in (state.warning or "")
    assert folder(state) == (None, [])


def test_a_folder_that_refuses_at_the_last_moment_is_a_warning(tmp_path: Path) -> None:
    # /proc lets root through every permission check and then creates nothing.
    made, warnings = folder(State(Path("/proc/promptctl")))
    assert made is None
    assert "cannot be written" in warnings[0]
