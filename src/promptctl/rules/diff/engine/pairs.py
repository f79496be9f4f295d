"""Which prompt of one side is which of the other: by name, then by version; paths only help where names are new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from promptctl.model.prompt import Prompt
from promptctl.text.semver import Precedence, precedence

Named = Callable[[str], Sequence[Prompt]]
"""A name to the prompts of that name in files that did not change, the same on both sides."""


@dataclass(frozen=True, slots=True)
class Match:
    """Two versions of one prompt. kept: whether the one before is still there. replaced: the name it had before.

    left: for a version that is gone, the versions that are still there.
    """

    before: Prompt | None
    after: Prompt | None
    kept: bool = False
    replaced: str | None = None
    left: tuple[str, ...] = ()


def matches(old: Sequence[Prompt], new: Sequence[Prompt], named: Named) -> tuple[Match, ...]:
    """Pairs the prompts of files that changed; prompts of unchanged files take part where a version is new or gone."""
    pairs: list[tuple[Prompt, Prompt]] = []
    gone, fresh = list(old), list(new)
    for fits in (_same_version, _same_file):
        for one in tuple(fresh):
            found = next((was for was in gone if was.name == one.name and fits(was, one)), None)
            if found is not None:
                pairs.append((found, one))
                gone.remove(found)
                fresh.remove(one)
    out = [Match(was, now) for was, now in pairs]
    for one in _ascending(fresh):
        match = _upgrade(one, old, new, gone, named)
        if match is not None:
            out.append(match)
            fresh.remove(one)
    out += _renames(gone, fresh, old, named)
    out += [Match(was, None, left=_left(was, new, named)) for was in gone]
    out += [Match(None, now) for now in fresh]
    return tuple(sorted(out, key=_order))


def _upgrade(
    one: Prompt, old: Sequence[Prompt], new: Sequence[Prompt], gone: list[Prompt], named: Named
) -> Match | None:
    """A version that stands in a file of its own, against the version that was current before."""
    resting = named(one.name)
    before = max((was for was in (*old, *resting) if was.name == one.name), key=_rank, default=None)
    if before is None:
        return None
    if before in gone:
        gone.remove(before)
    still = [now for now in (*new, *resting) if now is not one]
    kept = any((now.name, now.version) == (before.name, before.version) for now in still)
    return Match(before, one, kept=kept)


def _renames(gone: list[Prompt], fresh: list[Prompt], old: Sequence[Prompt], named: Named) -> Iterator[Match]:
    """A name that is gone and one that is new, in the same file or with the same content."""
    for now in tuple(fresh):
        if any(was.name == now.name for was in old) or named(now.name):
            continue
        was = next((was for was in gone if _same_file(was, now)), None)
        was = was or next((was for was in gone if was.digest == now.digest), None)
        if was is not None:
            gone.remove(was)
            fresh.remove(now)
            yield Match(was, now, replaced=was.name)


def _left(was: Prompt, new: Sequence[Prompt], named: Named) -> tuple[str, ...]:
    still = [now for now in (*new, *named(was.name)) if now.name == was.name]
    return tuple(now.version or "(none)" for now in _ascending(still))


def _same_version(was: Prompt, now: Prompt) -> bool:
    return was.version == now.version


def _same_file(was: Prompt, now: Prompt) -> bool:
    return was.source.path == now.source.path


def _rank(prompt: Prompt) -> Precedence:
    return precedence(prompt.version)


def _ascending(prompts: Iterable[Prompt]) -> list[Prompt]:
    return sorted(prompts, key=lambda one: precedence(one.version))


def _order(match: Match) -> tuple[str, Precedence]:
    prompt = match.after or match.before
    return ("", precedence(None)) if prompt is None else (prompt.name, precedence(prompt.version))
