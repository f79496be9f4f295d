"""What a person is shown of an item, on a screen and in a table: never what the judge said of it."""

from __future__ import annotations

import json

from promptctl.assertions.engine import describe
from promptctl.cli.person import Screen
from promptctl.evals.judged import Candidate
from promptctl.evals.label_sample import swapped
from promptctl.model.label import Material
from promptctl.model.prompt import Json
from promptctl.reports.escape import visible
from promptctl.text.label_table import Row

_POINTWISE = {"p": "pass", "f": "fail"}
_PAIRWISE = {"1": "the first is better", "2": "the second is better", "t": "tie"}
_WORDS = {"pass": "pass", "p": "pass", "fail": "fail", "f": "fail"}
_PAIR_WORDS = {"a": "A", "b": "B", "tie": "tie", "t": "tie"}


def screen(one: Candidate, judge: str) -> Screen:
    """The screen of one item. Of a pair, chance decides which answer comes first."""
    material = one.material
    sections = [("Rubric", _asked(material)), ("Input", _input(material))]
    if material.context:
        sections.append(("Context", _context(material)))
    if material.assertion == "pairwise":
        first, second = _pair(one)
        sections += [("First answer", first), ("Second answer", second)]
        return Screen(f"labels for {judge}", sections, "Which answer is better, by the rubric?", _PAIRWISE)
    if material.expected_output is not None:
        sections.append(("Reference", _text(material.expected_output)))
    sections.append(("Answer", material.output))
    return Screen(f"labels for {judge}", sections, "Does the answer meet the rubric?", _POINTWISE)


def label_for_key(one: Candidate, key: str) -> str:
    """The label a key of the screen means."""
    if key in _POINTWISE:
        return _POINTWISE[key]
    return _unswapped(one, {"1": "A", "2": "B", "t": "tie"}[key])


def row(one: Candidate) -> Row:
    """The row of one item. Of a pair, `output` is the answer called A there, `expected_output` the one called B."""
    material = one.material
    answer, other = material.output, _text(material.expected_output)
    if material.assertion == "pairwise":
        answer, other = _pair(one)
    return Row(
        item=one.item,
        rubric=visible(_asked(material)),
        input=visible(_input(material)),
        output=visible(answer),
        expected_output=visible(other),
        context=visible(_context(material)),
    )


def label_for_word(one: Candidate, word: str) -> str | None:
    """The label a cell of the table means, whatever its case; None where it means none."""
    if one.material.assertion != "pairwise":
        return _WORDS.get(word.casefold())
    said = _PAIR_WORDS.get(word.casefold())
    return None if said is None else _unswapped(one, said)


def words(one: Candidate) -> str:
    """What may stand in the table's cell, for a message."""
    return "A, B or tie" if one.material.assertion == "pairwise" else "pass or fail"


def _pair(one: Candidate) -> tuple[str, str]:
    pair = (one.material.output, _text(one.material.other))
    return (pair[1], pair[0]) if swapped(one.item) else pair


def _unswapped(one: Candidate, said: str) -> str:
    return {"A": "B", "B": "A"}.get(said, said) if swapped(one.item) else said


def _asked(material: Material) -> str:
    """The rubric, and what the assertion asks where it is more than a rubric."""
    if material.assertion in ("judge", "pairwise", "g-eval"):
        return material.rubric or "(none: the judge has its own idea of a good answer)"
    said = describe(material.assertion).summary.removeprefix("A judge finds ")
    return f"{said}\n\n{material.rubric}" if material.rubric else said


def _input(material: Material) -> str:
    if len(material.input) == 1:
        return _text(next(iter(material.input.values())))
    return "\n\n".join(f"{name}: {_text(value)}" for name, value in material.input.items())


def _context(material: Material) -> str:
    return "\n\n".join(f"[{number}] {_passage(one)}" for number, one in enumerate(material.context, 1))


def _passage(passage: Json) -> str:
    text = passage.get("text") if isinstance(passage, dict) else None
    return text if isinstance(text, str) else _text(passage)


def _text(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
