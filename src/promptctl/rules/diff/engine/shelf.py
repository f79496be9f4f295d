"""The shelf of the rules about changes: every one that stands in a file of the categories' packages."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

import promptctl.rules.diff
from promptctl.rules.diff.engine.rule import DiffRule, Looks

_NOT_CATEGORIES = frozenset({"engine", "reading"})


@cache
def diff_rules() -> tuple[DiffRule, ...]:
    """Every rule about changes, by code. A file holds one and is named as it."""
    found = []
    for category in pkgutil.iter_modules(promptctl.rules.diff.__path__):
        if not category.ispkg or category.name in _NOT_CATEGORIES:
            continue
        package = import_module(f"promptctl.rules.diff.{category.name}")
        for entry in pkgutil.iter_modules(package.__path__):
            module = import_module(f"{package.__name__}.{entry.name}")
            found += [value for value in vars(module).values() if isinstance(value, DiffRule)]
    return tuple(sorted(found, key=lambda one: one.rule.code))


def rules_for(looks: Looks) -> tuple[DiffRule, ...]:
    """The rules that look at this kind of subject."""
    return tuple(one for one in diff_rules() if one.looks is looks)
