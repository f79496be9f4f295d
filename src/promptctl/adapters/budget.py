"""A limit on what a run may spend, kept by reserving each call's worst case before it is made."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from promptctl.model.errors import CallFailed, InputError, Problem

PICO = 10**12
"""Money is counted in whole picodollars, rounded up: sums of floats could pass a limit by their last digit."""

PERHAPS_BILLED = frozenset({"timeout", "malformed", "cancelled"})
"""Failures after which the provider may have answered and charged all the same; a refusal (4xx, 5xx) or a connection
that was not made is not charged."""


@dataclass(slots=True)
class Reservation:
    """Money put aside for a call, in picodollars; None where its price is unknown."""

    amount: int | None


class Budget:
    """At most `max_usd` for everything reserved here; None: no limit, and still a count of what was spent.

    Holds as long as no call costs more than was reserved for it.
    """

    def __init__(self, max_usd: float | None) -> None:
        self.max_usd = max_usd
        self._limit = None if max_usd is None else math.floor(max_usd * PICO)
        self._spent = 0
        self._reserved = 0
        self._changed = asyncio.Event()

    @property
    def spent_usd(self) -> float:
        """What settled calls cost, those whose real cost is unknown at their worst case."""
        return self._spent / PICO

    async def reserve(self, worst_usd: float | None) -> Reservation:
        """Put a call's worst case aside; waits while others may still give back enough. None (no price): no limit.

        Raises CallFailed of kind "budget" where it cannot fit any more.
        """
        if worst_usd is None:
            return Reservation(None)
        amount = _pico(worst_usd)
        while self._limit is not None and self._spent + self._reserved + amount > self._limit:
            if self._spent + amount > self._limit:
                raise CallFailed(
                    f"the budget of ${self.max_usd:g} is spent: ${self.spent_usd:.4g} so far, and this call may cost "
                    f"${worst_usd:.4g}; raise --max-cost, or lower the prompt's max_tokens",
                    kind="budget",
                )
            self._changed.clear()
            await self._changed.wait()
        self._reserved += amount
        return Reservation(amount)

    def settle(self, reservation: Reservation, cost_usd: float | None) -> None:
        """The call cost that much; None: nobody knows, and its worst case counts."""
        reserved, reservation.amount = reservation.amount or 0, None
        self._reserved -= reserved
        self._spent += reserved if cost_usd is None else _pico(cost_usd)
        self._changed.set()

    def failed(self, reservation: Reservation, kind: str) -> None:
        """The call failed in that way (CallFailed.kind): its worst case counts where it may have been billed."""
        self.settle(reservation, None if kind in PERHAPS_BILLED else 0.0)


def unpriced(models: Iterable[str], priced: Callable[[str], bool]) -> tuple[str, ...]:
    """The models among `models` without a known price, sorted."""
    return tuple(sorted({model for model in models if not priced(model)}))


def refuse_unpriced(models: tuple[str, ...]) -> None:
    """Raise InputError where a budget was asked for and models have no price: it could not be kept."""
    if models:
        raise InputError(
            Problem(
                f"--max-cost cannot be kept: no price is known for {', '.join(models)}",
                hint=f"add it to promptctl.yaml: prices: {{{models[0]}: {{input: ..., output: ...}}}} in USD per million tokens",
            )
        )


def _pico(usd: float) -> int:
    # The float nearest to 0.001 is a little more than it: a rounding error of the float is not a picodollar.
    return max(1, math.ceil(usd * PICO - 1e-3)) if usd > 0 else 0
