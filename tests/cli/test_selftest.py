"""`promptctl selftest`: worked figures, recomputed offline."""

from __future__ import annotations

from xml.etree import ElementTree

from promptctl.reports.build_selftest import of_figures
from promptctl.stats.selftest import selftest


def test_it_says_how_many_figures_agree(promptctl):
    total = len(selftest())
    ended = promptctl("selftest")
    assert (ended.code, ended.out.strip()) == (0, f"PASS: {total} of {total} worked figures agree with their source")


def test_every_figure_has_its_source_in_the_document(promptctl):
    document = promptctl("selftest", "--format", "json").json
    assert (document["kind"], document["agree"]) == ("selftest", document["total"])
    names = [one["name"] for one in document["figures"]]
    assert any("Newcombe" in name for name in names)
    assert any("Student 1908" in name for name in names)


def test_verbose_shows_each_of_them(promptctl):
    assert promptctl("selftest", "--verbose").out.count("agrees") == len(selftest())


def test_junit_has_a_test_for_each(promptctl):
    suite = ElementTree.fromstring(promptctl("selftest", "--format", "junit").out).find("testsuite")
    assert suite is not None
    assert (suite.get("failures"), int(suite.get("tests") or 0)) == ("0", len(selftest()))


def test_a_figure_that_differs_fails_and_is_shown():
    report = of_figures([("p of the sleep data", 0.0028, 0.0029, False), ("other", 1.0, 1.0, True)], verbose=False)
    assert report.outcome == "fail"
    assert report.conclusion == "FAIL: 1 of 2 worked figures agree with their source"
    assert [row[0] for row in report.tables[0].rows] == ["p of the sleep data"]


def test_no_figure_at_all_is_no_agreement():
    assert of_figures([], verbose=False).outcome == "none"
