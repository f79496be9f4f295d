"""A single reviewed run as a Report: its pass rate in human eyes beside the judge's."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Report, Table, TestCase
from promptctl.model.review import RatedPrompt, RunReview
from promptctl.model.verdict import Interval
from promptctl.reports import figures
from promptctl.reports.build_review import JUDGE_COLUMNS, agreement_table, judge_row, labels_text, missing
from promptctl.text.review_record import encode_run_review


def of_run_review(review: RunReview) -> Report:
    """The report of a single reviewed run: rates beside the judge's, and no verdict."""
    waits = any(one.remaining for one in review.prompts)
    said = "; ".join(_rated(one) for one in review.prompts if one.rate is not None)
    rows = tuple(_rate_row(one) for one in review.prompts)
    columns = ("Prompt", "Cases", "Judge", "", "People", "", "SE", "Asked")
    judged = tuple(judge_row(one.prompt, "run", one.judge) for one in review.prompts if one.judge is not None)
    tables = (
        Table("Pass rate", columns, rows, align=("left", *["right"] * 7)),
        Table(
            "The judge against people",
            JUDGE_COLUMNS,
            judged,
            align=("left", "left", *["right"] * 6),
        ),
        agreement_table(review.labels),
    )
    return Report(
        kind="review",
        title="promptctl review",
        outcome="error" if waits else "pass",
        conclusion=f"INCOMPLETE: {missing(review.prompts)}; there is no corrected rate yet"
        if waits
        else f"REVIEWED: {said}",
        data=encode_run_review(review),
        tables=tuple(table for table in tables if table.rows),
        summary=(
            ("run", str(review.run.get("description"))),
            ("labels", labels_text(review.labels)),
            ("sample", f"drawn by the seed {review.seed}, from the run's id"),
            *((("reproduce", review.command),) if review.command else ()),
        ),
        tests=tuple(TestCase("review", one.prompt, "error" if one.remaining else "pass") for one in review.prompts),
        notes=tuple(_run_notes(review)),
    )


def _rated(one: RatedPrompt) -> str:
    judge = "" if one.judge_rate is None else f", the judge said {figures.percent(one.judge_rate)}"
    rate = figures.UNKNOWN if one.rate is None else figures.percent(one.rate)
    span = "" if one.interval is None else f" [{one.interval[0] * 100:.1f}, {one.interval[1] * 100:.1f}]"
    return f"{one.prompt} passes {rate}{span} as people see it{judge}"


def _rate_row(one: RatedPrompt) -> tuple[str, ...]:
    def pair(share: float | None, interval: Interval | None) -> tuple[str, str]:
        return (
            figures.UNKNOWN if share is None else figures.percent(share),
            "" if interval is None else f"{interval[0] * 100:.1f}-{interval[1] * 100:.1f}",
        )

    error = figures.UNKNOWN if one.error is None else f"{one.error * 100:.2f}"
    asked = f"{one.sampled or one.wanted:,} of {one.judged:,}"
    return (
        one.prompt,
        f"{one.cases:,}",
        *pair(one.judge_rate, one.judge_interval),
        *pair(one.rate, one.interval),
        error,
        asked,
    )


def _run_notes(review: RunReview) -> Iterator[str]:
    for one in review.prompts:
        if one.more_labels:
            yield f"{one.prompt}: about {figures.count(one.more_labels, 'more case')} labelled would give the rate to 5 points (--n {one.sampled + one.more_labels})"
        if one.errors:
            left_out = f"{figures.count(one.errors, 'case')} without an answer to label"
            told = f"{left_out} are left out" if one.judged else f"nothing of it can be reviewed: {left_out}"
            yield f"{one.prompt}: {told}"
    yield from review.notes
