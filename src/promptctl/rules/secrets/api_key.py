"""API keys and tokens in a text."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.secrets.reading.keys import is_made_up, looks_invented, suspicious
from promptctl.rules.secrets.reading.texts import masked, texts_of

_HINT = "revoke it, and take it out of the history too; a text that needs a key can say YOUR_API_KEY"


@rule("PL601", Severity.ERROR, Subject.FILE, Subject.PROMPT, Subject.JUDGE)
def api_key(subject: File | Prompt, context: Context) -> Iterator[Hit]:
    """A prompt, golden set, judge, included file or the configuration holds an API key or token.

    Why: whoever can read the repository can use it, and what stands in a prompt is sent to a provider and may be
    repeated by the model. The formats are detect-secrets' and those of model providers; nothing is guessed from
    randomness alone. Keys that say they are none (`sk-...`, `YOUR_API_KEY`, `<token>`, AWS's `...EXAMPLE`) are not
    meant; a key typed along the alphabet, or one from a format's documentation, is a warning.

    Bad:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: Read the figures from https://reports:tr0ub4dor@grafana.acme.com/api before you answer.
    ```
    Good:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: |
      Explain how to call the API. In code write YOUR_API_KEY, sk-..., AKIAIOSFODNN7EXAMPLE or
      https://user:password@host/path, and never a key that a customer has sent.
    ```
    """
    for text in texts_of(subject):
        for first, last in suspicious(text.text):
            part = text.text[first:last]
            for leak in context.world.secrets(part):
                value = part[leak.start : leak.end]
                if is_made_up(value):
                    continue
                severity = Severity.WARNING if looks_invented(value) else None
                message = f"this looks like {leak.kind}: {masked(value)}"
                yield text.hit(first + leak.start, first + leak.end, message, _HINT, severity)
