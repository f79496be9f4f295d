"""Two lists of messages, aligned: what was added, removed, changed and moved, few-shot examples apart from the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from promptctl.changes.values import ADDED, CHANGED, REMOVED, same
from promptctl.changes.words import Piece, word_changes
from promptctl.model.prompt import Json, Message, Prompt

MOVED = "moved"
ALIKE = 0.5
"""Two examples that share less than this part of their words are two examples, not one that was edited."""


@dataclass(frozen=True, slots=True)
class Part:
    """A message, or a few-shot example: a user message and the assistant's answer to it.

    kind: "message" | "example". first: the index of its first message in the prompt. texts: its contents, by role.
    """

    kind: str
    first: int
    texts: tuple[tuple[str, str], ...]
    extra: Json = field(default_factory=dict)

    @property
    def role(self) -> str:
        """The role of a message; "example" for an example."""
        return self.texts[0][0] if self.kind == "message" else "example"

    @property
    def content(self) -> str:
        """All of its text."""
        return "\n".join(text for _, text in self.texts)


@dataclass(frozen=True, slots=True)
class PartChange:
    """What became of a message or example. kind: "added" | "removed" | "changed" | "moved" (its text is the same).

    words: for what was changed, role by role, the pieces of its text. number: its place among its role, from 1, after
    the change (of what was removed: before).
    """

    kind: str
    before: Part | None
    after: Part | None
    number: int
    words: tuple[tuple[str, tuple[Piece, ...]], ...] = ()

    @property
    def part(self) -> Part:
        """The one that is there, the later one where both are."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change of nothing into nothing")
        return found


def parts_of(prompt: Prompt) -> tuple[Part, ...]:
    """The messages of a prompt, each user message that an assistant message answers taken with it as an example."""
    found: list[Part] = []
    messages = prompt.messages
    index = 0
    while index < len(messages):
        one = messages[index]
        answer = messages[index + 1] if index + 1 < len(messages) else None
        if answer is not None and (one.role, answer.role) == ("user", "assistant") and not (one.extra or answer.extra):
            found.append(Part("example", index, (_text(one), _text(answer))))
            index += 2
        else:
            found.append(Part("message", index, (_text(one),), _extra(one)))
            index += 1
    return tuple(found)


def part_changes(before: Sequence[Part], after: Sequence[Part]) -> tuple[PartChange, ...]:
    """What became of every message and example that is not where and what it was, in the order of `after`."""
    pairs, lost, new = _aligned(before, after)
    changes = [_changed(before, after, a, b) for a, b in pairs if not _same(before[a], after[b])]
    changes += [
        PartChange(MOVED, before[a], after[b], _number(after, b)) for a, b in _out_of_order(pairs, before, after)
    ]
    changes += [PartChange(REMOVED, before[a], None, _number(before, a)) for a in lost]
    changes += [PartChange(ADDED, None, after[b], _number(after, b)) for b in new]
    return tuple(sorted(changes, key=lambda one: (one.part.first, one.kind)))


def include_changes(before: Mapping[str, str], after: Mapping[str, str]) -> Mapping[str, tuple[Piece, ...]]:
    """The words of every included file that differs, line ends aside; a file no longer or newly included is all of one kind."""
    found = {}
    for path in sorted({*before, *after}):
        old, new = (_plain(side.get(path, "")) for side in (before, after))
        if old != new or (path in before) != (path in after):
            found[path] = word_changes(old, new)
    return found


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def _text(message: Message) -> tuple[str, str]:
    content = message.content or ""
    return message.role, content.removesuffix("\n") if message.template else content


def _extra(message: Message) -> Json:
    return {} if not message.extra else dict(message.extra)


def _same(one: Part, other: Part) -> bool:
    return one.texts == other.texts and same(one.extra, other.extra)


def _key(one: Part) -> tuple[str, tuple[tuple[str, str], ...]]:
    return one.kind, one.texts


def _aligned(before: Sequence[Part], after: Sequence[Part]) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pairs of positions, and the positions without a partner on either side.

    What is the same comes first, in order; then what is the same elsewhere; then what is alike.
    """
    pairs: list[tuple[int, int]] = []
    matcher = SequenceMatcher(None, [_key(one) for one in before], [_key(one) for one in after], autojunk=False)
    for a, b, size in matcher.get_matching_blocks():
        pairs += [(a + step, b + step) for step in range(size)]
    for fits in (_equal, _same_question, _alike):
        lost, new = _left(pairs, before, 0), _left(pairs, after, 1)
        for a in lost:
            found = next((b for b in new if fits(before[a], after[b])), None)
            if found is not None:
                pairs.append((a, found))
                new.remove(found)
    return sorted(pairs), _left(pairs, before, 0), _left(pairs, after, 1)


def _left(pairs: Sequence[tuple[int, int]], side: Sequence[Part], which: int) -> list[int]:
    taken = {pair[which] for pair in pairs}
    return [index for index in range(len(side)) if index not in taken]


def _equal(one: Part, other: Part) -> bool:
    return _key(one) == _key(other)


def _same_question(one: Part, other: Part) -> bool:
    return one.kind == other.kind == "example" and one.texts[0] == other.texts[0]


def _alike(one: Part, other: Part) -> bool:
    if one.kind != other.kind or one.role != other.role:
        return False
    if one.kind == "message":
        return True
    return SequenceMatcher(None, one.content.split(), other.content.split(), autojunk=False).ratio() >= ALIKE


def _changed(before: Sequence[Part], after: Sequence[Part], a: int, b: int) -> PartChange:
    old, new = before[a], after[b]
    words = tuple(
        (role, word_changes(was, now)) for (role, was), (_, now) in zip(old.texts, new.texts, strict=True) if was != now
    )
    return PartChange(CHANGED, old, new, _number(after, b), words)


def _out_of_order(
    pairs: Sequence[tuple[int, int]], before: Sequence[Part], after: Sequence[Part]
) -> Iterator[tuple[int, int]]:
    """The pairs that have to move for the others to keep their order: all but a longest rising run."""
    best: list[list[tuple[int, int]]] = []
    for pair in pairs:
        longest = max((run for run in best if run[-1][1] < pair[1]), key=len, default=[])
        best.append([*longest, pair])
    kept = max(best, key=len, default=[])
    yield from (pair for pair in pairs if pair not in kept and _same(before[pair[0]], after[pair[1]]))


def _number(side: Sequence[Part], index: int) -> int:
    return sum(one.role == side[index].role for one in side[: index + 1])
