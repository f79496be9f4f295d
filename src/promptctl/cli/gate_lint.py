"""Lint errors that a change brings: the first part of a gate's verdict."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from promptctl.adapters.lint_cache import FILE, LintCache, salt_of
from promptctl.adapters.sides import Sides
from promptctl.adapters.state import state_of
from promptctl.cli.linting import Scene
from promptctl.cli.output import Output
from promptctl.model.config import Config
from promptctl.model.finding import Finding, Severity
from promptctl.rules.engine.lint import lint
from promptctl.rules.engine.settings import settings_of
from promptctl.rules.engine.shelf import rules


def new_errors(
    root: Path, sides: Sides, head: Config, policy: Config, output: Output, *, only: Sequence[str] | None = None
) -> tuple[Finding, ...]:
    """The errors of the head that the base does not have, by the policy's choice of rules; all files, or `only` some.

    Only what is wrong with the head as it stands. What the rules about changes say, such as that a version was not
    raised, is no word about answers: `promptctl lint --against` and `promptctl diff` say it.
    """
    config = replace(head, lint=policy.lint, gate=policy.gate)
    settings = settings_of(config, {rule.code: rule.name for rule in rules()})
    with ExitStack() as stack:
        folder = state_of(root, os.environ).folder(output.warn)
        today = datetime.now(UTC).date().toordinal()
        path = folder / FILE if folder else None
        store = LintCache(path, salt=salt_of([repr(config)]), today=today, warn=output.warn)
        stack.callback(store.close)
        scene = Scene(root, sides.head, config, settings, store, sides.base)
        base = scene.base_reading()
        if base is None:
            return ()
        before = lint(base, settings).findings
        found = lint(scene.reading(), settings, only=only).findings
    return tuple(_new([one for one in found if one.severity is Severity.ERROR], before))


def _new(found: Sequence[Finding], before: Sequence[Finding]) -> Iterator[Finding]:
    """Those of `found` that were not there before. An error on a line that was edited is still the same error: a file
    that has no more of a rule's than it had has no new one."""
    known = {one.fingerprint for one in before}
    here = {one.fingerprint for one in found}
    left = Counter((one.rule, one.path) for one in before if one.fingerprint not in here)
    for one in found:
        if one.fingerprint in known:
            continue
        if left[one.rule, one.path] > 0:
            left[one.rule, one.path] -= 1
        else:
            yield one
