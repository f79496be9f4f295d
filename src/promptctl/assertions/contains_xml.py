r"""A well-formed XML element stands somewhere in the answer; together they have the elements they must have.

Value: none, or the required elements: a list of dotted paths (`analysis.color`), or a string read as a line of CSV.
Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `contains-xml: true` | `Here - <a><b>1</b></a> - it is` | pass |
| `contains-xml: [a.b]` | `Here - <a><b/></a>` | pass |
| `contains-xml: [a, b.c]` | `<a/> and <b><c/></b>` | pass |
| `contains-xml: true` | `1 < 2 and 3 > 2` | fail |
| `contains-xml: true` | `a <br> b` | fail |
| `contains-xml: [a.c]` | `Here - <a><b/></a>` | fail |

>>> check(Answer(output="text <a/> text")).passed
True
"""

from __future__ import annotations

from promptctl.assertions.reading.xml_text import Paths, fragments, paths_of
from promptctl.model.answer import Answer, Score

VERSION = 1


def check(answer: Answer, *, value: Paths | None = None) -> Score:
    found = list(fragments(answer.output))
    if not found:
        return Score(False, 0.0, "no well-formed XML element stands in the answer")
    present = frozenset().union(*(fragment.paths for fragment in found))
    missing = [path for path in paths_of(value) if path not in present]
    reason = f"there is no element {missing[0]}" if missing else "an XML element stands in the answer"
    return Score(not missing, float(not missing), reason)
