"""A judge's verdicts beside people's labels: one verdict an item, however many people labelled it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from promptctl.model.label import PAIRWISE, POINTWISE, Drawn, Judged, Label
from promptctl.stats.agreement import Confusion, Pair, cohen_kappa, observed_agreement
from promptctl.stats.stratified import Stratum

_SHARES: Mapping[str, float] = {"pass": 1.0, "fail": 0.0, "A": 1.0, "tie": 0.5, "B": 0.0}


@dataclass(frozen=True, slots=True)
class Item:
    """What all labels say of one item. human: the label most people gave, None where they are tied: it is disputed.

    label: one of the item's labels, for its material and where it came from. judged: the verdict asked for, or None.
    drawn: the stratum by the latest of its labels that names one, drawn_at: that label's moment.
    """

    label: Label
    human: str | None
    judged: Judged | None
    drawn: Drawn | None = None
    drawn_at: datetime | None = None

    @property
    def verdict(self) -> str | None:
        """The judge's verdict; None where it gave none, or was not asked."""
        return None if self.judged is None or self.judged.outcome == "error" else self.judged.outcome

    @property
    def human_passes(self) -> bool:
        """Whether people pass it. Of a compared pair: the answer wins, or draws where a draw is enough."""
        return self._passes(self.human or "")

    @property
    def judge_passes(self) -> bool:
        """Whether the judge passes it."""
        return self._passes(self.verdict or "")

    def _passes(self, said: str) -> bool:
        if said in POINTWISE:
            return said == "pass"
        least = 0.5 if self.judged is None or self.judged.threshold is None else self.judged.threshold
        return said in _SHARES and _SHARES[said] >= least


@dataclass(frozen=True, slots=True)
class Labelled:
    """A judge's verdicts beside people's labels.

    items: every labelled item. compared: those with one human verdict and one of this judge. disputed: those people are
    tied on. unjudged: those this judge, as it is now, was not asked about. errors: those it gave no verdict on.
    """

    items: tuple[Item, ...]
    compared: tuple[Item, ...]
    disputed: tuple[Item, ...]
    unjudged: tuple[Item, ...]
    errors: tuple[Item, ...]

    @property
    def counts(self) -> Mapping[Pair, int]:
        """Compared items by (human, judge), in the words of the labels."""
        return _counts(self.compared)

    @property
    def table(self) -> Confusion:
        """Compared items as passes and fails."""
        return _table(self.compared)

    @property
    def strata(self) -> tuple[Stratum, ...]:
        """Compared items by the stratum they were drawn from, and what of the pool nobody labelled, as a last one."""
        seen = tuple(
            Stratum(self._size(at, items), _table(items), *_known(at, items)) for at, items in self._groups.items()
        )
        unseen = self._unseen
        return (*seen, Stratum(unseen, Confusion(0, 0, 0, 0))) if unseen and seen else seen

    @property
    def weights(self) -> tuple[tuple[int, Mapping[Pair, int]], ...]:
        """The size of each stratum with its compared items by (human, judge), in the words of the labels."""
        return tuple((self._size(at, items), _counts(items)) for at, items in self._groups.items())

    @property
    def undrawn(self) -> int:
        """Compared items that do not say how they were drawn: they are taken as a plain random sample."""
        return sum(item.drawn is None for item in self.compared)

    @property
    def _groups(self) -> Mapping[tuple[str | None, str] | None, Sequence[Item]]:
        groups: dict[tuple[str | None, str] | None, list[Item]] = {}
        for item in self.compared:
            groups.setdefault(None if item.drawn is None else item.drawn.stratum, []).append(item)
        return {at: groups[at] for at in sorted(groups, key=lambda at: (at is None, str(at)))}

    def _size(self, at: tuple[str | None, str] | None, items: Sequence[Item]) -> int:
        """As the latest label says, for a pool grows; never less than is labelled. A plain sample stands for itself."""
        newest = _newest(item for item in self.items if item.drawn is not None and item.drawn.stratum == at)
        return len(items) if newest is None else max(newest.of, len(items))

    @property
    def _unseen(self) -> int:
        """How many items of the pool have a verdict of which no label tells anything."""
        unseen = 0
        for judge in {at[0] for at in self._groups if at is not None and at[0] is not None}:
            newest = _newest(item for item in self.items if item.drawn is not None and item.drawn.judge == judge)
            seen = sum(
                self._size(at, items)
                for at, items in self._groups.items()
                if at and at[0] == judge and at[1] in _SHARES
            )
            unseen += 0 if newest is None else max(0, newest.pool - seen)
        return unseen


