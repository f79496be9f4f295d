"""A whole project, linted: every file by its own rules, then what only all of them together show.

A file that has not changed, and of which nothing it read has changed, is not read again: what was found in it, and the
few facts others need of it, come from the store, keyed by the content's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from promptctl.model.errors import InputError
from promptctl.model.finding import Finding, Severity
from promptctl.rules.engine import placed as places
from promptctl.rules.engine.file import File
from promptctl.rules.engine.ignores import Ignore
from promptctl.rules.engine.outline import Facts, Outline
from promptctl.rules.engine.pairing import by_name, current
from promptctl.rules.engine.placed import Found, placed
from promptctl.rules.engine.reading import Reading
from promptctl.rules.engine.rule import Change, Subject
from promptctl.rules.engine.settings import UNREADABLE, Settings
from promptctl.rules.engine.shelf import rules, rules_of


@dataclass(frozen=True, slots=True)
class Linted:
    """What lint saw. findings: those that count. checked: the files looked at. found: all hits, with their edits."""

    findings: tuple[Finding, ...]
    checked: tuple[str, ...]
    found: tuple[Found, ...]
    outline: Outline


def lint(
    reading: Reading, settings: Settings, *, base: Reading | None = None, only: Sequence[str] | None = None
) -> Linted:
    """Every finding of a project. base: the project before, for the rules about changes.

    only: root-relative files or folders to report on; everything is still read, because files know each other.
    """
    examined = reading.examined
    # Two prompts may include one file, in which each then finds the same.
    found = list(dict.fromkeys(one for file in examined for one in file.found))
    found += _project_hits(reading)
    if base is not None:
        found += _change_hits(reading, base)
    counted = [one for one in found if settings.verdict(one.rule, one.severity, one.path) is not None]
    kept, ignores = _silence(counted, [one for file in examined for one in file.ignores])
    asked = _asked(base is not None)
    readable = {file.facts.path for file in examined if file.facts.readable}
    about_ignores = _ignore_hits(ignores, asked, readable, reading, settings)
    shown = [one for one in (*kept, *about_ignores) if _wanted(one.path, only)]
    judged = _settled(shown, settings)
    checked = tuple(file.facts.path for file in examined if _wanted(file.facts.path, only))
    return Linted(places.findings(judged), checked, tuple(shown), reading.outline)


def _settled(found: Sequence[Found], settings: Settings) -> list[tuple[Found, Severity]]:
    """What counts, and as what. Where another error explains a line, "cannot be read" is silent about that line;
    where that rule is switched off or ignored it is not, so that a file that cannot be read never looks like a good one."""
    pairs = [(one, settings.verdict(one.rule, one.severity, one.path)) for one in found]
    judged = [(one, severity) for one, severity in pairs if severity is not None]
    explained = {
        (one.path, one.line) for one, severity in judged if severity is Severity.ERROR and one.rule != UNREADABLE
    }
    return [pair for pair in judged if pair[0].rule != UNREADABLE or (pair[0].path, pair[0].line) not in explained]


def _project_hits(reading: Reading) -> list[Found]:
    context = reading.context()
    hits = [(rule, hit) for rule in rules_of(Subject.PROJECT) for hit in rule.visit(reading.outline, context)]
    return [placed(rule, hit, file=_file(reading, hit.path)) for rule, hit in hits]


def _change_hits(reading: Reading, base: Reading) -> list[Found]:
    context = reading.context()
    return [
        placed(rule, replace(hit, path=hit.path or path), file=_file(reading, hit.path or path))
        for change, path in changes(reading, base)
        for rule in rules_of(Subject.CHANGE)
        for hit in rule.visit(change, context)
    ]


def _file(reading: Reading, path: str | None) -> File | None:
    try:
        return None if path is None else reading.file(path)
    except InputError:
        return None


def changes(reading: Reading, base: Reading) -> Iterable[tuple[Change, str]]:
    """Every prompt that differs from the base, with the path of the file that is now (or was) its own.

    A prompt is paired with its own version in the base, else with the version that was current there: identity is the
    name, never the path.
    """
    before = by_name(base.prompts)
    after = by_name(reading.prompts)
    for name, prompts in after.items():
        old = {one.version: one for one in before.get(name, ())}
        latest = current(before.get(name, ()))
        for now in prompts:
            then = old.get(now.version) or latest
            if then is None or _content(then) != _content(now) or then.version != now.version:
                renumbered = then is not None and then.version != now.version and then.path != now.path
                pair = Change(base.prompt(then.path) if then else None, reading.prompt(now.path), renumbered)
                if pair.after is not None:
                    yield pair, now.path
    for name, prompts in before.items():
        gone = current(prompts)
        if name not in after and gone is not None:
            yield Change(base.prompt(gone.path), None), gone.path


def _content(prompt: Facts) -> tuple[str, str]:
    """What makes a prompt another one: what reaches the model, and what callers have to give."""
    return prompt.digest, prompt.contract


def _silence(found: Sequence[Found], ignores: Sequence[Ignore]) -> tuple[list[Found], list[Ignore]]:
    """What is not ignored; and the ignores, each with those of its codes that silenced nothing."""
    lines: dict[tuple[str, int], list[int]] = {}
    for index, one in enumerate(ignores):
        for line in range(one.first, one.last + 1):
            lines.setdefault((one.path, line), []).append(index)
    used: set[tuple[int, str]] = set()
    kept = []
    for hit in found:
        here = lines.get((hit.path or "", hit.line or 0), ())
        silencing = [(index, hit.rule) for index in here if hit.rule in ignores[index].codes]
        used.update(silencing)
        if not silencing:
            kept.append(hit)
    marked = [
        replace(one, unused=tuple(code for code in dict.fromkeys(one.codes) if (index, code) not in used))
        for index, one in enumerate(ignores)
    ]
    return kept, marked


def _ignore_hits(
    ignores: Sequence[Ignore], asked: frozenset[str], readable: set[str], reading: Reading, settings: Settings
) -> list[Found]:
    if not ignores:
        return []
    codes = {rule.code for rule in rules()}
    context = reading.context()
    found = []
    for one in ignores:
        judged = {code for code in asked if settings.verdict(code, _severity(code), one.path) is not None}
        unused = tuple(code for code in one.unused if code in judged) if one.path in readable else ()
        subject = replace(
            one, unused=unused, unknown=tuple(code for code in dict.fromkeys(one.codes) if code not in codes)
        )
        found += [
            placed(rule, replace(hit, path=one.path, span=hit.span or one.span), file=None)
            for rule in rules_of(Subject.IGNORE)
            for hit in rule.visit(subject, context)
        ]
    return found


def _severity(code: str) -> Severity:
    return next(rule.severity for rule in rules() if rule.code == code)


def _asked(with_base: bool) -> frozenset[str]:
    """The codes of the rules that were asked: those about changes only where there is something to compare with."""
    return frozenset(rule.code for rule in rules() if with_base or set(rule.subjects) != {Subject.CHANGE})


def _wanted(path: str | None, only: Sequence[str] | None) -> bool:
    return only is None or (
        path is not None and any(path == one or path.startswith(f"{one}/") or one in ("", ".") for one in only)
    )
