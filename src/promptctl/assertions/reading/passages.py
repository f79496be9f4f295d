"""Retrieved passages, the passages that were expected, and at which places the ones are the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from promptctl.assertions.reading.needles import text_of
from promptctl.model.answer import Answer
from promptctl.model.errors import AssertionBroken, InputError, Problem
from promptctl.model.golden import Case
from promptctl.model.prompt import Json

Value = str | int | tuple[str | int, ...] | Mapping[str, float] | None
NO_CONTEXT = (
    "the system under test gave no context, and the case's own is not scored in its place; "
    'a target returns {"output": ..., "context": [...]}'
)
NOTHING = "nothing was retrieved: the context is empty, or neither the case nor the system under test gave one"
_KEY = "expected_context"
_MOST_RELEVANT = 1e9
_LONGEST = 80  # characters of a passage's text where it stands for the passage's name


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved passage: its place in the context from 1, its id and its text, white space normalised; its keys."""

    place: int
    id: str | None
    text: str | None
    keys: Mapping[str, Json] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is called in reasons: its id, else the beginning of its text."""
        return cut(self.id if self.id is not None else self.text or "")


@dataclass(frozen=True, slots=True)
class Expected:
    """The passages a case expects: each id or text, white space normalised, with its relevance above 0.

    contains: whether a text counts where it stands anywhere in a passage's text, not only where it is all of it.
    """

    relevance: Mapping[str, float]
    contains: bool = False

    def of(self, passage: Passage) -> tuple[str, ...]:
        """Which of the expected ones this passage is or holds, each once."""
        text = passage.text
        if text is not None and self.contains:
            return tuple(name for name in self.relevance if name == passage.id or name in text)
        own = [name for name in (passage.id, text) if name is not None and name in self.relevance]
        return tuple(dict.fromkeys(own))

    def fingerprint(self) -> tuple[Json, ...]:
        """What decides, for the digest."""
        return (dict(self.relevance), self.contains)


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was retrieved, held against what was expected.

    gains: for each passage that counts, best first, the relevance of the expected ones first found there; 0 for none.
    places: each expected one that was found, and where in `gains`, from 1. repeated: passages that came again.
    """

    gains: tuple[float, ...]
    places: Mapping[str, int]
    missing: tuple[str, ...]
    repeated: int

    @property
    def counts(self) -> tuple[int, ...]:
        """For each passage that counts, how many expected ones were first found there."""
        return tuple(map(Counter(self.places.values()).__getitem__, range(1, len(self.gains) + 1)))

    def detail(self, k: int | None, **more: Json) -> dict[str, Json]:
        """The facts for `Score.detail`."""
        return {
            "k": k,
            "retrieved": len(self.gains),
            "repeated": self.repeated,
            "found": [cut(name) for name in self.places],
            "places": list(self.places.values()),
            "missing": [cut(name) for name in self.missing],
            **more,
        }

    def told(self) -> str:
        """The facts in words, for the end of a reason."""
        wanted = len(self.places) + len(self.missing)
        return (
            f"{len(self.places)} of {wanted} expected passages are in the {len(self.gains)} retrieved{self._lacking()}"
        )

    def _lacking(self) -> str:
        names = [cut(name) for name in self.missing[:3]]
        more = f" and {len(self.missing) - 3} more" if len(self.missing) > 3 else ""
        return f"; missing: {', '.join(names)}{more}" if names else ""


def passages(answer: Answer) -> tuple[Passage, ...]:
    """The answer's context, best passage first. Raises AssertionBroken where something in it is no passage.

    So it does where a system under test was asked and gave none: what the golden set gives is not what was retrieved.
    """
    check_retrieved(answer)
    return tuple(_passage(item, place) for place, item in enumerate(answer.context, 1))


def check_retrieved(answer: Answer) -> None:
    """Whether the context is what was retrieved. Raises AssertionBroken where a system under test gave none."""
    if not answer.retrieved:
        raise AssertionBroken(NO_CONTEXT)


def expected(value: Value, case: Case | None, *, contains: bool = False) -> Expected:
    """What a case expects: `value`, or where it is left out the case's `metadata.expected_context`.

    Raises InputError where there is none, where it is empty, or where it is not texts, ids or their relevance.
    """
    given: Json = value
    if given is None:
        given = None if case is None else case.metadata.get(_KEY)
    if given is None:
        hint = f"give a list of ids or texts as the value, or {_KEY} in the case's metadata"
        raise InputError(Problem("no passages are expected", hint=hint))
    relevance = {name: share for name, share in _graded(given).items() if share > 0}
    if not relevance:
        raise InputError(Problem("the list of expected passages is empty", hint="give at least one id or text"))
    return Expected(relevance, contains)


