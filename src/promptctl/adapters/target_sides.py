"""Two revisions of a system under test: each side's code runs in a folder that holds that side's files."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from promptctl.adapters.baseline import copy_files
from promptctl.adapters.git import ObjectTree
from promptctl.model.errors import CallFailed, InputError
from promptctl.model.run import Request
from promptctl.model.source import Tree
from promptctl.text.target_code import TargetCode

_TOO_MUCH = "record the answers of that revision ('promptctl eval --record'), or ask its system at an http address"


class TargetSides:
    """Finds the side whose code a request was made for, by its digest, and a folder in which that code is.

    root: the working tree, which is the folder of a side that is no revision. base, head: the trees of both sides.
    urls: the addresses the head's targets name: a server there is the head's.
    """

    def __init__(self, root: Path, base: Tree, head: Tree, urls: frozenset[str]) -> None:
        self._root = root
        self._head, self._base = (TargetCode(head), head), (TargetCode(base), base)
        self._urls = urls
        self._folders: dict[int, Path] = {}
        self._stack = ExitStack()

    def place(self, request: Request) -> Path:
        """The folder for the code of a request; that of the head where both sides have the same.

        Raises CallFailed: neither side has that code (any more), or the head's server would be asked for the base's
        answer. UnavailableError where the files of a side cannot be copied.
        """
        if request.target is None:
            raise ValueError("a request without a target")
        if self._is_of(self._head[0], request):
            return self._root if not request.target.runs_code else self._folder(self._head[1])
        if not self._is_of(self._base[0], request):
            raise CallFailed(f"{request.model} changed while it was used", kind="other", aborts=True)
        if request.target.runs_code:
            return self._folder(self._base[1])
        if str(request.target.address) in self._urls:
            message = (
                f"{request.model}: the server there is the head's, and what `watch` means differs at the base: the base's "
                "answers have to be recorded ('promptctl eval --record' at that revision)"
            )
            raise CallFailed(message, kind="recording_missing")
        return self._root

    def close(self) -> None:
        """Remove the folders. Nothing may run in them any more."""
        self._stack.close()
        self._folders.clear()

    @staticmethod
    def _is_of(code: TargetCode, request: Request) -> bool:
        try:
            return request.target is not None and code.endpoint(request.target) == request.endpoint
        except InputError:
            return False

    def _folder(self, tree: Tree) -> Path:
        if not isinstance(tree, ObjectTree):
            return self._root
        if id(tree) not in self._folders:
            made = TemporaryDirectory(prefix="promptctl-side-", ignore_cleanup_errors=True)
            folder = Path(self._stack.enter_context(made)).resolve()
            copy_files(tree, folder, what="code", hint=_TOO_MUCH)
            self._folders[id(tree)] = folder
        return self._folders[id(tree)]
