"""A judge that is not shown the rubric."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.judge.reading.judges import shows, text_of

# What a score means, one a line: "5: ...", "1 = ...", "score 3 if ..."
_ANCHORS = re.compile(r"(?im)^\W{0,4}(?:score\s+)?\d+(?:\.\d+)?\s*(?:[:=–-]|if\b|when\b|means\b)")


@rule("PL502", Severity.ERROR, Subject.JUDGE)
def no_rubric(judge: Prompt, _context: Context) -> Iterator[Hit]:
    """A judge is not shown the rubric it is to judge by.

    Why: a case gives its judge a rubric ("points to the exact menu path"). A judge whose text does not contain
    `{{ rubric }}` never sees it and scores by its taste: cases with opposite rubrics get the same verdict. A judge
    that defines each score itself gets a warning, because what the cases say is still lost.

    Bad:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: 'Is this a good answer? Reply with JSON: {"score": 0 to 1, "reason": text}.'
    user_prompt: "<answer>{{ output }}</answer>"
    ```
    Good:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: 'Does the answer meet the rubric? Reply with JSON: {"score": 0 to 1, "reason": text}.'
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    ```
    """
    if shows(judge, "rubric") or (judge.scale is not None and judge.scale.kind == "claims"):
        return
    own = len(_ANCHORS.findall(text_of(judge))) > 1
    message = "the rubric of a case never reaches this judge" if own else "the judge has no rubric"
    yield Hit(message, hint="put {{ rubric }} into its text", severity=Severity.WARNING if own else None)
