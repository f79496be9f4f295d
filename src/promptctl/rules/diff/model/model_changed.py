"""Another model."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.models import family


@diff_rule("PD301", Severity.WARNING, Category.MODEL, Level.MINOR)
def model_changed(pair: PromptPair) -> Iterator[Difference]:
    """Another model answers.

    Why: The same text gets other answers. What that means only an evaluation can say: run `promptctl gate`.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-11-20
    system_prompt: You answer questions.
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions briefly.
    ```
    """
    before, after = pair.change.before, pair.change.after
    if before is None or after is None or before.model == after.model:
        return
    if before.target is not None and after.target is not None:
        return  # PD305 says it
    kind = "another snapshot of it" if family(before.model) == family(after.model) else "another model"
    message = f"the model is {after.model} now, not {before.model}: {kind}"
    yield Difference(
        message, (before.model, after.model), at=("model",), hint="only an evaluation can tell: promptctl gate"
    )
