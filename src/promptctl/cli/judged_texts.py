"""What a judge is asked, in the words a person reads who judges in its place: rubrics, criteria, what is compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from promptctl.assertions.engine import Bound, describe
from promptctl.assertions.engine.shelf import PREPARED
from promptctl.assertions.results.judged import JUDGED
from promptctl.evals.judged import KnownCase
from promptctl.model.golden import AssertionSpec
from promptctl.model.prompt import Json

_NO_RUBRIC = "(none: the judge has its own idea of a good answer)"
_PLAIN = ("judge", "pairwise", "g-eval")  # the rubric is all that they ask
_BESIDE = {"pairwise": "Other answer", "context-recall": "Reference"}  # assertions whose value is shown beside


@dataclass(frozen=True, slots=True)
class Question:
    """A judged assertion. asks: what the answer has to be; beside: the titled text that it is held against, or None."""

    asks: str
    beside: tuple[str, str] | None = None


def asked_text(assertion: str, rubric: str | None) -> str:
    """The rubric, and what the assertion asks where it is more than a rubric."""
    if assertion in _PLAIN:
        return rubric or _NO_RUBRIC
    said = describe(assertion).summary.removeprefix("A judge finds ")
    return f"{said}\n\n{rubric}" if rubric else said


def json_text(value: Json) -> str:
    """A value as text: a text as it is, nothing as nothing, else JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def context_text(passages: Sequence[Json]) -> str:
    """The passages, numbered; of one that is a mapping its `text`."""
    return "\n\n".join(f"[{number}] {_passage(one)}" for number, one in enumerate(passages, 1))


def _passage(passage: Json) -> str:
    text = passage.get("text") if isinstance(passage, dict) else None
    return text if isinstance(text, str) else json_text(passage)


def questions(known: KnownCase) -> tuple[Question, ...]:
    """What the case's judges are asked; those of weight 0, which decide nothing, are left out.

    Where several are held against something of their own, titles are numbered and `asks` says which is meant.
    """
    leaves = iter(known.leaves)
    several = sum(one is not None and _kind_of(one) in _BESIDE for one in known.leaves) > 1
    return tuple(_of_specs(known.case.assertions, leaves, count(1) if several else None))


def _of_specs(
    specs: Sequence[AssertionSpec], leaves: Iterator[Bound | None], numbers: Iterator[int] | None
) -> Iterator[Question]:
    for spec in specs:
        if spec.children:
            found = tuple(_of_specs(spec.children, leaves, numbers))
            yield from () if spec.weight == 0 else _negated_group(spec, found) if spec.negated else found
            continue
        bound = next(leaves)
        if bound is not None and bound.spec.weight > 0:
            yield _question(bound, numbers)
        elif bound is None and spec.type in JUDGED and spec.weight > 0:
            yield Question(_unbound(spec))


def _negated_group(spec: AssertionSpec, found: Sequence[Question]) -> Iterator[Question]:
    """Of a negated group the label is the group's: what it asks is told whole, and each of its texts once."""
    if found:
        yield Question(f"not ({spec.type} of):\n" + "\n".join(f"- {one.asks}" for one in found), found[0].beside)
        yield from (Question("", one.beside) for one in found[1:] if one.beside)


def _question(bound: Bound, numbers: Iterator[int] | None) -> Question:
    kind = _kind_of(bound)
    title, value = _BESIDE.get(kind), bound.options.get("value")
    if title is not None and numbers is not None:
        title = f"{title} ({next(numbers)})"  # not "answer 1": those are the ones that are judged
    asks = "\n\n".join(asked_text(kind, rubric) for rubric in _rubrics(bound))
    if kind == "pairwise":
        how = "it is better than" if (bound.threshold or 0) > 1 / 2 else "it is at least as good as"
        asks = f"{how} {'the other answer' if numbers is None else title}, by:\n{asks}"
    elif title is not None and numbers is not None:
        asks = f"{title}: {asks}"
    return Question(
        f"not: {asks}" if bound.spec.negated else asks, None if title is None else (title, json_text(value))
    )


def _kind_of(bound: Bound) -> str:
    """A judge of a panel is asked as a judge alone is."""
    return "judge" if bound.spec.type == "panel" else bound.spec.type


def _rubrics(bound: Bound) -> tuple[str, ...]:
    """Every rubric that is put to its judges, each once; judges of a panel with rubrics of their own are named."""
    if bound.spec.type == "g-eval":
        return tuple(criterion.judging.rubric for criterion in bound.options[PREPARED])
    told = [(one.prompt.name, one.rubric.strip() or (one.prompt.description or "").strip()) for one in bound.judges]
    texts = tuple(dict.fromkeys(rubric for _, rubric in told))
    if len(texts) < 2:
        return texts
    return tuple(f"{name}: {rubric or _NO_RUBRIC}" for name, rubric in told)


def _unbound(spec: AssertionSpec) -> str:
    """What is written, where its judge is no more: better than nothing, and said to be no more than that."""
    options = spec.value if isinstance(spec.value, dict) else {"value": spec.value, **spec.options}
    written = next((options[key] for key in ("rubric", "criteria", "value") if options.get(key)), None)
    text = json_text(written) if written not in (None, True) else describe(spec.type).summary
    return f"{'not: ' if spec.negated else ''}{text} (as written: its judge is not here as it was)"
