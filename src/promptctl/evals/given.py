"""Answers that already exist, in place of a model's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from promptctl.evals.plan import Plan, PlannedCase
from promptctl.model.errors import CallFailed, InputError, Problem
from promptctl.model.run import Completion
from promptctl.model.suggest import closest
from promptctl.text.outputs import Given


@dataclass(frozen=True, slots=True)
class GivenAnswers:
    """The lines of an outputs file by prompt, case and sample; `path` names the file in messages."""

    lines: Mapping[tuple[str, str, int], Given]
    path: str

    async def __call__(self, planned: PlannedCase, sample: int) -> Completion:
        """The given answer. Raises CallFailed where the file has none, or has an error in its place."""
        given = self.lines.get((planned.prompt.name, planned.case.id, sample))
        if given is None:
            where = f"sample {sample} of case {planned.case.id!r}" if sample else f"case {planned.case.id!r}"
            raise CallFailed(f"{self.path} has no answer for {where}", kind="output_missing")
        if given.completion is None:
            raise CallFailed(f"{self.path}:{given.line}: {given.error}", kind="given_error")
        return given.completion


def given_answers(
    plan: Plan,
    lines: Sequence[Given],
    *,
    path: str,
    known: Mapping[str, Collection[str]],
    others: Collection[str] = (),
) -> tuple[Plan, GivenAnswers]:
    """`plan` with as many samples a case as the file has, and the answers.

    known: the case ids of every selected prompt before filters, so that a line for a filtered case is passed over and
    one for an unknown case is refused. others: prompts of the project that were not selected; their lines are passed
    over. Raises InputError with every line that fits no case.
    """
    names = list(dict.fromkeys(planned.prompt.name for planned in plan.cases))
    ids = {(planned.prompt.name, planned.case.id) for planned in plan.cases}
    every_id = frozenset(case for cases in known.values() for case in cases)
    problems: list[Problem] = []
    found: dict[tuple[str, str, int], Given] = {}
    for line in lines:
        prompt = line.prompt or (names[0] if len(names) == 1 else None)
        if prompt is None:
            problem: Problem | None = _nobodys(line, names, path)
        elif line.prompt is not None and line.prompt not in known:
            problem = None if line.prompt in others else _no_prompt(line, line.prompt, [*known, *others], path)
        else:
            cases = every_id if line.prompt is None else known[line.prompt]
            problem = None if line.case in cases else _no_case(line, cases, path)
        if problem is not None:
            problems.append(problem)
        elif prompt is not None and (prompt, line.case) in ids:
            found[prompt, line.case, line.sample] = line
    if problems:
        raise InputError(*problems)
    return Plan(tuple(_with_samples(planned, found) for planned in plan.cases)), GivenAnswers(found, path)


def _nobodys(line: Given, names: Sequence[str], path: str) -> Problem:
    hint = f'add "prompt": one of {", ".join(names[:8])}'
    return Problem("several prompts are evaluated and the line does not say whose it is", path, line.line, hint=hint)


def _no_prompt(line: Given, name: str, names: Sequence[str], path: str) -> Problem:
    near = closest(name, names)
    hint = f"did you mean {near!r}?" if near else f"the prompts are {', '.join(names[:8])}"
    return Problem(f"there is no prompt {name!r}", path, line.line, hint=hint)


def _no_case(line: Given, ids: Collection[str], path: str) -> Problem:
    near = closest(line.case, ids)
    hint = f"did you mean {near!r}?" if near else "remove the line, or add the case to the golden set"
    return Problem(f"the golden set has no case {line.case!r}", path, line.line, hint=hint)


def _with_samples(planned: PlannedCase, found: Mapping[tuple[str, str, int], Given]) -> PlannedCase:
    numbers = [sample for prompt, case, sample in found if (prompt, case) == (planned.prompt.name, planned.case.id)]
    wanted = planned.case.pass_if
    return replace(planned, samples=max([0, *numbers, wanted - 1 if isinstance(wanted, int) else 0]) + 1)
