"""Labels that belong to no judge."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.suggest import closest
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.outline import Outline
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.text.paths import labels_path


@rule("PL507", Severity.WARNING, Subject.PROJECT)
def labels_of_no_judge(outline: Outline, _context: Context) -> Iterator[Hit]:
    """A labels file has no judge of its name beside it.

    Why: labels belong to the judge whose file has the same folder and stem. After a rename, or with a misspelt name,
    they vouch for nobody: the judge counts as one that was never labelled, and may only warn.

    Bad:
    ```yaml
    # file: judges/strict.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: Score from 0 to 1.
    # file: judges/strikt.labels.jsonl
    ```
    Good:
    ```yaml
    # file: judges/strict.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: Score from 0 to 1.
    # file: judges/strict.labels.jsonl
    ```
    """
    known = [labels_path(one.path) for one in outline.judges]
    for path in outline.labels:
        if path not in known:
            near = closest(path, known)
            hint = f"did you mean {near}?" if near else "give it the stem of its judge, or delete it"
            yield Hit("these labels belong to no judge", path=path, hint=hint)
