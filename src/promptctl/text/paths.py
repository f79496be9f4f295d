"""What a path says of a file: whether it is a prompt, a judge or a golden set by the configuration's entries, and whose."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from promptctl.model.config import Config
from promptctl.text.semver import version_in_stem

CONFIG_FILE = "promptctl.yaml"
PROMPT_SUFFIXES = (".yaml", ".yml")
GOLDEN_SUFFIXES = (".yaml", ".yml", ".jsonl", ".csv")
LABELS_SUFFIX = ".labels.jsonl"
"""People's labels stand beside their judge: `judges/grader.labels.jsonl` is grader.yaml's, and never anything else."""
_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Sorting:
    """The files of a project by what they are.

    kinds: path to "prompt", "golden" or "judge", by path. unmatched: the entries that mean no file, with their key in
    the configuration.
    """

    kinds: Mapping[str, str]
    unmatched: tuple[tuple[str, str], ...]


def sort_files(config: Config, paths: Sequence[str]) -> Sorting:
    """Every file under one kind: of the entries that mean it, the longest decides, the first of those equally long."""
    claims: dict[str, tuple[int, str]] = {}
    unmatched: list[tuple[str, str]] = []
    for key, kind, entries, suffixes in (
        ("prompts", "prompt", config.prompts, PROMPT_SUFFIXES),
        ("golden", "golden", config.golden, GOLDEN_SUFFIXES),
        ("judges", "judge", config.judges, PROMPT_SUFFIXES),
    ):
        for entry in entries:
            found = [one for one in matching(entry, paths, suffixes) if one != CONFIG_FILE and not is_labels(one)]
            if not found:
                unmatched.append((key, entry))
            claim = (len(entry.strip("./")), kind)
            for path in found:
                if path not in claims or claim[0] > claims[path][0]:
                    claims[path] = claim
    return Sorting({path: claims[path][1] for path in sorted(claims)}, tuple(unmatched))


def is_labels(path: str) -> bool:
    """Whether the path is that of a judge's labels file."""
    return path.lower().endswith(LABELS_SUFFIX)


def labels_files(config: Config, paths: Sequence[str]) -> list[str]:
    """The labels files that lie where the configuration's entries look for judges."""
    found = {path for entry in config.judges for path in matching(entry, paths, (LABELS_SUFFIX,)) if is_labels(path)}
    return sorted(found)


def labels_path(judge: str) -> str:
    """The path of the labels of the judge in the file `judge`: the same folder, the same stem."""
    above, slash, file = judge.rpartition("/")
    return f"{above}{slash}{file.rpartition('.')[0] or file}{LABELS_SUFFIX}"


def identity_of(path: str) -> tuple[str, str | None]:
    """The name and version a prompt file's path gives: `bot.yaml` is bot, `bot/v2.1.0.yaml` is bot at 2.1.0."""
    above, _, file = path.rpartition("/")
    dot = file.rfind(".")
    stem = file[:dot] if 0 < dot < len(file) - 1 else file
    version = version_in_stem(stem)
    folder = above.rpartition("/")[2]
    return (folder, version) if version is not None and folder else (stem, None)


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
