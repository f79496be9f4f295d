"""What people said of judged answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from promptctl.model.prompt import Json

POINTWISE = ("pass", "fail")
PAIRWISE = ("A", "B", "tie")
"""Of two answers: A, the one under test; B, the reference it is held against."""


@dataclass(frozen=True, slots=True)
class Material:
    """All that a judge, or a person, sees of one answer: enough to ask about it again when its case is gone.

    rubric: its text; own_rubric: whether that is the judge's own, so that a judge asked again uses what is now its own.
    input: variable to value. assertion: the kind of question ("judge", "pairwise", ...); options: what else of it is the
    case's own (the criteria of `g-eval`, the other answer of `pairwise`), its value under "value".
    threshold: the assertion's own, or None for the judge's.
    """

    rubric: str | None
    output: str
    input: Mapping[str, Json] = field(default_factory=dict)
    expected_output: Json = None
    context: tuple[Json, ...] = ()
    assertion: str = "judge"
    options: Mapping[str, Json] = field(default_factory=dict)
    own_rubric: bool = False
    threshold: float | None = None

    @property
    def other(self) -> Json:
        """The answer that this one is compared with, of a pairwise question."""
        return self.options.get("value", self.expected_output)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a judge said of an item.

    digest: the judge's identity then. outcome: "pass", "fail" or "error", of a pairwise judge "A", "B", "tie" or
    "error". score: on the judge's scale, a number or a word; threshold: that it had to reach. first and second: a
    pairwise judge's verdict with A shown first, and with B shown first. The four are None where there is none.
    """

    digest: str
    outcome: str
    score: Json = None
    threshold: float | None = None
    first: str | None = None
    second: str | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """The stratum an item was drawn from: a sample by verdict says what it stands for, or nothing can be read off it.

    judge: digest of the judge by whose verdicts the strata were made, None where none is known. outcome: the verdict,
    "none" with no judge. of: how many items of the pool are in the stratum. pool: how many have a verdict of that judge.
    """

    judge: str | None
    outcome: str
    of: int
    pool: int

    @property
    def stratum(self) -> tuple[str | None, str]:
        """What tells this stratum from others."""
        return self.judge, self.outcome


@dataclass(frozen=True, slots=True)
class Label:
    """What one person said of one item, and what the judge said of it, if anything is known of that.

    item: sha256 of the material. prompt, case and sample: where the answer came from. label: one of POINTWISE or of
    PAIRWISE. at: ISO 8601 with its offset. drawn: the stratum it was drawn from, None for a plain random sample.
    """

    item: str
    prompt: str
    case: str
    sample: int
    material: Material
    label: str
    labeller: str
    at: str
    note: str | None = None
    judge: Judged | None = None
    drawn: Drawn | None = None

    @property
    def pairwise(self) -> bool:
        """Whether two answers were compared."""
        return self.label in PAIRWISE
