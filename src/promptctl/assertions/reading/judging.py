"""Judges: which one is asked, on which scale, with which rubric and threshold. All mistakes are found here, unasked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from promptctl.model.answer import Bench
from promptctl.model.errors import InputError, Problem
from promptctl.model.golden import Case
from promptctl.model.judge import Scale
from promptctl.model.prompt import Json, Prompt
from promptctl.model.suggest import closest
from promptctl.text.canonical import digest
from promptctl.text.scale import parse_scale
from promptctl.text.template import undeclared

WORDING = 1  # counts up when judges are told something else: their verdicts are then new ones
GIVEN = ("rubric", "output", "input", "question", "context")


@dataclass(frozen=True, slots=True)
class Judging:
    """A judge made ready. threshold: the least score that passes, on its scale; a share of 0..1 off ranges.

    identity: what makes its verdicts its own; another identity, other verdicts. endpoint: where its model is asked.
    """

    prompt: Prompt
    scale: Scale
    rubric: str
    threshold: float
    identity: str
    endpoint: str | None = None

    def passes(self, score: float | str, share: float) -> bool:
        """Whether a verdict reaches the threshold."""
        return (score if isinstance(score, int | float) else share) >= self.threshold

    def about(self) -> dict[str, Json]:
        """What a result keeps of it."""
        return {
            "judge": self.prompt.name,
            "judge_digest": self.identity,
            "scale": str(self.scale),
            "threshold": self.threshold,
        }


def identity_of(judge: Prompt, endpoint: str | None) -> str:
    """What a judge's verdicts belong to: its text, model, scale, rubric and threshold, where it is asked, and how."""
    scale = scale_of(judge)
    said = [scale.kind, scale.low, scale.high, dict(scale.words)]
    return digest({"judge": judge.digest, "scale": said, "endpoint": endpoint, "wording": WORDING})


def scale_of(judge: Prompt) -> Scale:
    """The scale a judge's file gives, also under `metadata`; 0-1 where it gives none. Raises InputError."""
    if judge.scale is not None:
        return judge.scale
    written = judge.metadata.get("scale", (0, 1))
    scale = parse_scale(written)
    if scale is None:
        raise InputError(Problem(f"`scale` of the judge {judge.name} must be [low, high]", path=judge.source.path))
    return scale


def judging(
    bench: Bench,
    name: str | None,
    *,
    rubric: str | None,
    kinds: Sequence[str] = ("range", "words"),
    threshold: float | None = None,
    case: Case | None = None,
    brings: Sequence[str] = GIVEN,
    sees: Sequence[str] = ("output",),
) -> Judging:
    """The judge called `name`, or the project's, ready to be asked.

    rubric: None for the judge's own. kinds: the kinds of scale that can be read here. brings: the variables the
    assertion itself gives. sees: those without which it would judge nothing. Raises InputError: there is no such judge,
    its scale is of another kind, it needs what the case does not give, it is not shown what it is to judge, there is no
    rubric or it is not shown, the threshold is off the scale.
    """
    judge = chosen(bench, name, kinds)
    scale = scale_of(judge)
    if scale.kind not in kinds:
        hint = f"it needs a judge whose scale is {' or '.join(_named(kind) for kind in kinds)}"
        raise InputError(Problem(f"the judge {judge.name} has the scale {scale}", hint=hint))
    text = rubric if rubric is not None else judge.rubric
    declared = {found.name for found in judge.inputs}
    if not (text or "").strip() and (rubric is not None or "rubric" in declared):
        raise InputError(Problem("there is no rubric", hint=f"give one here, or `rubric:` in {judge.source.path}"))
    _refuse_lacking(judge, case, brings)
    _refuse_blind(judge, (*sees, *([] if rubric is None else ["rubric"])))
    endpoint = bench.endpoint(judge.model)
    return Judging(
        prompt=_with_schema(judge, scale, bench),
        scale=scale,
        rubric=text or "",
        threshold=_threshold(judge, scale, threshold),
        identity=identity_of(judge, endpoint),
        endpoint=endpoint,
    )


