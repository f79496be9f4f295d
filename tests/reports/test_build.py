"""A run's report says what happened: FAIL, ERROR and nothing measured are never the same, and never green."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_examples import EMPTY, GREEN, RESULTS, RUN, answer, sample

from promptctl.model.finding import Finding, Severity
from promptctl.model.run import AssertionResult, Outcome, Run, Source, Summary
from promptctl.reports.build import of_findings, of_run


def run_of(*outcomes: Outcome, status: str = "complete", tags: dict[int, tuple[str, ...]] | None = None) -> Run:
    """A run of one case for each outcome."""
    passed, failed, errored = (outcomes.count(one) for one in (Outcome.PASS, Outcome.FAIL, Outcome.ERROR))
    summary = Summary(
        cases=len(outcomes),
        samples=len(outcomes),
        passed=passed,
        failed=failed,
        errored=errored,
        pass_rate=passed / len(outcomes),
        pass_rate_interval=None,
    )
    results = tuple(
        sample(f"case-{n}", outcome, tags=(tags or {}).get(n, ()), error="down" if outcome is Outcome.ERROR else None)
        for n, outcome in enumerate(outcomes)
    )
    prompt = replace(RUN.prompts[0], summary=summary)
    return replace(RUN, status=status, summary=summary, prompts=(prompt,), results=results)


PASS, FAIL, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.ERROR


@pytest.mark.parametrize(
    ("outcomes", "options", "outcome", "conclusion"),
    [
        ((PASS,), {}, "pass", "PASS: 1 of 1 case passed"),
        ((PASS, PASS), {}, "pass", "PASS: 2 of 2 cases passed"),
        ((PASS, FAIL), {}, "fail", "FAIL: 1 of 2 cases failed"),
        ((PASS, ERROR), {}, "error", "ERROR: 1 of 2 cases could not be judged"),
        ((FAIL, ERROR), {}, "fail", "FAIL: 1 of 2 cases failed; 1 could not be judged"),
        ((ERROR, ERROR), {"min_pass_rate": 0.5}, "error", "ERROR: 2 of 2 cases could not be judged"),
        ((PASS, FAIL), {"min_pass_rate": 0.5}, "pass", "PASS: the pass rate is 50.0 %, at least 50.0 % was required"),
        ((PASS, FAIL), {"min_pass_rate": 0.6}, "fail", "FAIL: the pass rate is 50.0 %, at least 60.0 % was required"),
        ((PASS, FAIL, ERROR), {"min_pass_rate": 0.3}, "error", "ERROR: 1 of 3 cases could not be judged"),
        ((PASS, PASS), {"min_pass_rate": 1.0}, "pass", "PASS: 2 of 2 cases passed"),
    ],
)
def test_the_outcome_of_a_run(outcomes, options, outcome, conclusion):
    report = of_run(run_of(*outcomes), **options)
    assert (report.outcome, report.conclusion) == (outcome, conclusion)


def test_a_rate_that_is_reached_exactly_is_reached_whatever_the_floats_say():
    run = run_of(*[PASS] * 7, *[FAIL] * 3)
    assert of_run(run, min_pass_rate=0.1 + 0.6).outcome == "pass"


def test_a_case_that_must_pass_fails_the_run_at_any_rate():
    run = run_of(PASS, FAIL, tags={1: ("critical",)})
    report = of_run(run, min_pass_rate=0.1, must_pass=("critical",))
    assert (report.outcome, report.conclusion) == ("fail", "FAIL: 1 case tagged critical failed: case-1")


def test_an_empty_run_is_never_green():
    report = of_run(EMPTY)
    assert report.outcome == "none"
    assert report.conclusion.startswith("NOTHING MEASURED")
    assert of_run(EMPTY, min_pass_rate=0.0).outcome == "none"


@pytest.mark.parametrize("status", ["interrupted", "partial"])
def test_a_run_that_did_not_finish_is_never_green(status):
    report = of_run(run_of(PASS, PASS, status=status))
    assert report.outcome == "error"
    assert status in report.conclusion
    assert of_run(run_of(PASS, FAIL, status=status)).outcome == "fail"


def test_failures_come_worst_first_and_errors_after_them():
    titles = [section.title for section in of_run(RUN, must_pass=("critical",)).sections]
    assert titles[:3] == ["support-bot / hostile", "support-bot / wrong-tool", "support-bot / cannot-sign-in"]
    assert titles[3].startswith("7 cases: limited-1, limited-2")
    assert titles[4] == "support-bot / unjudged"


def test_cases_that_must_pass_are_read_before_lower_scores():
    run = replace(RUN, results=(replace(RESULTS[2], tags=("critical",)), RESULTS[4]))
    titles = [section.title for section in of_run(run, must_pass=("critical",)).sections]
    assert titles == ["support-bot / cannot-sign-in", "support-bot / wrong-tool"]


def test_a_failure_says_which_assertion_broke_and_shows_the_answer():
    section = next(one for one in of_run(RUN).sections if "cannot-sign-in" in one.title)
    assert section.facts == (
        ("contains", "the output does not contain 'Settings > Security > Reset Password'"),
        ("all", "1 of 2 failed"),
        ("  no-prices", "the output contains '$'"),
    )
    assert section.text.startswith("I am sorry")


def test_tools_that_were_called_are_part_of_the_answer():
    section = next(one for one in of_run(RUN).sections if "wrong-tool" in one.title)
    assert section.text == 'tool call: refund({"order": 7})'


def test_an_empty_answer_says_so():
    run = replace(RUN, results=(sample("mute", FAIL, completion=answer("")),))
    assert of_run(run).sections[0].text == "(the answer is empty)"


def test_a_case_whose_majority_passed_is_no_failure():
    assert not any("flaky" in section.title for section in of_run(RUN).sections)


def test_a_sample_is_named_among_its_case():
    samples = tuple(sample("flaky", PASS if n == 1 else FAIL, sample=n, pass_if="majority") for n in range(3))
    (section,) = of_run(replace(RUN, results=samples)).sections
    assert section.title == "support-bot / flaky (sample 1 of 3; 2 of 3 failed)"


def test_only_so_many_failures_are_shown_and_the_rest_is_counted():
    run = run_of(*[FAIL] * 9)
    report = of_run(run, failures_shown=2)
    assert len(report.sections) == 2
    assert any("7 more failed cases not shown here" in note for note in report.notes)
    assert len(of_run(run, failures_shown=2, verbose=True).sections) == 9


def test_the_summary_speaks_of_rate_interval_money_tokens_time_and_origin():
    summary = dict(of_run(RUN).summary)
    assert summary["cases"] == "3 of 14 cases passed (21.4 %, 95 % interval 7.6-47.6 %)"
    assert summary["outcomes"] == "3 passed, 3 failed, 8 errors"
    assert summary["cost"] == "$0.0181 answers, $0.0040 judges; spent now $0.0161"
    assert summary["tokens"] == "3,780 in, 864 out"
    assert summary["latency"] == "p50 0.82 s, p95 2.41 s"
    assert summary["answers"] == "6 live, 2 cached, 1 recorded"


def test_an_unknown_price_is_unknown_and_never_nothing():
    summary = replace(GREEN.summary, cost_usd=None, unpriced=("openai/house-model",))
    cost = dict(of_run(replace(GREEN, summary=summary)).summary)["cost"]
    assert cost.startswith("unknown answers")
    assert "no price for openai/house-model" in cost


def test_given_answers_cost_what_they_say():
    given = tuple(replace(one, completion=answer("x", source=Source.GIVEN, cost_usd=None)) for one in GREEN.results)
    summary = replace(GREEN.summary, cost_usd=None, unpriced=("m",), completions={"given": 2})
    report = of_run(replace(GREEN, results=given, summary=summary))
    assert dict(report.summary)["cost"] == "unknown answers (the given answers do not say)"


def test_what_to_do_next_can_be_pasted_into_a_shell():
    run = replace(RUN, results=(sample("it's $HOME; rm -rf", FAIL),))
    (note,) = of_run(run).notes
    assert note.endswith("promptctl eval support-bot --case 'it'\"'\"'s $HOME; rm -rf' --verbose")


def test_tests_are_samples_and_a_lost_sample_of_a_passed_case_is_no_failure():
    tests = {test.name: test for test in of_run(RUN).tests}
    assert tests["flaky[2]"].outcome == "skip"
    assert "pass_if: majority" in tests["flaky[2]"].message
    assert tests["hostile"].outcome == "fail"
    assert tests["limited-1"].outcome == "error"
    assert tests["reset-password"].properties["cost_usd"] == "0.00201"


def test_findings_of_a_run_are_at_most_two_a_prompt():
    assert [(one.rule, one.path) for one in of_run(RUN).findings] == [
        ("PE001", "prompts/support-bot.yaml"),
        ("PE002", "prompts/support-bot.yaml"),
    ]


def test_a_threshold_that_was_missed_is_a_reason():
    missed = sample("weak", FAIL, score=0.4, assertions=(AssertionResult("any", PASS, 0.4, "ok", "d"),))
    (section,) = of_run(replace(RUN, results=(missed,))).sections
    assert section.facts == (("threshold", "the case's score is 0.40, below its threshold"),)


def finding(severity: Severity, path: str = "a.yaml", line: int = 1) -> Finding:
    return Finding("PL101", "unpinned-model", severity, "m", path=path, line=line)


@pytest.mark.parametrize(
    ("severities", "options", "outcome", "conclusion"),
    [
        ((), {"checked": ("a.yaml",)}, "pass", "PASS: no findings in 1 file"),
        ((), {"checked": ()}, "none", "NOTHING CHECKED: no file was looked at"),
        ((), {}, "pass", "PASS: no findings"),
        ((Severity.WARNING,), {}, "warning", "WARNING: 1 warning in 1 file"),
        ((Severity.WARNING,), {"fail_on": Severity.WARNING}, "fail", "FAIL: 1 warning in 1 file"),
        ((Severity.INFO, Severity.ERROR, Severity.ERROR), {}, "fail", "FAIL: 2 errors, 1 note in 1 file"),
    ],
)
def test_the_outcome_of_findings(severities, options, outcome, conclusion):
    report = of_findings([finding(one) for one in severities], data={}, **options)
    assert (report.outcome, report.conclusion) == (outcome, conclusion)


def test_findings_are_told_in_the_order_of_the_files():
    report = of_findings(
        [finding(Severity.INFO, "b", 1), finding(Severity.INFO, "a", 9), finding(Severity.INFO, "a", 2)], data={}
    )
    assert [(one.path, one.line) for one in report.findings] == [("a", 2), ("a", 9), ("b", 1)]


def test_tests_of_findings_have_names_without_lines():
    before = of_findings([finding(Severity.ERROR, line=3), finding(Severity.ERROR, line=9)], data={}).tests
    after = of_findings([finding(Severity.ERROR, line=13), finding(Severity.ERROR, line=19)], data={}).tests
    assert (
        [test.name for test in before]
        == [test.name for test in after]
        == ["PL101 unpinned-model", "PL101 unpinned-model 2"]
    )
