"""The budget: never passed, whatever calls cost and however many run at once; and estimates that are worst cases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.virtual_time import run

from promptctl.adapters.budget import Budget, refuse_unpriced, unpriced
from promptctl.adapters.estimate import Estimator
from promptctl.adapters.prices import ModelPrice, Rates
from promptctl.model.errors import CallFailed, InputError
from promptctl.model.prompt import Json
from promptctl.model.run import Request

money = st.floats(0, 2, allow_nan=False)


@settings(max_examples=100, deadline=None)
@given(
    limit=st.floats(0, 10),
    calls=st.lists(
        st.tuples(money, st.floats(0, 1), st.sampled_from(["answer", "timeout", "server", "unknown"])), max_size=150
    ),
    width=st.sampled_from([1, 7, 64]),
)
def test_the_limit_is_never_passed(limit: float, calls: list[tuple[float, float, str]], width: int) -> None:
    billed: list[float] = []

    async def scene() -> Budget:
        budget = Budget(limit)
        waiting = iter(calls)

        async def worker() -> None:
            for worst, part, end in waiting:
                try:
                    reservation = await budget.reserve(worst)
                except CallFailed:
                    continue
                await asyncio.sleep(part)
                # A provider may bill a call that timed out, or whose cost it does not tell, at any price up to the worst.
                billed.append(0.0 if end == "server" else worst if end in ("timeout", "unknown") else worst * part)
                if end in ("timeout", "server"):
                    budget.failed(reservation, end)
                else:
                    budget.settle(reservation, None if end == "unknown" else worst * part)

        await asyncio.gather(*(worker() for _ in range(width)))
        return budget

    budget = run(scene())
    assert sum(billed) <= limit * (1 + 1e-12) + 1e-12  # a picodollar is what money is counted in
    assert budget.spent_usd == pytest.approx(sum(billed), abs=1e-9)
    assert limit > 0 or not any(billed)


def test_a_call_waits_for_reservations_that_may_come_back() -> None:
    async def scene() -> list[str]:
        budget, log = Budget(1.0), []

        async def one(name: str, cost: float) -> None:
            try:
                reservation = await budget.reserve(0.6)
            except CallFailed:
                log.append(f"{name} refused")
                return
            log.append(name)
            await asyncio.sleep(1)
            budget.settle(reservation, cost)

        await asyncio.gather(one("a", 0.1), one("b", 0.5), one("c", 0.1))
        return log

    assert run(scene()) == ["a", "b", "c refused"]


def test_the_refusal_says_what_to_do() -> None:
    async def scene() -> None:
        budget = Budget(0.01)
        budget.settle(await budget.reserve(0.008), 0.008)
        await budget.reserve(0.005)

    with pytest.raises(
        CallFailed, match=r"budget of \$0.01 is spent: \$0.008 so far, and this call may cost \$0.005"
    ) as caught:
        run(scene())
    assert (caught.value.kind, caught.value.retryable) == ("budget", False)


def test_exactly_the_limit_fits() -> None:
    async def scene() -> float:
        budget = Budget(0.3)
        for _ in range(3):
            budget.settle(await budget.reserve(0.1), 0.1)
        return budget.spent_usd

    assert run(scene()) == 0.3


def test_without_a_limit_or_a_price_nothing_is_refused() -> None:
    async def scene() -> tuple[float, float]:
        free, tight = Budget(None), Budget(0.0)
        free.settle(await free.reserve(99.0), 98.0)
        tight.settle(await tight.reserve(None), None)
        tight.failed(await tight.reserve(None), "timeout")
        return free.spent_usd, tight.spent_usd

    assert run(scene()) == (98.0, 0.0)


def test_models_without_a_price_are_named() -> None:
    missing = unpriced(["b", "a", "b", "priced"], lambda model: model == "priced")
    assert missing == ("a", "b")
    refuse_unpriced(())
    with pytest.raises(InputError, match="no price is known for a, b") as caught:
        refuse_unpriced(missing)
    assert "prices:" in str(caught.value)


def estimator(price: ModelPrice | None) -> Estimator:
    def count(messages: Sequence[object], _model: str, tools: Sequence[object]) -> int:
        return 100 * len(messages) + 1000 * len(tools)

    return Estimator(
        count=count, price=lambda _model, _tier: price, longest=lambda model: 4096 if "known" in model else None
    )


def chat(model: str = "openai/m", **parameters: Json) -> Request:
    return Request(model=model, messages=({"role": "user", "content": "q"},), digest="d", parameters=parameters)


@pytest.mark.parametrize(
    ("request_", "tokens"),
    [
        (chat(max_tokens=50), 110 + 50),
        (chat(max_tokens=50, max_completion_tokens=70), 110 + 70),
        (chat(max_tokens=50, n=3), 110 + 150),
        (chat("openai/known"), 110 + 4096),
        (chat("openai/m"), 110 + 128_000),
        (chat("anthropic/m", max_tokens=50), 150 + 50),
        (chat(max_tokens=50, tools=[{}, {}], response_format={"type": "json_object"}), 3410 + 50),
        (Request(model="openai/e", messages=(), digest="d", kind="embedding", texts=("a", "b")), 220),
    ],
)
def test_an_estimate_is_the_worst_case(request_: Request, tokens: int) -> None:
    assert estimator(None)(request_).tokens == tokens
    assert estimator(None)(request_).cost_usd is None


def test_the_dearest_rate_counts() -> None:
    price = ModelPrice(Rates(1e-6, 2e-6, cached_input=1e-7, cache_write=1.25e-6, reasoning=3e-6))
    assert estimator(price)(chat(max_tokens=100)).cost_usd == pytest.approx(110 * 1.25e-6 + 100 * 3e-6)
