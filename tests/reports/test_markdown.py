"""A pull request comment: one marker, whole blocks, nothing foreign that acts."""

from __future__ import annotations

import re
from dataclasses import replace

import report_hostile as hostile
from hypothesis import given, settings
from markdown_it import MarkdownIt
from report_examples import RUN, answer, reports, sample

from promptctl.model.finding import Finding, Report, Section, Severity, Table
from promptctl.model.run import Outcome
from promptctl.reports import markdown
from promptctl.reports.build import of_run

fuzz = settings(max_examples=60, deadline=None)
PARSER = MarkdownIt("commonmark").enable("table")
OURS = {"<!-- promptctl:v1 key=x -->", "</details>", "<details open>", "<details>"}


def code_units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_a_comment_starts_with_its_marker():
    assert markdown.render(reports()["run"]).splitlines()[0] == "<!-- promptctl:v1 key=run -->"


def test_a_report_of_any_size_fits_a_comment_and_says_what_it_left_out():
    results = tuple(sample(f"case-{n}", Outcome.FAIL, completion=answer("😀 line of text\n" * 60)) for n in range(1000))
    text = markdown.render(of_run(replace(RUN, results=results), verbose=True))
    assert code_units(text) <= markdown.COMMENT_LIMIT
    assert re.search(r"_\d+ blocks were left out to fit into a comment", text.splitlines()[-1])
    assert text.count("<details") == text.count("</details>")
    assert text.count("```") % 2 == 0


def test_a_head_that_is_too_long_is_cut_at_a_line():
    report = replace(reports()["run"], notes=tuple("😀" * 400 for _ in range(200)), sections=())
    text = markdown.render(report)
    assert code_units(text) <= markdown.COMMENT_LIMIT
    assert "left out" in text.splitlines()[-1]


def test_a_report_that_fits_is_whole():
    text = markdown.render(reports()["run"])
    assert "left out" not in text
    assert "I am sorry to hear that" in text
    assert "telephone number" in text


def test_a_diff_is_marked_as_one():
    assert "```diff\n@@ system prompt @@" in markdown.render(reports()["diff"])


@fuzz
@given(hostile.texts)
def test_hostile_text_anywhere_stays_text(text):
    report = Report(
        kind="x",
        title=text,
        outcome="fail",
        conclusion=text,
        data={},
        findings=(Finding(text, text, Severity.ERROR, text, path=text, line=1, column=1, hint=text),),
        sections=(Section(text, text, style="failure", facts=((text, text),)), Section(text)),
        tables=(Table(text, (text, "b"), ((text, text),)),),
        summary=((text, text),),
        notes=(text,),
        sources={text: text},
    )
    shown = markdown.render(report)
    shown.encode("utf-8")
    assert shown.count("<!-- promptctl") == 1
    for one in shown.split("\n"):
        assert not one.strip().startswith("::")
    assert not re.search(r"##\w*\[", shown)
    blocks = PARSER.parse(shown)
    for token in blocks:
        if token.type == "html_block":
            for piece in re.findall(r"<[^>]*>", token.content):
                assert piece in OURS or piece in {"<summary>", "</summary>"}, piece
        for child in token.children or ():
            assert child.type in {"text", "softbreak", "strong_open", "strong_close"}, (child.type, child.content)
