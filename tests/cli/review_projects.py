"""Repositories in which a judge and people see different things, and a person who labels by what is there.

A case's input says what each side is: `base gp head bf` means that the base's answer is good (g) and looks good to the
judge (p), the head's is bad (b) and looks bad to it (f). Model and judge are scripts, so every run is the same.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from eval_projects import Finished
from gate_projects import Repository, repository
from tests.gate.review_runs import assertion, run_of, sample

from promptctl.adapters.files import WorkTree
from promptctl.text.project import load_project
from promptctl.text.record import encode

SCRIPT = {
    "rules": [
        {
            "when": {"system": "careful", "user": r"base (?P<is>[gb])(?P<looks>[pfx])"},
            "reply": "Well: is <<is>>, looks <<looks>>",
        },
        {"when": {"user": r"head (?P<is>[gb])(?P<looks>[pfx])"}, "reply": "So: is <<is>>, looks <<looks>>"},
    ]
}
JUDGE_SCRIPT = {
    "rules": [
        {"when": {"any": "looks p"}, "reply": {"score": 1, "reason": "fine"}},
        {"when": {"any": "looks f"}, "reply": {"score": 0, "reason": "poor"}},
        {"when": {"any": "looks x"}, "reply": "I would rather not say."},
    ]
}
JUDGE = {
    "name": "strict",
    "model": "scripted/judge.yaml",
    "system_prompt": "Grade the answer by the rubric.",
    "inputs": {"output": {"type": "string"}, "rubric": {"type": "string"}},
    "user_prompt": "<answer>{{ output }}</answer> {{ rubric }}",
}


def case(name: str, base: str, head: str, **more: Any) -> dict[str, Any]:
    """A judged case."""
    return {"id": name, "input": f"{name}: base {base} head {head}", "rubric": "Is it good?", **more}


def cases_of(counts: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    """So many cases of each kind: `{("gp", "bp"): 30}` are 30 that people see lost and the judge does not."""
    kinds = [kind for kind, number in counts.items() for _ in range(number)]
    return [case(f"c{place:04}", *kind) for place, kind in enumerate(kinds)]


def judged_repository(root: Path, cases: Sequence[Mapping[str, Any]], **gate: Any) -> Repository:
    """A first commit with the careful prompt; the working tree has the other one."""
    made = repository(root, None, cases=cases, gate=gate or {"max_drop": 0.05}, model="scripted/bot.yaml")
    made.project.write("scripted/bot.yaml", yaml.safe_dump(SCRIPT))
    made.project.write("scripted/judge.yaml", yaml.safe_dump(JUDGE_SCRIPT))
    made.project.write("judges/strict.yaml", json.dumps(JUDGE))
    made.prompt("Be careful.", model="scripted/bot.yaml")
    made.commit("careful")
    made.prompt("Be quick.", model="scripted/bot.yaml")
    return made


def write_runs(repo: Repository) -> None:
    """base.json and head.json: the two runs of the golden set as it is, as the scripts would have made them."""
    project = load_project(WorkTree(repo.root))
    (golden,) = (project.golden[path] for path in project.golden)
    commit = repo.git("rev-parse", "HEAD")
    for side, word in (("base", "Well"), ("head", "So")):
        results = []
        for one in golden.cases:
            found = re.search(rf"{side} (\w)(\w)", one.plain_input or "")
            assert found
            answer = f"{word}: is {found[1]}, looks {found[2]}"
            results.append(sample(one.id, answer, assertion("judge", found[2]), case_digest=one.digest))
        run = run_of(side, results)
        run = replace(run, provenance=replace(run.provenance, commit=commit))
        repo.project.write(f"{side}.json", json.dumps(encode(run)))


def good(answer: str) -> bool:
    """What a person sees in an answer."""
    return "is g" in answer


def rows(text: str) -> list[dict[str, str]]:
    """The rows of an exported table."""
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def filled(text: str, says: Callable[[str], bool] = good, most: int | None = None) -> str:
    """The table with a label in every row, or in the first `most`."""
    found = rows(text)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(found[0]) if found else ["item", "label"])
    writer.writeheader()
    for place, row in enumerate(found):
        label = "" if most is not None and place >= most else "pass" if says(row["answer"]) else "fail"
        writer.writerow({**row, "label": label})
    return out.getvalue()


def reviewed(root: Path, run: Callable[..., Finished], *arguments: str) -> Finished:
    """Export, label everything as a person would, import; the document on stdout."""
    exported = run("review", *arguments, "--export", "labels.csv")
    assert exported.code == 0, exported.err
    table = (root / "labels.csv").read_text(encoding="utf-8")
    (root / "labels.csv").write_text(filled(table), encoding="utf-8")
    return run("review", *arguments, "--import", "labels.csv", "--format", "json")
