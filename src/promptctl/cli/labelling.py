"""The steps of labelling: the answers a judge judged, a blind sample of them, a person, and the labels beside the judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from promptctl.adapters.files import atomic_write
from promptctl.cli import boundary
from promptctl.cli.judge_question import Questioned, labeller_name, one_line, questioned
from promptctl.cli.label_pool import pool
from promptctl.cli.label_texts import label_for_key, label_for_word, row, screen, words
from promptctl.cli.output import Output
from promptctl.cli.person import Answer, Person, walk
from promptctl.cli.workspace import read_given
from promptctl.evals.judged import Candidate
from promptctl.evals.label_sample import Sample, draw, in_strata, label_of
from promptctl.model.errors import InputError, NothingSelectedError, Problem
from promptctl.model.label import Label
from promptctl.model.source import Blob
from promptctl.reports.figures import count
from promptctl.text.label_table import Filled, encode_table, parse_table, texts_of
from promptctl.text.sheet import OTHER_LABEL, moved, unknown_items

_UNKNOWN = "the table is of another judge or review, or of a run to be named: --run RUN"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line of `judge label` asks for. runs: stored runs or files of run documents, all runs if none."""

    judge: str
    runs: tuple[str, ...] = ()
    size: int = 100
    labeller: str | None = None
    seed: str | None = None
    export_to: Path | None = None
    import_from: Path | None = None
    directory: Path | None = None


def label(wanted: Wanted, output: Output) -> int:
    """Label answers at the terminal, or write or read the table of them; returns the exit code. Raises PromptctlError."""
    if wanted.export_to is not None and wanted.import_from is not None:
        raise InputError(Problem("--export and --import: one writes a table, the other reads it; use one of the two"))
    asked = questioned(wanted.judge, wanted.directory)
    if wanted.import_from is not None:
        return _import(wanted, asked, output)
    labeller = labeller_name(asked.workspace.root, wanted.labeller, required=wanted.export_to is None)
    hint = f"promptctl judge label {asked.judge.name} --export labels.csv"
    person = None if wanted.export_to is not None else Person.here(hint=hint)
    candidates = pool(asked, wanted.runs, output)
    seed = wanted.seed or asked.judge.name
    sample = draw(candidates, asked.file.read(), labeller=labeller, size=wanted.size, seed=seed)
    if not sample.to_label:
        boundary.say(_all_done(asked, sample, labeller, wanted))
        return boundary.ExitCode.OK
    _tell_shortage(sample, wanted, output)
    if wanted.export_to is not None:
        return _export(wanted.export_to, asked, sample)
    assert person is not None
    return _walk(person, asked, sample, labeller, output)


def _walk(person: Person, asked: Questioned, sample: Sample, labeller: str, output: Output) -> int:
    keep = _keeper(asked, labeller)
    _merge_by_union(asked, output)
    walked = walk(
        sample.to_label, person=person, show=lambda one: screen(one, asked.judge.name), keep=keep, done=sample.done
    )
    done, size = sample.done + walked.answered, sample.done + len(sample.to_label)
    boundary.say(f"{done:,} of {count(size, 'answer')} labelled by {labeller} in {asked.file.path}")
    if walked.answered:
        boundary.say(_next(asked))
    return boundary.ExitCode.OK


def _keeper(asked: Questioned, labeller: str) -> Callable[[Candidate, Answer | None], None]:
    """Writes each answer the moment it is given; one taken back is taken out."""

    def keep(one: Candidate, answer: Answer | None) -> None:
        def changed(labels: tuple[Label, ...]) -> Sequence[Label]:
            others = [kept for kept in labels if (kept.item, kept.labeller) != (one.item, labeller)]
            if answer is None:
                return others
            note = asked.file.leaks.redact(answer.note) if answer.note else None
            return [*others, label_of(one, label_for_key(one, answer.key), labeller, _now(), note)]

        asked.file.change(changed)

    return keep


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _export(to: Path, asked: Questioned, sample: Sample) -> int:
    path = asked.workspace.cwd / to
    if path.exists():
        hint = "name another file: this one may hold labels that nobody has read in yet"
        raise InputError(Problem("is there already", path=str(to), hint=hint))
    atomic_write(path, encode_table(row(one) for one in sample.to_label))
    boundary.say(
        f"wrote {count(len(sample.to_label), 'answer')} to {to}: write {words(sample.to_label[0])} under `label`, then\n"
        f"  promptctl judge label {asked.judge.name} --import {to}"
    )
    return boundary.ExitCode.OK


