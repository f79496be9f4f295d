"""Telephone numbers of people in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.secrets.reading.texts import Text, masked, texts_of
from promptctl.text.personal.phones import phones_in

# What an answer must or must not say is the prompt's own text; the customer's number would stand in the input.
_ASSERTED = re.compile(
    r"(?:contains|equals|regex|starts-with|ends-with)(?:-any|-all)?[\"']?\s*:\s*(?:\[[^\]]*|[\"'>|]*)\Z|"
    r"^\s*(?:- )?[\"']?(?:not-)?(?:i?contains|equals|regex|starts-with|ends-with)"
)


@rule("PL604", Severity.WARNING, Subject.FILE, Subject.PROMPT, Subject.JUDGE)
def phone_number(subject: File | Prompt, context: Context) -> Iterator[Hit]:
    """A text holds a telephone number that may be a person's.

    Why: like an e-mail address it is personal data, copied into the history and sent to a provider with every run. Meant
    are numbers that exist in the numbering plan of their country (libphonenumber): with + and a country code, in the
    American form, or behind a word such as "call" or "mobile". Not meant are toll-free numbers, those reserved for
    fiction (555-0100 to 555-0199, Ofcom's and the Bundesnetzagentur's drama numbers, ...), a number the text calls a
    hotline or the office's, and those of orders, tickets and parts.

    Bad:
    ```yaml
    # file: golden/bot.yaml
    cases:
      - id: call-back
        input: Call me back on +44 20 7183 8750, after six.
        assertions: [contains: Settings]
    ```
    Good:
    ```yaml
    # file: golden/bot.yaml
    cases:
      - id: call-back
        input: Call me back on +44 20 7946 0018 about order 415-867-5309.
        assertions: [contains: Settings]
    ```
    """
    for text in texts_of(subject):
        for found in phones_in(text.text, context.world.phone, partial(_counts, text)):
            if not found.fiction:
                written = text.text[found.start : found.end]
                message = f"this is a telephone number: {masked(written)}"
                hint = "write one that is reserved for fiction, such as +1 202 555 0123"
                yield text.hit(found.start, found.end, message, hint)


def _counts(text: Text, start: int) -> bool:
    return not text.is_contact(start) and _ASSERTED.search(text.before(start, 80)) is None
