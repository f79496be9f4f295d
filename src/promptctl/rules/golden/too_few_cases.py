"""Fewer cases than the gate's margin asks for."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, sqrt
from statistics import NormalDist

from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, Tested, rule
from promptctl.stats.power import noninferiority_cases

DISCORDANCE = 0.1
"""The share of cases that come out differently before and after an ordinary change of a prompt; the page says so."""
POWER = 0.8


@rule("PL411", Severity.INFO, Subject.GOLDEN)
def too_few_cases(tested: Tested, context: Context) -> Iterator[Hit]:
    """The golden set is too small for the gate's margin.

    Why: the gate (rule `evidence`) lets a change pass that it can show to lose less than `gate.max_drop`, with
    `gate.confidence`. To show it with a chance of 80 %, where the change loses nothing and a tenth of the cases
    come out differently before and after, takes n = (z(confidence) + z(0.80))^2 x 0.1 / max_drop^2 cases (Lu and Bean
    1995): 155 for 6.3 points, 1,546 for 2. With fewer, good changes end as "inconclusive". More cases help; so does a
    margin that the cases at hand can show, which the hint names. Where fewer cases flip, fewer suffice.

    Bad:
    ```yaml
    # file: prompts/bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    # file: golden/bot.yaml
    cases:
      - id: refund
        input: Can I have my money back?
        assertions: [{contains: 14 days}]
    ```
    Good:
    ```yaml
    # file: promptctl.yaml
    gate: {rule: threshold, min_pass_rate: 0.9}
    # file: prompts/bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    # file: golden/bot.yaml
    cases:
      - id: refund
        input: Can I have my money back?
        assertions: [{contains: 14 days}]
    ```
    """
    gate = context.config.gate
    if tested.prompt is None or gate.rule != "evidence" or not 0 < gate.max_drop < 1:
        return
    cases = len(tested.golden.cases)
    needed = noninferiority_cases(gate.max_drop, DISCORDANCE, confidence=gate.confidence, power=POWER)
    if cases >= needed:
        return
    normal = NormalDist()
    shown = (normal.inv_cdf(gate.confidence) + normal.inv_cdf(POWER)) * sqrt(DISCORDANCE / cases)
    points = f"{100 * gate.max_drop:g} points"
    message = (
        f"{cases} {'case' if cases == 1 else 'cases'} can hardly show that a change loses less than {points} "
        f"(gate.max_drop); {needed:,} would, where {DISCORDANCE:.0%} of them come out differently"
    )
    margin = f", or set gate.max_drop to {ceil(100 * shown) / 100:g}, which {cases} can show" if shown < 1 else ""
    yield Hit(message, at=("cases",), key=True, hint=f"add cases{margin}")
