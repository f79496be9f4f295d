"""Writing promptctl into git's configuration and attributes, and taking it out again."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.checkout import common_dir, top_level
from promptctl.adapters.files import atomic_write
from promptctl.adapters.git import asked, configuration
from promptctl.adapters.git_drivers import (
    CACHED,
    MARKER,
    NAME,
    XFUNCNAME,
    attribute_lines,
    merge_command,
    textconv_command,
    with_block,
    without_block,
)
from promptctl.model.config import Config
from promptctl.model.errors import InputError, Problem, UnavailableError
from promptctl.text.normal import NORMAL_FORM

TEXTCONV = f"diff.{NAME}.textconv"
CACHE_REF = f"refs/notes/textconv/{NAME}"
_KEY = re.compile(r": form (\d+) key (\d+);")


@dataclass(frozen=True, slots=True)
class Target:
    """Where to write: every repository of this user (`everywhere`), or the one around `root`.

    private: the repository's own info/attributes, which is never committed, in place of .gitattributes.
    """

    root: Path
    everywhere: bool = False
    private: bool = False

    @property
    def scope(self) -> str:
        """git config's option for it."""
        return "--global" if self.everywhere else "--local"


def install(target: Target, *, script: str, config: Config | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Set the drivers and the attributes; what was changed, a sentence each, nothing where all was in place.

    script: the console script's absolute path. config: the project's; None for everywhere. Raises InputError outside of
    a repository, UnavailableError where git or the disk refuses.
    """
    _refuse_outside(target)
    old = _value(target, TEXTCONV)
    found = _KEY.match(old or "")
    key = int(found[2]) if found else 0
    if not target.everywhere and _unmarked(target.root):
        key += 1
    wanted = {
        TEXTCONV: textconv_command(script, NORMAL_FORM, key),
        CACHED: "true",
        f"diff.{NAME}.xfuncname": XFUNCNAME,
        f"merge.{NAME}.name": "promptctl: prompts and golden sets by key",
        f"merge.{NAME}.driver": merge_command(script),
    }
    changed = []
    for name, value in wanted.items():
        if _value(target, name) != value:
            configuration(target.root, target.scope, "--replace-all", name, value)
            changed.append(f"set {name}")
    path = attributes_file(target, environ)
    prefix = _prefix(target.root) if target.private else ""
    before = _read(path)
    after = with_block(before, attribute_lines(config, prefix))
    if after != before:
        _write(path, after)
        changed.append(f"wrote the lines of {path}")
    return tuple(changed)


def uninstall(target: Target, *, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Take out what `install` wrote and nothing else; what was changed, a sentence each."""
    _refuse_outside(target)
    changed = []
    names = (TEXTCONV, *(f"diff.{NAME}.{one}" for one in ("cachetextconv", "xfuncname")))
    for name in (*names, f"merge.{NAME}.name", f"merge.{NAME}.driver"):
        if _value(target, name) is not None:
            configuration(target.root, target.scope, "--unset-all", name)
            changed.append(f"unset {name}")
    private = () if target.everywhere else (Target(target.root, private=True),)
    for place in (target, *private):
        path = attributes_file(place, environ)
        before = _read(path)
        after = without_block(before)
        if after != before:
            _write(path, after)
            changed.append(f"took the lines out of {path}")
    if not target.everywhere and asked(target.root, "rev-parse", "--verify", "--quiet", CACHE_REF) is not None:
        asked(target.root, "update-ref", "-d", CACHE_REF)
        changed.append(f"deleted {CACHE_REF}, git's cache of normal forms")
    return tuple(changed)


def renew_key(root: Path, marker: Path) -> None:
    """Give the diff driver another key, so that git forgets the plain texts it kept; then forget `marker`.

    Does nothing where the driver is not ours or its configuration cannot be written.
    """
    for scope in ("--local", "--global"):
        value = _value(Target(root, everywhere=scope == "--global"), TEXTCONV)
        found = _KEY.match(value or "")
        if value is None or found is None:
            continue
        renewed = f": form {found[1]} key {int(found[2]) + 1};{value[found.end() :]}"
        if asked(root, "config", scope, "--replace-all", TEXTCONV, renewed) is not None:
            # The fallback wrote its "false" into the repository's own configuration.
            again = ("--replace-all", CACHED, "true") if scope == "--local" else ("--unset-all", CACHED)
            asked(root, "config", "--local", *again)
            marker.unlink(missing_ok=True)
        return


def attributes_file(target: Target, environ: Mapping[str, str]) -> Path:
    """The file whose lines name the driver: .gitattributes of the project, info/attributes, or the user's own.

    The user's is `core.attributesFile`, else git's default for it.
    """
    if target.everywhere:
        named = asked(target.root, "config", "--global", "--type=path", "--get", "core.attributesFile")
        if named is not None and named.strip():
            return Path(named.strip())
        home = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', str(Path.home()))}/.config"
        return Path(home) / "git" / "attributes"
    if target.private:
        shared = common_dir(target.root)
        assert shared is not None
        return shared / "info" / "attributes"
    return target.root / ".gitattributes"


def _unmarked(root: Path) -> bool:
    """Whether git was shown plain text here; from now on it is as if it had not been."""
    shared = common_dir(root)
    if shared is None or not (shared / MARKER).exists():
        return False
    (shared / MARKER).unlink(missing_ok=True)
    return True


def _refuse_outside(target: Target) -> None:
    if not target.everywhere and top_level(target.root) is None:
        hint = "run it inside of a repository, or use --global"
        raise InputError(Problem(f"{target.root} is not in a git repository", hint=hint))


def _prefix(root: Path) -> str:
    top = top_level(root)
    below = "" if top is None else os.path.relpath(root.resolve(), top.resolve())
    return "" if below in ("", ".") else f"{Path(below).as_posix()}/"


def _value(target: Target, name: str) -> str | None:
    found = asked(target.root, "config", target.scope, "-z", "--get", name)
    return None if found is None else found.rstrip("\0")


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise UnavailableError(Problem(f"cannot be read: {error.strerror or error}", path=str(path))) from error


def _write(path: Path, text: str) -> None:
    """The file with this text; without a text, no file."""
    try:
        if not text:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(Problem(f"cannot be written: {error.strerror or error}", path=str(path))) from error
    atomic_write(path.resolve(), text.encode("utf-8", "surrogateescape"))


def done(changes: Sequence[str], *, installed: bool) -> str:
    """The changes for a reader."""
    if changes:
        return "\n".join(changes)
    return "everything is in place already" if installed else "there was nothing to take out"
