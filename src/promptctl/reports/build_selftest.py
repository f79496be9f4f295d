"""The worked statistics, recomputed, as a report."""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.model.finding import Report, Table, TestCase

Row = tuple[str, float, float | None, bool]


def of_figures(figures: Sequence[Row], *, verbose: bool) -> Report:
    """The report of worked figures as (name with its source, published, recomputed or None, whether they agree).

    Those that disagree are always shown, all of them with verbose. No figure at all is no agreement.
    """
    wrong = [one for one in figures if not one[3]]
    shown = figures if verbose else wrong
    agree = f"{len(figures) - len(wrong)} of {len(figures)} worked figures agree with their source"
    rows = tuple(
        (
            name,
            f"{expected:.6g}",
            "nothing" if computed is None else f"{computed:.6g}",
            "agrees" if agrees else "DIFFERS",
        )
        for name, expected, computed, agrees in shown
    )
    table = Table("Worked figures", ("Figure", "Published", "Here", ""), rows, align=("left", "right", "right", "left"))
    return Report(
        kind="selftest",
        title="promptctl selftest",
        outcome="none" if not figures else "fail" if wrong else "pass",
        conclusion=f"{'FAIL' if wrong or not figures else 'PASS'}: {agree}",
        data={
            "version": 1,
            "kind": "selftest",
            "agree": len(figures) - len(wrong),
            "total": len(figures),
            "figures": [
                {"name": name, "expected": expected, "computed": computed, "agrees": agrees}
                for name, expected, computed, agrees in figures
            ],
        },
        tables=(table,) if rows else (),
        tests=tuple(
            TestCase(
                suite="selftest",
                name=name,
                outcome="pass" if agrees else "fail",
                message="" if agrees else f"published {expected}, here {computed}",
            )
            for name, expected, computed, agrees in figures
        ),
    )
