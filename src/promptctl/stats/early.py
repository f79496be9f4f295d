"""What looking early costs: the error and power of a test that may stop on evidence and else tests at the end."""

from __future__ import annotations

from dataclasses import dataclass

from promptctl.stats.binomial import bulk, pmf
from promptctl.stats.paired import fewest_regressions
from promptctl.stats.sequential import regression_evidence

# Stopping at 1 / alpha = 20 and testing again at the end would spend alpha twice: 6.7 % false alarms over 1,000 cases
# at a discordance of 0.1, by `early_stopping` below. At 10 / alpha it is 5.0 %, next to 4.9 % for the end test alone,
# and power is unchanged.
STOP_AT = 200


@dataclass(frozen=True, slots=True)
class EarlyStopping:
    """early: the probability of stopping with a regression before the end; fails: of finding one at all.

    flips: the expected number of flipped cases seen until the stop or the end.
    """

    early: float
    fails: float
    flips: float


def _bounds(most: int, threshold: float) -> tuple[int | None, ...]:
    """For 0..most flips seen, the fewest regressions at which the evidence reaches the threshold; None if none does."""
    found: list[int | None] = []
    start = 0
    for flips in range(most + 1):
        while start <= flips and regression_evidence(start, flips - start) < threshold:
            start += 1
        found.append(start if start <= flips else None)
    return tuple(found)


def early_stopping(
    cases: int,
    *,
    discordance: float,
    difference: float = 0.0,
    threshold: float = STOP_AT,
    confidence: float = 0.95,
) -> EarlyStopping | None:
    """How a plan behaves that stops at the e-value `threshold` and else uses the one-sided mid-p test; None of no cases.

    Exact: the flips come one by one, a regression with probability (discordance - difference) / (2 discordance), and
    their number is Binomial(cases, discordance). With difference = 0 `fails` is the share of false alarms.
    """
    if not 0 < discordance <= 1 or abs(difference) > discordance:
        raise ValueError(f"a difference of {difference} needs a discordance between it and 1, not {discordance}")
    if cases == 0:
        return None
    counts = bulk(cases, discordance)
    weights = {flips: pmf(flips, cases, discordance) for flips in counts}
    chance = (discordance - difference) / (2 * discordance)
    going, stopped, seen = {0: 1.0}, 0.0, 0.0
    early = fails = expected = 0.0
    for flips, bound in enumerate(_bounds(counts.stop - 1, threshold)):
        if flips:
            seen += sum(going.values())
            going = _step(going, chance)
            if bound is not None:
                stopped += sum(going.pop(count) for count in tuple(going) if count >= bound)
        weight = weights.get(flips, 0.0)
        shown = fewest_regressions(flips, alpha=1 - confidence)
        late = 0.0 if shown is None else sum(share for count, share in going.items() if count >= shown)
        early += weight * stopped
        fails += weight * (stopped + late)
        expected += weight * seen
    return EarlyStopping(early, fails, expected)


def _step(going: dict[int, float], chance: float) -> dict[int, float]:
    """The probabilities of the regressions among one flip more; those too small to matter are dropped."""
    after: dict[int, float] = {}
    for count, share in going.items():
        if share > 1e-18:
            after[count] = after.get(count, 0.0) + share * (1 - chance)
            after[count + 1] = after.get(count + 1, 0.0) + share * chance
    return after
