"""The steps of a review: what to ask, the asking or a table that came back, and the report."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from promptctl.adapters.files import atomic_write, find_root
from promptctl.adapters.reviews import Lines
from promptctl.cli import boundary
from promptctl.cli.comparing import described
from promptctl.cli.judge_question import labeller_name
from promptctl.cli.output import Output
from promptctl.cli.review_open import Pair, Single, labels_of, opened
from promptctl.cli.workspace import start_folder
from promptctl.gate import review
from promptctl.gate.review_cases import ReviewCase, Shown
from promptctl.gate.review_labels import ByLabeller, agreed, by_labeller, labelling
from promptctl.gate.review_measure import Asked
from promptctl.gate.review_plan import Strata, open_items, sample_size, seed_of, strata_of, to_ask
from promptctl.model.errors import InputError, NothingSelectedError, Problem
from promptctl.model.review import Label, Review, RunReview
from promptctl.model.run import Run
from promptctl.model.source import Blob
from promptctl.reports.build_review import of_review
from promptctl.reports.figures import count
from promptctl.text.review_label import Row, answers_of, label_line, read_labels, read_table, table

if TYPE_CHECKING:
    from promptctl.gate.review_run import RunAsked

Item = tuple[ReviewCase, Shown]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    names: tuple[str, ...]
    share: float | None
    number: int | None
    labeller: str | None
    everything: bool
    export: Path | None
    imported: Path | None
    directory: Path | None


@dataclass(frozen=True, slots=True)
class Desk:
    """A review on the desk: the cases by prompt, those that are asked in their order, and the file of labels.

    again: the words of the command that opens it again.
    """

    found: Pair | Single
    seed: str
    strata: tuple[Strata, ...]
    asked: tuple[Asked, ...]
    rated: tuple[RunAsked, ...]
    cases: tuple[ReviewCase, ...]
    lines: Lines
    again: tuple[str, ...]

    @property
    def labels(self) -> ByLabeller:
        """What each labeller has said so far."""
        return by_labeller(read_labels(self.lines.read()))


def run_review(wanted: Wanted, output: Output) -> int:
    """Open, ask, keep, report; the exit code. Raises PromptctlError."""
    cwd = start_folder(wanted.directory)
    found = opened(wanted.names, cwd)
    desk = _desk(found, wanted, cwd)
    who = labeller_name(find_root(cwd), wanted.labeller, required=wanted.export is None)
    if wanted.export is not None:
        return _export(desk, who, wanted, cwd, output)
    if wanted.imported is not None:
        _import(desk, who, wanted.imported, cwd, output)
    else:
        _ask(desk, who, wanted, cwd, output)
    return _report(desk, output)


def _desk(found: Pair | Single, wanted: Wanted, cwd: Path) -> Desk:
    seed = seed_of(*(run.id for run in found.runs))
    asked: tuple[Asked, ...] = ()
    rated_prompts: tuple[RunAsked, ...] = ()
    if isinstance(found, Pair):
        gate = {one.prompt: one for one in found.verdict.prompts}
        sorted_out = [(one, strata_of(one, seed)) for one in found.comparison.prompts if one.prompt in gate]
        sizes = [sample_size(each, found.policy, share=wanted.share, number=wanted.number) for _, each in sorted_out]
        asked = tuple(
            Asked(one, gate[one.prompt], each, size, found.verdict.judges)
            for (one, each), size in zip(sorted_out, sizes, strict=True)
        )
        plans = [(one.strata, one.size) for one in asked]
    else:
        from promptctl.gate.review_run import run_asked

        rated_prompts = run_asked(found.run, seed, share=wanted.share, number=wanted.number)
        plans = [(one.strata, one.size) for one in rated_prompts]
    if not any(strata.judged for strata, _ in plans):
        raise NothingSelectedError(_nothing([strata for strata, _ in plans], found.runs))
    cases = tuple(case for strata, size in plans for case in to_ask(strata, size, seed))
    return Desk(
        found=found,
        seed=seed,
        strata=tuple(strata for strata, _ in plans),
        asked=asked,
        rated=rated_prompts,
        cases=cases,
        lines=labels_of(found, cwd),
        again=_again(found, wanted),
    )


def _again(found: Pair | Single, wanted: Wanted) -> tuple[str, ...]:
    """The command that asks the same: by names that mean the same tomorrow, and with as many cases of the rest."""
    number = () if wanted.number is None else ("--n", str(wanted.number))
    share = () if wanted.share is None else ("--share", str(wanted.share))
    return ("promptctl", "review", *found.names, *number, *share)


def _nothing(strata: Sequence[Strata], runs: Sequence[Run]) -> Problem:
    """Why there is nothing to label in these runs."""
    named, lost = " and ".join(f"run {run.id}" for run in runs), sum(len(one.lost) for one in strata)
    if lost:
        ended = f"{count(lost, 'case')} with an ERROR that no label can change"
        return Problem(f"nothing in {named} can be reviewed: {ended}", hint="run what failed again: 'promptctl eval'")
    hint = "what assertions without a judge decide needs no review"
    return Problem(f"no judge decided anything in {named}", hint=hint)


def _open_for(desk: Desk, who: str, *, everything: bool) -> tuple[Item, ...]:
    """The answers this labeller is asked about: those without a label that counts, or all that are not their own yet."""
    said = desk.labels
    own = said.get(who, {})
    items: Iterable[Item] = open_items(desk.cases, agreed(said))
    if everything:
        items = ((case, one) for case in desk.cases for one in case.answers)
    return tuple(item for item in items if item[1].key not in own)


def _ask(desk: Desk, who: str, wanted: Wanted, cwd: Path, output: Output) -> None:
    items = _open_for(desk, who, everything=wanted.everything)
    if not items:
        return
    from promptctl.cli.person import Answer, Person, walk
    from promptctl.cli.review_screen import Cases, screen_of

    hint = f"{shlex.join([*desk.again, '--export', 'FILE.csv'])} writes a table to label, --import takes it back"
    if not Person.is_here():  # the report says what is missing
        output.warn(f"there is no terminal here to ask a person at: {hint}")
        return
    person = Person.here(hint=hint)
    own = dict(desk.labels.get(who, {}))
    cases = Cases(find_root(cwd), _commits(desk.found.runs))

    def keep(item: Item, answer: Answer | None) -> None:
        key = item[1].key
        passes = None if answer is None else answer.key == "p"
        desk.lines.append([label_line(Label(key, who, passes, None if answer is None else answer.note, _now()))])
        if passes is None:
            own.pop(key, None)
        else:
            own[key] = passes

    done = sum(len(case.answers) for case in desk.cases) - len(items)
    walked = walk(items, person=person, show=lambda item: screen_of(*item, cases, own), keep=keep, done=done)
    output.remark(f"{count(walked.answered, 'label')} kept in {desk.lines.path}")


def _export(desk: Desk, who: str, wanted: Wanted, cwd: Path, output: Output) -> int:
    """Write the table, and say so; no verdict comes of it."""
    from promptctl.cli.review_screen import Cases, row_of

    assert wanted.export is not None
    items = _open_for(desk, who, everything=wanted.everything)
    cases = Cases(find_root(cwd), _commits(desk.found.runs))
    text = table(row_of(case, one, cases) for case, one in items)
    path = cwd / wanted.export
    atomic_write(path, desk.lines.leaks.redact(text).encode("utf-8-sig"))
    labeller = () if wanted.labeller is None else ("--labeller", who)
    again = shlex.join([*desk.again, "--import", str(wanted.export), *labeller])
    output.remark(f"{count(len(items), 'answer')} to label in {wanted.export}: fill in the column label, then {again}")
    return boundary.ExitCode.OK


def _import(desk: Desk, who: str, path: Path, cwd: Path, output: Output) -> None:
    try:
        data = (cwd / path).read_bytes()
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror or error}", path=str(path))) from None
    labels = read_table(Blob(str(path), data), _exported(desk), labeller=who, at=_now())
    before = desk.labels.get(who, {})
    new = [label for label in labels if before.get(label.item) is not label.passes]
    if new:
        desk.lines.append([label_line(label) for label in new])
    output.remark(f"{count(len(new), 'new label')} of {len(labels):,} in {path}, kept in {desk.lines.path}")


def _exported(desk: Desk) -> Mapping[str, str]:
    """Every item of the review, and its answer as the table has it: with keys taken out, cut where it is too long."""
    from promptctl.cli.review_screen import answer_text

    cases = (case for strata in desk.strata for case in (*strata.flipped, *strata.rest))
    rows = (Row(one.key, case.prompt, case.case, "", "", answer_text(one)) for case in cases for one in case.answers)
    return answers_of(desk.lines.leaks.redact(table(rows)))


def _report(desk: Desk, output: Output) -> int:
    said, found = desk.labels, desk.found
    if isinstance(found, Pair):
        result = _pair_review(desk, found, said)
        report = of_review(result, on_inconclusive=found.policy.on_inconclusive, verbose=output.verbose)
    else:
        from promptctl.reports.build_run_review import of_run_review

        report = of_run_review(_run_review(desk, found, said))
    output.write(report)
    if report.outcome == "warning":
        output.warn(report.conclusion.removeprefix("WARNING: "))
        return boundary.ExitCode.OK
    return boundary.OUTCOMES[report.outcome]


def _pair_review(desk: Desk, found: Pair, said: ByLabeller) -> Review:
    reviews = review.reviewed(desk.asked, agreed(said), found.policy)
    prompts, verdict, rule, reasons = review.with_gate(reviews, found.verdict, found.lint)
    return Review(
        prompts=prompts,
        baseline=found.verdict.baseline,
        head=found.verdict.head,
        policy=asdict(found.policy),
        seed=desk.seed,
        labels=labelling(said, _keys(desk)),
        verdict=verdict,
        rule=rule,
        incomplete=verdict is None or any(one.incomplete for one in prompts),
        reasons=reasons,
        judged=found.verdict.verdict.value,
        gate=found.gate,
        carried_over=found.verdict.carried_over,
        notes=_unfinished(found.runs),
        command=shlex.join(desk.again),
    )


def _run_review(desk: Desk, found: Single, said: ByLabeller) -> RunReview:
    from promptctl.gate.review_run import rated

    labels = agreed(said)
    return RunReview(
        run=described(found.run),
        prompts=tuple(rated(one, labels, found.policy.confidence) for one in desk.rated),
        confidence=found.policy.confidence,
        seed=desk.seed,
        labels=labelling(said, _keys(desk)),
        notes=_unfinished(found.runs),
        command=shlex.join(desk.again),
    )


def _unfinished(runs: Sequence[Run]) -> tuple[str, ...]:
    return tuple(f"run {run.id} is {run.status}: what it has is reviewed" for run in runs if run.status != "complete")


def _keys(desk: Desk) -> list[str]:
    return [one.key for case in desk.cases for one in case.answers]


def _commits(runs: Sequence[Run]) -> list[str]:
    return [run.provenance.commit for run in runs if run.provenance.commit is not None]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
