"""A model that is gone, or soon will be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.knowledge.pins import pin_of
from promptctl.rules.knowledge.uses import models_of


@rule("PL103", Severity.ERROR, Subject.PROMPT, Subject.JUDGE)
def retired_model(prompt: Prompt, context: Context) -> Iterator[Hit]:
    """A model is retired by its provider, or will be within `lint.horizon_days`.

    Why: calls to a retired model fail, and a move to another snapshot wants an evaluation before the day, not on it. The
    date is the price map's; an alias is looked up through its snapshot, which often has the date where the alias has
    none. Past the date it is an error, within the horizon a warning.

    Bad:
    ```yaml
    model: openai/gpt-4o-2024-05-13
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    model: anthropic/claude-sonnet-4-6
    system_prompt: You answer customers' questions.
    ```
    """
    for at, model in models_of(prompt):
        end = _end(model, context)
        if end is None:
            continue
        days = (end - context.today).days
        hint = "move to a current snapshot and compare the two with 'promptctl eval --model'"
        if days <= 0:
            yield Hit(f"{model} was retired on {end.isoformat()}", at=at, hint=hint)
        elif days <= context.horizon_days:
            message = f"{model} is to be retired on {end.isoformat()}"
            yield Hit(message, at=at, hint=hint, severity=Severity.WARNING)


def _end(model: str, context: Context) -> date | None:
    lookup = context.world.model_info
    named = [model]
    if not (lookup(model) or {}).get("deprecation_date"):
        pin = pin_of(model, lookup, context.world.model_names)
        named += pin.candidates if len(pin.candidates) == 1 else ()
    dates = [
        str(entry["deprecation_date"]) for one in named if (entry := lookup(one)) and entry.get("deprecation_date")
    ]
    try:
        return min(map(date.fromisoformat, dates), default=None)
    except ValueError:
        return None
