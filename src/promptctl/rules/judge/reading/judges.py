"""What a judge is told: its whole text, which variables it shows, which scales it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from promptctl.model.prompt import Json, Prompt

Scale = tuple[float, float]
DEFAULT_SCALE: Scale = (0.0, 1.0)  # the judge assertion's, where the judge names none

_NUMBER = r"(-?\d+(?:\.\d+)?)"
_RANGE = re.compile(
    rf"(?i)(?:scale|scor\w*|rat(?:e|ing)|grade|points?|number|integer|from|between|\[)[^.\n]{{0,40}}?(?<![\d.])"
    rf"{_NUMBER}\s*(?:[-–—,]|\.\.|to|through|and|bis)\s*{_NUMBER}(?![\d.]*\d)"
)
_ALONE = re.compile(rf"(?<![\w.]){_NUMBER}(?!\w|\.\d)")


def text_of(judge: Prompt) -> str:
    """Everything the judge's model is sent except for what a case brings."""
    own = [message.content for message in judge.messages if message.content]
    return "\n".join([*own, *judge.includes.values()])


def shows(judge: Prompt, *names: str) -> bool:
    """Whether one of the variables stands in the judge's templates, included files counted."""
    live = [message.content for message in judge.messages if message.template and message.content]
    pattern = re.compile(rf"\{{[{{%][^{{}}]*\b(?:{'|'.join(map(re.escape, names))})\b")
    return any(pattern.search(text) for text in (*live, *judge.includes.values()))


def declared_scale(judge: Prompt) -> Json:
    """The `scale` of the judge's metadata as it is written, None where there is none."""
    return judge.metadata.get("scale")


def is_scale(value: Json) -> bool:
    """Whether a value is [low, high] with low below high."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        return False
    numbers = all(isinstance(end, int | float) and not isinstance(end, bool) for end in value)
    return numbers and value[0] < value[1]


def named_scales(judge: Prompt) -> tuple[Scale, ...]:
    """The ranges the judge's text and output schema give for a score, in their order."""
    found = [(float(low), float(high)) for low, high in _RANGE.findall(text_of(judge))]
    return tuple(dict.fromkeys(scale for scale in (*found, *_schema_scales(judge)) if scale[0] < scale[1]))


def says_both_ends(judge: Prompt, scale: Scale) -> bool:
    """Whether both ends stand in the judge's text, as in "1 if it is right, 0 if not"."""
    return set(scale) <= {float(number) for number in _ALONE.findall(text_of(judge))}


def _schema_scales(judge: Prompt) -> Iterator[Scale]:
    properties = (judge.output_schema or {}).get("properties")
    score = properties.get("score") if isinstance(properties, Mapping) else None
    if not isinstance(score, Mapping):
        return
    values = score.get("enum")
    ends = [score.get("minimum"), score.get("maximum")]
    if isinstance(values, list) and values and all(isinstance(one, int | float) for one in values):
        ends = [min(values), max(values)]
    if is_scale(ends):
        yield float(ends[0] or 0), float(ends[1] or 0)
