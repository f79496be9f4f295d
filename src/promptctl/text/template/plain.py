"""The names of templates that need no parser: text, and `{{ name }}`.

Most prompts are no more than that, and Jinja2 takes longer to import than to do all the rest of a small command.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"\{[{%#]")
_NAME = re.compile(r"\{\{-?[ \t\r\n]*([A-Za-z_][A-Za-z0-9_]*)[ \t\r\n]*-?\}\}")
# Words that are more than a name to Jinja2, here or elsewhere in a template: it decides what they are.
_WORDS = frozenset({
    "and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None", "self", "super",
    "loop", "caller", "varargs", "kwargs", "range", "dict", "namespace", "_",
})  # fmt: skip


def plain_names(template: str) -> frozenset[str] | None:
    """The names a template takes from outside; None where it holds more than text and names, or is malformed."""
    names: set[str] = set()
    mark = _MARK.search(template)
    while mark is not None:
        found = _NAME.match(template, mark.start())
        if found is None or found.group(1) in _WORDS:
            return None
        names.add(found.group(1))
        mark = _MARK.search(template, found.end())
    return frozenset(names)
