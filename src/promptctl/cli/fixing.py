"""`promptctl lint --fix`: the edits of findings that have one right answer, written to the working tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from promptctl.adapters.files import atomic_write
from promptctl.model.errors import InputError
from promptctl.model.source import Blob, Tree
from promptctl.rules.engine.fixes import Edit, apply
from promptctl.rules.engine.lint import Linted
from promptctl.rules.engine.placed import edits_by_path
from promptctl.text.decode import decode
from promptctl.text.yaml import load

PASSES = 5
"""A fix may call for another (a pinned model for a raised version); more rounds than this would be two that disagree."""
_MARK = b"\xef\xbb\xbf"


def fix_files(root: Path, tree: Tree, lint: Callable[[], Linted]) -> int:
    """Do every fix, lint again, until nothing is left to fix; the number of edits made.

    A file is written whole, with its line ends and its byte order mark, and only where it can still be read afterwards.
    Raises UnavailableError where a file cannot be written.
    """
    done = 0
    for _ in range(PASSES):
        made = sum(_edit(root, tree, path, edits) for path, edits in edits_by_path(lint().found).items())
        done += made
        if not made:
            break
    return done


def _edit(root: Path, tree: Tree, path: str, edits: Sequence[Edit]) -> int:
    blob = tree.read(path)
    text, count = apply(decode(blob), edits)
    data = (_MARK if blob.data.startswith(_MARK) else b"") + text.encode()
    try:
        load(Blob(path, data))
    except InputError:
        return 0
    if not count or data == blob.data:
        return 0
    atomic_write((root / path).resolve(), data)
    return count
