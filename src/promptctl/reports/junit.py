"""JUnit XML in pytest's dialect, which every CI reads.

<failure> is an answer that is bad, <error> a case that could not be judged, <skipped> one that was not looked at or
does not count. Names are stable: a test's history survives reordering and a change of the number of lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from promptctl.model.finding import Report, TestCase
from promptctl.reports.cells import excerpt
from promptctl.reports.escape import xml, xml_attribute

_ELEMENT = {"fail": "failure", "error": "error", "skip": "skipped"}
_MESSAGE_CHARACTERS = 500


def render(report: Report) -> str:
    """The report's tests as one <testsuites> document."""
    suites = _suites(report)
    every = [test for tests in suites.values() for test in tests]
    started = report.data.get("provenance", {}).get("started_at")
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f'<testsuites name="promptctl {report.kind}" {_counts(every)}>']
    for name, tests in suites.items():
        stamp = f' timestamp="{xml_attribute(started)}"' if started else ""
        lines.append(f'  <testsuite name="{xml_attribute(name)}" {_counts(tests)}{stamp}>')
        for test in tests:
            lines.extend(_test(test))
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suites(report: Report) -> Mapping[str, Sequence[TestCase]]:
    """Tests by suite, and one more where the outcome is worse than any of them says: the file never looks greener
    than the exit code."""
    suites: dict[str, list[TestCase]] = {}
    for test in report.tests:
        suites.setdefault(test.suite, []).append(test)
    outcome = "error" if report.outcome == "none" else report.outcome
    if outcome in {"fail", "error"} and not any(test.outcome in {"fail", "error"} for test in report.tests):
        whole = TestCase(suite="promptctl", name=report.kind, outcome=outcome, message=report.conclusion)
        suites["promptctl"] = [*suites.get("promptctl", []), whole]
    return suites


def _counts(tests: Sequence[TestCase]) -> str:
    found = {outcome: sum(test.outcome == outcome for test in tests) for outcome in _ELEMENT}
    seconds = sum(test.time_s or 0.0 for test in tests)
    return (
        f'errors="{found["error"]}" failures="{found["fail"]}" skipped="{found["skip"]}" tests="{len(tests)}" '
        f'time="{seconds:.3f}"'
    )


def _test(test: TestCase) -> Iterable[str]:
    start = f'    <testcase classname="{xml_attribute(test.suite)}" name="{xml_attribute(test.name)}"'
    start += f' time="{test.time_s or 0.0:.3f}"'
    inside = [*_properties(test.properties), *_result(test)]
    if not inside:
        return [start + " />"]
    return [start + ">", *inside, "    </testcase>"]


def _properties(properties: Mapping[str, str]) -> Iterable[str]:
    if not properties:
        return []
    lines = [
        f'        <property name="{xml_attribute(name)}" value="{xml_attribute(value)}" />'
        for name, value in properties.items()
    ]
    return ["      <properties>", *lines, "      </properties>"]


def _result(test: TestCase) -> Iterable[str]:
    element = _ELEMENT.get(test.outcome)
    if element is None:
        return []
    message = test.message
    if len(message) > _MESSAGE_CHARACTERS:
        message = message[:_MESSAGE_CHARACTERS] + "…"
    kind = ' type="promptctl.skip"' if element == "skipped" else ""
    start = f'      <{element}{kind} message="{xml_attribute(message)}"'
    if not test.detail:
        return [start + " />"]
    return [f"{start}>{xml(_bounded(test.detail))}</{element}>"]


def _bounded(detail: str) -> str:
    return "\n".join(excerpt(detail, width=None, lines=None))
