"""Both sides of a gate, found and read."""

from __future__ import annotations

import os
import tempfile
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from promptctl.adapters import access
from promptctl.adapters.baseline import Baseline, copy_files, find_baseline, find_side
from promptctl.adapters.files import find_root
from promptctl.adapters.git import ObjectTree
from promptctl.adapters.sides import WORKTREE, Sides, open_sides
from promptctl.adapters.state import state_of
from promptctl.cli.gate_plan import Demand, GatePlan, Scene
from promptctl.cli.gate_targets import touched_code
from promptctl.cli.gate_touched import touched_paths
from promptctl.cli.output import Output
from promptctl.cli.workspace import Workspace, project_names, start_folder
from promptctl.evals.affected import programs, reaches
from promptctl.model.config import Config
from promptctl.model.errors import InputError
from promptctl.text.config import parse_config
from promptctl.text.project import CONFIG_FILE, load_project


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line of `gate --against` asks for, or of `compare`, which names the head as well.

    head: None for the working tree, which a gate judges.
    """

    against: str
    prompts: tuple[str, ...] = ()
    policy_from: str = "base"
    offline: bool = False
    allow_exec: bool = True
    model: str | None = None
    max_cost: float | None = None
    samples: int | None = None
    max_age_days: float = 7.0
    calibrate: bool = False
    allow_hosts: tuple[str, ...] = ()
    directory: Path | None = None
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """Both sides, open, and what they turned out to be."""

    root: Path
    cwd: Path
    baseline: Baseline
    head: Baseline
    sides: Sides
    scene: Scene


def opened(wanted: Wanted, stack: ExitStack) -> Opened:
    """Find the base and read both sides, the base only where something it reads may differ. Raises PromptctlError.

    What is opened is closed by `stack`.
    """
    cwd = start_folder(wanted.directory)
    root = find_root(cwd)
    baseline = find_baseline(root, wanted.against) if wanted.head is None else find_side(root, wanted.against)
    after = find_side(root, wanted.head or WORKTREE)
    sides = open_sides(root, baseline.commit or wanted.against, after.commit or after.spec)
    stack.callback(sides.close)
    head_config = _config(sides, at_head=True)
    base_config = _config(sides, at_head=False) if CONFIG_FILE in sides.changed else head_config
    head = load_project(sides.head)
    touched = touched_paths(sides, (base_config, head_config)) | touched_code(head, sides.head, sides.changed)
    base = load_project(sides.base) if touched or wanted.model or wanted.calibrate else head
    policy = base_config if wanted.policy_from == "base" else head_config
    if wanted.max_cost is not None:
        policy = replace(policy, eval=replace(policy.eval, max_cost_usd=wanted.max_cost))
    workspace = Workspace(root, cwd, head)
    demand = Demand(
        tuple(project_names(workspace, wanted.prompts)),
        wanted.policy_from,
        wanted.samples,
        wanted.model,
        wanted.allow_exec,
    )
    access.check_hosts(policy, os.environ, wanted.allow_hosts)
    scene = Scene(sides, base, head, policy, touched, demand)
    if wanted.policy_from == "base" and base_config.gate != head_config.gate:
        scene.notes.append("the change edits `gate:` in promptctl.yaml: the base's policy is in force")
    return Opened(root, cwd, baseline, after, sides, scene)


def _config(sides: Sides, *, at_head: bool) -> Config:
    """promptctl.yaml of a side; one the base could not read either is no policy. Raises InputError for the head's."""
    tree = sides.head if at_head else sides.base
    try:
        return parse_config(tree.read(CONFIG_FILE)) if CONFIG_FILE in tree.paths() else Config()
    except InputError as error:
        if at_head:
            raise
        hint = "--policy-from head takes the head's"
        raise InputError(
            *(replace(one, message=f"at the base: {one.message}", hint=hint) for one in error.problems)
        ) from None


async def checks_folder(found: Opened, plan: GatePlan, stack: AsyncExitStack) -> Path | None:
    """The folder in which the checks of record run where it is not the working tree: a copy of the base's files.

    Checks are part of the policy: a change must not edit what judges it. Where nothing that they may reach differs,
    they run in place, unless the working tree is neither side.
    """
    if found.scene.demand.policy_from == "head" or not found.scene.demand.allow_exec:
        return None
    used = {path for gate in plan.affected if gate.base for path in programs(gate.base)}
    tree, elsewhere = found.sides.base, found.head.commit is not None
    if not isinstance(tree, ObjectTree) or not (used if elsewhere else reaches(used, found.sides.changed)):
        return None
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="promptctl-base-")))
    copy_files(tree, folder)
    return folder


def state_folder(root: Path, output: Output) -> Path | None:
    """Where state is kept; None, with a warning, where there is no such place."""
    state = state_of(root, os.environ)
    if state.warning:
        output.warn(state.warning)
    return state.folder(output.warn)
