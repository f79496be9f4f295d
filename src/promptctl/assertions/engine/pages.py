"""The reference page of the assertions, drawn from their files."""

from __future__ import annotations

import json
from typing import Any

from promptctl.assertions.engine import hints
from promptctl.assertions.engine.describe import Description, describe
from promptctl.assertions.engine.shelf import EXPECTED, REQUIRED, Parameter, names

_INTRODUCTION = """\
# Assertions

<!-- Drawn from the assertions' own files; edit those. -->

What a case of a golden set says about an answer. An assertion is a mapping with one name as its key:

```yaml
assertions:
  - contains: Settings > Security
  - not-contains-any: ["$", "price"]
  - levenshtein: {value: Open the settings., threshold: 10}
  - {type: tool-call, value: [search, book], order: true}
```

After the name stands a plain value, or a mapping of options of which `value` is one. For `equals`, `is-json`,
`contains-json`, `json-schema` and `tool-call` a mapping is the value itself; their options stand in the long
spelling, `{type: NAME, value: ..., option: ...}`, which means the same everywhere. Values are literal, never
templates.

## What every assertion takes

| option | means |
| --- | --- |
| `threshold` | What the score has to reach; a few assertions say otherwise below. In `weighted` it is the whole of it. |
| `weight` | How much it counts in a weighted mean, default 1. With 0 it is information and decides nothing. |
| `name` | What reports call it. |
| `required` | With `true` its failure fails the case, also where the case has a `threshold`. |

`not-NAME` inverts any assertion: PASS becomes FAIL, FAIL becomes PASS, a score s becomes 1 - s. An ERROR is never
inverted.

## Outcomes

PASS and FAIL are about the answer. ERROR means that it could not be judged: a price that is not known, a judge
without a verdict, a check that crashed. It is neither, and it is never silent.

A case passes when all its assertions pass. One FAIL makes it FAIL; without a FAIL, one ERROR makes it ERROR. Where
the case has a `threshold`, the weighted mean of the scores decides instead, but for a failed `required` assertion;
with an ERROR among them the case is FAIL if even full marks for it would not do, and ERROR otherwise. A case without
an assertion that counts is ERROR: nothing was asserted.

Mistakes are found before anything is called (exit code 2): a name or an option that does not exist, a value of the
wrong type, an empty text to look for, an expression or a schema that is none, a file that is missing.
"""


def render_docs() -> str:
    """The whole page, Markdown."""
    found = [describe(name) for name in names()]
    index = ["## All of them", "", "| assertion | passes when |", "| --- | --- |"]
    index += [f"| [`{one.name}`](#{one.name}) | {one.summary} |" for one in found]
    sections = [_section(one) for one in found]
    return "\n".join([_INTRODUCTION, *index, "", *sections])


def _section(one: Description) -> str:
    text = one.doc.partition("\n>>>")[0].strip()
    lines = [f"## {one.name}", "", text, ""]
    parameters = ([] if one.value is None else [one.value]) + list(one.options)
    rows = [_row(parameter) for parameter in parameters]
    if one.threshold is not None:
        rows.append(f"| `threshold` | a number | `{one.threshold:g}` |")
    if rows and (one.options or one.threshold is not None):
        lines += ["| option | takes | default |", "| --- | --- | --- |", *rows, ""]
    return "\n".join(lines)


def _row(parameter: Parameter) -> str:
    return f"| `{parameter.name}` | {hints.words(parameter.hint)} | {_default(parameter.default)} |"


def _default(value: Any) -> str:  # noqa: ANN401 - any default
    if value is REQUIRED:
        return "must be given"
    if value is EXPECTED:
        return "the case's `expected_output`"
    return "none" if value is None else f"`{json.dumps(value)}`"
