"""Assertions as written to their one normal form.

`name: value`, the bare word `is-json`, options in a mapping, shared options beside the name, and the long spelling
`{type: ..., value: ...}` all become an AssertionSpec. Whether an assertion of that name exists, and which options it
takes, is the business of the assertion engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from promptctl.model.golden import AssertionSpec
from promptctl.model.prompt import Json
from promptctl.model.source import NodePath
from promptctl.text.canonical import digest
from promptctl.text.checked import Fields, Problems, described

SHARED = ("threshold", "weight", "name", "required")
GROUPS = ("any", "all", "weighted")
# For these a mapping is the value itself, not a mapping of options.
MAPPING_IS_VALUE = frozenset({"equals", "is-json", "contains-json", "json-schema", "tool-call"})


@dataclass(slots=True)
class _Written:
    """An assertion taken apart: its name, and what belongs to it wherever it was written."""

    name: str
    body: Mapping[str, Json] = field(default_factory=dict)
    shared: Mapping[str, Json] = field(default_factory=dict)
    value_at: NodePath = ()


def parse_assertions(items: Json, at: NodePath, problems: Problems) -> tuple[AssertionSpec, ...]:
    """A list of assertions; what is wrong is noted in `problems` and left out."""
    if items is None:
        return ()
    if not isinstance(items, list):
        problems.add(at, f"assertions must be a list, not {described(items)}", hint="- contains: text")
        return ()
    specs = (_assertion(item, (*at, index), problems) for index, item in enumerate(items))
    return tuple(spec for spec in specs if spec is not None)


def shorthand(name: str, value: Json, at: NodePath, problems: Problems) -> AssertionSpec:
    """The assertion a case's `rubric:` or `schema:` stands for."""
    return _spec(name, at, problems, value=value, has_value=True)


def _assertion(item: Json, at: NodePath, problems: Problems) -> AssertionSpec | None:
    written = _taken_apart(item, at, problems)
    if written is None:
        return None
    name = written.name
    negated = name.startswith("not-") and len(name) > len("not-")
    plain = name[len("not-") :] if negated else name
    body = dict(written.body)
    shared = dict(written.shared)
    if "threshold" in body and plain not in GROUPS:
        if "threshold" in shared:
            problems.add(at, f"{name} has two thresholds", hint="keep the one beside the name")
        shared["threshold"] = body.pop("threshold")
    children: tuple[AssertionSpec, ...] = ()
    if plain in GROUPS:
        children = _children(name, body, shared, written.value_at, problems)
        body = {}
    has_value = "value" in body
    value = body.pop("value", None)
    return _spec(
        plain, at, problems, negated=negated, value=value, has_value=has_value, options=body, shared=shared,
        children=children,
    )  # fmt: skip


def _taken_apart(item: Json, at: NodePath, problems: Problems) -> _Written | None:
    if isinstance(item, str):
        return _Written(item, value_at=at)
    if not isinstance(item, dict) or not item:
        problems.add(at, f"an assertion is a mapping, not {described(item)}", hint="- contains: text")
        return None
    if isinstance(item.get("type"), str):
        rest = {key: value for key, value in item.items() if key != "type"}
        shared = {key: rest.pop(key) for key in SHARED if key in rest}
        return _Written(item["type"], rest, shared, (*at, "assertions" if "assertions" in rest else "value"))
    names = [key for key in item if key not in SHARED]
    if len(names) != 1:
        _note_names(names, at, problems)
        return None
    name, value = names[0], item[names[0]]
    shared = {key: item[key] for key in SHARED if key in item}
    plain = name.removeprefix("not-")
    if isinstance(value, dict) and plain not in MAPPING_IS_VALUE:
        _note_shared_inside(name, value, (*at, name), problems)
        return _Written(name, value, shared, (*at, name, "assertions") if "assertions" in value else (*at, name))
    if value is None and plain not in {"equals", "not-equals"}:
        return _Written(name, {}, shared, (*at, name))
    return _Written(name, {"value": value}, shared, (*at, name))


def _note_names(names: list[str], at: NodePath, problems: Problems) -> None:
    if not names:
        problems.add(at, "an assertion needs a name", hint="- contains: text")
        return
    hint = f"one assertion an item; options go inside: {{{names[0]}: {{value: ..., {names[1]}: ...}}}}"
    problems.add((*at, names[1]), f"two names in one assertion: {', '.join(names)}", hint=hint, key=True)


def _note_shared_inside(name: str, value: Mapping[str, Json], at: NodePath, problems: Problems) -> None:
    for key in ("weight", "required"):
        if key in value:
            hint = f"{{{name}: ..., {key}: {str(value[key]).lower()}}}"
            problems.add((*at, key), f"{key} stands beside the assertion's name", hint=hint, key=True)


def _children(
    name: str, body: dict[str, Json], shared: dict[str, Json], at: NodePath, problems: Problems
) -> tuple[AssertionSpec, ...]:
    """The members of a group, written as a list or under `assertions` beside a threshold."""
    members = body.get("assertions", body.get("value"))
    if "threshold" in body:
        shared.setdefault("threshold", body["threshold"])
    for key in body:
        if key not in {"assertions", "value", "threshold"}:
            hint = "a group has `assertions` and `threshold`"
            problems.add((*at[: len(at) - 1], key), f"unknown key {key!r} in {name}", hint=hint)
    children = parse_assertions(members, at, problems)
    if not members:
        problems.add(at, f"{name} has no assertions in it", hint=f"{name}: [{{contains: a}}, {{contains: b}}]")
    return children


def _spec(
    name: str,
    at: NodePath,
    problems: Problems,
    *,
    value: Json = None,
    has_value: bool = False,
    negated: bool = False,
    options: Mapping[str, Json] | None = None,
    shared: Mapping[str, Json] | None = None,
    children: Iterable[AssertionSpec] = (),
) -> AssertionSpec:
    own = dict(options or {})
    threshold, weight, required, label = _shared(shared, at, problems) if shared else (None, 1, False, None)
    members = tuple(children)
    identity: dict[str, Json] = {
        "type": name, "negated": negated, "options": own, "threshold": threshold, "weight": weight,
        "required": required, "children": [child.digest for child in members],
    }  # fmt: skip
    if has_value:
        identity["value"] = value
    return AssertionSpec(
        type=name, value=value, has_value=has_value, negated=negated, options=own, threshold=threshold,
        weight=float(weight), name=label, required=required, children=members, digest=digest(identity),
        span=problems.span(at),
    )  # fmt: skip


def _shared(
    shared: Mapping[str, Json], at: NodePath, problems: Problems
) -> tuple[float | None, float, bool, str | None]:
    """The options every assertion shares: threshold, weight, required, name."""
    common = Fields(dict(shared), at, problems, what="the assertion")
    return (
        common.number("threshold", None),
        common.number("weight", 1, low=0),
        common.flag("required", default=False),
        common.text("name"),
    )
