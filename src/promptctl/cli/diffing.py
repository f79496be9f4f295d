"""The steps of `diff`: open two sides, compare, judge, and write for a reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.files import find_root
from promptctl.changes.cost import Bill, cached_share, cases_of, cost_changes, rendered
from promptctl.changes.values import dotted
from promptctl.changes.words import word_changes
from promptctl.cli.boundary import ExitCode
from promptctl.cli.compared import Compared, compared, judged
from promptctl.cli.diff_document import Detail, Version, document
from promptctl.cli.narrowing import Names
from promptctl.cli.output import Output
from promptctl.cli.revisions import Spoken, spoken
from promptctl.cli.workspace import start_folder
from promptctl.model.errors import InputError, NothingSelectedError, Problem
from promptctl.model.finding import Finding, Report, Section, Severity
from promptctl.model.golden import Case
from promptctl.model.prompt import Prompt
from promptctl.model.source import Tree
from promptctl.reports import figures
from promptctl.reports.build import of_findings
from promptctl.reports.diff_parts import arrow, cost_table, golden_section, prompt_section
from promptctl.reports.word_diff import diff_lines
from promptctl.rules.contract.reading.levels import least_version, raised_enough, steps
from promptctl.rules.diff.engine.accepted import FILE
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.outcome import Outcome
from promptctl.rules.diff.engine.rule import level_word
from promptctl.rules.diff.engine.shelf import diff_rules
from promptctl.rules.engine.pages import info_of
from promptctl.text.decode import decode


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for. leading, behind: the words before and after `--`; behind is None without it."""

    leading: tuple[str, ...] = ()
    behind: tuple[str, ...] | None = None
    staged: bool = False
    check: bool = False
    fail_on: str = "error"
    case: str | None = None
    directory: Path | None = None


def run_diff(wanted: Wanted, output: Output) -> int:
    """Compare and write the report; the exit code. Raises InputError, UnavailableError, NothingSelectedError."""
    threshold = _threshold(wanted.fail_on)
    cwd = start_folder(wanted.directory)
    root = find_root(cwd)
    words = spoken(root, wanted.leading, wanted.behind, staged=wanted.staged)
    with compared(root, words.base, words.head) as found:
        names = Names(found, root, cwd)
        names.check(words)
        outcome = judged(found, names.narrowed(words.names))
        details = [_detail(pair, found, counting=not wanted.check) for pair in outcome.comparison.prompts]
        sections = _case_sections(wanted.case, found, outcome)
        report = _report(found, outcome, details, sections, words, wanted, threshold)
        output.write(report)
    return ExitCode.NO if wanted.check and report.outcome == "fail" else ExitCode.OK


def _threshold(word: str) -> Severity:
    if word not in [one.value for one in Severity]:
        raise InputError(Problem(f"--fail-on {word}: there is no such severity", hint="error, warning or info"))
    return Severity(word)


def _detail(pair: PromptPair, found: Compared, *, counting: bool) -> Detail:
    before, after = pair.change.before, pair.change.after
    level = steps(before, after)[0].level if before and after and steps(before, after) else None
    version = _version(before, after)
    if not counting or before is None or after is None or not pair.change.wire or before.target or after.target:
        return Detail(pair, version, level_word(level))
    from promptctl.cli.measuring import meter_of

    meter = meter_of(found.reading.head.config)
    sets = found.reading.golden_of(pair)
    costs = cost_changes((before, sets[0]), (after, sets[1]), meter)
    bills = (costs[0].before, costs[0].after) if costs else (Bill(), Bill())
    share = (cached_share(before, bills[0], meter), cached_share(after, bills[1], meter))
    return Detail(pair, version, level_word(level), costs, share)


def _version(before: Prompt | None, after: Prompt | None) -> Version:
    old, new = (one.version if one is not None else None for one in (before, after))
    found = steps(before, after) if before is not None and after is not None else ()
    if not found or old is None:
        return Version(old, new, None, None)
    enough = None if new is None else raised_enough(old, new, found[0].level)
    return Version(old, new, least_version(old, found[0].level), enough)


