"""Which judged answers a person is asked about, and in which order: stratified by the judge's verdict, blind, repeatable."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from promptctl.evals.judged import Candidate
from promptctl.model.label import PAIRWISE, POINTWISE, Drawn, Judged, Label


@dataclass(frozen=True, slots=True)
class Sample:
    """What a labeller is asked about, in order, and how many items this labeller labelled before.

    strata: how many of the whole sample, labelled ones included, the judge gave each verdict, "none" where it gave none.
    """

    to_label: tuple[Candidate, ...]
    done: int
    strata: Mapping[str, int]


def draw(candidates: Sequence[Candidate], labels: Iterable[Label], *, labeller: str, size: int, seed: str) -> Sample:
    """The sample of `size` items for one labeller: those labelled before count, and are not shown again.

    The verdicts get equal shares as far as there are answers: a judge that passes nine in ten would else hardly be
    tested on what it fails. Within a verdict the answers are spread over prompts, then over cases, before a case gives
    a second sample. The order shown is random by `seed` and says nothing of the verdict. It is that of a digest of seed
    and item, so that two labellers get the same items first, also where there were new runs in between. Each candidate
    of the sample says what stratum it stands for (`drawn`).
    """
    mine = {label.item: label for label in labels if label.labeller == labeller}
    verdicts = PAIRWISE if any(one.material.assertion == "pairwise" for one in candidates) else POINTWISE
    open_ones = [one for one in in_strata(candidates, mine.values()) if one.item not in mine]
    done = Counter(_stratum(label.judge, verdicts) for label in mine.values())
    strata: dict[str, list[Candidate]] = {}
    for one in open_ones:
        strata.setdefault(_stratum(one.judge, verdicts), []).append(one)
    sizes = {name: done[name] + len(strata.get(name, ())) for name in (*verdicts, "none")}
    wanted = _shares({name: sizes[name] for name in verdicts}, size)
    wanted["none"] = min(sizes["none"], max(0, size - sum(wanted.values())))
    taken = [
        one for name, many in strata.items() for one in _spread(many, mine, seed)[: max(0, wanted[name] - done[name])]
    ]
    room = max(0, size - len(mine))
    in_order = sorted(taken, key=lambda one: _place(seed, one.item))[:room]
    strata_of = done + Counter(_stratum(one.judge, verdicts) for one in in_order)
    return Sample(
        tuple(in_order), len(mine), {name: strata_of[name] for name in (*verdicts, "none") if strata_of[name]}
    )


def in_strata(pool: Sequence[Candidate], labels: Iterable[Label]) -> tuple[Candidate, ...]:
    """The pool's items, each with the stratum it is drawn from: those of one judge digest and verdict.

    labels: those there are already. What was labelled before stays in the stratum it was drawn from, and counts there
    also where its run is gone: of any other stratum it was no part when that one is drawn from.
    """
    before = {label.item: label.drawn for label in labels}
    verdicts = PAIRWISE if any(one.material.assertion == "pairwise" for one in pool) else POINTWISE
    fresh = {one.item: _place_in(one.judge) for one in pool if one.item not in before}
    kept = {item: drawn.stratum for item, drawn in before.items() if drawn is not None}
    sizes = Counter([*fresh.values(), *kept.values()])
    totals: Counter[str | None] = Counter()
    for (judge, outcome), size in sizes.items():
        totals[judge] += size if outcome in verdicts else 0
    return tuple(
        replace(one, drawn=None if at is None else Drawn(*at, of=sizes[at], pool=totals[at[0]]))
        for one in pool
        for at in [fresh.get(one.item, kept.get(one.item))]
    )


def _place_in(judge: Judged | None) -> tuple[str | None, str]:
    return (None, "none") if judge is None else (judge.digest, judge.outcome)


def _stratum(judge: Judged | None, verdicts: Sequence[str]) -> str:
    return judge.outcome if judge is not None and judge.outcome in verdicts else "none"


def _shares(sizes: Mapping[str, int], total: int) -> dict[str, int]:
    """`total` in shares as equal as the sizes allow: what one cannot fill the others do."""
    shares = dict.fromkeys(sizes, 0)
    for _ in range(min(total, sum(sizes.values()))):
        least = min((name for name in sizes if shares[name] < sizes[name]), key=lambda name: shares[name])
        shares[least] += 1
    return shares


def _spread(many: Sequence[Candidate], mine: Mapping[str, Label], seed: str) -> list[Candidate]:
    """A stratum in the order it is drawn from: prompts in turn, of each new cases before second samples of one."""
    seen = Counter((label.prompt, label.case) for label in mine.values())
    by_prompt: dict[str, list[tuple[int, str, Candidate]]] = {}
    for one in sorted(many, key=lambda one: _place(seed, one.item)):
        level = seen[one.prompt, one.case]
        seen[one.prompt, one.case] += 1
        by_prompt.setdefault(one.prompt, []).append((level, _place(seed, one.item), one))
    turns = []
    for ranked in by_prompt.values():
        ordered = sorted(ranked, key=lambda entry: entry[:2])
        turns += [(turn, place, one) for turn, (_, place, one) in enumerate(ordered)]
    return [one for _, _, one in sorted(turns, key=lambda entry: entry[:2])]


def _place(seed: str, item: str) -> str:
    return hashlib.sha256(f"{seed}:{item}".encode()).hexdigest()


def swapped(item: str) -> bool:
    """Whether a person sees the two answers of a pair the other way round, so that no place stands for an author."""
    return int(hashlib.sha256(f"order:{item}".encode()).hexdigest()[0], 16) % 2 == 1


def label_of(one: Candidate, said: str, labeller: str, at: str, note: str | None = None) -> Label:
    """The label of a candidate. at: ISO 8601 with its offset."""
    return Label(
        one.item, one.prompt, one.case, one.sample, one.material, said, labeller, at, note, one.judge, one.drawn
    )
