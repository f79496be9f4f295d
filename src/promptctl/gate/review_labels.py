"""From the labels of several people to one label an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from promptctl.gate.review_cases import Labels
from promptctl.model.review import Agreement, Label, Labelling
from promptctl.stats.agreement import cohen_kappa

ByLabeller = Mapping[str, Mapping[str, bool]]


def by_labeller(found: Iterable[Label]) -> ByLabeller:
    """Each labeller's last word on each answer; one taken back is none."""
    out: dict[str, dict[str, bool]] = {}
    for label in found:
        own = out.setdefault(label.labeller, {})
        if label.passes is None:
            own.pop(label.item, None)
        else:
            own[label.item] = label.passes
    return out


def agreed(found: ByLabeller) -> Labels:
    """The majority's label of every answer. Without a majority there is none: a further labeller has to decide."""
    votes: dict[str, Counter[bool]] = {}
    for own in found.values():
        for item, passes in own.items():
            votes.setdefault(item, Counter())[passes] += 1
    return {item: cast[True] > cast[False] for item, cast in votes.items() if cast[True] != cast[False]}


def labelling(found: ByLabeller, items: Sequence[str]) -> Labelling:
    """What is known of the labels of `items`: how many, by whom, and how far two labellers agree."""
    asked = set(items)
    own = {name: {item: label for item, label in labels.items() if item in asked} for name, labels in found.items()}
    own = {name: labels for name, labels in sorted(own.items()) if labels}
    usable = agreed(own)
    anybody = {item for labels in own.values() for item in labels}
    return Labelling(
        answers=len(usable),
        by={name: len(labels) for name, labels in own.items()},
        disputed=len(anybody) - len(usable),
        agreements=tuple(
            _agreement(one, other, own) for one, other in combinations(own, 2) if own[one].keys() & own[other].keys()
        ),
    )


def _agreement(one: str, other: str, own: ByLabeller) -> Agreement:
    both = [(own[one][item], own[other][item]) for item in own[one].keys() & own[other].keys()]
    return Agreement(one, other, len(both), sum(left == right for left, right in both), cohen_kappa(Counter(both)))
