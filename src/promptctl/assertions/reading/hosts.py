"""Names of hosts in the one form in which they are compared."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}")
_LONGEST = 253
LONGEST_WRITTEN = 1024
"""Characters of a host as it is written: more is no host, and takes long to normalise."""
# IDNA 2003 maps or drops these, IDNA 2008 and browsers keep them: another host (UTS 46, deviation characters).
_KEPT = frozenset("ßς")
_JOINERS = frozenset("\u200c\u200d")


def host_form(host: str) -> str | None:
    """A host in lower case, IDNA's ASCII, without its trailing dot; None where it is no host's name.

    >>> host_form("BÜCHER.example.")
    'xn--bcher-kva.example'
    """
    if len(host) > LONGEST_WRITTEN:
        return None
    if ":" in host or host.startswith("["):
        try:
            return str(ipaddress.IPv6Address(host.strip("[]")))
        except ValueError:
            return None
    name = unicodedata.normalize("NFKC", unquote(host)).lower()
    name = re.sub("[。．｡]", ".", name).removesuffix(".")
    if len(name) > _LONGEST:  # its ASCII form is no shorter, and takes the square of its length to make
        return None
    labels = [_label(one) for one in name.split(".")]
    found = ".".join(one for one in labels if one is not None)
    return found if len(found) <= _LONGEST and None not in labels else None


@lru_cache(maxsize=1024)
def _label(label: str) -> str | None:
    if not label.isascii():
        if _JOINERS & set(label):
            return None
        try:
            label = _encoded(label)
        except UnicodeError:
            return None
    return label if _LABEL.fullmatch(label) else None


def _encoded(label: str) -> str:
    if _KEPT & set(label):
        return f"xn--{label.encode('punycode').decode('ascii')}"
    return label.encode("idna").decode("ascii").lower()
