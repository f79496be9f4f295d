"""What a change does to tokens and price: at the golden set's median and largest case, and to the cached prefix.

Counting and prices are handed in. What cannot be rendered, counted or priced is None, never 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from promptctl.model.errors import InputError
from promptctl.model.golden import Case, GoldenSet
from promptctl.model.prompt import Json, Prompt
from promptctl.model.run import Request
from promptctl.text.template import request

CALLS = 1000
_LIVE = re.compile(r"\{\{|\{%")
_INCLUDE = re.compile(r"""\{%-?\s*include\s+["']([^"']+)["']\s*-?%\}""")

Count = Callable[[Request], int | None]
Price = Callable[[Request, int], float | None]


@dataclass(frozen=True, slots=True)
class Meter:
    """The world's measures. tokens: of a request's input. usd: of the input of a call of so many tokens.

    longest: of the longest answer the request allows. text: the tokens of a text for a model.
    """

    tokens: Count
    usd: Price
    longest: Price
    text: Callable[[str, str], int | None]


@dataclass(frozen=True, slots=True)
class Bill:
    """One call: input tokens, USD of the input, USD of the longest answer allowed. None: unknown."""

    tokens: int | None = None
    input_usd: float | None = None
    output_usd: float | None = None

    @property
    def most_usd(self) -> float | None:
        """The most a call can cost."""
        return None if self.input_usd is None or self.output_usd is None else self.input_usd + self.output_usd


@dataclass(frozen=True, slots=True)
class CostChange:
    """What a call takes before and after at one case. which: "median" | "largest"."""

    which: str
    case: str
    before: Bill
    after: Bill


def cost_changes(
    before: tuple[Prompt, GoldenSet | None], after: tuple[Prompt, GoldenSet | None], meter: Meter
) -> tuple[CostChange, ...]:
    """Tokens and price at the median and the largest case of the golden set after the change (else before it).

    Sizes are those of the rendered messages in characters. The case is taken as each side has it; one that only one
    side has is used for both. Sides that cannot render a case have no bill. Empty where no case can be rendered.
    """
    golden = after[1] or before[1]
    old = {case.id: case for case in before[1].cases} if before[1] is not None else {}
    sized = []
    for case in golden.cases if golden is not None else ():
        pair = _request(before[0], old.get(case.id, case)), _request(after[0], case)
        made = pair[1] or pair[0]
        if made is not None:
            sized.append((_size(made), case.id, pair))
    if not sized:
        return ()
    sized.sort(key=_by_size)
    chosen = {"median": sized[(len(sized) - 1) // 2], "largest": sized[-1]}
    return tuple(
        CostChange(which, name, _bill(pair[0], meter), _bill(pair[1], meter))
        for which, (_, name, pair) in chosen.items()
    )


def _by_size(row: tuple[int, str, tuple[Request | None, Request | None]]) -> tuple[int, str]:
    return row[0], row[1]


def cached_share(prompt: Prompt, bill: Bill, meter: Meter) -> float | None:
    """The share of a call's tokens that comes before the first variable, and so can come from the provider's cache."""
    if not bill.tokens:
        return None
    counted = meter.text(static_prefix(prompt), prompt.model)
    return None if counted is None else min(counted / bill.tokens, 1.0)


def static_prefix(prompt: Prompt) -> str:
    """The text of all messages up to the first variable; files included before it are part of it."""
    found = ""
    for message in prompt.messages:
        content = message.content or ""
        text, ended = _until_live(content, prompt.includes, 0) if message.template else (content, False)
        found += text
        if ended:
            break
        found += "\n"
    return found


def rendered(prompt: Prompt, case: Case) -> tuple[Mapping[str, Json], ...]:
    """The messages of a case as the model sees them. Raises InputError."""
    return request(prompt, case).messages


def _until_live(text: str, includes: Mapping[str, str], depth: int) -> tuple[str, bool]:
    out, at = "", 0
    while (found := _LIVE.search(text, at)) is not None:
        out += text[at : found.start()]
        included = _INCLUDE.match(text, found.start())
        if included is None or included[1] not in includes or depth > len(includes):
            return out, True
        inner, ended = _until_live(includes[included[1]], includes, depth + 1)
        out += inner
        if ended:
            return out, True
        at = included.end()
    return out + text[at:], False


def _request(prompt: Prompt, case: Case) -> Request | None:
    try:
        return request(prompt, case)
    except InputError:
        return None


def _size(made: Request) -> int:
    return sum(len(_text(message.get("content"))) for message in made.messages)


def _text(content: Json) -> str:
    return content if isinstance(content, str) else ""


def _bill(made: Request | None, meter: Meter) -> Bill:
    tokens = meter.tokens(made) if made is not None else None
    if made is None or tokens is None:
        return Bill()
    return Bill(tokens, meter.usd(made, tokens), meter.longest(made, tokens))


def difference(before: float | None, after: float | None) -> float | None:
    """How much more `after` is; None where either is unknown."""
    return None if before is None or after is None else after - before


def cases_of(golden: Sequence[GoldenSet | None], name: str) -> tuple[Case | None, ...]:
    """The case called `name` in each of the sets, None where it has none."""
    return tuple(next((case for case in (one.cases if one else ()) if case.id == name), None) for one in golden)
