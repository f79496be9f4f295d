"""One page that needs nothing and does nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import report_hostile as hostile
from hypothesis import given, settings
from report_examples import reports

from promptctl.model.finding import Finding, Report, Section, Severity, Table
from promptctl.reports import html

fuzz = settings(max_examples=60, deadline=None)
VOID = {"meta"}


class Page(HTMLParser):
    """Tags, attributes and text of a page; fails on tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_forbids_everything_but_its_own_style():
    text = html.render(reports()["run"])
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text).group(1)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_the_page_has_no_script_no_link_and_no_inline_style():
    for report in reports().values():
        page = Page(html.render(report))
        assert not {"script", "link", "img", "iframe", "a", "form"} & set(page.tags)
        assert not {"style", "src", "href", "srcset"} & {name for name, _ in page.attributes}
        assert not [name for name, _ in page.attributes if name.startswith("on")]


def test_the_page_shows_answers_whole():
    text = "".join(Page(html.render(reports()["run"])).text)
    assert "7. Step number 7" in text
    assert "FAIL: 3 of 14 cases failed; 8 could not be judged" in text


@fuzz
@given(hostile.texts)
def test_hostile_text_anywhere_stays_text(text):
    report = Report(
        kind="x",
        title=text,
        outcome=text,
        conclusion=text,
        data={},
        findings=(Finding(text, text, Severity.ERROR, text, path=text, line=1, column=1, hint=text),),
        sections=(Section(text, text, style=text, facts=((text, text),)),),
        tables=(Table(text, (text, "b"), ((text, text),), (text, "right")),),
        summary=((text, text),),
        notes=(text,),
        sources={text: text},
    )
    page = Page(html.render(report))
    assert set(page.tags) <= {
        *(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "h1",
            "h2",
            "p",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
        ),
        *("details", "summary", "dl", "dt", "dd", "pre"),
    }
    assert {name for name, _ in page.attributes} <= {
        *("lang", "charset", "http-equiv", "content", "name", "class", "scope", "open"),
    }
