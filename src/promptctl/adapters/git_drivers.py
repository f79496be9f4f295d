"""What `git install` tells git: the commands of the diff and the merge driver, and the lines of .gitattributes.

Facts about git that shape the commands (git 2.39): a textconv that is missing or fails ends `git diff` with status
128; what a textconv gave is kept by blob id (`cachetextconv`) until the text of the command changes; a merge driver's
status above 128 ends the merge, 1 to 127 is a conflict.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from promptctl.model.config import Config

MARKER = "promptctl/textconv-plain"
"""The file in git's common folder that the driver leaves where it had to show plain text."""

NAME = "promptctl"
CACHED = f"diff.{NAME}.cachetextconv"
BEGIN = "# begin: promptctl git install"
BEGIN_AFTER_OPEN_LINE = "# begin: promptctl git install (the line before had no end)"
END = "# end: promptctl git install"

_YAML = (".yaml", ".yml")
_GOLDEN = (*_YAML, ".jsonl", ".csv")
# Hunk headers: the headings of the normal form; roles, ids and keys where a file is shown as it is.
XFUNCNAME = "\n".join((r"^(\[.*\])$", r"^([ \t]*- (role|id|user): .*)$", r"^([A-Za-z_]+:.*)$"))


def textconv_command(script: str, form: int, key: int) -> str:
    """The shell text of the diff driver.

    It tries the console script at the path it was installed from, then the PATH, then shows the file as it is. git would
    keep that text too, and compare it with normal forms it kept before, so the first time it leaves MARKER and has git
    keep nothing. form and key are in the command for git to forget what it kept when they change.
    """
    return (
        f": form {form} key {key}; f() {{ for p in {shlex.quote(script)} {NAME}; do"
        ' command -v "$p" >/dev/null 2>&1 && "$p" textconv "$1" 2>/dev/null && return 0; done;'
        f' m=$(git rev-parse --git-common-dir)/{MARKER}; [ -e "$m" ] || {{ mkdir -p "${{m%/*}}" && : >"$m" &&'
        f' git config --local {CACHED} false; }}; cat "$1"; }} 2>/dev/null; f'
    )


def merge_command(script: str) -> str:
    """The shell text of the merge driver; where promptctl is missing or fails, git's own merge of the lines."""
    return (
        f"f() {{ for p in {shlex.quote(script)} {NAME}; do"
        ' if command -v "$p" >/dev/null 2>&1; then "$p" merge --marker-size "$5" "$1" "$2" "$3" "$4"; s=$?;'
        ' [ "$s" -le 1 ] && return "$s"; fi; done;'
        ' git merge-file -q --marker-size="$5" -L ours -L base -L theirs "$2" "$1" "$3"; s=$?;'
        ' [ "$s" -gt 1 ] && s=1; return "$s"; }; f %O %A %B %P %L'
    )


def attribute_lines(config: Config | None, prefix: str = "") -> tuple[str, ...]:
    """The lines for a project's files; `prefix` is the project's folder below the file's own ("sub/", or "").

    None: the lines for every project that keeps to the default folders, at any depth.
    """
    patterns: dict[str, None] = {}
    at = f"/{prefix}" if config is not None else "**/"
    settings = config or Config()
    for entries, suffixes in ((settings.prompts, _YAML), (settings.judges, _YAML), (settings.golden, _GOLDEN)):
        for one in entries:
            patterns |= dict.fromkeys(at + pattern for pattern in _patterns(one, suffixes))
    return tuple(f"{_quoted(pattern)} diff={NAME} merge={NAME}" for pattern in patterns)


def _patterns(one: str, suffixes: tuple[str, ...]) -> Iterator[str]:
    plain = one.strip("/").removeprefix("./")
    if plain.lower().endswith(suffixes):
        yield plain
        return
    folder = "" if plain in ("", ".") else f"{plain}/"
    for suffix in suffixes:
        yield f"{folder}**/*{suffix}"


def _quoted(pattern: str) -> str:
    """A pattern as gitattributes(5) wants it: in C's quotes where it holds a blank, a quote or a backslash."""
    if not any(character in pattern for character in ' \t"\\') and not pattern.startswith(("#", "!")):
        return pattern
    escaped = pattern.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'


def with_block(text: str, lines: tuple[str, ...]) -> str:
    """`text` of an attributes file with the block of `lines` at its end, in place of the one it had."""
    rest = without_block(text)
    open_line = bool(rest) and not rest.endswith("\n")
    begin = BEGIN_AFTER_OPEN_LINE if open_line else BEGIN
    return rest + ("\n" if open_line else "") + "\n".join((begin, *lines, END)) + "\n"


def without_block(text: str) -> str:
    """`text` as it was before the block was written; what others wrote around it stays."""
    for begin in (BEGIN_AFTER_OPEN_LINE, BEGIN):
        start = text.find(f"{begin}\n")
        end = text.find(f"{END}\n", start) if start >= 0 else -1
        if end >= 0 and (start == 0 or text[start - 1] == "\n"):
            after = text[end + len(END) + 1 :]
            before = text[:start]
            if begin == BEGIN_AFTER_OPEN_LINE and not after:
                before = before.removesuffix("\n")
            return before + after
    return text
