"""Jinja2's sandbox made deterministic and bounded: what a template may reach, and what it pays for.

What can be reached is a list of what is allowed (filters, methods of values, three globals), not of what is not:
nothing random, nothing of the machine. Every loop, call, operator and filter is paid for (`text/work.py`).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.filters import FILTERS, make_attrgetter
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace, pass_environment
from jinja2.visitor import NodeTransformer

from promptctl.text.work import MAX_RANGE, OPERATORS, TooMuchWorkError, Work

_FILTERS = (
    "abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "groupby", "int", "items",
    "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "select", "selectattr",
    "sort", "string", "title", "trim", "truncate", "unique", "upper", "wordcount",
)  # fmt: skip
_SPREADING = frozenset({"list", "sort", "groupby"})  # they make an element of every character of a text
_METHODS: dict[type, frozenset[str]] = {
    str: frozenset({
        "capitalize", "casefold", "count", "endswith", "find", "index", "isalnum", "isalpha", "isascii", "isdecimal",
        "isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "join", "lower", "lstrip", "partition",
        "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rpartition", "rsplit", "rstrip", "split",
        "splitlines", "startswith", "strip", "swapcase", "title", "upper",
    }),
    dict: frozenset({"get", "items", "keys", "values"}),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index", "grouper", "list"}),  # the last two are groupby's
    int: frozenset(),
    float: frozenset({"is_integer"}),
}  # fmt: skip


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's immutable sandbox, its doors counted. `work` is the account of the rendering under way."""

    intercepted_binops = OPERATORS

    def __init__(self, includes: Mapping[str, str]) -> None:
        super().__init__(
            undefined=jinja2.StrictUndefined,
            finalize=self._written,
            loader=jinja2.FunctionLoader(lambda name: (includes[name], name, None) if name in includes else None),
            optimized=False,  # constant folding would run filters at compile time, outside of any account
            cache_size=-1,
            auto_reload=False,
        )
        self.work = Work()
        self.globals = {"range": self._range, "dict": _dict, "namespace": Namespace}
        self.filters = {name: self._counted(name, FILTERS[name]) for name in _FILTERS}
        self.filters |= {
            "join": _join, "replace": self._replace, "indent": self._indent, "round": _round, "sum": _sum,
            "tojson": self._tojson,
        }  # fmt: skip

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ANN401 - Jinja2's own signature
        for kind, allowed in _METHODS.items():
            if isinstance(obj, kind):
                return attr in allowed
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: object) -> None:
        """No special road for str.format: as a method that is not listed it is refused."""

    def call_binop(self, _context: object, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - as above
        return self.work.binary(operator, left, right)

    def call(self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        self.work.step(1 + len(args) + len(kwargs))
        subject = getattr(__obj, "__self__", None)
        if isinstance(subject, str):
            if __obj.__name__ == "replace":
                return self.work.replace(subject, *args, **kwargs)
            if "split" in __obj.__name__:
                self.work.step(len(subject) // 8)
            if __obj.__name__ == "join":
                return self.work.join(args[0] if args else (), subject)
        if isinstance(subject, str | list | tuple | dict):
            self.work.look(subject)
        return super().call(__context, __obj, *args, **kwargs)

    def tick(self, characters: int) -> str:
        """Pay for one turn of a loop, macro or template whose constant text is `characters` long."""
        self.work.write(characters)
        return ""

    def joined(self, *parts: object) -> str:
        """`a ~ b`."""
        return self.work.join(parts)

    def weighed(self, value: Any) -> Any:  # noqa: ANN401 - any value of the template
        """`value`, paid for before it is compared or sliced."""
        self.work.look(value)
        return value

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401 - Jinja2's own
        _Metering().visit(source)
        return super()._generate(source, *args, **kwargs)

    def _written(self, value: object) -> str:
        text = self.work.text(value)
        self.work.write(len(text))
        return text

    def _range(self, *bounds: int) -> range:
        made = range(*bounds)
        if len(made) > MAX_RANGE:
            raise TooMuchWorkError(f"it counts through a range of {len(made):,}, more than {MAX_RANGE:,}")
        return made

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def counted(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any filter
            self.work.step()
            for value in (*args, *kwargs.values()):
                self.work.look(value)
                if name in _SPREADING and isinstance(value, str):
                    self.work.step(len(value))
            return function(*args, **kwargs)

        return counted

    def _replace(self, value: object, old: str, new: str, count: int | None = None) -> str:
        return self.work.replace(self.work.text(value), old, new, -1 if count is None else count)

    def _indent(self, value: object, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
        text = self.work.text(value)
        margin = width if isinstance(width, str) else " " * min(int(width), 100)
        self.work.reserve(len(text) + (text.count("\n") + 1) * len(margin))
        lines = text.split("\n")
        rest = [margin + line if line or blank else line for line in lines[1:]]
        return "\n".join([margin + lines[0] if first else lines[0], *rest])

    def _tojson(self, value: object, indent: int | None = None) -> str:
        self.work.look(value)
        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=min(indent, 8) if indent else None)


@pass_environment
def _join(environment: Sandbox, value: Iterable[object], d: str = "", attribute: str | None = None) -> str:
    get = make_attrgetter(environment, attribute) if attribute is not None else None
    return environment.work.join((get(item) for item in value) if get else value, between=str(d))


@pass_environment
def _sum(environment: Sandbox, value: Iterable[Any], attribute: str | None = None, start: float = 0) -> Any:  # noqa: ANN401
    get = make_attrgetter(environment, attribute) if attribute is not None else None
    for item in value:
        start = environment.work.binary("+", start, get(item) if get else item)
    return start


def _dict(**pairs: object) -> dict[str, object]:
    return pairs


def _round(value: float, precision: int = 0, method: str = "common") -> float:
    if not 0 <= precision <= 15:
        raise ValueError("round takes a precision from 0 to 15")
    return float(FILTERS["round"](value, precision, method))


_BODIES = (nodes.Template, nodes.For, nodes.Macro, nodes.CallBlock, nodes.Block)


class _Metering(NodeTransformer):
    """Puts the meter into a template's tree: a tick in every body that can run again, `~` and comparisons paid for."""

    def visit(self, node: nodes.Node, *_args: object, **_kwargs: object) -> nodes.Node:
        self.generic_visit(node)
        if isinstance(node, _BODIES):
            constant = sum(len(data.data) for data in node.find_all(nodes.TemplateData))
            tick = _own_call("tick", [nodes.Const(constant, lineno=node.lineno)], node.lineno)
            node.body.insert(0, nodes.ExprStmt(tick, lineno=node.lineno))
        elif isinstance(node, nodes.Concat):
            return _own_call("joined", list(node.nodes), node.lineno)
        elif isinstance(node, nodes.Compare):
            node.expr = _weighed(node.expr)
            for operand in node.ops:
                operand.expr = _weighed(operand.expr)
        elif isinstance(node, nodes.Test):
            node.args = [_weighed(argument) for argument in node.args or []]
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice):
            node.node = _weighed(node.node)
        return node


def _weighed(node: nodes.Expr) -> nodes.Call:
    return _own_call("weighed", [node], node.lineno)


def _own_call(name: str, arguments: list[nodes.Expr], line: int) -> nodes.Call:
    return nodes.Call(nodes.EnvironmentAttribute(name, lineno=line), arguments, [], None, None, lineno=line)
