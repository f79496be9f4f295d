"""E-mail addresses of people in a text."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.secrets.reading.texts import masked, texts_of
from promptctl.text.personal.emails import emails_in


@rule("PL603", Severity.WARNING, Subject.FILE, Subject.PROMPT, Subject.JUDGE)
def email_address(subject: File | Prompt, _context: Context) -> Iterator[Hit]:
    """A text holds the e-mail address of a person.

    Why: cases are often taken from real conversations. In a golden set an address is kept for as long as the history
    lives, is sent to a provider with every run, and needs a reason under data protection law. Not meant are the domains
    that are reserved for examples (RFC 2606: example.com, .org, .net, .test, .invalid, .example), the mailboxes of a role
    (RFC 2142: support@, info@, ...), and a prompt's `owner:` and `author:`, which are contacts.

    Bad:
    ```yaml
    # file: golden/bot.yaml
    cases:
      - id: invoice
        input: Please send my invoice to erika.mustermann@mail.acme.com
        assertions: [contains: Settings]
    ```
    Good:
    ```yaml
    # file: golden/bot.yaml
    cases:
      - id: invoice
        input: Please send my invoice to erika@example.com, or ask support@acme.com
        assertions: [contains: Settings]
    ```
    """
    for text in texts_of(subject):
        for found in emails_in(text.text):
            if found.fiction or text.is_contact(found.start):
                continue
            local = text.text[found.start : found.end].partition("@")[0]
            message = f"this is the e-mail address of a person: {masked(local)}"
            hint = "write an address of example.com, or .test, instead"
            yield text.hit(found.start, found.end, message, hint)
