"""What a call costs at most: the tokens of the prompt and the longest answer it allows, at the price map's prices."""

from __future__ import annotations

from dataclasses import dataclass

from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context


@dataclass(frozen=True, slots=True)
class Answer:
    """The longest answer of a call in tokens.

    bounded: whether the prompt's own `max_tokens` says so, rather than what the model can write at most.
    """

    tokens: int
    bounded: bool


def longest_answer(prompt: Prompt, model: str, context: Context) -> Answer | None:
    """How long a prompt lets a model answer; None where neither the prompt nor the price map bounds it."""
    given = [prompt.parameters.get(name) for name in ("max_completion_tokens", "max_tokens")]
    bounds = [bound for bound in given if isinstance(bound, int)]
    if bounds:
        return Answer(max(bounds), bounded=True)
    most = (context.world.model_info(model) or {}).get("max_output_tokens")
    return Answer(most, bounded=False) if isinstance(most, int) else None


def free_tokens(limit: float, model: str, answer: int, context: Context) -> int:
    """How many tokens of prompt certainly cost no more than `limit` with an answer of that length; -1 for none.

    Nothing is counted where a prompt has fewer bytes than that: a token is at least one byte.
    """
    low, high = -1, 2_000_000
    while low < high:
        middle = (low + high + 1) // 2
        cost = context.world.cost_usd(model, middle, answer)
        if cost is not None and cost <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def usd(amount: float) -> str:
    """USD with as many digits as it takes to tell small prices apart."""
    return f"${amount:,.2f}" if amount >= 1 else f"${amount:.4g}"
