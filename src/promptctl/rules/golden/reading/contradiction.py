"""Pairs of assertions no answer can pass together: only what is certain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from promptctl.assertions.results.judged import JUDGED
from promptctl.model.golden import AssertionSpec
from promptctl.rules.golden.reading import demands

_OPINION = JUDGED | {"python", "command", "moderation"}  # asked twice they may answer twice


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two assertions that exclude each other, and why where it does not meet the eye."""

    one: AssertionSpec
    other: AssertionSpec
    why: str = ""


def conflicts(specs: Sequence[AssertionSpec]) -> Iterator[Conflict]:
    """Every conflict among assertions that must all pass, without running any of them."""
    yield from _negations(specs)
    yield from _texts(specs)
    yield from _edges(specs)
    yield from _words(specs)
    finishes = [spec for spec in specs if spec.type == "finish-reason" and not spec.negated]
    yield from (Conflict(a, b) for a, b in combinations(finishes, 2) if str(a.value).lower() != str(b.value).lower())


def _negations(specs: Sequence[AssertionSpec]) -> Iterator[Conflict]:
    both = {spec.type for spec in specs if spec.negated} & {spec.type for spec in specs if not spec.negated} - _OPINION
    plain: dict[str, AssertionSpec] = {}
    for spec in specs:
        if not spec.negated and spec.type in both:
            plain.setdefault(demands.identity(spec), spec)
    for spec in specs:
        if spec.negated and spec.type in both and (other := plain.get(demands.identity(spec))) is not None:
            yield Conflict(other, spec)


def _texts(specs: Sequence[AssertionSpec]) -> Iterator[Conflict]:
    banned = [text for spec in specs for text in demands.forbidden(spec)]
    if not banned:
        return
    for spec in specs:
        for wanted in demands.demanded(spec):
            for ban in banned:
                if demands.holds(wanted, ban):
                    why = "" if wanted.text == ban.text else f"{wanted.text!r} has {ban.text!r} in it"
                    yield Conflict(spec, ban.spec, why)
        choice = demands.alternatives(spec)
        bans = [next((ban for ban in banned if demands.holds(one, ban)), None) for one in choice]
        if bans and all(bans):
            yield Conflict(spec, bans[0].spec, "every one of its texts is forbidden")  # type: ignore[union-attr]


def _edges(specs: Sequence[AssertionSpec]) -> Iterator[Conflict]:
    for kind in ("starts-with", "ends-with"):
        edge = "startswith" if kind == "starts-with" else "endswith"
        same = [spec for spec in specs if spec.type == kind and not spec.negated and isinstance(spec.value, str)]
        for one, other in combinations(same, 2):
            if not getattr(one.value, edge)(other.value) and not getattr(other.value, edge)(one.value):
                yield Conflict(one, other)


def _words(specs: Sequence[AssertionSpec]) -> Iterator[Conflict]:
    ranges = [(spec, found) for spec in specs if (found := demands.words_allowed(spec)) is not None]
    for (one, (low, high)), (other, (least, most)) in combinations(ranges, 2):
        if (high is not None and least > high) or (most is not None and low > most):
            yield Conflict(one, other, "no number of words is in both")
    for spec, (_, high) in ranges:
        for wanted in (text for other in specs for text in demands.demanded(other)):
            count = len(wanted.text.split())
            if high is not None and count > high:
                yield Conflict(wanted.spec, spec, f"{wanted.text[:40]!r} alone has {count} words")
