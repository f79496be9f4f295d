"""A case that passes more easily."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.changes.policy import LOWER, weaker_bound
from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Tests
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule
from promptctl.rules.diff.reading.words import was_now


@diff_rule("PD511", Severity.ERROR, Category.TESTS, None, Looks.TESTS)
def case_requires_less(tests: Tests) -> Iterator[Difference]:
    """A case passes with fewer of its samples, or with a lower score.

    Why: With `pass_if: any` one lucky sample out of many is a pass; with fewer samples a failure is seen less
    often.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    # base: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        samples: 3
        pass_if: all
        assertions: [{contains: Settings}]
    # file: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        samples: 3
        pass_if: any
        assertions: [{contains: Settings}]
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    # base: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        samples: 3
        assertions: [{contains: Settings}]
    # file: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        samples: 5
        assertions: [{contains: Settings}]
    ```
    """
    for case in tests.golden.edited:
        old, new = case.before, case.after
        for name, weaker in (
            ("pass_if", _easier(old.pass_if, new.pass_if)),
            ("samples", _fewer(old.samples, new.samples)),
            ("threshold", weaker_bound(old.threshold, new.threshold, LOWER)),
        ):
            if weaker:
                was, now = getattr(old, name), getattr(new, name)
                at = ("cases", tests.golden.index(new) or 0, name)
                yield Difference(f"{new.id}: {name} {was_now(was, now)}", (new.id, name, was, now), at=at)


_ORDER = ("any", "majority", "all")


def _easier(before: str | int, after: str | int) -> bool:
    if isinstance(before, int) or isinstance(after, int):
        return (isinstance(before, int) and isinstance(after, int) and after < before) or after == "any" != before
    return _ORDER.index(after) < _ORDER.index(before)


def _fewer(before: int | None, after: int | None) -> bool:
    return before is not None and after is not None and after < before
