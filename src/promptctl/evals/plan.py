"""Prompts and golden sets to a plan: everything is checked and rendered before anything is called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from promptctl.assertions.engine import Bound, bind, looks_at_case
from promptctl.model.answer import Bench
from promptctl.model.config import EvalConfig
from promptctl.model.errors import InputError, NothingSelectedError, Problem
from promptctl.model.golden import AssertionSpec, Case, GoldenSet
from promptctl.model.prompt import Prompt
from promptctl.model.run import Request
from promptctl.model.source import NodePath, Span
from promptctl.model.suggest import closest
from promptctl.text import template
from promptctl.text.checked import suggestion
from promptctl.text.inputs import input_problems, with_plain_input
from promptctl.text.paths import CONFIG_FILE
from promptctl.text.prompt import undefined_names

Selected = Sequence[tuple[Prompt, GoldenSet]]


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """One case ready to be asked: its request, how many samples, and its bound assertions."""

    prompt: Prompt
    golden: GoldenSet
    case: Case
    request: Request
    bound: tuple[Bound, ...]
    samples: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All that will be asked, in the order of the files."""

    cases: tuple[PlannedCase, ...]

    @property
    def samples(self) -> int:
        """How many completions the plan asks for, judges apart."""
        return sum(planned.samples for planned in self.cases)


def narrow(selected: Selected, *, tags: Sequence[str] = (), cases: Sequence[str] = ()) -> Selected:
    """`selected` with only the cases that carry one of `tags` and whose id is one of `cases`.

    Raises NothingSelectedError where an id or a tag matches nothing: a misspelt filter is never a pass.
    """
    known_ids = [case.id for _, golden in selected for case in golden.cases]
    known_tags = sorted({tag for _, golden in selected for case in golden.cases for tag in case.tags})
    _refuse_unknown("case", cases, known_ids)
    _refuse_unknown("tag", tags, known_tags)
    kept = [
        (prompt, _only(golden, [_wanted(case, tags, cases) for case in golden.cases])) for prompt, golden in selected
    ]
    kept = [(prompt, golden) for prompt, golden in kept if golden.cases]
    if not kept:
        raise NothingSelectedError(Problem("no case carries the given tags and ids together"))
    return kept


def _only(golden: GoldenSet, wanted: Sequence[bool]) -> GoldenSet:
    """The wanted cases; where the file's nodes stand is still known by their new numbers."""
    kept = [number for number, keep in enumerate(wanted) if keep]
    find = golden.source.where

    def where(path: NodePath) -> Span | None:
        if len(path) > 1 and path[0] == "cases" and isinstance(path[1], int):
            return find(("cases", kept[path[1]], *path[2:]))
        return find(path)

    return replace(
        golden, cases=tuple(golden.cases[number] for number in kept), source=replace(golden.source, where=where)
    )


def _wanted(case: Case, tags: Sequence[str], ids: Sequence[str]) -> bool:
    return (not tags or bool(set(tags) & set(case.tags))) and (not ids or case.id in ids)


def _refuse_unknown(kind: str, asked: Sequence[str], known: Sequence[str]) -> None:
    problems = [
        Problem(f"no {kind} is called '{name}'", hint=_known_hint(kind, name, known))
        for name in asked
        if name not in set(known)
    ]
    if problems:
        raise NothingSelectedError(*problems)


def _known_hint(kind: str, name: str, known: Sequence[str]) -> str:
    close = closest(name, known)
    if close:
        return f"did you mean '{close}'?"
    listed = ", ".join(list(known)[:8])
    return f"the selected golden sets have these {kind}s: {listed}" if known else f"they have no {kind}s"


def plan(
    selected: Selected,
    *,
    config: EvalConfig,
    bench: Bench,
    samples: int | None = None,
    model: str | None = None,
) -> Plan:
    """The plan of evaluating `selected`.

    samples overrides every case's number; model replaces every prompt's model. Raises InputError with every problem
    found, not only the first.
    """
    problems: list[Problem] = []
    planned: list[PlannedCase] = []
    binder = _Binder(bench)
    for prompt, golden in selected:
        problems.extend(_undeclared(prompt))
        if model is not None and prompt.target is not None:
            problems.append(_no_model(prompt))
            continue
        target = model or prompt.model
        for written in golden.cases:
            case = with_plain_input(prompt, written)  # checks and judges see it under its name, as the prompt does
            try:
                planned.append(
                    PlannedCase(
                        prompt=prompt,
                        golden=golden,
                        case=case,
                        request=template.request(
                            prompt, case, target, _endpoint(prompt, target, bench), golden_path=golden.source.path
                        ),
                        bound=binder.bind_all(case, golden),
                        samples=samples or case.samples or config.samples,
                    )
                )
            except InputError as error:
                problems.extend(error.problems)
    if problems:
        raise InputError(*_placed(_default_once(problems, bench), selected))
    return Plan(tuple(planned))