def _case_sections(name: str | None, found: Compared, outcome: Outcome) -> list[Section]:
    """What the model reads for one case, before and after, of every changed prompt that has it."""
    if name is None:
        return []
    sections = []
    known: list[str] = []
    for pair in outcome.comparison.prompts:
        sets = found.reading.golden_of(pair)
        known += [case.id for one in sets if one is not None for case in one.cases]
        cases = cases_of(sets, name)
        given = cases[1] or cases[0]
        if given is not None:
            texts = [_rendered(side, case or given) for side, case in zip(_ends(pair), cases, strict=True)]
            sections.append(_rendered_section(pair.name, name, texts))
    if not sections:
        near = f"the cases are {figures.listed(list(dict.fromkeys(known)), most=20)}" if known else None
        raise NothingSelectedError(Problem(f"no changed prompt has a case {name!r}", hint=near))
    return sections


def _ends(pair: PromptPair) -> tuple[Prompt | None, Prompt | None]:
    return pair.change.before, pair.change.after


def _rendered(prompt: Prompt | None, case: Case) -> tuple[str, str | None]:
    """What the model reads; and why it reads nothing, or None."""
    if prompt is None:
        return "", "there is no such prompt"
    try:
        return "\n".join(f"## {one.get('role')}\n{one.get('content') or ''}" for one in rendered(prompt, case)), None
    except InputError as error:
        return "", f"cannot be rendered: {error.problems[0].message}"


def _rendered_section(name: str, case: str, sides: Sequence[tuple[str, str | None]]) -> Section:
    (before, old), (after, new) = sides
    facts = tuple((label, why) for label, why in (("before", old), ("after", new)) if why is not None)
    title = f"{name}: what the model reads for {case}"
    if facts or before == after:
        text = "\n".join(f" {line}" for line in (after or before).split("\n"))
        return Section(title if facts else f"{title}, unchanged", text, style="diff", facts=facts)
    return Section(title, "\n".join(diff_lines(word_changes(before, after))), style="diff")


def _report(
    found: Compared,
    outcome: Outcome,
    details: Sequence[Detail],
    cases: Sequence[Section],
    words: Spoken,
    wanted: Wanted,
    threshold: Severity,
) -> Report:
    findings = [one.finding for one in outcome.found]
    codes = {one.rule for one in findings}
    labels = found.sides.labels
    nothing = outcome.comparison.empty and not findings
    costs = [(one.pair.name, cost) for one in details for cost in one.costs]
    conclusion, verdict = _conclusion(outcome, findings, words, wanted, threshold)
    return of_findings(
        findings,
        kind="diff",
        title=f"promptctl diff {labels[0]}..{labels[1]}",
        data=document(outcome, details, labels),
        fail_on=threshold if wanted.check else Severity.ERROR,
        sources=_sources(found.sides.head, findings),
        sections=[*_accepted(outcome), *_sections(outcome, details), *cases],
        tables=[cost_table(costs)] if costs else [],
        summary=() if nothing else _summary(outcome, details, labels),
        notes=found.notes,
        rules=[info_of(one.rule) for one in diff_rules() if one.rule.code in codes],
        outcome=verdict,
        conclusion=conclusion,
    )


def _conclusion(
    outcome: Outcome, findings: Sequence[Finding], words: Spoken, wanted: Wanted, threshold: Severity
) -> tuple[str, str]:
    about = f" of {', '.join(words.names)}" if words.names else ""
    if outcome.comparison.empty and not findings:
        return f"PASS: nothing{about} changed", "pass"
    order = list(Severity)
    counts = [(sum(one.severity is word for one in findings), word) for word in order]
    nouns = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    told = ", ".join(figures.count(number, nouns[word]) for number, word in counts if number) or "no findings"
    accepted = f", {len(outcome.accepted)} accepted" if outcome.accepted else ""
    prompts = figures.count(len(outcome.comparison.prompts), "prompt")
    failed = any(order.index(one.severity) <= order.index(threshold) for one in findings)
    verdict = "fail" if failed else "warning" if findings else "pass"
    word = {"fail": "FAIL: " if wanted.check else "", "warning": "PASS: " if wanted.check else "", "pass": "PASS: "}[
        verdict
    ]
    return f"{word}{prompts} changed: {told}{accepted}", verdict if wanted.check or verdict != "fail" else "warning"


