"""Golden sets in three formats: cases, defaults, the one form of assertions, and what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.text.reading import problems_of, told

from promptctl.model.golden import AssertionSpec, GoldenSet
from promptctl.model.prompt import Message
from promptctl.model.source import Blob, Span
from promptctl.text.golden import parse_golden


def parse(text: str, path: str = "golden/bot.yaml") -> GoldenSet:
    return parse_golden(Blob(path, text.encode()))


def specs(text: str) -> tuple[AssertionSpec, ...]:
    return (
        parse("cases:\n  - id: a\n    assertions:\n" + "".join(f"      - {line}\n" for line in text.split("\n")))
        .cases[0]
        .assertions
    )


def spec(text: str) -> AssertionSpec:
    (one,) = specs(text)
    return one


WHOLE = """
prompt: bot
defaults: {assertions: [{not-contains: as an AI}], tags: [base], samples: 5, pass_if: majority, metadata: {a: 1, b: 1},
           rubric: be kind, threshold: 0.5}
cases:
  - id: one
    input: {question: q}
    history: [{role: user, content: h}, {role: assistant, content: "{{ i }}"}]
    expected_output: {any: [json]}
    tags: [factual, base]
    cluster: account
    assertions: [contains: x]
    rubric: be exact
    schema: {type: object}
    context: [passage]
    samples: 3
    pass_if: 2
    threshold: 0.9
    metadata: {b: 2}
  - id: two
    input: plain
    context: single
    expected_output: no
