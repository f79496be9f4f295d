"""Private keys in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.secrets.reading.keys import is_made_up
from promptctl.rules.secrets.reading.texts import texts_of

# RFC 7468 and RFC 4716 headers, PGP's armour; then, perhaps after headers of the armour and escaped line ends, the key.
_HEADER = re.compile(
    r"-{4,5} ?BEGIN (?P<kind>(?:[A-Z0-9]+ ){0,3}?)PRIVATE KEY(?: BLOCK)? ?-{4,5}"
    r"(?:[A-Za-z-]{3,20}: [^\n\\]{0,100}|\s|\\[nr]|[\"'|>+]){0,40}(?P<body>[A-Za-z0-9+/=\s\\]{0,400})"
)
_LEAST = 16


@rule("PL602", Severity.ERROR, Subject.FILE, Subject.PROMPT, Subject.JUDGE)
def private_key(subject: File | Prompt, _context: Context) -> Iterator[Hit]:
    """A prompt, golden set, judge, included file or the configuration holds a private key.

    Why: a private key proves who somebody is, and cannot be taken back once it is in a history that others have
    cloned. Only a header with key material behind it counts; a text may speak of private keys.

    Bad:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: |
      Sign each answer with
      -----BEGIN PRIVATE KEY-----
      bm90IGEga2V5LCBvbmx5IGl0cyBzaGFwZQ==
      -----END PRIVATE KEY-----
    ```
    Good:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: |
      If a message contains -----BEGIN PRIVATE KEY----- tell the customer to revoke that key.
    ```
    """
    for text in texts_of(subject):
        if "PRIVATE KEY" not in text.text:
            continue
        for found in _HEADER.finditer(text.text):
            body = re.sub(r"\s|\\[nr]", "", found["body"])
            longest = max(re.split(r"\s+|\\[nr]|\\", found["body"]), key=len)
            if len(longest) < _LEAST or is_made_up(body[:64]):
                continue
            kind = found["kind"].strip()
            message = f"this is a private key{f' ({kind})' if kind else ''}"
            hint = "replace the key everywhere it is used, and take it out of the history too"
            yield text.hit(found.start(), text.text.find("KEY", found.start()) + 3, message, hint)
