"""The one door to GitPython: revisions, their files, and the index, read from the object database.

Nothing is ever checked out. Only GitPython's `Git` command object is used, with lists of arguments: `repo.index` does
not see the index a hook is asked about, and Commit objects fail in unclear ways in shallow clones.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path, PurePosixPath
from subprocess import PIPE
from typing import NamedTuple

os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # else the import itself fails where git is missing

from git.cmd import Git
from git.exc import GitCommandNotFound

from promptctl.adapters.checkout import environment, top_level
from promptctl.adapters.files import IGNORED_FOLDERS, inside, leaves_root, missing, whole
from promptctl.model.errors import InputError, Problem, PromptctlError, UnavailableError, UnknownRevisionError
from promptctl.model.source import Blob
from promptctl.model.suggest import closest

MAX_LINKS = 40  # as many symbolic links in a row as Linux follows
LINK = "120000"
CONFLICT = "conflict"


class Entry(NamedTuple):
    """A file of a tree: git's mode in octal, or CONFLICT, and the blob's id."""

    mode: str
    oid: str


def resolve(root: Path, spec: str) -> str:
    """The commit id that `spec` names: a git revision, `merge-base:REV` (with HEAD) or `tag:GLOB` (the newest match).

    Raises InputError for a revision git does not know (with the nearest name) and outside of a repository;
    UnavailableError where the clone is too shallow to tell (with the `git fetch` that helps), where git is missing or
    refuses the folder.
    """
    if spec.startswith("merge-base:"):
        return merge_base(root, "HEAD", spec.removeprefix("merge-base:"))
    if spec.startswith("tag:"):
        return _commit(root, _newest_tag(root, spec.removeprefix("tag:")))
    return _commit(root, spec)


class ObjectTree:
    """The files of one git tree under a project root; a `model.source.Tree` over the object database.

    `entries` maps root-relative paths to entries; blobs are read through one `git cat-file --batch`, started on the
    first read. `submodules` maps the paths of submodules to the commits they are at; their files are not in the tree.
    Not for use by several threads at once.
    """

    def __init__(
        self, root: Path, rev: str, entries: Mapping[str, Entry], submodules: Mapping[str, str] | None = None
    ) -> None:
        self.root = root
        self.rev: str | None = rev
        self.submodules: Mapping[str, str] = submodules or {}
        self._entries = entries
        self._reader: Git.AutoInterrupt | None = None

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Mode and id of every file, by path from the root."""
        return self._entries

    def paths(self) -> Sequence[str]:
        """Every file's path from the root, sorted; ignored folders and links to folders left out."""
        return self._paths

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        kept = (path for path in self._entries if IGNORED_FOLDERS.isdisjoint(path.split("/")[:-1]))
        return tuple(
            sorted(path for path in kept if self._entries[path].mode != LINK or not self._links_to_folder(path))
        )

    def read(self, path: str) -> Blob:
        """The file at `path`. Raises InputError: missing, a folder, outside of the root, in conflict, an LFS pointer."""
        clean = inside(path)
        found = self._follow(clean)
        entry = self._entries.get(found)
        if entry is None:
            raise InputError(self._absent(clean, found))
        if entry.mode == CONFLICT:
            raise InputError(
                Problem("has an unresolved merge conflict", path=clean, hint="resolve it and 'git add' the file")
            )
        return whole(Blob(path=clean, data=self._blob(entry.oid), rev=self.rev, oid=entry.oid))

    def oid(self, path: str) -> str | None:
        """The id of the content at `path`, unread; None for a link, a conflict, and what is not there."""
        entry = self._entries.get(path)
        return None if entry is None or entry.mode in (LINK, CONFLICT) else entry.oid

    def close(self) -> None:
        """End the reading process; the next read starts another."""
        if self._reader is not None:
            self._reader.__del__()  # GitPython's own way to end the process and close its pipes
            self._reader = None

    def _follow(self, path: str) -> str:
        """`path` with every symbolic link in it replaced by where it leads, all inside of the root."""
        waiting, done, links = list(PurePosixPath(path).parts), "", 0
        while waiting:
            step = f"{done}/{waiting.pop(0)}".lstrip("/")
            entry = self._entries.get(step)
            if entry is None or entry.mode != LINK:
                done = step
                continue
            links += 1
            if links > MAX_LINKS:
                raise InputError(Problem("its symbolic links go round in a circle", path=path))
            target = os.fsdecode(self._blob(entry.oid))
            led = os.path.normpath(f"{done or '.'}/{target}")
            if target.startswith("/") or led == ".." or led.startswith("../"):
                raise leaves_root(path, f"it is a symbolic link to {target}")
            waiting = [*PurePosixPath(led).parts, *waiting]
            done = ""
        return done

    def _links_to_folder(self, path: str) -> bool:
        try:
            found = self._follow(path)
        except InputError:
            return False  # listed, so that reading it can say what is wrong
        return found == "" or self._is_folder(found)

    def _is_folder(self, path: str) -> bool:
        return any(known.startswith(f"{path}/") for known in self._entries)

    def _absent(self, path: str, found: str) -> Problem:
        if self._is_folder(found):
            return Problem("is a folder, not a file", path=path)
        return missing(path, self.paths(), where=f" in {self.rev}")

    def _blob(self, oid: str) -> bytes:
        if self._reader is None:
            self._reader = process(self.root, "cat-file", "--batch")
        stdin, stdout = self._reader.stdin, self._reader.stdout
        with suppress(BrokenPipeError):  # git ends where a partial clone cannot get an object
            stdin.write(f"{oid}\n".encode())
            stdin.flush()
        header = stdout.readline().split()
        if len(header) != 3:
            self.close()
            raise UnavailableError(lost(self.root, oid))
        data: bytes = stdout.read(int(header[2]))
        stdout.read(1)
        return data


