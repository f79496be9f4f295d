"""The file of a scripted model: read, checked, every mistake with its place. Format: docs/scripted.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from promptctl.adapters.prices import ModelPrice, of_override
from promptctl.model.config import Price
from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.source import Blob, NodePath
from promptctl.model.suggest import closest
from promptctl.text.yaml import Document, load

PARTS = ("system", "user", "assistant", "tool", "last", "any")
TOP_KEYS = ("description", "prices", "rules", "default")
REPLY_KEYS = ("reply", "tool_calls", "finish_reason", "latency_s", "error")
RULE_KEYS = ("when", "replies", *REPLY_KEYS)
ERROR_KEYS = ("status", "message", "retry_after_s")
PRICE_KEYS = ("input", "output", "cached_input")
CALL_KEYS = ("name", "arguments")


@dataclass(frozen=True, slots=True)
class Test:
    """One condition: a regular expression found, or (negated) not found, in a part of the messages."""

    __test__ = False

    part: str
    pattern: re.Pattern[str]
    negated: bool


@dataclass(frozen=True, slots=True)
class Matcher:
    """All the tests of a `when:`; it fits where every one of them does, and always where there is none."""

    tests: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """What `error:` answers instead of a reply."""

    status: int
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing to say. tool_calls: (name, arguments as JSON text). latency_s: seconds before it is said."""

    text: str = ""
    tool_calls: tuple[tuple[str, str], ...] = ()
    finish_reason: str | None = None
    latency_s: float = 0.0
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    when: Matcher
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A script file's content. default is empty where the file gives none."""

    rules: tuple[Rule, ...]
    default: tuple[Reply, ...]
    price: ModelPrice | None


def parse_script(blob: Blob) -> Parsed:
    """Read a script file. Raises InputError with every problem in it."""
    reader = _Reader(load(blob))
    parsed = reader.script()
    if reader.problems:
        raise InputError(*reader.problems)
    return parsed


