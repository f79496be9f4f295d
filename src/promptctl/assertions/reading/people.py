"""Personal data in an answer, by type: what stands where, and how it is shown without being repeated."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge

from promptctl.model.answer import Numbers
from promptctl.text.personal.accounts import accounts_in
from promptctl.text.personal.addresses import addresses_in
from promptctl.text.personal.cards import cards_in
from promptctl.text.personal.emails import emails_in
from promptctl.text.personal.found import Found
from promptctl.text.personal.identities import identities_in
from promptctl.text.personal.phones import phones_in

# In the order in which they claim a place: what has the most check digits first.
TYPES: Mapping[str, Callable[[str, Numbers], Iterator[Found]]] = {
    "bank-account": lambda text, numbers: accounts_in(text, numbers.check_digits),
    "payment-card": lambda text, numbers: cards_in(text, numbers.check_digits),
    "national-id": lambda text, numbers: identities_in(text, numbers.check_digits),
    "phone": lambda text, numbers: phones_in(text, numbers.phone),
    "email": lambda text, _numbers: emails_in(text),
    "ip-address": lambda text, _numbers: addresses_in(text),
}
_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Person:
    """A piece of personal data. text: as it is written; `masked` is what may be shown of it."""

    type: str
    found: Found
    text: str

    @property
    def masked(self) -> str:
        """An address with its domain and one letter of its name; of anything else the first two and last two characters."""
        if self.type == "email":
            local, _, domain = self.text.partition("@")
            return f"{local[:1]}***@{domain}"
        return f"{self.text[:_SHOWN]}***{self.text[-_SHOWN:]}"


def people_in(text: str, types: frozenset[str], numbers: Numbers) -> tuple[Person, ...]:
    """The personal data of those types in a text, in the order of its places; a place is of one type."""
    kept: list[Person] = []  # in the order of their places, none over another
    for kind, look in TYPES.items():
        if kind in types:
            more = [
                Person(kind, found, text[found.start : found.end])
                for found in look(text, numbers)
                if _is_free(found, kept)
            ]
            kept = list(merge(kept, _apart(more), key=_start))
    return tuple(kept)


def _is_free(found: Found, kept: Sequence[Person]) -> bool:
    """Whether no kept place overlaps with the found one."""
    at = bisect_left(kept, found.end, key=_start)
    return not at or kept[at - 1].found.end <= found.start


def _apart(people: Iterable[Person]) -> Iterator[Person]:
    """Those of one type in the order of their places, without what overlaps with the one before."""
    done = 0
    for one in sorted(people, key=_start):
        if one.found.start >= done:
            done = one.found.end
            yield one


def _start(one: Person) -> int:
    return one.found.start
