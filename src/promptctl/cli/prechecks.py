"""What is looked at before the first call, and said after the last: keys, prices, providers."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from promptctl.adapters import access, prices
from promptctl.adapters.budget import refuse_unpriced, unpriced
from promptctl.adapters.prices import ModelPrice
from promptctl.evals.plan import Plan
from promptctl.model.config import Config, ProviderConfig
from promptctl.model.errors import InputError
from promptctl.model.run import SampleResult
from promptctl.model.target import PROVIDER

PriceOf = Callable[[str], ModelPrice | None]
Note = Callable[[str], None]


def check_models(models: Sequence[str], config: Config, *, price: PriceOf, explicit_budget: bool, note: Note) -> None:
    """Keys and prices of the models that will be asked. explicit_budget: whether --max-cost was given.

    Raises InputError for a key that is missing, and for a model without a price under an explicit budget.
    """
    for problem in access.unknown_providers(config, lambda name: bool(prices.model_names(name))):
        note(f"{problem.message}{f' ({problem.hint})' if problem.hint else ''}: its limits apply to nobody")
    problems = access.missing_keys(models, config, os.environ)
    if problems:
        raise InputError(*problems)
    models = [model for model in models if access.provider_of(model) != PROVIDER]
    without = unpriced(models, lambda model: price(model) is not None)
    if explicit_budget:
        refuse_unpriced(without)
    elif without and config.eval.max_cost_usd is not None:
        note(
            f"no price is known for {', '.join(without)}: the default budget does not count it "
            "(give one under `prices:` in promptctl.yaml)"
        )


def check_judges(plan: Plan, config: Config, *, price: PriceOf, offline: bool, note: Note) -> None:
    """The models of judges and embeddings: whether their answers are stored is known only when there is one to judge.

    A script is read, so that a mistake in it is found now (InputError); a missing key is a note, since it may not be
    needed.
    """
    models = sorted({model for planned in plan.cases for bound in planned.bound for model in bound.models})
    for model in models:
        price(model)
    if not offline:
        for problem in access.missing_keys(models, config, os.environ):
            note(f"{problem.message}; what is judged by it will be an ERROR unless its answer is stored")


def refused_keys(plan: Plan, results: Sequence[SampleResult], config: Config) -> tuple[str, ...]:
    """A sentence for every provider that refused its key, naming the variable the key came from."""
    models = {planned.prompt.name: planned.request.model for planned in plan.cases}
    refused = {models[result.prompt] for result in results if result.error_kind == "auth"}
    said = []
    for provider in sorted({access.provider_of(model) for model in refused}):
        chosen = config.providers.get(provider, ProviderConfig()).api_key_env
        names = (chosen,) if chosen else access.ACCOUNTS.get(provider, access.Account(())).keys
        where = f" in {' or '.join(names)}" if names else ""
        said.append(f"{provider} refused the key{where}: correct it and run again; what was answered is kept")
    return tuple(said)
