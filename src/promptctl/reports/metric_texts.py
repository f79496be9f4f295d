"""The metrics of a run as people read them."""

from __future__ import annotations

from collections.abc import Mapping

from promptctl.model.config import MEAN_METRICS, RATE_METRICS
from promptctl.reports import figures

_OF_ORDERS = ("order_agreement[", "position_bias[")
"""A judge of pairs that goes by the place passes what it should not: that is seen without asking."""


def metric_pairs(metrics: Mapping[str, object], *, verbose: bool) -> list[tuple[str, str]]:
    """The mean score, what judges, retrieval and safety checks come to; with verbose every other metric too."""
    bounds = {f"{name}_upper" for name in RATE_METRICS}
    orders = [name for name in metrics if name.startswith(_OF_ORDERS)]
    named = ("score", *MEAN_METRICS, *RATE_METRICS, *orders)
    rest = [name for name in metrics if name not in named and name not in bounds] if verbose else []
    shown = [(name, metrics[name]) for name in (*named, *rest) if name in metrics]
    return [
        ("mean score" if name == "score" else _title(name) if name in named else name, said)
        for name, value in shown
        if (said := _metric_text(name, value, metrics.get(f"{name}_upper"))) is not None
    ]


def _title(name: str) -> str:
    plain, _, judge = name.partition("[")
    return plain.replace("_", " ") + (f" [{judge}" if judge else "")


def _metric_text(name: str, value: object, upper: object) -> str | None:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    if name not in RATE_METRICS:
        return f"{value:.2f}"
    bound = f" (at most {figures.percent(upper)}, exact 95 % bound)" if isinstance(upper, (int, float)) else ""
    return f"{figures.percent(value)}{bound}"
