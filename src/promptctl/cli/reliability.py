"""The judges in force and what people's labels, committed beside them, say of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from promptctl.assertions.results.judged import flat
from promptctl.evals.plan import PlannedCase
from promptctl.model.config import GateConfig
from promptctl.model.errors import InputError, Problem
from promptctl.model.project import Project
from promptctl.model.prompt import Prompt
from promptctl.model.run import SampleResult
from promptctl.model.source import Tree
from promptctl.model.verdict import JudgeInForce
from promptctl.text.labels import parse_labels
from promptctl.text.paths import labels_path


def judges_in_force(
    cases: Iterable[PlannedCase], tree: Tree, policy: GateConfig, *, repair: str | None = None
) -> tuple[JudgeInForce, ...]:
    """Every judge that stands behind these cases, with its reliability by the labels in `tree`: the base's, so that a
    change cannot vouch for its own judge. policy: its confidence is that of the bound `min_tnr` is held against.

    Raises InputError for labels that cannot be read where `min_tnr` is set: one bad line would switch the judges off.
    repair: where such a file is to be mended, for the hint.
    """
    found: dict[str, tuple[Prompt, dict[str, None]]] = {}
    for case in cases:
        for bound in case.bound:
            for judge in bound.judges:
                found.setdefault(judge.identity, (judge.prompt, {}))[1][case.prompt.name] = None
    known = frozenset(tree.paths()) if found else frozenset()
    if policy.min_tnr is not None:
        _refuse_unreadable((judge for judge, _ in found.values()), tree, known, repair)
    return tuple(
        _in_force(judge, identity, tuple(prompts), tree, known, policy.confidence)
        for identity, (judge, prompts) in sorted(found.items(), key=lambda item: item[1][0].name)
    )


def judges_of_results(results: Iterable[SampleResult], project: Project, confidence: float) -> tuple[JudgeInForce, ...]:
    """The same for stored results: the judges they name, by the labels that the project has now.

    Raises InputError for labels that cannot be read: nobody asks this without a `min_tnr`.
    """
    found: dict[tuple[str, str], dict[str, None]] = {}
    for result in results:
        for one in flat(result.assertions):
            for said in one.detail.get("judges") or [one.detail]:
                if "judge" in said and "judge_digest" in said:
                    found.setdefault((said["judge"], said["judge_digest"]), {})[result.prompt] = None
    known = frozenset(project.tree.paths()) if found else frozenset()
    named = {name for name, _ in found}
    _refuse_unreadable((project.judges[name] for name in named if name in project.judges), project.tree, known, None)
    return tuple(
        _in_force(project.judges[name], identity, tuple(prompts), project.tree, known, confidence)
        if name in project.judges
        else JudgeInForce(name, identity, tuple(prompts), note="the project has no such judge now")
        for (name, identity), prompts in sorted(found.items())
    )


def _refuse_unreadable(judges: Iterable[Prompt], tree: Tree, known: frozenset[str], repair: str | None) -> None:
    problems: list[Problem] = []
    for path in sorted({labels_path(judge.source.path) for judge in judges} & known):
        try:
            parse_labels(tree.read(path))
        except InputError as error:
            problems += error.problems
    if problems:
        hints = ("; ".join(part for part in (one.hint, repair) if part) or None for one in problems)
        raise InputError(*(replace(one, hint=hint) for one, hint in zip(problems, hints, strict=True)))


def _in_force(
    judge: Prompt, identity: str, prompts: tuple[str, ...], tree: Tree, known: frozenset[str], confidence: float
) -> JudgeInForce:
    path = labels_path(judge.source.path)
    if path not in known:
        return JudgeInForce(judge.name, identity, prompts, note="nobody has labelled what it judged")
    try:
        labels = parse_labels(tree.read(path))
    except InputError as error:
        return JudgeInForce(judge.name, identity, prompts, note=f"its labels cannot be read: {error.problems[0]}")
    from promptctl.stats.labelled import confusion_of
    from promptctl.stats.stratified import stratified

    labelled = confusion_of(labels, identity)
    table = labelled.table
    measured = stratified(labelled.strata, confidence=confidence)
    note = None
    if labelled.unjudged:
        many = len(labelled.unjudged)
        note = f"{many} labelled item{'' if many == 1 else 's'} not judged by it as it is now: promptctl judge audit {judge.name}"
    return JudgeInForce(
        name=judge.name,
        digest=identity,
        prompts=prompts,
        labels=measured.items,
        passes=table.passes,
        fails=table.fails,
        disputed=len(labelled.disputed),
        tpr=measured.tpr,
        tnr=measured.tnr,
        tnr_lower=measured.tnr_lower,
        kappa=measured.kappa,
        ac1=measured.ac1,
        note=note,
    )
