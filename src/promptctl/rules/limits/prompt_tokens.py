"""More tokens than the prompt allows itself."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, Tested, rule
from promptctl.rules.limits.reading.size import largest_case, shared_size

_HINT = "shorten it, or raise limits.prompt_tokens"


@rule("PL701", Severity.ERROR, Subject.PROMPT, Subject.GOLDEN)
def prompt_tokens(subject: Prompt | Tested, context: Context) -> Iterator[Hit]:
    """A rendered prompt has more tokens than its `limits.prompt_tokens`.

    Why: a prompt grows a sentence at a time, and with it the price and the wait of every call. The limit is held against
    the largest case of the golden set, rendered, its history and the prompt's tools included; and against the text that
    all cases share, where that alone is too long. Counted with OpenAI's tokenizers: exact for OpenAI's models, an
    estimate for others.

    Bad:
    ```yaml
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    limits: {prompt_tokens: 30}
    # file: golden/bot.yaml
    cases:
      - id: long
        input: My bicycle makes a noise whenever I turn to the left, but only uphill and when it rains. What can I do?
        assertions: [contains: workshop]
    ```
    Bad (without any case):
    ```yaml
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions about bicycles, and about nothing else.
    limits: {prompt_tokens: 10}
    ```
    Good:
    ```yaml
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    limits: {prompt_tokens: 60}
    # file: golden/bot.yaml
    cases:
      - id: long
        input: My bicycle makes a noise whenever I turn to the left, but only uphill and when it rains. What can I do?
        assertions: [contains: workshop]
    ```
    """
    prompt = subject.prompt if isinstance(subject, Tested) else subject
    if prompt is None or prompt.limits.prompt_tokens is None:
        return
    limit, count = prompt.limits.prompt_tokens, context.world.count_tokens
    shared = shared_size(prompt, prompt.model, count, limit)
    if not isinstance(subject, Tested):
        if shared is not None:
            message = f"the prompt has {shared.tokens:,} tokens before a case adds any; its limit is {limit:,}"
            yield Hit(message, at=("limits", "prompt_tokens"), hint=_HINT)
    elif shared is None and (largest := largest_case(subject, prompt, prompt.model, count, limit)) is not None:
        index = largest.case or 0
        case = subject.golden.cases[index]
        message = f"with the case {case.id!r} {prompt.name} has {largest.tokens:,} tokens; its limit is {limit:,}"
        yield Hit(message, at=("cases", index), span=case.span, hint=_HINT)
