"""The answer calls no tool but the allowed ones.

Value: the names of the tools that may be called, a list or a string read as a line of CSV; `[]` allows none. `deny`:
names that may not be called; alone it allows every other. `arguments`: a mapping of tool to a JSON Schema (or its file)
that the arguments of its calls must satisfy. An answer without a call passes. Calls are those the provider reported;
where it reported none, those that stand as JSON in the answer's text, as in `tool-call`.

Score: the share of the calls that are allowed, 1 without a call. `detail`: `called`, the names in order, and `refused`,
a list of `{name, why}`.

| assertion | answer | outcome |
| --- | --- | --- |
| `tool-allowed: [search, book]` | `{output: "", tool_calls: [{name: search, arguments: "{}"}]}` | pass |
| `tool-allowed: []` | `There is nothing to look up.` | pass |
| `tool-allowed: {deny: [delete_account]}` | `'[{"name": "search"}]'` | pass |
| `tool-allowed: {value: [refund], arguments: {refund: {properties: {eur: {maximum: 50}}}}}` | `'[{"name": "refund", "arguments": {"eur": 20}}]'` | pass |
| `tool-allowed: [search]` | `'[{"name": "delete_account"}]'` | fail |
| `tool-allowed: []` | `{output: "", tool_calls: [{name: search, arguments: "{}"}]}` | fail |
| `tool-allowed: {deny: [delete_account]}` | `'[{"name": "search"}, {"name": "delete_account"}]'` | fail |
| `tool-allowed: {value: [refund], arguments: {refund: {properties: {eur: {maximum: 50}}}}}` | `'[{"name": "refund", "arguments": {"eur": 900}}]'` | fail |

>>> check(Answer(output='[{"name": "wipe"}]'), value=("search",)).reason
'the answer calls wipe, which is not allowed'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from promptctl.assertions.reading.needles import Needles, needles
from promptctl.assertions.reading.schemas import fault, schema_of
from promptctl.assertions.reading.tools import Call, calls
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json

VERSION = 1
MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may be called: allowed names (None: every one that is not denied), denied ones, schemas by tool."""

    allowed: frozenset[str] | None
    denied: frozenset[str]
    schemas: Mapping[str, Json]


def prepare(
    bench: Bench,
    *,
    value: str | tuple[str, ...] | None = None,
    deny: str | tuple[str, ...] | None = None,
    arguments: Mapping[str, Json] | None = None,
) -> Bounds:
    if value is None and deny is None and arguments is None:
        raise InputError(Problem("it says nothing: name the tools that may be called, or those to `deny`"))
    allowed, denied = _names(value), _names(deny) or frozenset()
    schemas: dict[str, Json] = {}
    for name, schema in (arguments or {}).items():
        if not isinstance(schema, str | Mapping):
            raise InputError(Problem(f"the arguments of {name} must be bounded by a JSON Schema, or a file with one"))
        if name in denied or (allowed is not None and name not in allowed):
            raise InputError(Problem(f"`arguments` bounds {name}, which may not be called at all"))
        schemas[name] = schema_of(bench, schema)
    if both := sorted((allowed or frozenset()) & denied):
        raise InputError(Problem(f"{both[0]} is both allowed and denied"))
    return Bounds(allowed, denied, schemas)


def fingerprint(*, prepared: Bounds) -> Json:
    return dict(prepared.schemas)


def check(
    answer: Answer,
    *,
    value: str | tuple[str, ...] | None = None,
    deny: str | tuple[str, ...] | None = None,
    arguments: Mapping[str, Json] | None = None,
    prepared: Bounds | None = None,
) -> Score:
    bounds = prepared or prepare(Bench(read=lambda _: b""), value=value, deny=deny, arguments=arguments)
    made = calls(answer)
    refused = [{"name": call.name, "why": why} for call in made if (why := _objection(call, bounds)) is not None]
    detail: dict[str, Json] = {"called": [call.name for call in made], "refused": refused}
    if not made:
        return Score(True, 1.0, "the answer calls no tool", detail)
    score = 1 - len(refused) / len(made)
    if not refused:
        return Score(True, 1.0, f"every call is allowed: {_listed([call.name for call in made])}", detail)
    told = "; ".join(f"{one['name']}, {one['why']}" for one in refused[:MOST_TOLD])
    more = f" and {len(refused) - MOST_TOLD} more" if len(refused) > MOST_TOLD else ""
    return Score(False, score, f"the answer calls {told}{more}", detail)


def _names(value: Needles | None) -> frozenset[str] | None:
    if value is None:
        return None
    return frozenset(needles(value)) if value else frozenset()


def _objection(call: Call, bounds: Bounds) -> str | None:
    """Why a call may not be made; None where it may."""
    if call.name in bounds.denied:
        return "which is denied"
    if bounds.allowed is not None and call.name not in bounds.allowed:
        return "which is not allowed"
    if call.name not in bounds.schemas:
        return None
    if call.arguments is None:
        return "whose arguments are not a JSON object"
    found = fault(bounds.schemas[call.name], call.arguments)
    return None if found is None else f"whose arguments are out of bounds: {found}"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:MOST_TOLD]) + (" ..." if len(names) > MOST_TOLD else "")
