"""The shelf: every rule that stands in a file of the families' packages."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

import promptctl.rules
from promptctl.rules.engine.rule import Rule, Subject

_NOT_FAMILIES = frozenset({"diff", "engine", "knowledge"})  # diff has rules of another kind, on a shelf of its own


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, by code. A rule's file holds one Rule and is named as it: `unpinned_model.py`, `unpinned-model`."""
    found = []
    for family in pkgutil.iter_modules(promptctl.rules.__path__):
        if not family.ispkg or family.name in _NOT_FAMILIES:
            continue
        package = import_module(f"promptctl.rules.{family.name}")
        for entry in pkgutil.iter_modules(package.__path__):
            module = import_module(f"{package.__name__}.{entry.name}")
            found += [value for value in vars(module).values() if isinstance(value, Rule)]
    return tuple(sorted(found, key=lambda one: one.code))


@cache
def rules_of(subject: Subject) -> tuple[Rule, ...]:
    """The rules that look at this kind of subject."""
    return tuple(one for one in rules() if subject in one.subjects)
