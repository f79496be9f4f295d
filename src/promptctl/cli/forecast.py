"""`eval --dry-run`: how many calls, tokens and dollars, before any is spent."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters import prices, tokens
from promptctl.adapters.cache import Cache
from promptctl.adapters.caller import Answers
from promptctl.adapters.estimate import Estimator
from promptctl.adapters.llm import Provider
from promptctl.adapters.recordings import read_recordings
from promptctl.cli.boundary import ExitCode
from promptctl.cli.output import Output
from promptctl.cli.workspace import Workspace
from promptctl.evals.plan import Plan, PlannedCase
from promptctl.model.config import Config
from promptctl.model.finding import Report, Table
from promptctl.model.prompt import Json
from promptctl.reports.figures import count, usd


@dataclass(frozen=True, slots=True)
class Forecast:
    """One prompt's share: calls in all and those that would be made, tokens sent, and the most it can cost in USD.

    waiting: assertions that need a call or a check of the repository, for each of which one more is made.
    """

    prompt: str
    model: str
    calls: int
    to_ask: int
    input_tokens: int | None
    worst_usd: float | None
    waiting: int


def forecast(
    plan: Plan, workspace: Workspace, config: Config, *, cache_path: Path | None, refresh: bool, output: Output
) -> int:
    """Print what the plan would take; nobody is asked and nothing is written. Returns the exit code."""
    cache = Cache(cache_path if cache_path and cache_path.exists() else None, output.warn)
    try:
        names = {planned.prompt.name for planned in plan.cases}
        recorded = read_recordings(workspace.project.tree, config.recordings, names)
        answers = Answers(cache, recorded, refresh=refresh)
        provider = Provider(config, os.environ, read=lambda path: workspace.project.tree.read(path).data)
        shares = [_share(name, plan, answers, provider) for name in sorted(names)]
    finally:
        cache.close()
    output.write(_report(shares, config))
    return ExitCode.OK


def _share(name: str, plan: Plan, answers: Answers, provider: Provider) -> Forecast:
    cases = [planned for planned in plan.cases if planned.prompt.name == name]
    estimate = Estimator(tokens.count_messages, provider.price, prices.longest_answer)
    to_ask = [(planned, missing) for planned in cases if (missing := _missing(planned, answers))]
    worst = [(_worst(planned, estimate), missing) for planned, missing in to_ask]
    return Forecast(
        prompt=name,
        model=cases[0].request.model,
        calls=sum(planned.samples for planned in cases),
        to_ask=sum(missing for _, missing in to_ask),
        input_tokens=_input_tokens(to_ask),
        worst_usd=None
        if any(cost is None for cost, _ in worst)
        else sum(cost * missing for cost, missing in worst if cost is not None),
        waiting=sum(planned.samples * sum(bound.waits for bound in planned.bound) for planned in cases),
    )


def _input_tokens(to_ask: Sequence[tuple[PlannedCase, int]]) -> int | None:
    """What would be sent in all; what a system under test sends on nobody knows."""
    if any(planned.request.target is not None for planned, _ in to_ask):
        return None
    return sum(
        missing * tokens.count_messages(planned.request.messages, planned.request.model) for planned, missing in to_ask
    )


def _worst(planned: PlannedCase, estimate: Estimator) -> float | None:
    target = planned.request.target
    return estimate(planned.request).cost_usd if target is None else target.most_usd


def _missing(planned: PlannedCase, answers: Answers) -> int:
    return sum(answers.find(planned.request, sample) is None for sample in range(planned.samples))


def _report(shares: Sequence[Forecast], config: Config) -> Report:
    to_ask = sum(share.to_ask for share in shares)
    known = [share.worst_usd for share in shares]
    total = None if None in known else sum(cost for cost in known if cost is not None)
    waiting = sum(share.waiting for share in shares)
    notes = []
    if waiting:
        notes.append(f"{count(waiting, 'assertion')} ask a judge, an embedding or a check of the repository besides")
    if total is not None and config.eval.max_cost_usd is not None and total > config.eval.max_cost_usd:
        notes.append(f"the budget of {usd(config.eval.max_cost_usd)} may end the run before everything is asked")
    price = "the price is unknown" if total is None else f"at most {usd(total)}"
    return Report(
        kind="forecast",
        title="promptctl eval --dry-run",
        outcome="pass",
        conclusion=f"{count(to_ask, 'call')} would be made, {price}; nothing was asked",
        data=_document(shares, total),
        tables=(_table(shares),),
        notes=tuple(notes),
    )


def _table(shares: Sequence[Forecast]) -> Table:
    rows = tuple(
        (
            share.prompt,
            share.model,
            f"{share.to_ask:,}",
            f"{share.calls - share.to_ask:,}",
            "unknown" if share.input_tokens is None else f"{share.input_tokens:,}",
            "unknown" if share.worst_usd is None else usd(share.worst_usd),
        )
        for share in shares
    )
    columns = ("Prompt", "Model", "Calls", "Known", "Tokens in", "At most")
    return Table("What would be asked", columns, rows, ("left", "left", "right", "right", "right", "right"))


def _document(shares: Sequence[Forecast], total: float | None) -> Mapping[str, Json]:
    return {
        "version": 1,
        "kind": "forecast",
        "summary": {"calls": sum(share.to_ask for share in shares), "worst_cost_usd": total},
        "prompts": [
            {
                "name": share.prompt,
                "model": share.model,
                "calls": share.to_ask,
                "known": share.calls - share.to_ask,
                "input_tokens": share.input_tokens,
                "worst_cost_usd": share.worst_usd,
                "assertion_calls": share.waiting,
            }
            for share in shares
        ],
    }
