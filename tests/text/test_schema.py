"""JSON Schema through its one door: drafts, formats, references that stay inside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from promptctl.model.errors import InputError, Problem
from promptctl.model.source import Blob
from promptctl.text.schema import check_schema, violations
from promptctl.text.schema_files import bundle, load_schema

DRAFTS = {
    "draft7": "http://json-schema.org/draft-07/schema#",
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
}
# Where promptctl deliberately differs from the suite's required tests, by file and group.
ASSERTED = "only an annotation by default"  # `format` is asserted here
UNICODE_CLASSES = "p{Letter}"  # Python's re has no \p{...}; such a pattern is refused as no regular expression


def test_agrees_with_the_public_suite(shared_data: Path) -> None:
    checked = 0
    disagreements: list[tuple[str, str]] = []
    for line in (shared_data / "jsonschema_suite" / "tests.jsonl").read_text(encoding="utf-8").splitlines():
        group = json.loads(line)
        schema = group["schema"]
        if isinstance(schema, dict):
            schema = {"$schema": DRAFTS[group["draft"]], **schema}
        for name, value, valid in group["tests"]:
            checked += 1
            if is_valid(schema, value) is not valid:
                disagreements.append((group["file"], f"{name} {json.dumps(schema)}"))
    assert checked == 2140
    formats = [one for one in disagreements if one[0] == "format.json" and ASSERTED in one[1]]
    classes = [one for one in disagreements if UNICODE_CLASSES in one[1]]
    assert (len(formats), len(classes)) == (17, 5)
    assert len(disagreements) == 22


def is_valid(schema: object, value: object) -> bool | str:
    try:
        return not violations(schema, value)
    except InputError as error:
        return str(error)


def test_violations_carry_path_and_sentence_in_order() -> None:
    schema = {
        "type": "object",
        "properties": {"b": {"type": "array", "items": {"type": "integer"}}, "a": {"minLength": 2}},
        "required": ["c"],
    }
    assert violations(schema, {"b": [1, "x"], "a": "y"}) == (
        ((), "'c' is a required property"),
        (("a",), "'y' is too short"),
        (("b", 1), "'x' is not of type 'integer'"),
    )
    assert violations(schema, {"b": [], "c": 1}) == ()


def test_long_messages_are_cut_and_alternatives_explained() -> None:
    ((_, message),) = violations({"type": "integer"}, "x" * 5000)
    assert len(message) < 400
    ((_, message),) = violations({"anyOf": [{"type": "integer"}, {"type": "object"}]}, "x")
    assert "closest: 'x' is not of type" in message
    assert len(violations({"items": {"type": "integer"}}, ["x"] * 1000)) == 100


def refused(schema: object) -> Problem:
    with pytest.raises(InputError) as caught:
        check_schema(schema)
    return caught.value.problems[0]


def test_wrong_schemas_are_refused() -> None:
    assert "at properties/a/type: 'strng'" in refused({"properties": {"a": {"type": "strng"}}}).message
    assert "not a 'regex'" in refused({"pattern": "("}).message
    assert "is a mapping, not" in refused(["x"]).message
    assert "not a JSON Schema draft" in refused({"$schema": "https://example.com/draft"}).message
    assert "made of JSON" in refused({"const": {1, 2}}).message
    for fine in (True, False, {}, {"$schema": DRAFTS["draft7"], "definitions": {}}):
        check_schema(fine)


def test_references_never_leave() -> None:
    remote = refused({"properties": {"a": {"$ref": "https://example.com/schema.json"}}})
    assert "remote reference" in remote.message
    assert "repository" in (remote.hint or "")
    assert "leads nowhere" in refused({"$ref": "#/$defs/nope"}).message
    assert "leads nowhere" in refused({"$ref": "other.json"}).message
    check_schema({"$ref": DRAFTS["draft2020-12"]})
    check_schema({"properties": {"$ref": {"type": "string"}}})
    with pytest.raises(InputError, match="without end"):
        violations({"$ref": "#"}, 1)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date", ["2024-02-29"], ["2023-02-29", "2024-2-1", "20240201"]),
        ("time", ["12:00:00Z", "23:59:60Z", "08:30:06.28+02:00", "00:59:60+01:00"], ["12:00:00", "24:00:00Z", "12:00:60Z", "12:00:00+24:00"]),
        ("date-time", ["1963-06-19T08:30:06.283185Z", "1990-12-31t23:59:60z"], ["1990-02-31T15:59:59Z", "2024-01-01", "2024-01-01 12:00:00Z"]),
        ("duration", ["P4DT12H30M5S", "P4Y", "PT0S", "P2W", "P1Y2M"], ["P", "PT", "P1", "4D", "P2D1Y", "P1YT", "P1D2H", "P1Y2W"]),
        ("email", ["joe.bloggs@example.com", "te~st@example.com", '"joe bloggs"@example.com', "joe@[127.0.0.1]"], ["2962", ".a@b.c", "a..b@c.d", "a@b@c", "é@b.c"]),
        ("idn-email", ["실례@실례.테스트"], ["2962"]),
        ("hostname", ["www.example.com", "xn--4gbwdl.xn--wgbh1c", "a"], ["-a.b", "a-.b", "a_b", "", "a" * 64, "a..b"]),
        ("idn-hostname", ["실례.테스트"], ["", "a" * 64]),
        ("ipv4", ["192.168.0.1"], ["256.1.1.1", "1.1.1", "01.1.1.1", "১.1.1.1"]),
        ("ipv6", ["::1", "::ffff:192.168.0.1"], ["12345::", "fe80::1%eth0", "1:2:3:4:5:6:7"]),
        ("uuid", ["2eb8aa08-aa98-11ea-b4aa-73b441d16380"], ["2eb8aa08aa9811eab4aa73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d1638"]),
        ("uri", ["http://foo.bar/?baz=qux#quux", "urn:oasis:names", "http://[::1]:80/x", "mailto:a@b.c"], ["//foo.bar", "/abc", "a b:c", "http:// x", "bar,\\x", "http://a/<b>", "http://a/%zz"]),
        ("uri-reference", ["/abc", "#frag", "http://a.b/c", ""], ["\\\\WINDOWS\\x", "#frag\\x", "a b"]),
        ("iri", ["http://ƒøø.ßår/?∂éœ=πîx#πîüx"], ["/abc"]),
        ("iri-reference", ["/âππ"], ["\\\\x"]),
        ("uri-template", ["http://a/{term:1}/{x}", "plain"], ["http://a/{term:1}/{", "a b"]),
        ("json-pointer", ["/foo/bar~0/baz~1/%a", "", "/"], ["/foo/bar~", "foo", "/~2"]),
        ("relative-json-pointer", ["1", "0/foo/bar", "2#"], ["/foo", "-1/x", "01/a", "0##"]),
        ("regex", ["^a+$"], ["^(abc]"]),
    ],
)  # fmt: skip
def test_every_format_is_asserted(name: str, good: list[str], bad: list[str]) -> None:
    assert [text for text in good if violations({"format": name}, text)] == []
    assert [text for text in bad if not violations({"format": name}, text)] == []
    assert violations({"format": name}, 12) == ()


FILES = {
    "schemas/answer.json": '{"type": "object", "properties": {"who": {"$ref": "parts/person.yaml#/$defs/name"}, "self": {"$ref": "#"}}}',
    "schemas/parts/person.yaml": "$defs: {name: {type: string, minLength: 1}}\nproperties: {up: {$ref: ../answer.json}, own: {$ref: '#/$defs/name'}}\n",
    "schemas/far.json": '{"$ref": "https://example.com/x.json"}',
    "schemas/broken.json": '{"type": "objct"}',
}  # fmt: skip


def read(path: str) -> Blob:
    if path not in FILES:
        raise InputError(Problem("no such file", path))
    return Blob(path, FILES[path].encode())


def test_schema_files_are_brought_together() -> None:
    schema = load_schema("schemas/answer.json", read)
    assert violations(schema, {"who": "x", "self": {"who": "y"}}) == ()
    assert [path for path, _ in violations(schema, {"who": "", "self": {"who": 3}})] == [("self", "who"), ("who",)]
    inline = bundle({"$ref": "schemas/parts/person.yaml"}, path="", read=read)
    assert [path for path, _ in violations(inline, {"up": {"who": 1}, "own": 2})] == [("own",), ("up", "who")]


def test_schema_files_that_are_wrong_are_named() -> None:
    for path, said in (
        ("schemas/far.json", "remote"),
        ("schemas/broken.json", "objct"),
        ("schemas/none.json", "no such"),
    ):
        with pytest.raises(InputError, match=said) as caught:
            load_schema(path, read)
        assert caught.value.problems[0].path == path