class _Reader:
    """Walks the document; what is wrong is collected with its place, and a harmless value put in its stead."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def script(self) -> Parsed:
        top = self.mapping(self.document.value, (), TOP_KEYS)
        rules = tuple(
            self.rule(entry, ("rules", at)) for at, entry in enumerate(self.sequence(top.get("rules", []), ("rules",)))
        )
        default = self.replies(top["default"], ("default",)) if "default" in top else ()
        if not rules and not default:
            self.wrong((), "a script needs `rules:` or a `default:`")
        return Parsed(rules, default, self.prices(top["prices"]) if "prices" in top else None)

    def rule(self, value: Json, path: NodePath) -> Rule:
        entry = self.mapping(value, path, RULE_KEYS)
        when = self.matcher(entry.get("when", {}), (*path, "when"))
        replies = self.replies({key: entry[key] for key in entry if key != "when"}, path)
        known = {name for test in when.tests if not test.negated for name in test.pattern.groupindex}
        for name in sorted({name for reply in replies for name in re.findall(r"<<(\w+)>>", reply.text)} - known):
            self.wrong(path, f"the reply uses <<{name}>>, but no pattern of `when:` has a group (?P<{name}>...)")
        return Rule(when, replies)

    def matcher(self, value: Json, path: NodePath) -> Matcher:
        parts = (*PARTS, *(f"not_{part}" for part in PARTS))
        tests = []
        for key, given in self.mapping(value, path, parts).items():
            patterns = given if isinstance(given, list) else [given]
            for pattern in patterns:
                compiled = self.pattern(pattern, (*path, key))
                tests.append(Test(key.removeprefix("not_"), compiled, negated=key.startswith("not_")))
        return Matcher(tuple(tests))

    def pattern(self, value: Json, path: NodePath) -> re.Pattern[str]:
        try:
            return re.compile(self.text(value, path))
        except re.error as error:
            self.wrong(path, f"not a regular expression: {error}")
            return re.compile("")

    def replies(self, value: Json, path: NodePath) -> tuple[Reply, ...]:
        """A text, a reply's mapping, or `replies:` with a list of either."""
        if isinstance(value, Mapping) and "replies" in value:
            entry = self.mapping(value, path, ("replies",))
            members = self.sequence(entry.get("replies"), (*path, "replies"))
            if not members:
                self.wrong((*path, "replies"), "`replies:` is empty")
            return tuple(self.reply(member, (*path, "replies", at)) for at, member in enumerate(members))
        return (self.reply(value, path),)

    def reply(self, value: Json, path: NodePath) -> Reply:
        if isinstance(value, str):
            return Reply(value)
        entry = self.mapping(value, path, REPLY_KEYS)
        if not {"reply", "tool_calls", "error"} & entry.keys():
            self.wrong(path, "says nothing: it needs `reply:`, `replies:`, `tool_calls:` or `error:`")
        calls = self.sequence(entry.get("tool_calls", []), (*path, "tool_calls"))
        finish = entry.get("finish_reason")
        return Reply(
            text=self.said(entry.get("reply", ""), (*path, "reply")),
            tool_calls=tuple(self.call(call, (*path, "tool_calls", at)) for at, call in enumerate(calls)),
            finish_reason=None if finish is None else self.text(finish, (*path, "finish_reason")),
            latency_s=self.number(entry.get("latency_s", 0.0), (*path, "latency_s")),
            error=self.error(entry["error"], (*path, "error")) if "error" in entry else None,
        )

    def said(self, value: Json, path: NodePath) -> str:
        """A reply that is a mapping or a list is said as its JSON, so that a judge's verdict needs no quoting."""
        return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else self.text(value, path)

    def call(self, value: Json, path: NodePath) -> tuple[str, str]:
        entry = self.mapping(value, path, CALL_KEYS)
        arguments = entry.get("arguments", {})
        text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        return self.text(entry.get("name"), (*path, "name")), text

    def error(self, value: Json, path: NodePath) -> Failure:
        entry = self.mapping(value, path, ERROR_KEYS)
        status = entry.get("status")
        if isinstance(status, bool) or not isinstance(status, int) or not 400 <= status < 600:
            self.wrong((*path, "status"), f"`status` is a number from 400 to 599, not {status!r}")
            status = 500
        pause = entry.get("retry_after_s")
        headers = {} if pause is None else {"retry-after": f"{self.number(pause, (*path, 'retry_after_s')):g}"}
        message = self.text(entry.get("message", f"the script says {status}"), (*path, "message"))
        return Failure(status, message, headers)

    def prices(self, value: Json) -> ModelPrice:
        entry = self.mapping(value, ("prices",), PRICE_KEYS)
        for key in ("input", "output"):
            if key not in entry:
                self.wrong(("prices",), f"`prices:` needs `{key}`: USD per million tokens")
        numbers = {key: self.number(entry[key], ("prices", key)) for key in entry}
        price = Price(numbers.get("input", 0.0), numbers.get("output", 0.0), numbers.get("cached_input"))
        return of_override(price, source="file")

    def mapping(self, value: Json, path: NodePath, known: Iterable[str]) -> Mapping[str, Json]:
        names = tuple(known)
        if not isinstance(value, Mapping):
            self.wrong(path, f"a mapping with {', '.join(names)} is expected here")
            return {}
        for key in value:
            if key not in names:
                near = closest(key, names)
                hint = f"did you mean `{near}`?" if near else f"known here: {', '.join(names)}"
                self.wrong((*path, key), f"unknown key `{key}`", hint)
        return {key: value[key] for key in value if key in names}

    def sequence(self, value: Json, path: NodePath) -> list[Json]:
        if isinstance(value, list):
            return value
        self.wrong(path, "a list is expected here")
        return []

    def text(self, value: Json, path: NodePath) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        self.wrong(path, f"text is expected here, not {value!r}")
        return ""

    def number(self, value: Json, path: NodePath) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf"):
            return float(value)
        self.wrong(path, f"a number, 0 or more, is expected here, not {value!r}")
        return 0.0

    def wrong(self, path: NodePath, message: str, hint: str | None = None) -> None:
        span, at = None, path
        while span is None and at:
            span, at = self.document.where_key(at) or self.document.where(at), at[:-1]
        span = span or self.document.where(())
        line, column = (span.line, span.column) if span else (1, 1)
        self.problems.append(Problem(message, self.document.blob.path, line, column, hint))
