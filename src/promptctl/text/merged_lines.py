"""Golden sets of one case a line, merged by the cases' ids."""

from __future__ import annotations

from promptctl.model.errors import InputError
from promptctl.model.source import Blob
from promptctl.text.decode import decode
from promptctl.text.golden_table import jsonl_cases
from promptctl.text.merged_text import Merged
from promptctl.text.merging import same


def merged_jsonl(base: Blob, ours: Blob, theirs: Blob, *, marker_size: int) -> Merged | None:
    """The merge of three JSONL golden sets; None where one cannot be read or a case has no id of its own.

    A case is one thing here: both sides changing it is a conflict, since its line can be in the file only once.
    """
    sides = [_cases(blob) for blob in (base, ours, theirs)]
    if any(side is None for side in sides):
        return None
    old, own, other = ({} if side is None else side for side in sides)
    newline = "\r\n" if "\r\n" in decode(ours) else "\n"
    lines: list[str] = []
    conflicts: list[str] = []
    added = _behind(own, other)
    for key in (None, *own):
        if key is not None:
            lines += _line(key, old.get(key), own[key], other.get(key), marker_size, conflicts)
        for name in added.get(key, ()):
            if name not in old:
                lines.append(other[name][0])
            elif not _same(old[name], other[name]):
                conflicts.append(name)
                lines += _marked([], [other[name][0]], marker_size)
    return Merged(newline.join([*lines, ""]), tuple(conflicts))


Cases = dict[str, tuple[str, object]]


def _cases(blob: Blob) -> Cases | None:
    try:
        values, where = jsonl_cases(blob)
    except InputError:
        return None
    texts = decode(blob).split("\n")
    out: Cases = {}
    for value, number in zip(values, where.numbers, strict=True):
        name = value.get("id") if isinstance(value, dict) else None
        if name is None or str(name) in out:
            return None
        out[str(name)] = (texts[number - 1].removesuffix("\r"), value)
    return out


def _line(
    key: str,
    old: tuple[str, object] | None,
    own: tuple[str, object],
    other: tuple[str, object] | None,
    marker_size: int,
    conflicts: list[str],
) -> list[str]:
    if other is None:
        if old is None:
            return [own[0]]
        if _same(old, own):
            return []
    elif _same(own, other) or (old is not None and _same(old, other)):
        return [own[0]]
    elif old is not None and _same(old, own):
        return [other[0]]
    conflicts.append(key)
    return _marked([own[0]], [] if other is None else [other[0]], marker_size)


def _behind(own: Cases, other: Cases) -> dict[str | None, list[str]]:
    out: dict[str | None, list[str]] = {}
    after: str | None = None
    for key in other:
        if key in own:
            after = key
        else:
            out.setdefault(after, []).append(key)
    return out


def _same(one: tuple[str, object], other: tuple[str, object]) -> bool:
    """Whether two lines say the same, in whatever words."""
    return same(one[1], other[1])


def _marked(own: list[str], other: list[str], marker_size: int) -> list[str]:
    start, middle, stop = (sign * marker_size for sign in "<=>")
    return [f"{start} ours", *own, middle, *other, f"{stop} theirs"]
