"""What a gate has to ask: the affected prompts, each with its cases of record for both sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from promptctl.adapters.sides import Sides
from promptctl.assertions.engine import Bound
from promptctl.cli.bench import bench_of, endpoints
from promptctl.cli.gate_targets import about_target
from promptctl.evals.affected import Planned, Roles, Side, differences, only, planned, programs, reaches, roles
from promptctl.evals.plan import Plan
from promptctl.model.config import Config
from promptctl.model.errors import InputError, NothingSelectedError, Problem
from promptctl.model.golden import GoldenSet
from promptctl.model.project import Project
from promptctl.model.prompt import Prompt
from promptctl.model.source import Source
from promptctl.text.paths import sort_files
from promptctl.text.project import CONFIG_FILE, current, find, golden_of, golden_path
from promptctl.text.target_code import TargetCode


@dataclass(frozen=True, slots=True)
class Demand:
    """What of the command line shapes the plan."""

    prompts: tuple[str, ...] = ()
    policy_from: str = "base"
    samples: int | None = None
    model: str | None = None
    allow_exec: bool = True


@dataclass(frozen=True, slots=True)
class PromptGate:
    """An affected prompt. base and head are planned on the cases of record, by the same assertions.

    reported: new cases and the head's versions of edited ones: run on the head alone, and not gated. why: what differs.
    base is None where the prompt is new, head is None where it is gone.
    """

    name: str
    why: tuple[str, ...]
    base: Planned | None
    head: Planned | None
    reported: Planned
    roles: Roles = field(default_factory=Roles)
    path: str | None = None


@dataclass(frozen=True, slots=True)
class GatePlan:
    """All of it. carried_over: prompts that nothing touches. unmeasured: affected prompts without a golden set."""

    affected: tuple[PromptGate, ...]
    carried_over: tuple[str, ...]
    unmeasured: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def prompts(self) -> int:
        """How many prompts the gate looked at."""
        return len(self.affected) + len(self.carried_over) + len(self.unmeasured)


@dataclass(frozen=True, slots=True)
class Scene:
    """Both sides of a project as read. config: the policy in force. unread: the base's prompts whose cases cannot be read."""

    sides: Sides
    base: Project
    head: Project
    config: Config
    touched: frozenset[str]
    demand: Demand
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    codes: dict[int, TargetCode] = field(default_factory=dict)

    def code(self, project: Project) -> TargetCode:
        """The code of the targets of a side, looked up once for all prompts."""
        return self.codes.setdefault(id(project), TargetCode(project.tree))

    def model_for(self, prompt: Prompt) -> str | None:
        """The model that --model puts in the place of the prompt's own; a target stays what it is."""
        return self.demand.model if prompt.target is None else None


def make_plan(scene: Scene) -> GatePlan:
    """The plan. Raises InputError and NothingSelectedError for names that are wrong."""
    shared = _shared(scene)
    affected: list[PromptGate] = []
    carried: list[str] = []
    unmeasured: list[str] = []
    for name, (before, after) in _pairs(scene).items():
        if after is None:
            continue
        if before is not None and not _candidate(scene, before, after, shared=shared):
            carried.append(name)
            continue
        found = _prompt_gate(scene, name, before, after)
        if found is not None:
            affected.append(found)
        elif before is not None and before.digest == after.digest:
            carried.append(name)
        else:
            unmeasured.append(name)
    return GatePlan(tuple(affected), tuple(carried), tuple(unmeasured), tuple(scene.notes), tuple(scene.problems))


Pair = tuple[Prompt | None, Prompt | None]


