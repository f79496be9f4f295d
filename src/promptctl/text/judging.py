"""What only a judge's file says: its scale, its own rubric, the least score that passes."""

from __future__ import annotations

from dataclasses import dataclass

from promptctl.model.judge import Scale
from promptctl.model.prompt import Json
from promptctl.text.checked import Fields, described
from promptctl.text.scale import SHAPES, is_number, parse_scale, refusal


@dataclass(frozen=True, slots=True)
class JudgeKeys:
    """The judge's keys; None where the file has none. threshold: on a range's scale, else a share of 0..1."""

    scale: Scale | None = None
    rubric: str | None = None
    threshold: float | None = None


def read_judging(root: Fields) -> JudgeKeys:
    """The keys of a judge; what is wrong with them is noted."""
    scale = _scale(root)
    rubric = root.text("rubric")
    if rubric is not None and not rubric.strip():
        root.problem("rubric", "the rubric is empty", hint="say what a good answer is, or leave the key out")
    return JudgeKeys(scale, rubric, _threshold(root, scale or Scale()))


def _scale(root: Fields) -> Scale | None:
    value = root.raw("scale")
    if value is None:
        return None
    scale = parse_scale(value)
    if scale is None:
        why = refusal(value)
        root.problem("scale", f"{described(value)} is no scale{f': {why}' if why else ''}", hint=SHAPES)
    metadata = root.raw("metadata")
    if isinstance(metadata, dict) and "scale" in metadata:
        root.problem("scale", "the scale is given twice: here and under `metadata`", hint="keep this one")
    return scale


def _threshold(root: Fields, scale: Scale) -> float | None:
    value: Json = root.raw("threshold")
    if value is None:
        return None
    if isinstance(value, str) and value in scale.words:
        value = scale.words[value]
    low, high = (scale.low, scale.high) if scale.kind == "range" else (0.0, 1.0)
    if not is_number(value) or not low < value <= high:
        words = f"one of {', '.join(scale.words)}, or " if scale.words else ""
        root.problem("threshold", f"threshold must be {words}a number above {low:g} and at most {high:g}")
        return None
    return float(value)
