"""GitHub, GitLab and SARIF: formats that speak of lines in files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import report_hostile as hostile
from hypothesis import given, settings
from jsonschema import Draft4Validator, Draft202012Validator
from report_examples import FINDINGS, PROMPT_TEXT, reports

from promptctl.model.finding import Finding, Severity
from promptctl.reports import github, gitlab, sarif
from promptctl.reports.build import of_findings

fuzz = settings(max_examples=40, deadline=None)
SCHEMAS = Path(__file__).parent / "schemas"
SARIF = Draft4Validator(
    json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text()), format_checker=Draft4Validator.FORMAT_CHECKER
)
GITLAB = Draft202012Validator(json.loads((SCHEMAS / "gitlab-code-quality.json").read_text()))
KINDS = ("run", "run-green", "run-empty", "lint", "lint-clean", "diff")


def findings(text: str) -> list[Finding]:
    return [
        Finding(text, text, severity, text, path=path, line=line, column=column, hint=text, end_column=4)
        for severity in Severity
        for path, line, column in ((text, 1, 2), (None, None, None), ("a.yaml", 7, None))
    ]


# GitHub


def annotations(text: str) -> list[str]:
    return [one for one in text.splitlines() if one.startswith("::")]


def test_github_annotates_the_place():
    shown = annotations(github.render(reports()["lint"]))
    assert shown[2] == (
        "::error file=prompts/support-bot.yaml,line=3,col=8,endColumn=21,title=PL101 unpinned-model::"
        "`openai/gpt-4o` is an alias: the provider may change what it means%0Ahint: use openai/gpt-4o-2024-08-06"
    )
    assert "file=golden/naïve set%2C1%3A2.yaml," in shown[0]


def test_github_shows_ten_of_a_severity_and_the_tenth_counts_the_rest():
    many = [replace(FINDINGS[0], line=n) for n in range(1, 26)]
    shown = annotations(github.render(of_findings(many, data={})))
    assert len(shown) == 10
    assert shown[-1] == "::error title=promptctl::and 16 more; the job's log or another format lists them all"
    assert len(annotations(github.render(of_findings(many[:10], data={})))) == 10


def test_github_says_why_also_where_no_finding_does():
    shown = annotations(github.render(reports()["run-empty"]))
    assert shown == [
        "::error title=promptctl eval::NOTHING MEASURED: no case was evaluated, so nothing can be said about the prompt"
    ]
    assert annotations(github.render(reports()["run-green"])) == []


@fuzz
@given(hostile.texts)
def test_github_commands_are_ours_alone(text):
    report = of_findings(findings(text), data={}, conclusion=text, title=text)
    shown = github.render(report)
    assert len(re.split(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", shown)) == 9 + 2
    *commands, conclusion, end = shown.split("\n")
    assert all(
        re.match(r"::(error|warning|notice) ((file|line|col|endColumn|title)=[^,:]*,?)+::", one) for one in commands
    )
    assert not conclusion.strip().startswith("::")
    assert end == ""


# GitLab


@pytest.mark.parametrize("kind", KINDS)
def test_gitlab_reports_fit_the_schema(kind):
    entries = json.loads(gitlab.render(reports()[kind]))
    GITLAB.validate(entries)
    assert len({one["fingerprint"] for one in entries}) == len(entries)


def test_gitlab_fingerprints_survive_moved_lines_and_tell_twins_apart():
    twins = [replace(FINDINGS[4], line=n) for n in (1, 9)]
    moved = [replace(FINDINGS[4], line=n) for n in (5, 13)]
    assert gitlab.fingerprints(twins) == gitlab.fingerprints(moved)
    assert len(set(gitlab.fingerprints(twins))) == 2


@fuzz
@given(hostile.texts)
def test_gitlab_takes_any_text(text):
    entries = json.loads(gitlab.render(of_findings(findings("x" + text), data={})))
    GITLAB.validate(entries)
    assert len(entries) == 9


# SARIF


@pytest.mark.parametrize("kind", KINDS)
def test_sarif_fits_the_official_schema(kind):
    log = json.loads(sarif.render(reports()[kind]))
    SARIF.validate(log)
    (run,) = log["runs"]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_the_official_schema_can_refuse():
    log = json.loads(sarif.render(reports()["lint"]))
    log["runs"][0]["results"][0]["message"] = "text"
    assert not SARIF.is_valid(log)


def results() -> dict[str, dict]:
    run = json.loads(sarif.render(reports()["lint"]))["runs"][0]
    return {one["ruleId"]: one for one in run["results"]}


def test_sarif_columns_count_utf_16_code_units():
    region = results()["PL204"]["locations"][0]["physicalLocation"]["region"]
    line = PROMPT_TEXT.splitlines()[3].encode("utf-16-le")
    start, end = 2 * (region["startColumn"] - 1), 2 * (region["endColumn"] - 1)
    assert line[start:end].decode("utf-16-le") == "😀"


def test_sarif_columns_of_an_unknown_line_stay_as_they_are():
    assert sarif.utf16_column(None, 7) == 7
    assert sarif.utf16_column("😀😀x", 3) == 5


def test_sarif_paths_are_relative_uris():
    location = results()["PL001"]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "golden/na%C3%AFve%20set%2C1%3A2.yaml", "uriBaseId": "%SRCROOT%"}


def test_sarif_carries_the_rule_and_its_page():
    rules = json.loads(sarif.render(reports()["lint"]))["runs"][0]["tool"]["driver"]["rules"]
    pinned = next(one for one in rules if one["id"] == "PL101")
    assert pinned["name"] == "UnpinnedModel"
    assert pinned["help"]["markdown"].startswith("## Why")
    assert [one["id"] for one in rules] == sorted({one.rule for one in FINDINGS})


def test_sarif_messages_hold_no_links():
    assert results()["PL900"]["message"]["text"].startswith("[x] (https://evil.example)")
    assert "locations" not in results()["PL900"]


def test_sarif_says_whether_the_work_could_be_done():
    def invocation(kind: str) -> dict:
        return json.loads(sarif.render(reports()[kind]))["runs"][0]["invocations"][0]

    assert invocation("lint") == {"executionSuccessful": True}
    nothing = invocation("run-empty")
    assert nothing["executionSuccessful"] is False
    assert nothing["toolExecutionNotifications"][0]["message"]["text"].startswith("NOTHING MEASURED")


def test_sarif_keeps_to_the_limit_of_results():
    many = [replace(FINDINGS[0], line=n, fingerprint="") for n in range(1, 25_003)]
    run = json.loads(sarif.render(of_findings(many, data={})))["runs"][0]
    assert len(run["results"]) == 25_000
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"] == "2 more findings are not in this file"


@fuzz
@given(hostile.texts)
def test_sarif_takes_any_text(text):
    report = of_findings(findings(text), data={}, sources={text: text + "\n" * 9}, conclusion=text)
    SARIF.validate(json.loads(sarif.render(report)))
