"""Another judge under the same name."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.changes.values import same
from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.diff.engine.comparison import JudgePair
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule


@diff_rule("PD513", Severity.ERROR, Category.TESTS, None, Looks.JUDGE)
def judge_changed(pair: JudgePair) -> Iterator[Difference]:
    """A judge changed.

    Why: Scores of two judges cannot be compared: model, text or scale decide them as much as the answers do. Change
    judges apart from prompts.

    Bad:
    ```yaml
    # base: judges/tone.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ output }} {{ rubric }}"
    # file: judges/tone.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "Be kind. {{ output }} {{ rubric }}"
    ```
    Good (a description is not the judge):
    ```yaml
    # base: judges/tone.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ output }} {{ rubric }}"
    # file: judges/tone.yaml
    description: Judges the tone
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ output }} {{ rubric }}"
    ```
    """
    before, after = pair.change.before, pair.change.after
    name = pair.change.name
    if before is None:
        return
    if after is None:
        yield Difference(f"the judge {name} is gone", (before.digest, None), path=before.source.path)
    elif pair.change.wire or not same(before.metadata.get("scale"), after.metadata.get("scale")):
        what = [label for label, differs in _parts(before, after) if differs]
        message = f"the judge {name} changed ({', '.join(what) or 'text'})"
        change = (before.digest, after.digest, before.metadata.get("scale"), after.metadata.get("scale"))
        yield Difference(
            message, change, at=("model",) if "model" in what else (), hint="judge both sides by one judge"
        )


def _parts(before: Prompt, after: Prompt) -> tuple[tuple[str, bool], ...]:
    return (
        ("model", before.model != after.model),
        ("parameters", not same(dict(before.parameters), dict(after.parameters))),
        ("text", [one.content for one in before.messages] != [one.content for one in after.messages]),
        ("scale", not same(before.metadata.get("scale"), after.metadata.get("scale"))),
    )
