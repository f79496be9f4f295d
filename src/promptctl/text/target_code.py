"""The code of a system under test: which files of the repository decide its answers, and their digest.

Imports are followed as they are written (`import a.b`, `from .c import d`) through the modules of the repository; what is
imported by a name made at run time, read as data or started as another program has to stand in `watch`.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator

from promptctl.model.errors import InputError, Problem
from promptctl.model.source import Tree
from promptctl.model.target import Target
from promptctl.text.canonical import digest
from promptctl.text.paths import matching

_IMPORT = re.compile(
    rb"(?:^|;)[ \t]*(?:from[ \t]+(?P<base>\.*[\w.]*)[ \t]+import[ \t]*(?P<names>\([^)]*\)|[^\n#;(]*)"
    rb"|import[ \t]+(?P<plain>[\w., \t]+))",
    re.MULTILINE,
)
_NAME = re.compile(rb"(\w+)(?:\s+as\s+\w+)?")
_PYTHON = re.compile(r"(?:.*/)?(?:python|pypy)[\d.]*\Z")


class TargetCode:
    """The code of targets in one tree. What was found is kept: a tree does not change while it is looked at."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._paths: tuple[str, ...] | None = None
        self._known: frozenset[str] = frozenset()
        self._files: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
        self._read: dict[str, bytes] = {}
        self._endpoints: dict[tuple[str, tuple[str, ...]], str] = {}

    def endpoint(self, target: Target) -> str:
        """What Request.endpoint holds: `sha256:` over the code's files; of an http target its URL.

        A URL whose server has files to watch carries their digest as its fragment, which never goes on the wire. Raises
        InputError: a file that is not there or leads out of the project, a `watch` that means no file.
        """
        key = (target.model, target.watch)
        if key not in self._endpoints:
            self._endpoints[key] = self._endpoint(target)
        return self._endpoints[key]

    def files(self, target: Target) -> tuple[str, ...]:
        """The root-relative files that decide its answers, sorted. Raises InputError as `endpoint` does."""
        key = (target.model, target.watch)
        if key not in self._files:
            found = {*self._own(target), *self._watched(target)}
            self._files[key] = tuple(sorted(found))
        return self._files[key]

    def _endpoint(self, target: Target) -> str:
        files = self.files(target)
        told = digest([[path, hashlib.sha256(self._data(path)).hexdigest()] for path in files])
        if target.runs_code:
            return f"sha256:{told}"
        return f"{target.address}#sha256:{told}" if files else str(target.address)

    def _own(self, target: Target) -> Iterable[str]:
        starts = list(own_files(target, self._exists))
        for path in starts:
            self._data(path)  # raises where it is not there
        return self._with_imports(starts)

    def _with_imports(self, starts: Iterable[str]) -> Iterator[str]:
        waiting, seen = list(starts), set[str]()
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            yield path
            if path.endswith(".py") or self._is_script(path):
                waiting += self._imported(path)

    def _is_script(self, path: str) -> bool:
        first = self._data(path).partition(b"\n")[0]
        return first.startswith(b"#!") and b"python" in first

    def _imported(self, path: str) -> Iterator[str]:
        folder = posixpath.dirname(path)
        bases = tuple(dict.fromkeys(("", folder, self._package_parent(folder))))
        for level, module, names in imports(self._data(path)):
            if level:
                above = folder.split("/") if folder else []
                if level - 1 > len(above):
                    continue
                start = "/".join(above[: len(above) - level + 1])
                yield from self._modules((start,), module, names)
            else:
                yield from self._modules(bases, module, names)
        yield from self._inits(folder)

    def _modules(self, bases: Iterable[str], module: str, names: Iterable[str]) -> Iterator[str]:
        """The files of a module, of what it may hold by these names, and of the packages it is in."""
        for base in bases:
            below = "/".join(part for part in (base, module.replace(".", "/")) if part)
            if below:
                yield from self._module(below)
            for name in names:
                yield from self._module(f"{below}/{name}".lstrip("/"))

    def _module(self, place: str) -> Iterator[str]:
        for file in (f"{place}.py", f"{place}/__init__.py"):
            if self._exists(file):
                yield file
                yield from self._inits(posixpath.dirname(place))

    def _inits(self, folder: str) -> Iterator[str]:
        while folder and self._exists(f"{folder}/__init__.py"):
            yield f"{folder}/__init__.py"
            folder = posixpath.dirname(folder)

    def _package_parent(self, folder: str) -> str:
        """The folder that the package in `folder` is imported from."""
        while folder and self._exists(f"{folder}/__init__.py"):
            folder = posixpath.dirname(folder)
        return folder

    def _watched(self, target: Target) -> Iterator[str]:
        for entry in target.watch:
            found = matching(entry, self._listed(), ("",))
            if not found:
                hint = "an entry is a file, a folder or a glob, relative to the project root"
                raise InputError(Problem(f"target: watch: {entry!r} matches no file", hint=hint))
            yield from found

    def _listed(self) -> tuple[str, ...]:
        if self._paths is None:
            self._paths = tuple(self._tree.paths())
            self._known = frozenset(self._paths)
        return self._paths

    def _exists(self, path: str) -> bool:
        self._listed()
        return path in self._known

    def _data(self, path: str) -> bytes:
        if path not in self._read:
            self._read[path] = self._tree.read(path).data
        return self._read[path]


def own_files(target: Target, exists: Callable[[str], bool] | None = None) -> Iterator[str]:
    """The files that a target names: a python target's, a command's program and those arguments that are files.

    exists: whether a root-relative path is a file; without it only what has to be one is given.
    """
    if target.kind == "python":
        yield posixpath.normpath(str(target.address).rpartition(":")[0])
    if isinstance(target.address, str):
        return
    program, *arguments = target.address
    if "/" in program and not program.startswith("/"):
        yield posixpath.normpath(program)
    if exists is None:
        return
    for before, argument in zip(target.address, arguments, strict=False):
        for path in _named(argument, module=before == "-m" and _PYTHON.match(program) is not None):
            if exists(path):
                yield path


def _named(argument: str, *, module: bool) -> tuple[str, ...]:
    """The files an argument may be."""
    if module:
        place = argument.replace(".", "/")
        return (f"{place}.py", f"{place}/__main__.py", f"{place}/__init__.py")
    return (posixpath.normpath(argument),) if argument and not argument.startswith("-") else ()


def imports(source: bytes) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """The import statements of a Python file: the dots before, the module, and the names taken from it.

    Found by their shape, also in files that this Python cannot parse; what only looks like one is given as well.
    """
    for found in _IMPORT.finditer(source.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ")):
        if found["plain"] is not None:
            for one in found["plain"].split(b","):
                module = one.split(b" as ")[0].strip()
                if module:
                    yield 0, module.decode("utf-8", "replace"), ()
            continue
        base = found["base"]
        module = base.lstrip(b".")
        listed = re.sub(rb"#[^\n]*", b"", found["names"].strip(b"()"))
        names = tuple(name.decode("utf-8", "replace") for name in _NAME.findall(listed))
        yield len(base) - len(module), module.decode("utf-8", "replace"), names
