"""What changed in a prompt, its golden set and its cost, as sections and tables that every format can show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from promptctl.changes.cost import CALLS, CostChange, difference
from promptctl.changes.golden import CaseChange, GoldenChange
from promptctl.changes.messages import PartChange
from promptctl.changes.prompts import PromptChange
from promptctl.changes.values import ADDED, REMOVED, ValueChange, dotted
from promptctl.changes.words import GONE, NEW, Piece
from promptctl.model.finding import Section, Table
from promptctl.model.golden import AssertionSpec, Case
from promptctl.model.prompt import Json
from promptctl.reports import figures
from promptctl.reports.word_diff import diff_lines
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.text.canonical import canonical

_LONGEST = 200
_NAMES = 20


def prompt_section(pair: PromptPair, *, version: str, facts: Sequence[tuple[str, str]] = ()) -> Section:
    """The change of one prompt: facts by path, then its messages, examples and includes as a word diff.

    version: what is said of the declared and the least fitting version. facts: further ones, such as tokens.
    """
    change = pair.change
    told = [("file", _moved(change)), ("version", version), *_settings(change), *facts]
    return Section(
        title=f"{change.name}: {_status(pair)}",
        text="\n".join(_messages(change)),
        style="diff",
        facts=tuple((label, value) for label, value in told if value),
    )


def _status(pair: PromptPair) -> str:
    change = pair.change
    if change.before is None:
        return "new"
    if change.after is None:
        return "gone" if not pair.versions_left else f"version {change.before.version or '(none)'} is gone"
    if change.replaced:
        return f"renamed, was {change.replaced}"
    if change.cosmetic:
        return (
            "only its tests changed" if pair.golden is not None or pair.checks else "cosmetic, the digest is the same"
        )
    return "changed" if change.wire else "contract changed, the model reads the same"


def _moved(change: PromptChange) -> str:
    paths = [one.source.path for one in (change.before, change.after) if one is not None]
    return " -> ".join(dict.fromkeys(paths))


def _settings(change: PromptChange) -> Iterator[tuple[str, str]]:
    for one in (*change.settings, *change.inputs, *change.output, *change.tools, *change.limits, *change.about):
        yield dotted(one.path), arrow(one)


def arrow(one: ValueChange) -> str:
    """`0 -> 0.7`, `new: 5`, `gone, was 5`."""
    if one.kind == ADDED:
        return f"new: {_value(one.after)}"
    return f"gone, was {_value(one.before)}" if one.kind == REMOVED else f"{_value(one.before)} -> {_value(one.after)}"


def _value(value: Json) -> str:
    text = value if isinstance(value, str) else canonical(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def _messages(change: PromptChange) -> Iterator[str]:
    for one in change.messages:
        yield f"@@ {_called(one)} {one.kind} @@"
        yield from _part(one)
    for path, pieces in change.includes.items():
        yield f"@@ included file {path} @@"
        yield from diff_lines(pieces)


def _called(one: PartChange) -> str:
    return f"{one.part.role} {one.number}" if one.part.kind == "example" or one.number > 1 else one.part.role


def _part(one: PartChange) -> Iterator[str]:
    if one.kind == "moved":
        return
    if one.words:
        several = len(one.part.texts) > 1
        for role, pieces in one.words:
            if several:
                yield f" {role}:"
            yield from diff_lines(pieces)
        return
    kind = NEW if one.before is None else GONE
    for role, text in one.part.texts:
        if one.part.kind == "example":
            yield f" {role}:"
        yield from diff_lines((Piece(kind, text),)) if text else ()


def golden_section(name: str, golden: GoldenChange, checks: Sequence[str]) -> Section:
    """The change of a golden set: how many cases, then each that was added, removed or edited."""
    before, after = (len(one.cases) if one is not None else None for one in (golden.before, golden.after))
    counts = " -> ".join("none" if one is None else str(one) for one in dict.fromkeys((before, after)))
    facts = [("cases", counts), ("added", _ids(golden.added)), ("removed", _ids(golden.removed))]
    facts += [("renamed", ", ".join(f"{old.id} -> {new.id}" for old, new in golden.renamed[:_NAMES]))]
    facts += [("edited", _ids([one.after for one in golden.edited])), ("check files changed", ", ".join(checks))]
    kept = tuple((label, value) for label, value in facts if value)
    return Section(f"{name}: golden set {golden.path}", "\n".join(_cases(golden)), "diff", kept)


def _ids(cases: Sequence[Case]) -> str:
    return figures.listed([case.id for case in cases], most=_NAMES) if cases else ""


def _cases(golden: GoldenChange) -> Iterator[str]:
    for one in golden.edited:
        yield f"@@ case {one.after.id} @@"
        yield from _edits(one)


def _edits(one: CaseChange) -> Iterator[str]:
    for change in one.fields:
        yield from _side("-", f"{dotted(change.path)}: ", change.before, absent=change.kind == ADDED)
        yield from _side("+", f"{dotted(change.path)}: ", change.after, absent=change.kind == REMOVED)
    for made in one.assertions:
        if made.before is not None:
            yield f"-assert {_assertion(made.before)}"
        if made.after is not None:
            yield f"+assert {_assertion(made.after)}"


def _side(sign: str, label: str, value: Json, *, absent: bool) -> Iterator[str]:
    if not absent:
        yield f"{sign}{label}{' '.join(_value(value).split())}"


def _assertion(spec: AssertionSpec) -> str:
    said = [spec.spelling]
    if spec.has_value:
        said.append(" ".join(_value(spec.value).split()))
    said += [f"{name}={_value(value)}" for name, value in spec.options.items()]
    if spec.threshold is not None:
        said.append(f"threshold={spec.threshold:g}")
    if spec.weight != 1:
        said.append(f"weight={spec.weight:g}")
    if spec.required:
        said.append("required")
    if spec.children:
        said.append(f"of {len(spec.children)} assertions")
    return " ".join(said)


def cost_table(costs: Sequence[tuple[str, CostChange]]) -> Table:
    """Tokens and price of a call before and after, a row for every prompt's median and largest case."""
    columns = ("prompt", "case", "tokens in", "change", "input of a call", "longest answer", "1,000 calls, at most")
    rows = tuple(_cost_row(name, one) for name, one in costs)
    return Table("Tokens and price of a call", columns, rows, ("left", "left", *["right"] * 5))


def _cost_row(name: str, one: CostChange) -> tuple[str, ...]:
    old, new = one.before, one.after
    most = difference(old.most_usd, new.most_usd)
    return (
        name,
        f"{one.which}: {one.case}",
        _steps(figures.tokens(old.tokens), figures.tokens(new.tokens)),
        _signed(difference(old.tokens, new.tokens)),
        _steps(figures.usd(old.input_usd), figures.usd(new.input_usd)),
        _steps(figures.usd(old.output_usd), figures.usd(new.output_usd)),
        figures.UNKNOWN if most is None else _signed_usd(most * CALLS),
    )


def _steps(before: str, after: str) -> str:
    return after if before == after else f"{before} -> {after}"


def _signed(number: float | None) -> str:
    return figures.UNKNOWN if number is None else f"{number:+,.0f}"


def _signed_usd(amount: float) -> str:
    return f"{'-' if amount < 0 else '+'}{figures.usd(abs(amount))}"