def _counts(items: Iterable[Item]) -> Mapping[Pair, int]:
    return Counter((item.human or "", item.verdict or "") for item in items)


def _table(items: Iterable[Item]) -> Confusion:
    cells = Counter((item.human_passes, item.judge_passes) for item in items)
    return Confusion(cells[True, True], cells[True, False], cells[False, True], cells[False, False])


def _known(at: tuple[str | None, str] | None, items: Sequence[Item]) -> tuple[bool | None, bool]:
    """Whether the verdict of the stratum is a pass, and whether it is of the judge that is measured.

    Whether a tie is a pass depends on the case.
    """
    passed = None if at is None else {"pass": True, "A": True, "fail": False, "B": False}.get(at[1])
    own = at is not None and all(item.judged is not None and item.judged.digest == at[0] for item in items)
    return passed, own


def _newest(items: Iterable[Item]) -> Drawn | None:
    dated = [(item.drawn_at, item.drawn) for item in items if item.drawn_at is not None and item.drawn is not None]
    return max(dated, key=lambda entry: (entry[0], entry[1].of))[1] if dated else None


def items_of(labels: Iterable[Label], judge_digest: str) -> tuple[Item, ...]:
    """The labelled items, each once, with the verdict of the judge of that digest."""
    by_item: dict[str, list[Label]] = {}
    for label in labels:
        by_item.setdefault(label.item, []).append(label)
    return tuple(_item(group, judge_digest) for _, group in sorted(by_item.items()))


def confusion_of(labels: Iterable[Label], judge_digest: str) -> Labelled:
    """What the labels say of the judge of that digest: an item with several labellers counts once, by majority.

    An item people are tied on decides nothing: it is disputed, left out of the table and named. The same for one on
    which the judge gave no verdict, and one this judge was not asked about.
    """
    items = items_of(labels, judge_digest)
    agreed = [item for item in items if item.human is not None]
    return Labelled(
        items=items,
        compared=tuple(item for item in agreed if item.verdict is not None),
        disputed=tuple(item for item in items if item.human is None),
        unjudged=tuple(item for item in agreed if item.judged is None),
        errors=tuple(item for item in agreed if item.judged is not None and item.verdict is None),
    )


def _item(group: Sequence[Label], judge_digest: str) -> Item:
    judged = [one.judge for one in group if one.judge is not None and one.judge.digest == judge_digest]
    dated = [(datetime.fromisoformat(one.at), one.drawn) for one in group if one.drawn is not None]
    at, drawn = max(dated, key=lambda entry: entry[0]) if dated else (None, None)
    return Item(group[0], majority([one.label for one in group]), judged[0] if judged else None, drawn, at)


def majority(labels: Sequence[str]) -> str | None:
    """The label given most often; None where two are given equally often."""
    (first, most), *others = Counter(labels).most_common(2)
    return None if others and others[0][1] == most else first


@dataclass(frozen=True, slots=True)
class LabellerPair:
    """Two labellers on the items both labelled. differ: the items they disagree on."""

    one: str
    other: str
    items: int
    agreement: float
    kappa: float | None
    differ: tuple[str, ...]


def labeller_pairs(labels: Iterable[Label]) -> tuple[LabellerPair, ...]:
    """Every two labellers that share items: how far people agree is how far a judge can be asked to."""
    said: dict[str, dict[str, str]] = {}
    for label in labels:
        said.setdefault(label.labeller, {})[label.item] = label.label
    pairs = []
    for one, other in combinations(sorted(said), 2):
        shared = sorted(said[one].keys() & said[other].keys())
        counts: Counter[Pair] = Counter((said[one][item], said[other][item]) for item in shared)
        agreement = observed_agreement(counts)
        if agreement is not None:
            differ = tuple(item for item in shared if said[one][item] != said[other][item])
            pairs.append(LabellerPair(one, other, len(shared), agreement, cohen_kappa(counts), differ))
    return tuple(pairs)


def categories(items: Sequence[Item]) -> tuple[str, ...]:
    """The words of the labels: of a pairwise judge three, else two."""
    return PAIRWISE if items and items[0].label.pairwise else POINTWISE