def _summary(outcome: Outcome, details: Sequence[Detail], labels: tuple[str, str]) -> list[tuple[str, str]]:
    pairs = [("base", labels[0]), ("head", labels[1])]
    pairs += [("prompts", figures.listed([one.pair.name for one in details], most=10))] if details else []
    judges = [one.change.name for one in outcome.comparison.judges]
    pairs += [("judges", ", ".join(judges))] if judges else []
    pairs += [(dotted(one.path), arrow(one)) for one in outcome.comparison.policy.changes]
    return pairs


def _accepted(outcome: Outcome) -> list[Section]:
    """The approvals first: a reviewer has to see them."""
    if not outcome.accepted:
        return []
    lines = []
    for one, approval in outcome.accepted:
        until = f", until {approval.expires}" if approval.expires else ""
        lines.append(f"{one.finding.rule} {one.finding.name}: {one.finding.message} [{one.finding.fingerprint}]")
        lines.append(f"  accepted{until}: {approval.reason}")
    return [Section(f"Accepted in {FILE}, as part of this change", "\n".join(lines), style="note")]


def _sections(outcome: Outcome, details: Sequence[Detail]) -> Iterator[Section]:
    for one in details:
        yield prompt_section(one.pair, version=_said(one), facts=_facts(one))
        if one.pair.golden is not None or one.pair.checks:
            yield from _golden(one.pair)
    for lonely in outcome.comparison.lonely:
        yield golden_section(lonely.name, lonely.golden, lonely.checks)
    for judge in outcome.comparison.judges:
        section = prompt_section(PromptPair(judge.change), version="")
        yield Section(f"judge {section.title}", section.text, section.style, section.facts)
    marks = [f"{one.finding.fingerprint}  {one.finding.rule} {one.finding.message}" for one in outcome.found]
    if marks:
        yield Section("Fingerprints, for 'promptctl accept FINGERPRINT --reason ...'", "\n".join(marks), style="note")


def _golden(pair: PromptPair) -> Iterator[Section]:
    if pair.golden is not None:
        yield golden_section(pair.name, pair.golden, pair.checks)
    else:
        yield Section(f"{pair.name}: check files", facts=(("changed", ", ".join(pair.checks)),))


def _said(one: Detail) -> str:
    version = one.version
    declared = " -> ".join(dict.fromkeys((version.before or "(none)", version.after or "(none)")))
    if one.pair.change.before is None or one.pair.change.after is None:
        return version.after or version.before or "(none)"
    if version.least is None:
        return declared
    fits = "enough" if version.enough else "too low"
    return f"{declared}; this is a {one.level} change, the least fitting version is {version.least}: {fits}"


def _facts(one: Detail) -> list[tuple[str, str]]:
    digests = [side.digest[:12] for side in (one.pair.change.before, one.pair.change.after) if side is not None]
    facts = [("digest", " -> ".join(dict.fromkeys(digests)))]
    shares = ["unknown" if share is None else figures.percent(share) for share in one.share]
    if one.costs:
        facts.append(("cached prefix", " -> ".join(dict.fromkeys(shares)) + " of a call's tokens"))
    return facts


def _sources(tree: Tree, findings: Sequence[Finding]) -> Mapping[str, str]:
    """The text of the files findings point into, as far as there are such files now."""
    found = {}
    for path in sorted({one.path for one in findings if one.path is not None and one.line is not None}):
        try:
            found[path] = decode(tree.read(path))
        except InputError:
            continue
    return found
