"""Messages and examples, aligned: what was edited is not called removed and added, and examples stay apart."""

from __future__ import annotations

import json

from promptctl.changes.messages import part_changes, parts_of
from promptctl.changes.prompts import compare_prompts
from promptctl.model.source import Blob
from promptctl.text.prompt import parse_prompt

EXAMPLES = [
    {"user": "How do I reset it?", "assistant": "Settings"},
    {"user": "Where is my invoice?", "assistant": "Billing"},
]


def prompt(**keys):
    text = json.dumps({"model": "openai/gpt-4o-2024-08-06", **keys})
    return parse_prompt(Blob("prompts/bot.yaml", text.encode()), lambda path: Blob(path, b""))


def told(before, after):
    return [(one.kind, one.part.role, one.number) for one in part_changes(parts_of(before), parts_of(after))]


def test_both_spellings_of_messages_are_the_same_parts() -> None:
    three = prompt(system_prompt="Be brief.\n", few_shot_examples=EXAMPLES, user_prompt="{{ q }}")
    one = prompt(
        messages=[
            {"role": "system", "content": "Be brief."},
            *({"role": role, "content": example[role]} for example in EXAMPLES for role in ("user", "assistant")),
            {"role": "user", "content": "{{ q }}"},
        ]
    )
    assert told(three, one) == []
    assert [part.kind for part in parts_of(one)] == ["message", "example", "example", "message"]


def test_an_example_in_the_middle_is_removed_and_the_others_stay() -> None:
    third = {"user": "And the weather?", "assistant": "I do not know"}
    before = prompt(few_shot_examples=[EXAMPLES[0], third, EXAMPLES[1]])
    assert told(before, prompt(few_shot_examples=EXAMPLES)) == [("removed", "example", 2)]
    assert told(prompt(few_shot_examples=EXAMPLES), before) == [("added", "example", 2)]


def test_an_edited_answer_is_a_change_and_another_question_is_not() -> None:
    before = prompt(few_shot_examples=EXAMPLES)
    edited = prompt(few_shot_examples=[EXAMPLES[0], {"user": "Where is my invoice?", "assistant": "Profile"}])
    other = prompt(few_shot_examples=[EXAMPLES[0], {"user": "Completely different words here", "assistant": "No"}])
    assert told(before, edited) == [("changed", "example", 2)]
    assert sorted(told(before, other)) == [("added", "example", 2), ("removed", "example", 2)]


def test_what_only_moved_is_not_changed() -> None:
    before, after = prompt(few_shot_examples=EXAMPLES), prompt(few_shot_examples=EXAMPLES[::-1])
    assert [kind for kind, _, _ in told(before, after)] == ["moved"]
    assert compare_prompts(before, after).wire


def test_a_message_is_edited_word_by_word() -> None:
    found = part_changes(parts_of(prompt(system_prompt="Be brief.")), parts_of(prompt(system_prompt="Be kind.")))
    assert [(role, [(piece.kind, piece.text) for piece in pieces]) for role, pieces in found[0].words] == [
        ("system", [("=", "Be "), ("-", "brief"), ("+", "kind"), ("=", ".")])
    ]


def test_cosmetic_is_what_neither_model_nor_caller_notices() -> None:
    before = prompt(system_prompt="Hi", inputs={"q": {"type": "string"}}, user_prompt="{{ q }}")
    described = prompt(system_prompt="Hi", inputs={"q": {"type": "string"}}, user_prompt="{{ q }}", description="d")
    narrower = prompt(system_prompt="Hi", inputs={"q": {"enum": ["a"]}}, user_prompt="{{ q }}")
    assert compare_prompts(before, described).cosmetic
    assert before.digest == narrower.digest
    assert not compare_prompts(before, narrower).cosmetic
    assert not compare_prompts(before, prompt(system_prompt="Ho", user_prompt="{{ q }}")).cosmetic
