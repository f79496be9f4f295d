"""A model of another kind."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.knowledge.uses import models_of

_CHAT = frozenset({"chat", "responses", "completion"})


@rule("PL106", Severity.ERROR, Subject.PROMPT, Subject.JUDGE)
def not_a_chat_model(prompt: Prompt, context: Context) -> Iterator[Hit]:
    """A prompt names a model that does not answer in text.

    Why: an embedding, image, speech or moderation model refuses a chat request, so every case is an ERROR.

    Bad:
    ```yaml
    model: openai/text-embedding-3-small
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    """
    for at, model in models_of(prompt):
        mode = (context.world.model_info(model) or {}).get("mode", "chat")
        if mode not in _CHAT:
            yield Hit(
                f"{model} is a model for {str(mode).replace('_', ' ')}, not for chat", at=at, hint="name a chat model"
            )
