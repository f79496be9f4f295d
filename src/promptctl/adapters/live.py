"""Asking a model for real: budget, pace, one attempt, again, and another model where that is allowed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from promptctl.adapters.access import provider_of
from promptctl.adapters.budget import Budget, Reservation
from promptctl.adapters.estimate import Estimate
from promptctl.adapters.limits import Limits
from promptctl.adapters.retry import Retry
from promptctl.model.errors import CallFailed
from promptctl.model.run import Completion, Request
from promptctl.text.wire import chat_request, embedding_request

GRACE_S = 2.0
"""The provider's adapter ends a call at its timeout itself; only where it does not, is the call cut off this much later."""

Keep = Callable[[Request, int, Completion], None]
Find = Callable[[Request, int], Completion | None]
Scope = tuple[str, str | None]  # a model, or a provider and "/", and the endpoint


class Send(Protocol):
    """One attempt; raises CallFailed. `adapters.llm.Provider.send` is one."""

    async def __call__(
        self, request: Request, *, timeout_s: float, stream: bool = False, sample: int = 0
    ) -> Completion: ...


@dataclass(frozen=True, slots=True)
class Live:
    """Asks models. `keep` is handed each answer the moment it arrives, under the request that reached the wire.

    timeout_s: of one attempt. estimate: the worst a request can take.
    """

    send: Send
    keep: Keep
    limits: Limits
    budget: Budget
    retry: Retry
    estimate: Callable[[Request], Estimate]
    timeout_s: float
    stream: bool = False
    _lost: dict[Scope, CallFailed] = field(default_factory=dict, init=False)

    async def ask(
        self,
        request: Request,
        sample: int,
        fallbacks: Sequence[Request] = (),
        find: Find = lambda _request, _sample: None,
    ) -> Completion:
        """The answer to `request`, or, where asking again did not help, to the first of `fallbacks` that gives one.

        A fallback's answer is marked; one that `find` still has is not asked for. Bad requests and refused keys never lead to a fallback. Raises the CallFailed of
        the request itself.
        """
        try:
            return await self._ask(request, sample)
        except CallFailed as failure:
            if not failure.retryable:
                raise
            for fallback in fallbacks:
                try:
                    found = find(fallback, sample) or await self._ask(fallback, sample)
                    return replace(found, fallback=True)
                except CallFailed:
                    continue
            raise

    async def _ask(self, request: Request, sample: int) -> Completion:
        try:
            return await self.retry.run(lambda tried: self._attempt(request, sample, tried))
        except CallFailed as failure:
            if failure.aborts:
                self._lost.setdefault(_scope(request, failure), failure)
            raise

    async def _attempt(self, request: Request, sample: int, tried: int) -> Completion:
        self._refuse_lost(request)
        estimate = self.estimate(request)
        pace = self.limits.of(request.model)
        reservation = await self.budget.reserve(estimate.cost_usd)
        try:
            async with pace.turn(request.model, estimate.tokens) as ticket:
                self._refuse_lost(request)
                completion = await self._paid(request, sample, tried, reservation)
                pace.settle(ticket, _tokens(completion, estimate))
                pace.answered()
                return completion
        except CallFailed as failure:
            if failure.status == 429 and failure.retryable:
                pace.refused(request.model, failure.retry_after_s)
            raise
        finally:
            self.budget.settle(reservation, 0.0)  # no call went out; where one did, it is settled already

    async def _paid(self, request: Request, sample: int, tried: int, reservation: Reservation) -> Completion:
        """Send, keep the answer, and only then do the sums: nothing waits between its arrival and the store."""
        try:
            completion = replace(await self._send(request, sample), attempts=tried)
        except CallFailed as failure:
            self.budget.failed(reservation, failure.kind)
            raise
        except asyncio.CancelledError:
            self.budget.failed(reservation, "cancelled")
            raise
        self.keep(request, sample, completion)
        self.budget.settle(reservation, completion.cost_usd)
        return completion

    async def _send(self, request: Request, sample: int) -> Completion:
        left = self.retry.deadline.left_s()
        own = None if request.target is None else request.target.timeout_s
        timeout_s = own or self.timeout_s
        timeout_s = timeout_s if left is None else min(timeout_s, max(left, 0.001))
        try:
            async with asyncio.timeout(timeout_s + GRACE_S):
                return await self.send(request, timeout_s=timeout_s, stream=self.stream, sample=sample)
        except TimeoutError:
            message = f"{request.model} gave no answer within {timeout_s:g} s"
            again = request.target is None or not request.target.runs_code
            raise CallFailed(message, kind="timeout", retryable=again) from None

    def _refuse_lost(self, request: Request) -> None:
        """A key that was refused or a model that is not there: no other call will fare better, so none is made."""
        for scope in (_provider_scope(request), _model_scope(request)):
            failure = self._lost.get(scope)
            if failure is not None:
                raise CallFailed(failure.message, kind=failure.kind, status=failure.status, aborts=True)


def redirected(request: Request, model: str, endpoint: str | None) -> Request:
    """The same question to another model, with a digest of its own."""
    if request.kind == "embedding":
        return embedding_request(model=model, texts=request.texts, endpoint=endpoint)
    return chat_request(model=model, messages=request.messages, parameters=request.parameters, endpoint=endpoint)


def _scope(request: Request, failure: CallFailed) -> Scope:
    """What is lost with this failure: a refused key or spent quota, the whole provider; anything else, the model."""
    whole = failure.kind == "quota" or (failure.kind == "auth" and failure.status != 403)
    return _provider_scope(request) if whole else _model_scope(request)


def _provider_scope(request: Request) -> Scope:
    return (f"{provider_of(request.model)}/", request.endpoint)


def _model_scope(request: Request) -> Scope:
    return (request.model, request.endpoint)


def _tokens(completion: Completion, estimate: Estimate) -> int:
    if completion.input_tokens is None or completion.output_tokens is None:
        return estimate.tokens
    return completion.input_tokens + completion.output_tokens
