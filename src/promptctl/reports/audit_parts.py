"""The parts of an audit's report: summary, tables, and the sentences that say what a figure means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from promptctl.evals.audit_figures import HALF_WIDTH, Audit, ByVerdict
from promptctl.model.finding import Section, Table
from promptctl.reports.audit_document import Audited, place_of
from promptctl.reports.figures import UNKNOWN, count, listed, percent, usd
from promptctl.stats.judge_bias import LengthBias
from promptctl.stats.label_plan import Verdicts
from promptctl.stats.labelled import Item, categories

_SURE = 0.05  # a p-value below it is told
_ENOUGH = 50  # labels of a class to aim for at least
_LOOKS_FINE = 0.6
OF_SAMPLE = "in the labelled sample"
_BY_PROMPT = ("Prompt", "Good passed", "p", "Bad caught", "p")


def audit_summary(found: Audited) -> tuple[tuple[str, str], ...]:
    """The figures, a line each."""
    audit, rates, table = found.audit, found.audit.rates, found.audit.table
    people = ", ".join(f"{name} {number:,}" for name, number in audit.labellers.items())
    pairs = [
        ("Judge", f"{found.judge}, {found.model}, scale {found.scale}"),
        ("Labels", f"{count(audit.labels, 'label')} of {count(len(audit.labelled.items), 'answer')} ({people})"),
        ("Agreement", f"{percent_of(audit.agreement)}, kappa {_number(audit.kappa)}, AC1 {_number(audit.ac1)}"),
        ("TPR (good passed)", _rate(rates.tpr, rates.tpr_interval, table.both_pass, table.passes, audit)),
        ("TNR (bad caught)", _rate(rates.tnr, rates.tnr_interval, table.both_fail, table.fails, audit)),
        *_weighing(audit),
        ("TNR is at least", _bound(audit)),
        *_biases(audit),
        ("Labels needed", _needed(audit)),
    ]
    if found.asked:
        pairs.append(("Asked now", f"{count(found.asked, 'answer')}, {usd(found.cost_usd)}"))
    return tuple(pairs)


def _weighing(audit: Audit) -> Iterator[tuple[str, str]]:
    """What the figures are of, where the answers were drawn by the judge's verdict."""
    drawn = audit.by_verdict
    if drawn is not None:
        yield (
            "Weighed",
            f"drawn by verdict: agreement, TPR and TNR are of {count(drawn.pool, 'answer')}, of which "
            f"{len(audit.labelled.compared):,} are labelled",
        )


def _biases(audit: Audit) -> Iterator[tuple[str, str]]:
    order, length, same = audit.order, audit.length, audit.consistency
    if order is not None:
        yield (
            "Order agreement",
            f"{percent(order.agreement)}{_span(order.interval, audit)} of {count(order.pairs, 'pair')}; "
            f"{order.to_first:,} lean to the first place, {order.to_second:,} to the second, {_p(order.p)}",
        )
    if length is not None:
        yield "Length bias", _length_said(length, audit)
    if same is not None:
        share = same.same / same.items if same.items else None
        yield (
            "Self-consistency",
            f"{percent_of(share)}{_span(same.interval, audit)} of {count(same.items, 'answer')} judged alike "
            f"{same.repeats} times, alpha {_number(same.alpha)}",
        )


def _length_said(length: LengthBias, audit: Audit) -> str:
    if audit.pairwise:
        both = f"the longer preferred: judge {percent(length.judge)}, people {percent(length.human)}"
    else:
        both = f"pass rate of the longer half over the shorter: judge {_points(length.judge)}, people {_points(length.human)}"
    low, high = length.interval
    return (
        f"{both}; the judge over people {_points(length.excess)}, {audit.confidence * 100:g} % interval "
        f"{low * 100:+.1f} to {high * 100:+.1f} ({count(length.items, 'answer')})"
    )


def disagreements(audit: Audit, *, most: int | None) -> tuple[Section, ...]:
    """The answers on which people and judge differ, missed failures first; `most` of them, all for None."""
    differ = [one for one in audit.labelled.compared if one.human_passes != one.judge_passes]
    differ.sort(key=lambda one: (one.human_passes, place_of(one.label)))
    return tuple(_disagreement(one) for one in differ[:most])


def _disagreement(one: Item) -> Section:
    label, judged = one.label, one.judged
    facts = []
    if judged is not None and judged.score is not None:
        facts.append(("Score", str(judged.score)))
    if label.material.rubric:
        facts.append(("Rubric", label.material.rubric))
    if label.note:
        facts.append(("Note", f"{label.labeller}: {label.note}"))
    title = f"{place_of(label)}: people say {one.human}, the judge {one.verdict}"
    return Section(title, label.material.output, style="plain", facts=tuple(facts), lines=6)


