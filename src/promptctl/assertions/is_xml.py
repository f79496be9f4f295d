r"""The whole answer is a well-formed XML document, and has the elements it must have.

Value: none, or the required elements: a list of dotted paths from the root (`analysis.color`), or a string read as a
line of CSV. There is one root; a declaration, a comment or a DOCTYPE may stand before it, entities may not be
declared. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `is-xml: true` | `<a><b>1</b></a>` | pass |
| `is-xml: [a.b]` | `<a><b/></a>` | pass |
| `is-xml: "a.b, a.c"` | `<a><b/><c/></a>` | pass |
| `is-xml: true` | `<a><b></a></b>` | fail |
| `is-xml: true` | `<a/><b/>` | fail |
| `is-xml: [a.c]` | `<a><b/></a>` | fail |

>>> check(Answer(output="<a/>")).passed
True
"""

from __future__ import annotations

from promptctl.assertions.reading.xml_text import Paths, document, paths_of
from promptctl.model.answer import Answer, Score

VERSION = 1


def check(answer: Answer, *, value: Paths | None = None) -> Score:
    try:
        found = document(answer.output)
    except ValueError as error:
        return Score(False, 0.0, f"the answer is not XML: {error}")
    missing = [path for path in paths_of(value) if path not in found.paths]
    return Score(
        not missing, float(not missing), f"there is no element {missing[0]}" if missing else "the answer is XML"
    )
