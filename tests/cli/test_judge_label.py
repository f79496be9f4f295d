"""`promptctl judge label`: a person at a terminal, blind; killed and resumed; a table out and in."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from tests.cli.eval_projects import console_script, environment
from tests.cli.judge_projects import PAIRS, give, judge_project, judged_case, read_labels, run
from tests.cli.terminals import Terminal

from promptctl.evals.label_sample import swapped

KEY = "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB"
BUSY = 60  # seconds a loaded machine may take to show a screen


def walk(project, *arguments, judge="fair", **env):
    command = [console_script(), "judge", "label", judge, "--labeller", "ann", *arguments]
    return Terminal(command, env=environment(**env), cwd=project.root)


@pytest.fixture
def judged(tmp_path: Path):
    """Six judged answers: three the judge passed, three it failed."""
    cases = [judged_case(name, context=["a passage"] if name == "a" else []) for name in "abcdef"]
    project = judge_project(tmp_path, cases=cases, git=True)
    answers = [(name, f"answer {name} judged-{'pass' if name in 'abc' else 'fail'}") for name in "abcdef"]
    assert give(project, *answers).code == 1
    return project


def test_a_person_labels_blind_is_killed_and_goes_on(judged) -> None:
    with walk(judged) as terminal:
        shown = terminal.until(timeout=BUSY)
        assert "1 of 6" in shown
        assert "Is polite." in shown
        assert "question" in shown
        terminal.answer("p")
        terminal.answer("f")
        terminal.ready()
        everything = terminal.all
        terminal.kill(signal.SIGKILL)
        terminal.end()
    assert "SECRET-REASON" not in everything
    first = read_labels(judged)
    assert Counter(one.label for one in first) == {"pass": 1, "fail": 1}
    assert {one.labeller for one in first} == {"ann"}
    assert {one.judge.outcome for one in first} <= {"pass", "fail"}
    with walk(judged) as terminal:
        again = terminal.until(timeout=BUSY)
        assert "3 of 6" in again
        terminal.answer("f")
        terminal.answer("u")  # the third comes back, and its label goes
        assert len(read_labels(judged)) == 2
        terminal.answer("n", "takes it back): ")
        terminal.press("looks odd\n")
        terminal.until()
        terminal.answer("p")
        terminal.answer("s")
        terminal.answer("q", "3 of 6 answers labelled by ann")
        assert terminal.end() == 0
    labels = read_labels(judged)
    assert len(labels) == 3
    assert {one.item for one in first} < {one.item for one in labels}
    assert [(one.label, one.note) for one in labels if one not in first] == [("pass", "looks odd")]
    assert (judged.root / ".gitattributes").read_text() == "judges/*.labels.jsonl merge=union\n"
    assert "commit judges/fair.labels.jsonl" in terminal.all


def test_everything_a_person_needs_is_shown_and_steers_no_terminal(tmp_path: Path) -> None:
    case = judged_case("a", context=["first passage", "second"], expected_output="the reference")
    project = judge_project(tmp_path, cases=[case])
    give(project, ("a", "an \x1b[31manswer\u202e"))
    with walk(project) as terminal:
        shown = terminal.until(timeout=BUSY)
        for text in (
            "Is polite.",
            "question a",
            "[1] first passage",
            "[2] second",
            "the reference",
            "\\x1b[31manswer\\u202e",
        ):
            assert text in shown, text
        terminal.answer("q", "labelled by ann")


def test_of_a_pair_chance_decides_which_answer_comes_first(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(6)]
    cases = [
        {
            "id": name,
            "input": name,
            "assertions": [{"pairwise": {"judge": "better"}}],
            "expected_output": f"theirs {name}",
        }
        for name in names
    ]
    project = judge_project(tmp_path, cases=cases)
    give(project, *((name, f"ours {name} good") for name in names))
    with walk(project, judge="better") as terminal:
        shown = terminal.until(timeout=BUSY)
        for number in range(6):
            ours_first = shown.index("ours") < shown.index("theirs")
            shown = terminal.answer("1" if ours_first else "2", "> " if number < 5 else "labelled by ann")
    labels = read_labels(project, "better")
    assert [one.label for one in labels] == ["A"] * 6  # the person chose ours wherever it stood
    assert {swapped(one.item) for one in labels} == {True, False}
    assert {one.material.assertion for one in labels} == {"pairwise"}
    assert {one.material.rubric for one in labels} == {PAIRS["rubric"]}
    assert {(one.judge.outcome, one.judge.first, one.judge.second) for one in labels} == {("A", "A", "A")}
    assert run(project, "audit", "better", "--format", "json", "--offline").document["tpr"] == 1.0


def test_without_a_terminal_the_table_is_named(judged) -> None:
    done = subprocess.run(
        [console_script(), "judge", "label", "fair", "--labeller", "ann"],
        cwd=judged.root, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "promptctl judge label fair --export labels.csv" in done.stderr


def table(project, name="t.csv"):
    return list(csv.DictReader(io.StringIO((project.root / name).read_bytes().decode("utf-8-sig"), newline="")))


def save(project, rows, *, delimiter=",", name="t.csv", encoding="utf-8"):
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    (project.root / name).write_bytes(out.getvalue().encode(encoding))


def test_a_table_goes_out_blind_and_comes_in_again(judged) -> None:
    done = run(judged, "label", "fair", "--labeller", "ann", "--export", "t.csv")
    assert (done.code, "promptctl judge label fair --import t.csv" in done.out) == (0, True)
    rows = table(judged)
    assert list(rows[0]) == ["item", "rubric", "input", "output", "expected_output", "context", "label", "note"]
    assert len(rows) == 6
    assert "SECRET-REASON" not in str(rows)
    assert run(judged, "label", "fair", "--labeller", "ann", "--export", "t.csv").code == 2  # it may hold labels by now
    for row in rows[:4]:
        row["label"] = " PASS" if "judged-pass" in row["output"] else "fail "
    rows[0]["note"] = "'=SUM(A1)"
    save(judged, rows, delimiter=";", encoding="utf-8-sig")
    done = run(judged, "label", "fair", "--labeller", "ann", "--import", "t.csv")
    assert done.code == 0, done.err
    assert "4 new labels and 0 changed ones" in done.out
    assert "2 rows without one" in done.out
    labels = {one.item: one for one in read_labels(judged)}
    assert labels[rows[0]["item"]].note == "=SUM(A1)"
    assert all(one.label == one.judge.outcome for one in labels.values())
    rows[1]["label"] = "pass" if rows[1]["label"] == "fail " else "fail"
    save(judged, rows)
    done = run(judged, "label", "fair", "--labeller", "ann", "--import", "t.csv")
    assert "0 new labels and 1 changed one " in done.out
    assert "3 labels there already" in done.out
    done = run(judged, "label", "fair", "--labeller", "ann", "--export", "rest.csv")
    assert {row["item"] for row in table(judged, "rest.csv")} == {row["item"] for row in rows[4:]}


def test_a_table_with_mistakes_is_told_row_by_row_and_changes_nothing(judged) -> None:
    run(judged, "label", "fair", "--labeller", "ann", "--export", "t.csv")
    rows = [{**row, "labeller": "ann", "label": "pass"} for row in table(judged)]
    rows[1]["item"] = "0" * 64
    rows[2]["label"] = "Good"
    rows[3]["labeller"] = " "
    rows.append({**rows[0], "label": "fail"})
    save(judged, rows)
    done = run(judged, "label", "fair", "--import", "t.csv")
    assert done.code == 2
    assert [line for line in done.err.splitlines() if "row" in line and "error" in line] == [
        "promptctl: error: t.csv: row 3: unknown item '0000000000000000'",
        "promptctl: error: t.csv: row 4: 'Good' is no label",
        "promptctl: error: t.csv: row 5: nobody is named as its labeller",
        "promptctl: error: t.csv: row 8: the same item by the same labeller has another label above",
    ]
    assert read_labels(judged) == ()
    save(judged, [{**row, "label": ""} for row in rows])
    done = run(judged, "label", "fair", "--labeller", "ann", "--import", "t.csv")
    assert (done.code, "no row has a label" in done.err) == (2, True)


def test_a_column_sorted_alone_is_refused_row_by_row(judged) -> None:
    run(judged, "label", "fair", "--labeller", "ann", "--export", "t.csv")
    rows = [{**row, "label": "pass"} for row in table(judged)]
    for column in ("output", "input"):
        texts = [row[column] for row in rows]
        save(judged, [{**row, column: text} for row, text in zip(rows, texts[1:] + texts[:1], strict=True)])
        done = run(judged, "label", "fair", "--labeller", "ann", "--import", "t.csv")
        assert (done.code, read_labels(judged)) == (2, ())
        for number in range(2, 8):
            assert f"t.csv: row {number}: its {column!r} is not the one that its item was exported with" in done.err
    save(judged, [{"item": row["item"], "label": row["label"]} for row in rows])
    assert run(judged, "label", "fair", "--labeller", "ann", "--import", "t.csv").code == 0


def test_the_table_of_another_judge_is_one_problem(judged) -> None:
    run(judged, "label", "fair", "--labeller", "ann", "--export", "t.csv")
    save(judged, [{**row, "item": row["item"][::-1], "label": "pass"} for row in table(judged)])
    done = run(judged, "label", "fair", "--labeller", "ann", "--import", "t.csv")
    assert done.code == 2
    assert "t.csv: 6 unknown items, in rows 2-7\n" in done.err
    assert done.err.count("error") == 1


def test_two_people_label_the_same_answers_in_one_table(judged) -> None:
    run(judged, "label", "fair", "--labeller", "ann", "--export", "t.csv", "--n", "2")
    rows = [{**row, "labeller": who, "label": "pass"} for row in table(judged) for who in ("bob", "cy")]
    save(judged, rows)
    assert run(judged, "label", "fair", "--import", "t.csv").code == 0
    assert Counter(one.labeller for one in read_labels(judged)) == {"bob": 2, "cy": 2}


def test_the_sample_is_half_and_half_and_the_same_for_everybody(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(20)]
    project = judge_project(tmp_path, cases=[judged_case(name) for name in names])
    give(project, *((name, f"{name} judged-{'fail' if number < 4 else 'pass'}") for number, name in enumerate(names)))
    drawn = {}
    for who in ("ann", "bob"):
        run(project, "label", "fair", "--labeller", who, "--n", "8", "--export", f"{who}.csv")
        drawn[who] = [row["output"] for row in table(project, f"{who}.csv")]
    assert Counter("judged-fail" in output for output in drawn["ann"]) == {True: 4, False: 4}
    assert drawn["ann"] == drawn["bob"]
    assert [output for output in drawn["ann"] if "fail" in output] != drawn["ann"][:4]  # nothing in the order tells
    run(project, "label", "fair", "--labeller", "ann", "--n", "8", "--seed", "other", "--export", "other.csv")
    assert {row["output"] for row in table(project, "other.csv")} != set(drawn["ann"])
    rows = [{**row, "label": "fail" if "fail" in row["output"] else "pass"} for row in table(project, "ann.csv")]
    save(project, rows, name="ann.csv")
    assert run(project, "label", "fair", "--labeller", "ann", "--import", "ann.csv").code == 0
    strata = {(one.judge.outcome, one.drawn.outcome, one.drawn.of, one.drawn.pool) for one in read_labels(project)}
    assert strata == {("pass", "pass", 16, 20), ("fail", "fail", 4, 20)}  # a table keeps how its rows were drawn
    found = run(project, "audit", "fair", "--format", "json", "--offline", "--min-tnr", "0.5").document
    assert (found["tnr"], found["tnr_lower"] < 0.2) == (
        1.0,
        True,
    )  # four passes of sixteen do not show that it misses none
    assert [(one["items"], one["labelled"]) for one in found["strata"]] == [(4, 4), (16, 4)]
    shown = run(project, "audit", "fair", "--offline", "--min-tnr", "0.5")
    assert shown.code == 1
    assert "are of 20 answers, of which 8 are labelled" in shown.out
    assert "People and judge, in the labelled sample" in shown.out
    assert "that it passed and 4 that it failed" in shown.out or "no number of labels of this pool" in shown.out


def test_an_answer_of_a_case_that_is_gone_is_labelled_by_the_commit_it_was_made_at(tmp_path: Path) -> None:
    project = judge_project(tmp_path, cases=[judged_case("old", rubric="Is old."), judged_case("kept")], git=True)

    def git(*arguments: str) -> None:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        subprocess.run(command, cwd=project.root, check=True, capture_output=True, env=environment())

    git("add", "prompts", "golden", "judges", "scripts", "promptctl.yaml")
    git("commit", "-qm", "first")
    give(project, ("old", "old judged-pass"), ("kept", "kept judged-fail"))
    project.write("golden/bot.yaml", json.dumps({"cases": [judged_case("kept", rubric="Is kept.")]}))
    assert run(project, "label", "fair", "--labeller", "ann", "--export", "t.csv").code == 0
    assert {row["output"]: row["rubric"] for row in table(project)} == {
        "old judged-pass": "Is old.", "kept judged-fail": "Is polite.",  # as the judge was asked, not as it would be now
    }  # fmt: skip


def test_an_answer_whose_case_nobody_has_any_more_is_named(tmp_path: Path) -> None:
    cases = [judged_case("old"), judged_case("rubric"), judged_case("question"), judged_case("kept")]
    project = judge_project(tmp_path, cases=cases)
    give(project, *((name, name) for name in ("old", "rubric", "question", "kept")))
    asked_otherwise = {**judged_case("question"), "input": "What else?"}
    project.write(
        "golden/bot.yaml",
        json.dumps({"cases": [judged_case("rubric", rubric="Is new."), asked_otherwise, judged_case("kept")]}),
    )
    done = run(project, "label", "fair", "--labeller", "ann", "--export", "t.csv")
    assert done.code == 0
    assert (
        "3 answers left out: their cases are gone or edited, and nobody knows what was asked: "
        "bot old, bot question, bot rubric" in done.err
    )
    assert [row["output"] for row in table(project)] == [
        "kept"
    ]  # no answer stands under a question it was not given to


def test_an_answer_with_a_key_does_not_get_into_the_repository(tmp_path: Path) -> None:
    project = judge_project(tmp_path, cases=[judged_case("a"), judged_case("b")])
    give(project, ("a", "fine"), ("b", f"it is {KEY}"))
    run(project, "label", "fair", "--labeller", "ann", "--export", "t.csv")
    rows = [{**row, "label": "pass", "note": f"as {KEY}"} for row in table(project)]
    assert sorted(row["output"] for row in rows) == ["fine", "it is [key removed]"]
    save(project, rows)
    assert run(project, "label", "fair", "--labeller", "ann", "--import", "t.csv").code == 0
    assert [one.note for one in read_labels(project)] == ["as [key removed]"] * 2


def test_a_table_is_written_for_nobody_in_particular(judged) -> None:
    assert run(judged, "label", "fair", "--labeller", "", "--export", "t.csv").code == 0
    save(judged, [{**row, "label": "pass", "labeller": "bo\ndee"} for row in table(judged)])
    assert run(judged, "label", "fair", "--labeller", "", "--import", "t.csv").code == 0
    assert {one.labeller for one in read_labels(judged)} == {"bo dee"}


def test_nothing_to_label_says_what_to_do(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    done = run(project, "label", "fair", "--labeller", "ann", "--export", "t.csv")
    assert (done.code, "there is no stored run yet" in done.err) == (4, True)
    give(project, ("one", "fine"))
    done = run(project, "label", "better", "--labeller", "ann", "--export", "t.csv")
    assert (done.code, "no answer judged by better in 1 run" in done.err) == (4, True)
    assert run(project, "label", "fair", "--labeller", "ann", "--export", "t.csv", "--import", "t.csv").code == 2
    assert run(project, "label", "fair", "--labeller", "ann", "--run", "nope", "--export", "t.csv").code == 4
