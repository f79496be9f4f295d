"""Which files of a tree an entry of the configuration means: a file, a folder with all below it, or a glob."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

_GLOB = frozenset("*?[")


def matching(entry: str, paths: Iterable[str], suffixes: Sequence[str]) -> list[str]:
    """The paths `entry` means, in order. A folder means its files with one of `suffixes`, at any depth.

    A glob means the files and the folders that match it. In it `*` and `?` stay inside one path segment, `**` crosses
    segments, `[...]` is a set of characters.
    """
    plain = entry.strip("/").removeprefix("./")
    if _GLOB & set(plain):
        file, folder_of = _pattern(plain, r"\Z"), _pattern(plain, "/")
        ends = tuple(suffixes)
        return [p for p in paths if file.match(p) or (folder_of.match(p) and p.lower().endswith(ends))]
    folder = "" if plain in {"", "."} else f"{plain}/"
    return [
        path for path in paths if path == plain or (path.startswith(folder) and path.lower().endswith(tuple(suffixes)))
    ]


@functools.lru_cache(maxsize=256)
def _pattern(glob: str, tail: str) -> re.Pattern[str]:
    out = []
    at = 0
    while at < len(glob):
        if glob.startswith("**/", at):
            out.append("(?:[^/]+/)*")
            at += 3
        elif glob.startswith("**", at):
            out.append(".*")
            at += 2
        elif glob[at] == "[" and "]" in glob[at + 2 :]:
            end = glob.index("]", at + 2)
            inner = glob[at + 1 : end].replace("\\", r"\\").replace("[", r"\[")
            out.append(f"[^{inner[1:]}]" if inner[0] == "!" else f"[{inner}]")
            at = end + 1
        else:
            out.append({"*": "[^/]*", "?": "[^/]"}.get(glob[at], re.escape(glob[at])))
            at += 1
    return re.compile("".join(out) + tail)
