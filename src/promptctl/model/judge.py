"""How a judge says how good an answer is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of a judge.

    kind: "range" (a number from `low` to `high`), "words" (one of `words`, each with its share of 0..1), "claims" (a
    list of claims, each supported or not) or "pairwise" (the first answer, the second, or a tie).
    """

    kind: str = "range"
    low: float = 0.0
    high: float = 1.0
    words: Mapping[str, float] = field(default_factory=dict)

    @property
    def middle(self) -> float:
        """The threshold of a judge that names none: the middle of a range; half marks on words, claims and pairs."""
        return (self.low + self.high) / 2

    def share(self, score: float) -> float:
        """A score on this scale as a share of 0..1."""
        return (score - self.low) / (self.high - self.low)

    def __str__(self) -> str:
        """As it is written in a judge's file."""
        if self.kind == "range":
            return f"{self.low:g}-{self.high:g}"
        return "/".join(self.words) if self.kind == "words" else self.kind
