"""Where the entries of a YAML text begin and end."""

from __future__ import annotations

import pytest

from promptctl.model.source import Blob
from promptctl.text.entries import Written
from promptctl.text.yaml import load


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n# the end"])
@pytest.mark.parametrize("text", ["cases:\n  - id: a\n  - id: b\n    input: x", "a: |\n  one\n  two", "a: [1, 2]"])
def test_every_value_has_its_place_with_and_without_a_last_line_break(text: str, end: str) -> None:
    blob = Blob("golden/x.yaml", (text + end).encode())
    document = load(blob)
    written = Written(blob, document)
    [key] = document.value
    start, stop = written.value_span((key,))
    assert 0 <= start < stop <= len(text + end)
    assert written.text[start:stop].startswith(("- id", "|", "["))
    assert written.entry((key,))[1] >= len(text) - 1
