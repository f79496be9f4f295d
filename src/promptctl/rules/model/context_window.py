"""More than a model can hold."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.knowledge.uses import models_of


@rule("PL105", Severity.ERROR, Subject.PROMPT, Subject.JUDGE)
def context_window(prompt: Prompt, context: Context) -> Iterator[Hit]:
    """A prompt and its `max_tokens` do not fit into the model's context window.

    Why: the provider refuses the request, or cuts the answer. Counted is the text that every case shares (system prompt,
    few-shot examples, the template itself); a case only adds to it. `max_tokens` above what the model can write is
    refused as well. Fallbacks are held to the same.

    Bad:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    parameters: {max_tokens: 100000}
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    parameters: {max_tokens: 400}
    system_prompt: You answer customers' questions.
    ```
    """
    texts = [message.content for message in prompt.messages if message.content] + list(prompt.includes.values())
    name = "max_completion_tokens" if "max_completion_tokens" in prompt.parameters else "max_tokens"
    wanted = prompt.parameters.get(name)
    wanted = wanted if isinstance(wanted, int) else 0
    for at, model in models_of(prompt):
        entry = context.world.model_info(model) or {}
        most, window = entry.get("max_output_tokens"), entry.get("max_input_tokens")
        if isinstance(most, int) and wanted > most:
            yield Hit(
                f"{model} writes at most {most:,} tokens, {name} is {wanted:,}",
                at=("parameters", name),
                hint="lower it",
            )
            continue
        if not isinstance(window, int) or sum(len(text.encode()) for text in texts) + wanted <= window:
            continue  # a token is at least one byte, so there is nothing to count
        tokens = sum(context.world.count_tokens(text, model) for text in texts)
        if tokens + wanted > window:
            shared = f"{tokens:,} tokens of prompt" + (f" and {name} {wanted:,}" if wanted else "")
            message = f"{shared} do not fit into the {window:,} tokens of {model}"
            yield Hit(message, at=at, hint="shorten the prompt, or choose a model with a larger window")
