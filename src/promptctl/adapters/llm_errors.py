"""What a provider's refusal means: one classification for every road, by status and text, never by class.

The exception classes of provider libraries differ by provider for the same answer, so they are not looked at.
"""

from __future__ import annotations

import contextlib
import email.utils
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from promptctl.model.errors import CallFailed

_QUOTA = re.compile(
    r"insufficient_quota|exceeded your current quota|billing|credit balance|insufficient balance", re.IGNORECASE
)
_CONTEXT = re.compile(
    r"context_length_exceeded|maximum context length|context window|prompt is too long|input is too long"
    r"|exceeds the maximum number of (?:input )?tokens",
    re.IGNORECASE,
)
_FILTER = re.compile(r"content_policy_violation|content_filter|content management policy|responsibleai", re.IGNORECASE)
_PREFIX = re.compile(r"^(?:(?:litellm\.)?(?:\w+Error|Timeout Error|Timeout): )+|^\w+Exception - ")
_SUFFIX = re.compile(r"\.? Handle with `litellm\.\w+`\.?\s*$")
_KEY_SHAPED = re.compile(r"\b(?:sk|pk|rk|gsk|xai|AIza)[-_A-Za-z0-9*]{6,}")

_KINDS = {401: "auth", 402: "quota", 403: "auth", 404: "not_found", 408: "timeout", 410: "not_found", 429: "rate_limit"}
_RETRYABLE = frozenset({408, 409, 425, 429})
_ABORTING = frozenset({"auth", "not_found", "quota", "host_refused"})
MESSAGE_LIMIT = 600
SECRET_LENGTH = 8
"""Shorter ones are dummies, and could be any word of a message."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a road saw go wrong. status: of the wire, None where nothing came back.

    text: what was said about it, in any of the wire's and the libraries' spellings. body: the decoded error
    object where there is one. headers: of the answer, names in any case.
    """

    model: str
    status: int | None
    text: str = ""
    body: object = None
    headers: Mapping[str, str] | None = None


def classify(refusal: Refusal, *, now: datetime | None = None) -> CallFailed:
    """A status the provider answered with, as CallFailed.

    409 and 425 are retryable (409 once is enough). now: for a Retry-After given as a date; default the clock.
    """
    status = refusal.status or 500
    said = readable(refusal.text, refusal.body)
    everything = f"{refusal.text} {json.dumps(refusal.body, default=str)}"
    kind = _kind(status, everything)
    return CallFailed(
        f"{refusal.model} answered {status}: {said}" if said else f"{refusal.model} answered {status}",
        kind=kind,
        status=status,
        retryable=kind not in ("quota", "context_window", "content_filter") and (status in _RETRYABLE or status >= 500),
        aborts=kind in _ABORTING,
        retry_after_s=retry_after(refusal.headers or {}, now=now),
    )


def timed_out(model: str, timeout_s: float) -> CallFailed:
    """No whole answer within the time allowed (seconds)."""
    return CallFailed(f"{model} did not answer within {timeout_s:g} s", kind="timeout", retryable=True)


def connection_failed(model: str, error: object) -> CallFailed:
    """No answer at all: refused, reset, unresolved, or cut off in the middle."""
    said = readable(str(error), None) or type(error).__name__
    return CallFailed(f"{model}: the connection failed: {said}", kind="connection", retryable=True)


def malformed(model: str, what: str) -> CallFailed:
    """An answer of status 200 that is not one."""
    return CallFailed(f"{model} sent an answer that cannot be read: {what}", kind="malformed", retryable=True)


def refused_parameter(model: str, text: str) -> CallFailed:
    """A parameter the model does not take; it is never dropped on the quiet."""
    named = _parameters(text)
    which = ", ".join(named) if named else "a parameter of the prompt"
    return CallFailed(
        f"{model} does not take {which}: {_first_sentence(readable(text, None))} "
        f"Nothing was sent: promptctl does not drop parameters silently. Remove it from the prompt's parameters, "
        f"or give the value the model takes.",
        kind="refused_parameter",
        status=400,
        aborts=True,
    )


def retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """The seconds a provider asks to wait (RFC 9110, 10.2.3: seconds or an HTTP date); None where it does not say."""
    lower = {name.lower(): value for name, value in headers.items()}
    if (milliseconds := _number(lower.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    value = lower.get("retry-after")
    if value is None:
        return None
    if (seconds := _number(value)) is not None:
        return seconds
    try:
        until = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())


def without(error: CallFailed, secret: str | None) -> CallFailed:
    """The same failure, where its message repeats a key that was sent, without the key."""
    if not secret or secret not in error.message or len(secret) < SECRET_LENGTH:
        return error
    return CallFailed(
        error.message.replace(secret, "[key]"),
        kind=error.kind,
        status=error.status,
        retryable=error.retryable,
        aborts=error.aborts,
        retry_after_s=error.retry_after_s,
    )


def readable(text: str, body: object) -> str:
    """The provider's own sentence out of an error, whatever it is wrapped in; anything shaped like a key is masked."""
    said = _said(body) or _unwrapped(text)
    if said.startswith(("b'{", 'b"{')):
        said = said[2:-1]
    if said.startswith("{"):
        with contextlib.suppress(ValueError):
            said = _said(json.loads(said)) or said
    said = _KEY_SHAPED.sub("[key]", said)
    return said if len(said) <= MESSAGE_LIMIT else f"{said[:MESSAGE_LIMIT]}..."


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it came from, nearest first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _kind(status: int, everything: str) -> str:
    if status in (402, 429) and _QUOTA.search(everything):
        return "quota"
    if status in (400, 413, 422) and _CONTEXT.search(everything):
        return "context_window"
    if status in (400, 403, 422) and _FILTER.search(everything):
        return "content_filter"
    return _KINDS.get(status, "server" if status >= 500 or status in (409, 425) else "bad_request")


def _unwrapped(text: str) -> str:
    """An exception's text without the class names its libraries put before it and the advice they put after it."""
    said = _SUFFIX.sub("", text.partition(" Original exception:")[0]).strip()
    while (shorter := _PREFIX.sub("", said, count=1)) != said:
        said = shorter
    return said


def _said(body: object) -> str:
    if isinstance(body, str):
        return body
    if not isinstance(body, Mapping):
        return ""
    inner = body.get("error", body)
    if isinstance(inner, str):
        return inner
    if isinstance(inner, Mapping):
        found = inner.get("message") or inner.get("detail") or ""
        return found if isinstance(found, str) else json.dumps(found)
    return ""


def _parameters(text: str) -> tuple[str, ...]:
    listed = re.search(r"parameters: \[([^\]]*)\]", text)
    if listed:
        return tuple(name.strip(" '\"") for name in listed.group(1).split(","))
    one = re.search(r"support(?:s|ed)?(?: param(?:eter)?)? ([a-z_]+\s*=\s*[^\s,]+)", text)
    return (one.group(1).rstrip("."),) if one else ()


def _first_sentence(text: str) -> str:
    first = re.split(r"(?<=[^\d])\.\s|\n| To drop ", text, maxsplit=1)[0].strip().rstrip(".")
    return f"{first}."


def _number(text: str | None) -> float | None:
    try:
        found = float(text) if text is not None else None
    except ValueError:
        return None
    return found if found is not None and 0 <= found < float("inf") else None
