"""The self-test agrees, can disagree, and importing what a plain evaluation needs opens no heavy library."""

from __future__ import annotations

import subprocess
import sys

import pytest

from promptctl.stats.selftest import judged, selftest


def test_every_worked_figure_agrees():
    figures = selftest()
    assert len(figures) >= 20
    assert [figure for figure in figures if not figure.agrees] == []
    assert len({figure.name for figure in figures}) == len(figures)
    assert all(any(character.isdigit() for character in figure.name) for figure in figures)


def test_a_wrong_or_missing_figure_is_noticed():
    assert not judged("off by a digit", 0.2553, 5e-5, 0.2563).agrees
    assert not judged("missing", 0.2553, 5e-5, None).agrees
    assert judged("right", 0.2553, 5e-5, 0.25529).agrees


PLAIN = ["proportions", "margin", "paired", "binomial", "power", "characteristics", "sequential", "early", "confirm"]
PLAIN += ["multiple", "quantiles", "clusters", "bootstrap", "two_phase", "krippendorff"]


@pytest.mark.parametrize("heavy", ["scipy", "numpy"])
def test_the_pass_and_fail_gate_opens_no_heavy_library(heavy):
    imports = "; ".join(f"import promptctl.stats.{name}" for name in PLAIN)
    code = f"{imports}; import sys; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_part_opens_scipy_stats():
    code = "import promptctl.stats.selftest, sys; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
