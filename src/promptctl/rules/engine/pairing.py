"""Which golden set tests which prompt, from facts alone: what the prompt's `golden:` says, else the set of the same stem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from promptctl.rules.engine.outline import Facts
from promptctl.text.semver import Precedence, is_version, precedence


def current(prompts: Sequence[Facts]) -> Facts | None:
    """The highest version among prompts of one name; None for none."""
    return max(prompts, key=_version, default=None)


def by_name(prompts: Sequence[Facts]) -> Mapping[str, Sequence[Facts]]:
    """Readable prompts by name."""
    out: dict[str, list[Facts]] = {}
    for one in prompts:
        if one.name is not None:
            out.setdefault(one.name, []).append(one)
    return out


class Pairing:
    """A project's prompts and golden sets, brought together. golden: the paths of all golden sets."""

    def __init__(self, prompts: Sequence[Facts], golden: Iterable[str]) -> None:
        stems: dict[str, list[str]] = {}
        for path in golden:
            stems.setdefault(path.rpartition("/")[2].rpartition(".")[0], []).append(path)
        self.golden_of = {one.path: _sets(one, stems) for one in prompts if one.readable}
        users: dict[str, list[Facts]] = {}
        for one in prompts:
            for path in self.golden_of.get(one.path, ()):
                users.setdefault(path, []).append(one)
        self._tested = {path: found for path, all_ in users.items() if (found := current(all_)) is not None}

    def prompt_of(self, golden: str) -> Facts | None:
        """The prompt that the golden set at `golden` tests, in its current version; None where no prompt uses the set."""
        return self._tested.get(golden)


def _sets(prompt: Facts, stems: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    if prompt.golden is not None:
        return (prompt.golden,)
    for stem in (prompt.stem, prompt.name or ""):
        if stem in stems:
            return tuple(stems[stem])
    return ()


def _version(one: Facts) -> Precedence:
    return precedence(one.version if one.version is not None and is_version(one.version) else None)
