"""A judge's verdicts beside people's labels: one verdict an item, however many people labelled it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from promptctl.model.label import PAIRWISE, POINTWISE, Judged, Label
from promptctl.stats.agreement import Confusion, Pair, cohen_kappa, observed_agreement

_SHARES: Mapping[str, float] = {"pass": 1.0, "fail": 0.0, "A": 1.0, "tie": 0.5, "B": 0.0}


@dataclass(frozen=True, slots=True)
class Item:
    """What all labels say of one item. human: the label most people gave, None where they are tied: it is disputed.

    label: one of the item's labels, for its material and where it came from. judged: the verdict asked for, or None.
    """

    label: Label
    human: str | None
    judged: Judged | None

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
        return Counter((item.human or "", item.verdict or "") for item in self.compared)

    @property
    def table(self) -> Confusion:
        """Compared items as passes and fails."""
        cells = Counter((item.human_passes, item.judge_passes) for item in self.compared)
        return Confusion(cells[True, True], cells[True, False], cells[False, True], cells[False, False])


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
    return Item(group[0], majority([one.label for one in group]), judged[0] if judged else None)


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
