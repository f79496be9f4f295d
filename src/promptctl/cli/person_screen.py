"""What a person sees of one item, as text for a terminal of a given size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promptctl.reports.cells import clip, excerpt, width, wrap
from promptctl.reports.escape import line, visible

_INDENT = "  "
_LEAST_LINES = 3  # of a section, however low the terminal: its head, what is left out, its tail
_NARROWEST = 20
_WIDEST = 120  # longer lines are hard to read


@dataclass(frozen=True, slots=True)
class Look:
    """What the terminal can do: clear itself, and show bold text."""

    clears: bool
    bold: bool


def drawn(
    *,
    title: str,
    progress: str,
    sections: Sequence[tuple[str, str]],
    question: str,
    keys: Mapping[str, str],
    controls: Mapping[str, str],
    all_key: str,
    remarks: Sequence[str],
    columns: int,
    rows: int | None,
    look: Look,
) -> str:
    """The screen, its prompt last. rows: the terminal's height, to which long texts are cut; None shows all of them.

    Every text may be untrusted: what steers a terminal is spelt out. controls[all_key] is shown where a text was cut.
    """
    cells = max(_NARROWEST, min(columns, _WIDEST)) - 1
    end = _tail(question, keys, controls, remarks, cells)
    room = None if rows is None else rows - len(end) - 3 - 2 * len(sections)
    shown, cut = _texts([text for _, text in sections], cells - len(_INDENT), room)
    if not cut:
        end = _tail(question, keys, {key: told for key, told in controls.items() if key != all_key}, remarks, cells)
    lines = [_bold(clip(f"{progress}  {line(title)}", cells), look)]
    for (name, _), text in zip(sections, shown, strict=True):
        lines += ["", _bold(clip(line(name), cells), look), *(f"{_INDENT}{one}".rstrip() for one in text)]
    start = "\x1b[H\x1b[2J" if look.clears and rows is not None else "\n"
    return start + "\n".join([*lines, "", *end]) + "\n> "


def _tail(
    question: str, keys: Mapping[str, str], controls: Mapping[str, str], remarks: Sequence[str], cells: int
) -> list[str]:
    told = [part for one in remarks for part in wrap(line(one), cells)]
    return [*wrap(line(question), cells), *_choices(keys, cells), *_choices(controls, cells), *told]


def _texts(texts: Sequence[str], cells: int, room: int | None) -> tuple[list[tuple[str, ...]], bool]:
    """The texts as lines, and whether any was cut; the short ones leave their room to the long ones."""
    if room is None:
        return [_whole(text, cells) for text in texts], False
    needs = [len(excerpt(text, width=cells, lines=None)) for text in texts]
    share = _share(needs, room)
    shown = [excerpt(text, width=cells, lines=max(_LEAST_LINES, share)) for text in texts]
    cut = [one != _whole(text, cells) for one, text in zip(shown, texts, strict=True) if text.strip()]
    return shown, any(cut)


def _whole(text: str, cells: int) -> tuple[str, ...]:
    if not text.strip():
        return excerpt(text, width=cells, lines=None)
    written = visible(text).strip("\n").replace("\t", "    ").split("\n")
    return tuple(piece for one in written for piece in wrap(one.rstrip(), cells))


def _share(needs: Sequence[int], room: int) -> int:
    """The most lines one text may take so that all fit in `room`."""
    left, open_texts = room, len(needs)
    for need in sorted(needs):
        if need * open_texts > left:
            return left // open_texts
        left, open_texts = left - need, open_texts - 1
    return max(needs, default=0)


def _choices(meanings: Mapping[str, str], cells: int) -> list[str]:
    """`p pass   f fail`, as many on a line as fit."""
    lines: list[str] = []
    for key, meaning in meanings.items():
        one = clip(f"{line(key)} {line(meaning)}", cells - len(_INDENT))
        joined = f"{lines[-1]}   {one}" if lines else ""
        if lines and width(joined) <= cells:
            lines[-1] = joined
        else:
            lines.append(_INDENT + one)
    return lines


def _bold(text: str, look: Look) -> str:
    return f"\x1b[1m{text}\x1b[0m" if look.bold else text
