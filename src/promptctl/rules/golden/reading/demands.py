"""What the assertions of a case demand of an answer, as far as it can be said for certain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promptctl.assertions.engine import bind
from promptctl.assertions.reading.needles import needle, needles, text_of
from promptctl.model.answer import Answer, Bench
from promptctl.model.errors import InputError
from promptctl.model.golden import AssertionSpec, Case
from promptctl.model.prompt import Json
from promptctl.model.run import Outcome
from promptctl.model.source import Source
from promptctl.text.canonical import canonical

PURE = frozenset({
    "equals", "contains", "icontains", "contains-any", "icontains-any", "contains-all", "icontains-all", "starts-with",
    "ends-with", "regex", "is-json", "contains-json", "json-schema", "is-xml", "contains-xml", "word-count", "is-refusal",
})  # fmt: skip
"""Decided by the answer's text alone, and cheap to decide."""
COMPARING = frozenset({"equals", "levenshtein", "rouge-n", "rouge-l", "bleu", "gleu", "similar"})
"""Those that take `expected_output` for the answer where they have no value."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text an assertion demands or forbids. folded: upper and lower case are alike."""

    text: str
    folded: bool
    spec: AssertionSpec


def binding(case: Case) -> Iterator[AssertionSpec]:
    """The assertions every passing answer satisfies: those that count, members of `all` for themselves."""
    yield from _flat(case.assertions if case.threshold is None else ())


def _flat(specs: Sequence[AssertionSpec]) -> Iterator[AssertionSpec]:
    for spec in specs:
        if spec.weight <= 0:
            continue
        if spec.type == "all" and not spec.negated and spec.threshold is None:
            yield from _flat(spec.children)
        else:
            yield spec


def is_pure(spec: AssertionSpec) -> bool:
    """Whether the answer's text alone decides the assertion."""
    if spec.type in {"any", "all"}:
        return all(is_pure(child) for child in spec.children)
    return spec.type in PURE


def failure(spec: AssertionSpec, output: str, case: Case, bench: Bench, source: Source) -> str | None:
    """Why a pure assertion fails on `output`; None where it passes, or cannot be bound."""
    try:
        bound = bind(spec, bench, source, case)
    except InputError:
        return None
    result = bound.judge(Answer(output=output, expected_output=case.expected_output))
    return result.reason if result.outcome is Outcome.FAIL else None


def demanded(spec: AssertionSpec) -> tuple[Text, ...]:
    """The texts that are in every answer that passes the assertion."""
    if spec.negated:
        return ()
    if spec.type in {"contains", "icontains", "starts-with", "ends-with"}:
        return _texts(spec, several=False)
    return _texts(spec, several=True) if spec.type in {"contains-all", "icontains-all"} else ()


def forbidden(spec: AssertionSpec) -> tuple[Text, ...]:
    """The texts that are in no answer that passes the assertion."""
    if not spec.negated:
        return ()
    if spec.type in {"contains", "icontains"}:
        return _texts(spec, several=False)
    return _texts(spec, several=True) if spec.type in {"contains-any", "icontains-any"} else ()


def alternatives(spec: AssertionSpec) -> tuple[Text, ...]:
    """The texts of which one at least is in every answer that passes."""
    chosen = spec.type in {"contains-any", "icontains-any"} and not spec.negated
    return _texts(spec, several=True) if chosen else ()


def holds(whole: Text, part: Text) -> bool:
    """Whether every answer that has `whole` has `part` too."""
    if part.folded:
        return part.text.lower() in whole.text.lower()
    if whole.folded:
        return part.text.lower() == part.text.upper() and part.text in whole.text.lower()
    return part.text in whole.text


def words_allowed(spec: AssertionSpec) -> tuple[int, int | None] | None:
    """The least and the greatest number of words a `word-count` allows; None for what is none."""
    if spec.type != "word-count" or spec.negated:
        return None
    if isinstance(spec.value, int | str) and str(spec.value).strip().isdecimal():
        return int(spec.value), int(spec.value)
    low, high = spec.options.get("min"), spec.options.get("max")
    return low if isinstance(low, int) else 0, high if isinstance(high, int) else None


def identity(spec: AssertionSpec) -> str:
    """What an assertion says, without its `not-`: two of one identity, one of them negated, exclude each other."""
    children = [child.digest for child in spec.children]
    return canonical([spec.type, spec.has_value, spec.value, dict(spec.options), spec.threshold, children])


def described(spec: AssertionSpec) -> str:
    """The assertion as one short line."""
    if not spec.has_value and not spec.options:
        return f"`{spec.spelling}`"
    value = spec.value if spec.has_value else dict(spec.options)
    text = value if isinstance(value, str) else canonical(value)
    return f"`{spec.spelling}: {text if len(text) <= 40 else text[:37] + '...'}`".replace("\n", " ")


def answer_text(expected: Json) -> str:
    """The answer that `expected_output` stands for: a text is itself, all else its JSON."""
    return expected if isinstance(expected, str) else canonical(expected)


def exact_text(spec: AssertionSpec) -> str | None:
    """The one text an `equals` takes, where it says it itself; None for JSON, which has many spellings."""
    if spec.type != "equals" or spec.negated or not spec.has_value or isinstance(spec.value, dict | list):
        return None
    return text_of(spec.value) if isinstance(spec.value, str | int | float) else None


def _texts(spec: AssertionSpec, *, several: bool) -> tuple[Text, ...]:
    value = spec.value
    if not isinstance(value, str | int | float | list | tuple):
        return ()
    try:
        found = needles(tuple(value) if isinstance(value, list) else value) if several else (needle(value),)  # type: ignore[arg-type]
    except (InputError, TypeError):
        return ()
    return tuple(Text(one, spec.type.startswith("i"), spec) for one in found)
