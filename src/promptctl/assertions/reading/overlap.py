"""How much of one text stands word by word in another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promptctl.assertions.reading.disguises import words

RUN = 6
"""Words that must follow one another before they count: shorter runs are shared by any two texts about one thing."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """What of a text is quoted. words: how many it has of its own; covered: those that stand in the other text in runs of
    at least RUN words (all of a shorter text); longest: the longest such run, and its text."""

    words: int
    covered: int
    longest: int
    excerpt: str

    @property
    def share(self) -> float:
        """The share of the words that are quoted; 0 of a text without words."""
        return self.covered / self.words if self.words else 0.0


class Original:
    """A text whose quotations are looked for. given: what others may repeat, and so is not the text's own."""

    def __init__(self, text: str, given: Sequence[str] = ()) -> None:
        self._words = words(text)
        self._length = max(1, min(RUN, len(self._words)))
        known = {run for one in given for run in _runs(words(one), self._length)}
        self._runs = _runs(self._words, self._length)
        foreign = self._marked(known)
        self._own = [not mark for mark in foreign]

    @property
    def size(self) -> int:
        """How many words are the text's own."""
        return sum(self._own)

    def quoted_in(self, text: str) -> Quoted:
        """What of it stands in `text`."""
        marks = self._marked(set(_runs(words(text), self._length)))
        marks = [mark and own for mark, own in zip(marks, self._own, strict=True)]
        start, longest = _longest(marks)
        excerpt = " ".join(self._words[start : start + longest])
        return Quoted(self.size, sum(marks), longest, excerpt)

    def _marked(self, others: set[tuple[str, ...]]) -> list[bool]:
        """Which of the words lie in a run that `others` has."""
        marks = [False] * len(self._words)
        until = 0
        for at, run in enumerate(self._runs):
            if run in others:
                for place in range(max(at, until), at + self._length):
                    marks[place] = True
                until = at + self._length
        return marks


def _runs(found: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return [tuple(found[at : at + length]) for at in range(len(found) - length + 1)]


def _longest(marks: Sequence[bool]) -> tuple[int, int]:
    """Where the longest row of marks begins, and how long it is."""
    best, start = (0, 0), None
    for at, mark in enumerate((*marks, False)):
        if mark and start is None:
            start = at
        elif not mark and start is not None:
            best = max(best, (at - start, -start))
            start = None
    return -best[1], best[0]
