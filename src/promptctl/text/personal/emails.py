"""E-mail addresses of people."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.text.personal.found import Found, before

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


def emails_in(text: str) -> Iterator[Found]:
    """The addresses of people; those of a role (RFC 2142: support@, info@, ...) and the user of a URL are none."""
    if "@" not in text:
        return
    for found in _DOMAIN.finditer(text):
        at = found.start()
        local = _local_part(text[max(0, at - _LONGEST_LOCAL) : at])
        role = local.lower().split("+", maxsplit=1)[0]
        if not local or role in _ROLES:
            continue
        start = at - len(local)
        if text[max(0, start - 1) : start] in ("@", "/", ":") and "://" in before(text, start, 80):
            continue  # the user of a URL
        yield Found("an e-mail address", start, found.end(), fiction=_is_nobodys(role, found["domain"].lower()))


def _local_part(text: str) -> str:
    found = _LOCAL.search(text)
    return found.group() if found else ""


def _is_nobodys(role: str, domain: str) -> bool:
    if role in _STAND_IN_LOCALS:
        return True
    return _RESERVED.search(domain) is not None or _STAND_INS.search(domain) is not None
