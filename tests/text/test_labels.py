"""A judge's labels: where they stand, how they are read and written, and what two branches' labels merge to."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.text.reading import MemoryTree, problems_of, told

from promptctl.model.label import Drawn, Judged, Label, Material
from promptctl.model.source import Blob
from promptctl.text.labels import encode_labels, item_of, latest, parse_labels, whole_material
from promptctl.text.paths import is_labels, labels_path
from promptctl.text.project import load_project

PROMPT = "model: m\nuser_prompt: hi\n"
AT = "2026-11-30T12:00:00.000+00:00"


def label(output: str = "Hi.", said: str = "pass", who: str = "ann", at: str = AT, **more) -> Label:
    material = more.pop("material", None) or Material(rubric="Is polite.", output=output, input={"q": "Hello"})
    return Label(item_of(material), "bot", "greet", 0, material, said, who, at, **more)


def parse(data: bytes) -> tuple[Label, ...]:
    return parse_labels(Blob("judges/g.labels.jsonl", data))


def test_labels_stand_beside_their_judge_and_are_nothing_else() -> None:
    assert labels_path("judges/grader.yaml") == "judges/grader.labels.jsonl"
    assert labels_path("judges/deep/tone.yml") == "judges/deep/tone.labels.jsonl"
    assert labels_path("grader/v1.2.0.yaml") == "grader/v1.2.0.labels.jsonl"
    assert is_labels("judges/Grader.LABELS.jsonl")
    assert not is_labels("golden/labels.jsonl")
    files = {
        "promptctl.yaml": "prompts: ['all/b*']\ngolden: [all]\njudges: ['all/j*']\n",
        "all/bot.yaml": PROMPT, "all/judge.yaml": PROMPT, "all/judge.labels.jsonl": "not JSON", "all/set.jsonl": '{"id": "x"}',
    }  # fmt: skip
    project = load_project(MemoryTree(files))
    assert project.problems == ()
    assert list(project.judges) == ["judge"]
    assert "all/judge.labels.jsonl" not in project.golden


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
materials = st.builds(
    Material,
    rubric=st.none() | texts,
    output=texts,
    input=st.dictionaries(texts, json_values, max_size=3),
    expected_output=json_values,
    context=st.lists(json_values, max_size=2).map(tuple),
    assertion=st.sampled_from(["judge", "g-eval"]),
    options=st.dictionaries(texts, json_values, max_size=2),
    own_rubric=st.booleans(),
    threshold=st.none() | st.floats(0, 10),
)
verdicts = st.builds(
    Judged,
    digest=st.text("0123456789abcdef", min_size=1),
    outcome=st.sampled_from(["pass", "fail", "error"]),
    score=st.none() | st.integers(0, 5) | texts,
    threshold=st.none() | st.floats(0, 5),
)
strata = st.builds(
    Drawn,
    judge=st.none() | st.text("0123456789abcdef", min_size=1),
    outcome=st.sampled_from(["pass", "fail", "error", "none"]),
    of=st.integers(1, 5000),
    pool=st.integers(0, 5000),
)
moments = st.datetimes().map(lambda at: at.isoformat() + "+00:00")


@st.composite
def many_labels(draw) -> list[Label]:
    out = []
    for material in draw(st.lists(materials, max_size=4)):
        for who in draw(st.lists(texts.filter(bool), max_size=2)):
            said = draw(st.sampled_from(["pass", "fail"]))
            note, judge, at = draw(st.none() | texts), draw(st.none() | verdicts), draw(moments)
            stratum = draw(st.none() | strata)
            out.append(Label(item_of(material), "p", "c", 0, material, said, who, at, note, judge, stratum))
    return out


@settings(max_examples=40)
@given(many_labels(), st.randoms(use_true_random=False))
def test_what_is_written_is_read_again_whatever_the_order(labels, random) -> None:
    data = encode_labels(labels)
    assert parse(data) == latest(labels)
    lines = data.splitlines(keepends=True) * 2  # union merge keeps lines of both sides, in any order
    random.shuffle(lines)
    assert encode_labels(parse(b"".join(lines))) == data


def test_a_line_says_all_that_a_judge_needs_to_be_asked_again() -> None:
    judge = Judged("d1", "pass", score=4, threshold=3)
    (line,) = encode_labels([label(note="fine", judge=judge)]).splitlines()
    assert json.loads(line) == {
        "item": label().item, "prompt": "bot", "case": "greet", "sample": 0, "rubric": "Is polite.",
        "values": {"input": {"q": "Hello"}, "output": "Hi.", "expected_output": None, "context": []},
        "label": "pass", "labeller": "ann", "at": AT, "note": "fine",
        "judge": {"digest": "d1", "outcome": "pass", "score": 4, "threshold": 3},
    }  # fmt: skip


def test_a_line_says_how_it_was_drawn_and_one_without_is_a_plain_sample() -> None:
    (line,) = encode_labels([label(drawn=Drawn("d1", "pass", 1800, 2000))]).splitlines()
    row = json.loads(line)
    assert row["drawn"] == {"judge": "d1", "outcome": "pass", "of": 1800, "pool": 2000}
    for drawn in (None, {"judge": "d1", "outcome": "pass", "of": 1800}):
        (read,) = parse(json.dumps({**row, "drawn": drawn}).encode())
        assert read.drawn == (None if drawn is None else Drawn("d1", "pass", 1800, 1800))
    for drawn, message in (
        ({"judge": "d1", "outcome": "pass"}, "drawn has no 'of'"),
        ({"judge": "d1", "outcome": "A", "of": 3}, "outcome"),
        ({"judge": "d1", "outcome": "pass", "of": 0}, "of must be a whole number of at least 1"),
        ({"judge": "d1", "outcome": "pass", "of": 3, "size": 3}, "size"),
    ):
        problems = problems_of(lambda drawn=drawn: parse(json.dumps({**row, "drawn": drawn}).encode()))
        assert any(message in one.message for one in problems), problems


def test_the_item_is_what_was_judged_not_where_it_came_from() -> None:
    material = label().material
    same = replace(material, threshold=0.9, own_rubric=True)
    assert item_of(same) == item_of(material)
    for other in (
        replace(material, rubric="Is short."), replace(material, output="Ho."), replace(material, input={"q": "Bye"}),
        replace(material, context=("p",)), replace(material, expected_output="x"), replace(material, options={"value": "x"}),
    ):  # fmt: skip
        assert item_of(other) != item_of(material)


def test_of_two_labels_of_one_person_the_later_counts() -> None:
    early, late = label(said="pass"), label(said="fail", at="2026-11-30T14:00:00+01:00")
    assert parse(encode_labels([late]) + encode_labels([early])) == (late,)
    ann, bob = label(), label(who="bob", said="fail")
    assert parse(encode_labels([bob, ann])) == (ann, bob)
    judged = label(judge=Judged("d", "pass"))
    assert latest([judged, label()]) == latest([label(), judged]) == (judged,)


def test_half_characters_are_replaced_before_an_item_has_its_name() -> None:
    material = whole_material(Material(rubric=None, output="a\ud800b", input={"q\udc00": ["\ud83d"]}))
    assert (material.output, material.input) == ("a\ufffdb", {"q\ufffd": ["\ufffd"]})
    assert parse(encode_labels([label(material=material)]))[0].material == material


def changed(**keys) -> bytes:
    row = json.loads(encode_labels([label()]))
    return (json.dumps({key: value for key, value in {**row, **keys}.items() if value is not ...}) + "\n").encode()


@pytest.mark.parametrize(
    ("keys", "message", "hint"),
    [
        ({"lable": "pass"}, "unknown key 'lable' in the label", "did you mean 'label'?"),
        ({"label": "good"}, "label must be one of pass, fail, A, B, tie, not the text 'good'", ""),
        ({"label": ...}, "the label has no 'label'", ""),
        ({"labeller": ""}, "the label has no 'labeller'", ""),
        ({"at": "yesterday"}, "at must be a moment with its offset from UTC, not 'yesterday'", "2026-11-30T14:05"),
        ({"at": "2026-11-30T12:00:00"}, "at must be a moment with its offset", "2026-11-30T14:05"),
        ({"values": ...}, "the label has no 'values'", ""),
        ({"values": {"input": {}}}, "values has no 'output'", ""),
        ({"rubric": "Is rude."}, "the item is not the digest of what was judged: the line was edited", "back from git"),
        ({"judge": {"outcome": "A", "digest": "d"}}, "outcome must be one of pass, fail, error, not the text 'A'", ""),
        ({"judge": {"outcome": "pass"}}, "judge has no 'digest'", ""),
        ({"judge": {"outcome": "pass", "digest": "d", "reason": "x"}}, "unknown key 'reason' in judge", ""),
        ({"sample": -1}, "sample must be a whole number of at least 0, not -1", ""),
    ],
)
def test_a_line_that_is_wrong_is_named_with_its_place(keys, message, hint) -> None:
    found = told(problems_of(lambda: parse(b"\n" + changed(**keys))))
    assert [line for line, _, _ in found] == [2] * len(found)
    assert any(message in said and hint in why for _, said, why in found), found


def test_every_wrong_line_is_told_and_merge_markers_are_explained() -> None:
    found = problems_of(lambda: parse(b"[]\n" + changed(label="no") + b"{\n"))
    assert [one.line for one in found] == [3]  # not JSON: nothing else can be said yet
    assert len(problems_of(lambda: parse(b"[]\n" + changed(label="no")))) == 2
    (empty,) = problems_of(lambda: parse(changed() + b"{}\n"))
    assert (empty.line, empty.message) == (2, "the label is empty")
    conflict = (
        b"<<<<<<< HEAD\n" + encode_labels([label()]) + b"=======\n" + encode_labels([label(who="b")]) + b">>>>>>> x\n"
    )
    found = problems_of(lambda: parse(conflict))
    assert [(one.line, one.message) for one in found] == [
        (at, "an unfinished merge left its marker here") for at in (1, 3, 5)
    ]
    assert "merge=union" in (found[0].hint or "")


def test_one_file_is_of_one_kind() -> None:
    (found,) = problems_of(lambda: parse(encode_labels([label()]) + encode_labels([label("Ho.", said="tie")])))
    assert found.message == "labels of two kinds in one file"


def test_an_empty_file_has_no_labels() -> None:
    assert parse(b"") == ()


def test_two_branches_merge_by_union_without_losing_a_label(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    path = tmp_path / "g.labels.jsonl"
    base = [label("one"), label("two")]
    ours = [*base, label("three"), label("one", said="fail", at="2026-12-01T00:00:00+00:00")]
    theirs = [*base, label("four"), label("one", who="bob")]
    git("init", "-q", "-b", "main")
    (tmp_path / ".gitattributes").write_text("*.labels.jsonl merge=union\n")
    for branch, labels in (("main", base), ("ours", ours), ("theirs", theirs)):
        if branch != "main":
            git("checkout", "-q", "-b", branch, "main")
        path.write_bytes(encode_labels(labels))
        git("add", ".")
        git("commit", "-qm", branch)
    git("merge", "-q", "ours")
    assert parse(path.read_bytes()) == latest([*ours, *theirs])
