"""Which prompts and golden sets depend on files that are neither: what they include, their schemas and checks."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from promptctl.model.errors import InputError
from promptctl.rules.diff.engine.search import Lines, folders_of
from promptctl.rules.diff.engine.side import Side

_TOKEN = re.compile(r"""[^\s"'\[\]{}(),:#<>|\\]+""")
_MARKS = ("include", "$ref", "schema")
_MOST_SUFFIXES = 40
_DEEPEST = 50


def dependents(base: Side, head: Side, changed: frozenset[str], lines: Lines) -> Mapping[str, tuple[str, ...]]:
    """The changed files that each prompt, judge and golden set depends on, directly or by way of others.

    Only files that are not themselves prompts, judges or golden sets are looked at. What one mentions and does not use
    costs a look at both sides and nothing else.
    """
    known = {**base.kinds, **head.kinds}
    others = {path for path in changed if path not in known}
    if not others:
        return {}
    suffixes = sorted({posixpath.splitext(path)[1] for path in others} - {""})
    words = [*_MARKS, *suffixes[:_MOST_SUFFIXES]]
    mentioned: dict[str, set[str]] = {}
    for path, line in lines(words, folders_of(head.config)):
        if path in known:
            mentioned.setdefault(path, set()).update(_TOKEN.findall(line))
    for path in changed & set(head.kinds):
        mentioned[path] = set(_TOKEN.findall(_text(head, path)))
    reach = _Reach(head, others)
    found = {path: reach.from_tokens(path, tokens) for path, tokens in mentioned.items()}
    return {path: tuple(sorted(hit)) for path, hit in found.items() if hit}


class _Reach:
    """Follows mentions from file to file; a file is read once."""

    def __init__(self, side: Side, others: Iterable[str]) -> None:
        self._side = side
        self._others = frozenset(others)
        self._known = side.paths | self._others
        self._seen: dict[str, Sequence[str]] = {}

    def from_tokens(self, path: str, tokens: Iterable[str]) -> set[str]:
        found: set[str] = set()
        done: set[str] = set()
        waiting = [(target, 0) for target in self._targets(path, tokens)]
        while waiting:
            target, depth = waiting.pop()
            if target in done or depth > _DEEPEST:
                continue
            done.add(target)
            if target in self._others:
                found.add(target)
            if target not in self._side.kinds:
                waiting += [(one, depth + 1) for one in self._mentions(target)]
        return found

    def _mentions(self, path: str) -> Sequence[str]:
        if path not in self._seen:
            text = _text(self._side, path)
            follows = any(mark in text for mark in _MARKS)
            self._seen[path] = tuple(self._targets(path, _TOKEN.findall(text))) if follows else ()
        return self._seen[path]

    def _targets(self, path: str, tokens: Iterable[str]) -> Iterable[str]:
        folder = posixpath.dirname(path)
        for token in tokens:
            for target in (token, posixpath.normpath(posixpath.join(folder, token))):
                if target in self._known and target not in self._side.kinds:
                    yield target


def _text(side: Side, path: str) -> str:
    try:
        return side.tree.read(path).data.decode("utf-8", "replace")
    except InputError:
        return ""
