"""A review as the one Report every format renders: the verdict again, the judge's and people's difference side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from promptctl.model.finding import Finding, Report, Severity, Table, TestCase
from promptctl.model.review import (
    JudgeArm,
    Labelling,
    PromptReview,
    RatedPrompt,
    Review,
    SameForPeople,
)
from promptctl.model.verdict import Interval, Ruling
from promptctl.reports import figures
from promptctl.reports.build_verdict import RULES
from promptctl.text.review_record import encode_review

_WORD = {Ruling.PASS: "PASS", Ruling.FAIL: "FAIL", Ruling.INCONCLUSIVE: "INCONCLUSIVE"}
_TEST = {Ruling.PASS: "pass", Ruling.FAIL: "fail"}
JUDGE_COLUMNS = ("Prompt", "Side", "People pass", "People fail", "TPR", "", "TNR", "")
_ASKED_SHOWN = 5
_UNEQUAL = 0.05  # a p-value below it is worth a sentence


def of_review(review: Review, *, on_inconclusive: str = "warn", verbose: bool = False) -> Report:
    """The report of a reviewed gate, or of two reviewed runs; outcomes are the gate's, and "error" while labels are missing."""
    reviewed = [one for one in review.prompts if one.reviewed]
    shown = list(review.prompts) if verbose else reviewed
    tables = [_difference_table(shown), _judge_table(shown), agreement_table(review.labels)]
    return Report(
        kind="review",
        title="promptctl review",
        outcome=_outcome(review, on_inconclusive),
        conclusion=_conclusion(review, on_inconclusive),
        data=encode_review(review),
        findings=tuple(_findings(review, on_inconclusive)),
        tables=tuple(table for table in tables if table.rows),
        summary=_summary(review),
        tests=tuple(_test(one, on_inconclusive) for one in review.prompts),
        notes=tuple(_notes(review)),
        rules=tuple(RULES.values()),
    )


def _outcome(review: Review, on_inconclusive: str) -> str:
    if review.verdict is None:
        return "error"
    if review.verdict is not Ruling.INCONCLUSIVE:
        return review.verdict.value
    if review.incomplete:
        return "error"
    return {"warn": "warning", "fail": "none", "pass": "pass"}[on_inconclusive]


def _conclusion(review: Review, on_inconclusive: str) -> str:
    if review.verdict is None:
        return f"INCOMPLETE: {missing(review.prompts)}; there is no corrected verdict yet"
    word = _WORD[review.verdict]
    warning = "WARNING: " if word == "INCONCLUSIVE" and on_inconclusive == "warn" and not review.incomplete else ""
    said = f"; the judge's verdict was {_WORD[Ruling(review.judged)]}" if review.judged else ""
    if review.verdict is Ruling.PASS:
        cases = figures.count(sum(one.cases for one in review.prompts), "case")
        return f"{word}: {figures.count(len(review.prompts), 'prompt')} on {cases}, as people see them ({review.rule}){said}"
    first = next((one for one in review.prompts if one.verdict is review.verdict), None)
    reason = review.reasons[0] if review.reasons else str(review.rule)
    way = "" if first is None or not _way_out(first) else f"; {_way_out(first)}"
    return f"{warning}{word}: {reason} ({review.rule}){way}{said}"


def missing(prompts: Sequence[PromptReview | RatedPrompt]) -> str:
    """What is still to be labelled, in words."""
    left = [one.remaining for one in prompts if one.remaining is not None]
    answers = figures.count(sum(one.answers for one in left), "answer")
    flipped, sampled = sum(one.flipped for one in left), sum(one.sampled for one in left)
    parts = [f"{figures.count(flipped, 'case')} that flipped"] if flipped else []
    parts += [f"{sampled:,} of the random sample"] if sampled else []
    return f"{answers} still to label ({' and '.join(parts)})"


def _way_out(one: PromptReview) -> str:
    if one.more_labels:
        return f"about {figures.count(one.more_labels, 'more case')} labelled would settle it as a {one.settles_as} (--n {one.sampled + one.more_labels})"
    if one.more_cases:
        return (
            f"no labels on these cases would settle it: it takes about {figures.count(one.more_cases, 'case')} in all"
        )
    return ""


def _difference_table(prompts: Sequence[PromptReview]) -> Table:
    """What the judge saw and what people see."""
    columns = ("Prompt", "Verdict", "Judge", "People", "SE", "These cases", "Their kind")
    rows = tuple(_difference_row(one) for one in prompts)
    return Table("Difference in points, head minus base", columns, rows, align=("left", "left", *["right"] * 5))


def _difference_row(one: PromptReview) -> tuple[str, ...]:
    judged, found = one.judged.get("difference"), one.corrected
    word = "not yet" if one.verdict is None else one.verdict.value.upper()
    head = (one.prompt, word, _points(judged if isinstance(judged, float) else None))
    if found is None:
        return (*head, *[""] * 4)
    spans = (_span(found.interval), _span(found.total_interval))
    return (*head, _points(found.value), f"{found.error * 100:.2f}", *spans)


def _points(value: float | None) -> str:
    return figures.UNKNOWN if value is None else f"{value * 100:+.2f}"


def _span(interval: Interval) -> str:
    return f"{interval[0] * 100:+.1f} to {interval[1] * 100:+.1f}"


def _judge_table(prompts: Sequence[PromptReview]) -> Table:
    """How far the judge is to be trusted on each side."""
    rows = tuple(
        judge_row(one.prompt, side, arm)
        for one in prompts
        for side, arm in (("base", one.base_judge), ("head", one.head_judge))
        if arm is not None
    )
    return Table("The judge against people", JUDGE_COLUMNS, rows, align=("left", "left", *["right"] * 6))


