"""A file that the prompt includes."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule


@diff_rule("PD408", Severity.WARNING, Category.TEXT, Level.PATCH)
def include_changed(pair: PromptPair) -> Iterator[Difference]:
    """A file that the prompt includes changed.

    Why: The prompt's own file did not change, and the model reads another text all the same; so do all other
    prompts that include it.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: |
      {% include "shared/tone.txt" %}
    # base: shared/tone.txt
    Be friendly.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: |
      {% include "shared/tone.txt" %}
    # file: shared/tone.txt
    Be brief.
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: |
      {% include "shared/tone.txt" %}
    # base: shared/tone.txt
    Be friendly.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: |
      {% include "shared/tone.txt" %}
    # file: shared/tone.txt
    Be friendly.
    ```
    """
    before, after = pair.change.before, pair.change.after
    for path in pair.change.includes:
        old, new = (one.includes.get(path) if one is not None else None for one in (before, after))
        said = (
            "is included now"
            if old is None
            else "is not included any more"
            if new is None
            else "changed, which is included"
        )
        yield Difference(f"{path} {said}", (path, old, new))
