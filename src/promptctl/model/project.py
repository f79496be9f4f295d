"""A project: what its files say, all of them read together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from promptctl.model.config import Config
from promptctl.model.errors import Problem
from promptctl.model.golden import GoldenSet
from promptctl.model.prompt import Prompt
from promptctl.model.source import Tree


@dataclass(frozen=True, slots=True)
class Project:
    """Every prompt, golden set and judge of one revision, and what could not be read.

    prompts: all versions. golden: by golden file path. judges: by name.
    problems: files that could not be parsed; a command that needs such a file raises them as InputError.
    """

    config: Config
    tree: Tree = field(repr=False)
    prompts: tuple[Prompt, ...] = ()
    golden: Mapping[str, GoldenSet] = field(default_factory=dict)
    judges: Mapping[str, Prompt] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
