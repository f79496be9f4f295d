"""A rule's docstring, read: its summary, why, and the examples that are its first tests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from inspect import cleandoc

from promptctl.model.finding import RuleInfo
from promptctl.rules.engine.rule import Rule, Subject

_FENCE = re.compile(r"^(Bad|Good)(?: \(([^)\n]*)\))?:\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARKER = re.compile(r"^# (file|base): (\S+)\n", re.MULTILINE)
_USUAL = {Subject.JUDGE: "judges/example.yaml", Subject.GOLDEN: "golden/example.yaml"}
_FAMILY = {"judge": "judges/example.yaml", "golden": "golden/example.yaml"}


@dataclass(frozen=True, slots=True)
class Example:
    """One block of a page: the files it shows by path, those of the base revision, and whether the rule must fire."""

    bad: bool
    title: str
    files: Mapping[str, str]
    base: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A rule's page. summary: the first sentence; why: the prose in Markdown; examples in the order written."""

    summary: str
    why: str
    examples: Sequence[Example]


def page_of(rule: Rule) -> Page:
    """The page a rule's docstring holds: first line, then `Why: ...`, then Bad and Good blocks in fences."""
    text = cleandoc(rule.doc)
    summary, _, rest = text.partition("\n\n")
    first = _FENCE.search(rest)
    prose = rest[: first.start()] if first else rest
    why = re.sub(r"^Why: ", "", prose.strip())
    family = _FAMILY.get(rule.visit.__module__.split(".")[-2], "prompts/example.yaml")
    usual = family if rule.subjects[0] is Subject.FILE else _USUAL.get(rule.subjects[0], "prompts/example.yaml")
    examples = tuple(_example(found, usual) for found in _FENCE.finditer(rest))
    return Page(" ".join(summary.split()), why, examples)


def markdown(rule: Rule) -> str:
    """A rule's page as Markdown, for `explain`, for docs/rules.md and for SARIF."""
    page = page_of(rule)
    text = cleandoc(rule.doc)
    blocks = [
        f"**{kind}{f' ({title})' if title else ''}**\n\n```{tongue}\n{body}```"
        for kind, title, tongue, body in _FENCE.findall(text)
    ]
    head = f"# {rule.code} {rule.name}\n\n{page.summary}\n\nSeverity: {rule.severity}. Looks at: {', '.join(rule.subjects)}."
    return "\n\n".join([head, f"**Why** {page.why}", *blocks]) + "\n"


def info_of(rule: Rule) -> RuleInfo:
    """What formats that carry rules beside findings (SARIF) show of a rule."""
    page = page_of(rule)
    return RuleInfo(rule.code, rule.name, rule.severity, summary=page.summary, explanation=markdown(rule))


def _example(found: re.Match[str], usual: str) -> Example:
    kind, title, _, body = found.groups()
    parts = _MARKER.split(body)
    files = {usual: parts[0]} if parts[0].strip() else {}
    base: dict[str, str] = {}
    for marker, path, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        (files if marker == "file" else base)[path] = text
    return Example(bad=kind == "Bad", title=title or "", files=files, base=base)


def reference(known: Sequence[Rule]) -> str:
    """The reference page of all rules: a table, then every page."""
    rows = "\n".join(
        f"| [{one.code}](#{one.code.lower()}-{one.name}) | {one.name} | {one.severity} | {page_of(one).summary} |"
        for one in known
    )
    pages = "\n".join(markdown(one).replace("# ", "## ", 1) for one in known)
    intro = (
        "# Lint rules\n\n`promptctl rules` lists them, `promptctl explain CODE` prints one. Silence one on its line with "
        "`# promptctl: ignore CODE`, or in `promptctl.yaml` under `lint:` by `select`, `ignore`, `severity` and `per_path`.\n\n"
    )
    return f"{intro}| code | name | severity | what it says |\n|---|---|---|---|\n{rows}\n\n{pages}"
