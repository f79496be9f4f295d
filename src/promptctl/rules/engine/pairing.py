"""Which golden set tests which prompt, from facts alone: what `golden:` says, else what `prompt:` says, else the stem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from promptctl.rules.engine.outline import Facts
from promptctl.text.prompt import identity_of
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
    """The prompt of a golden set, looked up among a project's prompts."""

    def __init__(self, prompts: Sequence[Facts]) -> None:
        self._by_name = by_name(prompts)
        claims: dict[str, list[Facts]] = {}
        stems: dict[str, list[Facts]] = {}
        for one in prompts:
            if one.golden is not None:
                claims.setdefault(one.golden, []).append(one)
            elif one.readable:
                stems.setdefault(identity_of(one.path)[0], []).append(one)
        self._claims, self._stems = claims, stems

    def prompt_of(self, golden: Facts) -> Facts | None:
        """The current version of the prompt that `golden` tests, or None where none is known."""
        if golden.path in self._claims:
            return current(self._claims[golden.path])
        if golden.prompt is not None:
            return current(self._by_name.get(golden.prompt, ()))
        return current(self._stems.get(PurePosixPath(golden.path).stem, ()))


def _version(one: Facts) -> Precedence:
    return precedence(one.version if one.version is not None and is_version(one.version) else None)
