"""National ids of people in a text."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.secrets.reading.texts import masked, texts_of
from promptctl.text.personal.identities import identities_in


@rule("PL607", Severity.ERROR, Subject.FILE, Subject.PROMPT, Subject.JUDGE)
def national_id(subject: File | Prompt, context: Context) -> Iterator[Hit]:
    """A text holds a national id: a tax, social security or identity number of a person.

    Why: it names one person for life, and in many countries may be stored only for a purpose the law lists. The check
    digits must be right (python-stdnum). Ids of which one row of digits in ten would pass count only where a word near
    them names the id: "SSN", "BSN", "PESEL", ... Looked for are Belgian, Brazilian, British (NHS), Canadian, Chinese,
    Dutch, Finnish, French, German, Indian, Irish, Italian, Mexican, Norwegian, Polish, South Korean, Spanish, Swedish,
    Swiss, Turkish and US ids.

    Bad:
    ```yaml
    # file: golden/bot.yaml
    cases:
      - id: tax
        input: My codice fiscale is RCCMNL83S18D969H. Is that all you need?
        assertions: [contains: Settings]
    ```
    Good:
    ```yaml
    # file: golden/bot.yaml
    cases:
      - id: tax
        input: My codice fiscale is RSSMRA00X00X000X. Is that all you need?
        assertions: [contains: Settings]
    ```
    """
    for text in texts_of(subject):
        for found in identities_in(text.text, context.world.check_digits):
            message = f"this is {found.name}: {masked(text.text[found.start : found.end])}"
            yield text.hit(found.start, found.end, message, "write one whose check digits are wrong")
