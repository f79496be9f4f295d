"""The world as lint rules are given it: litellm's price map read as a file, tokens counted offline, today's date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from promptctl.cli import numbers
from promptctl.model.config import Config
from promptctl.model.prompt import Json
from promptctl.rules.engine.context import Discordance, Leak, World


def world_of(config: Config, today: date, root: Path | None = None) -> World:
    """What rules may ask about the world, for a project's configuration (its `prices:`) on a given day.

    root: the project's, where its calibration is to be known.
    Nothing is opened before it is asked for: most runs find everything in the cache.
    """

    def cost_usd(model: str, input_tokens: int, output_tokens: int) -> float | None:
        from promptctl.adapters import prices

        price = prices.price(model, config.prices)
        return prices.cost_usd(price, prices.Usage(input_tokens=input_tokens, output_tokens=output_tokens))

    @cache
    def calibrated() -> Mapping[str, Discordance]:
        from promptctl.cli.calibration_file import measured

        return {} if root is None else measured(root)

    return World(
        model_info=_model_info,
        model_names=_model_names,
        cost_usd=cost_usd,
        count_tokens=_count_tokens,
        secrets=_secrets,
        check_digits=numbers.check_digits,
        phone=numbers.phone,
        today=today,
        discordance=lambda prompt: calibrated().get(prompt),
    )


def _model_info(model: str) -> Mapping[str, Json] | None:
    from promptctl.adapters.prices import model_info

    return model_info(model)


def _model_names(provider: str) -> Sequence[str]:
    from promptctl.adapters.prices import model_names

    return model_names(provider)


def _count_tokens(text: str, model: str) -> int:
    from promptctl.adapters.tokens import count

    return count(text, model)


def _secrets(text: str) -> Sequence[Leak]:
    from promptctl.adapters.secrets import find

    return find(text)
