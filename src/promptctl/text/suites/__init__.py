"""Safety suites: cases for a prompt's golden set that attack it, and look-alikes that it must not refuse.

A suite is made from the prompt itself: through each input that can hold a text, through its documents and tools, with
ordinary values for everything else. Its texts are written for this project. Pure; the files are somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from promptctl.text.suites import injection, leakage, pii, refusal
from promptctl.text.suites.made import Made
from promptctl.text.suites.seed import Seed

SUITES: Mapping[str, Callable[[Seed], tuple[Made, ...]]] = {
    "injection": injection.cases,
    "pii": pii.cases,
    "refusal": refusal.cases,
    "leakage": leakage.cases,
}
"""What makes the cases of each suite."""
