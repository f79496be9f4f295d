"""Linting files given as text, in a real folder: what every test of a rule needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from promptctl.adapters.files import WorkTree
from promptctl.cli.lint_world import world_of
from promptctl.model.config import Config
from promptctl.rules.engine.kinds import kinds
from promptctl.rules.engine.lint import Linted, lint
from promptctl.rules.engine.reading import Reading, Store
from promptctl.rules.engine.settings import settings_of
from promptctl.rules.engine.shelf import rules
from promptctl.text.config import parse_config

TODAY = date(2026, 11, 20)
CONFIG = "promptctl.yaml"


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode() if isinstance(text, str) else text)


def reading_of(folder: Path, store: Store | None = None, today: date = TODAY) -> Reading:
    tree = WorkTree(folder)
    config = parse_config(tree.read(CONFIG)) if (folder / CONFIG).exists() else Config()
    return Reading(tree, config, kinds(tree.paths(), config), world=world_of(config, today), store=store)


def lint_files(
    folder: Path,
    files: Mapping[str, str | bytes],
    base: Mapping[str, str | bytes] | None = None,
    only: Sequence[str] | None = None,
) -> Linted:
    write(folder / "head", files)
    reading = reading_of(folder / "head")
    before = None
    if base is not None:
        write(folder / "base", base)
        before = reading_of(folder / "base")
    tree = WorkTree(folder / "head")
    config = parse_config(tree.read(CONFIG)) if CONFIG in files else Config()
    settings = settings_of(config, {rule.code: rule.name for rule in rules()})
    return lint(reading, settings, base=before, only=only)


def codes(linted: Linted) -> list[str]:
    return [one.rule for one in linted.findings]
