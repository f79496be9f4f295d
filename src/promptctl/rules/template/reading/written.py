"""The messages of a prompt as they are written, and the place of every character of them in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from promptctl.model.prompt import Json, Prompt
from promptctl.model.source import NodePath, Span
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.text.decode import decode

Where = Callable[[NodePath], Span | None]


@dataclass(frozen=True, slots=True)
class Written:
    """A message's text and the path of its node. template: whether it is one; examples are literal."""

    role: str
    at: NodePath
    text: str
    template: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """A file's text with the places of its nodes."""

    text: str
    where: Where


def page_of(prompt: Prompt, context: Context) -> Page:
    """The file of a prompt."""
    return Page(decode(context.read(prompt.source.path)), prompt.source.where)


def page_of_file(file: File) -> Page:
    """A file as a page."""
    return Page(file.text, file.where)


def written_in(prompt: Prompt) -> tuple[Written, ...]:
    """All messages of a prompt that have text, with the path of each."""
    listed = "messages" in prompt.document
    out, examples = [], 0
    for index, message in enumerate(prompt.messages):
        if listed:
            at: NodePath = ("messages", index, "content")
        elif not message.template:
            at = ("few_shot_examples", examples // 2, message.role)
            examples += 1
        else:
            at = ("system_prompt",) if message.role == "system" else ("user_prompt",)
        if message.content is not None:
            out.append(Written(message.role, at, message.content, message.template))
    return tuple(out)


def templates_of(value: Json) -> Iterator[Written]:
    """The templates of a document that may not be a prompt otherwise."""
    if not isinstance(value, dict):
        return
    for key, role in (("system_prompt", "system"), ("user_prompt", "user")):
        if isinstance(value.get(key), str):
            yield Written(role, (key,), value[key])
    messages = value.get("messages")
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        if isinstance(message, dict) and isinstance(message.get("content"), str):
            yield Written(str(message.get("role")), ("messages", index, "content"), message["content"])


def place(page: Page, written: Written, start: int, end: int) -> Span | None:
    """Where the characters `start` to `end` of a message stand in its file.

    The same characters are looked for in the scalar as it is written, as often as they come before. The span of the
    scalar where they are spelt otherwise there (escapes, folding).
    """
    span = page.where(written.at)
    if span is None or span.end_line is None or span.end_column is None:
        return span
    wanted = written.text[start:end].split("\n", maxsplit=1)[0].rstrip()
    if not wanted:
        return span
    lines = page.text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1] if span.end_column > 1 else ""
    lines[0] = " " * (span.column - 1) + lines[0][span.column - 1 :]
    raw = "\n".join(lines)
    found = -1
    for _ in range(_times(written.text, wanted, start) + 1):
        found = raw.find(wanted, found + 1)
        if found < 0:
            return span
    line = raw.count("\n", 0, found)
    column = found - (raw.rfind("\n", 0, found) + 1) + 1
    return Span(span.line + line, column, span.line + line, column + len(wanted))


def place_of_line(page: Page, written: Written, number: int | None) -> Span | None:
    """Where line `number` (1-based) of a message stands: its first mark of a template, else its first character."""
    lines = written.text.split("\n")
    if number is None or not 0 < number <= len(lines):
        return page.where(written.at)
    line = lines[number - 1]
    begin = sum(len(one) + 1 for one in lines[: number - 1])
    first = min((at for mark in ("{{", "{%", "{#") if (at := line.find(mark)) >= 0), default=-1)
    first = first if first >= 0 else len(line) - len(line.lstrip())
    return place(page, written, begin + first, begin + len(line))


def _times(text: str, wanted: str, before: int) -> int:
    """How often `wanted` begins in `text` before `before`, overlaps counted, as `str.find` steps."""
    count, at = 0, text.find(wanted)
    while 0 <= at < before:
        count, at = count + 1, text.find(wanted, at + 1)
    return count
