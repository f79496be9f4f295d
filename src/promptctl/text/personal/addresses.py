"""Internet addresses (IP) that may be a person's."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from promptctl.text.personal.found import Found, before
from promptctl.text.personal.labels import names_a_thing

_FOUR = re.compile(r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)")
_SIX = re.compile(r"(?<![\w:.])[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]{2,34}(?![\w:])")  # 2000::/3, all that is given out
# Reserved for documentation: RFC 5737, RFC 3849, RFC 9637.
_DOCUMENTATION = tuple(
    ipaddress.ip_network(one)
    for one in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
)
# Resolvers that every text on networks names.
_RESOLVERS = frozenset({"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "208.67.222.222", "208.67.220.220"})


def addresses_in(text: str) -> Iterator[Found]:
    """The public IPv4 and IPv6 addresses; private, local and well-known ones are nobody's, and none of them."""
    if text.count(".") >= 3 or ":" in text:
        for shape in (_FOUR, _SIX):
            for found in shape.finditer(text):
                address = _address(found.group())
                if address is None or names_a_thing(before(text, found.start(), 60)):
                    continue
                fiction = any(address in network for network in _DOCUMENTATION)
                if fiction or (address.is_global and not address.is_multicast and str(address) not in _RESOLVERS):
                    yield Found("an IP address", *found.span(), fiction=fiction)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
