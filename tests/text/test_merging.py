"""Three versions of a file merged by key: what is taken, what conflicts, and that our writing stays ours."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.model.source import Blob
from promptctl.text.merged_lines import merged_jsonl
from promptctl.text.merged_text import Merged, chosen, merged_yaml
from promptctl.text.merging import merge
from promptctl.text.yaml import load

BASE = """\
# The support bot.
name: bot
version: 1.0.0
model: openai/gpt-4o-2024-08-06  # pinned
parameters: {temperature: 0, max_tokens: 400}
inputs:
  question:
    type: string
  # what was found
  articles: {type: array}

system_prompt: |
  Be brief.

  # Not a comment.
few_shot_examples:
  - user: Hi
    assistant: Hello
user_prompt: "{{ question }}"
"""
GOLDEN = """\
prompt: bot
cases:
  - id: one
    input: {question: One?}
    assertions:
      - contains: "1"

  # the hard one
  - id: two
    input: {question: Two?}
    tags: [hard]
  - id: three
    input: {question: Three?}
"""


def by_key(base: str, ours: str, theirs: str) -> Merged:
    found = merged_yaml(blob(base), blob(ours), blob(theirs), marker_size=7, textual=None)
    assert found is not None
    return found


def blob(text: str, path: str = "prompts/bot.yaml") -> Blob:
    return Blob(path, text.encode())


def changed(*pairs: tuple[str, str], text: str = BASE) -> str:
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


MODEL = ("model: openai/gpt-4o-2024-08-06  # pinned", "model: openai/gpt-4.1-2025-04-14  # moved")


@pytest.mark.parametrize(
    ("ours", "theirs", "both"),
    [
        ([("version: 1.0.0", "version: 1.1.0")], [MODEL], [("version: 1.0.0", "version: 1.1.0"), MODEL]),
        (
            [("temperature: 0", "temperature: 0.5")],
            [("max_tokens: 400", "max_tokens: 500")],
            [("{temperature: 0, max_tokens: 400}", "{temperature: 0.5, max_tokens: 500}")],
        ),
        (
            [("  Be brief.\n", "  Be very brief.\n")],
            [("    type: string\n", "    type: string\n    maxLength: 9\n")],
            [("  Be brief.\n", "  Be very brief.\n"), ("    type: string\n", "    type: string\n    maxLength: 9\n")],
        ),
        (
            [("name: bot\n", "name: bot\ndescription: Ours\n")],
            [("name: bot\n", "name: bot\nowner: a@example.com\n")],
            [("name: bot\n", "name: bot\nowner: a@example.com\ndescription: Ours\n")],
        ),
        (
            [("  - user: Hi\n", "  - user: Hey\n")],
            [("    assistant: Hello\n", "    assistant: Hello\n  - user: Bye\n    assistant: Goodbye\n")],
            [
                ("  - user: Hi\n", "  - user: Hey\n"),
                ("    assistant: Hello\n", "    assistant: Hello\n  - user: Bye\n    assistant: Goodbye\n"),
            ],
        ),
        ([MODEL], [("# Not a comment.", "# Text.")], [MODEL, ("# Not a comment.", "# Text.")]),
        (
            [MODEL],
            [("  # what was found\n  articles: {type: array}\n", "")],
            [MODEL, ("  articles: {type: array}\n", "")],
        ),
    ],
)
def test_what_each_side_changed_is_in_the_merge_and_our_writing_stays(ours, theirs, both) -> None:
    found = by_key(BASE, changed(*ours), changed(*theirs))
    assert found == Merged(changed(*both), ())


def test_the_same_change_on_both_sides_is_no_conflict() -> None:
    ours = changed(("version: 1.0.0", "version: 2.0.0"))
    theirs = changed(("version: 1.0.0", 'version: "2.0.0"'))
    assert by_key(BASE, ours, theirs) == Merged(ours, ())


def test_two_edits_of_one_message_conflict_even_in_different_lines() -> None:
    long = BASE.replace("  Be brief.\n", "  Be brief.\n\n  One.\n\n  Two.\n\n  Three.\n")
    ours, theirs = long.replace("Be brief", "Be kind"), long.replace("Three", "Four")
    found = by_key(long, ours, theirs)
    assert found.conflicts == ("system_prompt",)
    assert load(blob(chosen(found.text, 0, 7))).value == load(blob(ours)).value
    assert load(blob(chosen(found.text, 1, 7))).value == load(blob(theirs)).value
    assert (
        found.text.count("<<<<<<< ours\n") == found.text.count("=======\n") == found.text.count(">>>>>>> theirs\n") == 1
    )
    assert "user_prompt: " in found.text.split(">>>>>>> theirs")[1]


def test_a_conflict_in_brackets_takes_the_whole_line() -> None:
    found = by_key(BASE, changed(("temperature: 0", "temperature: 1")), changed(("temperature: 0", "temperature: 2")))
    assert found.conflicts == ("parameters.temperature",)
    assert (
        "<<<<<<< ours\nparameters: {temperature: 1, max_tokens: 400}\n=======\n"
        "parameters: {temperature: 2, max_tokens: 400}\n>>>>>>> theirs\n"
    ) in found.text


def test_an_input_is_one_thing() -> None:
    ours = changed(("    type: string\n", "    type: string\n    maxLength: 9\n"))
    theirs = changed(("    type: string\n", "    type: string\n    minLength: 1\n"))
    assert by_key(BASE, ours, theirs).conflicts == ("inputs.question",)


def test_removed_here_and_changed_there_conflicts_both_ways() -> None:
    without = changed(("  # what was found\n  articles: {type: array}\n", ""))
    edited = changed(("articles: {type: array}", "articles: {type: array, default: []}"))
    for ours, theirs in ((without, edited), (edited, without)):
        found = by_key(BASE, ours, theirs)
        assert found.conflicts == ("inputs.articles",)
        assert load(blob(chosen(found.text, 0, 7))).value == load(blob(ours)).value
        assert load(blob(chosen(found.text, 1, 7))).value == load(blob(theirs)).value


def test_cases_merge_by_id_wherever_they_stand() -> None:
    ours = GOLDEN.replace("  - id: three", "  - id: ours\n    input: {question: O?}\n  - id: three").replace(
        "[hard]", "[easy]"
    )
    theirs = """\
