"""YAML by the core schema of 1.2 on libyaml's syntax, a place for everything, and nothing that can run away."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.model.errors import InputError, Problem
from promptctl.model.source import Blob, Span
from promptctl.text import yaml


def value(text: str) -> object:
    return yaml.load(Blob("f.yaml", text.encode())).value


def problem(data: bytes | str) -> Problem:
    with pytest.raises(InputError) as caught:
        yaml.load(Blob("f.yaml", data.encode() if isinstance(data, str) else data))
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no", "no"), ("on", "on"), ("Yes", "Yes"), ("y", "y"), ("off", "off"), ("2024-01-01", "2024-01-01"),
        ("12:30:45", "12:30:45"), ("1_000", "1_000"), ("012", 12), ("0o14", 12), ("0x1F", 31), ("-7", -7), ("+7", 7),
        ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0), ("-1.5e-3", -0.0015), ("true", True), ("FALSE", False),
        ("null", None), ("~", None), ("", None), ("'12'", "12"), ('"true"', "true"), ("!!str 12", "12"),
        ("!!int '12'", 12), ("!!float 1", 1.0), ("!!bool 'true'", True), ("0b1", "0b1"), ("none", "none"), ("=", "="),
        ("1.2.3", "1.2.3"), ("-", [None]), ("e3", "e3"), ("+", "+"), (".", "."), ("tRUE", "tRUE"),
        ("12345678901234567890", 12345678901234567890),
    ],
)  # fmt: skip
def test_plain_scalars_follow_the_core_schema(text: str, expected: object) -> None:
    assert value(text) == expected
    assert type(value(text)) is type(expected)


def test_mapping_keys_are_text_as_written() -> None:
    assert value("{no: 1, 012: 2, null: 3, 1.50: 4, true: 5, '': 6}") == {
        "no": 1, "012": 2, "null": 3, "1.50": 4, "true": 5, "": 6,
    }  # fmt: skip


def test_line_ends_marks_and_unicode() -> None:
    assert value("a: |\r\n  x\r\n  y\r\nb: é\r\n") == {"a": "x\ny\n", "b": "é"}
    assert yaml.load(Blob("f.yaml", b"\xef\xbb\xbfa: 1")).value == {"a": 1}
    assert value('a: "\\u2028\\x00\\U0001F600"') == {"a": "\u2028\x00\U0001f600"}
    assert value("a: 😀") == {"a": "😀"}
    assert value("# only a comment\n") is None
    assert value("%YAML 1.2\n---\na: 1\n...\n") == {"a": 1}


def test_where_gives_the_span_of_values_and_keys() -> None:
    document = yaml.load(Blob("f.yaml", "é: 1\ncases:\n  - id: a\n    input: {q: 'x'}\n  - id: b\n".encode()))
    assert document.where(("cases", 0, "input", "q")) == Span(4, 16, 4, 19)
    assert document.where_key(("cases", 0, "input", "q")) == Span(4, 13, 4, 14)
    assert document.where(("cases", 1, "id")) == Span(5, 9, 5, 10)
    assert document.where(("é",)) == Span(1, 4, 1, 5)
    assert document.where(()) == Span(1, 1, 6, 1)
    for nothing in (("cases", 2), ("cases", "x"), ("nope",), ("cases", 0, "id", 0), ("cases", -1)):
        assert document.where(nothing) is None
    assert document.where_key(()) is None
    document.release()
    assert document.where(("cases", 1, "id")) == Span(5, 9, 5, 10)


def test_duplicate_keys_are_refused_with_both_lines() -> None:
    with pytest.raises(InputError) as caught:
        value("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n")
    first, second = caught.value.problems
    assert (first.line, first.column) == (4, 3)
    assert "duplicate key 'c'; the first is in line 3" in first.message
    assert (second.line, second.column) == (5, 1)
    assert "duplicate key 'a'; the first is in line 1" in second.message


@pytest.mark.parametrize(
    ("data", "line", "column", "said", "hint"),
    [
        ("a: 1\n<<: {b: 2}", 2, 1, "merge keys", "defaults"),
        ("a: !!binary xx", 1, 4, "!!binary", "tag"),
        ("a: !mine {b: 1}", 1, 4, "!mine", "tag"),
        ("a: !!int x", 1, 4, "not an integer", "quote"),
        ("a: .inf", 1, 4, "finite", "quote"),
        ("a: -.INF", 1, 4, "finite", "quote"),
        ("a: .nan", 1, 4, "finite", "quote"),
        ("a: 1e999", 1, 4, "finite", "quote"),
        ("a: " + "9" * 5000, 1, 4, "digits", "quote"),
        ("a: {{ question }}", 1, 5, "key must be text", "quote it"),
        ("? [a]\n: 1", 1, 3, "key must be text", "quote it"),
        ("a: 1\n---\nb: 2", 2, 1, "another document", "one document"),
        ("a: b: c", 1, 5, "mapping values", "quote"),
        ("\ta: 1", 1, 1, "cannot start", "spaces"),
        ("a: 1\n\tb: 2", 2, 1, "a tab character", "spaces"),
        ("a: *x", 1, 4, "undefined alias", "&"),
        ("a: 'x", 1, 6, "unexpected end", "not closed"),
        ("a: 1\nb: \"x\u2028y\"", 2, 6, "U+2028", '"\\u2028"'),
        ("a: x\x85y", 1, 5, "U+0085", "\\u0085"),
        ("a: x\x00y", 1, 5, "control character U+0000", "\\x00"),
        ("a: x\x07", 1, 5, "control character", "\\x07"),
        ('a: "\\ud83d"', 1, 7, "escape code", "surrogate"),
        ('a: "\\ud83d\\ude00"', 1, 7, "escape code", "\\U0001F600"),
        (b"a: 1\nb: caf\xe9", 2, 7, "0xe9 is not UTF-8", "UTF-8"),
        ("a: 1".encode("utf-16"), 1, 1, "not UTF-8", "UTF-8"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", 1, 1, "git-LFS pointer", "git lfs pull"),
        ("&a [*a]", 1, 1, "stands in", "write"),
    ],
)  # fmt: skip
def test_what_is_refused_says_where_and_what_to_do(
    data: bytes | str, line: int, column: int, said: str, hint: str
) -> None:
    found = problem(data)
    assert (found.path, found.line, found.column) == ("f.yaml", line, column)
    assert said in found.message
    assert hint.lower() in (found.hint or "").lower()


def test_aliases_are_written_out_and_share_nothing() -> None:
    loaded = value("a: &x {k: [1]}\nb: *x\n")
    assert loaded == {"a": {"k": [1]}, "b": {"k": [1]}}
    assert isinstance(loaded, dict)
    assert loaded["a"] is not loaded["b"]


def bomb(levels: int, width: int, leaf: str) -> str:
    lines = [f"a0: &a0 {leaf}"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines)


def test_an_alias_bomb_is_refused_before_it_is_built() -> None:
    assert "aliases make this node" in problem(bomb(9, 10, "[x]")).message
    assert "aliases make this node" in problem(bomb(6, 10, "y" * 100_000)).message
    assert value(bomb(3, 10, "[x]")) is not None


@pytest.mark.parametrize("text", ["[" * 50_000, "- " * 50_000 + "a", "? " * 50_000 + "a", "{a: " * 50_000])
def test_deep_nesting_is_refused_and_does_not_crash(text: str) -> None:
    assert "levels deep" in problem(text).message


def test_depth_up_to_the_limit_is_read() -> None:
    assert value("[" * 99 + "]" * 99) is not None
    assert problem("[" * 101 + "]" * 101).line == 1


def test_a_line_of_ten_megabytes_is_read() -> None:
    loaded = value("a: '" + "x y " * 2_500_000 + "'")
    assert isinstance(loaded, dict)
    assert len(loaded["a"]) == 10_000_000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufeff\ufffe\uffff")),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text("abc é😀", max_size=20), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(json_values)
def test_json_is_yaml(expected: object) -> None:
    assert same(value(json.dumps(expected, ensure_ascii=False)), expected)


def same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=0, abs_tol=0)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@given(st.binary(max_size=60) | st.text("ab:-[]{}&*!|>'\"%@`,? \n#<\t", max_size=40).map(str.encode))
def test_any_bytes_are_a_value_or_an_input_error(data: bytes) -> None:
    try:
        loaded = yaml.load(Blob("f.yaml", data)).value
    except InputError as error:
        loaded = [one.path for one in error.problems]
    assert json.dumps(loaded, allow_nan=False)