class RevisionTree(ObjectTree):
    """The files of a commit under `root`. `spec` is anything `resolve` takes; `rev` is then the commit's id."""

    def __init__(self, root: Path, spec: str) -> None:
        commit = resolve(root, spec)
        listed = ask(root, "ls-tree", "-r", "-z", commit)
        entries, submodules = {}, {}
        for line in listed.split(b"\0")[:-1]:
            about, _, name = line.partition(b"\t")
            mode, kind, oid = about.decode().split()
            if kind == "blob":
                entries[os.fsdecode(name)] = Entry(mode, oid)
            else:
                submodules[os.fsdecode(name)] = oid
        super().__init__(root, commit, entries, submodules)


class IndexTree(ObjectTree):
    """What `git commit` would record under `root`: the index, in a hook the very one git prepared for it."""

    def __init__(self, root: Path) -> None:
        listed = ask(root, "ls-files", "-s", "-z")
        entries, submodules = {}, {}
        for line in listed.split(b"\0")[:-1]:
            about, _, name = line.partition(b"\t")
            mode, oid, stage = about.decode().split()
            if mode == "160000":  # a submodule: a repository of its own
                submodules[os.fsdecode(name)] = oid
            else:
                entries[os.fsdecode(name)] = Entry(mode if stage == "0" else CONFLICT, oid)
        super().__init__(root, "index", entries, submodules)


def ask(root: Path, *arguments: str, fine: Sequence[int] = (0,)) -> bytes:
    """What a git command about `root` prints. Raises UnavailableError where it ends with a status that is not `fine`."""
    status, out, error = _run(root, *arguments)
    if status not in fine:
        _refuse_trouble(root, error)
        command = next(word for word in arguments if not word.startswith("-"))
        raise UnavailableError(Problem(f"git {command} failed: {error.strip() or f'status {status}'}"))
    return out


def lost(root: Path, name: str) -> Problem:
    """What to say of an object that git does not give: which fetch brings it, where the clone is a partial one."""
    remote = re.match(
        r"remote\.(.*)\.promisor ", asked(root, "config", "--get-regexp", r"^remote\..*\.promisor$") or ""
    )
    if remote is None:
        return Problem(f"git cannot give the object {name}", hint="run 'git fsck', or fetch what is missing")
    hint = f"run 'git fetch --refetch --no-filter {remote[1]}' where {remote[1]} can be reached"
    return Problem(f"this partial clone does not hold {name}, and {remote[1]} did not give it", hint=hint)


def is_revision(root: Path, word: str) -> bool:
    """Whether git knows `word` as a commit here."""
    command = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{word}^{{commit}}")
    return _run(root, *command)[0] == 0


def _commit(root: Path, rev: str) -> str:
    status, out, error = _run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
    if status == 0:
        return out.decode().strip().splitlines()[-1]
    _refuse_trouble(root, error)
    if _is_shallow(root):
        hint = _deepening(root, rev)
        raise UnavailableError(Problem(f"revision {rev!r} is not in this shallow clone", hint=hint))
    if _run(root, "rev-parse", "--verify", "--quiet", "HEAD")[0] != 0:
        raise UnknownRevisionError(
            Problem(f"there is no revision {rev!r}: the repository has no commit yet", hint="commit first")
        )
    near = closest(rev, _names(root))
    raise UnknownRevisionError(
        Problem(f"git knows no revision {rev!r}", hint=f"did you mean {near}?" if near else None)
    )