def audit_tables(audit: Audit) -> tuple[Table, ...]:
    """The confusion matrix; labellers among themselves; prompts, where there are several."""
    words = categories(audit.labelled.items)
    counts = audit.labelled.counts
    rows = tuple((f"people: {human}", *(f"{counts.get((human, judge), 0):,}" for judge in words)) for human in words)
    right = ("left", *("right" for _ in words))
    title = "People and judge" if audit.by_verdict is None else f"People and judge, {OF_SAMPLE}"
    tables = [Table(title, ("", *(f"judge: {judge}" for judge in words)), rows, right)]
    if audit.people:
        columns = ("Labellers", "Answers", "Agreement", "Kappa")
        among = tuple(
            (f"{pair.one}, {pair.other}", f"{pair.items:,}", percent(pair.agreement), _number(pair.kappa))
            for pair in audit.people
        )
        tables.append(Table("People among themselves", columns, among, ("left", "right", "right", "right")))
    if audit.prompts:
        by_prompt = tuple(
            (
                one.prompt,
                f"{one.tpr[0]:,} of {one.tpr[1]:,}",
                _number(one.tpr_p),
                f"{one.tnr[0]:,} of {one.tnr[1]:,}",
                _number(one.tnr_p),
            )
            for one in audit.prompts
        )
        title = "Each prompt against the rest" + ("" if audit.by_verdict is None else f", {OF_SAMPLE}")
        tables.append(Table(title, _BY_PROMPT, by_prompt, ("left", *("right",) * 4)))
    return tuple(tables)


def audit_notes(found: Audited) -> tuple[str, ...]:
    """What a reader has to know beside the figures."""
    return (*_about_labels(found), *_about_judge(found.audit, found.judge), *_about_people(found.audit))


def _about_labels(found: Audited) -> Iterator[str]:
    labelled = found.audit.labelled
    if labelled.disputed:
        yield f"disputed, and left out: {_places(labelled.disputed)}: as many labels say one thing as another"
    if labelled.errors:
        yield f"the judge gave no verdict on {count(len(labelled.errors), 'answer')}, left out: {_places(labelled.errors)}"
    gone = [one for one in labelled.items if one.label.item in set(found.gone)]
    if gone:
        yield f"{count(len(gone), 'answer')} of cases that no golden set has any more, still counted: {_places(gone)}"
    yield from _about_sample(found.audit)
    if found.others:
        yield f"{count(found.others, 'label')} had a verdict of {found.judge} as it was before: it does not count"
    reasons: dict[str, int] = {}
    for reason in (found.unheard or {}).values():
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, number in sorted(reasons.items(), key=lambda entry: -entry[1])[:3]:
        yield f"{count(number, 'answer')} could not be put to the judge: {reason}"


def _about_sample(audit: Audit) -> Iterator[str]:
    if audit.by_verdict is not None:
        yield (
            f"the counts are those {OF_SAMPLE}, drawn by the judge's verdicts: no rate can be read off them; length bias "
            "and each prompt against the rest are of the sample too"
        )
    undrawn = audit.labelled.undrawn
    if undrawn:
        yield (
            f"{count(undrawn, 'labelled answer')} without `drawn`, taken as a plain random sample: if the judge's verdict "
            "had a say in which were labelled, the TNR is wrong; 'promptctl judge label' draws a fresh sample"
        )


def _about_judge(audit: Audit, judge: str) -> Iterator[str]:
    tnr, ac1 = audit.rates.tnr, audit.ac1
    if tnr is not None and ac1 is not None and tnr < 0.5 and ac1 >= _LOOKS_FINE:
        missed = percent(1 - tnr)
        yield f"agreement looks fine because failures are rare; {judge} misses {missed} of them: look at the TNR"
    for one in audit.prompts:
        if one.tpr_p is not None and one.tpr_p < _SURE and _is_worse(one.prompt, audit, "tpr"):
            yield _differs(judge, f"{one.prompt}: it passes {one.tpr[0]:,} of {one.tpr[1]:,} good answers", one.tpr_p)
        if one.tnr_p is not None and one.tnr_p < _SURE and _is_worse(one.prompt, audit, "tnr"):
            yield _differs(judge, f"{one.prompt}: it catches {one.tnr[0]:,} of {one.tnr[1]:,} bad answers", one.tnr_p)
    order, length = audit.order, audit.length
    if order is not None and order.p < _SURE:
        place = "first" if order.to_first > order.to_second else "second"
        yield f"{judge} leans to the answer that stands {place} ({_p(order.p)}); asking in both orders makes that a tie"
    if length is not None and (length.interval[0] > 0 or length.interval[1] < 0):
        yield f"{judge} favours {'longer' if length.excess > 0 else 'shorter'} answers more than people do"


