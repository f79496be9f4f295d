"""The reference page is what the files say."""

from __future__ import annotations

from pathlib import Path

from promptctl.assertions.engine import describe, names
from promptctl.assertions.engine.pages import render_docs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "assertions.md"


def test_the_committed_page_is_up_to_date():
    """If this fails, write render_docs() of promptctl.assertions.engine.pages to docs/assertions.md."""
    assert PAGE.read_text() == render_docs()


def test_every_assertion_and_every_option_is_on_it():
    text = render_docs()
    for name in names():
        assert f"\n## {name}\n" in text
        section = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        for option in describe(name).options:
            assert f"| `{option.name}` |" in section
            assert f"`{option.name}" in describe(name).doc, f"the page of {name} does not explain {option.name}"
    assert ">>>" not in text
