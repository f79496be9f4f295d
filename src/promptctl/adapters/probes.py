"""Looks at the machine for `doctor`: git, installed packages, the cache file. Looks only; nothing is changed."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from promptctl.adapters.checkout import common_dir, environment

TIMEOUT_S = 20
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*\(?([^;)]*)\)?\s*(;.*)?$")
_CLAUSE = re.compile(r"(==|!=|<=|>=|<|>)\s*(\d+(?:\.\d+)*)(\.\*)?$")


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package that promptctl needs. installed: None where it is absent; wanted: the range it has to be in.

    refused: the part of the range that the installed version breaks, or None.
    """

    name: str
    installed: str | None
    wanted: str
    refused: str | None


def git_says(root: Path, environ: Mapping[str, str], *arguments: str) -> tuple[int | None, str]:
    """Exit code and output of a git command run in `root` (stderr where it failed); None where git cannot be started."""
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", *arguments],
            cwd=root,
            env=environment(root, environ),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    said = done.stderr if done.returncode else done.stdout
    return done.returncode, said.decode("utf-8", "replace").strip()


def is_shallow(root: Path) -> bool:
    """Whether the clone around `root` lacks history: git lists where it ends in the file `shallow`."""
    shared = common_dir(root)
    return shared is not None and (shared / "shallow").is_file()


def merge_attribute(root: Path, environ: Mapping[str, str], path: str) -> str | None:
    """The merge driver git would use for a file, "unspecified" for its own; None where git does not say."""
    status, said = git_says(root, environ, "check-attr", "-z", "merge", "--", path)
    fields = said.split("\0")
    return fields[2] if status == 0 and len(fields) > 2 else None


def cache_damage(path: Path) -> str | None:
    """What is wrong with a cache file, or None. It is opened for reading; a damaged one is left as it is."""
    # Where nobody writes there is no log beside it, and reading as if nobody could leaves none behind.
    how = "mode=ro" if Path(f"{path}-wal").exists() else "mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=2)) as db:
            said = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
            db.execute("SELECT count(*) FROM completions WHERE sample < 0").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return None if said == "ok" else said


def digest_of(path: Path) -> str | None:
    """The sha256 of a file as hex digits; None where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def packages() -> Sequence[Package]:
    """Every package promptctl's metadata asks for, optional ones left out. Imports none of them."""
    found = []
    for requirement in requires("promptctl") or ():
        match = _REQUIREMENT.match(requirement)
        if match is None or "extra" in (match[3] or ""):
            continue
        name, wanted = match[1], match[2].strip()
        try:
            installed: str | None = version(name)
        except PackageNotFoundError:
            installed = None
        found.append(Package(name, installed, wanted, None if installed is None else refused_by(installed, wanted)))
    return found


def refused_by(installed: str, wanted: str) -> str | None:
    """The first clause of a range such as `>=1.2,!=1.4.*,<2` that a release number is not in; None where it is in all.

    Only the number counts (PEP 440's release segment): a pre-release is taken for its release.
    """
    number = _release(installed)
    for clause in filter(None, (part.strip() for part in wanted.split(","))):
        match = _CLAUSE.match(clause)
        if match is not None and not _holds(number, match[1], _release(match[2]), prefix=bool(match[3])):
            return clause
    return None


def release_of(text: str) -> tuple[int, ...]:
    """The first version number in a text as numbers, (2, 39, 5) of `git version 2.39.5`; empty where there is none."""
    match = re.search(r"\d+(?:\.\d+)+", text)
    return _release(match[0]) if match else ()


def _release(text: str) -> tuple[int, ...]:
    match = re.match(r"v?(?:\d+!)?(\d+(?:\.\d+)*)", text)
    return tuple(int(part) for part in match[1].split(".")) if match else ()


def _holds(number: tuple[int, ...], sign: str, bound: tuple[int, ...], *, prefix: bool) -> bool:
    if prefix:
        return (number[: len(bound)] == bound) == (sign == "==")
    size = max(len(number), len(bound))
    left, right = (value + (0,) * (size - len(value)) for value in (number, bound))
    held: dict[str, bool] = {
        "==": left == right,
        "!=": left != right,
        "<=": left <= right,
        ">=": left >= right,
        "<": left < right,
        ">": left > right,
    }
    return held[sign]
