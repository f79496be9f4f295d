"""What a person reads of a case: its input and rubrics as the golden set has them, and the answers without their side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from promptctl.adapters.files import WorkTree
from promptctl.assertions.results.judged import JUDGED, flat
from promptctl.cli.bench import bench_of
from promptctl.cli.judged_texts import context_text, json_text, questions
from promptctl.cli.label_pool import cases_of
from promptctl.cli.person import Screen
from promptctl.evals.judged import KnownCase, known_case
from promptctl.gate.review_cases import Labels, ReviewCase, Shown
from promptctl.model.answer import Bench
from promptctl.model.errors import PromptctlError
from promptctl.model.golden import Case
from promptctl.model.project import Project
from promptctl.model.run import AssertionResult
from promptctl.model.source import Source, Tree
from promptctl.text.project import load_project
from promptctl.text.review_label import Row

KEYS: Mapping[str, str] = {"p": "pass", "f": "fail"}
_GONE = "(not here: neither the working tree nor the runs' commits have this case as it was judged)"


class Cases:
    """The golden cases behind results, from the working tree or the commits the runs were made from.

    Only a case of the very digest that was judged is taken: an edited one asks something else. Of several states that
    have it the first whose judges are those that judged is taken, else the first.
    """

    def __init__(self, root: Path, commits: Sequence[str]) -> None:
        self._root = root
        self._specs: list[str | None] = [None, *dict.fromkeys(commits)]
        self._projects: dict[str | None, tuple[Project, Bench] | None] = {}
        self._sets: dict[tuple[str | None, str], Mapping[str, tuple[Case, Source]]] = {}
        self._found: dict[tuple[str, str], KnownCase | None] = {}

    def find(self, case: ReviewCase) -> KnownCase | None:
        """The case with what judges decide of it bound, or None."""
        key = (case.prompt, case.case)
        if key not in self._found:
            self._found[key] = self._search(case)
        return self._found[key]

    def _search(self, case: ReviewCase) -> KnownCase | None:
        samples = (*case.pair.base.samples, *case.pair.head.samples)
        judged = {one.digest for sample in samples for one in flat(sample.assertions)}
        first: KnownCase | None = None
        for spec in self._specs:
            written, state = self._set(spec, case.prompt).get(case.case), self._projects.get(spec)
            if written is None or state is None or written[0].digest != samples[0].case_digest:
                continue
            found = known_case(*written, state[1], same=True)
            if all(one is None or one.digest in judged for one in found.leaves):
                return found
            first = first or found
        return first

    def _set(self, spec: str | None, prompt: str) -> Mapping[str, tuple[Case, Source]]:
        if (spec, prompt) not in self._sets:
            state = self._state(spec)
            self._sets[spec, prompt] = {} if state is None else cases_of(state[0], prompt)
        return self._sets[spec, prompt]

    def _state(self, spec: str | None) -> tuple[Project, Bench] | None:
        """The project at that commit, and its own judges."""
        if spec not in self._projects:
            self._projects[spec] = None
            with suppress(PromptctlError):
                project = load_project(self._tree(spec))
                bench = bench_of(project, project.config, allow_exec=False)
                self._projects[spec] = project, replace(bench, endpoint=cache(bench.endpoint))  # it reads files
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
    golden, asked = found.case, questions(found)
    yield "Input", _input(golden)
    if golden.history:
        yield "Earlier turns", "\n".join(f"{turn.role}: {turn.content or ''}" for turn in golden.history)
    if golden.context:
        yield "Context", context_text(golden.context)
    beside = [one.beside for one in asked if one.beside is not None]
    expected = json_text(golden.expected_output)
    if golden.expected_output is not None and expected not in [text for _, text in beside]:
        yield "Expected", expected
    yield from beside
    yield "Passes if", "\n\n".join(one.asks for one in asked if one.asks)


def answer_text(one: Shown) -> str:
    """The answer: its text, the tools it called, and what it retrieved where the system did so itself."""
    said = one.completion
    parts = [said.output] if said.output or not said.tool_calls else []
    parts += [f"tool call: {call.name}({call.arguments})" for call in said.tool_calls]
    if said.context:
        parts.append("retrieved:\n" + context_text(said.context))
    return "\n".join(parts)


def _input(case: Case) -> str:
    if case.plain_input is not None:
        return case.plain_input
    if len(case.input) == 1:
        return json_text(next(iter(case.input.values())))
    return "\n".join(f"{name}: {json_text(value)}" for name, value in case.input.items())


def _types(results: Sequence[AssertionResult]) -> Iterator[str]:
    for one in results:
        if one.type.removeprefix("not-") in JUDGED:
            yield one.name or one.type
        yield from _types(one.children)
