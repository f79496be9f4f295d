"""Asking a system under test over HTTP: one POST of JSON, no redirects, a bounded answer, and what a status means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from promptctl.adapters.llm_errors import readable, retry_after
from promptctl.model.errors import CallFailed
from promptctl.model.prompt import Json

if TYPE_CHECKING:
    from promptctl.adapters.llm_wire import Told, Wire

_AGAIN = frozenset({408, 409, 425, 429})
_SAID = 4_000  # bytes of a refusal that are looked at


async def ask(
    wire: Wire, who: str, url: str, handed: Mapping[str, Json], headers: Mapping[str, str], *, most: int
) -> bytes:
    """The body of the answer, unread. who: the target, for messages. most: bytes of an answer. Raises CallFailed."""
    data = json.dumps(handed, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")
    told = await wire.post(url, data, headers, who=who, most=most)
    if not 200 <= told.status < 300:
        raise refused(who, told)
    if told.data is None:
        raise CallFailed(f"{who} sent more than {most} bytes", kind="malformed")
    return told.data


def refused(who: str, told: Told) -> CallFailed:
    """A status that is no answer. What is wrong with one question says nothing of the next: none of them ends a run."""
    status = told.status
    if 300 <= status < 400:
        where = next((value for name, value in told.headers.items() if name.lower() == "location"), "elsewhere")
        message = f"{who} answered {status}: redirects are not followed; it leads to {where}"
        return CallFailed(message, kind="bad_request", status=status)
    said = _said((told.data or b"")[:_SAID])
    kinds = {401: "auth", 403: "auth", 404: "not_found", 408: "timeout", 410: "not_found", 429: "rate_limit"}
    return CallFailed(
        f"{who} answered {status}: {said}" if said else f"{who} answered {status}",
        kind=kinds.get(status, "server" if status >= 500 or status in _AGAIN else "bad_request"),
        status=status,
        retryable=status in _AGAIN or status >= 500,
        retry_after_s=retry_after(told.headers),
    )


def _said(data: bytes) -> str:
    text = data.decode("utf-8", "replace").strip()
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    return readable(text, body)