def judge_row(prompt: str, side: str, arm: JudgeArm) -> tuple[str, ...]:
    """The judge on one side, a row under `JUDGE_COLUMNS`."""
    rates = [
        text
        for share, interval in ((arm.tpr, arm.tpr_interval), (arm.tnr, arm.tnr_interval))
        for text in (
            figures.UNKNOWN if share is None else figures.percent(share),
            "" if interval is None else f"{interval[0] * 100:.1f}-{interval[1] * 100:.1f}",
        )
    ]
    return (prompt, side, f"{arm.passes:,}", f"{arm.fails:,}", *rates)


def agreement_table(labels: Labelling) -> Table:
    """How far two labellers agree on the answers that both labelled."""
    rows = tuple(
        (
            one.one,
            one.other,
            f"{one.answers:,}",
            figures.percent(one.agreed / one.answers),
            figures.UNKNOWN if one.kappa is None else f"{one.kappa:.3f}",
        )
        for one in labels.agreements
    )
    columns = ("Labeller", "and", "Answers", "Agree", "Kappa")
    return Table("Two people on the same answers", columns, rows, align=("left", "left", *["right"] * 3))


def _summary(review: Review) -> tuple[tuple[str, str], ...]:
    pairs = [
        (name, str(side["description"]))
        for name, side in (("baseline", review.baseline), ("head", review.head))
        if side.get("description")
    ]
    if review.gate:
        pairs.append(("gate", review.gate))
    pairs += [("asked", text) for text in _asked([one for one in review.prompts if one.reviewed])]
    drop, confidence = review.policy.get("max_drop"), review.policy.get("confidence")
    if isinstance(drop, float | int) and isinstance(confidence, float):
        means = "these cases" if review.policy.get("rule") == "threshold" else "cases of their kind"
        told = f"rule {review.policy.get('rule')} (about {means}), max_drop {drop * 100:g} points"
        pairs.append(("policy", f"{told}, confidence {confidence * 100:g} % one-sided"))
    pairs += [
        ("labels", labels_text(review.labels)),
        ("sample", f"drawn by the seed {review.seed}, from the ids of both runs"),
    ]
    return (*pairs, *((("reproduce", review.command),) if review.command else ()))


def _asked(prompts: Sequence[PromptReview]) -> Iterator[str]:
    for one in prompts[:_ASKED_SHOWN]:
        rest = f"{one.sampled or one.wanted:,} of the {one.rest:,} others"
        yield f"{one.prompt}: {figures.count(one.flipped, 'flip')} and {rest} of {figures.count(one.cases, 'case')}"


def labels_text(found: Labelling) -> str:
    """How many labels there are, whose, and how many answers are in dispute."""
    by = ", ".join(f"{name} {number:,}" for name, number in found.by.items())
    disputed = (
        f"; {figures.count(found.disputed, 'answer')} in dispute, a further labeller decides" if found.disputed else ""
    )
    return f"{figures.count(found.answers, 'answer')}{f' ({by})' if by else ''}{disputed}"


def _notes(review: Review) -> Iterator[str]:
    several = len(review.prompts) > 1
    for one in review.prompts:
        for note in (*_unequal(one), *one.notes, *(() if one.verdict is None else filter(None, [_way_out(one)]))):
            yield f"{one.prompt}: {note}" if several else note
        if one.corrected is not None and one.corrected.judged_only != one.corrected.value:
            told = f"labelling the flips alone would have said {_points(one.corrected.judged_only)} points: it never sees what the judge missed"
            yield f"{one.prompt}: {told}" if several else told
    yield from review.notes


def _unequal(one: PromptReview) -> Iterator[str]:
    """Where the judge errs otherwise on one side than on the other, its difference is off, however many cases there are."""
    for found, seen in ((one.both_pass, "pass"), (one.both_fail, "fail")):
        if found is None or found.p_value is None or found.p_value >= _UNEQUAL:
            continue
        yield (
            f"the judge errs otherwise on one side: of {_flips(found)} on cases that people {seen} on both sides "
            f"{found.prefers_base:,} prefer the base and {found.prefers_head:,} the head (exact p {found.p_value:.4f})"
        )


def _flips(found: SameForPeople) -> str:
    return figures.count(found.prefers_base + found.prefers_head, "flip")


def _findings(review: Review, on_inconclusive: str) -> Iterator[Finding]:
    for one in review.prompts:
        if one.verdict is Ruling.PASS and one.rule != "regressed-within-margin":
            continue
        code, severity = _code(one, on_inconclusive)
        text = (
            "; ".join(one.reasons)
            if one.verdict is not None
            else missing([one])
            if one.remaining
            else "waits for labels of others"
        )
        yield Finding(
            rule=code,
            name=RULES[code].name,
            severity=severity,
            message=f"{one.prompt}: {text}",
            path=one.path,
            line=None if one.path is None else 1,
            fingerprint=f"review:{code}:{one.prompt}",
        )


def _code(one: PromptReview, on_inconclusive: str) -> tuple[str, Severity]:
    if one.verdict is Ruling.FAIL:
        return "PG001", Severity.ERROR
    if one.verdict is Ruling.PASS:
        return "PG003", Severity.WARNING
    if one.verdict is None or one.incomplete:
        return "PG004", Severity.ERROR
    return "PG002", {"warn": Severity.WARNING, "fail": Severity.ERROR, "pass": Severity.INFO}[on_inconclusive]


def _test(one: PromptReview, on_inconclusive: str) -> TestCase:
    waits = one.verdict is None or one.incomplete or on_inconclusive == "fail"
    outcome = "error" if one.verdict is None else _TEST.get(one.verdict, "error" if waits else "skip")
    message = "" if outcome == "pass" else "; ".join(one.reasons) or "labels are missing"
    return TestCase(suite="review", name=one.prompt, outcome=outcome, message=message)
