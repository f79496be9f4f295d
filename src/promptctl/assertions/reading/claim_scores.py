"""Assertions that a judge decides claim by claim: which judge, what must be there, and the score of one answer.

The score is that of one answer: supported claims / its claims. Averages over cases are averages of these, never a rate
over all claims: one long answer would carry it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promptctl.assertions.reading.claims import Claim, read_claims
from promptctl.assertions.reading.json_text import compact, excerpt
from promptctl.assertions.reading.judging import GIVEN, Judging, judging
from promptctl.assertions.reading.material import material
from promptctl.assertions.reading.passages import check_retrieved, cut
from promptctl.assertions.reading.ranking import average_precision
from promptctl.assertions.reading.verdicts import named
from promptctl.model.answer import Answer, Bench, Reply, Score
from promptctl.model.errors import AssertionBroken, InputError, Problem
from promptctl.model.golden import Case
from promptctl.model.prompt import Json
from promptctl.model.run import Completion

_NAMED = 3  # claims named in a reason; all stand in the detail
_LONGEST = 100


def claims_judge(
    bench: Bench,
    judge: str | None,
    *,
    own: str,
    needs: Sequence[str],
    threshold: float | None,
    default: float,
    case: Case | None,
) -> Judging:
    """The judge called `judge`, else the one with the assertion's `own` name, ready to be asked claim by claim.

    Another judge of claims asks something else, and is not taken in its place. needs: what the judge has to look at.
    default: the least score that passes where neither `threshold` nor the judge's file gives one. Raises InputError.
    """
    if judge is None and own not in bench.judges:
        hint = f"'promptctl judge add {own}' writes it to judges/; `judge:` names another"
        raise InputError(Problem(f"the project has no judge '{own}'", hint=hint))
    found = bench.judges.get(judge or own)
    least = found.threshold if threshold is None and found is not None else threshold
    return judging(
        bench,
        judge or own,
        rubric=None,
        kinds=("claims",),
        threshold=default if least is None else least,
        case=case,
        brings=(*GIVEN, "expected_output"),
        sees=needs,
    )


def require(answer: Answer, *needs: str) -> None:
    """Whether there is something to judge. Raises AssertionBroken where the answer, its context or its input is empty.

    "retrieval": the context has to be what was retrieved, not what a case handed to the system under test.
    """
    if "retrieval" in needs:
        check_retrieved(answer)
    if "output" in needs and not answer.output.strip():
        raise AssertionBroken("the answer is empty: there is nothing to check")
    if "context" in needs and all(isinstance(passage, str) and not passage.strip() for passage in answer.context):
        raise AssertionBroken(
            "there is nothing to check against: the context is empty, or neither the case nor the system under test gave one"
        )
    if "question" in needs and not answer.input:
        raise AssertionBroken("there is nothing to check against: the case has no input")


def scored(answer: Answer, reply: Reply, ready: Judging, *, what: str, verb: str) -> Score:
    """Supported claims / claims, the unsupported ones named. what: what an entry is of ("claim"); verb: what it is not."""
    with named(ready.prompt.name, ready.prompt.model):
        claims = read_claims(_said(reply), judged=material(answer))
    missing = [claim for claim in claims if not claim.supported]
    score = (len(claims) - len(missing)) / len(claims)
    return Score(score >= ready.threshold, score, _told(missing, len(claims), what, verb), _detail(ready, claims))


def scored_in_order(answer: Answer, reply: Reply, ready: Judging) -> Score:
    """Average precision over one verdict a passage, best passage first: divided by the relevant among the retrieved."""
    names = [_name(passage) for passage in answer.context]
    with named(ready.prompt.name, ready.prompt.model):
        said = read_claims(_said(reply), judged=material(answer), passages=len(names))
    claims = tuple(Claim(name, claim.supported, claim.reason) for name, claim in zip(names, said, strict=True))
    relevant = [claim.supported for claim in claims]
    score = average_precision(relevant, sum(relevant))
    missing = [claim for claim in claims if not claim.supported]
    detail = _detail(ready, claims) | {"places": [place for place, is_so in enumerate(relevant, 1) if is_so]}
    return Score(score >= ready.threshold, score, _told(missing, len(claims), "passage", "relevant"), detail)


def _said(reply: Reply) -> str:
    return reply.output if isinstance(reply, Completion) else ""


def _name(passage: Json) -> str:
    """What a passage is called: its id, else the beginning of its text, else of the whole of it."""
    said = passage
    if isinstance(passage, Mapping):
        said = next((passage[key] for key in ("id", "text") if passage.get(key) not in (None, "")), passage)
    return cut(said if isinstance(said, str) else compact(said))


def _detail(ready: Judging, claims: Sequence[Claim]) -> dict[str, Json]:
    return {
        **ready.about(),
        "claims": len(claims),
        "supported": sum(claim.supported for claim in claims),
        "unsupported": [claim.text for claim in claims if not claim.supported],
    }


def _told(missing: Sequence[Claim], total: int, what: str, verb: str) -> str:
    plural = what if total == 1 else f"{what}s"
    if not missing:
        return f"the one {what} is {verb}" if total == 1 else f"all {total} {plural} are {verb}"
    named = "; ".join(_with_reason(claim) for claim in missing[:_NAMED])
    more = f"; and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return f"{len(missing)} of {total} {plural} {'is' if len(missing) == 1 else 'are'} not {verb}: {named}{more}"


def _with_reason(claim: Claim) -> str:
    said = excerpt(claim.text, _LONGEST)
    return f"{said} ({excerpt(claim.reason, _LONGEST)[1:-1]})" if claim.reason else said
