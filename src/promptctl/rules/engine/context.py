"""The world as a rule sees it: everything from outside, handed in, and a note of what was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from promptctl.model.answer import Bench
from promptctl.model.config import Config
from promptctl.model.prompt import Json
from promptctl.model.source import Blob


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret found in a text: what it is ("AWS access key"), and where, as offsets into that text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Discordance:
    """How many of `n` cases (at least one) came out differently when the same prompt was run twice."""

    differed: int
    n: int

    @property
    def share(self) -> float:
        """The share to plan with: that none of a few differed does not show that none ever will, so at least one counts."""
        return max(self.differed, 1) / self.n


@dataclass(frozen=True, slots=True)
class World:
    """What lies outside of the files.

    model_info: litellm's price-map entry of a model, None where it is unlisted. model_names: all models of a provider.
    cost_usd: (model, input tokens, output tokens) to USD, None where no price is known. count_tokens: (text, model).
    secrets: the API keys and tokens in a text. check_digits: whether a number is valid as a kind ("iban", "es.dni").
    phone: (text, region or None) to the E.164 form of a number a person may have. today: the date lint is asked on.
    discordance: a prompt's name to what a calibration measured, None without one. For rules of whole projects alone:
    their findings are never kept, those of files are and would outlive a calibration.
    """

    model_info: Callable[[str], Mapping[str, Json] | None]
    model_names: Callable[[str], Sequence[str]]
    cost_usd: Callable[[str, int, int], float | None]
    count_tokens: Callable[[str, str], int]
    secrets: Callable[[str], Sequence[Leak]]
    check_digits: Callable[[str, str], bool]
    phone: Callable[[str, str | None], str | None]
    today: date
    discordance: Callable[[str], Discordance | None]


class Reads:
    """What one subject's rules looked at besides the subject itself; the key of the cache is made of it."""

    __slots__ = ("clock", "oids")

    def __init__(self) -> None:
        self.oids: dict[str, str] = {}
        self.clock = False


@dataclass(frozen=True, slots=True)
class Context:
    """The world and the project around a rule's subject. Rules reach nothing else.

    bench: what binding an assertion needs (judges by name, files). read: a root-relative path to its blob, raises
    InputError.
    """

    world: World
    config: Config
    read: Callable[[str], Blob]
    bench: Bench
    reads: Reads = field(default_factory=Reads)

    @property
    def today(self) -> date:
        """Today. Asking makes the subject's findings good for this day only."""
        self.reads.clock = True
        return self.world.today

    @property
    def horizon_days(self) -> int:
        """How many days ahead a model's retirement is worth a warning."""
        return self.config.lint.horizon_days
