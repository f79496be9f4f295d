"""`promptctl review`: real gates in real repositories, people at a terminal and with a table."""

from __future__ import annotations

import csv
import json
import re
import shlex
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from eval_projects import Finished, Project, console_script, environment
from gate_projects import Repository
from review_projects import JUDGE, case, cases_of, filled, good, judged_repository, reviewed, rows, write_runs
from terminals import Terminal

from promptctl.adapters.files import WorkTree
from promptctl.assertions.engine import bind
from promptctl.cli import boundary
from promptctl.cli.app import app
from promptctl.cli.bench import bench_of
from promptctl.text.project import load_project
from promptctl.text.sheet import restored

KINDS = {("gp", "gp"): 18, ("gp", "bp"): 12, ("bf", "bf"): 8, ("gp", "bf"): 1, ("bf", "gp"): 1}
"""40 cases: the judge sees 1 lost and 1 won, people see 13 lost and 1 won."""
PAIR = ("base.json", "head.json")


@pytest.fixture(scope="module")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which the gate has passed the change, and its verdict."""
    bounds = {"judge_score": {"min": 0.1}, "leak_rate": {"max": 0}}
    root = tmp_path_factory.mktemp("review") / "p"
    repo = judged_repository(root, cases_of(KINDS), max_drop=0.15, confirm=0, metrics=bounds)
    done = repo.gate()
    assert (done.code, done.document["verdict"], done.document["rule"]) == (0, "pass", "non-inferiority")
    assert done.document["prompts"][0]["difference"] == 0
    return repo.root


@pytest.fixture
def repo(gated: Path, tmp_path: Path) -> Repository:
    """A copy, with its own state, so that a test's labels are its own."""
    shutil.copytree(gated, tmp_path / "p", symlinks=True)
    return Repository(Project(tmp_path / "p"))


@pytest.fixture
def small(tmp_path: Path) -> Repository:
    """Six cases and two runs of them: two that flip, one that people alone see lost."""
    cases = [case("a", "gp", "bf"), case("b", "gp", "bp"), *(case(f"s{n}", "gp", "gp") for n in range(3))]
    found = judged_repository(tmp_path / "small", [*cases, case("w", "bf", "gp")], max_drop=0.1)
    write_runs(found)
    return found


@pytest.fixture
def run(small: Repository, capsys: pytest.CaptureFixture[str]) -> Callable[..., Finished]:
    """The command on `small` within this process, which needs no second for its libraries."""

    def inside(*arguments: str) -> Finished:
        code = boundary.guarded(lambda: app([*arguments, "-C", str(small.root)], standalone_mode=False))
        said = capsys.readouterr()
        return Finished(code, said.out, said.err)

    return inside


