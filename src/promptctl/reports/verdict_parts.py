"""The parts of a verdict's report: tables of figures, and witnesses with both answers side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from promptctl.model.finding import Section, Table
from promptctl.model.prompt import Json
from promptctl.model.verdict import JudgeInForce, Measure, Metric, PromptVerdict, Ruling, Shown, Verdict, Witness
from promptctl.reports import figures

_ANSWER_LINES = 12
_NAMED = 10
_LIMITS = ("min_pass_rate", "min_judge_score", "min_tnr", "max_cost_increase", "max_latency_p95_increase")
_METRIC_TITLES = {"pass_rate": "pass rate", "judge_score": "judge score", "score": "mean score"}
_MEASURE_TITLES = {
    "cost_per_call": "cost per call",
    "latency_p95": "latency p95",
    "refusal_rate": "refusals (English)",
    "format_failures": "failures of format alone",
    "pass_rate_repaired": "pass rate, JSON repaired",
}


def case_list(names: Sequence[str]) -> str:
    """`a, b and 4 more`."""
    return figures.listed(names, most=_NAMED)


def summary_pairs(verdict: Verdict) -> tuple[tuple[str, str], ...]:
    """What was compared with what, under which policy, and how to do it again."""
    pairs = []
    for label, side in (("baseline", verdict.baseline), ("head", verdict.head)):
        described = side.get("description")
        if described:
            pairs.append((label, str(described)))
    n = sum(one.n for one in verdict.prompts)
    if n:
        lost = sum(one.regressions for one in verdict.prompts)
        won = sum(one.improvements for one in verdict.prompts)
        errors = sum(len(one.errors) for one in verdict.prompts)
        text = f"{n:,} compared, {figures.count(lost, 'regression')}, {figures.count(won, 'improvement')}"
        pairs.append(("cases", f"{text}, {figures.count(errors, 'error')}" if errors else text))
    if verdict.policy:
        pairs.append(("policy", _policy(verdict.policy)))
    if verdict.command:
        pairs.append(("reproduce", verdict.command))
    return tuple(pairs)


def _policy(policy: Mapping[str, Json]) -> str:
    rule, drop, confidence = policy.get("rule"), policy.get("max_drop"), policy.get("confidence")
    parts = [f"rule {rule}"]
    if isinstance(drop, int | float):
        parts.append(f"max_drop {drop * 100:g} points")
    if isinstance(confidence, int | float) and rule == "evidence":
        parts.append(f"confidence {confidence * 100:g} % one-sided")
    limits = [(key, policy.get(key)) for key in _LIMITS]
    parts += [f"{key} {value:g}" for key, value in limits if isinstance(value, int | float)]
    for name, bound in (policy.get("metrics") or {}).items():
        parts += [
            f"{name} {side} {bound[side]:g}" for side in ("min", "max") if isinstance(bound.get(side), int | float)
        ]
    return ", ".join(parts)


def prompt_table(verdict: Verdict, most: int | None) -> Table:
    """A row for each prompt, by the metric that speaks for it; the ones that do not pass first."""
    rank = {Ruling.FAIL: 0, Ruling.INCONCLUSIVE: 1, Ruling.PASS: 2}
    ordered = sorted(verdict.prompts, key=lambda one: rank[one.verdict])[:most]
    rows = tuple(_prompt_row(one) for one in ordered)
    left_out = len(verdict.prompts) - len(rows)
    title = "Prompts" if not left_out else f"Prompts ({left_out:,} more that pass are not shown)"
    columns = ("Prompt", "Verdict", "Rule", "n", "Regr.", "Impr.", "Difference", "Interval", "p or e", "Detectable")
    return Table(title, columns, rows, align=("left", "left", "left", *["right"] * 7))


def _prompt_row(one: PromptVerdict) -> tuple[str, ...]:
    metric = one.deciding
    flips = (f"{one.n:,}", f"{one.regressions:,}", f"{one.improvements:,}")
    head = (one.prompt, one.verdict.value.upper(), one.rule, *flips)
    if metric is None:
        return (*head, *[figures.UNKNOWN] * 4)
    evidence = _p(metric.p_value) if one.e_value is None else f"e {one.e_value:,.0f}"
    return (*head, *_difference(metric), evidence, _points(metric.detectable_drop))


def _difference(metric: Metric) -> tuple[str, str]:
    moved = figures.UNKNOWN if metric.difference is None else f"{metric.difference * 100:+.2f}"
    if metric.interval is None:
        return moved, figures.UNKNOWN
    low, high = metric.interval
    return moved, f"{low * 100:+.2f} to {high * 100:+.2f}"


def _p(value: float | None) -> str:
    return figures.UNKNOWN if value is None else "p <.0001" if value < 0.0001 else f"p {value:.4f}"


def _points(drop: float | None) -> str:
    return figures.UNKNOWN if drop is None else f"{drop * 100:.1f}"


def judge_table(verdict: Verdict) -> Table:
    """How far the judges in force are known to be right: nothing that a judge says is surer than this."""
    floor = verdict.policy.get("min_tnr")
    rows = tuple(_judge_row(one, floor if isinstance(floor, int | float) else None) for one in verdict.judges)
    columns = ("Judge", "Labels", "Catches fails (TNR)", "at least", "Passes passes (TPR)", "Kappa", "AC1", "May")
    return Table("Judges in force", columns, rows, align=("left", *["right"] * 6, "left"))


def _judge_row(one: JudgeInForce, floor: float | None) -> tuple[str, ...]:
    shares = [figures.UNKNOWN if rate is None else f"{rate * 100:.1f} %" for rate in (one.tnr, one.tnr_lower, one.tpr)]
    agreements = [figures.UNKNOWN if value is None else f"{value:.3f}" for value in (one.kappa, one.ac1)]
    proven = floor is None or (one.tnr_lower is not None and one.tnr_lower >= floor)
    may = "block" if proven else "only warn"
    labels = f"{one.labels:,} ({one.fails:,} fails)" if one.labels else "none"
    return (one.name, labels, *shares, *agreements, f"{may}: {one.note}" if one.note else may)


def metric_table(prompts: Sequence[PromptVerdict]) -> Table:
    """Every metric of prompts that have more than a pass rate."""
    rows = tuple(
        (
            one.prompt,
            _METRIC_TITLES.get(metric.name, metric.name),
            metric.verdict.value.upper() if metric.gating else "not gating",
            f"{metric.n:,}",
            _share(metric, metric.base),
            _share(metric, metric.head),
            *_difference(metric),
            _p(metric.p_value),
            _p(metric.adjusted_p) if metric.adjusted_p is not None else "",
        )
        for one in prompts
        if len(one.metrics) > 1
        for metric in one.metrics
    )
    columns = ("Prompt", "Metric", "Verdict", "n", "Base", "Head", "Difference", "Interval", "p", "Holm")
    return Table("Metrics", columns, rows, align=("left", "left", "left", *["right"] * 7))


def _share(metric: Metric, value: float | None) -> str:
    if value is None:
        return figures.UNKNOWN
    return figures.percent(value) if metric.name == "pass_rate" else f"{value:.3f}"


def measure_table(prompts: Sequence[PromptVerdict]) -> Table:
    """Cost, latency, refusals and failures of format, where there is anything to say."""
    rows = tuple(
        (
            one.prompt,
            _measure_title(measure.name),
            _amount(measure, measure.base, measure.base_interval),
            _amount(measure, measure.head, measure.head_interval),
            "" if measure.limit is None else _amount(measure, measure.limit, None),
            _measure_note(measure),
        )
        for one in prompts
        for measure in one.measures
        if measure.verdict is not None or measure.limit is not None or _telling(measure, one)
    )
    return Table("Beside the pass rate", ("Prompt", "Measure", "Base", "Head", "Limit", "Note"), rows)


def _telling(measure: Measure, one: PromptVerdict) -> bool:
    """Whether a measure that gates nothing says anything: no failure of format, and no refusal, is no row."""
    if measure.base is None and measure.head is None:
        return False
    if measure.name == "pass_rate_repaired":
        return (measure.base, measure.head) != (_rate(one.base_passed, one.n), _rate(one.head_passed, one.n)) and any(
            other.name == "format_failures" and (other.base or other.head) for other in one.measures
        )
    return measure.unit != "share" or bool(measure.base or measure.head)


def _rate(passed: int, n: int) -> float | None:
    return passed / n if n else None


def _measure_title(name: str) -> str:
    return _MEASURE_TITLES.get(name, name.removeprefix("metrics.").replace("_", " "))


def _measure_note(measure: Measure) -> str:
    parts = [] if measure.verdict is None else [measure.verdict.value.upper()]
    return ": ".join([*parts, *([measure.note] if measure.note else [])])


def _amount(measure: Measure, value: float | None, interval: tuple[float | None, float | None] | None) -> str:
    if value is None:
        return figures.UNKNOWN
    if measure.unit == "usd":
        return f"${value:.6f}"
    if measure.unit == "share":
        return figures.percent(value)
    if measure.unit == "score":
        return f"{value:.3f}"
    low, high = interval or (None, None)
    bounds = "" if interval is None else f" [{_bound(low)}, {_bound(high)}]"
    return f"{value:.2f} s{bounds}"


def _bound(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"


def tag_table(prompts: Sequence[PromptVerdict]) -> Table:
    """The outcomes by tag: reported, not gating."""
    rows = tuple(
        (
            one.prompt,
            tag.tag,
            f"{tag.n:,}",
            f"{tag.regressions:,}",
            f"{tag.improvements:,}",
            figures.UNKNOWN if tag.difference is None else f"{tag.difference * 100:+.2f}",
            figures.UNKNOWN
            if tag.interval is None
            else f"{tag.interval[0] * 100:+.2f} to {tag.interval[1] * 100:+.2f}",
            _p(tag.p_value),
        )
        for one in prompts
        for tag in one.tags
    )
    columns = ("Prompt", "Tag", "n", "Regr.", "Impr.", "Difference", "Interval", "p")
    return Table("By tag (not gating)", columns, rows, align=("left", "left", *["right"] * 6))


def witness_section(one: PromptVerdict, witness: Witness, *, verbose: bool) -> Section:
    """A witness: how it went on each side, what broke and how often, and both answers as one difference."""
    marks = ["must pass"] if witness.must_pass else []
    marks += [witness.kind] if witness.kind != "regression" else []
    marks += ["format alone"] if witness.format_only else []
    if witness.confirmed:
        marks.append({"regression": "confirmed", "improvement": "confirmed"}.get(witness.confirmed, witness.confirmed))
    marked = f" ({', '.join(marks)})" if marks else ""
    return Section(
        title=f"{one.prompt} / {witness.case}{marked}",
        text=_answers(witness),
        style="diff",
        facts=_facts(witness),
        lines=None if verbose else _ANSWER_LINES,
    )


def _facts(witness: Witness) -> tuple[tuple[str, str], ...]:
    broken = [(one.name or one.type, f"{one.reason}{_often(one.failed, one.samples)}") for one in witness.broken]
    return (("- base", _went(witness.base)), ("+ head", _went(witness.head)), *broken)


def _often(failed: int, samples: int) -> str:
    return f" ({failed} of {samples} samples)" if samples > 1 else ""


def _went(side: Shown) -> str:
    many = f", {side.passed} of {side.samples} samples passed" if side.samples > 1 else ""
    score = "" if side.score is None else f", score {side.score:.3f}"
    return f"{side.outcome.value.upper()}{many}{score}{f', {side.error}' if side.error else ''}"


def answer_lines(side: Shown) -> list[str]:
    """An answer's lines: what was said, then the tools called."""
    calls = [f"tool call: {call.name}({call.arguments})" for call in side.tool_calls]
    said = side.output.splitlines() if side.output else []
    return [*said, *calls] or ["(no answer)" if side.error else "(the answer is empty)"]


def _answers(witness: Witness) -> str:
    """Both answers, line by line: `-` only the base's, `+` only the head's."""
    before, after = answer_lines(witness.base), answer_lines(witness.head)
    lines: list[str] = []
    for tag, low, high, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [f"  {text}" for text in before[low:high]]
        else:
            lines += [f"- {text}" for text in before[low:high]] + [f"+ {text}" for text in after[start:end]]
    return "\n".join(lines)


def witness_text(witness: Witness) -> str:
    """A witness as plain text, for formats that have no sections."""
    facts = "\n".join(f"{label}: {value}" for label, value in _facts(witness))
    base, head = ("\n".join(answer_lines(side)) for side in (witness.base, witness.head))
    return f"{witness.case}\n{facts}\nbase answered:\n{base}\nhead answered:\n{head}"
