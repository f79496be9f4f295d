"""No passage of the context is older than it may be.

Looks at the date of every passage of the case's `context`, or of what the system under test returned as its context.
Value, or `max_age_days`: the greatest age in days that passes. The age is taken at the moment the answer was received, so
that a replay judges as the live run did; with `as_of` at that date. Answers from a file (`--outputs`) have no such
moment: without `as_of` the outcome is ERROR.

A passage's date is its `date`, else its `updated_at`, else its `published_at`; with `date_key` what stands under that
key. It is a date or a moment in ISO 8601 (`2026-11-30`, `2026-11-30T10:00:00Z`), in UTC where it names no zone. Between
two moments a day is 24 hours; where one of the two is a date without a time, calendar days in UTC are counted. A passage
without a date is ERROR; `undated: pass` lets it pass, `undated: fail` fails it. A date that cannot be read, and one more
than a day in the future, are ERROR. A passage that is too old fails the assertion whatever the others are. Where there is
no passage, or a system under test (`target:`) gave no context, the outcome is ERROR: no age was looked at.

Score: passages that pass / passages. Kept as detail: `as_of`, `max_age_days`, `passages` (how many), `stale` (a list of
`passage`, `date` and `age_days`) and `undated` (their names).

| assertion | answer | outcome |
| --- | --- | --- |
| `context-fresh: {value: 30, as_of: 2026-11-30}` | `{output: "", context: [{id: a, date: 2026-10-31}]}` | pass |
| `context-fresh: 1` | `{output: "", context: [{id: a, updated_at: "2026-11-29T12:00:00Z"}], received_at: "2026-11-30T11:59:00Z"}` | pass |
| `context-fresh: {max_age_days: 1, as_of: 2026-11-30, undated: pass}` | `{output: "", context: [a text]}` | pass |
| `context-fresh: {value: 9, as_of: 2026-11-30, date_key: seen}` | `{output: "", context: [{id: a, seen: 2026-11-30}]}` | pass |
| `context-fresh: {value: 29, as_of: 2026-11-30}` | `{output: "", context: [{id: a, date: 2026-10-31}]}` | fail |
| `context-fresh: 1` | `{output: "", context: [{id: a, date: 2020-01-01}, x], received_at: "2026-11-30T11:59:00Z"}` | fail |
| `context-fresh: {max_age_days: 1, as_of: 2026-11-30, undated: fail}` | `{output: "", context: [a text]}` | fail |
| `context-fresh: {value: 30, as_of: 2026-11-30}` | `{output: "", context: [a text]}` | error |
| `context-fresh: {value: 30, as_of: 2026-11-30}` | `{output: "", context: [{id: a, date: last week}]}` | error |
| `context-fresh: {value: 30, as_of: 2026-11-30}` | `{output: "", context: [{id: a, date: 2026-12-02}]}` | error |
| `context-fresh: 30` | `{output: "", context: [{id: a, date: 2026-10-31}]}` | error |
| `context-fresh: {value: 30, as_of: 2026-11-30}` | `nothing was retrieved` | error |

>>> old = {"id": "kb-7", "date": "2026-01-01"}
>>> check(Answer(output="", context=(old,)), value=30, as_of="2026-11-30").reason
'1 of 1 passages is older than 30 days on 2026-11-30: kb-7 (333 days)'
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from promptctl.assertions.reading.dates import Moment, age_days, moment
from promptctl.assertions.reading.passages import NOTHING, Passage, passages
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import AssertionBroken, InputError, Problem
from promptctl.model.prompt import Json

VERSION = 1
_KEYS = ("date", "updated_at", "published_at")
_SKEW_DAYS = 1  # clocks and time zones differ by less


@dataclass(slots=True)
class _Seen:
    """What looking at the dates found: passages too old, those without a date, and what could not be judged."""

    stale: list[Json] = field(default_factory=list)
    undated: list[Json] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def prepare(
    bench: Bench,
    *,
    value: float | None = None,
    max_age_days: float | None = None,
    as_of: str | None = None,
    date_key: str | None = None,
) -> None:
    if (value is None) == (max_age_days is None):
        raise InputError(Problem("give the greatest age in days, once: as the value or as `max_age_days`"))
    if (value or max_age_days or 0) < 0:
        raise InputError(Problem("the greatest age in days is never negative"))
    if as_of is not None and moment(as_of) is None:
        raise InputError(Problem(f"`as_of` is a date in ISO 8601, not {as_of!r}", hint="as_of: 2026-11-30"))
    if date_key == "":
        raise InputError(Problem("`date_key` is empty"))


def check(
    answer: Answer,
    *,
    value: float | None = None,
    max_age_days: float | None = None,
    as_of: str | None = None,
    undated: Literal["error", "pass", "fail"] = "error",
    date_key: str | None = None,
) -> Score:
    most = (max_age_days or 0) if value is None else value
    found = passages(answer)
    if not found:
        raise AssertionBroken(NOTHING)
    now = _now(answer, as_of)
    seen = _looked_at(found, date_key, now, most)
    failed = len(seen.stale) + (len(seen.undated) if undated == "fail" else 0)
    if seen.undated and undated == "error":
        hint = "`undated: pass` or `undated: fail` would decide"
        seen.broken.append(f"{_named(seen.undated)} has no {date_key or 'date'}; {hint}")
    if seen.broken and not failed:
        raise AssertionBroken(seen.broken[0])
    detail: dict[str, Json] = {
        "as_of": now.written,
        "max_age_days": most,
        "passages": len(found),
        "stale": seen.stale,
        "undated": seen.undated,
    }
    return Score(not failed, 1 - failed / len(found), _told(detail, undated_fails=undated == "fail"), detail)


def _looked_at(found: Sequence[Passage], date_key: str | None, now: Moment, most: float) -> _Seen:
    seen = _Seen()
    for passage in found:
        try:
            dated = _date(passage, date_key)
            if dated is None:
                seen.undated.append(passage.name)
            elif (age := _age(passage, dated, now)) > most:
                days = math.ceil(age * 100) / 100
                seen.stale.append({"passage": passage.name, "date": dated.written, "age_days": days})
        except AssertionBroken as reason:
            seen.broken.append(str(reason))
    return seen


def _now(answer: Answer, as_of: str | None) -> Moment:
    now = moment(as_of if as_of is not None else answer.received_at)
    if now is None:
        raise AssertionBroken("it is not known when the answer was received; `as_of: DATE` says at which date to look")
    return now


def _date(passage: Passage, date_key: str | None) -> Moment | None:
    """The date of a passage, None where it has none. Raises AssertionBroken where it cannot be read."""
    keys = _KEYS if date_key is None else (date_key,)
    key = next((key for key in keys if passage.keys.get(key) is not None), None)
    if key is None:
        return None
    found = moment(passage.keys[key])
    if found is None:
        raise AssertionBroken(f"the `{key}` of {passage.name} is no date in ISO 8601: {str(passage.keys[key])[:40]!r}")
    return found


def _age(passage: Passage, dated: Moment, now: Moment) -> float:
    age = age_days(dated, now)
    if age < -_SKEW_DAYS:
        raise AssertionBroken(
            f"{passage.name} is dated {dated.written}, after {now.written}: a date or a clock is wrong"
        )
    return age


def _told(detail: Mapping[str, Json], *, undated_fails: bool) -> str:
    stale, total = detail["stale"], detail["passages"]
    if not stale:
        failing = undated_fails and detail["undated"]
        return f"{_named(detail['undated'])} has no date" if failing else f"none of {total} passages is too old"
    named = ", ".join(f"{one['passage']} ({one['age_days']:g} days)" for one in stale[:5])
    more = f" and {len(stale) - 5} more" if len(stale) > 5 else ""
    verb = "is" if len(stale) == 1 else "are"
    when = f"{detail['max_age_days']:g} days on {detail['as_of']}"
    return f"{len(stale)} of {total} passages {verb} older than {when}: {named}{more}"


def _named(names: Sequence[Json]) -> str:
    return str(names[0]) if len(names) == 1 else f"each of {len(names)} passages, such as {names[0]},"
