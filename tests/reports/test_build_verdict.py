"""A verdict as a report: outcome, findings, tests, witnesses, in every format."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from promptctl.model.run import Outcome
from promptctl.model.verdict import Broken, Metric, PromptVerdict, Ruling, Shown, Verdict, Witness
from promptctl.reports import formats
from promptctl.reports.build_verdict import of_comparison, of_verdict

HOSTILE = "\x1b[31m::error::owned <script>"
METRIC = Metric(
    "pass_rate", Ruling.FAIL, "regression", 50, 0.9, 0.7, -0.2, (-0.3, -0.1), -0.29, -0.11, 0.001, 0.001, 50, 0.15
)
WITNESS = Witness(
    "reset",
    "regression",
    Shown(Outcome.PASS, "Open the settings\nChoose Security", 1, 1, 1.0),
    Shown(Outcome.FAIL, f"Open the settings\n{HOSTILE}", 0, 1, 0.0),
    (Broken("contains", None, '"Security" is not in the answer', 1, 1),),
    must_pass=True,
)
FAILED = PromptVerdict(
    "bot", Ruling.FAIL, "regression", 50, 11, 1, (METRIC,), path="prompts/bot.yaml", witnesses=(WITNESS,),
    reasons=("pass rate: -20.00 points over 50 cases: a regression is shown (p 0.0010)",),
)  # fmt: skip
OPEN = replace(FAILED, verdict=Ruling.INCONCLUSIVE, rule="not-settled", reasons=("neither is shown",), witnesses=())
PASSED = replace(FAILED, prompt="calm", verdict=Ruling.PASS, rule="non-inferiority", witnesses=(), reasons=())


def verdict(*prompts, ruling, **more):
    return Verdict(ruling, prompts, rule=prompts[0].rule if prompts else None, **more)


FAIL = verdict(FAILED, PASSED, ruling=Ruling.FAIL, command="promptctl gate --against main")
INCONCLUSIVE = verdict(OPEN, ruling=Ruling.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("given", "policy", "outcome"),
    [
        (FAIL, "warn", "fail"),
        (verdict(PASSED, ruling=Ruling.PASS), "fail", "pass"),
        (INCONCLUSIVE, "warn", "warning"),
        (INCONCLUSIVE, "fail", "none"),
        (INCONCLUSIVE, "pass", "pass"),
        (verdict(replace(OPEN, incomplete=True), ruling=Ruling.INCONCLUSIVE), "pass", "error"),
        (verdict(ruling=Ruling.INCONCLUSIVE), "warn", "none"),
    ],
)
def test_the_outcome_follows_verdict_and_policy(given, policy, outcome):
    assert of_verdict(given, on_inconclusive=policy).outcome == outcome


def test_an_inconclusive_verdict_warns_in_its_conclusion():
    assert of_verdict(INCONCLUSIVE).conclusion.startswith("WARNING: INCONCLUSIVE: bot: neither is shown")
    assert of_verdict(INCONCLUSIVE, on_inconclusive="fail").conclusion.startswith("INCONCLUSIVE")


@pytest.mark.parametrize("name", formats.NAMES)
@pytest.mark.parametrize("build", [of_verdict, of_comparison])
def test_every_format_renders_it_and_none_lets_an_answer_out(name, build):
    text = formats.render(build(FAIL), name)
    assert "bot" in text or (build is of_comparison and name in {"sarif", "gitlab"})  # a comparison has no findings
    assert "\x1b" not in text
    assert not any(line.startswith("::error::owned") for line in text.splitlines())


def test_text_shows_both_answers_the_figures_and_how_to_reproduce_it():
    text = formats.render(of_verdict(FAIL), "text")
    for expected in (
        "bot / reset (must pass)", "- Choose Security", '"Security" is not in the answer', "-20.00", "-30.00 to -10.00",
        "p 0.0010", "15.0", "promptctl gate --against main", "prompts/bot.yaml:1", "PG001",
    ):  # fmt: skip
        assert expected in text, expected


def test_junit_has_one_test_a_prompt():
    root = ElementTree.fromstring(formats.render(of_verdict(replace(FAIL, carried_over=("quiet",))), "junit"))
    suite = root.find("testsuite")
    assert suite is not None
    assert suite.get("name") == "gate"
    assert [(case.get("name"), [child.tag for child in case if child.tag != "properties"]) for case in suite] == [
        ("bot", ["failure"]),
        ("calm", []),
        ("quiet", ["skipped"]),
    ]


def test_annotations_name_the_prompt_file_and_the_witness():
    line = formats.render(of_verdict(FAIL), "github").splitlines()[0]
    assert line.startswith("::error file=prompts/bot.yaml,line=1,title=PG001 regression::bot: ")
    assert "cases: reset" in line


def test_a_tolerated_loss_is_a_warning():
    one = replace(PASSED, rule="regressed-within-margin", reasons=("a real loss",))
    report = of_verdict(verdict(one, ruling=Ruling.PASS))
    assert (report.outcome, report.findings[0].rule, report.findings[0].severity.value) == ("pass", "PG003", "warning")


def test_a_comparison_never_fails():
    report = of_comparison(FAIL)
    assert (report.outcome, report.findings, report.data["kind"]) == ("pass", (), "comparison")
    assert {test.outcome for test in report.tests} == {"pass"}
    assert any("would say FAIL" in note for note in report.notes)


def test_witnesses_beyond_the_first_are_counted_and_verbose_shows_them():
    many = replace(FAILED, witnesses=tuple(replace(WITNESS, case=f"c{n}") for n in range(14)))
    report = of_verdict(verdict(many, ruling=Ruling.FAIL))
    assert len(report.sections) == 10
    assert any("4 more cases not shown" in note for note in report.notes)
    assert len(of_verdict(verdict(many, ruling=Ruling.FAIL), verbose=True).sections) == 14