def _is_worse(prompt: str, audit: Audit, rate: str) -> bool:
    """Of two prompts that differ only the one it is worse on is told: the other is its rest."""
    if len(audit.prompts) > 2:
        return True
    shares: dict[str, float] = {}
    for one in audit.prompts:
        hits, items = one.tpr if rate == "tpr" else one.tnr
        shares[one.prompt] = hits / max(1, items)
    return shares[prompt] == min(shares.values())


def _differs(judge: str, what: str, p: float) -> str:
    return f"{judge} errs otherwise on {what}, {_p(p)}; rates do not carry over from one prompt to another"


def _about_people(audit: Audit) -> Iterator[str]:
    table = audit.table
    short = [f"{n:,} {what}" for n, what in ((table.passes, "pass"), (table.fails, "fail")) if n < _ENOUGH]
    if short and audit.labelled.compared and audit.by_verdict is None:
        yield f"few labels: {' and '.join(short)}; aim for {_ENOUGH} of each, drawn blind ('promptctl judge label')"
    if not audit.people and audit.labels:
        yield "one person labelled each answer: let a second one label a fifth of them, to know how far people agree"
    known = [pair for pair in audit.people if pair.kappa is not None]
    if known and audit.kappa is not None:
        best = max(known, key=lambda pair: pair.items)
        yield (
            f"{best.one} and {best.other} agree on {percent(best.agreement)} of {count(best.items, 'answer')} (kappa "
            f"{_number(best.kappa)}), the judge with people on {percent_of(audit.agreement)} (kappa {_number(audit.kappa)}): "
            "no judge can be asked to agree with people more than they do with one another"
        )


def _needed(audit: Audit) -> str:
    width = f"+- {HALF_WIDTH * 100:.0f} points"
    if audit.by_verdict is not None:
        return _needed_by_verdict(audit, audit.by_verdict, width)
    said = (
        f"{audit.passes.need:,} pass (there are {audit.passes.have:,}) and {audit.fails.need:,} fail "
        f"(there are {audit.fails.have:,}) for {width}"
    )
    if audit.min_tnr is None or audit.min_tnr <= 0:
        return said
    floor = percent(audit.min_tnr)
    if audit.fails_needed is None:
        return f"{said}; no number of labels shows a TNR of {floor}: the judge has to catch more"
    return f"{said}; {audit.fails_needed:,} fail to show a TNR of {floor}, if it goes on so"


def _needed_by_verdict(audit: Audit, drawn: ByVerdict, width: str) -> str:
    """Of a sample by verdict: which verdicts to label. What people will say of them nobody can choose."""
    have = f"there are {drawn.have.passed:,} and {drawn.have.failed:,}"
    said = f"about {_verdicts(drawn.for_width)} for a TNR to {width} ({have})"
    if drawn.for_width is None:
        said = f"no number of labels of this pool gives the TNR to {width} ({have})"
    if audit.min_tnr is None or audit.min_tnr <= 0:
        return said
    floor = percent(audit.min_tnr)
    if drawn.for_floor is None:
        return f"{said}; no number of labels of this pool shows a TNR of {floor}, if the judge goes on so"
    return f"{said}; about {_verdicts(drawn.for_floor)} to show a TNR of {floor}, if it goes on so"


def _verdicts(wanted: Verdicts | None) -> str:
    return UNKNOWN if wanted is None else f"{wanted.passed:,} that it passed and {wanted.failed:,} that it failed"


def _places(items: Iterable[Item]) -> str:
    return listed(list(dict.fromkeys(place_of(one.label) for one in items)))


def percent_of(share: float | None) -> str:
    """A share as a percentage; unknown where there is none."""
    return UNKNOWN if share is None else percent(share)


def _rate(rate: float | None, interval: tuple[float, float] | None, hits: int, items: int, audit: Audit) -> str:
    if rate is None:
        return f"{UNKNOWN}: no such label"
    sample = "" if audit.by_verdict is None else " of the sample"
    return f"{percent(rate)}{_span(interval, audit)} ({hits:,} of {items:,}{sample})"


def _bound(audit: Audit) -> str:
    lower = audit.rates.tnr_lower
    return UNKNOWN if lower is None else f"{percent(lower)}, {audit.confidence * 100:g} % sure (one-sided)"


def _span(interval: tuple[float, float] | None, audit: Audit) -> str:
    return "" if interval is None else f", {_interval(interval, audit)}"


def _interval(interval: tuple[float, float], audit: Audit) -> str:
    return f"{audit.confidence * 100:g} % interval {interval[0] * 100:.1f} to {interval[1] * 100:.1f} %"


def _points(share: float) -> str:
    return f"{share * 100:+.1f} points"


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.3f}"


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
