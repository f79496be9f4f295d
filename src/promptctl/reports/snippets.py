"""The line a finding points at, with a caret below it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from promptctl.model.finding import Finding
from promptctl.reports.cells import clip, width
from promptctl.reports.escape import visible

_LINE_END = re.compile(r"\r\n|\n|\r")
_CONTEXT = 12


class SourceLines:
    """The lines of the files findings point into. Splits each file once."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._lines: dict[str, list[str]] = {}

    def line(self, path: str | None, number: int | None) -> str | None:
        """The raw line `number` (1-based) of `path`, or None where it is not known."""
        if path is None or number is None or path not in self._sources:
            return None
        if path not in self._lines:
            self._lines[path] = _LINE_END.split(self._sources[path])
        lines = self._lines[path]
        return lines[number - 1] if 1 <= number <= len(lines) else None


def snippet(finding: Finding, sources: SourceLines, cells: int | None) -> tuple[str, str, str] | None:
    """The finding's line as it is shown, the caret's padding, and the carets; None where the line is not known.

    The line takes at most `cells` cells: a longer one is cut around the place, with an ellipsis where it was cut.
    """
    raw = sources.line(finding.path, finding.line)
    if raw is None:
        return None
    start = 0 if finding.column is None else min(max(finding.column - 1, 0), len(raw))
    end = start if finding.end_column is None else min(max(finding.end_column - 1, start), len(raw))
    before, meant, after = (_shown(part) for part in (raw[:start], raw[start:end], raw[end:]))
    if cells is not None and width(before) + width(meant) + width(after) > cells:
        before = _last(before, min(_CONTEXT, cells // 3))
        meant, after = _fit(meant, after, cells - width(before))
    carets = "" if finding.column is None else "^" * max(1, width(meant))
    return before + meant + after, " " * width(before), carets


def _shown(part: str) -> str:
    return visible(part).replace("\t", "    ")


def _last(text: str, cells: int) -> str:
    """The end of `text`, an ellipsis first where its beginning was cut off."""
    if width(text) <= cells:
        return text
    kept = text[-cells + 1 :]
    while width(kept) > cells - 1:
        kept = kept[1:]
    return "…" + kept


def _fit(meant: str, after: str, cells: int) -> tuple[str, str]:
    if width(meant) >= cells:
        return clip(meant, cells), ""
    return meant, clip(after, cells - width(meant))
