"""The metrics of a run beyond its pass rate: what judges, retrieval and safety checks come to.

A rate of something bad stands beside the exact one-sided upper bound at 95 %, the figure that a claim of safety rests on.
"""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.assertions.results.judged import flat
from promptctl.assertions.results.tally import by_case, means, tallies
from promptctl.model.run import SampleResult
from promptctl.stats.krippendorff import krippendorff_alpha
from promptctl.stats.orders import lean
from promptctl.stats.proportions import bounds_of_events


def metrics_of(results: Sequence[SampleResult]) -> dict[str, float]:
    """Every metric that these results have something to say about, by name."""
    cases = by_case(results)
    found = {name: mean.value for name, mean in means(cases).items() if mean.value is not None}
    for name, tally in tallies(cases).items():
        if tally.value is not None:
            found |= {name: tally.value, f"{name}_upper": bounds_of_events(tally.happened, tally.total)[1]}
    return found | _pairwise(results) | _panels(results)


def _pairwise(results: Sequence[SampleResult]) -> dict[str, float]:
    """By judge of pairs: how often both orders agree, and how far the flips lean to what stands first (-1 to 1)."""
    orders: dict[str, list[tuple[str, str]]] = {}
    for one in (one for result in results for one in flat(result.assertions)):
        if one.type.removeprefix("not-") == "pairwise" and "first" in one.detail:
            orders.setdefault(str(one.detail["judge"]), []).append((one.detail["first"], one.detail["second"]))
    found: dict[str, float] = {}
    for judge, seen in sorted(orders.items()):
        leans = [lean(first, second) for first, second in seen]
        found[f"order_agreement[{judge}]"] = leans.count(0) / len(leans)
        found[f"position_bias[{judge}]"] = sum(leans) / len(leans)
    return found


def _panels(results: Sequence[SampleResult]) -> dict[str, float]:
    """How far the judges of panels agree: Krippendorff's alpha over their votes."""
    votes = [
        [judge.get("passed") for judge in one.detail["judges"]]
        for result in results
        for one in flat(result.assertions)
        if one.type.removeprefix("not-") == "panel" and "judges" in one.detail
    ]
    alpha = krippendorff_alpha(votes) if votes else None
    return {} if alpha is None else {"panel_alpha": alpha}
