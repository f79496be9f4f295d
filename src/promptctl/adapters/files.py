"""The working tree: finding the project's root, reading its files safely, writing files whole."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from promptctl.model.errors import InputError, Problem, UnavailableError
from promptctl.model.source import Blob
from promptctl.model.suggest import closest

PROJECT_FILE = "promptctl.yaml"
IGNORED_FOLDERS = frozenset({".git", ".promptctl", "node_modules", ".venv", "__pycache__"})
LFS_POINTER = b"version https://git-lfs.github.com/spec/v1"
"""First line of a Git LFS pointer: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md"""

DISK_FULL = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})


def find_root(start: Path) -> Path:
    """The project root for a command started in `start`: the folder of promptctl.yaml, else git's top level, else `start`.

    The search for promptctl.yaml goes upwards and ends at git's top level, so that a file of somebody else's
    above the repository never configures it. An absolute path comes out.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file() or os.path.lexists(folder / ".git"):
            return folder
    return start


@dataclass(frozen=True, slots=True)
class WorkTree:
    """The files under `root` as they are on the disk now; a `model.source.Tree`."""

    root: Path
    rev: str | None = None

    def paths(self) -> Sequence[str]:
        """Every file's path from the root, with forward slashes, sorted.

        Left out: the ignored folders, virtual environments, and folders that are git repositories of their own.
        Folders behind symbolic links are not entered; a broken link is listed, so that reading it can say so.
        """
        found: list[str] = []
        waiting = [("", str(self.root))]
        while waiting:
            prefix, folder = waiting.pop()
            for entry in _entries(folder, is_root=not prefix):
                name = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in IGNORED_FOLDERS:
                        waiting.append((f"{name}/", entry.path))
                elif entry.is_file(follow_symlinks=False) or (entry.is_symlink() and not Path(entry.path).is_dir()):
                    found.append(name)
        return sorted(found)

    def read(self, path: str) -> Blob:
        """The file at `path` (relative to the root, forward slashes).

        Raises InputError: missing (with the nearest name), a folder, not a regular file, unreadable, outside of
        the root by `..` or a symbolic link, a loop of links, a Git LFS pointer.
        """
        clean = inside(path)
        full = self.root / clean
        try:
            real = Path(os.path.realpath(full, strict=True))
            if not real.is_relative_to(os.path.realpath(self.root)):
                raise leaves_root(clean, f"it is a symbolic link to {real}")
            data = _read_regular(real)
        except OSError as error:
            raise InputError(self._unreadable(clean, error)) from error
        return whole(Blob(path=clean, data=data))

    def _unreadable(self, path: str, error: OSError) -> Problem:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return missing(path, self.paths())
        if error.errno == errno.ELOOP:
            return Problem(
                "its symbolic links go round in a circle", path=path, hint="point the link at the file itself"
            )
        if error.errno == errno.EISDIR:
            return Problem("is a folder, not a file", path=path)
        return Problem(f"cannot be read: {error.strerror or error}", path=path)


def inside(path: str) -> str:
    """`path` in its shortest form; raises InputError where it leaves the root or is no name a file can have."""
    shown = path.encode("utf-8", "backslashreplace").decode()
    if shown != path or "\0" in path:
        raise InputError(
            Problem("the file's name is not valid UTF-8 text", path=shown.replace("\0", "\\0"), hint="rename it")
        )
    clean = os.path.normpath(path)
    if path.startswith("/") or clean == ".." or clean.startswith("../"):
        raise leaves_root(path, "paths in a project are relative to its root and stay inside")
    return clean


def leaves_root(path: str, why: str) -> InputError:
    """The error for a path that leads out of the project."""
    return InputError(Problem(f"leads out of the project: {why}", path=path, hint="copy the file into the project"))


def missing(path: str, known: Sequence[str], where: str = "") -> Problem:
    """The problem of a file that is not there; `where` names the revision, if any."""
    near = closest(path, known)
    return Problem(f"no such file{where}", path=path, hint=f"did you mean {near}?" if near else None)


def whole(blob: Blob) -> Blob:
    """`blob` itself; raises InputError where it is a Git LFS pointer in place of the file."""
    if blob.data.startswith(LFS_POINTER):
        raise InputError(
            Problem(
                "is a Git LFS pointer, not the file itself",
                path=blob.path,
                hint="run 'git lfs pull', in CI check out with LFS",
            )
        )
    return blob


def atomic_write(path: Path, data: bytes) -> None:
    """Write `data` so that `path` holds the old bytes or all of the new ones, whenever the process dies.

    A temporary file beside it, fsync, rename. An existing file keeps its permissions. Raises InputError where the
    folder is missing or the path cannot be a file, UnavailableError where the disk is full or refuses.
    """
    temporary: Path | None = None
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".tmp", delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), _mode(path))
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise write_error(path, error) from error
        raise


def write_error(path: Path, error: OSError) -> InputError | UnavailableError:
    """What a failed write of a file the user asked for means: a wrong path (exit 2), or a disk that refuses (exit 3)."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG):
        return InputError(
            Problem(f"cannot be written: {error.strerror}", path=str(path), hint="name a file in an existing folder")
        )
    if disk_full(error):
        return UnavailableError(
            Problem("cannot be written: the disk is full", path=str(path), hint="free some space and run again")
        )
    return UnavailableError(Problem(f"cannot be written: {error.strerror or error}", path=str(path)))


def disk_full(error: OSError) -> bool:
    """Whether the error says that there is no room: disk, quota or file size limit."""
    return error.errno in DISK_FULL


def _entries(folder: str, *, is_root: bool) -> Sequence[os.DirEntry[str]]:
    """A folder's entries; none where it vanished, may not be read, or is a repository or environment of its own."""
    try:
        with os.scandir(folder) as scan:
            entries = list(scan)
    except OSError:
        return ()
    foreign = not is_root and any(entry.name in (".git", "pyvenv.cfg") for entry in entries)
    return () if foreign else entries


def _read_regular(path: Path) -> bytes:
    # O_NONBLOCK: opening a named pipe would wait for a writer for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "not a regular file")
        return file.read()


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
