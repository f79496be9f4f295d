"""Golden set rules: what is certain, where it stands, and what is left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rule_bench import lint_files

PROMPT = """version: 1.0.0
model: openai/gpt-4o-2024-08-06
parameters: {temperature: 0}
inputs: {question: {type: string}, n: {type: integer, default: 1}}
user_prompt: "{{ question }} {{ n }}"
"""


def found(
    folder: Path, code: str, golden: str, *, prompt: str = PROMPT, config: str = ""
) -> list[tuple[str, int | None, int | None]]:
    files = {"prompts/bot.yaml": prompt, "golden/bot.yaml": golden, **({"promptctl.yaml": config} if config else {})}
    return [(str(one.severity), one.line, one.column) for one in lint_files(folder, files).findings if one.rule == code]


def case(*assertions: str, **keys: object) -> str:
    own = "".join(f"    {key}: {json.dumps(value)}\n" for key, value in keys.items())
    listed = "".join(f"      - {one}\n" for one in assertions)
    return f"cases:\n  - id: a\n    input: hello there\n{own}    assertions:\n{listed}"


@pytest.mark.parametrize(
    "pair",
    [
        ("equals: a", "equals: b"), ("contains: cats", "not-contains: cat"), ("contains: Cats", "not-icontains: cAT"),
        ("icontains: Cats", "not-icontains: cat"), ("icontains: 42 cats", "not-contains: 42"), ("is-json", "not-is-json"),
        ("starts-with: a", "starts-with: b"), ("ends-with: ab", "ends-with: cb"), ("starts-with: Sure", "not-contains: Sure"),
        ("starts-with: a", "equals: bc"), ("equals: 5", "is-xml"), ("word-count: 3", "word-count: {min: 4}"),
        ("contains: a b c d", "word-count: {max: 3}"), ("contains-all: [a, b]", "not-contains-any: [x, b]"),
        ("contains-any: [ab, cb]", "not-contains: b"), ("regex: a+", "not-regex: a+"), ("is-refusal", "not-is-refusal"),
        ("finish-reason: stop", "finish-reason: length"), ("all: [{contains: a}]", "not-contains: a"),
        ("equals: a", "any: [{contains: b}, {contains: c}]"), ("tool-call: f", "not-tool-call: f"),
        ("equals: '{\"a\": 1}'", "json-schema: {required: [b]}"), ("contains: 42", "not-contains: 4"),
    ],
)  # fmt: skip
def test_no_answer_passes_both(pair: tuple[str, str], tmp_path: Path) -> None:
    for one in (pair, pair[::-1]):
        inner = one[1].find("{") + 1 if one[1].startswith("all:") else 0  # a member of `all` is pointed at itself
        assert found(tmp_path, "PL405", case(*one)) == [("error", 6, 9 + max(inner - 1, 0))]


@pytest.mark.parametrize(
    "pair",
    [
        ("contains: cat", "not-contains: cats"), ("icontains: cats", "not-contains: cat"), ("contains: a", "not-contains-all: [a, b]"),
        ("starts-with: a", "starts-with: ab"), ("equals: ab", "starts-with: a"), ("not-equals: a", "not-equals: b"),
        ("contains-any: [ab, cd]", "not-contains: b"), ("word-count: {min: 2}", "word-count: {max: 2}"), ("is-json", "contains: a"),
        ("regex: a+", "not-regex: a"), ("any: [{contains: a}]", "not-contains: a"), ("equals: {a: 1}", "contains: a"),
        ("{contains: a, weight: 0}", "not-contains: a"), ("contains: a b", "word-count: 2"), ("equals: {a: 1}", "is-json"),
        ("rubric-free: x", "contains: a"), ("equals: 5", "equals: '5'"), ("contains: a b c", "not-word-count: {max: 2}"),
    ],
)  # fmt: skip
def test_some_answer_passes_both(pair: tuple[str, str], tmp_path: Path) -> None:
    assert found(tmp_path, "PL405", case(*pair)) == []
    assert found(tmp_path, "PL405", case(*pair[::-1])) == []


def test_a_threshold_lets_a_case_pass_with_a_failed_assertion(tmp_path: Path) -> None:
    assert found(tmp_path, "PL405", case("contains: a", "not-contains: a", threshold=0.5)) == []


def test_defaults_count_and_the_cases_own_assertion_is_pointed_at(tmp_path: Path) -> None:
    golden = "defaults:\n  assertions: [{not-contains: b}]\n" + case("contains: abc")
    assert found(tmp_path, "PL405", golden) == [("error", 7, 9)]


@pytest.mark.parametrize(
    ("assertions", "expected", "severities"),
    [
        (["contains: x"], "an x", []), (["contains: x"], "a y", ["warning"]), (["equals", "contains: x"], "a y", ["error"]),
        (["rouge-l: {threshold: 0.5}", "word-count: 9"], "a y", ["error"]), (["not-contains: y"], "a y", ["warning"]),
        (["is-json"], {"a": 1}, []), (["json-schema: {required: [b]}"], {"a": 1}, ["warning"]), (["latency: 1", "cost: 1"], "a", []),
        (["{contains: x, weight: 0}"], "a y", []), (["any: [{contains: x}, {contains: y}]"], "a y", []), (["equals"], "anything", []),
        (["contians: x"], "a y", []), (["similar: {value: b, threshold: 0.9}", "python: a.py:f"], "a", []),
    ],
)  # fmt: skip
def test_an_expected_output_against_its_own_assertions(
    assertions: list[str], expected: object, severities: list[str], tmp_path: Path
) -> None:
    hits = found(tmp_path, "PL404", case(*assertions, expected_output=expected))
    assert hits == [(severity, 4, 22) for severity in severities]


@pytest.mark.parametrize(
    ("assertion", "temperature", "fires"),
    [
        ("equals: Open the settings page first", "0.7", True), ("equals: Open the settings page first", "null", True),
        ("equals: Open the settings page first", "0", False), (f"equals: {'word ' * 30}", "0", True),
        ("equals: very positive indeed", "1", False), ("equals: {a: b c d e}", "1", False), ("equals: 12", "1", False),
        ("not-equals: Open the settings page first", "1", False), ("equals: '[1, 2, 3, 4, 5]'", "1", False),
    ],
)  # fmt: skip
def test_exact_matches_on_free_text(assertion: str, temperature: str, fires: bool, tmp_path: Path) -> None:
    prompt = (
        PROMPT.replace("temperature: 0", f"temperature: {temperature}")
        if temperature != "null"
        else PROMPT.replace("temperature: 0", "")
    )
    assert found(tmp_path, "PL406", case(assertion), prompt=prompt) == ([("warning", 5, 9)] if fires else [])


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("How do I reset  my PASSWORD?", True), ("reset my password, please tell me", False), ("do I reset my password", True),
        ("my password", False), ("How do I reset my passwords?", False), ("How do I reset my pass", False), ("password Settings Security Reset it", False),
    ],
)  # fmt: skip
def test_inputs_quoted_in_examples(text: str, fires: bool, tmp_path: Path) -> None:
    prompt = (
        PROMPT + "few_shot_examples: [{user: How do I reset my password?, assistant: Settings > Security > Reset it}]\n"
    )
    golden = f"cases: [{{id: a, input: {{question: {json.dumps(text)}}}, assertions: [is-json]}}]\n"
    assert found(tmp_path, "PL407", golden, prompt=prompt) == ([("warning", 1, 35)] if fires else [])


def test_duplicate_ids_are_named_in_all_formats(tmp_path: Path) -> None:
    row = '{"id": "a", "input": "x", "assertions": [{"contains": "a"}]}\n'
    files = {
        "golden/a.jsonl": row * 2,
        "golden/b.csv": 'id,input,assertions\na,x,"[""is-json""]"\na,y,"[""is-json""]"\n',
    }
    hits = [(one.rule, one.path, one.line) for one in lint_files(tmp_path, files).findings if one.severity == "error"]
    assert hits == [("PL412", "golden/a.jsonl", 2), ("PL412", "golden/b.csv", 3)]


def test_history_and_context_are_part_of_an_input(tmp_path: Path) -> None:
    rows = [
        "{id: a, input: x, assertions: [is-json]}", "{id: b, input: x, context: [y], assertions: [is-json]}",
        "{id: c, input: x, history: [{role: user, content: z}], assertions: [is-json]}", "{id: d, input: x, assertions: [is-xml]}",
    ]  # fmt: skip
    assert found(tmp_path, "PL402", "cases:\n" + "".join(f"  - {row}\n" for row in rows)) == [("warning", 5, 20)]


def test_inputs_that_do_not_fit_are_each_named(tmp_path: Path) -> None:
    golden = "cases:\n  - id: a\n    input: {qestion: x, n: two}\n    assertions: [is-json]\n"
    assert found(tmp_path, "PL408", golden) == [("error", 3, 12), ("error", 3, 22), ("error", 3, 28)]


def test_every_broken_assertion_is_named_once(tmp_path: Path) -> None:
    golden = (
        "defaults:\n  assertions: [{regex: '('}]\ncases:\n"
        "  - {id: a, input: x, assertions: [{contians: x}]}\n  - {id: b, input: y, assertions: [{contains: ''}, equals]}\n"
    )
    assert found(tmp_path, "PL413", golden) == [("error", 2, 16), ("error", 4, 36), ("error", 5, 36), ("error", 5, 52)]


def test_a_judge_that_is_not_there_is_one_finding_of_the_golden_set(tmp_path: Path) -> None:
    rows = "".join(
        f"  - {{id: c{n}, input: x{n}, assertions: [{{judge: {{rubric: R{n}, judge: gone}}}}]}}\n" for n in range(24)
    )
    other = "  - {id: d, input: y, assertions: [{judge: {rubric: R, judge: lost}}]}\n"
    files = {"prompts/bot.yaml": PROMPT, "golden/bot.yaml": f"cases:\n{rows}{other}"}
    told = [one for one in lint_files(tmp_path, files).findings if one.rule == "PL413"]
    assert [(one.line, one.message) for one in told] == [
        (2, "judge: there is no judge 'gone' (24 times in this file)"),
        (26, "judge: there is no judge 'lost'"),
    ]


def test_how_many_cases_a_margin_takes(tmp_path: Path) -> None:
    """(1.6449 + 0.8416)^2 x 0.1 / m^2: 154.6 for 0.0632 and 1545.6 for 0.02."""
    config = "gate: {max_drop: 0.0632}\n"
    rows = "".join(f"  - {{id: c{number}, input: case {number}, assertions: [is-json]}}\n" for number in range(155))
    assert found(tmp_path, "PL411", "cases:\n" + rows, config=config) == []
    less = "cases:\n" + rows.rsplit("\n", 2)[0] + "\n"
    hits = lint_files(tmp_path / "other", {"prompts/bot.yaml": PROMPT, "golden/bot.yaml": less}).findings
    hit = next(one for one in hits if one.rule == "PL411")
    assert (hit.severity, hit.line, hit.column) == ("info", 1, 1)
    assert "154 cases" in hit.message
    assert "1,546 would" in hit.message
    assert hit.hint == "add cases, or set gate.max_drop to 0.07, which 154 can show"


def _sets(**cases: int) -> dict[str, str]:
    """A prompt and a golden set of so many cases, for each name."""
    files = {}
    for name, count in cases.items():
        rows = "".join(f"  - {{id: c{n}, input: case {n}, assertions: [is-json]}}\n" for n in range(count))
        files |= {f"prompts/{name}.yaml": PROMPT, f"golden/{name}.yaml": "cases:\n" + rows}
    return files


def test_the_margin_is_held_against_a_project_once(tmp_path: Path) -> None:
    """The smallest set has the finding, the others are counted and the next smallest named."""
    hits = [one for one in lint_files(tmp_path, _sets(a=4, b=3, c=2, d=6, e=5)).findings if one.rule == "PL411"]
    assert [(one.path, one.line, one.column) for one in hits] == [("golden/c.yaml", 1, 1)]
    assert hits[0].message.startswith("2 cases can hardly show")
    others = "; 4 other golden sets are too small as well: golden/b.yaml (3), golden/a.yaml (4), golden/e.yaml (5), ..."
    assert hits[0].message.endswith(others)


def test_sets_that_are_small_on_purpose_hide_no_other(tmp_path: Path) -> None:
    config = "lint: {per_path: {golden/c.yaml: [PL411], golden/b.yaml: {severity: {PL4: 'off'}}}}\n"
    files = {"promptctl.yaml": config, **_sets(a=4, b=3, c=2)}
    hits = [one for one in lint_files(tmp_path, files).findings if one.rule == "PL411"]
    assert [(one.path, one.message.count("other")) for one in hits] == [("golden/a.yaml", 0)]


@pytest.mark.parametrize("tag", ["refusal", "Adversarial", "prompt_injection", "red_team", "safety"])
def test_tags_that_count_as_adversarial(tag: str, tmp_path: Path) -> None:
    rows = "".join(f"  - {{id: c{number}, input: case {number}, assertions: [is-json]}}\n" for number in range(5))
    assert found(tmp_path, "PL410", "cases:\n" + rows) == [("info", 1, 1)]
    assert found(tmp_path, "PL410", "cases:\n" + rows.replace("case 4,", f"case 4, tags: [{tag}],")) == []


BIRD = "CRIMSON-OTTER-4978"


@pytest.mark.parametrize(
    ("prompt", "assertions", "times"),
    [
        ("", [f"not-leaks: {BIRD}"], 1),
        ("", [f"not-leaks: {{canary: [{BIRD}, hello there]}}"], 1),  # the case itself says hello there
        ("", [f"all: [{{not-leaks: {BIRD}}}]"], 1),
        (f"description: {BIRD}\n", [f"not-leaks: {BIRD}"], 1),  # no model sees the description
        ("", ["not-leaks: true", f"leaks: {BIRD}", f"not-contains: {BIRD}"], 0),
        (f"system_prompt: Your code is {BIRD}.\n", [f"not-leaks: {BIRD}"], 0),
        ("system_prompt: Your code is crimson otter (4978).\n", [f"not-leaks: {BIRD}"], 0),
        ("system_prompt: \"{% include 'prompts/code.txt' %}\"\n", [f"not-leaks: {BIRD}"], 0),
        (f"few_shot_examples: [{{user: '{BIRD}?', assistant: 'No.'}}]\n", [f"not-leaks: {BIRD}"], 0),
    ],
)
def test_a_canary_that_stands_nowhere_is_told_once(
    prompt: str, assertions: list[str], times: int, tmp_path: Path
) -> None:
    golden = case(*assertions)
    files = {
        "prompts/bot.yaml": PROMPT + prompt,
        "prompts/code.txt": f"Your code is {BIRD}.",
        "golden/bot.yaml": golden + golden.removeprefix("cases:\n").replace("id: a", "id: b"),
    }
    linted = lint_files(tmp_path, files)
    assert not [one for one in linted.findings if one.rule == "PL001"]
    hits = [one for one in linted.findings if one.rule == "PL414"]
    assert [(str(one.severity), one.line) for one in hits] == [("warning", 5)] * times
    assert all("2 cases look for it" in one.message and BIRD in (one.hint or "") for one in hits)


def test_what_a_system_under_test_tells_its_model_is_not_known(tmp_path: Path) -> None:
    target = PROMPT.replace("model: openai/gpt-4o-2024-08-06", "target: http://localhost:8000/answer")
    assert found(tmp_path, "PL414", case(f"not-leaks: {BIRD}"), prompt=target) == []