def labels(repo: Repository) -> list[dict[str, str]]:
    """Every kept label."""
    (path,) = (repo.project.state / "reviews").glob("*.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def at_desk(repo: Repository, *arguments: str, **options: object) -> Terminal:
    env = {**environment(**repo.project.env), **options.pop("env", {})}  # type: ignore[dict-item]
    return Terminal([console_script(), "review", *arguments], cwd=repo.root, env=env, **options)  # type: ignore[arg-type]


def answer(desk: Terminal, shown: str) -> str:
    """Say what a person sees in the answer that is asked about; what is shown next."""
    number = shown.rpartition("Does answer ")[2][:1]
    _, _, text = shown.partition(f"Answer {number}" if number.isdigit() else "Answer")
    desk.ready()
    desk.press("p" if good(text.partition("looks")[0]) else "f")
    return number


# --- the point of it --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_people_turn_a_pass_of_the_judge_into_a_fail(repo: Repository) -> None:
    done = reviewed(repo.root, repo.run, "latest", "--n", "32")
    assert done.code == 1, done.err
    document = done.document
    said = [document[key] for key in ("kind", "verdict", "rule", "judged")]
    assert said == ["review", "fail", "regression", "pass"]
    assert document["policy"]["metrics"]["leak_rate"] == {"min": None, "max": 0}
    (prompt,) = document["prompts"]
    assert (prompt["cases"], prompt["flipped"], prompt["rest"], prompt["sampled"]) == (40, 2, 38, 32)
    corrected = prompt["corrected"]
    assert abs(corrected["difference"] - -12 / 40) < 6 / 40
    assert corrected["judged_only"] == 0
    assert prompt["judge"]["head"]["tnr"] < 0.8 < 0.999 < prompt["judge"]["base"]["tnr"]
    whole = reviewed(repo.root, repo.run, "latest", "--n", "38").document["prompts"][0]["corrected"]
    assert whole["difference"] == pytest.approx(-12 / 40)
    assert whole["standard_error"] == 0
    (verdict,) = (repo.project.state / "verdicts").glob("*.json")
    gate = json.loads(verdict.read_text())
    pair = repo.run("review", gate["baseline"]["run"], gate["head"]["run"], "--n", "32")
    assert pair.code == 1
    assert "the judge's verdict was PASS" in pair.out
    assert "labelling the flips alone would have said +0.00 points" in pair.out
    _names(repo, verdict)


def _names(repo: Repository, verdict: Path) -> None:
    """Ids, their beginnings, and verdicts that cannot be reviewed."""
    both = repo.run("review", "2")
    assert both.code == 2
    assert "beginning of 3 ids" in both.err
    assert repo.run("review", verdict.stem[:-2], "--export", "t.csv").code == 0
    document = json.loads(verdict.read_text())
    lint = [{"rule": "PL101", "message": "unpinned"}]
    verdict.write_text(json.dumps({**document, "lint": lint, "verdict": "fail", "rule": "lint"}))
    assert repo.run("review", "latest", "--format", "json").document["reasons"][0].startswith("1 lint error")
    del document["head"]["run"]
    verdict.write_text(json.dumps(document))
    old = repo.run("review", "latest")
    assert old.code == 2
    assert "does not say which runs" in old.err
    verdict.write_text(json.dumps({**document, "rule": "interrupted"}))
    assert "was interrupted" in repo.run("review", "latest").err
    verdict.write_text("{")
    assert "damaged" in repo.run("review", "latest").err


def test_one_run_is_rated(small: Repository, run: Callable[..., Finished]) -> None:
    done = reviewed(small.root, run, "head.json")
    assert done.code == 0, done.err
    (prompt,) = done.document["prompts"]
    assert (prompt["judge_rate"], prompt["rate"]) == pytest.approx((5 / 6, 4 / 6))
    assert prompt["confusion"] == {"both_pass": 4, "missed_passes": 0, "missed_fails": 1, "both_fail": 1}
    assert "bot passes 66.7 % [30.0, 90.3] as people see it, the judge said 83.3 %" in run("review", "head.json").out


# --- at the terminal --------------------------------------------------------------------------------------------------


def test_an_interrupted_walk_goes_on_where_it_was(small: Repository, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    with at_desk(small, *PAIR, "--labeller", "ann") as desk:
        shown = desk.until()
        assert "1 of 12" in shown
        for _ in range(5):
            answer(desk, shown)
            shown = desk.until()
        desk.ready()
        desk.press("\x03")
        assert desk.end() == 130
    assert len(labels(small)) == 5
    with at_desk(small, *PAIR, "--labeller", "ann", "--format", "json", out=out) as desk:
        shown = desk.until()
        assert "6 of 12" in shown
        for left in range(7):
            answer(desk, shown)
            shown = desk.until() if left < 6 else ""
        desk.until("labels kept in")
        code = desk.end()
    document = json.loads(out.read_text())
    (prompt,) = document["prompts"]
    assert prompt["corrected"]["difference"] == pytest.approx((-2 + 1) / 6)
    assert document["labels"] == {"answers": 12, "by": {"ann": 12}, "disputed": 0, "agreement": []}
    assert (code, document["verdict"]) == (0, "inconclusive")
    assert prompt["more_cases"] > 6
    assert {one["labeller"] for one in labels(small)} == {"ann"}


def test_the_screen_shows_input_rubric_and_both_answers_and_no_side(small: Repository) -> None:
    with at_desk(small, *PAIR, columns=40, env={"NO_COLOR": "1"}) as desk:
        shown = desk.until().removeprefix("\x1b[H\x1b[2J")
        assert "Input" in shown
        assert "Passes if" in shown
        assert "Is it good?" in shown
        assert "Answer 1" in shown
        assert "Answer 2" in shown
        assert "p pass   f fail" in shown
        assert max(len(line.rstrip("\r")) for line in shown.split("\n")) <= 40
        number = answer(desk, shown)
        after = desk.until()
        assert f"Answer {number} (pass)" in after or f"Answer {number} (fail)" in after
        desk.ready()
        desk.press("u")
        assert "(pass)" not in desk.until()
        desk.ready()
        desk.press("q")
        assert desk.end() == 3
    assert [one["label"] for one in labels(small)][1:] == [None]


def test_quitting_leaves_no_verdict_and_says_what_is_left(small: Repository, run: Callable[..., Finished]) -> None:
    with at_desk(small, *PAIR) as desk:
        desk.until()
        desk.ready()
        desk.press("q")
        desk.until("INCOMPLETE")
        assert desk.end() == 3
    done = run("review", *PAIR, "--format", "json", "--export", "t.csv")
    assert done.code == 0
    assert "12 answers to label" in done.err


def test_a_key_in_a_note_is_not_kept(small: Repository) -> None:
    secret = "sk-proj-Secret0123456789abcdefghijKLMNOP"
    with at_desk(small, *PAIR) as desk:
        shown = desk.until()
        desk.ready()
        desk.press("n")
        desk.until("takes it back): ")
        desk.press(f"see {secret}\n")
        shown = desk.until()
        answer(desk, shown)
        desk.until()
        desk.ready()
        desk.press("q")
        assert desk.end() == 3
    assert [one["note"] for one in labels(small)] == ["see [key removed]"]


def test_without_a_terminal_the_report_says_what_is_missing_and_the_table_is_named(
    small: Repository, run: Callable[..., Finished]
) -> None:
    for names in (PAIR, PAIR[1:]):
        done = run("review", *names, "--n", "3", "--format", "json")
        assert (done.code, done.document["kind"]) == (3, "review")
        assert f"promptctl review {' '.join(names)} --n 3 --export FILE.csv writes a table" in done.err
    assert "INCOMPLETE" in run("review", *PAIR).out


def test_the_commands_that_are_printed_ask_the_same_again(small: Repository, run: Callable[..., Finished]) -> None:
    exported = run("review", *PAIR, "--n", "3", "--export", "t.csv", "--labeller", "Ann Lee")
    again = "promptctl review base.json head.json --n 3 --import t.csv --labeller 'Ann Lee'"
    assert exported.err.endswith(f"then {again}\n")
    small.project.write("t.csv", filled((small.root / "t.csv").read_text(encoding="utf-8-sig")))
    done = run(*shlex.split(again)[1:], "--format", "json")
    assert (done.code, done.document["incomplete"]) == (0, False)
    assert done.document["command"] == "promptctl review base.json head.json --n 3"
    shared = run("review", "head.json", "--share", "0.5", "--format", "json")
    assert shared.document["command"] == "promptctl review head.json --share 0.5"


def test_who_labels_is_who_commits_on_one_line(small: Repository, run: Callable[..., Finished]) -> None:
    small.git("config", "user.name", "Ann Lee")
    run("review", *PAIR, "--export", "t.csv", "--labeller", "")
    table = (small.root / "t.csv").read_text(encoding="utf-8-sig")
    small.project.write("t.csv", filled(table, most=1))
    run("review", *PAIR, "--import", "t.csv")
    run("review", *PAIR, "--import", "t.csv", "--labeller", "Bo\nDee\n")
    assert [one["labeller"] for one in labels(small)] == ["Ann Lee", "Bo Dee"]
    assert run("review", *PAIR, "--import", "t.csv", "--labeller", " \n").code == 2


# --- the table --------------------------------------------------------------------------------------------------------


def test_the_table_hides_the_side_and_resumes(small: Repository, run: Callable[..., Finished]) -> None:
    assert run("review", *PAIR, "--export", "t.csv").code == 0
    table = (small.root / "t.csv").read_text(encoding="utf-8-sig")
    found = rows(table)
    assert list(found[0]) == ["item", "prompt", "case", "input", "pass_if", "answer", "label", "note"]
    assert {row["pass_if"] for row in found} == {"Is it good?"}
    assert Counter(row["case"] for row in found) == dict.fromkeys(["a", "b", "s0", "s1", "s2", "w"], 2)
    small.project.write("t.csv", filled(table, most=4))
    part = run("review", *PAIR, "--import", "t.csv", "--format", "json")
    assert part.code == 3
    assert part.document["verdict"] is None
    assert part.document["prompts"][0]["remaining"]["answers"] == 8
    again = run("review", *PAIR, "--import", "t.csv", "--quiet")
    assert again.code == 3
    assert len(labels(small)) == 4
    run("review", *PAIR, "--export", "rest.csv")
    assert len(rows((small.root / "rest.csv").read_text(encoding="utf-8-sig"))) == 8


def test_a_table_with_mistakes_is_refused_whole(small: Repository, run: Callable[..., Finished]) -> None:
    run("review", *PAIR, "--export", "t.csv")
    lines = filled((small.root / "t.csv").read_text(encoding="utf-8-sig")).splitlines()
    lines[1] = lines[1].replace(",pass,", ",great,").replace(",fail,", ",great,")
    lines[2] = "rffffffffffffff0" + lines[2][16:]
    small.project.write("t.csv", "\n".join(lines) + "\n")
    done = run("review", *PAIR, "--import", "t.csv")
    assert done.code == 2
    assert "t.csv: row 2: 'great' is no label" in done.err
    assert "t.csv: row 3: unknown item 'rffffffffffffff0'" in done.err
    assert not (small.project.state / "reviews").exists()


def test_an_answer_column_sorted_alone_is_refused(small: Repository, run: Callable[..., Finished]) -> None:
    run("review", *PAIR, "--export", "t.csv")
    head, *found = csv.reader(filled((small.root / "t.csv").read_text(encoding="utf-8-sig")).splitlines())
    place = head.index("answer")
    answers = [row[place] for row in found]
    with (small.root / "t.csv").open("w", newline="") as file:
        turned = zip(found, answers[1:] + answers[:1], strict=True)
        csv.writer(file).writerows([head, *([*row[:place], text, *row[place + 1 :]] for row, text in turned)])
    done = run("review", *PAIR, "--import", "t.csv")
    wrong = [
        number
        for number, pair in enumerate(zip(answers, answers[1:] + answers[:1], strict=True), 2)
        if len({*pair}) > 1
    ]
    assert done.code == 2
    assert len(wrong) > 3
    for number in wrong:
        assert f"t.csv: row {number}: its 'answer' is not the one that its item was exported with" in done.err
    assert not (small.project.state / "reviews").exists()


def test_two_people_who_disagree_leave_it_open_and_a_third_decides(
    small: Repository, run: Callable[..., Finished]
) -> None:
    run("review", *PAIR, "--export", "t.csv")
    table = (small.root / "t.csv").read_text(encoding="utf-8-sig")
    first = rows(table)[0]["item"]

    def other(row_answer: str) -> bool:
        return good(row_answer) != (row_answer == rows(table)[0]["answer"])

    small.project.write("ann.csv", filled(table))
    small.project.write("bob.csv", filled(table, other))
    run("review", *PAIR, "--import", "ann.csv", "--labeller", "ann")
    done = run("review", *PAIR, "--import", "bob.csv", "--labeller", "bob", "--format", "json")
    found = done.document["labels"]
    same = sum(row["answer"] == rows(table)[0]["answer"] for row in rows(table))
    assert done.code == 3
    assert (found["by"], found["disputed"]) == ({"ann": 12, "bob": 12}, same)
    assert found["agreement"][0]["agreed"] == 12 - same
    run("review", *PAIR, "--export", "open.csv", "--labeller", "eve")
    left = rows((small.root / "open.csv").read_text(encoding="utf-8-sig"))
    assert first in {row["item"] for row in left}
    assert len(left) == same
    small.project.write("eve.csv", filled((small.root / "open.csv").read_text(encoding="utf-8-sig")))
    settled = run("review", *PAIR, "--import", "eve.csv", "--labeller", "eve", "--format", "json")
    assert settled.document["prompts"][0]["corrected"]["difference"] == pytest.approx(-1 / 6)
    run("review", *PAIR, "--export", "all.csv", "--labeller", "eve", "--all")
    assert len(rows((small.root / "all.csv").read_text(encoding="utf-8-sig"))) == 12 - same


# --- what people judge by ---------------------------------------------------------------------------------------------


JUDGES = {
    "helpful": {"rubric": "It helps.", "description": "A friendly judge."},
    "short": {"rubric": "It is short."},
    "versus": {
        "scale": "pairwise",
        "rubric": "Which is kinder?",
        "inputs": {"first": {}, "second": {}, "rubric": {}},
        "user_prompt": "{{ first }} {{ second }} {{ rubric }}",
    },
    "context-recall": {
        "scale": "claims",
        "inputs": {"expected_output": {}, "context": {"type": "array"}},
        "user_prompt": "{{ expected_output }} {{ context }}",
    },
}
PANEL = {"panel": {"judges": ["helpful", "short"]}}
STEPS = {"g-eval": {"criteria": ["Is polite.", "Is brief."], "steps": ["Read it."], "judge": "short"}}
TWO = [{"pairwise": "Go away."}, {"pairwise": {"value": "Call us.", "rubric": "Which is true?", "threshold": 1}}]
GROUP = [{"not-any": [{"judge": "It is rude."}, {"judge": "It lies."}]}, {"judge": "It is blue.", "weight": 0}]


def judges_of(small: Repository, **more: dict[str, object]) -> None:
    """The judges as files; helpful is the one asked where none is named."""
    for name, keys in JUDGES.items():
        written = {**JUDGE, "name": name, **keys, **more.get(name, {})}
        small.project.write(f"judges/{name}.yaml", json.dumps(written))
    small.config(eval={"judge": "helpful"})


@pytest.mark.parametrize(
    ("written", "asks", "shown"),
    [
        ([{"judge": {"judge": "short"}}], ["It is short."], []),
        ([{"judge": True}], ["It helps."], []),
        ([{"not-judge": "It is rude."}], ["not: It is rude."], []),
        ([PANEL], ["helpful: It helps.", "short: It is short."], []),
        ([STEPS], ["Is polite.", "Is brief.", "1. Read it."], []),
        (
            [{"pairwise": "Go away."}],
            ["at least as good as the other answer, by:\nWhich is kinder?"],
            ["Other answer:\nGo away."],
        ),
        (
            TWO,
            ["as Other answer (1), by:\nWhich is kinder?\n\nit is better than Other answer (2), by:\nWhich is true?"],
            ["Other answer (1):\nGo away.", "Other answer (2):\nCall us."],
        ),
        ([{"context-recall": "It is red."}], ["what a good answer says in the context"], ["Reference:\nIt is red."]),
        (GROUP, ["not (any of):\n- It is rude.\n- It lies."], []),
    ],
)
def test_people_see_the_rubrics_and_what_an_answer_is_held_against(
    small: Repository,
    run: Callable[..., Finished],
    written: list[dict[str, object]],
    asks: list[str],
    shown: list[str],
) -> None:
    judges_of(small)
    small.cases([{"id": "c", "input": "base gp head bf", "context": ["Red."], "assertions": written}])
    write_runs(small)
    assert run("review", *PAIR, "--export", "t.csv").code == 0
    row = rows((small.root / "t.csv").read_text(encoding="utf-8-sig"))[0]
    assert [text for text in asks if text not in restored(row["pass_if"])] == []  # "- " begins no formula either
    assert [text for text in shown if text not in row["input"]] == []
    assert "friendly" not in row["pass_if"]
    assert "blue" not in row["pass_if"]


def test_the_rubric_is_that_of_the_judge_who_judged(small: Repository, run: Callable[..., Finished]) -> None:
    """Edited since: of the run's commit. Gone: what is written, and that it is no more than that."""

    def asked() -> str:
        run("review", *PAIR, "--export", "t.csv")
        return rows((small.root / "t.csv").read_text(encoding="utf-8-sig"))[0]["pass_if"]

    judges_of(small)
    small.cases([{"id": "c", "input": "base gp head bf", "assertions": [{"judge": {"judge": "helpful"}}]}])
    small.commit("judges")
    write_runs(small)
    project = load_project(WorkTree(small.root))
    (golden,) = (project.golden[path] for path in project.golden)
    (one,) = golden.cases
    bound = bind(one.assertions[0], bench_of(project, project.config, allow_exec=True), golden.source, one)
    for side in PAIR:
        document = json.loads((small.root / side).read_text())
        document["results"][0]["assertions"][0]["digest"] = bound.digest
        small.project.write(side, json.dumps(document))
    judges_of(small, helpful={"rubric": "It sells."})
    assert asked() == "It helps."
    small.commit("another rubric")
    for side in PAIR:
        document = json.loads((small.root / side).read_text())
        document["provenance"]["commit"] = None
        small.project.write(side, json.dumps(document))
    assert asked() == "It sells."
    (small.root / "judges/helpful.yaml").unlink()
    assert "as written: its judge is not here" in asked()


# --- what is reviewed -------------------------------------------------------------------------------------------------


def test_the_case_is_read_where_it_is_as_it_was_judged(small: Repository, run: Callable[..., Finished]) -> None:
    """Edited since: from the commit. Edited there too: said to be gone, and still labelled."""

    def texts() -> set[str]:
        run("review", *PAIR, "--export", "t.csv", "--labeller", "x")
        return {row["input"][:8] for row in rows((small.root / "t.csv").read_text(encoding="utf-8-sig"))}

    before = texts()
    small.cases([case(name, "gp", "gp", tags=["new"]) for name in "abw"])
    assert texts() == before
    for side in PAIR:
        document = json.loads((small.root / side).read_text())
        document["provenance"]["commit"] = "0" * 40
        small.project.write(side, json.dumps(document))
    assert texts() == {"(not her"}


def test_names_that_mean_nothing_or_too_much(small: Repository, run: Callable[..., Finished]) -> None:
    nonsense = run("review", "nonsense").err
    assert "no stored run 'nonsense'" in nonsense
    assert "review takes a gate's verdict or a run" in nonsense
    assert "revision" not in nonsense
    assert run("review", "latest").code == 4
    assert run("review", "a", "b", "c").code == 2
    assert run("review", *PAIR, "--n", "5", "--share", "0.5").code == 2
    assert run("review", *PAIR, "--export", "a.csv", "--import", "b.csv").code == 2
    assert "no such file" in run("review", *PAIR, "--import", "b.csv").err.lower()
    small.project.write("lines.jsonl", '{"case": "a", "output": "x"}\n')
    assert "is no run" in run("review", "base.json", "lines.jsonl").err


def test_runs_that_no_judge_decided_need_no_review(small: Repository, run: Callable[..., Finished]) -> None:
    for side in PAIR:
        text = (small.root / side).read_text()
        small.project.write(side, text.replace('"type": "judge"', '"type": "contains"'))
    done = run("review", *PAIR)
    assert done.code == 4
    assert "no judge decided anything" in done.err


def _answers_lost(small: Repository, of: str, *, as_prompt: str) -> None:
    """Results whose case begins with `of` are an ERROR without an answer, of another prompt."""
    for side in PAIR:
        document = json.loads((small.root / side).read_text())
        for one in document["results"]:
            if one["case"].startswith(of):
                one |= {"prompt": as_prompt, "outcome": "error", "completion": None, "assertions": [], "score": None}
        document["prompts"].append({**document["prompts"][0], "name": as_prompt})
        small.project.write(side, json.dumps(document))


def test_a_prompt_whose_provider_was_down_does_not_stop_the_review(
    small: Repository, run: Callable[..., Finished]
) -> None:
    _answers_lost(small, "s", as_prompt="down")
    done = reviewed(small.root, run, *PAIR)
    assert done.code == 3, done.err
    assert [one["prompt"] for one in done.document["prompts"] if one["corrected"]] == ["bot"]
    said = "down: nothing of it can be reviewed: 3 cases with an ERROR"
    assert said in " ".join(run("review", *PAIR).out.split())
    assert reviewed(small.root, run, "head.json").code == 0
    assert "down: nothing of it can be reviewed: 3 cases" in " ".join(run("review", "head.json").out.split())


def test_where_everything_is_an_error_that_is_what_is_said(small: Repository, run: Callable[..., Finished]) -> None:
    _answers_lost(small, "", as_prompt="down")
    for names in (PAIR, PAIR[1:]):
        done = run("review", *names)
        assert done.code == 4, done.err
        assert "can be reviewed: 6 cases with an ERROR that no label can change" in " ".join(done.err.split())


def test_an_inconclusive_review_exits_as_the_policy_says(small: Repository, run: Callable[..., Finished]) -> None:
    assert reviewed(small.root, run, *PAIR).code == 0
    shown = run("review", *PAIR).out
    assert "WARNING: INCONCLUSIVE" in shown
    assert re.search(r"reproduce +promptctl review base.json head.json\n", shown)
    small.config(gate={"max_drop": 0.1, "on_inconclusive": "fail"})
    assert run("review", *PAIR).code == 4


@pytest.mark.slow
def test_two_thousand_cases_are_quick(tmp_path: Path) -> None:
    repo = judged_repository(tmp_path / "p", cases_of({("gp", "gp"): 1900, ("gp", "gf"): 100}))
    write_runs(repo)
    began = time.monotonic()
    done = reviewed(repo.root, repo.run, *PAIR, "--n", "1900")
    assert time.monotonic() - began < 30  # two commands on a busy machine; 5 s on an idle one
    assert done.document["prompts"][0]["corrected"]["difference"] == 0
    assert (done.code, done.document["verdict"], done.document["rule"]) == (0, "pass", "identical")
