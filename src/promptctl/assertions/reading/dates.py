"""Dates as passages carry them, and how old they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from promptctl.model.prompt import Json

_DAY = 86400


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment, as written and in UTC. whole_day: whether it is a date without a time."""

    written: str
    at: datetime
    whole_day: bool


def moment(value: Json) -> Moment | None:
    """A date or a moment of ISO 8601, in UTC where it names no zone; None for anything else."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        pass
    else:
        return Moment(text, datetime(day.year, day.month, day.day, tzinfo=UTC), whole_day=True)
    try:
        at = datetime.fromisoformat(text)
        return Moment(text, at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC), whole_day=False)
    except (ValueError, OverflowError):
        return None


def age_days(then: Moment, now: Moment) -> float:
    """Days from `then` to `now`, negative where `then` is later; whole calendar days where one has no time of day."""
    if then.whole_day or now.whole_day:
        return float((now.at.date() - then.at.date()).days)
    return (now.at - then.at).total_seconds() / _DAY
