"""What a judge judged in a run: each answer with all that the judge saw of it, ready to be put before a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from promptctl.assertions.engine import Bound, bind
from promptctl.assertions.engine.shelf import PREPARED, kind
from promptctl.assertions.reading.judging import Judging
from promptctl.model.answer import Answer, Bench
from promptctl.model.errors import InputError
from promptctl.model.golden import AssertionSpec, Case
from promptctl.model.label import Drawn, Judged, Material
from promptctl.model.prompt import Json
from promptctl.model.run import AssertionResult, Completion, Outcome, Run, SampleResult
from promptctl.model.source import Source
from promptctl.text.labels import item_of, whole_material

_JUDGES_OWN = ("judge", "judges", "combine")
_OTHER_WAY = {"pass": "fail", "fail": "pass", "error": "error"}


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A result's case. same: whether it is the case that was asked, not a later one of its id.

    leaves: its assertions, groups taken apart, the judged ones bound; None for those no judge decides.
    """

    case: Case
    leaves: tuple[Bound | None, ...]
    same: bool


CaseOf = Callable[[SampleResult], KnownCase | None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer a person can be asked about: its item, where it came from, what is judged, and what the judge said.

    drawn: the stratum of the pool it is in, None as long as there is no pool.
    """

    item: str
    prompt: str
    case: str
    sample: int
    material: Material
    judge: Judged | None
    drawn: Drawn | None = None


def known_case(case: Case, source: Source, bench: Bench, *, same: bool) -> KnownCase:
    """The case with what judges decide of it bound. What cannot be bound is no question anybody can be asked."""
    return KnownCase(case, tuple(_bound(spec, source, bench, case) for spec in _spec_leaves(case.assertions)), same)


def _bound(spec: AssertionSpec, source: Source, bench: Bench, case: Case) -> Bound | None:
    try:
        return bind(spec, bench, source, case) if "judges" in kind(spec.type).takes else None
    except InputError:
        return None


def judged_by(name: str, run: Run, case_of: CaseOf) -> tuple[tuple[Candidate, ...], tuple[SampleResult, ...]]:
    """The answers of a run that the judge called `name` judged, and the results whose case is not to be found.

    case_of gives the case of a result with its assertions bound, or None: without it nobody knows what was asked. One
    that was edited since is no better: its question does not belong to this answer.
    """
    found: list[Candidate] = []
    lost: list[SampleResult] = []
    for result in run.results:
        if result.completion is None:
            continue
        known = case_of(result)
        if known is not None and known.same:
            found.extend(_candidates(name, result, result.completion, known))
        elif any(_speaks_of(name, one) for one in _leaves(result.assertions)):
            lost.append(result)
    return tuple(found), tuple(lost)


def distinct(candidates: Iterable[Candidate], digest: str) -> tuple[Candidate, ...]:
    """Each item once; of several the first that the judge of that digest judged, else that any judge did."""
    kept: dict[str, Candidate] = {}
    for one in candidates:
        before = kept.get(one.item)
        if before is None or _known(one, digest) > _known(before, digest):
            kept[one.item] = one
    return tuple(kept.values())


def _known(one: Candidate, digest: str) -> int:
    return 0 if one.judge is None else 2 if one.judge.digest == digest else 1


def _candidates(name: str, result: SampleResult, completion: Completion, known: KnownCase) -> Iterator[Candidate]:
    results: Sequence[AssertionResult | None] = tuple(_leaves(result.assertions))
    if len(results) != len(known.leaves):
        results = (None,) * len(known.leaves)
    for one, said in zip(known.leaves, results, strict=True):
        asked = None if one is None else next((judge for judge in one.judges if judge.prompt.name == name), None)
        if one is None or asked is None:
            continue
        material = whole_material(_material(one, asked, known.case, completion))
        judge = None if said is None else _judged(name, said, one, asked, answer_of(material))
        yield Candidate(item_of(material), result.prompt, result.case, result.sample, material, judge)


def _material(bound: Bound, asked: Judging, case: Case, completion: Completion) -> Material:
    spec = bound.spec
    of_panel = spec.type == "panel"
    plain = spec.type == "judge" or of_panel  # a member of a panel is asked as a judge alone is
    return Material(
        rubric=_rubric(bound, asked),
        output=completion.output,
        input=case.input,
        expected_output=case.expected_output,
        context=case.context if completion.context is None else completion.context,
        assertion="judge" if plain else spec.type,
        options={} if plain else _options(spec),
        own_rubric=spec.type != "g-eval" and not (spec.options.get("rubric") or (plain and spec.has_value)),
        threshold=None if of_panel else spec.threshold,
    )


def _rubric(bound: Bound, asked: Judging) -> str | None:
    if bound.spec.type != "g-eval":
        return asked.rubric.strip() or None
    return "\n\n".join(criterion.judging.rubric for criterion in bound.options[PREPARED])


def _options(spec: AssertionSpec) -> dict[str, Json]:
    value = {"value": spec.value} if spec.has_value else {}
    return value | {key: said for key, said in spec.options.items() if key not in (*_JUDGES_OWN, "rubric")}


def answer_of(material: Material) -> Answer:
    """The answer as an assertion sees it."""
    return Answer(
        output=material.output,
        input=material.input,
        expected_output=material.expected_output,
        context=material.context,
    )


def _speaks_of(name: str, result: AssertionResult) -> bool:
    return any(about.get("judge") == name for about in _abouts(result))


def _abouts(result: AssertionResult) -> Sequence[dict[str, Json]]:
    """What an assertion kept of each judge it asked."""
    panel = result.detail.get("judges")
    return [one for one in panel if isinstance(one, dict)] if isinstance(panel, list) else [dict(result.detail)]


def _judged(name: str, result: AssertionResult, bound: Bound, asked: Judging, answer: Answer) -> Judged | None:
    """What the judge said, in a result; None where it was not reached, or nobody can tell which judge it was."""
    if bound.spec.type == "panel":
        return _vote(name, result)
    if result.outcome is Outcome.ERROR:
        same = result.digest == bound.digest and len(result.calls) == len(bound.asks(answer)) > 0
        return Judged(asked.identity, "error", threshold=asked.threshold) if same else None
    return verdict_in(result)


def _vote(name: str, result: AssertionResult) -> Judged | None:
    for about in _abouts(result):
        if about.get("judge") == name and isinstance(about.get("passed"), bool):
            outcome = "pass" if about["passed"] else "fail"
            return Judged(str(about["judge_digest"]), outcome, about.get("score"), about.get("threshold"))
    return None  # a judge of a panel that gave no verdict may not have been reached at all


def verdict_in(result: AssertionResult) -> Judged | None:
    """The verdict a judged assertion came to, `not-` taken back; None where it names no judge, or was not decided."""
    about = result.detail
    if "judge_digest" not in about or result.outcome not in (Outcome.PASS, Outcome.FAIL):
        return None
    digest, threshold = str(about["judge_digest"]), about.get("threshold", result.threshold)
    if "verdict" in about:
        least = result.threshold  # of the verdict, not of the judge's scale
        return Judged(
            digest, str(about["verdict"]), threshold=least, first=str(about["first"]), second=str(about["second"])
        )
    outcome = _OTHER_WAY[result.outcome.value] if result.type.startswith("not-") else result.outcome.value
    score = about.get("score", about.get("share", result.score))
    return Judged(digest, outcome, score, threshold)


def _leaves(results: Sequence[AssertionResult]) -> Iterator[AssertionResult]:
    for one in results:
        if one.children:
            yield from _leaves(one.children)
        else:
            yield one


def _spec_leaves(specs: Sequence[AssertionSpec]) -> Iterator[AssertionSpec]:
    for one in specs:
        if one.children:
            yield from _spec_leaves(one.children)
        else:
            yield one
