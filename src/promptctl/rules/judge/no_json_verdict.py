"""A judge that is not asked for a verdict that can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.judge.reading.judges import text_of

_HINT = 'ask for {"score": number, "reason": text}, or give that as output: {format: json, schema: ...}'
_SCORE_KEY = re.compile(r"[\"'`]score[\"'`]|\bscore\b[^.\n]{0,60}\bjson\b|\bjson\b[^\n]{0,120}\bscore\b", re.IGNORECASE)


@rule("PL504", Severity.ERROR, Subject.JUDGE)
def no_json_verdict(judge: Prompt, _context: Context) -> Iterator[Hit]:
    """A judge is not asked for a JSON verdict with a `score`.

    Why: a verdict is read from one JSON object, `{"score": number, "reason": text}`. Prose is an ERROR, never a pass, so a
    judge that is not told the form is paid for and decides nothing.

    Bad:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: Does the answer meet the rubric? Answer with a score from 0 to 1.
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    ```
    Bad (a schema without a score):
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: Does the answer meet the rubric, from 0 to 1?
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    output: {format: json, schema: {type: object, properties: {grade: {type: number}}}}
    ```
    Good:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: 'Does the answer meet the rubric? Reply with JSON: {"score": 0 to 1, "reason": text}.'
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    ```
    Good (a judge with a scale is told the form):
    ```yaml
    model: openai/gpt-4o-2024-08-06
    scale: 1-5
    system_prompt: Judge the answer by the rubric.
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    ```
    Good (a schema):
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: Does the answer meet the rubric, from 0 to 1?
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    output:
      format: json
      schema: {type: object, properties: {reason: {type: string}, score: {type: number}}, required: [score]}
    ```
    """
    kind = judge.scale.kind if judge.scale is not None else "range"
    key = {"claims": "claims", "pairwise": "winner"}.get(kind, "score")
    if judge.output_schema is not None:
        properties = judge.output_schema.get("properties")
        if isinstance(properties, Mapping) and key not in properties:
            yield Hit(f"the judge's output schema has no {key}", at=("output", "schema"), hint=_HINT)
        return
    if judge.scale is None and not _SCORE_KEY.search(text_of(judge)):
        yield Hit("the judge is not asked for a JSON verdict with a score", hint=_HINT)