def _pairs(scene: Scene) -> Mapping[str, Pair]:
    """The current prompts of both sides by name; one whose file is the same under a new name is the same prompt."""
    before = {prompt.name: prompt for prompt in current(scene.base)}
    if scene.demand.prompts:
        return _named(scene, before)
    after = {prompt.name: prompt for prompt in current(scene.head)}
    by_path = {prompt.source.path: prompt for name, prompt in before.items() if name not in after}
    pairs: dict[str, Pair] = {}
    for name, prompt in after.items():
        old = before.get(name) or by_path.pop(prompt.source.path, None)
        if old is not None and old.name != name:
            scene.notes.append(f"{name} is called {old.name} at the base: compared with it")
            before.pop(old.name)
        if old is None and prompt.source.path in {problem.path for problem in scene.base.problems}:
            scene.notes.append(f"{name} could not be read at the base: there is nothing to compare it with")
        pairs[name] = (old, prompt)
    broken = {problem.path for problem in scene.head.problems}
    for name, old in before.items():
        if name not in after:
            pairs[name] = (old, None)
            how = "cannot be read any more" if old.source.path in broken else "is gone"
            scene.notes.append(f"{name} {how}: nothing of it is compared")
    return pairs


def _named(scene: Scene, before: Mapping[str, Prompt]) -> Mapping[str, Pair]:
    pairs: dict[str, Pair] = {}
    for wanted in scene.demand.prompts:
        try:
            prompt = find(scene.head, wanted)
        except NothingSelectedError:
            gone = before.get(wanted)
            if gone is None:
                raise
            pairs[wanted] = (gone, None)
            scene.notes.append(f"{wanted} is gone: nothing of it is compared")
            continue
        same = [one for one in scene.base.prompts if (one.name, one.version) == (prompt.name, prompt.version)]
        pairs[prompt.name] = (same[0] if same else before.get(prompt.name), prompt)
    return pairs


def _shared(scene: Scene) -> bool:
    """Whether something touched may matter to any prompt: the configuration, a judge, a check, a schema, a script."""
    kinds = {**sort_files(scene.base.config, sorted(scene.touched)).kinds}
    kinds |= sort_files(scene.head.config, sorted(scene.touched)).kinds
    known = {path for project in (scene.base, scene.head) for one in project.prompts for path in one.includes}
    known |= {path for path, kind in kinds.items() if kind != "judge"}
    if _what_plans_read(scene.base.config) == _what_plans_read(scene.head.config):
        known.add(CONFIG_FILE)
    return bool(scene.touched - known)


def _what_plans_read(config: Config) -> tuple[object, ...]:
    """What of a configuration can change a request or a judgement; limits, prices, the gate and lint cannot."""
    endpoints = {name: one.api_base for name, one in config.providers.items() if one.api_base}
    files = (config.prompts, config.golden, config.judges)
    return *files, config.eval.samples, config.eval.judge, endpoints


def _candidate(scene: Scene, before: Prompt, after: Prompt, *, shared: bool) -> bool:
    """Whether anything touched can matter to this prompt."""
    if shared or scene.demand.model is not None or (before.source.path, before.name) != (after.source.path, after.name):
        return True
    own: set[str] = set()
    for prompt, project in ((before, scene.base), (after, scene.head)):
        path = _golden_path(project, prompt)
        own |= {prompt.source.path, *prompt.includes, *([path] if path is not None else [])}
    return bool(scene.touched & own)


def _golden_path(project: Project, prompt: Prompt) -> str | None:
    try:
        return golden_path(project, prompt)
    except InputError:
        return None


def _prompt_gate(scene: Scene, name: str, before: Prompt | None, after: Prompt) -> PromptGate | None:
    """The gate of one prompt; None where nothing that counts differs, or nothing measures it."""
    base_golden = None if before is None else _golden(scene, scene.base, before, at_head=False)
    head_golden = _golden(scene, scene.head, after, at_head=True)
    if before is None or base_golden is None:
        if head_golden is None or (before is not None and before.digest == after.digest):
            return None
        return PromptGate(name, ("new",), None, None, _alone(scene, after, head_golden), path=after.source.path)
    before = replace(before, name=name)
    head_golden = head_golden or replace(base_golden, cases=())
    base_own = planned(before, base_golden, _own_side(scene, scene.base))
    head_own = planned(after, head_golden, _own_side(scene, scene.head))
    why = differences(base_own, head_own)
    if not why and reaches(programs(base_own) | programs(head_own), scene.touched):
        why = ("checks",)
    if not why and base_own.misfits and before.digest != after.digest:
        why = ("prompt",)  # no case could be planned on either side: that is an ERROR, and not a prompt without cases
    if scene.model_for(after) not in (None, before.model):
        why = (*why, "model")
    if after.target is not None:
        code, changed = scene.code(scene.head), scene.sides.changed if "target" not in why else ()
        scene.notes.extend(about_target(after, scene.head, code, changed, model=scene.demand.model))
    if not why:
        return None
    found = roles(base_own, head_own, base_golden, head_golden)
    return _both(scene, name, why, found, (before, after), (base_golden, head_golden))