"""


def test_every_key_is_read_and_defaults_are_merged() -> None:
    golden = parse(WHOLE)
    one, two = golden.cases
    assert golden.prompt == "bot"
    assert (one.input, one.plain_input, two.input, two.plain_input) == ({"question": "q"}, None, {}, "plain")
    assert one.history == (Message("user", "h"), Message("assistant", "{{ i }}"))
    assert (one.expected_output, two.expected_output) == ({"any": ["json"]}, "no")
    assert (one.tags, two.tags) == (("base", "factual"), ("base",))
    assert [a.spelling for a in one.assertions] == ["not-contains", "contains", "judge", "json-schema"]
    assert [a.value for a in one.assertions] == ["as an AI", "x", "be exact", {"type": "object"}]
    assert [a.value for a in two.assertions] == ["as an AI", "be kind"]
    assert (one.samples, one.pass_if, one.threshold, one.metadata) == (3, 2, 0.9, {"a": 1, "b": 2})
    assert (two.samples, two.pass_if, two.threshold, two.metadata) == (5, "majority", 0.5, {"a": 1, "b": 1})
    assert (one.context, two.context, one.cluster) == (("passage",), ("single",), "account")
    assert one.span == Span(6, 5, 20, 3)
    assert golden.source.where(("cases", 1, "input")) == Span(21, 12, 21, 17)


def test_the_spellings_of_an_assertion() -> None:
    assert (spec("contains: x").type, spec("contains: x").value, spec("contains: x").has_value) == (
        "contains",
        "x",
        True,
    )
    assert (spec("is-json").type, spec("is-json").has_value) == ("is-json", False)
    assert spec("{is-json: }").has_value is False
    assert spec("{equals: null}").has_value is True
    negated = spec("not-regex: {value: a, flags: i}")
    assert (negated.type, negated.negated, negated.spelling) == ("regex", True, "not-regex")
    assert (negated.value, negated.options) == ("a", {"flags": "i"})
    options = spec("levenshtein: {value: a, threshold: 10}")
    assert (options.value, options.threshold, options.options) == ("a", 10, {})
    bounds = spec("word-count: {min: 1, max: 5}")
    assert (bounds.has_value, bounds.options) == (False, {"min": 1, "max": 5})
    shared = spec("{contains: x, weight: 2, threshold: 0.5, name: n, required: true}")
    assert (shared.weight, shared.threshold, shared.name, shared.required, shared.value) == (2, 0.5, "n", True, "x")


@pytest.mark.parametrize("name", ["equals", "is-json", "contains-json", "json-schema", "tool-call", "not-equals"])
def test_a_mapping_is_the_value_itself_of_some(name: str) -> None:
    one = spec(f"{name}: {{type: object, threshold: 1, name: x}}")
    assert (one.value, one.options, one.threshold, one.name) == (
        {"type": "object", "threshold": 1, "name": "x"},
        {},
        None,
        None,
    )


def test_the_long_spelling_means_the_same() -> None:
    pairs = [
        ("contains: x", "{type: contains, value: x}"),
        ("is-json", "{type: is-json}"),
        ("not-levenshtein: {value: a, threshold: 10}", "{type: not-levenshtein, value: a, threshold: 10}"),
        ("{regex: {value: a, flags: i}, weight: 2}", "{type: regex, value: a, flags: i, weight: 2}"),
        ("any: [contains: a, is-json]", "{type: any, value: [{type: contains, value: a}, {type: is-json}]}"),
        (
            "weighted: {assertions: [is-json], threshold: 0.7}",
            "{type: weighted, assertions: [is-json], threshold: 0.7}",
        ),
    ]
    for short, long in pairs:
        assert spec(short) == spec(long), short


def test_groups_hold_their_members() -> None:
    group = spec(
        "not-weighted: {assertions: [{contains: a, weight: 3}, any: [is-json, not-contains: b]], threshold: 0.7}"
    )
    assert (group.type, group.negated, group.threshold, group.has_value) == ("weighted", True, 0.7, False)
    assert [(child.type, child.weight) for child in group.children] == [("contains", 3), ("any", 1)]
    assert [child.spelling for child in group.children[1].children] == ["is-json", "not-contains"]
    assert group.children[0].span is not None


def test_an_assertions_digest_is_that_of_its_meaning() -> None:
    assert spec("contains: x").digest == spec("{type: contains, value: x, name: label}").digest
    texts = ["contains: x", "contains: y", "not-contains: x", "{contains: x, weight: 2}", "{contains: x, required: true}",
             "{contains: x, threshold: 1}", "icontains: x", "any: [contains: x]", "any: [contains: y]", "contains",
             "equals: null", "equals: 1", "equals: '1'"]  # fmt: skip
    assert len({spec(text).digest for text in texts}) == len(texts)


@pytest.mark.parametrize(
    ("text", "line", "said", "hint"),
    [
        ("", None, "no cases", "add a case"),
        ("prompt: x\ncases: []", 2, "no cases: nothing could be measured", ""),
        ("prompt: x", 1, "no cases", ""),
        ("- a", 1, "must be a mapping", ""),
        ("tests: []", 1, "unknown key 'tests'", "'cases'"),
        ("cases: {a: 1}", 1, "must be a list", ""),
        ("cases: [a]", 1, "a case is a mapping", ""),
        ("cases:\n  - {}", 2, "empty", "id"),
        ("cases:\n  - input: x", 2, "no id", "unique"),
        ("cases:\n  - id: 12", 2, "must be text, not the number 12", 'id: "12"'),
        ("cases:\n  - id: ''", 2, "not usable as an id", ""),
        ('cases:\n  - id: "a\\nb"', 2, "not usable as an id", ""),
        ("cases:\n  - id: a\n  - id: b\n  - id: a", 4, "duplicate case id 'a'; the first is in line 2", "unique"),
        ("cases:\n  - {id: a, asserts: []}", 2, "unknown key 'asserts'", "'assertions'"),
        ("cases:\n  - {id: a, expectedoutput: x}", 2, "unknown key", "'expected_output'"),
        ("cases:\n  - {id: a, input: 3}", 2, "input must be a mapping or text", ""),
        ("cases:\n  - {id: a, tags: x}", 2, "list of texts", "tags: [x]"),
        ("cases:\n  - {id: a, tags: [2024]}", 2, "must be text", "quote it"),
        ("cases:\n  - {id: a, samples: 0}", 2, "at least 1", ""),
        ("cases:\n  - {id: a, pass_if: most}", 2, "no rule for passing", "majority"),
        ("cases:\n  - {id: a, pass_if: 0}", 2, "no rule for passing", ""),
        ("cases:\n  - {id: a, pass_if: 4, samples: 3}", 2, "asks for 4 of 3", ""),
        ("cases:\n  - {id: a, threshold: 2}", 2, "between 0 and 1", ""),
        ("cases:\n  - {id: a, history: [{role: system, content: x}]}", 2, "one of user, assistant, tool", ""),
        ("cases:\n  - {id: a, rubric: 3}", 2, "rubric must be text", ""),
        ("cases:\n  - {id: a, schema: 3}", 2, "schema must be", ""),
        ("cases:\n  - {id: a, assertions: {contains: x}}", 2, "must be a list", ""),
        ("cases:\n  - {id: a, assertions: [3]}", 2, "is a mapping, not the number 3", ""),
        ("cases:\n  - {id: a, assertions: [{weight: 2}]}", 2, "needs a name", ""),
        ("cases:\n  - {id: a, assertions: [{contains: x, max: 3}]}", 2, "two names", "options go inside"),
        ("cases:\n  - {id: a, assertions: [{contains: {value: x, weight: 2}}]}", 2, "stands beside", "weight: 2"),
        ("cases:\n  - {id: a, assertions: [{contains: {value: x, threshold: 1}, threshold: 2}]}", 2, "two thresholds", ""),
        ("cases:\n  - {id: a, assertions: [{contains: x, weight: -1}]}", 2, "at least 0", ""),
        ("cases:\n  - {id: a, assertions: [{contains: x, required: 1}]}", 2, "true or false", ""),
        ("cases:\n  - {id: a, assertions: [{any: []}]}", 2, "no assertions in it", ""),
        ("cases:\n  - {id: a, assertions: [{weighted: {assertions: [is-json], treshold: 1}}]}", 2, "unknown key 'treshold'", ""),
        ("defaults: {id: a}\ncases: [{id: b}]", 1, "unknown key 'id'", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, line: int | None, said: str, hint: str) -> None:
    problem = problems_of(lambda: parse(text))[0]
    assert (problem.path, problem.line) == ("golden/bot.yaml", line)
    assert said in problem.message
    assert hint in (problem.hint or "")


def test_all_problems_come_at_once() -> None:
    text = "cases:\n  - {id: a, samples: 0}\n  - {id: a}\n  - {ids: b}\n"
    assert [line for line, _, _ in told(problems_of(lambda: parse(text)))] == [2, 3, 4, 4]


def test_jsonl_lines_are_cases() -> None:
    text = '{"id": "a", "input": {"q": "x\u2028y"}, "assertions": [{"contains": "x"}]}\r\n\n{"id": "b", "input": "p"}\n'
    golden = parse(text, "golden/bot.jsonl")
    assert [case.id for case in golden.cases] == ["a", "b"]
    assert golden.cases[0].input == {"q": "x\u2028y"}
    assert golden.cases[1].span == Span(3, 1)
    assert golden.source.where(("cases", 1, "input")) == Span(3, 1)
    assert golden.source.where(("cases", 2)) is None


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ('{"id": "a"}\n{"id": }\n', 2, 8, "not valid JSON"),
        ('{"id": "a", "id": "b"}', 1, 1, "duplicate key 'id'"),
        ('{"id": "a", "threshold": NaN}', 1, 1, "NaN"),
        ('{"id": "a", "threshold": 1e999}', 1, 1, "too large"),
        ('{"id": "a", "input": "\\ud800"}', 1, 1, "lone surrogate"),
        ('{"id": "a", "input": ' + "[" * 100_000, 1, 1, "too deep"),
        ('{"id": "a"}\n{"id": "a"}', 2, 1, "duplicate case id 'a'; the first is in line 1"),
        ('{"id": "a"}\n{"id": "b", "samples": 0}', 2, 1, "at least 1"),
        ('{"id": "a"}\n["b"]', 2, 1, "a case is a mapping"),
        ("\n\n", None, None, "no cases"),
    ],
)  # fmt: skip
def test_jsonl_problems_carry_their_line(text: str, line: int | None, column: int | None, said: str) -> None:
    problem = problems_of(lambda: parse(text, "g.jsonl"))[0]
    assert (problem.line, problem.column) == (line, column)
    assert said in problem.message


def test_a_jsonl_line_of_ten_megabytes_is_read() -> None:
    golden = parse(json.dumps({"id": "a", "input": "x" * 10_000_000}), "g.jsonl")
    assert len(golden.cases[0].plain_input or "") == 10_000_000


CSV = """id,input.q,input.lang,expected_output,tags,assertions
a,"two
lines, one cell",de,yes,factual; critical,"[{""contains"": ""x""}]"
b,q,,,,
"""


def test_csv_rows_are_cases() -> None:
    golden = parse(CSV, "g.csv")
    one, two = golden.cases
    assert one.input == {"q": "two\nlines, one cell", "lang": "de"}
    assert (one.expected_output, one.tags, one.assertions[0].value) == ("yes", ("factual", "critical"), "x")
    assert (two.input, two.expected_output, two.tags, two.assertions) == ({"q": "q"}, None, (), ())
    assert (one.span, two.span) == (Span(2, 1), Span(4, 1))
    assert parse("id,input\r\na,hello\r\n", "g.csv").cases[0].plain_input == "hello"
    assert parse("\ufeffid,input\na,b\n", "g.csv").cases[0].id == "a"


@pytest.mark.parametrize(
    ("text", "line", "said", "hint"),
    [
        ("", 1, "empty", "columns"),
        ("id,inputs.q\na,b", 1, "unknown column 'inputs.q'", "input"),
        ("id,expected\na,b", 1, "unknown column", "'expected_output'"),
        ("id,id\na,b", 1, "occurs twice", ""),
        ("input\na", 1, "no column 'id'", ""),
        ("id,input,input.q\na,b,c", 1, "both", ""),
        ("id,input", None, "no cases", ""),
        ("id,input\na,b,c", 2, "3 cells", "quote"),
        ("id,input\na,b\nc", 3, "1 cells", ""),
        ('id,input\na,"b', 2, "not valid CSV", "quotes"),
        ('id,input\na,"b" c', 2, "not valid CSV", ""),
        ("id,assertions\na,nope", 2, "not valid JSON", "contains"),
        ("id,assertions\na,{}", 2, "must be a list", ""),
        ("id,input\n,b", 2, "no id", ""),
        ("id,input\na,b\na,b", 3, "duplicate case id", ""),
        ("id,input\na," + "x" * 200_000, 2, "field limit", "JSONL"),
    ],
)  # fmt: skip
def test_csv_problems_carry_their_line(text: str, line: int | None, said: str, hint: str) -> None:
    problem = problems_of(lambda: parse(text, "g.csv"))[0]
    assert problem.line == line
    assert said in problem.message
    assert hint in (problem.hint or "")


def test_a_format_that_is_none_and_files_that_cannot_be_read() -> None:
    assert "YAML, JSONL or CSV" in problems_of(lambda: parse("x", "g.txt"))[0].message
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    for path in ("g.yaml", "g.jsonl", "g.csv"):
        assert problems_of(lambda path=path: parse_golden(Blob(path, pointer)))[0].hint == "git lfs pull"
        assert "not UTF-8" in problems_of(lambda path=path: parse_golden(Blob(path, b"id\n\xff")))[0].message


def test_the_three_formats_say_the_same() -> None:
    yaml = parse("cases:\n  - {id: a, input: {q: x}, expected_output: y, tags: [t], assertions: [contains: z]}\n")
    jsonl = parse(
        '{"id": "a", "input": {"q": "x"}, "expected_output": "y", "tags": ["t"], "assertions": [{"contains": "z"}]}',
        "g.jsonl",
    )
    table = parse('id,input.q,expected_output,tags,assertions\na,x,y,t,"[{""contains"": ""z""}]"\n', "g.csv")
    assert yaml.cases == jsonl.cases == table.cases
    assert yaml.digest == jsonl.digest == table.digest


def test_digests_do_not_depend_on_position_or_comments() -> None:
    one = parse("cases:\n  - {id: a, input: x}\n  - {id: b, input: y}\n")
    other = parse("# c\ncases:\n  - input: 'y'\n    id: b\n  # d\n  - {id: a, input: x}\n")
    assert one.digest == other.digest
    assert {case.id: case.digest for case in one.cases} == {case.id: case.digest for case in other.cases}


@pytest.mark.parametrize(
    "change",
    ["input: y", "expected_output: z", "tags: [t]", "cluster: c", "assertions: [is-json]", "rubric: r", "context: [c]",
     "samples: 2", "pass_if: any", "threshold: 0.5", "metadata: {a: 1}", "history: [{role: user, content: h}]"],
)  # fmt: skip
def test_everything_a_case_says_is_in_its_digest(change: str) -> None:
    base = parse("cases: [{id: a}]")
    changed = parse(f"cases: [{{id: a, {change}}}]")
    assert base.cases[0].digest != changed.cases[0].digest
    assert base.digest != changed.digest
    if change.partition(":")[0] in ("assertions", "rubric", "tags", "samples", "pass_if", "threshold", "metadata"):
        assert parse(f"defaults: {{{change}}}\ncases: [{{id: a}}]").digest == changed.digest


@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=5), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)), min_size=1, max_size=5, unique_by=lambda pair: pair[0]))  # fmt: skip
def test_what_is_written_as_jsonl_is_read_back(cases: list[tuple[str, str]]) -> None:
    text = "\n".join(json.dumps({"id": name, "input": {"q": value}}, ensure_ascii=False) for name, value in cases)
    golden = parse(text, "g.jsonl")
    assert [(case.id, case.input["q"]) for case in golden.cases] == cases
