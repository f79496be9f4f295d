"""The shelf of assertions: every file beside this package that is not itself a package."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import promptctl.assertions as shelf
from promptctl.model.errors import InputError, Problem
from promptctl.model.suggest import closest

HALVES = ("check", "ask", "read", "combine")
PREPARED = "prepared"
REQUIRED: Any = inspect.Parameter.empty


class _Expected:
    """The default of a value that is the case's `expected_output` where it is left out."""

    def __repr__(self) -> str:
        return "expected_output of the case"


EXPECTED: Any = _Expected()


@dataclass(frozen=True, slots=True)
class Parameter:
    """An option of an assertion: its annotation and its default (REQUIRED, EXPECTED or a value)."""

    name: str
    hint: Any
    default: Any


@dataclass(frozen=True, slots=True)
class Kind:
    """An assertion's file, read: its functions and the options they take together."""

    name: str
    module: ModuleType
    parameters: Mapping[str, Parameter]
    takes: Mapping[str, frozenset[str]]

    @property
    def is_group(self) -> bool:
        """Whether it judges by the results of its members."""
        return "combine" in self.takes

    @property
    def waits(self) -> bool:
        """Whether it needs a call to be made."""
        return "ask" in self.takes

    def call(self, half: str, *arguments: object, options: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the half's own
        """Call one of the file's functions with those of the options it declares."""
        wanted = {key: options[key] for key in self.takes[half] if key in options}
        return getattr(self.module, half)(*arguments, **wanted)


# What other tools call them (https://www.promptfoo.dev/docs/configuration/expected-outputs/model-graded/).
_ELSEWHERE: Mapping[str, str] = {
    "llm-rubric": "judge",
    "rubric": "judge",
    "model-graded-closedqa": "judge",
    "factuality": "judge",
    "model-graded-factuality": "judge",
    "select-best": "pairwise",
    "context-faithfulness": "faithfulness",
    "answer-relevancy": "answer-relevance",
    "context-relevance": "context-precision",
    "hallucination": "faithfulness",
    "guardrails": "moderation",
    "recall": "recall-at-k",
    "precision": "precision-at-k",
}


@cache
def names() -> tuple[str, ...]:
    """The names of all assertions, sorted."""
    found = (entry.name for entry in pkgutil.iter_modules(shelf.__path__) if not entry.ispkg)
    return tuple(sorted(name.replace("_", "-") for name in found))


@cache
def kind(name: str) -> Kind:
    """The assertion of that name, its file imported now. Raises InputError where there is none."""
    if name not in names():
        plain = name.removeprefix("not-")
        near = _ELSEWHERE.get(plain) or closest(plain, names())
        hint = f"did you mean '{near}'?" if near else f"known assertions: {', '.join(names())}"
        raise InputError(Problem(f"there is no assertion '{name}'", hint=hint))
    module = importlib.import_module(f"{shelf.__name__}.{name.replace('-', '_')}")
    parameters: dict[str, Parameter] = {}
    takes: dict[str, frozenset[str]] = {}
    for half in (*HALVES, "prepare", "fingerprint", "models", "judges"):
        if hasattr(module, half):
            declared = _parameters(getattr(module, half))
            takes[half] = frozenset(declared)
            parameters |= {key: found for key, found in declared.items() if half in HALVES and key != PREPARED}
    return Kind(name, module, parameters, takes)


def _parameters(function: Any) -> dict[str, Parameter]:  # noqa: ANN401 - a function with keyword-only parameters
    annotations = typing.get_type_hints(function)
    return {
        found.name: Parameter(found.name, annotations[found.name], found.default)
        for found in inspect.signature(function).parameters.values()
        if found.kind is inspect.Parameter.KEYWORD_ONLY
    }