def _both(
    scene: Scene,
    name: str,
    why: tuple[str, ...],
    found: Roles,
    prompts: tuple[Prompt, Prompt],
    goldens: tuple[GoldenSet, GoldenSet],
) -> PromptGate:
    """The plans: the cases of record on both sides, judged alike; the rest on the head alone."""
    demand, from_head = scene.demand, scene.demand.policy_from == "head"
    record, judging = (goldens[1], scene.head) if from_head else (goldens[0], scene.base)
    bench = bench_of(judging, scene.config, allow_exec=demand.allow_exec)
    side = Side(bench, scene.config.eval, demand.samples)
    benches = [
        replace(
            bench,
            endpoint=endpoints(scene.config, project.tree),
            target_endpoint=scene.code(project).endpoint,
        )
        for project in (scene.base, scene.head)
    ]
    base = planned(prompts[0], record, replace(side, bench=benches[0]))
    head = planned(prompts[1], record, replace(side, bench=benches[1], model=scene.model_for(prompts[1])))
    # A judge that is a script is asked as the judging side has it, whichever side's answer it judges.
    judged = head if from_head else base
    bound = {one.case.id: one.bound for one in judged.plan.cases}
    base, head = _judged_by(base, bound), _judged_by(head, bound)
    wanted = () if from_head else (*found.new, *found.edited)
    reported = _alone(scene, prompts[1], only(goldens[1], wanted))
    return PromptGate(name, why, base, head, reported, found, prompts[1].source.path)


def _alone(scene: Scene, prompt: Prompt, golden: GoldenSet) -> Planned:
    """Cases that are run on the head alone, as the head says."""
    side = _own_side(scene, scene.head)
    return planned(prompt, golden, replace(side, samples=scene.demand.samples, model=scene.model_for(prompt)))


def record_of(scene: Scene, prompt: Prompt, golden: GoldenSet) -> Planned:
    """A prompt of the base on its own cases, under the policy in force."""
    bench = bench_of(scene.base, scene.config, allow_exec=scene.demand.allow_exec, code=scene.code(scene.base))
    return planned(prompt, golden, Side(bench, scene.config.eval, scene.demand.samples, scene.model_for(prompt)))


def _judged_by(one: Planned, bound: Mapping[str, tuple[Bound, ...]]) -> Planned:
    """The plan with the assertions of the judging side: its judges are asked where that side says."""
    cases = tuple(replace(case, bound=bound.get(case.case.id, case.bound)) for case in one.plan.cases)
    return replace(one, plan=Plan(cases))


def _own_side(scene: Scene, project: Project) -> Side:
    """A side as its own files say, endpoints and configuration included."""
    bench = bench_of(project, project.config, allow_exec=scene.demand.allow_exec, code=scene.code(project))
    return Side(bench, project.config.eval)


def _golden(scene: Scene, project: Project, prompt: Prompt, *, at_head: bool) -> GoldenSet | None:
    """A prompt's golden set, None without one. What is wrong with it is kept: lint says it too, as a finding."""
    if _golden_path(project, prompt) is None:
        return None
    try:
        return golden_of(project, prompt)
    except InputError as error:
        if not at_head:
            said = error.problems[0].message
            scene.unread.append(prompt.name)
            scene.notes.append(
                f"{prompt.name}: the base's golden set cannot be read ({said}): there is nothing to compare with"
            )
            return None
        scene.problems.extend(error.problems)
        return GoldenSet(prompt=prompt.name, cases=(), source=Source(""), digest="")


def whole(plans: Iterable[Plan]) -> Plan:
    """All plans as one."""
    return Plan(tuple(case for one in plans for case in one.cases))
