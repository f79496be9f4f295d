"""The labels of a judge, `judges/NAME.labels.jsonl`: what people said of answers it judged, one line an item and labeller.

The file is committed beside the judge. It stands on its own (a changed judge can be asked about the same material
again), and its lines are sorted, so that git's union merge of two branches loses no label.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from promptctl.model.errors import InputError, Problem
from promptctl.model.label import PAIRWISE, POINTWISE, Drawn, Judged, Label, Material
from promptctl.model.prompt import Json
from promptctl.model.source import Blob
from promptctl.text.canonical import digest
from promptctl.text.checked import Fields, Problems
from promptctl.text.decode import decode
from promptctl.text.golden_table import jsonl_cases

KEYS = (
    "item", "prompt", "case", "sample", "rubric", "own_rubric", "values", "label", "labeller", "at", "note", "judge",
    "assertion", "options", "threshold", "drawn",
)  # fmt: skip
_VALUE_KEYS = ("input", "output", "expected_output", "context")
_JUDGE_KEYS = ("digest", "outcome", "score", "threshold", "first", "second")
_DRAWN_KEYS = ("judge", "outcome", "of", "pool")
_MARKERS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")
_HALF = re.compile("[\ud800-\udfff]")


def item_of(material: Material) -> str:
    """The identity of an item: sha256 over the canonical JSON of what is judged, whoever answered and where.

    A threshold is none of it: people say whether an answer is good, not how good.
    """
    question = {"assertion": material.assertion, "options": dict(material.options)}
    return digest({**question, "rubric": material.rubric, "values": _values(material)})


def whole_material(material: Material) -> Material:
    """`material` as UTF-8 can hold it: half characters, which only escapes can carry, become U+FFFD."""
    values = _whole(_values(material))
    return replace(
        material,
        rubric=_whole(material.rubric),
        output=values["output"],
        input=values["input"],
        expected_output=values["expected_output"],
        context=tuple(values["context"]),
        options=_whole(material.options),
    )


def encode_labels(labels: Iterable[Label]) -> bytes:
    """The file's bytes: sorted by item and labeller, the later of two labels of one person kept."""
    return "".join(f"{_line(label)}\n" for label in latest(labels)).encode("utf-8", "replace")


def parse_labels(blob: Blob) -> tuple[Label, ...]:
    """The labels in a file, one for each item and labeller: of two the one given later.

    Raises InputError with every line that is wrong: not JSON, an empty object, a merge conflict's marker, an unknown or missing key, a
    label that is none, an item that is not the digest of its material, labels of two kinds.
    """
    _refuse_markers(blob)
    values, lines = jsonl_cases(blob)
    problems = Problems(blob.path, lines.where)
    for at, value in enumerate(values):
        if value == {}:
            problems.add(("cases", at), "the label is empty", hint="delete the line, or take it back from git")
    found = [_label(Fields(value, ("cases", at), problems, what="the label")) for at, value in enumerate(values)]
    labels = [label for label in found if label is not None]
    kinds = {label.pairwise for label in labels}
    if len(kinds) == 2:
        at = next(at for at, label in enumerate(found) if label is not None and label.pairwise != labels[0].pairwise)
        hint = "a judge compares two answers (A, B, tie) or judges one (pass, fail)"
        problems.add(("cases", at), "labels of two kinds in one file", hint=hint)
    problems.finish()
    return latest(labels)


def latest(labels: Iterable[Label]) -> tuple[Label, ...]:
    """One label for each item and labeller, sorted: the latest, and of two of one moment the one that was judged."""
    kept: dict[tuple[str, str], Label] = {}
    for label in labels:
        key = (label.item, label.labeller)
        kept[key] = label if key not in kept else max(kept[key], label, key=_age)
    return tuple(kept[key] for key in sorted(kept))


def _age(label: Label) -> tuple[datetime, bool, str]:
    return datetime.fromisoformat(label.at), label.judge is not None, _line(label)


def _line(label: Label) -> str:
    material = label.material
    row: dict[str, Json] = {
        "item": label.item,
        "prompt": label.prompt,
        "case": label.case,
        "sample": label.sample,
        "rubric": material.rubric,
        "values": _values(material),
        "label": label.label,
        "labeller": label.labeller,
        "at": label.at,
        "note": label.note,
        "judge": None if label.judge is None else _encode_judged(label.judge),
    }
    if material.own_rubric:
        row["own_rubric"] = True
    if material.assertion != "judge":
        row["assertion"] = material.assertion
    if material.options:
        row["options"] = dict(material.options)
    if material.threshold is not None:
        row["threshold"] = material.threshold
    if label.drawn is not None:
        drawn = label.drawn
        row["drawn"] = {"judge": drawn.judge, "outcome": drawn.outcome, "of": drawn.of, "pool": drawn.pool}
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _values(material: Material) -> dict[str, Json]:
    return {
        "input": dict(material.input),
        "output": material.output,
        "expected_output": material.expected_output,
        "context": list(material.context),
    }


