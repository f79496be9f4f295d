"""The model called the given tools with the given arguments.

Value: a name, a mapping of `name` and `arguments`, or a list of these, of which each asks for a call of its own.
Options stand beside the value in the long spelling. `arguments`: `partial` (default: those given have these values,
others may be there) or `exact`. `order: true`: the calls came in this order. `only: true`: and there were no others.
Score: the share of the wanted calls that were made.

| assertion | answer | outcome |
| --- | --- | --- |
| `tool-call: search` | `'[{"name": "search"}]'` | pass |
| `tool-call: {name: search, arguments: {q: cats}}` | `'[{"name": "search", "arguments": {"q": "cats", "n": 5}}]'` | pass |
| `{type: tool-call, value: [a, b], order: true}` | `'[{"name": "a"}, {"name": "x"}, {"name": "b"}]'` | pass |
| `tool-call: {name: search, arguments: {q: cats}}` | `'[{"name": "search", "arguments": {"q": "dogs"}}]'` | fail |
| `{type: tool-call, value: [a, b], order: true}` | `'[{"name": "b"}, {"name": "a"}]'` | fail |
| `{type: tool-call, value: [a], only: true}` | `'[{"name": "a"}, {"name": "a"}]'` | fail |

>>> check(Answer(output='[{"name": "search"}]'), value="search").passed
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from promptctl.assertions.reading.json_text import compact, same
from promptctl.assertions.reading.tools import Call, calls
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json

VERSION = 1
Wanted = str | Mapping[str, Json]


def prepare(bench: Bench, *, value: Wanted | tuple[Wanted, ...]) -> tuple[Call, ...]:
    wanted = tuple(_wanted(item) for item in (value if isinstance(value, tuple) else (value,)))
    if not wanted:
        raise InputError(Problem("the list is empty", hint="for no call at all write not-tool-call with a name"))
    return wanted


def check(
    answer: Answer,
    *,
    value: Wanted | tuple[Wanted, ...],
    arguments: Literal["partial", "exact"] = "partial",
    order: bool = False,
    only: bool = False,
    prepared: tuple[Call, ...] = (),
) -> Score:
    wanted = prepared or prepare(Bench(read=lambda _: b""), value=value)
    made = calls(answer)
    exact = arguments == "exact"
    matched = _in_order(wanted, made, exact) if order else _paired(wanted, made, exact)
    score = matched / len(wanted)
    if matched < len(wanted):
        return Score(False, score, f"{matched} of {len(wanted)} wanted calls were made; made: {_listed(made)}")
    if only and len(made) > len(wanted):
        return Score(False, score, f"{len(made) - len(wanted)} calls too many; made: {_listed(made)}")
    return Score(True, 1.0, f"made: {_listed(made)}")


def _wanted(item: Wanted) -> Call:
    if isinstance(item, str):
        item = {"name": item}
    unknown = sorted(set(item) - {"name", "arguments"})
    if unknown or not isinstance(item.get("name"), str) or not item["name"]:
        raise InputError(Problem("a call is a name, or a mapping of `name` and `arguments`"))
    if not isinstance(item.get("arguments", {}), Mapping):
        raise InputError(Problem(f"the arguments of {item['name']} must be a mapping"))
    return Call(item["name"], item.get("arguments"))


def _matches(wanted: Call, made: Call, exact: bool) -> bool:
    if wanted.name != made.name:
        return False
    if wanted.arguments is None:
        return True
    if made.arguments is None or (exact and wanted.arguments.keys() != made.arguments.keys()):
        return False
    return all(key in made.arguments and same(made.arguments[key], want) for key, want in wanted.arguments.items())


def _in_order(wanted: Sequence[Call], made: Sequence[Call], exact: bool) -> int:
    """How many of the wanted calls were made one after another: the longest common subsequence."""
    longest = [0] * (len(made) + 1)
    for want in wanted:
        before = longest
        longest = [0]
        for at, call in enumerate(made):
            here = before[at] + 1 if _matches(want, call, exact) else 0
            longest.append(max(here, before[at + 1], longest[at]))
    return longest[-1]


def _paired(wanted: Sequence[Call], made: Sequence[Call], exact: bool) -> int:
    """The most wanted calls that can each have a call of their own (augmenting paths)."""
    holder: dict[int, int] = {}

    def place(index: int, tried: set[int]) -> bool:
        for at, call in enumerate(made):
            if at in tried or not _matches(wanted[index], call, exact):
                continue
            tried.add(at)
            if at not in holder or place(holder[at], tried):
                holder[at] = index
                return True
        return False

    return sum(place(index, set()) for index in range(len(wanted)))


def _listed(made: Sequence[Call]) -> str:
    shown = [f"{call.name}({compact(call.arguments) if call.arguments else ''})" for call in made[:5]]
    return ", ".join(shown) + (" ..." if len(made) > 5 else "") if made else "none"
