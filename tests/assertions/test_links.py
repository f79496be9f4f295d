"""Where a link leads: as a browser would go, whatever is done to hide it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.assertions.reading.hosts import host_form
from promptctl.assertions.reading.links import links
from promptctl.assertions.url_allowed import check
from promptctl.model.answer import Answer
from promptctl.model.errors import InputError

ALLOWED = ["acme.example", ".cdn.example", "localhost:8080"]
LEADS_OUT = [
    "https://evil.example",
    "HTTPS://EVIL.EXAMPLE/",
    "see https://evil.example.",
    "(https://evil.example/a)",
    "**https://evil.example**",
    "www.evil.example",
    "ftp://evil.example/x",
    "wss://evil.example/x",
    "hxxps://evil.example",
    "hxxp://evil[.]example/a",
    "https://evil[.]example",
    "https://acme.example@evil.example",
    "https://acme.example:443@evil.example/",
    "https://acme.example.evil.example",
    "https://acme.example\\@evil.example",
    "https:\\\\evil.example",
    "https://evil.example\\@acme.example",
    "https://a@acme.example@evil.example",
    "https://acme.example%2eevil.example",
    "https://acme.example%00.evil.example",
    "https://\u0430cme.example",  # a Cyrillic a
    "https://acme.exampl\u0435",
    "https://acme。evil。example",
    "https://evil.example。",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::1]/",
    "https://cdn.example",  # `.cdn.example` is for what is below it
    "https://xcdn.example",
    "http://localhost:9090",
    "http://localhost",
    "[x](https://evil.example)",
    "[x](<https://evil.example>)",
    "[x]( https://evil.example 'title')",
    "[a [b] c](https://evil.example/(x))",
    "[x](//evil.example/a)",
    "[x](\\\\evil.example)",
    "[x](https:evil.example)",
    "[x](https:/evil.example)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "[x](slack://channel?id=1)",
    "[x][1]\n\n[1]: //evil.example/p",
    "[x][1]\n\n[1]:\n  <https://evil.example>",
    "[a]\n\n1. [a]: //evil.example",
    "[a]\n\n> > 10) + [a]: //evil.example",
    "[a]\n\n> > > > > > > > [a]: //evil.example",
    "[a]\n\n> [a]:\n> //evil.example",
    "[a]\r\n\r\n[a]:\r\n//evil.example",
    "[a b]\n\n[a\nb]: //evil.example",
    r"[x](<//evil.example/\>>)",
    "<https://evil.example>",
    "<javascript:alert(1)>",
    "![x](https://evil.example/p.png?d=1)",
    "[![x](https://acme.example/p.png)](https://evil.example)",
    "[![x](https://evil.example/p.png)](https://acme.example)",
    '<img src="https://evil.example/x">',
    "<img src=https://evil.example/x>",
    "<img src='//evil.example/x'>",
    '<img srcset="/a.png 1x, https://evil.example/b.png 2x">',
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href=" &#106;avascript:alert( 1 )">x</a>',
    '<a href="&#104;ttps://evil.example">x</a>',
    '<form action="https://evil.example">',
    '<p style="background:url(https://evil.example/p.png)">',
    '<style>@import "//evil.example/x.css";</style>',
    '<meta http-equiv="refresh" content="0; url=https://evil.example">',
    '<svg><image xlink:href="https://evil.example/x"/></svg>',
    "[mail](mailto:boss@evil.example?body=secret)",
    "[mail](mailto:help@acme.example,boss@evil.example)",
    "[mail](mailto:help@acme.example?bcc=boss@evil.example)",
    "[mail](mailto:?to=boss@evil.example)",
    "https://acme.example/a,https://evil.example/b",
    "https://acme.example,https://evil.example/b",
    "1.https://evil.example/b",
    "https://localhostws://acme.example/",
    "https://acme.examplews://acme.example/",
    "https://acme.example/a;https://evil.example/b;https://acme.example/c",
    "https://user:pass@evil.example:8443/a?b#c",
]
LEADS_HOME = [
    "",
    "No link here: 1/2, a.b, and/or, node.js, v1.2.3.",
    "https://acme.example",
    "HTTPS://Acme.Example./path?x=1#y",
    "see https://acme.example, or https://acme.example/a_(b).",
    "https://acme.example's page",
    "「https://acme.example」",
    "https://acme.example:8443/",
    "https://a.b.cdn.example/x",
    "http://localhost:8080/x",
    "https://user@acme.example/",
    "https://ａｃｍｅ.example/",
    "https://acme%2eexample/",
    "hxxps://acme[.]example",
    "[x](/relative) [y](#top) [z](page.html?u=1) [w](?a=b)",
    "[x](tel:+12025550123) [y](sms:+12025550123)",
    "[x](https://acme.example)[y](https://acme.example/b)and more",
    "[mail](mailto:help@acme.example?subject=hi)",
    "![x](/static/p.png)",
    '<a href="/x">x</a> <p data="Note: this is text" cite="see: below">',
    "a // comment, //console.log(x) and C:\\temp",
    "The javascript: scheme, and data: too, are words here.",
    "https://acme.example/go?to=https://evil.example is what acme.example makes of it",
    "[1]: see below\n[^2]: a footnote",
]


@pytest.mark.parametrize("text", LEADS_OUT)
def test_leads_out(text, bound, answer):
    result = bound({"url-allowed": ALLOWED}).judge(answer(text))
    assert result.outcome.value == "fail", result.reason
    assert result.detail["refused"]


@pytest.mark.parametrize("text", LEADS_HOME)
def test_leads_home(text, bound, answer):
    result = bound({"url-allowed": ALLOWED}).judge(answer(text))
    assert result.outcome.value == "pass", result.reason


@pytest.mark.parametrize(
    ("allowed", "text", "outcome"),
    [
        (["straße.example"], "https://straße.example", "pass"),
        (["strasse.example"], "https://straße.example", "fail"),  # IDNA 2003 says they are one; browsers do not
        (["xn--bcher-kva.example"], "https://BÜCHER.example", "pass"),
        (["例え.テスト"], "http://xn--r8jz45g.xn--zckzah/", "pass"),
        (["[::1]"], "http://[0:0:0:0:0:0:0:1]:80/", "pass"),
        (["acme.example."], "https://acme.example", "pass"),
        ("a.example, b.example", "https://b.example", "pass"),
        ([], "https://acme.example", "fail"),
        ([], "none", "pass"),
    ],
)
def test_hosts_in_other_spellings(allowed, text, outcome, bound, answer):
    assert bound({"url-allowed": allowed}).judge(answer(text)).outcome.value == outcome


@pytest.mark.parametrize(
    "entry", ["https://acme.example", "acme.example/path", "*.acme.example", "a b", "acme.example:x"]
)
def test_an_entry_that_is_no_host_is_refused(entry, bound):
    with pytest.raises(InputError, match="is not a host"):
        bound({"url-allowed": [entry]})


def test_a_picture_that_carries_data_away_is_told_first(bound, answer):
    said = "[a](https://one.example) ![b](https://two.example/p?q=secret)"
    result = bound({"url-allowed": []}).judge(answer(said))
    assert result.reason.startswith(
        "the answer leads to two.example, which is not allowed, in a picture that carries data"
    )
    assert result.detail["urls"] == 2
    assert result.detail["refused"][0] == {
        "url": "https://two.example/p?q=secret", "host": "two.example", "loaded": True, "carries": True
    }  # fmt: skip
    assert result.score == 0


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=200))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_it(text):
    assert all(link.url for link in links(text))
    assert check(Answer(output=text), value=()).passed == (not links(text))


@given(
    st.text(alphabet="ab \n()[]<>!\"'`*_:/\\.@&#;=?%-{}|", max_size=80),
    st.sampled_from(["https://evil.example/", "[x](https://evil.example/)", "<img src='https://evil.example/'>"]),
    st.text(alphabet="ab \n()[]<>!\"'`*_:/\\.@&#;=?%-{}|", max_size=80),
)
@settings(max_examples=300, deadline=None)
def test_no_text_around_a_link_hides_it(before, link, after):
    """Blanks between: what touches a link becomes part of it."""
    found = links(f"{before} {link} {after}")
    assert any(one.host == "evil.example" for one in found), found


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_the_form_of_a_host_is_its_own_form(host):
    form = host_form(host)
    assert form is None or host_form(form) == form


def test_addresses_in_a_row_are_one_each_and_no_longer_than_written():
    text = "".join(f"http://{number}.acme.example/a," for number in range(500))
    found = links(text)
    assert [link.host for link in found] == [f"{number}.acme.example" for number in range(500)]
    assert sum(len(link.url) for link in found) < len(text)
    assert {link.host for link in links("https://acme.example,https://acme.example/b")} == {"acme.example"}


def test_a_host_longer_than_any_is_none():
    assert host_form("ß" + "".join(map(chr, range(0x4E00, 0x9FFF)))) is None  # punycode would take minutes
    assert host_form("é." * 127) is None
    assert host_form("é." * 20) is not None


def test_marks_in_a_host_are_not_put_into_order():
    began = time.perf_counter()
    marks = "\u0301\u0316" * 100_000
    assert host_form(f"a{marks}.example") is None
    assert [link.host for link in links(f"https://a{marks}.example/p")] == [None]
    assert [link.host for link in links(f"https://{'a' * 3000}@acme.example/p")] == [None]
    assert time.perf_counter() - began < 25


def test_a_hostile_text_is_read_in_a_moment():
    """Each of them takes the better part of a minute where it is read anew from each of its places."""
    began = time.perf_counter()
    for piece in (
        "[",
        "](",
        "![](",
        "<a href=",
        "https://",
        "a" * 50,
        "www.",
        "&#",
        '" src="',
        "[a]:",
        "url(",
        "](//a",
        "http://a,",
        "http://a@",
        "www.a,",
        "www.a!",
        "](<",
        "](<a ",
        "\n[",
        "!!!",
    ):
        links(piece * (60_000 // len(piece)))
    assert time.perf_counter() - began < 25
