"""What assertions are bound with, as a project's files and the operator say."""

from __future__ import annotations

from collections.abc import Callable

from promptctl.adapters import access, prices
from promptctl.cli.numbers import NUMBERS
from promptctl.model.answer import Bench
from promptctl.model.config import Config
from promptctl.model.project import Project
from promptctl.model.source import Tree
from promptctl.text.target_code import TargetCode


def reader(tree: Tree) -> Callable[[str], bytes]:
    """The bytes of a file of the tree by its root-relative path; raises InputError."""
    return lambda path: tree.read(path).data


def endpoints(config: Config, tree: Tree) -> Callable[[str], str | None]:
    """Where each model is asked: the configuration's endpoints, the tree's scripts."""
    return lambda model: access.endpoint_of(model, config, reader(tree))


def bench_of(project: Project, config: Config, *, allow_exec: bool, code: TargetCode | None = None) -> Bench:
    """The judges and files of `project` under `config`, which may be another side's. code: of its targets, where it is
    known already."""
    return Bench(
        read=reader(project.tree),
        judges=project.judges,
        default_judge=config.eval.judge,
        allow_exec=allow_exec,
        endpoint=endpoints(config, project.tree),
        target_endpoint=(code or TargetCode(project.tree)).endpoint,
        takes_schema=prices.takes_schema,
        numbers=NUMBERS,
    )
