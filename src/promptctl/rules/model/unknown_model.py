"""A model nobody has heard of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promptctl.model.finding import Severity
from promptctl.model.prompt import Json, Prompt
from promptctl.model.suggest import closest
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.knowledge.model_ids import PRIVATE, parse, respelled, siblings
from promptctl.rules.knowledge.uses import models_of


@rule("PL102", Severity.WARNING, Subject.PROMPT, Subject.JUDGE)
def unknown_model(prompt: Prompt, context: Context) -> Iterator[Hit]:
    """A model is not in the price map.

    Why: a misspelt model is answered with 404 when the eval runs, and a model without a price escapes every budget. A model
    that is newer than the map is told apart by a price in promptctl.yaml; one that only its operator knows (an Azure
    deployment, Ollama, vLLM, OpenRouter, a scripted or fine-tuned model) is not asked for.

    Bad:
    ```yaml
    model: openai/gpt-4o-2024-08-66
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    Good (priced by the project):
    ```yaml
    # file: promptctl.yaml
    prices:
      openai/gpt-9-2027-01-01: {input: 1, output: 4}
    # file: prompts/example.yaml
    model: openai/gpt-9-2027-01-01
    system_prompt: You answer customers' questions.
    ```
    """
    for at, model in models_of(prompt):
        if _is_known(model, context):
            continue
        found = parse(model, context.world.model_info)
        if not found.provider:
            yield Hit(
                f"{model!r} names no provider", at=at, hint="write provider/snapshot, as in openai/gpt-4o-2024-08-06"
            )
            continue
        near = closest(found.name, siblings(found, context.world.model_names))
        meant = f"did you mean {respelled(found, near)}? " if near else ""
        hint = f"{meant}If it is new, give its price under `prices:` in promptctl.yaml"
        yield Hit(f"{model} is not in the price map", at=at, hint=hint)


def _is_known(model: str, context: Context) -> bool:
    prices: Mapping[str, Json] = context.config.prices
    if model in prices or model.partition("/")[2] in prices or context.world.model_info(model) is not None:
        return True
    found = parse(model, context.world.model_info)
    return found.provider in PRIVATE or found.name.startswith("ft:")