def _endpoint(prompt: Prompt, model: str, bench: Bench) -> str | None:
    """Where a request goes. What is wrong with a target's code is placed in the prompt that names it."""
    if prompt.target is None:
        return bench.endpoint(model)
    try:
        return bench.target_endpoint(prompt.target)
    except InputError as error:
        span = prompt.source.where(("target",))
        line, column = (span.line, span.column) if span else (None, None)
        raise InputError(
            *(
                Problem(
                    f"{one.path}: {one.message}" if one.path else one.message,
                    prompt.source.path,
                    line,
                    column,
                    one.hint,
                )
                for one in error.problems
            )
        ) from None


def _no_model(prompt: Prompt) -> Problem:
    span = prompt.source.where(("target",))
    line = span.line if span else None
    message = f"{prompt.name} is answered by a target, which --model does not replace"
    return Problem(message, prompt.source.path, line, hint="name the prompts that have a model, or leave --model out")


def refuse_impossible(plan: Plan) -> None:
    """Raises InputError for every case that wants more passing samples than it has: it could never pass."""
    problems = [
        Problem(
            f"case {one.case.id!r} passes with {one.case.pass_if} samples, and {one.samples} "
            f"{'is' if one.samples == 1 else 'are'} asked for",
            one.golden.source.path,
            one.case.span.line if one.case.span else None,
            hint="raise `samples:` or --samples, or lower `pass_if:`",
        )
        for one in plan.cases
        if isinstance(one.case.pass_if, int) and one.case.pass_if > one.samples
    ]
    if problems:
        raise InputError(*problems)


def _undeclared(prompt: Prompt) -> Sequence[Problem]:
    """Names a template uses on any branch, reached by a case or not, that `inputs` does not declare."""
    return [
        Problem(
            f"the template uses `{name}`, which `inputs` does not declare",
            prompt.source.path,
            hint=suggestion(name, [one.name for one in prompt.inputs])
            or f"declare it: inputs: {{{name}: {{type: string}}}}",
        )
        for name in sorted(undefined_names(prompt))
    ]


def _default_once(problems: Sequence[Problem], bench: Bench) -> Sequence[Problem]:
    """A default judge that is not there is one problem, of the configuration, and not one of every case."""
    name = bench.default_judge
    if name is None or name in bench.judges:
        return problems
    message = f"there is no judge '{name}'"
    others = [one for one in problems if not one.message.endswith(f": {message}")]
    if len(others) == len(problems):
        return problems
    near = closest(name, bench.judges)
    hint = f"did you mean '{near}'?" if near else f"known judges: {', '.join(sorted(bench.judges)) or 'none'}"
    return [Problem(f"eval.judge: {message}", CONFIG_FILE, hint=hint), *others]


def _placed(problems: Iterable[Problem], selected: Selected) -> Sequence[Problem]:
    """Each problem once, at the exact place where it is known: rendering knows a case, not its nodes."""
    exact = {problem.message: problem for prompt, golden in selected for problem in input_problems(prompt, golden)}
    return list(dict.fromkeys(exact.get(problem.message, problem) for problem in problems))


class _Binder:
    """Binds assertions; what a thousand cases say in the same words is bound once.

    Of a case, an assertion looks at `expected_output`; one that says so also at the names of its inputs and at its
    metadata. Cases that are alike in that share it.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._known: dict[tuple[str, ...], Bound] = {}
        self._curious: dict[str, bool] = {}

    def bind_all(self, case: Case, golden: GoldenSet) -> tuple[Bound, ...]:
        """The case's assertions, bound. Raises InputError with every problem of every assertion."""
        problems: list[Problem] = []
        bound: list[Bound] = []
        expected = repr(case.expected_output)
        more = repr((sorted(case.input), case.metadata))
        for spec in case.assertions:
            try:
                key = (spec.digest, expected, more) if self._looks_at_case(spec) else (spec.digest, expected)
                if key not in self._known:
                    self._known[key] = bind(spec, self._bench, golden.source, case)
                bound.append(self._known[key])
            except InputError as error:
                problems.extend(error.problems)
        if problems:
            raise InputError(*problems)
        return tuple(bound)

    def _looks_at_case(self, spec: AssertionSpec) -> bool:
        if spec.digest not in self._curious:
            self._curious[spec.digest] = looks_at_case(spec)
        return self._curious[spec.digest]