def _import(wanted: Wanted, asked: Questioned, output: Output) -> int:
    """Read the labels of a table: all of its rows, or, where one is wrong, none."""
    assert wanted.import_from is not None
    path = str(wanted.import_from)
    rows = parse_table(Blob(path, read_given(asked.workspace, wanted.import_from)))
    before = asked.file.read()
    known = _known_items(asked, wanted, rows, before, output)
    own_column = bool(rows) and rows[0].labeller is not None
    labeller = one_line(wanted.labeller or "") if own_column else labeller_name(asked.workspace.root, wanted.labeller)
    labels = _read_rows(rows, known, path, labeller, redact=asked.file.leaks.redact)
    _merge_by_union(asked, output)
    said = {(one.item, one.labeller): (one.label, one.note) for one in before}
    fresh = [one for one in labels if said.get((one.item, one.labeller)) != (one.label, one.note)]
    replaced = {(one.item, one.labeller) for one in fresh}
    asked.file.change(lambda kept: [*(one for one in kept if (one.item, one.labeller) not in replaced), *fresh])
    changed = sum((one.item, one.labeller) in said for one in fresh)
    empty = sum(not one.label for one in rows)
    boundary.say(
        f"{count(len(fresh) - changed, 'new label')} and {count(changed, 'changed one')} in {asked.file.path}; "
        f"{count(len(labels) - len(fresh), 'label')} there already, {count(empty, 'row')} without one"
    )
    boundary.say(_next(asked))
    return boundary.ExitCode.OK


def _known_items(
    asked: Questioned, wanted: Wanted, rows: Sequence[Filled], labels: Sequence[Label], output: Output
) -> Mapping[str, Candidate]:
    """The items of the table: those labelled before, by anybody, and what else the runs hold."""
    known = {
        one.item: Candidate(one.item, one.prompt, one.case, one.sample, one.material, one.judge, one.drawn)
        for one in sorted(labels, key=lambda one: datetime.fromisoformat(one.at))
    }
    if all(one.item in known for one in rows):
        return known
    try:
        return {**known, **{one.item: one for one in in_strata(pool(asked, wanted.runs, output), labels)}}
    except NothingSelectedError:
        if wanted.runs:
            raise
        return known  # each row then says that its item is unknown


def _read_rows(
    rows: Sequence[Filled],
    known: Mapping[str, Candidate],
    path: str,
    labeller: str,
    *,
    redact: Callable[[str], str],
) -> list[Label]:
    """The labels of the rows that have one. labeller: of the rows that name none, "" where nobody is meant.

    Raises InputError with what is wrong with every row, and where none has a label.
    """
    labels: dict[tuple[str, str], Label] = {}
    at = _now()
    given = [one for one in rows if one.label]
    problems = unknown_items([(one.number, one.item) for one in given if one.item not in known], path, _UNKNOWN)
    exported = texts_of(row(known[item]) for item in {one.item for one in given} & known.keys())
    for filled in given:
        one = known.get(filled.item)
        if one is None:
            continue
        said = label_for_word(one, filled.label)
        who = one_line(filled.labeller or "") or labeller
        complaint = moved(filled.texts, exported[one.item]) or _complaint(filled, one, said, who)
        if complaint is None and said is not None:
            found = label_of(one, said, who, at, redact(filled.note.strip()) or None)
            if labels.setdefault((one.item, who), found).label != said:
                complaint = OTHER_LABEL
        if complaint is not None:
            problems.append(Problem(f"row {filled.number}: {complaint[0]}", path, hint=complaint[1]))
    if not problems and not labels:
        problems.append(Problem("no row has a label", path, hint="write one under `label` and save the table as CSV"))
    if problems:
        raise InputError(*problems)
    return list(labels.values())


def _complaint(filled: Filled, one: Candidate, said: str | None, who: str) -> tuple[str, str] | None:
    """What is wrong with a row, and what to do about it; None for nothing."""
    if said is None:
        return f"{filled.label!r} is no label", f"write {words(one)}, or nothing"
    return None if who else ("nobody is named as its labeller", "fill in the column `labeller`, or use --labeller NAME")


def _merge_by_union(asked: Questioned, output: Output) -> None:
    if asked.file.merge_by_union():
        output.remark("wrote a line to .gitattributes: git merges labels of two branches line by line; commit it too")


def _tell_shortage(sample: Sample, wanted: Wanted, output: Output) -> None:
    """Say where the sample is smaller than asked for."""
    size = sample.done + len(sample.to_label)
    if size < wanted.size:
        output.remark(f"there are {count(size, 'answer')}, not {wanted.size:,}: more runs give more")


def _all_done(asked: Questioned, sample: Sample, labeller: str, wanted: Wanted) -> str:
    more = "ask for more with --n" if sample.done >= wanted.size else "more runs give more answers to label"
    return f"{labeller or 'everybody'} has labelled all {count(sample.done, 'answer')} of the sample: {more}\n{_next(asked)}"


def _next(asked: Questioned) -> str:
    return f"commit {asked.file.path}; 'promptctl judge audit {asked.judge.name}' measures the judge against it"