prompt: bot
cases:
- id: three
  input: {question: "Three, please?"}
- id: two
  input: {question: Two?}
  tags: [hard]
  expected_output: "2"
# added by them
- id: four
  input: {question: Four?}
"""
    found = by_key(GOLDEN, ours, theirs)
    assert found.conflicts == ()
    cases = load(blob(found.text)).value["cases"]
    assert [case["id"] for case in cases] == ["two", "four", "ours", "three"]
    assert cases[0] == {"id": "two", "input": {"question": "Two?"}, "tags": ["easy"], "expected_output": "2"}
    assert cases[3]["input"] == {"question": "Three, please?"}
    assert "  # added by them\n  - id: four\n    input: {question: Four?}\n" in found.text
    assert "  # the hard one\n  - id: two\n" in found.text


def test_a_new_case_of_one_id_with_two_contents_conflicts() -> None:
    add = "  - id: new\n    input: {question: %s}\n"
    found = by_key(GOLDEN, GOLDEN + add % "Here?", GOLDEN + add % "There?")
    assert found.conflicts == ("cases.3",)


def test_crlf_stays_crlf() -> None:
    base = BASE.replace("\n", "\r\n")
    found = by_key(
        base, base.replace("1.0.0", "1.1.0"), changed(("temperature: 0", "temperature: 1"), ("Hello", "Hey"))
    )
    assert "\n" not in found.text.replace("\r\n", "")
    assert "temperature: 1" in found.text
    assert "version: 1.1.0" in found.text


def test_the_merge_of_the_lines_is_taken_only_where_it_says_the_same() -> None:
    ours, theirs = changed(("version: 1.0.0", "version: 1.1.0")), changed(MODEL)
    good = changed(("version: 1.0.0", "version: 1.1.0"), MODEL, ("# The support bot.", "# Both comments."))
    blend = good.replace("version: 1.1.0", "version: 9.9.9")
    for textual, expected in ((good, good), (blend, good.replace("# Both comments.", "# The support bot."))):
        found = merged_yaml(blob(BASE), blob(ours), blob(theirs), marker_size=7, textual=textual)
        assert found == Merged(expected, ())


@pytest.mark.parametrize("broken", ["a: [", "- a\n", "a: 1\na: 2\n", ""])
def test_what_cannot_be_read_is_left_to_git(broken: str) -> None:
    for three in ((broken, BASE, BASE), (BASE, broken, BASE), (BASE, BASE, broken)):
        assert merged_yaml(*map(blob, three), marker_size=7, textual=None) is None


def test_lines_of_json_merge_by_id() -> None:
    lines = [json.dumps({"id": name, "input": name}) for name in "abc"]
    base = "\n".join(lines) + "\n"
    ours = "\n".join([lines[0].replace('"input": "a"', '"input": "A"'), *lines[1:]]) + "\n"
    theirs = "\n".join([lines[0], '{"id": "x", "input": "x"}', lines[1].replace(" ", "")]) + "\n"
    found = merged_jsonl(*(blob(text, "g.jsonl") for text in (base, ours, theirs)), marker_size=7)
    assert found is not None
    assert found.conflicts == ()
    assert found.text.splitlines() == ['{"id": "a", "input": "A"}', '{"id": "x", "input": "x"}', lines[1]]
    clash = merged_jsonl(
        *(blob(text, "g.jsonl") for text in (base, ours, base.replace('put": "a"', 'put": "b"'))), marker_size=7
    )
    assert clash is not None
    assert clash.conflicts == ("a",)
    assert clash.text.startswith(
        '<<<<<<< ours\n{"id": "a", "input": "A"}\n=======\n{"id": "a", "input": "b"}\n>>>>>>> theirs\n'
    )


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(["", "a", "b: c", "x\ny\n", "é", "- z", "# n", "1"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["k", "l", "m n", "id"]), inner, max_size=3)
    ),
    max_leaves=6,
)
DOCUMENTS = st.dictionaries(st.sampled_from("abcd"), VALUES, min_size=1, max_size=4)


def written(value: object, indent: int = 0) -> str:
    """A JSON value as YAML on lines, empty collections in brackets."""
    pad = " " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{pad}{json.dumps(key)}:{behind(item, indent)}" for key, item in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{pad}-{behind(item, indent)}" for item in value)
    raise AssertionError(value)


def behind(item: object, indent: int) -> str:
    if isinstance(item, dict | list) and item:
        return "\n" + written(item, indent + 2)
    if isinstance(item, str) and item.endswith("\n"):
        return " |\n" + "".join(f"{' ' * (indent + 2)}{line}\n" for line in item.splitlines())
    return f" {json.dumps(item)}\n"


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, DOCUMENTS, DOCUMENTS)
def test_whatever_merges_says_what_the_merge_of_the_values_says(base, ours, theirs) -> None:
    texts = [blob(written(value)) for value in (base, ours, theirs)]
    found = merged_yaml(*texts, marker_size=7, textual=None)
    expected = merge(base, ours, theirs)
    if found is not None and not expected.conflicts:
        assert load(blob(found.text)).value == expected.value
    if found is not None and expected.conflicts:
        assert load(blob(chosen(found.text, 0, 7))).value is not None


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS, DOCUMENTS)
def test_one_side_alone_is_the_merge(base, other) -> None:
    assert merge(base, other, base).value == other
    assert merge(base, base, other).conflicts == []
    same = written(other)
    assert by_key(written(base), same, written(base)) == Merged(same, ())
