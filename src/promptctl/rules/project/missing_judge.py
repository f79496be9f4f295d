"""A judge that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.suggest import closest
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.outline import Outline
from promptctl.rules.engine.rule import Hit, Subject, rule


@rule("PL009", Severity.ERROR, Subject.PROJECT)
def missing_judge(outline: Outline, _context: Context) -> Iterator[Hit]:
    """`eval.judge` in promptctl.yaml names no judge of the project.

    Why: every `rubric:` is then an error, after the answers have been paid for.

    Bad:
    ```yaml
    # file: promptctl.yaml
    eval: {judge: helpfulnes}
    # file: judges/helpfulness.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: Score from 1 to 5.
    ```
    Good:
    ```yaml
    # file: promptctl.yaml
    eval: {judge: helpfulness}
    # file: judges/helpfulness.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: Score from 1 to 5.
    ```
    """
    wanted = outline.config.eval.judge
    names = [one.name for one in outline.judges if one.name is not None]
    if wanted is not None and wanted not in names and all(one.readable for one in outline.judges):
        near = closest(wanted, names)
        hint = f"did you mean {near}?" if near else f"the judges are {', '.join(sorted(names)) or 'none'}"
        message = f"eval.judge: there is no judge {wanted!r}"
        yield Hit(message, path=outline.config.path, at=("eval", "judge"), hint=hint)