def _encode_judged(judged: Judged) -> dict[str, Json]:
    row: dict[str, Json] = {
        "digest": judged.digest,
        "outcome": judged.outcome,
        "score": judged.score,
        "threshold": judged.threshold,
    }
    return row if judged.first is None else {**row, "first": judged.first, "second": judged.second}


def _refuse_markers(blob: Blob) -> None:
    """Raise for the lines a merge without `merge=union` left behind, before they are called bad JSON."""
    hint = (
        "delete the marker lines and keep the others; 'judges/*.labels.jsonl merge=union' in .gitattributes avoids this"
    )
    problems = [
        Problem("an unfinished merge left its marker here", blob.path, number, hint=hint)
        for number, line in enumerate(decode(blob).split("\n"), 1)
        if line.startswith(_MARKERS)
    ]
    if problems:
        raise InputError(*problems)


def _label(fields: Fields) -> Label | None:
    if not fields.values:
        return None
    before = len(fields.problems.found)
    fields.known(KEYS)
    material = _material(fields)
    label = fields.choice("label", None, (*POINTWISE, *PAIRWISE)) if "label" in fields else None
    texts = {key: _needed(fields, key) for key in ("item", "prompt", "case", "label", "labeller", "at")}
    _check_moment(fields, texts["at"])
    judge, drawn = fields.fields("judge"), fields.fields("drawn")
    read = Label(
        item=texts["item"],
        prompt=texts["prompt"],
        case=texts["case"],
        sample=fields.whole("sample", 0, low=0),
        material=material,
        label=label or "",
        labeller=texts["labeller"],
        at=texts["at"],
        note=fields.text("note"),
        judge=None if judge is None else _judged(judge, label in PAIRWISE),
        drawn=None if drawn is None else _drawn(drawn, label in PAIRWISE),
    )
    if len(fields.problems.found) == before and item_of(material) != read.item:
        hint = "take the line back from git, or delete it and label the answer again"
        fields.problem("item", "the item is not the digest of what was judged: the line was edited", hint=hint)
    return read if len(fields.problems.found) == before else None


def _needed(fields: Fields, key: str) -> str:
    value = fields.text(key)
    if not value and (key not in fields or fields.raw(key) in (None, "")):
        fields.problems.add(fields.at, f"the label has no {key!r}")
    return value or ""


def _check_moment(fields: Fields, at: str) -> None:
    if not at:
        return
    try:
        known = datetime.fromisoformat(at).tzinfo is not None
    except ValueError:
        known = False
    if not known:
        hint = "write it as 2026-11-30T14:05:00+00:00"
        fields.problem("at", f"at must be a moment with its offset from UTC, not {at!r}", hint=hint)


def _material(fields: Fields) -> Material:
    values = fields.fields("values")
    if values is None:
        fields.problems.add(fields.at, "the label has no 'values'")
        return Material(rubric=None, output="")
    values.known(_VALUE_KEYS)
    if "output" not in values:
        values.problems.add(values.at, "values has no 'output'")
    return Material(
        rubric=fields.text("rubric"),
        output=values.text("output") or "",
        input=values.mapping("input"),
        expected_output=values.raw("expected_output"),
        context=tuple(values.items("context")),
        assertion=fields.text("assertion") or "judge",
        options=fields.mapping("options"),
        own_rubric=fields.flag("own_rubric", False),
        threshold=fields.number("threshold", None),
    )


def _judged(fields: Fields, pairwise: bool) -> Judged:
    fields.known(_JUDGE_KEYS)
    known = PAIRWISE if pairwise else POINTWISE
    outcome = fields.choice("outcome", None, (*known, "error")) if "outcome" in fields else None
    if outcome is None and "outcome" not in fields:
        fields.problems.add(fields.at, "judge has no 'outcome'")
    digest_of = fields.text("digest")
    if not digest_of:
        fields.problems.add(fields.at, "judge has no 'digest'")
    return Judged(
        digest=digest_of or "",
        outcome=outcome or "",
        score=fields.raw("score"),
        threshold=fields.number("threshold", None),
        first=fields.choice("first", None, PAIRWISE) if fields.raw("first") is not None else None,
        second=fields.choice("second", None, PAIRWISE) if fields.raw("second") is not None else None,
    )


def _drawn(fields: Fields, pairwise: bool) -> Drawn:
    """The stratum; one without its size would weigh nothing, and is refused."""
    fields.known(_DRAWN_KEYS)
    known = PAIRWISE if pairwise else POINTWISE
    outcome = fields.choice("outcome", None, (*known, "error", "none")) if "outcome" in fields else None
    for key in ("outcome", "of"):
        if key not in fields:
            fields.problems.add(fields.at, f"drawn has no {key!r}")
    of = fields.whole("of", 1, low=1)
    return Drawn(fields.text("judge"), outcome or "", of, fields.whole("pool", of, low=0))


def _whole(value: Any) -> Any:  # noqa: ANN401 - any JSON value, and the same shape comes out
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_whole(key): _whole(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(item) for item in value]
    return value
