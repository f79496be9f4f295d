"""A model that is not one snapshot."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.fixes import Fix
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.knowledge.pins import pin_of
from promptctl.rules.knowledge.uses import models_of

_SHOWN = 3


@rule("PL101", Severity.ERROR, Subject.PROMPT, Subject.JUDGE)
def unpinned_model(prompt: Prompt, context: Context) -> Iterator[Hit]:
    """A model, a fallback or a judge's model is not pinned to a snapshot.

    Why: an alias such as `gpt-4o` changes under a prompt without a commit. A regression then has no revision that caused
    it, and a baseline of last month was measured on another model. What counts as pinned differs: a date for OpenAI, an
    undated id from Claude 4.6 and Gemini 2.5 on, `-v1:0` on Bedrock, a digest or `repository@revision` for open weights.
    Where the id cannot tell (an Azure deployment, a hosted open model without a date) this is a warning, never an error.

    Bad:
    ```yaml
    model: openai/gpt-4o
    system_prompt: You answer customers' questions.
    ```
    Bad (a fallback):
    ```yaml
    model: openai/gpt-4o-2024-08-06
    fallbacks: [gemini/gemini-pro-latest]
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    fallbacks: [anthropic/claude-sonnet-4-6]
    system_prompt: You answer customers' questions.
    ```
    """
    for at, model in models_of(prompt):
        pin = pin_of(model, context.world.model_info, context.world.model_names)
        if pin.pinned is None:
            hint = "name a snapshot if the provider has one; the eval compares the model that is reported back"
            message = f"it cannot be known whether {model} is pinned: {pin.why}"
            yield Hit(message, at=at, hint=_hint(pin.candidates) or hint, severity=Severity.WARNING)
        elif not pin.pinned:
            only = pin.candidates[0] if len(pin.candidates) == 1 else None
            fix = Fix(at, only) if only else None
            hint = _hint(pin.candidates) or "name a dated snapshot"
            yield Hit(f"{model} is not pinned: {pin.why}", at=at, hint=hint, fix=fix)


def _hint(candidates: tuple[str, ...]) -> str | None:
    if not candidates:
        return None
    if len(candidates) == 1:
        return f"pin it: {candidates[0]}"
    more = ", ..." if len(candidates) > _SHOWN else ""
    return f"pin it to the snapshot you have evaluated: {', '.join(candidates[:_SHOWN])}{more}"
