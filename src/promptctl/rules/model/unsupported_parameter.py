"""A parameter that the model refuses."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Json, Prompt
from promptctl.model.source import NodePath
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.knowledge.abilities import refused_parameters, refuses_schema, refuses_tools
from promptctl.rules.knowledge.uses import models_of


@rule("PL104", Severity.ERROR, Subject.PROMPT, Subject.JUDGE)
def unsupported_parameter(prompt: Prompt, context: Context) -> Iterator[Hit]:
    """A prompt gives its model, or a fallback, a parameter that the model does not support.

    Why: the provider refuses the request, so every case is an ERROR. Reasoning models take no `temperature` but 1,
    Claude takes no `seed`, and not every model takes tools or a JSON schema. Only what the price map denies expressly, or
    the provider's own refusal is known for, is reported.

    Bad:
    ```yaml
    model: openai/o3-2025-04-16
    parameters: {temperature: 0}
    system_prompt: You answer customers' questions.
    ```
    Bad (a fallback):
    ```yaml
    model: openai/gpt-4o-2024-08-06
    fallbacks: [anthropic/claude-sonnet-4-6]
    parameters: {temperature: 0, seed: 7}
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    parameters: {temperature: 0, seed: 7}
    system_prompt: You answer customers' questions.
    ```
    """
    for _, model in models_of(prompt):
        entry = context.world.model_info(model)
        if entry is None:
            continue
        for name, why in refused_parameters(model, entry, prompt.parameters):
            yield _hit(
                prompt, ("parameters", name), f"{model} does not take {name}{_shown(prompt.parameters[name])}: {why}"
            )
        if prompt.tools and refuses_tools(entry):
            yield _hit(prompt, ("tools",), f"{model} does not take tools")
        if prompt.output_schema is not None and refuses_schema(entry):
            yield _hit(prompt, ("output", "schema"), f"{model} does not take a JSON schema for its output")


def _shown(value: Json) -> str:
    return f" {value}" if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _hit(prompt: Prompt, at: NodePath, message: str) -> Hit:
    shared = "" if not prompt.fallbacks else "; fallbacks get the same parameters"
    return Hit(message, at=at, key=True, hint=f"remove it, or choose another model{shared}")
