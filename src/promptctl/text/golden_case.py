"""One case of a golden set, from whichever format it was written in, the set's defaults merged in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from promptctl.model.golden import AssertionSpec, Case
from promptctl.model.prompt import Json, Message
from promptctl.text.assertion_spec import parse_assertions, shorthand
from promptctl.text.canonical import digest
from promptctl.text.checked import Fields, described
from promptctl.text.messages import HISTORY_ROLES, messages_of

CASE_KEYS = (
    "id", "input", "history", "expected_output", "tags", "cluster", "assertions", "rubric", "schema", "context",
    "samples", "pass_if", "threshold", "metadata",
)  # fmt: skip
DEFAULT_KEYS = ("assertions", "tags", "rubric", "schema", "samples", "pass_if", "threshold", "metadata")
PASS_IF = ("all", "majority", "any")
HINTS = {
    "assert": "did you mean 'assertions'?",
    "asserts": "did you mean 'assertions'?",
    "vars": "did you mean 'input'?",
    "inputs": "did you mean 'input'?",
    "expected": "did you mean 'expected_output'?",
    "output": "did you mean 'expected_output'?",
    "name": "did you mean 'id'?",
    "description": "a comment (# ...) or `metadata: {description: ...}` can hold it",
}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every case of a set has unless it says otherwise. Assertions and tags are added to a case's own."""

    assertions: tuple[AssertionSpec, ...] = ()
    shorthands: Mapping[str, AssertionSpec] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    samples: int | None = None
    pass_if: str | int = "all"
    threshold: float | None = None
    metadata: Mapping[str, Json] = field(default_factory=dict)


def read_defaults(fields: Fields | None) -> Defaults:
    """The `defaults:` of a golden set."""
    if fields is None:
        return Defaults()
    fields.known(DEFAULT_KEYS, HINTS)
    return Defaults(
        assertions=parse_assertions(fields.raw("assertions"), (*fields.at, "assertions"), fields.problems),
        shorthands=_shorthands(fields),
        tags=fields.texts("tags"),
        samples=fields.whole("samples", None, low=1),
        pass_if=_pass_if(fields, "all"),
        threshold=fields.number("threshold", None, low=0, high=1),
        metadata=fields.mapping("metadata"),
    )


def read_case(fields: Fields, defaults: Defaults) -> Case | None:
    """The case in `fields`; None where it is no mapping or has no usable id (noted as a problem)."""
    if not fields.values:
        if isinstance(fields.values, dict):
            fields.problems.add(fields.at, "the case is empty", hint="a case needs at least an id")
        return None
    fields.known(CASE_KEYS, HINTS)
    name = _id(fields)
    values, plain = _input(fields)
    own = parse_assertions(fields.raw("assertions"), (*fields.at, "assertions"), fields.problems)
    shorthands = {**defaults.shorthands, **_shorthands(fields)}
    assertions = (*defaults.assertions, *own, *shorthands.values())
    samples = fields.whole("samples", defaults.samples, low=1)
    pass_if = _pass_if(fields, defaults.pass_if)
    if isinstance(pass_if, int) and samples is not None and pass_if > samples:
        fields.problems.add(fields.at, f"pass_if asks for {pass_if} of {samples} samples", hint="raise `samples`")
    if name is None:
        return None
    said: dict[str, Json] = {
        "id": name,
        "input": values,
        "history": _history(fields),
        "expected_output": fields.raw("expected_output"),
        "tags": tuple(dict.fromkeys((*defaults.tags, *fields.texts("tags")))),
        "cluster": fields.text("cluster"),
        "assertions": assertions,
        "context": _context(fields),
        "samples": samples,
        "pass_if": pass_if,
        "threshold": fields.number("threshold", defaults.threshold, low=0, high=1),
        "metadata": {**defaults.metadata, **fields.mapping("metadata")},
    }
    return Case(**said, plain_input=plain, digest=_digest(said, plain), span=fields.problems.span(fields.at))


def _digest(said: Mapping[str, Json], plain: str | None) -> str:
    """Of all a case says; where it stands, and where its assertions stand, is not in it."""
    return digest(
        {
            **said,
            "input": said["input"] if plain is None else plain,
            "history": [{"role": m.role, "content": m.content, **m.extra} for m in said["history"]],
            "assertions": [spec.digest for spec in said["assertions"]],
        }
    )


def _id(fields: Fields) -> str | None:
    if fields.raw("id") is None:
        fields.problems.add(
            fields.at, "the case has no id", hint="id: a short unique name; it pairs runs with each other"
        )
        return None
    name = fields.text("id")
    if name is not None and (not name.strip() or len(name) > 200 or not name.isprintable()):
        fields.problem("id", f"{name!r} is not usable as an id", hint="up to 200 printable characters")
        return None
    return name


def _input(fields: Fields) -> tuple[Mapping[str, Json], str | None]:
    value = fields.raw("input")
    if isinstance(value, str):
        return {}, value
    if value is None or isinstance(value, dict):
        return value or {}, None
    hint = "input: {question: ...}, or a text for a prompt with one input"
    fields.problem("input", f"input must be a mapping or text, not {described(value)}", hint=hint)
    return {}, None


def _history(fields: Fields) -> tuple[Message, ...]:
    items = fields.items("history")
    return messages_of(items, (*fields.at, "history"), fields.problems, roles=HISTORY_ROLES, template=False)


def _context(fields: Fields) -> tuple[Json, ...]:
    value = fields.raw("context")
    return (value,) if isinstance(value, str) else tuple(fields.items("context"))


def _shorthands(fields: Fields) -> dict[str, AssertionSpec]:
    out: dict[str, AssertionSpec] = {}
    rubric = fields.raw("rubric")
    if rubric is not None:
        if isinstance(rubric, str) and rubric.strip():
            out["rubric"] = shorthand("judge", rubric, (*fields.at, "rubric"), fields.problems)
        else:
            fields.problem("rubric", f"rubric must be text, not {described(rubric)}")
    schema = fields.raw("schema")
    if schema is not None:
        if isinstance(schema, str | dict):
            out["schema"] = shorthand("json-schema", schema, (*fields.at, "schema"), fields.problems)
        else:
            fields.problem("schema", f"schema must be a JSON Schema or the path of one, not {described(schema)}")
    return out


def _pass_if(fields: Fields, default: str | int) -> str | int:
    value = fields.raw("pass_if")
    if value is None:
        return default
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    if isinstance(value, str) and value in PASS_IF:
        return value
    hint = "pass_if: all, majority, any, or a number of samples of at least 1"
    fields.problem("pass_if", f"{described(value)} is no rule for passing", hint=hint)
    return default
