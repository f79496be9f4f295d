"""What a person is shown of an item, on a screen and in a table: never what the judge said of it."""

from __future__ import annotations

from promptctl.cli.judged_texts import asked_text, context_text, json_text
from promptctl.cli.person import Screen
from promptctl.evals.judged import Candidate
from promptctl.evals.label_sample import swapped
from promptctl.model.label import Material
from promptctl.reports.escape import visible
from promptctl.text.label_table import Row

_POINTWISE = {"p": "pass", "f": "fail"}
_PAIRWISE = {"1": "the first is better", "2": "the second is better", "t": "tie"}
_WORDS = {"pass": "pass", "p": "pass", "fail": "fail", "f": "fail"}
_PAIR_WORDS = {"a": "A", "b": "B", "tie": "tie", "t": "tie"}


def screen(one: Candidate, judge: str) -> Screen:
    """The screen of one item. Of a pair, chance decides which answer comes first."""
    material = one.material
    sections = [("Rubric", asked_text(material.assertion, material.rubric)), ("Input", _input(material))]
    if material.context:
        sections.append(("Context", context_text(material.context)))
    if material.assertion == "pairwise":
        first, second = _pair(one)
        sections += [("First answer", first), ("Second answer", second)]
        return Screen(f"labels for {judge}", sections, "Which answer is better, by the rubric?", _PAIRWISE)
    if material.expected_output is not None:
        sections.append(("Reference", json_text(material.expected_output)))
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
    answer, other = material.output, json_text(material.expected_output)
    if material.assertion == "pairwise":
        answer, other = _pair(one)
    return Row(
        item=one.item,
        rubric=visible(asked_text(material.assertion, material.rubric)),
        input=visible(_input(material)),
        output=visible(answer),
        expected_output=visible(other),
        context=visible(context_text(material.context)),
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
    pair = (one.material.output, json_text(one.material.other))
    return (pair[1], pair[0]) if swapped(one.item) else pair


def _unswapped(one: Candidate, said: str) -> str:
    return {"A": "B", "B": "A"}.get(said, said) if swapped(one.item) else said


def _input(material: Material) -> str:
    if len(material.input) == 1:
        return json_text(next(iter(material.input.values())))
    return "\n\n".join(f"{name}: {json_text(value)}" for name, value in material.input.items())
