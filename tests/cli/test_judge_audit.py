"""`promptctl judge audit`: published figures end to end, what counts and what is named apart, and every exit code."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.eval_projects import console_script, environment
from tests.cli.judge_projects import (
    JUDGE,
    PAIRS,
    PROMPT,
    already_judged,
    in_process,
    judge_project,
    judged_case,
    label,
    matrix,
    read_labels,
    run,
    write_labels,
)

from promptctl.model.label import Judged
from promptctl.text.labels import encode_labels


def document(project, *arguments):
    done = run(project, "audit", "fair", "--format", "json", *arguments)
    assert done.out, done.err
    return done, done.document


def test_the_skewed_paradox_agrees_and_misses_four_failures_of_five(tmp_path: Path) -> None:
    """stats_cases.json, agreement_skewed_paradox: kappa .135, AC1 .900, and a TNR of .20."""
    project = judge_project(tmp_path)
    write_labels(project, matrix(90, 5, 4, 1))
    done, found = document(project)
    assert done.code == 0
    assert found["confusion"] == {
        "both_pass": 90, "human_pass_judge_fail": 5, "human_fail_judge_pass": 4, "both_fail": 1,
    }  # fmt: skip
    assert found["agreement"] == pytest.approx(0.91)
    assert found["kappa"] == pytest.approx(0.134615385, abs=1e-9)
    assert found["ac1"] == pytest.approx(0.899559176, abs=1e-9)
    assert (found["tpr"], found["tnr"]) == (pytest.approx(0.947368421), 0.2)
    assert found["tnr_lower"] == pytest.approx(0.0102, abs=1e-4)
    assert found["tnr_interval"] == pytest.approx([0.00505, 0.71642], abs=1e-4)
    assert found["labels_needed"]["fail"] == {"have": 5, "need": 62}  # stats_cases.json, labels_needed at .80 +- .10
    shown = run(project, "audit", "fair")
    assert "failures are rare; fair misses 80.0 % of them: look at the TNR" in shown.out
    assert "aim for 50 of each" in shown.out


def test_a_floor_that_is_not_shown_to_be_reached_exits_1(tmp_path: Path) -> None:
    project = judge_project(tmp_path, config={"gate": {"min_tnr": 0.8}})
    write_labels(project, already_judged(project, matrix(30, 0, 4, 36)))  # TNR .90, of which .79 is shown
    done, found = document(project)
    assert done.code == 1
    assert found["min_tnr"] == 0.8
    assert found["tnr_lower"] == pytest.approx(0.7856, abs=1e-4)
    assert found["labels_needed"]["fail_for_min_tnr"] == 50
    shown = run(project, "audit", "fair")
    assert (
        "FAIL: fair catches 90.0 % of what people fail (36 of 40), shown to be at least 78.6 %; 80.0 % is demanded"
        in shown.out
    )
    assert "50 fail to show a TNR of 80.0 %" in shown.out
    assert run(project, "audit", "fair", "--min-tnr", "0.78").code == 0
    unreachable = run(project, "audit", "fair", "--min-tnr", "0.95")
    assert unreachable.code == 1
    assert "no number of labels shows a TNR of 95.0 %" in unreachable.out
    assert run(project, "audit", "fair", "--min-tnr", "1.5").code == 2


def test_a_floor_is_not_reached_by_labels_that_fail_nothing(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    write_labels(project, matrix(5, 0, 0, 0))
    done = run(project, "audit", "fair", "--min-tnr", "0.5")
    assert done.code == 1
    assert "no compared answer has the label fail" in done.out


def test_verdicts_are_kept_beside_the_labels_and_not_asked_for_again(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    labels = matrix(2, 1, 1, 2)
    write_labels(project, labels)
    _, found = document(project, "--no-write")
    assert found["asked"] == 6
    assert found["cost_usd"] > 0
    assert all(one.judge is None for one in read_labels(project))
    document(project)
    kept = read_labels(project)
    assert {one.judge.outcome for one in kept} == {"pass", "fail"}
    assert {one.judge.digest for one in kept} == {found["judge_digest"]}
    assert [one.label for one in kept] == [one.label for one in sorted(labels, key=lambda one: one.item)]
    lenient = {"default": {"reply": {"score": "pass"}}}  # another script is another judge: its digest differs
    project.write("scripts/fair.yaml", json.dumps(lenient))
    done, again = document(project)
    assert (again["of_another_judge"], again["asked"]) == (6, 6)
    assert again["confusion"]["human_fail_judge_pass"] == 3
    shutil.rmtree(project.state)
    done, last = document(project, "--offline")
    assert (last["asked"], last["confusion"]) == (0, again["confusion"])
    assert done.code == 0


def test_two_labellers_who_disagree_are_named_and_decide_nothing(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    labels = matrix(3, 0, 0, 3)
    doubt = label("in doubt judged-fail", "pass", case="doubt")
    labels += [doubt, replace(doubt, labeller="bob", label="fail")]
    labels += [replace(one, labeller="bob") for one in labels[:5]]
    write_labels(project, labels)
    done, found = document(project)
    assert done.code == 0
    assert [one["case"] for one in found["disputed"]] == ["doubt"]
    assert (found["items"], found["compared"]) == (7, 6)
    (pair,) = found["people"]
    assert (pair["one"], pair["other"], pair["items"], len(pair["differ"])) == ("ann", "bob", 6, 1)
    assert pair["kappa"] == pytest.approx(2 / 3, abs=0.01)
    shown = run(project, "audit", "fair").out
    assert "disputed, and left out: bot doubt" in shown
    assert "ann and bob agree on 83.3 % of 6 answers (kappa 0.667)" in shown


def test_labels_of_cases_that_are_gone_still_count_and_are_named(tmp_path: Path) -> None:
    project = judge_project(tmp_path, cases=[judged_case("one")])
    gone = [
        label("was judged-fail", "fail", case="gone"),
        label("other judged-pass", "pass", case="x", prompt="nobody"),
    ]
    write_labels(project, [*matrix(1, 0, 0, 0), *gone])
    done, found = document(project)
    assert done.code == 0
    assert sorted(one["case"] for one in found["gone"]) == ["gone", "x"]
    assert found["compared"] == 3
    assert "2 answers of cases that no golden set has any more, still counted" in run(project, "audit", "fair").out


def test_a_judge_without_a_verdict_is_counted_apart(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    write_labels(project, [*matrix(2, 0, 0, 2), label("this is broken", "fail", case="odd")])
    done, found = document(project)
    assert done.code == 0
    assert [one["case"] for one in found["errors"]] == ["odd"]
    assert (found["compared"], found["tnr"]) == (4, 1.0)
    assert {one.judge.outcome for one in read_labels(project)} == {"pass", "fail", "error"}
    assert "the judge gave no verdict on 1 answer, left out: bot odd" in run(project, "audit", "fair").out


def test_a_provider_that_is_down_is_no_verdict_and_exits_3(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    write_labels(project, [*matrix(2, 0, 0, 2), label("all is down", "fail", case="down")])
    done, found = document(project)
    assert done.code == 3
    assert [(one["case"], "the judge is down" in one["reason"]) for one in found["not_judged"]] == [("down", True)]
    assert [one.judge for one in read_labels(project) if one.case == "down"] == [None]
    assert found["compared"] == 4
    write_labels(project, [label("all is down", "fail", case="down")])
    done = run(project, "audit", "fair")
    assert done.code == 3
    assert "ERROR: no labelled answer could be compared: 1 not put to the judge" in done.out


def test_offline_and_never_asked_is_not_judged(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    write_labels(project, matrix(1, 0, 0, 1))
    done, found = document(project, "--offline")
    assert done.code == 3
    assert len(found["not_judged"]) == 2
    assert all("no recording" in one["reason"] for one in found["not_judged"])


def test_no_labels_and_no_judge_exit_4(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    done = run(project, "audit", "fair")
    assert done.code == 4
    assert "promptctl judge label fair" in done.err
    assert run(project, "audit", "fair", "--allow-empty").code == 0
    done = run(project, "audit", "fairr")
    assert done.code == 4
    assert "did you mean 'fair'?" in done.err


def test_a_labels_file_that_is_wrong_exits_2_with_its_line(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    good = encode_labels(matrix(1, 0, 0, 0))
    project.write("judges/fair.labels.jsonl", good + b"<<<<<<< HEAD\n")
    done = run(project, "audit", "fair")
    assert done.code == 2
    assert "judges/fair.labels.jsonl:2: an unfinished merge left its marker here" in done.err


def test_repeats_show_whether_a_judge_says_the_same_twice(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    write_labels(project, [*matrix(3, 0, 0, 3), *(label(f"{n} wavers", "pass", case=f"w{n}") for n in range(2))])
    done, found = document(project, "--repeats", "4")
    assert done.code == 0
    same = found["consistency"]
    assert (same["repeats"], same["items"], same["same"], same["without"]) == (4, 8, 6, 0)
    assert 0.6 < same["alpha"] < 1
    assert "75.0 %, 95 % interval 34.9 to 96.8 % of 8 answers judged alike 4 times" in " ".join(
        run(project, "audit", "fair", "--repeats", "4").out.split()
    )
    assert document(project)[1]["consistency"] is None


def test_an_error_that_differs_by_prompt_is_found(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    labels = matrix(10, 0, 0, 20)
    others = [replace(one, prompt="other") for one in matrix(10, 0, 15, 5, rubric="Is short.")]
    write_labels(project, already_judged(project, [*labels, *others]))
    _, found = document(project)
    by_prompt = {one["prompt"]: one for one in found["prompts"]}
    assert by_prompt["other"]["fail"]["hits"] == 5
    assert by_prompt["other"]["fail"]["p"] < 0.001
    assert by_prompt["other"]["pass"]["p"] == 1.0
    assert (
        "fair errs otherwise on other: it catches 5 of 20 bad answers, p < 0.001" in run(project, "audit", "fair").out
    )


def test_a_judge_that_passes_what_is_long_is_held_against_people(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    long = [label(f"long {n} judged-pass {'x' * 400}", "fail" if n < 20 else "pass") for n in range(40)]
    short = [label(f"short {n} judged-{'fail' if n < 20 else 'pass'}", "fail" if n < 20 else "pass") for n in range(40)]
    write_labels(project, already_judged(project, long + short))
    _, found = document(project)
    assert (found["length"]["judge"], found["length"]["human"], found["length"]["excess"]) == (0.5, 0.0, 0.5)
    assert found["length"]["interval"][0] > 0.2
    assert "fair favours longer answers more than people do" in run(project, "audit", "fair").out


def pairs(*rows: tuple[str, str, str, int]):
    """Labelled pairs: (words in A, words in B, label, how many)."""
    return [
        label(f"{one} a{number}", said, rubric=PAIRS["rubric"], expected_output=f"{other} b{number}",
              assertion="pairwise", own_rubric=True)
        for one, other, said, count in rows
        for number in range(count)
    ]  # fmt: skip


def test_a_pairwise_judge_is_asked_in_both_orders(tmp_path: Path) -> None:
    """stats_cases.json, real_position_bias_*: 15 flips to the first place and 11 to the second are no direction."""
    project = judge_project(tmp_path)
    labels = pairs(
        ("good", "bad", "A", 4), ("bad", "good", "B", 4), ("same", "same", "tie", 2),
        ("leans-first", "x", "A", 15), ("leans-second", "x", "B", 11),
    )  # fmt: skip
    write_labels(project, labels, "better")
    done = run(project, "audit", "better", "--format", "json")
    assert done.code == 0, done.err
    found = done.document
    order = found["order"]
    assert (order["pairs"], order["consistent"], order["to_first"], order["to_second"]) == (36, 10, 15, 11)
    assert order["p"] == pytest.approx(0.442068338, abs=1e-6)
    assert found["counts"] == [
        {"human": "A", "judge": "A", "items": 4}, {"human": "A", "judge": "tie", "items": 15},
        {"human": "B", "judge": "B", "items": 4}, {"human": "B", "judge": "tie", "items": 11},
        {"human": "tie", "judge": "tie", "items": 2},
    ]  # fmt: skip
    assert found["agreement"] == pytest.approx(10 / 36)
    assert (found["tpr"], found["tnr"]) == (1.0, pytest.approx(4 / 15))
    kept = read_labels(project, "better")
    assert {(one.judge.first, one.judge.second) for one in kept if "leans-first" in one.material.output} == {("A", "B")}
    shown = run(project, "audit", "better").out
    assert "15 lean to the first place, 11 to the second, p = 0.442" in shown
    assert "people: tie" in shown


def test_a_pairwise_judge_that_leans_is_named_and_its_taste_for_length_too(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    padding = "x" * 50
    labels = pairs(
        (f"good {padding}", "bad", "A", 12), (f"good {padding} more", "bad", "B", 8), ("leans-first", "x", "A", 9)
    )
    write_labels(project, labels, "better")
    found = run(project, "audit", "better", "--format", "json").document
    assert (found["length"]["items"], found["length"]["judge"], found["length"]["human"]) == (20, 1.0, 0.6)
    assert found["length"]["interval"][0] > 0
    shown = run(project, "audit", "better").out
    assert "better leans to the answer that stands first (p = 0.002)" in shown
    assert "better favours longer answers more than people do" in shown


def test_another_rubric_of_the_judge_is_asked_by_and_told(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    project.write("judges/fair.yaml", json.dumps({**JUDGE, "rubric": "Is judged-fail, all of it."}))
    write_labels(project, [label("fine", "fail", rubric="Is polite.", own_rubric=True)])
    _, found = document(project)
    assert found["confusion"]["both_fail"] == 1  # the rubric in force is what the judge is asked by
    assert "1 labels were given by another rubric of fair" in run(project, "audit", "fair").out


def test_what_cannot_be_put_to_the_judge_any_more_is_an_input_error_or_named(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    off = label("off the scale", "pass", threshold=3.0)
    write_labels(project, [off])
    done = run(project, "audit", "fair")
    assert done.code == 2
    assert "judges/fair.labels.jsonl: judge: `threshold` 3 must be above 0 and at most 1" in done.err
    write_labels(project, [off, *matrix(1, 0, 0, 1)])
    done, found = document(project)
    assert (done.code, len(found["not_judged"]), found["compared"]) == (3, 1, 2)


def test_a_kept_verdict_of_this_judge_needs_no_call(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    write_labels(project, matrix(1, 0, 0, 0))
    digest = document(project)[1]["judge_digest"]
    known = [replace(one, judge=Judged(digest, "fail")) for one in matrix(1, 0, 0, 0)]
    write_labels(project, known)
    _, found = document(project)
    assert (found["asked"], found["confusion"]["human_pass_judge_fail"]) == (0, 1)


@pytest.mark.parametrize("name", ["markdown", "junit", "sarif", "github", "gitlab", "html"])
def test_every_format_takes_an_audit(tmp_path: Path, name: str) -> None:
    project = judge_project(tmp_path)
    write_labels(project, [*matrix(2, 0, 1, 1), label("<b>|x| down", "fail", case="a|b")])
    done = run(project, "audit", "fair", "--format", name, "--min-tnr", "0.9")
    assert done.code == 1
    assert "fair" in done.out
    assert "demanded" in done.out


def test_recorded_verdicts_are_found_where_nobody_may_be_asked(tmp_path: Path) -> None:
    """What `eval --record` wrote is enough for an audit in CI: no cache, no key, no socket."""
    project = judge_project(tmp_path, cases=[judged_case("one")])
    project.write("prompts/bot.yaml", json.dumps({**PROMPT, "model": "scripted/scripts/bot.yaml"}))
    project.write("scripts/bot.yaml", json.dumps({"default": "an answer judged-fail"}))
    assert in_process("-C", str(project.root), "eval", "--record", "--quiet").code == 1
    assert run(project, "label", "fair", "--labeller", "ann", "--export", "t.csv").code == 0
    (project.root / "t.csv").write_text((project.root / "t.csv").read_text().replace(",,\n", ",fail,\n"))
    assert run(project, "label", "fair", "--labeller", "ann", "--import", "t.csv").code == 0
    (kept,) = read_labels(project)
    assert kept.judge.outcome == "fail"
    write_labels(project, [replace(kept, judge=None)])
    shutil.rmtree(project.state)
    done, found = document(project, "--offline")
    assert (done.code, found["asked"], found["confusion"]["both_fail"], found["cost_usd"]) == (0, 1, 1, 0.0)


def test_the_console_script_audits_too(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    write_labels(project, already_judged(project, matrix(2, 0, 1, 1)))
    done = subprocess.run(
        [console_script(), "judge", "audit", "fair", "--report", "json=a.json"],
        cwd=project.root, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "bot one: people say fail, the judge pass" in done.stdout
    assert json.loads((project.root / "a.json").read_text())["kind"] == "audit"


@pytest.mark.slow
def test_an_audit_that_is_interrupted_keeps_what_it_heard(tmp_path: Path) -> None:
    project = judge_project(tmp_path)
    quick = {"when": {"user": "judged-fail"}, "reply": {"score": "fail"}}
    slow = {"when": {"user": "judged-pass"}, "reply": {"score": "pass"}, "latency_s": 60}
    project.write("scripts/fair.yaml", json.dumps({"rules": [quick, slow]}))
    write_labels(project, [label("judged-fail", "fail", case="quick"), label("judged-pass", "pass", case="slow")])
    command = [console_script(), "judge", "audit", "fair", "--format", "json"]
    process = subprocess.Popen(
        command, cwd=project.root, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 90
    while not any(b"score" in path.read_bytes() for path in project.state.glob("cache.sqlite*")):
        assert time.monotonic() < deadline, process.poll()
        time.sleep(0.1)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    found = json.loads(out)
    assert [one["case"] for one in found["not_judged"]] == ["slow"]
    assert {one.case: one.judge and one.judge.outcome for one in read_labels(project)} == {
        "quick": "fail",
        "slow": None,
    }
