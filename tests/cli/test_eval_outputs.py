"""`eval --outputs`: answers that exist already, and every format they can be reported in."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.cli.eval_projects import Project, case, lines, make_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """One prompt with two cases that ask the same and expect different things."""
    return make_project(
        tmp_path,
        api_base="http://127.0.0.1:9/v1",
        cases=[
            case("left", {"contains": "left"}, said="same"),
            case("right", {"contains": "right"}, {"equals": "right"}, said="same", tags=["t"]),
        ],
    )


def test_identical_inputs_keep_their_own_answers(project: Project) -> None:
    project.write(
        "o.jsonl",
        lines(
            {"case": "right", "output": "right", "model": "m", "latency_s": 1.5, "cost_usd": 0.25, "input_tokens": 3,
             "output_tokens": 4, "finish_reason": "stop"},
            {"case": "left", "output": "left"},
        ),
    )  # fmt: skip
    done = project.json("--outputs", "o.jsonl")
    assert done.code == 0
    results = done.cases()
    assert results["left"]["request_digest"] == results["right"]["request_digest"]
    assert results["left"]["completion"]["output"] == "left"
    completion = results["right"]["completion"]
    assert {name: completion[name] for name in ("model", "latency_s", "cost_usd", "input_tokens", "output_tokens")} == {
        "model": "m", "latency_s": 1.5, "cost_usd": 0.25, "input_tokens": 3, "output_tokens": 4,
    }  # fmt: skip
    assert {result["completion"]["source"] for result in results.values()} == {"given"}
    assert done.document["summary"]["cost_usd"] is None  # one of the two is unknown


def test_a_case_without_a_line_is_an_error_and_kept_apart_from_a_failure(project: Project) -> None:
    project.write("o.jsonl", lines({"case": "right", "output": "right"}))
    done = project.json("--outputs", "o.jsonl")
    assert done.code == 3
    assert done.cases()["left"]["error"] == "o.jsonl has no answer for case 'left'"
    project.write("o.jsonl", lines({"case": "right", "output": "right"}, {"case": "left", "error": "it timed out"}))
    done = project.json("--outputs", "o.jsonl")
    assert done.code == 3
    assert done.cases()["left"]["error"] == "o.jsonl:2: it timed out"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"case": "lef", "output": ""}', ["o.jsonl:2", "no case 'lef'", "did you mean 'left'?"]),
        ('{"case": "left", "output": ""}\n{"case": "left", "output": ""}', ["o.jsonl:3", "line 2"]),
        ('{"case": "left", "outptu": ""}', ["o.jsonl:2", "did you mean 'output'?"]),
        ('{"case": "left"}', ["o.jsonl:2", "neither output nor error"]),
        ('{"case": "left", "output": 3}', ["o.jsonl:2", "output"]),
        ('{"case": "left", "output": "", "sample": -1}', ["o.jsonl:2", "sample"]),
        ('{"case": "left", "output": "", "latency_s": NaN}', ["o.jsonl:2"]),
        ('{"case": "left", "output": ', ["o.jsonl:2"]),
        ('{"case": "left", "output": "", "prompt": "bto"}', ["o.jsonl:2", "bto"]),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(project: Project, line: str, told: list[str]) -> None:
    project.write("o.jsonl", '{"case": "right", "output": "right"}\n' + line + "\n")
    done = project.eval("--outputs", "o.jsonl")
    assert (done.code, done.out) == (2, "")
    for words in told:
        assert words in done.err


def test_an_empty_file_measures_nothing(project: Project) -> None:
    project.write("o.jsonl", "")
    done = project.eval("--outputs", "o.jsonl")
    assert (done.code, done.out) == (2, "")
    assert "no lines" in done.err


def test_several_prompts_share_a_file(project: Project) -> None:
    project.write(
        "prompts/other.yaml",
        json.dumps({"name": "other", "version": "1.0.0", "model": "openai/gpt-4o-2024-08-06", "system_prompt": "x"}),
    )
    project.write("golden/other.yaml", json.dumps({"cases": [case("left", {"contains": "LEFT"})]}))
    mixed = [
        {"case": "left", "output": "left", "prompt": "bot"},
        {"case": "left", "output": "LEFT", "prompt": "other"},
        {"case": "right", "output": "right", "prompt": "bot"},
    ]
    project.write("o.jsonl", lines(*mixed))
    done = project.json("--outputs", "o.jsonl")
    assert done.code == 0
    assert [(one["name"], one["summary"]["passed"]) for one in done.document["prompts"]] == [("bot", 2), ("other", 1)]
    assert project.json("other", "--outputs", "o.jsonl").document["summary"]["cases"] == 1
    project.write("o.jsonl", lines(*mixed, {"case": "left", "output": "whose?"}))
    done = project.eval("--outputs", "o.jsonl")
    assert done.code == 2
    assert "o.jsonl:4" in done.err
    assert '"prompt"' in done.err


def test_every_format_says_the_same(project: Project, tmp_path: Path) -> None:
    project.write("o.jsonl", lines({"case": "left", "output": "left"}, {"case": "right", "output": "wrong"}))
    out = tmp_path / "out"
    out.mkdir()
    done = project.eval(
        "--outputs", "o.jsonl", "--format", "markdown", "--report", f"json={out}/r.json", "--report", f"junit={out}/r.xml",
        "--report", "html=out/r.html", "--report", "markdown=out/r.md", "--report", "github=out/r.txt", "--report", "text=out/t.txt",
        "--report", "gitlab=out/g.json", "--report", "sarif=out/s.json",
    )  # fmt: skip
    assert done.code == 1
    document = json.loads((out / "r.json").read_text())
    assert (document["summary"]["passed"], document["summary"]["failed"]) == (1, 1)
    suites = ET.parse(out / "r.xml").getroot()
    cases = {one.get("name"): one for one in suites.iter("testcase")}
    assert len(cases) == 2
    failed = [name for name, one in cases.items() if one.find("failure") is not None]
    assert len(failed) == 1
    assert "right" in str(failed[0])
    assert all(one.find("error") is None for one in cases.values())
    assert (out / "r.md").read_text() == done.out
    assert "right" in done.out
    assert "|" in done.out
    assert "<html" in (out / "r.html").read_text()
    assert (out / "r.txt").read_text().startswith("::")
    assert isinstance(json.loads((out / "g.json").read_text()), list)
    assert json.loads((out / "s.json").read_text())["version"] == "2.1.0"
    assert "FAIL" in (out / "t.txt").read_text()
    for written in out.iterdir():
        assert "\x1b" not in written.read_text()


def test_junit_keeps_errors_and_failures_apart(project: Project) -> None:
    project.write("o.jsonl", lines({"case": "left", "output": "x"}))
    suites = ET.fromstring(project.eval("--outputs", "o.jsonl", "--format", "junit").out)
    kinds = [child.tag for one in suites.iter("testcase") for child in one if child.tag in ("failure", "error")]
    assert sorted(kinds) == ["error", "failure"]


def test_a_report_that_no_file_can_hold_is_refused_before_anything_is_done(project: Project) -> None:
    project.write("o.jsonl", lines({"case": "left", "output": "left"}, {"case": "right", "output": "right"}))
    project.write("file", "not a folder")
    for path in ("file/r.json", "absent/r.json", "."):
        done = project.eval("--outputs", "o.jsonl", "--report", f"json={path}")
        assert (done.code, done.out) == (2, ""), path
        assert str(project.root / path) in done.err or str((project.root / path).parent) in done.err
    assert not project.run_files("run.json")


def test_a_report_that_the_disk_refuses_is_3_and_the_run_is_kept_and_shown(project: Project) -> None:
    project.write("o.jsonl", lines({"case": "left", "output": "left"}, {"case": "right", "output": "right"}))
    done = project.eval("--outputs", "o.jsonl", "--report", "json=/proc/r.json", "--report", "json=good.json")
    assert done.code == 3
    assert "/proc/r.json: cannot be written" in done.err
    assert "2 of 2 cases passed" in done.out
    assert json.loads((project.root / "good.json").read_text())["summary"]["passed"] == 2
    assert len(project.run_files("run.json")) == 1
    project.write("o.jsonl", lines({"case": "left", "output": "no"}, {"case": "right", "output": "right"}))
    assert project.eval("--outputs", "o.jsonl", "--report", "json=/proc/r.json").code == 1  # a FAIL comes before it


def test_the_file_and_the_project_may_lie_elsewhere(project: Project, tmp_path: Path) -> None:
    """Paths on the command line are relative to the working directory, or to -C DIR."""
    project.write("answers/o.jsonl", lines({"case": "left", "output": "left"}, {"case": "right", "output": "right"}))
    away = Project(tmp_path / "away")
    away.root.mkdir()
    assert away.eval("-C", "..", "--outputs", "answers/o.jsonl", "--report", "json=r.json").code == 0
    assert (tmp_path / "r.json").is_file()
    assert Project(tmp_path / "answers").eval("--outputs", "o.jsonl").code == 0
