"""One side of a comparison: which files are what, and what is in those that were asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from promptctl.model.config import Config
from promptctl.model.errors import InputError, Problem
from promptctl.model.golden import GoldenSet
from promptctl.model.prompt import Prompt
from promptctl.model.source import Tree
from promptctl.rules.engine.kinds import kinds
from promptctl.text.config import parse_config
from promptctl.text.golden import parse_golden
from promptctl.text.project import CONFIG_FILE
from promptctl.text.prompt import identity_of, parse_prompt


class Side:
    """A project at one state. Nothing is parsed before it is asked for, and nothing twice.

    config: its configuration. problems: what was wrong with the files that could not be read, by path.
    """

    def __init__(self, tree: Tree, config: Config) -> None:
        self.tree = tree
        self.config = config
        self.problems: dict[str, tuple[Problem, ...]] = {}
        self._prompts: dict[str, Prompt | None] = {}
        self._golden: dict[str, GoldenSet | None] = {}

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """Prompts, judges and golden sets by path."""
        return kinds(self.tree.paths(), self.config)

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every file."""
        return frozenset(self.tree.paths())

    def prompt(self, path: str) -> Prompt | None:
        """The prompt or judge in a file; None where it cannot be read."""
        if path not in self._prompts:
            try:
                judge = self.kinds.get(path) == "judge"
                self._prompts[path] = parse_prompt(self.tree.read(path), self.tree.read, judge=judge)
            except InputError as error:
                self.problems[path] = error.problems
                self._prompts[path] = None
        return self._prompts[path]

    def golden(self, path: str) -> GoldenSet | None:
        """The golden set in a file; None where it cannot be read or is not there."""
        if path not in self._golden:
            try:
                self._golden[path] = parse_golden(self.tree.read(path))
            except InputError as error:
                if path in self.paths:
                    self.problems[path] = error.problems
                self._golden[path] = None
        return self._golden[path]

    def golden_path(self, prompt: Prompt | None) -> str | None:
        """Where the golden set of a prompt is: as its file says, else the set of the same stem or name."""
        if prompt is None:
            return None
        if prompt.golden is not None:
            return prompt.golden
        for stem in (identity_of(prompt.source.path)[0], prompt.name):
            if stem in self._stems:
                return self._stems[stem]
        return None

    @cached_property
    def _stems(self) -> Mapping[str, str]:
        out: dict[str, str] = {}
        for path, kind in self.kinds.items():
            if kind == "golden":
                out.setdefault(path.rpartition("/")[2].rpartition(".")[0], path)
        return out


def config_of(tree: Tree) -> Config:
    """The configuration of a tree; defaults where it has none. Raises InputError where it cannot be read."""
    return parse_config(tree.read(CONFIG_FILE)) if CONFIG_FILE in tree.paths() else Config()
