"""The measures of a call for `diff`: tokens counted offline, prices from the price map or the configuration."""

from __future__ import annotations

from collections.abc import Mapping

from promptctl.adapters import prices, tokens
from promptctl.changes.cost import Meter
from promptctl.model.config import Config
from promptctl.model.errors import UnavailableError
from promptctl.model.run import Request


def meter_of(config: Config) -> Meter:
    """What counts and prices requests for a project's configuration. What cannot be had is None."""

    def price(request: Request) -> prices.ModelPrice | None:
        return prices.price(request.model, config.prices, request.parameters.get("service_tier"))

    def paid(request: Request, asked: int) -> float | None:
        found = price(request)
        return None if found is None else asked * found.at(asked).input

    def longest(request: Request, asked: int) -> float | None:
        found = price(request)
        given = [request.parameters.get(name) for name in ("max_completion_tokens", "max_tokens")]
        most = max((one for one in given if isinstance(one, int)), default=prices.longest_answer(request.model))
        return None if found is None or most is None else most * found.at(asked).output

    return Meter(tokens=_asked, usd=paid, longest=longest, text=_text)


def _asked(request: Request) -> int | None:
    extra = [one for one in request.parameters.get("tools") or () if isinstance(one, Mapping)]
    if isinstance(schema := request.parameters.get("response_format"), Mapping):
        extra.append(schema)
    try:
        return tokens.count_messages(request.messages, request.model, extra)
    except UnavailableError:
        return None  # `doctor` says why


def _text(text: str, model: str) -> int | None:
    try:
        return tokens.count(text, model)
    except UnavailableError:
        return None
