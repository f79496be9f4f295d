"""The names on a command line of `diff`: what they mean, and the part of a comparison they ask for."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from promptctl.cli.compared import Compared
from promptctl.cli.revisions import Spoken, refuse_revision, unknown
from promptctl.model.errors import InputError, NothingSelectedError, Problem
from promptctl.rules.diff.engine.comparison import Comparison, JudgePair, PromptPair
from promptctl.rules.diff.engine.search import prompt_folders
from promptctl.text.prompt import identity_of

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(@\S+)?\Z")  # HEAD~1 and origin/main can only be revisions


@dataclass(frozen=True, slots=True)
class Names:
    """Answers what a word names, in the project a command was started in."""

    found: Compared
    root: Path
    cwd: Path

    def check(self, words: Spoken) -> None:
        """Refuse words that mean two things, and those that mean nothing. Raises InputError, NothingSelectedError."""
        for word in words.ambiguous:
            if _NAME.match(word) and self._is_prompt(word):
                hint = f"write 'promptctl diff {word} --' for the revision, 'promptctl diff -- {word}' for the prompt"
                raise InputError(Problem(f"{word!r} is both a revision and a prompt", hint=hint))
        for word in words.names:
            if self._is_prompt(word) or self._path(word) is not None:
                continue
            if word == words.doubtful:
                refuse_revision(self.root, word)
            raise NothingSelectedError(unknown(word, sorted(self._stems())))

    def narrowed(self, names: Sequence[str]) -> Comparison:
        """The part of the comparison that the names ask for; all of it without names."""
        comparison = self.found.comparison
        if not names:
            return comparison
        wanted = [(word, self._path(word)) for word in names]
        policy = comparison.policy
        if not any(
            _under(policy.after.path or policy.before.path or "", path) for _, path in wanted if path is not None
        ):
            policy = replace(policy, changes=(), loosened=())
        return Comparison(
            prompts=tuple(one for one in comparison.prompts if any(_asked(one, *pair) for pair in wanted)),
            lonely=tuple(
                one for one in comparison.lonely if any(_fits(one.name, (one.golden.path,), *pair) for pair in wanted)
            ),
            judges=tuple(one for one in comparison.judges if any(_asked(one, *pair) for pair in wanted)),
            policy=policy,
            submodules=tuple(
                one
                for one in comparison.submodules
                if any(path is not None and _under(one.path, path) for _, path in wanted)
            ),
            unreadable=tuple(
                one
                for one in comparison.unreadable
                if any(_fits(identity_of(one.path)[0], (one.path,), *pair) for pair in wanted)
            ),
        )

    def _is_prompt(self, word: str) -> bool:
        name = word.rpartition("@")[0] or word
        if name in self._stems() or any(name in _names(one) for one in self.found.comparison.prompts):
            return True
        reading = self.found.reading
        lines = self.found.sides.lines([name], prompt_folders(reading.base.config))
        return any(
            (prompt := reading.base.prompt(path)) is not None and prompt.name == name
            for path in sorted({path for path, line in lines if "name" in line})
            if reading.base.kinds.get(path) == "prompt"
        )

    def _stems(self) -> set[str]:
        sides = (self.found.reading.base, self.found.reading.head)
        return {identity_of(path)[0] for side in sides for path, kind in side.kinds.items() if kind == "prompt"}

    def _path(self, word: str) -> str | None:
        """The root-relative path a word is, seen from the working directory; None where neither side has it."""
        full = Path(os.path.normpath(self.cwd / word))
        for place, top in ((full, self.root), (full.resolve(), self.root.resolve())):
            if place.is_relative_to(top):
                path = place.relative_to(top).as_posix()
                known = (*self.found.sides.base.paths(), *self.found.sides.head.paths())
                return path if path == "." or any(_under(one, path) for one in known) else None
        return None


def _asked(pair: PromptPair | JudgePair, word: str, path: str | None) -> bool:
    change = pair.change
    sides = [one for one in (change.before, change.after) if one is not None]
    paths = [one.source.path for one in sides]
    if isinstance(pair, PromptPair):
        paths += [one for one in pair.golden_paths if one is not None]
    names = {name for one in sides for name in (one.name, f"{one.name}@{one.version}")}
    return word in names or (path is not None and any(_under(one, path) for one in paths))


def _names(pair: PromptPair) -> set[str]:
    return {one.name for one in (pair.change.before, pair.change.after) if one is not None}


def _fits(name: str, paths: Sequence[str], word: str, path: str | None) -> bool:
    return word == name or (path is not None and any(_under(one, path) for one in paths))


def _under(path: str, folder: str) -> bool:
    return folder == "." or path == folder or path.startswith(f"{folder}/")
