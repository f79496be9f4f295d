"""Word for word, where no two answers are alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promptctl.model.finding import Severity
from promptctl.model.golden import AssertionSpec, Case
from promptctl.model.prompt import Json, Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, Tested, rule
from promptctl.rules.golden.reading import demands

LABEL_WORDS = 3
"""An answer of so few words is a label, a name or a number: to compare it exactly is right."""
LONG_WORDS = 25


@rule("PL406", Severity.WARNING, Subject.GOLDEN)
def exact_match_on_free_text(tested: Tested, _context: Context) -> Iterator[Hit]:
    """An `equals` compares a whole sentence with an answer that varies.

    Why: the same model words the same answer differently from call to call where its temperature is not 0, and from
    snapshot to snapshot in any case where the answer is long (25 words or more). Such a case fails for a comma, and the
    failure says nothing. Labels (up to 3 words), numbers and JSON are not reported.

    Bad:
    ```yaml
    # file: prompts/bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    parameters: {temperature: 0.7}
    user_prompt: "{{ question }}"
    # file: golden/bot.yaml
    cases:
      - id: reset-password
        input: How do I reset my password?
        expected_output: Open Settings, then Security, and press Reset.
        assertions: [equals]
    ```
    Good:
    ```yaml
    # file: prompts/bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    parameters: {temperature: 0.7}
    user_prompt: "{{ question }}"
    # file: golden/bot.yaml
    cases:
      - id: reset-password
        input: How do I reset my password?
        expected_output: Open Settings, then Security, and press Reset.
        assertions: [{rouge-l: {threshold: 0.6}}, {contains: Security}]
      - id: sentiment
        input: "Positive or negative: I love it"
        assertions: [{equals: positive}]
    ```
    """
    warm = _warm(tested.prompt)
    for index, case in enumerate(tested.golden.cases):
        for spec in case.assertions:
            words = _words(spec, case)
            if words <= LABEL_WORDS or (words < LONG_WORDS and warm is None):
                continue
            why = warm if warm is not None else f"the answer has {words} words"
            message = f"`equals` compares {words} words exactly, and {why}"
            hint = "compare with rouge-l, levenshtein or a rubric; or assert the words that matter with `contains`"
            yield Hit(message, at=("cases", index, "assertions"), span=spec.span, hint=hint)


def _warm(prompt: Prompt | None) -> str | None:
    """Why answers vary; None where the temperature is 0, or no prompt is known."""
    if prompt is None:
        return None
    temperature = prompt.parameters.get("temperature")
    if temperature is None:
        return "the prompt leaves the temperature to the provider"
    return f"the temperature is {temperature}" if temperature != 0 else None


def _words(spec: AssertionSpec, case: Case) -> int:
    """How many words of free text an assertion compares exactly; 0 for none."""
    if spec.type != "equals" or spec.negated or spec.weight <= 0:
        return 0
    value: Json = spec.value if spec.has_value else case.expected_output
    text = value if isinstance(value, str) else ""
    if isinstance(value, Mapping) or text.lstrip()[:1] in {"{", "[", "<"}:
        return 0
    return len(text.split()) if demands.exact_text(spec) is not None or not spec.has_value else 0
