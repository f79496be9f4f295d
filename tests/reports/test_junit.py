"""JUnit that any CI can parse, in pytest's dialect, never greener than the exit code."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
import report_hostile as hostile
from hypothesis import given, settings
from report_examples import RUN, reports, sample

from promptctl.model.finding import Report, TestCase
from promptctl.model.run import Outcome
from promptctl.reports import escape, junit
from promptctl.reports.build import of_run

fuzz = settings(max_examples=60, deadline=None)


def parse(report: Report) -> ElementTree.Element:
    return ElementTree.fromstring(junit.render(report).encode("utf-8"))


def counts(element: ElementTree.Element) -> dict[str, int]:
    return {name: int(element.get(name)) for name in ("tests", "failures", "errors", "skipped")}


def test_failures_errors_and_skips_are_told_apart_and_counted():
    root = parse(reports()["run"])
    assert root.tag == "testsuites"
    assert counts(root) == {"tests": 16, "failures": 3, "errors": 8, "skipped": 1}
    for suite in root:
        assert counts(suite) == {
            "tests": len(suite.findall("testcase")),
            "failures": len(suite.findall("testcase/failure")),
            "errors": len(suite.findall("testcase/error")),
            "skipped": len(suite.findall("testcase/skipped")),
        }
        assert suite.get("timestamp") == "2026-11-20T10:15:00Z"


def test_a_test_is_named_by_prompt_and_case():
    cases = parse(reports()["run"]).findall("testsuite/testcase")
    names = [(one.get("classname"), one.get("name")) for one in cases]
    assert names[:3] == [
        ("support-bot", "reset-password"),
        ("support-bot", "change-mail"),
        ("support-bot", "cannot-sign-in"),
    ]
    assert ("support-bot", "flaky[2]") in names
    assert len(set(names)) == len(names)


def test_a_failure_carries_its_reason_and_the_answer():
    failure = parse(reports()["run"]).find("testsuite/testcase[@name='hostile']/failure")
    assert failure.get("message") == "no-prices: the output contains '$'"
    assert "\\x1b[31mred" in failure.text
    assert "日本語" in failure.text


@pytest.mark.parametrize(("outcome", "element"), [("fail", "failure"), ("error", "error"), ("none", "error")])
def test_the_file_is_never_greener_than_the_outcome(outcome, element):
    root = parse(replace(reports()["run-green"], outcome=outcome, conclusion="no good"))
    assert root.find(f"testsuite[@name='promptctl']/testcase/{element}").get("message") == "no good"
    assert counts(root)["failures"] + counts(root)["errors"] == 1


def test_a_passed_run_and_clean_files_are_green():
    for kind in ("run-green", "lint-clean"):
        root = parse(reports()[kind])
        assert counts(root)["tests"] > 0
        assert counts(root) | {"tests": 0} == {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}


def test_ten_thousand_cases_are_fine():
    results = tuple(sample(f"case-{n}", Outcome.PASS) for n in range(10_000))
    assert counts(parse(of_run(replace(RUN, results=results))))["tests"] == 10_000


@fuzz
@given(hostile.texts)
def test_hostile_text_anywhere_parses_again(text):
    test = TestCase(suite=text, name=text, outcome="fail", message=text, detail=text, properties={text: text})
    report = Report(kind="x", title="t", outcome="fail", conclusion=text, data={}, tests=(test,))
    case = parse(report).find("testsuite/testcase")
    assert case.get("name") == escape.visible(text)
    assert case.find("properties/property").get("value") == escape.visible(text)
