"""One file, looked at by every rule that concerns it. A file that cannot be read is itself a finding."""

from __future__ import annotations

from dataclasses import dataclass

from promptctl.model.errors import InputError, Problem
from promptctl.model.golden import GoldenSet
from promptctl.model.prompt import Prompt
from promptctl.model.source import Blob
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.ignores import MARK, Ignore, ignores_in
from promptctl.rules.engine.outline import Facts, facts_of_golden, facts_of_prompt
from promptctl.rules.engine.placed import Found, placed
from promptctl.rules.engine.rule import Subject, Tested
from promptctl.rules.engine.settings import UNREADABLE
from promptctl.rules.engine.shelf import rules_of
from promptctl.text.decode import decode
from promptctl.text.golden import parse_golden
from promptctl.text.prompt import parse_prompt

MAX_BYTES = 10_000_000
"""A larger file is a data set: reading it as YAML takes minutes and gigabytes."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of one file: its facts, what its rules found, and the comments in it that ignore rules."""

    facts: Facts
    found: tuple[Found, ...]
    ignores: tuple[Ignore, ...]


def examine_prompt(kind: str, blob: Blob, context: Context) -> tuple[Examined, Prompt | None]:
    """A prompt or judge file, and the prompt in it; None where it cannot be read."""
    prompt, problems = None, _too_large(blob)
    if not problems:
        try:
            prompt = parse_prompt(blob, context.read, judge=kind == "judge")
        except InputError as error:
            problems = error.problems
    file = _file(kind, blob, problems, prompt)
    found = _visit(Subject.FILE, file, file, context)
    if prompt is not None:
        found += _visit(Subject.JUDGE if kind == "judge" else Subject.PROMPT, prompt, file, context)
    facts = facts_of_prompt(prompt, kind) if prompt else Facts(kind, blob.path)
    return Examined(facts, tuple(dict.fromkeys(found)), _ignores(file)), prompt


def read_golden(blob: Blob) -> tuple[GoldenSet | None, tuple[Problem, ...]]:
    """The golden set in a file, or what is wrong with the file."""
    problems = _too_large(blob)
    if problems:
        return None, problems
    try:
        return parse_golden(blob), ()
    except InputError as error:
        return None, error.problems


def examine_golden(
    blob: Blob, golden: GoldenSet | None, problems: tuple[Problem, ...], prompt: Prompt | None, context: Context
) -> Examined:
    """A golden set file, with the prompt it tests where that is known."""
    file = _file("golden", blob, problems, golden)
    found = _visit(Subject.FILE, file, file, context)
    if golden is not None:
        found += _visit(Subject.GOLDEN, Tested(golden, prompt), file, context)
    facts = facts_of_golden(golden) if golden else Facts("golden", blob.path)
    return Examined(facts, tuple(dict.fromkeys(found)), _ignores(file))


def examine_config(blob: Blob, context: Context) -> Examined:
    """promptctl.yaml, as a file; its values have been read before, because nothing can be found without them."""
    file = _file("config", blob, ())
    found = _visit(Subject.FILE, file, file, context)
    return Examined(Facts("config", blob.path, readable=True), tuple(dict.fromkeys(found)), _ignores(file))


def unreadable(kind: str, path: str, problems: tuple[Problem, ...], context: Context) -> Examined:
    """A file of which not even the bytes could be had."""
    file = _file(kind, Blob(path=path, data=b""), problems)
    return Examined(Facts(kind, path), tuple(_visit(Subject.FILE, file, file, context)), ())


def _file(kind: str, blob: Blob, problems: tuple[Problem, ...], parsed: Prompt | GoldenSet | None = None) -> File:
    if _too_large(blob):
        blob = Blob(blob.path, b"")
    try:
        text = decode(blob)
    except InputError:
        text = ""
    value = parsed.document if isinstance(parsed, Prompt) else None
    positions = parsed.source.where if parsed is not None else None
    return File(kind=kind, blob=blob, text=text, problems=problems, value=value, positions=positions)


def _visit(subject: Subject, thing: object, file: File, context: Context) -> list[Found]:
    found: list[Found] = []
    problems: list[Problem] = []
    for rule in rules_of(subject):
        try:
            found += [placed(rule, hit, file=file) for hit in rule.visit(thing, context)]
        except InputError as error:  # what a rule needed (a schema file, an assertion) cannot be read
            problems += error.problems
    if problems:
        seen = File(kind=file.kind, blob=Blob(file.path, b""), text=file.text, problems=tuple(dict.fromkeys(problems)))
        found += [
            placed(rule, hit, file=seen)
            for rule in rules_of(Subject.FILE)
            if rule.code == UNREADABLE
            for hit in rule.visit(seen, context)
        ]
    return found


def _ignores(file: File) -> tuple[Ignore, ...]:
    if MARK not in file.text or file.document is None:
        return ()
    return ignores_in(file.path, file.text, file.document)


def _too_large(blob: Blob) -> tuple[Problem, ...]:
    if len(blob.data) <= MAX_BYTES:
        return ()
    message = f"is {len(blob.data) / 1e6:,.0f} MB; lint reads files of up to {MAX_BYTES / 1e6:,.0f} MB"
    return (
        Problem(message, blob.path, hint="split it, or keep what is not a prompt or a golden set in another folder"),
    )
