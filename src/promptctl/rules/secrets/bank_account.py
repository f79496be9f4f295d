"""Bank accounts (IBANs) in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.secrets.reading.texts import masked, texts_of
from promptctl.text.personal.accounts import accounts_in


@rule("PL606", Severity.ERROR, Subject.FILE, Subject.PROMPT, Subject.JUDGE)
def bank_account(subject: File | Prompt, context: Context) -> Iterator[Hit]:
    """A text holds an IBAN.

    Why: a bank account belongs to somebody, and a debit needs little more than its number. The country's length and
    structure and the check digits must be right, so that nothing else looks like one. Examples that banks and registries
    document belong to nobody: golden sets may have them, elsewhere they are noted.

    Bad (an example of the registry, noted):
    ```yaml
    # file: prompts/bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: An account is written as GB29 NWBK 6016 1331 9268 19.
    user_prompt: "{{ question }}"
    ```
    Good:
    ```yaml
    # file: golden/bot.yaml
    cases:
      - id: refund
        input: Please refund it to GB29 NWBK 6016 1331 9268 19.
        assertions: [contains: Settings]
    ```
    """
    for text in texts_of(subject):
        for found in accounts_in(text.text, context.world.check_digits):
            iban = masked(re.sub(r"\s", "", text.text[found.start : found.end]))
            if found.fiction and text.kind == "golden":
                continue  # what the hint below asks for, in the place for it
            if found.fiction:
                message, hint = (
                    f"this is an IBAN documented as an example: {iban}",
                    "keep it if the prompt is about accounts",
                )
                yield text.hit(found.start, found.end, message, hint, Severity.INFO)
            else:
                hint = "write a documented example, such as DE89 3704 0044 0532 0130 00"
                yield text.hit(found.start, found.end, f"this is the number of a bank account: {iban}", hint)
