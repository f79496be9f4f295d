"""A call that may cost more than the prompt allows itself."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.model.source import NodePath
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, Tested, rule
from promptctl.rules.knowledge.uses import models_of
from promptctl.rules.limits.reading.price import Answer, free_tokens, longest_answer, usd
from promptctl.rules.limits.reading.size import Size, largest_case, shared_size

_ROUNDING = 1e-6  # prices are binary fractions: 500 tokens may come out as 499.9999999


@rule("PL702", Severity.ERROR, Subject.PROMPT, Subject.GOLDEN)
def call_price(subject: Prompt | Tested, context: Context) -> Iterator[Hit]:
    """A call may cost more than the prompt's `limits.cost_usd_per_call`.

    Why: the limit is what the prompt was approved at. Held against it is the largest case of the golden set, rendered, and
    an answer of `max_tokens`, at the prices of litellm's map or the project's `prices:`; the same for fallbacks, which are
    asked on the worst day. Without `max_tokens` the longest answer the model can write counts, as a warning. A model
    without a price is a warning too: the limit says nothing about it.

    Bad:
    ```yaml
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    parameters: {max_tokens: 4000}
    system_prompt: You answer customers' questions.
    limits: {cost_usd_per_call: 0.01}
    # file: golden/bot.yaml
    cases:
      - id: reset-password
        input: How do I reset my password?
        assertions: [contains: Settings]
    ```
    Bad (nothing bounds the answer):
    ```yaml
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    limits: {cost_usd_per_call: 0.01}
    ```
    Good:
    ```yaml
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    parameters: {max_tokens: 400}
    system_prompt: You answer customers' questions.
    limits: {cost_usd_per_call: 0.01}
    # file: golden/bot.yaml
    cases:
      - id: reset-password
        input: How do I reset my password?
        assertions: [contains: Settings]
    ```
    """
    prompt = subject.prompt if isinstance(subject, Tested) else subject
    if prompt is None or prompt.limits.cost_usd_per_call is None:
        return
    for at, model in models_of(prompt):
        if model.startswith("scripted/"):
            continue
        if context.world.cost_usd(model, 1, 1) is None:
            if isinstance(subject, Prompt):
                yield Hit(
                    f"no price is known for {model}, so limits.cost_usd_per_call cannot be held",
                    at=at,
                    hint="give it under `prices:` in promptctl.yaml",
                    severity=Severity.WARNING,
                )
            continue
        answer = longest_answer(prompt, model, context) or Answer(0, bounded=False)
        yield from _over(subject, prompt, at, model, answer, context)


def _over(
    subject: Prompt | Tested, prompt: Prompt, at: NodePath, model: str, answer: Answer, context: Context
) -> Iterator[Hit]:
    """What is too dear: in the prompt what all cases share, in the golden set its largest case."""
    limit = prompt.limits.cost_usd_per_call or 0.0
    free = free_tokens(limit, model, answer.tokens, context)
    shared = shared_size(prompt, model, context.world.count_tokens, free)
    severity = None if answer.bounded else Severity.WARNING
    if isinstance(subject, Prompt):
        if shared is not None:
            message = f"a call of {model} {_costs(shared, answer, model, context)}; the limit is {usd(limit)}"
            place = ("limits", "cost_usd_per_call") if at == ("model",) else at
            yield Hit(message, at=place, hint=_hint(prompt, shared, model, context), severity=severity)
        return
    size = None if shared is not None else largest_case(subject, prompt, model, context.world.count_tokens, free)
    if size is not None:
        case = subject.golden.cases[size.case or 0]
        costs = _costs(size, answer, model, context)
        message = f"with the case {case.id!r} a call of {model} {costs}; the limit of {prompt.name} is {usd(limit)}"
        hint = _hint(prompt, size, model, context)
        yield Hit(message, at=("cases", size.case or 0), span=case.span, hint=hint, severity=severity)


def _costs(size: Size, answer: Answer, model: str, context: Context) -> str:
    cost = context.world.cost_usd(model, size.tokens, answer.tokens) or 0.0
    return f"may cost {usd(cost)} ({size.tokens:,} tokens of prompt, {answer.tokens:,} of answer)"


def _hint(prompt: Prompt, size: Size, model: str, context: Context) -> str:
    """The largest `max_tokens` that keeps the limit, where there is one."""
    limit = prompt.limits.cost_usd_per_call or 0.0
    prompt_alone = context.world.cost_usd(model, size.tokens, 0)
    each = context.world.cost_usd(model, 0, 1_000_000)
    if prompt_alone is None or not each or prompt_alone >= limit:
        return "shorten the prompt, or raise limits.cost_usd_per_call"
    room = int((limit - prompt_alone) / (each / 1_000_000) + _ROUNDING)
    return f"set max_tokens to {room:,} or less, or raise limits.cost_usd_per_call"