def retrieval(answer: Answer, wanted: Expected, k: int | None) -> Retrieval:
    """The first k passages of the context (all where k is None) held against what was expected.

    A passage that came before, by id and text, is taken out, and so is one that holds nothing but expected passages
    that were found before: neither helps nor hurts twice. Raises AssertionBroken where something is no passage.
    """
    gains: list[float] = []
    places: dict[str, int] = {}
    seen: set[tuple[str | None, str | None]] = set()
    considered = passages(answer)[:k]
    for passage in considered:
        held = wanted.of(passage)
        fresh = [name for name in held if name not in places]
        if (passage.id, passage.text) in seen or (held and not fresh):
            continue
        seen.add((passage.id, passage.text))
        gains.append(sum(wanted.relevance[name] for name in fresh))
        places |= dict.fromkeys(fresh, len(gains))
    missing = tuple(name for name in wanted.relevance if name not in places)
    return Retrieval(tuple(gains), places, missing, len(considered) - len(gains))


def check_bounds(*, k: int | None, threshold: float, most: float = 1.0) -> None:
    """Whether `k` and `threshold` make sense, `most` being the best score there can be. Raises InputError."""
    if k is not None and k < 1:
        raise InputError(Problem(f"`k` is 1 or more, not {k}"))
    if not 0 < threshold <= 1:
        raise InputError(Problem(f"`threshold` is above 0 and at most 1, not {threshold:g}"))
    if threshold > most:
        message = f"`threshold` {threshold:g} cannot be reached: with k = {k} the score is {most:.3g} at most"
        raise InputError(Problem(message, hint="set another `threshold` or `k`"))


def best_share(wanted: Expected, k: int | None) -> float:
    """The greatest share of what is expected that k passages can be; 1 where a passage may hold several."""
    total = len(wanted.relevance)
    return 1.0 if k is None or wanted.contains else min(total, max(k, 1)) / total


def normalised(text: str) -> str:
    """A text with each run of white space as one blank, none at its ends."""
    return " ".join(text.split())


def cut(text: str) -> str:
    """A passage's name at a length that can be read."""
    line = normalised(text[: 4 * _LONGEST])
    return line if len(line) <= _LONGEST and len(text) <= 4 * _LONGEST else f"{line[: _LONGEST - 3]}..."


def _passage(item: Json, place: int) -> Passage:
    if isinstance(item, str):
        return Passage(place, None, normalised(item))
    if _is_id(item):
        return Passage(place, text_of(item), None)
    if not isinstance(item, Mapping):
        raise AssertionBroken(f"passage {place} of the context is neither a text nor a mapping with `id` or `text`")
    name, text = item.get("id"), item.get("text")
    if name is not None and not (_is_id(name) or isinstance(name, str)):
        raise AssertionBroken(f"the `id` of passage {place} of the context is neither text nor a number")
    if text is not None and not isinstance(text, str):
        raise AssertionBroken(f"the `text` of passage {place} of the context is not text")
    if name in (None, "") and text is None:
        raise AssertionBroken(f"passage {place} of the context has neither `id` nor `text`")
    named = None if name in (None, "") else normalised(text_of(name))
    return Passage(place, named, None if text is None else normalised(text), item)


def _graded(given: Json) -> dict[str, float]:
    """Every expected passage with its relevance, 1 where none is written; the same one twice is one."""
    if isinstance(given, Mapping):
        pairs = [(_named(name), _share(name, share)) for name, share in given.items()]
    else:
        pairs = [(_named(item), 1.0) for item in (given if isinstance(given, list | tuple) else (given,))]
    graded: dict[str, float] = {}
    for name, share in pairs:
        graded[name] = max(share, graded.get(name, 0.0))
    return graded


def _named(item: Json) -> str:
    if not (isinstance(item, str) or _is_id(item)):
        raise InputError(Problem(f"an expected passage is an id or a text, not {item!r}"))
    name = normalised(text_of(item))
    if not name:
        raise InputError(Problem("an expected passage is empty"))
    return name


def _share(name: str, share: Json) -> float:
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= _MOST_RELEVANT:
        raise InputError(Problem(f"the relevance of {cut(name)!r} is a number from 0 on, not {share!r}"))
    return float(share)


def _is_id(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
