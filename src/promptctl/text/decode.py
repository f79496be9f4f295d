"""From a file's bytes to its text, and the one sentence for every way that can fail."""

from __future__ import annotations

from promptctl.model.errors import InputError, Problem
from promptctl.model.source import Blob

LFS_HEADER = b"version https://git-lfs.github.com/spec/v1"


def decode(blob: Blob) -> str:
    """The text of `blob`: UTF-8, a byte order mark dropped, line ends as they are.

    Raises InputError: a git-LFS pointer instead of the file, bytes that are not UTF-8.
    """
    if blob.data.startswith(LFS_HEADER):
        message = "this is a git-LFS pointer, not the file it stands for"
        raise InputError(Problem(message, blob.path, 1, 1, hint="git lfs pull"))
    try:
        return blob.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = place_of_byte(blob.data, error.start)
        message = f"byte 0x{blob.data[error.start]:02x} is not UTF-8"
        raise InputError(Problem(message, blob.path, line, column, hint="save the file as UTF-8")) from None


def place_of_byte(data: bytes, offset: int) -> tuple[int, int]:
    """1-based line and column (in characters) of a byte offset, everything before it being UTF-8."""
    before = data[:offset]
    start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[start:].decode("utf-8-sig", "replace")) + 1


def place_of(text: str, offset: int) -> tuple[int, int]:
    """1-based line and column of a character offset."""
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1
