"""Projects with judges that go by a script, their runs and their labels: what the tests of `judge` share."""

from __future__ import annotations

import io
import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.cli.eval_projects import Finished, Project, environment, lines

from promptctl.cli import boundary
from promptctl.cli.app import app
from promptctl.cli.judge_question import questioned
from promptctl.model.label import Judged, Label, Material
from promptctl.model.source import Blob
from promptctl.text.labels import encode_labels, item_of, parse_labels

AT = "2026-11-30T12:00:00.000+00:00"
PROMPT = {"name": "bot", "version": "1.0.0", "model": "openai/gpt-4o-2024-08-06", "system_prompt": "Be nice."}
JUDGE = {
    "name": "fair",
    "version": "1.0.0",
    "model": "scripted/scripts/fair.yaml",
    "scale": "pass/fail",
    "inputs": {"rubric": {"type": "string"}, "output": {"type": "string"}},
    "system_prompt": "You judge.",
    "user_prompt": "{{ rubric }}\n{{ output }}",
}
PAIRS = {
    **JUDGE,
    "name": "better",
    "model": "scripted/scripts/better.yaml",
    "scale": "pairwise",
    "rubric": "Which is politer?",
    "inputs": {"rubric": {"type": "string"}, "first": {"type": "string"}, "second": {"type": "string"}},
    "user_prompt": "{{ rubric }}\nFIRST {{ first }}\nSECOND {{ second }}",
}
PRICES = {"input": 1.0, "output": 2.0}
FAIR = {
    "prices": PRICES,
    "rules": [
        {"when": {"user": "broken"}, "reply": "I cannot say."},
        {"when": {"user": "down"}, "error": {"status": 500, "message": "the judge is down"}},
        {"when": {"user": "wavers"}, "replies": ['{"score": "pass"}', '{"score": "fail"}']},
        {"when": {"user": "judged-fail"}, "reply": {"score": "fail", "reason": "SECRET-REASON bad"}},
    ],
    "default": {"reply": {"score": "pass", "reason": "SECRET-REASON good"}},
}
BETTER = {
    "prices": PRICES,
    "rules": [
        {"when": {"user": "leans-first"}, "reply": {"winner": "A"}},
        {"when": {"user": "leans-second"}, "reply": {"winner": "B"}},
        {"when": {"user": r"(?s)FIRST.*good.*SECOND"}, "reply": {"winner": "A"}},
        {"when": {"user": r"(?s)SECOND.*good"}, "reply": {"winner": "B"}},
    ],
    "default": {"reply": {"winner": "tie"}},
}


def judge_project(root: Path, *, cases: Sequence[Any] = (), config: Any = None, git: bool = False) -> Project:
    """A prompt `bot`, a pointwise judge `fair` and a pairwise one `better`, both scripted."""
    root.mkdir(parents=True, exist_ok=True)
    project = Project(root)
    if git:
        subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True, env=environment())
    project.write("promptctl.yaml", json.dumps({"eval": {"judge": "fair", "retries": 0}, **(config or {})}))
    project.write("prompts/bot.yaml", json.dumps(PROMPT))
    project.write("judges/fair.yaml", json.dumps(JUDGE))
    project.write("judges/better.yaml", json.dumps(PAIRS))
    project.write("scripts/fair.yaml", json.dumps(FAIR))
    project.write("scripts/better.yaml", json.dumps(BETTER))
    project.write("golden/bot.yaml", json.dumps({"cases": list(cases) or [judged_case("one")]}))
    return project


def judged_case(name: str, *, rubric: str = "Is polite.", **more: Any) -> dict[str, Any]:
    return {"id": name, "input": f"question {name}", "rubric": rubric, **more}


def give(project: Project, *answers: tuple[str, str] | tuple[str, str, int]) -> Finished:
    """A stored run of answers that exist already: (case, output) or (case, output, sample)."""
    written = [
        {"case": case, "output": output, "sample": sample[0] if sample else 0} for case, output, *sample in answers
    ]
    project.write("answers.jsonl", lines(*written))
    return in_process("-C", str(project.root), "eval", "--outputs", "answers.jsonl", "--quiet")


def run(project: Project, *arguments: str) -> Finished:
    """`promptctl -C PROJECT judge ...` in this process: what opens litellm in one of its own takes a second each time."""
    return in_process("-C", str(project.root), "judge", *arguments)


def in_process(*arguments: str) -> Finished:
    """A command by the road of the console script, up to its exit code."""
    out, err, cwd = io.StringIO(), io.StringIO(), Path.cwd()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = boundary.guarded(lambda: app(list(arguments), standalone_mode=False))
    finally:
        os.chdir(cwd)
    return Finished(code, out.getvalue(), err.getvalue())


def label(
    output: str,
    said: str,
    *,
    who: str = "ann",
    case: str = "one",
    prompt: str = "bot",
    judge: Judged | None = None,
    **material: Any,
) -> Label:
    made = Material(rubric=material.pop("rubric", "Is polite."), output=output, **material)
    return Label(item_of(made), prompt, case, 0, made, said, who, AT, judge=judge)


def write_labels(project: Project, labels: Iterable[Label], judge: str = "fair") -> None:
    project.write(f"judges/{judge}.labels.jsonl", encode_labels(labels))


def read_labels(project: Project, judge: str = "fair") -> tuple[Label, ...]:
    path = project.root / f"judges/{judge}.labels.jsonl"
    return parse_labels(Blob(path.name, path.read_bytes())) if path.exists() else ()


def already_judged(project: Project, labels: Iterable[Label], judge: str = "fair") -> list[Label]:
    """The labels with the verdict their answer names, as the judge's kept one: nothing is left to ask."""
    digest = questioned(judge, project.root).digest
    return [
        replace(one, judge=Judged(digest, "fail" if "judged-fail" in one.material.output else "pass")) for one in labels
    ]


def matrix(both_pass: int, missed_passes: int, missed_fails: int, both_fail: int, **more: Any) -> list[Label]:
    """Labelled answers that the scripted judge judges so: the confusion matrix as it is published."""
    cells = [
        ("pass", "pass", both_pass),
        ("pass", "fail", missed_passes),
        ("fail", "pass", missed_fails),
        ("fail", "fail", both_fail),
    ]
    return [
        label(f"answer {human}-{number} judged-{judge}", human, **more)
        for human, judge, count in cells
        for number in range(count)
    ]
