"""What the tests of the command line share stands beside them; the console script in a clean environment."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """No key, no setting of promptctl, git or the terminal; a home of its own."""
    return {
        "HOME": str(home),
        "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        **more,
    }


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home directory with a git identity."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / ".gitconfig").write_text("[user]\nname = A\nemail = a@example.com\n[init]\ndefaultBranch = main\n")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def git(home: Path, project: Path) -> Callable[..., str]:
    """Runs git in the project and gives what it printed."""

    def run(*arguments: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=cwd or project,
            env=clean_environment(home),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    return run


def run_script(*arguments: str, cwd: Path, home: Path, env: Mapping[str, str] | None = None) -> Ended:
    """The console script as a process of its own."""
    done = subprocess.run(
        [str(BIN / "promptctl"), *arguments],
        cwd=cwd,
        env=clean_environment(home, **(env or {})),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def promptctl(home: Path, project: Path) -> Callable[..., Ended]:
    """Runs the console script in the project: `promptctl("show", "x", env={...}, cwd=...)`."""

    def run(*arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Ended:
        return run_script(*arguments, cwd=cwd or project, home=home, env=env)

    return run


@pytest.fixture
def on_terminal(home: Path, project: Path) -> Callable[..., str]:
    """Runs the console script on a pseudo-terminal of so many columns; gives all that was written there."""

    def run(*arguments: str, columns: int, env: Mapping[str, str] | None = None) -> str:
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (40, columns))
        process = subprocess.Popen(
            [str(BIN / "promptctl"), *arguments],
            cwd=project,
            env=clean_environment(home, TERM="xterm", **(env or {})),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        written = b""
        with suppress(OSError):  # how Linux says that the other side is closed
            while piece := os.read(ours, 65536):
                written += piece
        os.close(ours)
        process.wait(timeout=60)
        return written.decode().replace("\r\n", "\n")

    return run


@pytest.fixture(scope="session")
def evaluated_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project outside of git as `init` makes it, with one stored run of two cases; not to be written to."""
    folder = tmp_path_factory.mktemp("evaluated")
    for command in (["init"], ["eval", "--case", "wish", "--case", "charged-twice"]):
        ended = run_script(*command, cwd=folder, home=folder)
        assert ended.code == 0, ended.err
    return folder
