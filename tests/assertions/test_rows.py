"""The rows of every assertion's page: what they say passes, passes; at least three do and three do not."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from promptctl.assertions.engine import describe, names
from promptctl.model.run import Completion, Request
from promptctl.model.source import Blob
from promptctl.text.yaml import load


def cells(line: str) -> list[str]:
    return [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def rows(name: str) -> list[dict[str, object]]:
    """The table of examples in an assertion's docstring, its cells in backticks read as YAML."""
    lines = [line for line in describe(name).doc.splitlines() if line.startswith("|")]
    heads, _, *body = [cells(line) for line in lines]
    return [{head: read(cell) for head, cell in zip(heads, row, strict=True)} for row in body]


def read(cell: str) -> object:
    quoted = re.fullmatch(r"`(.*)`", cell, re.DOTALL)
    return load(Blob("row", quoted[1].encode())).value if quoted else cell


ROWS = [(name, row) for name in names() for row in rows(name)]


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[f"{name}-{i}" for i, (name, _) in enumerate(ROWS)])
def test_row(name, row, bound, answer):
    made = bound(row["assertion"])
    assert made.spec.type == name
    given = answer(row["answer"])
    assert isinstance(given.output, str)
    asks = made.asks(given)
    replies = row.get("replies", [])
    assert len(asks) == len(replies)
    replies = [
        Completion(**{"output": "", **reply}) if isinstance(ask, Request) else reply
        for ask, reply in zip(asks, replies, strict=True)
    ]
    result = made.judge(given, replies)
    assert result.outcome.value == row["outcome"], result.reason
    assert (result.score is None) == (row["outcome"] == "error")
    assert result.reason


@pytest.mark.parametrize("name", names())
def test_every_page_has_its_rows(name):
    seen = Counter(row["outcome"] for row in rows(name))
    assert seen["pass"] >= 3
    assert seen["fail"] >= 3
    assert set(seen) <= {"pass", "fail", "error"}


@pytest.mark.parametrize("name", names())
def test_not_inverts_every_row_but_errors(name, bound, answer):
    inverted = {"pass": "fail", "fail": "pass", "error": "error"}
    for row in rows(name):
        entry = row["assertion"]
        negated = (
            {"type": f"not-{name}", **{k: v for k, v in entry.items() if k != "type"}}
            if "type" in entry
            else {f"not-{key}" if key == name else key: value for key, value in entry.items()}
        )
        made, plain = bound(negated), bound(entry)
        given = answer(row["answer"])
        replies = [
            Completion(**{"output": "", **reply}) if isinstance(ask, Request) else reply
            for ask, reply in zip(made.asks(given), row.get("replies", []), strict=True)
        ]
        result, straight = made.judge(given, replies), plain.judge(given, replies)
        assert result.outcome.value == inverted[row["outcome"]], (row, result.reason)
        assert result.type == f"not-{name}"
        if straight.score is not None:
            assert result.score == pytest.approx(1 - straight.score)
