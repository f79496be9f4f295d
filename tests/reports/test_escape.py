"""No text, however hostile, is more than text where it is shown."""

from __future__ import annotations

import json
import re
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
import report_hostile as hostile
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from promptctl.reports import escape

MARKDOWN = MarkdownIt("commonmark").enable("table").enable("strikethrough")
fuzz = settings(max_examples=100, deadline=None)


def lines_of(text: str) -> list[str]:
    """Lines as any reader may see them: every character that some program takes for a line break is one."""
    return re.split(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text)


def assert_no_command(text: str) -> None:
    for one in lines_of(text):
        assert not re.sub(r"\x1b\[[0-9;]*m", "", one).strip().startswith("::"), one
    assert not re.search(r"##\w*\[", text)


def assert_visible(text: str) -> None:
    for character in text:
        if character not in "\n\t\u200c\u200d":
            category = unicodedata.category(character)
            assert category not in {"Cc", "Cs", "Zl", "Zp"}, repr(character)
            assert unicodedata.bidirectional(character) not in {
                "RLO",
                "LRO",
                "RLE",
                "LRE",
                "PDF",
                "RLI",
                "LRI",
                "FSI",
                "PDI",
            }


@fuzz
@given(hostile.texts)
def test_visible_text_has_nothing_hidden_and_can_be_encoded(text):
    shown = escape.visible(text)
    assert_visible(shown)
    shown.encode("utf-8")
    assert escape.visible(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("\x9b1m", "\\x9b1m"),
        ("\u202e", "\\u202e"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud83d", "\\ud83d"),
        ("a\r\nb", "a\nb"),
        ("50 %\rdone", "50 %\\x0ddone"),
        ("tab\tand\nnewline", "tab\tand\nnewline"),
        ("ünï 日本 👩‍👩‍👧", "ünï 日本 👩‍👩‍👧"),
        ("", ""),
    ],
)
def test_visible_spells_out_what_controls_and_keeps_what_is_text(text, shown):
    assert escape.visible(text) == shown


@fuzz
@given(hostile.texts)
def test_a_line_is_one_line(text):
    shown = escape.line(text)
    assert lines_of(shown) == [shown]
    assert_visible(shown)


@fuzz
@given(hostile.texts)
def test_no_line_of_a_log_is_a_command(text):
    assert_no_command(escape.log(escape.visible(text)))


def test_a_log_keeps_our_colours_and_sees_a_command_behind_them():
    assert escape.log("\x1b[31mred\x1b[0m") == "\x1b[31mred\x1b[0m"
    assert escape.log("\x1b[1m ::error::x") == "\x1b[1m \\::error::x"
    assert escape.log("a :: b") == "a :: b"


@fuzz
@given(hostile.texts)
def test_a_workflow_command_stays_one_line_with_its_own_properties(text):
    command = f"::error file={escape.workflow_property(text)},title=t::{escape.workflow_message(text)}"
    assert lines_of(command) == [command]
    properties, message = re.fullmatch(r"::error (file=[^,:]*,title=t)::(.*)", command).groups()
    unescaped = message.replace("%0A", "\n").replace("%25", "%")
    assert unescaped == escape.visible(text)
    assert properties.count("=") >= 2


@fuzz
@given(hostile.texts)
def test_markdown_text_is_only_text(text):
    """Parsed, it is one paragraph of text; read back, it is what was put in, but for the break of references."""
    shown = escape.markdown(text)
    assert lines_of(shown) == [shown]
    tokens = MARKDOWN.parse(f"x {shown} y")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert {child.type for child in tokens[1].children} <= {"text"}
    read = "".join(child.content for child in tokens[1].children).replace("\u200b", "")
    assert read == f"x {escape.line(text)} y"


@fuzz
@given(hostile.texts)
def test_markdown_text_that_begins_a_block_begins_nothing(text):
    tokens = MARKDOWN.parse(f"- {escape.markdown(text)}")
    inside = [token.type for token in tokens if token.type not in {"list_item_open", "list_item_close"}]
    assert inside.count("bullet_list_open") == 1
    assert set(inside) <= {
        "bullet_list_open",
        "bullet_list_close",
        "paragraph_open",
        "paragraph_close",
        "inline",
        "code_block",
    }


@fuzz
@given(st.lists(hostile.texts, min_size=2, max_size=3))
def test_a_cell_of_a_markdown_table_stays_in_its_cell(cells):
    row = "| " + " | ".join(escape.markdown(cell) or " " for cell in cells) + " |"
    head = "|" + " h |" * len(cells) + "\n|" + "---|" * len(cells)
    tokens = MARKDOWN.parse(f"{head}\n{row}")
    assert [token.type for token in tokens].count("td_open") == len(cells)


@fuzz
@given(hostile.texts)
def test_markdown_mentions_nobody_and_links_nothing(text):
    shown = escape.markdown(text)
    assert not re.search(r"@\w", shown)
    assert not re.search(r"\w://", shown)
    assert not re.search(r"www\.", shown, re.IGNORECASE)
    assert not re.search(r"#\d", shown)
    assert "<" not in shown


@fuzz
@given(hostile.texts)
def test_a_fence_holds_its_text_whole(text):
    block = escape.fence(text)
    tokens = MARKDOWN.parse(f"before\n\n{block}\n\nafter")
    fences = [token for token in tokens if token.type == "fence"]
    assert [token.type for token in tokens if not token.type.startswith("paragraph")] == ["inline", "fence", "inline"]
    assert fences[0].content.replace("<\\!--", "<!--") == escape.visible(text).replace("<\\!--", "<!--") + "\n"
    assert "<!-- promptctl" not in block


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.data: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.data.extend(value for _, value in attrs if value)

    def handle_comment(self, data):
        self.tags.append("comment")

    def handle_data(self, data):
        self.data.append(data)


@fuzz
@given(hostile.texts)
def test_html_is_character_data(text):
    shown = escape.html(text)
    reader = _Reader()
    reader.feed(f"<p>{shown}</p>")
    reader.close()
    assert reader.tags == ["p"]
    assert "".join(reader.data) == escape.visible(text)
    assert_no_command(shown)
    quoted = _Reader()
    quoted.feed(f'<a title="{shown}">')
    assert quoted.tags == ["a"]
    assert "".join(quoted.data) == escape.visible(text)


@fuzz
@given(hostile.texts)
def test_xml_parses_again_to_the_visible_text(text):
    document = f'<a b="{escape.xml_attribute(text)}">{escape.xml(text)}</a>'
    assert_no_command(document)
    assert "]]>" not in document
    element = ElementTree.fromstring(document.encode("utf-8"))
    assert (element.text or "") == escape.visible(text)
    assert element.get("b") == escape.visible(text)


@fuzz
@given(
    st.recursive(
        hostile.texts | st.none() | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(hostile.texts, inner, max_size=3),
        max_leaves=8,
    )
)
def test_json_keeps_its_value_and_loses_its_teeth(value):
    shown = escape.json_document(json.dumps(value, indent=2, ensure_ascii=False))
    assert json.loads(shown) == json.loads(json.dumps(value))
    assert_no_command(shown)
    assert_visible(shown.replace("\u200b", ""))
    shown.encode("utf-8")
