r"""A regular expression matches somewhere in the answer.

Value: a regular expression in Python's dialect; `^` and `$` stand for the whole text unless the flags say otherwise.
`flags`: letters of `i` (ignore case), `m` (`^` and `$` match at lines), `s` (`.` matches a line end), `x` (spaces
and comments in the expression), `a` (ASCII classes). Score: 1 or 0. Nothing stops an expression that backtracks without
end on a long answer: where repetitions stand inside one another, make the inner one atomic, `(?>...)`.

| assertion | answer | outcome |
| --- | --- | --- |
| `regex: '\d{4}-\d{2}-\d{2}'` | `on 2024-01-02` | pass |
| `regex: {value: '^total: \d+$', flags: im}` | `"cost\nTotal: 5"` | pass |
| `regex: '^(?!.*price)'` | `no cost` | pass |
| `regex: '\d+'` | `no number` | fail |
| `regex: '^b$'` | `"a\nb"` | fail |
| `regex: 'a.b'` | `"a\nb"` | fail |

>>> check(Answer(output="on 2024-01-02"), value=r"\d{4}").passed
True
"""

from __future__ import annotations

import re

from promptctl.assertions.reading.json_text import excerpt
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import InputError, Problem

VERSION = 1
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "a": re.ASCII}


def prepare(bench: Bench, *, value: str, flags: str = "") -> re.Pattern[str]:
    unknown = sorted(set(flags) - set(_FLAGS))
    if unknown:
        raise InputError(Problem(f"there is no flag '{unknown[0]}'", hint=f"the flags are {', '.join(_FLAGS)}"))
    chosen = re.NOFLAG
    for letter in flags:
        chosen |= _FLAGS[letter]
    try:
        return re.compile(value, chosen)
    except (re.error, OverflowError, RecursionError) as error:
        raise InputError(Problem(f"not a regular expression: {error}", hint="the dialect is Python's re")) from error


def check(answer: Answer, *, value: str, flags: str = "", prepared: re.Pattern[str] | None = None) -> Score:
    pattern = prepared or prepare(Bench(read=lambda _: b""), value=value, flags=flags)
    match = pattern.search(answer.output)
    if match is None:
        return Score(False, 0.0, f"nothing in the answer matches /{value}/")
    return Score(True, 1.0, f"/{value}/ matches {excerpt(match[0])}")
