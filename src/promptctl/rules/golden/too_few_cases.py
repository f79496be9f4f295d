"""Fewer cases than the gate's margin asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil, sqrt
from statistics import NormalDist

from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context, Discordance
from promptctl.rules.engine.outline import Facts, Outline
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.engine.settings import off_at
from promptctl.stats.power import noninferiority_cases

DISCORDANCE = 0.1
"""The share of cases that come out differently before and after an ordinary change, where nothing was measured."""
POWER = 0.8
NAMED = 3
"""How many golden sets the one finding names besides the smallest."""


@rule("PL411", Severity.INFO, Subject.PROJECT)
def too_few_cases(outline: Outline, context: Context) -> Iterator[Hit]:
    """The golden set is too small for the gate's margin.

    Why: the gate (rule `evidence`) lets a change pass that it can show to lose less than `gate.max_drop`, with
    `gate.confidence`. To show it with a chance of 80 %, where the change loses nothing and a tenth of the cases
    come out differently before and after, takes n = (z(confidence) + z(0.80))^2 x 0.1 / max_drop^2 cases (Lu and Bean
    1995): 155 for 6.3 points, 1,546 for 2. With fewer, good changes end as "inconclusive". More cases help; so does a
    margin that the cases at hand can show, which the hint names. Where fewer cases flip, fewer suffice: after
    `promptctl gate --calibrate` the share that it measured on the prompt (at least one case) stands for the tenth. The
    margin is one for the whole project, so there is one finding, at the smallest set; `lint.per_path` leaves out sets
    that are small on purpose.

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
    if gate.rule != "evidence" or not 0 < gate.max_drop < 1:
        return
    measured = _measured(outline, context)

    def share(one: Facts) -> float:
        return measured[one.path].share if one.path in measured else DISCORDANCE

    def needed(one: Facts) -> int:
        return noninferiority_cases(gate.max_drop, share(one), confidence=gate.confidence, power=POWER)

    small = [one for one in outline.golden if one.path in outline.tests and 0 < one.cases < needed(one)]
    small = [one for one in small if not off_at(context.config, "PL411", one.path)]
    if not small:
        return
    least, *others = sorted(small, key=lambda one: (one.cases, one.path))
    normal = NormalDist()
    shown = (normal.inv_cdf(gate.confidence) + normal.inv_cdf(POWER)) * sqrt(share(least) / least.cases)
    points = f"{100 * gate.max_drop:g} points"
    message = (
        f"{least.cases} {'case' if least.cases == 1 else 'cases'} can hardly show that a change loses less than {points} "
        f"(gate.max_drop); {needed(least):,} would, where {share(least):.0%} of them come out differently"
    )
    known = measured.get(least.path)
    message += f" ({known.differed:,} of {known.n:,} did in the last calibration)" if known is not None else ""
    margin = f", or set gate.max_drop to {ceil(100 * shown) / 100:g}, which {least.cases} can show" if shown < 1 else ""
    yield Hit(message + _others(others), path=least.path, at=("cases",), key=True, hint=f"add cases{margin}")


def _measured(outline: Outline, context: Context) -> Mapping[str, Discordance]:
    """What a calibration measured, by the path of the golden set; only those of which it is known."""
    names = {one.path: one.name for one in outline.prompts}
    found = {path: context.world.discordance(names.get(prompt) or "") for path, prompt in outline.tests.items()}
    return {path: one for path, one in found.items() if one is not None}


def _others(sets: Sequence[Facts]) -> str:
    """The other sets that are too small, the smallest of them by name."""
    if not sets:
        return ""
    named = ", ".join(f"{one.path} ({one.cases})" for one in sets[:NAMED])
    more = ", ..." if len(sets) > NAMED else ""
    is_too_small = "other golden set is" if len(sets) == 1 else "other golden sets are"
    return f"; {len(sets):,} {is_too_small} too small as well: {named}{more}"
