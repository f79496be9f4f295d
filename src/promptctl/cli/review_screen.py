"""What a person reads of a case: its input and rubrics as the golden set has them, and the answers without their side."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from promptctl.adapters.files import WorkTree
from promptctl.assertions.engine import describe
from promptctl.assertions.results.judged import JUDGED
from promptctl.cli.person import Screen
from promptctl.gate.review_cases import Labels, ReviewCase, Shown
from promptctl.model.errors import PromptctlError
from promptctl.model.golden import AssertionSpec, Case
from promptctl.model.project import Project
from promptctl.model.prompt import Json
from promptctl.model.run import AssertionResult
from promptctl.model.source import Tree
from promptctl.text.project import find, golden_of, load_project
from promptctl.text.review_label import Row

KEYS: Mapping[str, str] = {"p": "pass", "f": "fail"}
_RUBRICS = frozenset({"judge", "panel", "g-eval"})
_GENERAL = "the answer is good, as its judge understands it"
_GONE = "(not here: neither the working tree nor the runs' commits have this case as it was judged)"


class Cases:
    """The golden cases behind results, from the working tree or the commits the runs were made from.

    Only a case of the very digest that was judged is taken: an edited one asks something else.
    """

    def __init__(self, root: Path, commits: Sequence[str]) -> None:
        self._root = root
        self._specs: list[str | None] = [None, *dict.fromkeys(commits)]
        self._projects: dict[str | None, Project | None] = {}
        self._sets: dict[tuple[str | None, str], Mapping[str, Case]] = {}

    def find(self, case: ReviewCase) -> tuple[Case, Project] | None:
        """The case and the project it stands in, or None."""
        digest = case.pair.base.samples[0].case_digest
        for spec in self._specs:
            found = self._set(spec, case.prompt).get(case.case)
            project = self._projects.get(spec)
            if found is not None and project is not None and found.digest == digest:
                return found, project
        return None

    def _set(self, spec: str | None, prompt: str) -> Mapping[str, Case]:
        known = self._sets.get((spec, prompt))
        if known is None:
            known = {}
            with suppress(PromptctlError):
                project = self._project(spec)
                if project is not None:
                    known = {one.id: one for one in golden_of(project, find(project, prompt)).cases}
            self._sets[spec, prompt] = known
        return known

    def _project(self, spec: str | None) -> Project | None:
        if spec not in self._projects:
            self._projects[spec] = None
            with suppress(PromptctlError):
                self._projects[spec] = load_project(self._tree(spec))
        return self._projects[spec]

    def _tree(self, spec: str | None) -> Tree:
        if spec is None:
            return WorkTree(self._root)
        from promptctl.adapters.git import RevisionTree

        return RevisionTree(self._root, spec)


def screen_of(case: ReviewCase, one: Shown, cases: Cases, labels: Labels) -> Screen:
    """The screen that asks about one answer of the case; the others are shown beside it."""
    number = {shown.key: place for place, shown in enumerate(case.answers, start=1)}
    several = len(case.answers) > 1
    answers = [(f"Answer {number[shown.key]}{_told(labels, shown)}", answer_text(shown)) for shown in case.answers]
    return Screen(
        title=f"{case.prompt} / {case.case}",
        sections=[*sections_of(case, cases), *(answers if several else [("Answer", answers[0][1])])],
        question=f"Does answer {number[one.key]} pass?" if several else "Does the answer pass?",
        keys=KEYS,
    )


def _told(labels: Labels, one: Shown) -> str:
    return "" if one.key not in labels else " (pass)" if labels[one.key] else " (fail)"


def row_of(case: ReviewCase, one: Shown, cases: Cases) -> Row:
    """The same as a row of the table."""
    sections = dict(sections_of(case, cases))
    rubric = sections.pop("Passes if", "")
    asked = sections.pop("Input", "")
    more = "\n\n".join(f"{title}:\n{text}" for title, text in sections.items())
    told = f"{asked}\n\n{more}" if more else asked
    return Row(one.key, case.prompt, case.case, told, rubric, answer_text(one))


def sections_of(case: ReviewCase, cases: Cases) -> Iterator[tuple[str, str]]:
    """What the answers are judged on and by; none of it tells one side from the other."""
    found = cases.find(case)
    if found is None:
        yield "Input", _GONE
        judges = "\n".join(dict.fromkeys(_types(case.pair.base.samples[0].assertions)))
        yield "Passes if", f"{_GONE}\nit was judged by: {judges}"
        return
    golden, project = found
    yield "Input", _input(golden)
    if golden.history:
        yield "Earlier turns", "\n".join(f"{turn.role}: {turn.content or ''}" for turn in golden.history)
    if golden.context:
        yield "Context", "\n\n".join(_text(passage) for passage in golden.context)
    if golden.expected_output is not None:
        yield "Expected", _text(golden.expected_output)
    yield "Passes if", "\n".join(_rubrics(golden.assertions, project))


def answer_text(one: Shown) -> str:
    """The answer: its text, the tools it called, and what it retrieved where the system did so itself."""
    said = one.completion
    parts = [said.output] if said.output or not said.tool_calls else []
    parts += [f"tool call: {call.name}({call.arguments})" for call in said.tool_calls]
    if said.context:
        parts.append("retrieved:\n" + "\n\n".join(_text(passage) for passage in said.context))
    return "\n".join(parts)


def _input(case: Case) -> str:
    if case.plain_input is not None:
        return case.plain_input
    if len(case.input) == 1:
        return _text(next(iter(case.input.values())))
    return "\n".join(f"{name}: {_text(value)}" for name, value in case.input.items())


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def _rubrics(specs: Sequence[AssertionSpec], project: Project) -> Iterator[str]:
    """Every judged assertion in words: its rubric or criteria, else what it asks, else what its judge says of itself."""
    for spec in specs:
        yield from _rubrics(spec.children, project)
        if spec.type in JUDGED:
            text = _asked(spec, project)
            yield f"not: {text}" if spec.negated else text


def _asked(spec: AssertionSpec, project: Project) -> str:
    options: Mapping[str, Json] = {**spec.options, **(spec.value if isinstance(spec.value, dict) else {})}
    written = options.get("rubric") or options.get("criteria")
    if written is None and isinstance(spec.value, str | list | tuple):
        written = spec.value
    if spec.type not in _RUBRICS:
        return describe(spec.type).summary.removeprefix("A judge finds ")
    if written:
        return "\n".join(map(str, written)) if isinstance(written, list | tuple) else _text(written)
    judge = project.judges.get(str(options.get("judge") or project.config.eval.judge or ""))
    return _GENERAL if judge is None else judge.description or judge.name


def _types(results: Sequence[AssertionResult]) -> Iterator[str]:
    for one in results:
        if one.type.removeprefix("not-") in JUDGED:
            yield one.name or one.type
        yield from _types(one.children)
