"""E-mail addresses of people in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.secrets.reading.texts import masked, texts_of

_DOMAIN = re.compile(
    r"@(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24})(?![\w@-]|\.\w)"
)
_LOCAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+'-]*\Z")
_LONGEST_LOCAL = 64  # RFC 5321, 4.5.3.1.1

# RFC 2606 and RFC 6761: names that will never be anyone's.
_RESERVED = re.compile(r"(?:^|\.)(?:example\.(?:com|org|net)|example|test|invalid|localhost|local)$")
# Names that texts use as if they were reserved, and file names that look like a domain (icon@2x.png).
_STAND_INS = re.compile(
    r"(?:^|\.)(?:(?:your-?)?(?:domain|company|organi[sz]ation|org|school|university|email|website|site)\.(?:com|org|net|edu)|"
    r"example\.[a-z.]+|[\w-]*(?:your|example)[\w-]*\.[a-z]+)$|\.(?:png|jpe?g|gif|svg|webp|ico|css|js|ts|py|md|txt|ya?ml|json)$"
)
# Mailboxes of a role: RFC 2142, and those that every company has.
_ROLES = frozenset(
    {
        "abuse", "accounts", "admin", "billing", "careers", "contact", "customercare", "customerservice", "donotreply",
        "enquiries", "feedback", "ftp", "git", "hello", "help", "helpdesk", "hostmaster", "hr", "info", "inquiries",
        "investors", "invoices", "jobs", "legal", "mailer-daemon", "marketing", "media", "news", "newsletter", "no-reply",
        "noc", "noreply", "notifications", "office", "orders", "postmaster", "press", "privacy", "recruiting", "returns",
        "root", "sales", "security", "service", "support", "team", "usenet", "uucp", "webmaster", "www",
    }
)  # fmt: skip
_STAND_IN_LOCALS = frozenset(
    {"email", "e-mail", "first.last", "firstname.lastname", "name", "someone", "user", "username", "you", "your.name",
     "yourname"}
)  # fmt: skip


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
        if "@" not in text.text:
            continue
        for found in _DOMAIN.finditer(text.text):
            at = found.start()
            local = _local_part(text.text[max(0, at - _LONGEST_LOCAL) : at])
            if not local or _is_nobodys(local.lower(), found["domain"].lower()):
                continue
            start = at - len(local)
            if text.text[max(0, start - 1) : start] in ("@", "/", ":") and "://" in text.before(start, 80):
                continue  # the user of a URL
            if text.is_contact(start):
                continue
            message = f"this is the e-mail address of a person: {masked(local)}"
            hint = "write an address of example.com, or .test, instead"
            yield text.hit(start, found.end(), message, hint)


def _local_part(before: str) -> str:
    found = _LOCAL.search(before)
    return found.group() if found else ""


def _is_nobodys(local: str, domain: str) -> bool:
    role = local.split("+", maxsplit=1)[0]
    if role in _ROLES or role in _STAND_IN_LOCALS:
        return True
    return _RESERVED.search(domain) is not None or _STAND_INS.search(domain) is not None
