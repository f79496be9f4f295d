"""Payment card numbers in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.secrets.reading.texts import masked, texts_of
from promptctl.text.personal.cards import cards_in


@rule("PL605", Severity.ERROR, Subject.FILE, Subject.PROMPT, Subject.JUDGE)
def payment_card(subject: File | Prompt, context: Context) -> Iterator[Hit]:
    """A text holds the number of a payment card.

    Why: a card number in a repository is outside of everything PCI DSS allows, and a run sends it to a provider. The
    number must have a scheme's prefix and length and a right check digit (Luhn). It is an error where it is grouped as on a
    card or the words around it speak of one, a warning where it is a bare row of digits, nothing where the words before it
    make it the number of an order. Numbers that processors document for tests belong to nobody: golden sets may have them,
    elsewhere they are noted.

    Bad (a number of the documentation, noted):
    ```yaml
    # file: prompts/bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: A card is written as 4111 1111 1111 1111.
    user_prompt: "{{ question }}"
    ```
    Good:
    ```yaml
    # file: golden/bot.yaml
    cases:
      - id: pay
        input: My card is 4111 1111 1111 1111, why was it refused?
        assertions: [contains: Settings]
    ```
    """
    for text in texts_of(subject):
        for found in cards_in(text.text, context.world.check_digits):
            told = f"({found.name}): {masked(re.sub(r'[^0-9]', '', text.text[found.start : found.end]))}"
            if found.fiction and text.kind == "golden":
                continue  # what the hint below asks for, in the place for it
            if found.fiction:
                message, hint = (
                    f"this is a card number documented for tests {told}",
                    "keep it if the prompt is about cards",
                )
                yield text.hit(found.start, found.end, message, hint, Severity.INFO)
                continue
            message = f"this is the number of a payment card {told}"
            hint = "write one that is documented for tests, such as 4242 4242 4242 4242"
            yield text.hit(found.start, found.end, message, hint, None if found.sure else Severity.WARNING)