def chosen(bench: Bench, name: str | None, kinds: Sequence[str] = ("range", "words")) -> Prompt:
    """The judge called `name`; without one the default, or the only one of the wanted kinds. Raises InputError."""
    fitting = [one for one in bench.judges.values() if _kind(one) in kinds]
    if name is None:
        default = bench.judges.get(bench.default_judge or "")
        if bench.default_judge is not None and (default is None or default in fitting):
            name = bench.default_judge
        elif len(fitting) == 1:
            return fitting[0]
    if name is None:
        what = "" if set(kinds) == {"range", "words"} else f" whose scale is {' or '.join(map(_named, kinds))}"
        if not fitting:
            hint = "'promptctl judge add' writes one to judges/, or write it yourself"
            raise InputError(Problem(f"the project has no judge{what}", hint=hint))
        hint = (
            "name one: `eval.judge` in promptctl.yaml, or in the assertion, as in `judge: {judge: NAME, rubric: ...}`"
        )
        names = ", ".join(sorted(one.name for one in fitting))
        raise InputError(Problem(f"{len(fitting)} judges{what} could be asked, and none is chosen: {names}", hint=hint))
    if name not in bench.judges:
        near = closest(name, bench.judges)
        hint = f"did you mean '{near}'?" if near else f"known judges: {', '.join(sorted(bench.judges)) or 'none'}"
        raise InputError(Problem(f"there is no judge '{name}'", hint=hint))
    return bench.judges[name]


def _kind(judge: Prompt) -> str | None:
    try:
        return scale_of(judge).kind
    except InputError:
        return "range"  # it is refused with its reason once it is chosen


def _named(kind: str) -> str:
    return {"range": "a range (1-5)", "words": "words (pass/fail)"}.get(kind, f"`{kind}`")


def _threshold(judge: Prompt, scale: Scale, threshold: float | None) -> float:
    low, high = (scale.low, scale.high) if scale.kind == "range" else (0.0, 1.0)
    given = judge.threshold if threshold is None else threshold
    least = given if given is not None else scale.middle
    if not low < least <= high:
        raise InputError(
            Problem(f"`threshold` {least:g} must be above {low:g} and at most {high:g}, the scale of {judge.name}")
        )
    return least


def _refuse_lacking(judge: Prompt, case: Case | None, brings: Sequence[str]) -> None:
    for found in judge.inputs:
        if found.required and found.name not in brings and not _gives(case, found.name):
            message = f"the judge {judge.name} needs `{found.name}`, which the case does not give"
            hint = f"a judge may declare {', '.join(brings)}, expected_output"
            if found.name == "expected_output":
                hint = "add `expected_output:` to the case"
            raise InputError(Problem(message, hint=hint))


def _refuse_blind(judge: Prompt, sees: Sequence[str]) -> None:
    """A judge that is not shown what it is to judge gives verdicts all the same, of nothing."""
    live = tuple(message.content for message in judge.messages if message.template and message.content)
    shown = _names(live, tuple(sorted(judge.includes.items())))
    for name in sees:
        if name not in shown:
            hint = f"put {{{{ {name} }}}} into {judge.source.path}"
            raise InputError(Problem(f"the judge {judge.name} does not look at `{name}`", hint=hint))


@lru_cache(maxsize=256)
def _names(templates: tuple[str, ...], includes: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """The names that templates take from outside. A judge is bound once a case, and Jinja2 needs most of a millisecond."""
    return frozenset[str]().union(*(undeclared(text, dict(includes)) for text in templates))


def _gives(case: Case | None, name: str) -> bool:
    if case is None:
        return True
    return name in case.input or (name == "expected_output" and case.expected_output is not None)


def _with_schema(judge: Prompt, scale: Scale, bench: Bench) -> Prompt:
    """With the scale's schema as its output, where the file gives none and the model is known to keep to one."""
    if judge.scale is None or judge.output_schema is not None or judge.output_format == "text":
        return judge
    if "response_format" in judge.parameters or not bench.takes_schema(judge.model):
        return judge
    return replace(judge, output_format="json", output_schema=schema_of(scale))


def schema_of(scale: Scale) -> dict[str, Json]:
    """The JSON Schema of a verdict on this scale, as providers' strict modes take it."""
    if scale.kind == "claims":
        fields: dict[str, Json] = {
            "claim": {"type": "string"},
            "verdict": {"type": "string", "enum": ["supported", "unsupported"]},
            "reason": {"type": "string"},
        }
        return _strict({"claims": {"type": "array", "items": _strict(fields)}})
    return _strict({"reason": {"type": "string"}, **_score(scale)})


def _score(scale: Scale) -> dict[str, Json]:
    if scale.kind == "pairwise":
        return {"winner": {"type": "string", "enum": ["A", "B", "tie"]}}
    if scale.kind == "words":
        return {"score": {"type": "string", "enum": list(scale.words)}}
    whole = scale.low.is_integer() and scale.high.is_integer() and 1 < scale.high - scale.low <= 20
    if whole:
        return {"score": {"type": "integer", "enum": list(range(int(scale.low), int(scale.high) + 1))}}
    return {"score": {"type": "number", "minimum": scale.low, "maximum": scale.high}}


def _strict(properties: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
