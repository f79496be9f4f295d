"""The only loop that waits: a plan to judged samples."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from promptctl.assertions.engine import Bound, Given, verdict
from promptctl.evals.plan import Plan, PlannedCase
from promptctl.model.answer import Answer, Ask, Complete, Execute, Stop
from promptctl.model.errors import AssertionBroken, CallFailed
from promptctl.model.run import (
    AssertionResult,
    CallRecord,
    Completion,
    Execution,
    Outcome,
    Request,
    SampleResult,
)
from promptctl.text.messages import conversation_of, instructions_of

OnResult = Callable[[SampleResult], None]
Answering = Callable[[PlannedCase, int], Awaitable[Completion]]
Inspect = Callable[[Request, Completion], str | None]
CountTokens = Callable[[str, str], int]
MOST_KEPT = 20_000  # characters of what a judge said that stay with the result


@dataclass(frozen=True, slots=True)
class World:
    """What waits and what happens outside, handed in.

    answer gives a sample of a planned case its completion, or raises CallFailed; complete answers what assertions ask;
    execute runs the repository's code; stop says that a case needs no more samples; inspect names what is wrong with
    a completion itself (another snapshot answered), or None; count_tokens counts a text's tokens for a model; width is
    how many samples may be under way at once.
    """

    answer: Answering
    complete: Complete
    execute: Execute
    on_result: OnResult
    width: int
    inspect: Inspect
    count_tokens: CountTokens
    stop: Stop | None = None


async def run(plan: Plan, world: World) -> None:
    """Ask and judge every planned sample; each result goes to `world.on_result` the moment it is there.

    A cancelled run has handed over everything it finished. A failed call is a result (ERROR with its reason),
    never an exception; any other exception ends the run and comes out as it is.
    """
    queue = _samples(plan)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(world.width, plan.samples)):
                group.create_task(_drain(queue, world))
    except ExceptionGroup as several:
        raise several.exceptions[0] from None


def _samples(plan: Plan) -> Iterator[tuple[PlannedCase, int]]:
    """Samples in the order of the files; a case's samples follow one another, so its verdict is early."""
    for planned in plan.cases:
        for sample in range(planned.samples):
            yield planned, sample


async def _drain(queue: Iterator[tuple[PlannedCase, int]], world: World) -> None:
    for planned, sample in queue:
        if world.stop is not None and world.stop(planned.prompt.name, planned.case.id):
            continue
        world.on_result(await _sample(planned, sample, world))


async def _sample(planned: PlannedCase, sample: int, world: World) -> SampleResult:
    try:
        completion = await world.answer(planned, sample)
    except CallFailed as failure:
        return _result(planned, sample, error=failure.message, error_kind=failure.kind)
    wrong = world.inspect(planned.request, completion)
    if wrong is not None:
        return _result(planned, sample, completion=completion, error=wrong, error_kind="served_model")
    assertions = await _judge_all(planned, _answer(planned, completion, world), sample, world)
    outcome, score = verdict(assertions, planned.case.threshold)
    error = None if planned.bound else "nothing was asserted: the case has no assertions"
    return _result(
        planned, sample, completion=completion, assertions=assertions, outcome=outcome, score=score, error=error
    )


async def _judge_all(planned: PlannedCase, answer: Answer, sample: int, world: World) -> tuple[AssertionResult, ...]:
    """Assertions that ask nothing are judged at once; those that ask do so side by side."""
    judged = [_judge(bound, answer, sample, world) for bound in planned.bound]
    if len(judged) == 1 or not any(bound.waits for bound in planned.bound):
        return tuple([await one for one in judged])
    return tuple(await asyncio.gather(*judged))


async def _judge(bound: Bound, answer: Answer, sample: int, world: World) -> AssertionResult:
    asks = bound.asks(answer)
    if not asks:
        return bound.judge(answer)
    said = await asyncio.gather(*(_reply(ask, sample, world) for ask in asks))
    calls = [_call(ask, reply) for ask, reply in zip(asks, said, strict=True)]
    replies = [_inspected(ask, reply, world) for ask, reply in zip(asks, said, strict=True)]
    return bound.judge(answer, replies, calls=calls, asked=len(asks))


async def _reply(ask: Ask, sample: int, world: World) -> Given:
    """The reply, or the reason why there is none: it makes an ERROR of the one assertion that asked."""
    try:
        return await (world.execute(ask) if isinstance(ask, Execution) else world.complete(ask, sample))
    except (AssertionBroken, CallFailed) as reason:
        return reason


def _inspected(ask: Ask, reply: Given, world: World) -> Given:
    """The reply, unless another model than the judge's snapshot gave it: an instrument that was swapped says nothing."""
    if isinstance(ask, Request) and ask.kind == "chat" and isinstance(reply, Completion):
        wrong = world.inspect(ask, reply)
        return reply if wrong is None else AssertionBroken(wrong)
    return reply


def _call(ask: Ask, reply: Given) -> CallRecord | None:
    """What a call cost and gave, whatever is made of it; None where none was answered."""
    if not isinstance(ask, Request) or not isinstance(reply, Completion):
        return None
    return CallRecord(
        request_digest=ask.digest,
        model=ask.model,
        cost_usd=reply.cost_usd,
        input_tokens=reply.input_tokens,
        output_tokens=reply.output_tokens,
        source=reply.source,
        output=reply.output[:MOST_KEPT] if ask.kind != "embedding" else None,
    )


def _answer(planned: PlannedCase, completion: Completion, world: World) -> Answer:
    case = planned.case
    model = planned.request.model
    return Answer(
        output=completion.output,
        tool_calls=completion.tool_calls,
        finish_reason=completion.finish_reason,
        model=completion.model or model,
        cost_usd=completion.cost_usd,
        latency_s=completion.latency_s,
        input_tokens=completion.input_tokens,
        output_tokens=completion.output_tokens,
        input=case.input,
        expected_output=case.expected_output,
        context=case.context if completion.context is None else completion.context,
        tags=case.tags,
        metadata=case.metadata,
        tools=planned.prompt.tools,
        received_at=completion.received_at,
        instructions=instructions_of(planned.request.messages),
        conversation=conversation_of(planned.request.messages),
        retrieved=planned.prompt.target is None or completion.context is not None,
        count_tokens=lambda text: world.count_tokens(text, model),
    )


def _result(
    planned: PlannedCase,
    sample: int,
    *,
    completion: Completion | None = None,
    assertions: tuple[AssertionResult, ...] = (),
    outcome: Outcome = Outcome.ERROR,
    score: float | None = None,
    error: str | None = None,
    error_kind: str | None = None,
) -> SampleResult:
    return SampleResult(
        prompt=planned.prompt.name,
        case=planned.case.id,
        case_digest=planned.case.digest,
        request_digest=planned.request.digest,
        sample=sample,
        tags=planned.case.tags,
        outcome=outcome,
        score=score,
        error=error,
        assertions=assertions,
        completion=completion,
        error_kind=error_kind,
        pass_if=planned.case.pass_if,
        prompt_digest=planned.prompt.digest,
        cluster=planned.case.cluster,
        threshold=planned.case.threshold,
    )