def merge_base(root: Path, one: str, rev: str) -> str:
    """The commit at which the histories of two revisions parted. Raises as `resolve` does."""
    ours, theirs = _commit(root, one), _commit(root, rev)
    status, out, error = _run(root, "merge-base", ours, theirs)
    if status == 0:
        return out.decode().split()[0]
    _refuse_trouble(root, error)
    if _is_shallow(root):
        # In a shallow clone "none" only says that the history shown here has none.
        hint = (
            f"run 'git fetch --unshallow origin {ours} {theirs}', or check out with the whole history (fetch-depth: 0)"
        )
        raise UnavailableError(
            Problem(f"this shallow clone cannot tell where {_shown(one)} and {rev!r} parted", hint=hint)
        )
    raise InputError(Problem(f"{_shown(one)} and {rev!r} have no common ancestor"))


def _shown(rev: str) -> str:
    return rev if rev == "HEAD" else repr(rev)


def _newest_tag(root: Path, pattern: str) -> str:
    order = ("--sort=-version:refname", "--sort=-creatordate")  # git sorts by the last one first
    listed = ask(root, "for-each-ref", *order, "--count=1", "--format=%(refname)", "--", f"refs/tags/{pattern}")
    if name := listed.decode("utf-8", "surrogateescape").strip():
        return name
    if _is_shallow(root):
        raise UnavailableError(
            Problem(f"no tag matches {pattern!r} in this shallow clone", hint="run 'git fetch --tags origin'")
        )
    raise InputError(Problem(f"no tag matches {pattern!r}"))


def _deepening(root: Path, rev: str) -> str:
    """The command that brings `rev` into a shallow clone."""
    if match := re.fullmatch(r"(.*?)((?:[~^]\d*)+)", rev):
        start = _run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{match[1] or 'HEAD'}^{{commit}}")
        steps = sum(int(n or 1) if sign == "~" else 1 for sign, n in re.findall(r"([~^])(\d*)", match[2]))
        if start[0] == 0:
            return f"run 'git fetch --deepen={steps} origin {start[1].decode().strip()}'"
    if rev.startswith("origin/"):
        branch = rev.removeprefix("origin/")
        return f"run 'git fetch --depth=1 origin {branch}:refs/remotes/origin/{branch}'"
    return f"run 'git fetch --depth=1 origin {rev}', or check out with the whole history (fetch-depth: 0)"


def _is_shallow(root: Path) -> bool:
    return _run(root, "rev-parse", "--is-shallow-repository")[1].strip() == b"true"


def _names(root: Path) -> Sequence[str]:
    return ask(root, "for-each-ref", "--format=%(refname:short)").decode("utf-8", "replace").splitlines()


def asked(root: Path, *arguments: str) -> str | None:
    """What a git command about `root` prints, or None where it ends with a failure: a value not set, a name not known."""
    status, out, _ = _run(root, *arguments)
    return None if status else out.decode("utf-8", "surrogateescape")


def process(root: Path, *arguments: str) -> Git.AutoInterrupt:
    """A git process about `root` that goes on, with `stdin` and `stdout` as binary files. Raises UnavailableError.

    Its `__del__` is GitPython's own way to end it and close its pipes.
    """
    command, variables = _command(root, arguments)
    try:
        return Git().execute(command, env=variables, istream=PIPE, as_process=True)
    except GitCommandNotFound as error:
        raise _no_git() from error


def configuration(root: Path, *arguments: str) -> None:
    """Change git's configuration: the arguments of `git config`. Raises UnavailableError with git's own words."""
    ask(root, "config", *arguments)


def _refuse_trouble(root: Path, error: str) -> None:
    """Raise what git's complaint means where it is about the repository as a whole."""
    trouble: PromptctlError | None = None
    if "dubious ownership" in error:
        place = top_level(root) or root
        trouble = UnavailableError(
            Problem(
                f"git refuses to read {place}: the folder belongs to another user",
                hint=f"if you trust it, run: git config --global --add safe.directory {place}",
            )
        )
    elif "not a git repository" in error:
        trouble = InputError(
            Problem(f"{root} is not in a git repository", hint="'git init' makes one; worktree needs none")
        )
    elif wanted := re.search(r"could not fetch (\w+) from promisor remote", error):
        trouble = UnavailableError(lost(root, wanted[1]))
    if trouble is not None:
        raise trouble


def _run(root: Path, *arguments: str) -> tuple[int, bytes, str]:
    command, variables = _command(root, arguments)
    try:
        return Git().execute(
            command,
            env=variables,
            with_extended_output=True,
            with_exceptions=False,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
        )
    except GitCommandNotFound as error:
        raise _no_git() from error


def _no_git() -> UnavailableError:
    return UnavailableError(Problem("git is not installed, or not on the PATH", hint="install git 2.31 or later"))


def _command(root: Path, arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The command line and variables of a git process about `root`.

    GitPython can add to the environment and not take away, so what must go is taken away by `env`.
    """
    variables = environment(root, os.environ)
    gone = [option for name in sorted(set(os.environ) - set(variables)) for option in ("-u", name)]
    prefix = ["env", *gone] if gone else []
    return [*prefix, "git", "--no-optional-locks", "-C", str(root), *arguments], variables
