"""Two sides of a project to the comparison of them, reading what changed and what that depends on, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from promptctl.changes.golden import GoldenChange, compare_golden
from promptctl.changes.policy import compare_policy
from promptctl.changes.prompts import compare_prompts, same_prompt
from promptctl.model.config import Config
from promptctl.model.golden import GoldenSet
from promptctl.model.prompt import Prompt
from promptctl.rules.diff.engine.comparison import (
    Comparison,
    JudgePair,
    LonelyGolden,
    PromptPair,
    SubmoduleMove,
    Unreadable,
)
from promptctl.rules.diff.engine.pairs import Match, matches
from promptctl.rules.diff.engine.references import dependents
from promptctl.rules.diff.engine.search import Lines, prompt_folders
from promptctl.rules.diff.engine.side import Side
from promptctl.rules.diff.engine.target_code import changed_code
from promptctl.text.prompt import identity_of
from promptctl.text.semver import precedence


class Reading:
    """Compares two sides. changed: the paths whose content may differ. lines: finds words in unchanged files.

    submodules: (path, commit before, commit after) of those that moved.
    """

    def __init__(
        self,
        base: Side,
        head: Side,
        changed: frozenset[str],
        lines: Lines,
        submodules: Iterable[tuple[str, str | None, str | None]] = (),
    ) -> None:
        self.base = base
        self.head = head
        self._changed = changed
        self._lines = lines
        self._submodules = tuple(submodules)

    def comparison(self) -> Comparison:
        """All that changed."""
        prompts = self._pairs("prompt")
        tested = list(self._tests_alone({path for one in prompts for path in one.golden_paths}))
        pairs = [*prompts, *(one for one in tested if isinstance(one, PromptPair))]
        return Comparison(
            prompts=tuple(sorted(pairs, key=lambda one: (one.name, precedence(one.change.prompt.version)))),
            lonely=tuple(one for one in tested if isinstance(one, LonelyGolden)),
            judges=tuple(JudgePair(one.change) for one in self._pairs("judge")),
            policy=compare_policy(self.base.config, self.head.config),
            submodules=tuple(self._moved()),
            unreadable=tuple(self._unreadable()),
        )

    def golden_of(self, pair: PromptPair) -> tuple[GoldenSet | None, GoldenSet | None]:
        """The golden sets of a pair, also where they did not change; None where there is none that can be read."""
        before, after = pair.golden_paths
        now = self._golden(after, self.head)
        was = now if before == after and not self._differs(after) else self._golden(before, self.base)
        return was, now

    def _golden(self, path: str | None, side: Side) -> GoldenSet | None:
        return None if path is None else side.golden(path)

    def _differs(self, path: str | None) -> bool:
        return path in self._changed

    @cached_property
    def _depending(self) -> dict[str, tuple[str, ...]]:
        return dict(dependents(self.base, self.head, self._changed, self._lines))

    @cached_property
    def _code(self) -> Mapping[str, tuple[str, ...]]:
        return changed_code(self.head, self._changed, self._lines)

    def _touched(self, kind: str) -> set[str]:
        """The files of a kind that changed, or of which something they depend on did."""
        return {
            path
            for path in {*self._changed, *self._depending, *self._code}
            if kind in (self.base.kinds.get(path), self.head.kinds.get(path))
        }

    def _pairs(self, kind: str) -> list[PromptPair]:
        paths = sorted(self._touched(kind))
        old = [found for path in paths if self.base.kinds.get(path) == kind and (found := self.base.prompt(path))]
        new = [found for path in paths if self.head.kinds.get(path) == kind and (found := self.head.prompt(path))]
        silent = {path for path in paths for side in (self.base, self.head) if path in side.problems}
        matched = matches(old, new, lambda name: self._resting(name, kind))
        told = [one for one in matched if not self._half(one, silent)]
        return [pair for one in told if (pair := self._pair(one)) is not None]

    def _half(self, match: Match, silent: set[str]) -> bool:
        """Whether one half of a pair is in a file that could not be read: then nothing is known of its change."""
        if match.before is not None and match.after is not None:
            return False
        prompt = match.after or match.before
        return prompt is not None and prompt.source.path in silent

    def _pair(self, match: Match) -> PromptPair | None:
        was, now = match.before, match.after
        paths = (self.base.golden_path(was), self.head.golden_path(now))
        change = compare_prompts(was, now, kept=match.kept, replaced=match.replaced)
        golden, checks = self._tests(paths) if now is not None else (None, ())
        code = self._code.get(now.source.path, ()) if now is not None else ()
        if (
            was is not None
            and now is not None
            and golden is None
            and not (checks or code)
            and self._untouched(was, now)
        ):
            return None
        return PromptPair(change, golden, checks, match.left, paths, code)

    def _untouched(self, was: Prompt, now: Prompt) -> bool:
        """Whether a file that was looked at is the same after all."""
        path = now.source.path
        if was.source.path != path or not same_prompt(was, now):
            return False
        return not self._differs(path) or self.base.tree.read(path).data == self.head.tree.read(path).data

    def _tests(self, paths: tuple[str | None, str | None]) -> tuple[GoldenChange | None, tuple[str, ...]]:
        """What changed in the golden set, None for nothing, and the changed files its assertions use."""
        before, after = paths
        checks = self._depending.get(after or "", ())
        if before is None and after is None:
            return None, checks
        if before == after and not self._differs(after):
            return None, checks
        was, now = self._golden(before, self.base), self._golden(after, self.head)
        if any(path in side.problems for path, side in ((before, self.base), (after, self.head)) if path is not None):
            return None, checks  # said as unreadable
        found = compare_golden(was, now)
        return (None if found.empty or (was is None and now is None) else found), checks

    def _resting(self, name: str, kind: str) -> Sequence[Prompt]:
        """The prompts called `name` in files that did not change."""
        side = self.base
        by_path = {path for path, what in side.kinds.items() if what == kind and identity_of(path)[0] == name}
        by_text = {path for path, line in self._lines([name], prompt_folders(side.config)) if _names(line, name)}
        resting = sorted(path for path in by_path | by_text if side.kinds.get(path) == kind)
        found = [side.prompt(path) for path in resting if path not in self._touched(kind)]
        return [one for one in found if one is not None and one.name == name]

    def _tests_alone(self, known: set[str | None]) -> Iterator[PromptPair | LonelyGolden]:
        """Golden sets that changed, or of which a check did, though the prompt they test did not."""
        done: set[str] = set()
        for path in sorted(self._touched("golden") - known):
            prompt = self._user(path)
            if prompt is not None and prompt.source.path in done:
                continue
            here = tuple(path if path in side.paths else None for side in (self.base, self.head))
            paths = (here[0], here[1])
            if prompt is not None:
                done.add(prompt.source.path)
                paths = (self.base.golden_path(prompt), self.head.golden_path(prompt))
            golden, checks = self._tests(paths)
            if golden is None and not checks:
                continue
            if prompt is not None:
                yield PromptPair(compare_prompts(prompt, prompt), golden, checks, golden_paths=paths)
            else:
                yield _lonely(path, golden or GoldenChange(self.head.golden(path), self.head.golden(path)), checks)

    def _user(self, path: str) -> Prompt | None:
        """The prompt, of those that did not change, that a golden set tests; its highest version."""
        file = path.rpartition("/")[2]
        stem = file.rpartition(".")[0]
        sets = [known for side in (self.base, self.head) if path in side.paths and (known := side.golden(path))]
        names = {stem, *(golden.prompt for golden in sets if golden.prompt is not None)}
        candidates = {one for one, kind in self.head.kinds.items() if kind == "prompt" and identity_of(one)[0] in names}
        candidates |= {one for one, _ in self._lines([file], prompt_folders(self.head.config))}
        found = [
            prompt
            for one in sorted(candidates)
            if self.head.kinds.get(one) == "prompt" and one not in self._touched("prompt")
            if (prompt := self.head.prompt(one)) is not None
            if path in (self.base.golden_path(prompt), self.head.golden_path(prompt))
        ]
        return max(found, key=lambda one: precedence(one.version), default=None)

    def _moved(self) -> Iterator[SubmoduleMove]:
        entries = [entry for config in (self.base.config, self.head.config) for entry in _entries(config)]
        for path, before, after in self._submodules:
            holds = any(_within(entry, path) or _within(path, entry) for entry in entries)
            yield SubmoduleMove(path, before, after, holds)

    def _unreadable(self) -> Iterator[Unreadable]:
        for word, side in (("before", self.base), ("after", self.head)):
            for path, problems in sorted(side.problems.items()):
                if path in self._changed or path in self._depending:
                    yield Unreadable(word, path, problems)


def _lonely(path: str, golden: GoldenChange, checks: tuple[str, ...]) -> LonelyGolden:
    said = golden.after or golden.before
    return LonelyGolden((said.prompt if said else None) or identity_of(path)[0], golden, checks)


def _names(line: str, name: str) -> bool:
    """Whether a line of YAML gives a prompt this name."""
    key, colon, value = line.partition(":")
    return bool(colon) and key.strip().strip("\"'") == "name" and name in value


def _entries(config: Config) -> tuple[str, ...]:
    return (*config.prompts, *config.golden, *config.judges)


def _within(path: str, folder: str) -> bool:
    clean, above = path.strip("/").removeprefix("./"), folder.strip("/").removeprefix("./")
    return above in ("", ".") or clean == above or clean.startswith(f"{above}/")
