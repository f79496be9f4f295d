"""`promptctl selftest`: the worked figures of papers and textbooks, recomputed on this machine."""

from __future__ import annotations

from promptctl.cli import boundary, options


def selftest(
    output_format: options.Format = "text",
    reports: options.Reports = None,
    verbose: options.Verbose = False,
) -> int:
    """Recompute published figures with the statistics of the gate, offline, and print how many agree.

    Exits 1 where one does not: then nothing the gate says on this machine can be trusted.
    """
    from promptctl.cli.output import Output
    from promptctl.reports.build_selftest import of_figures
    from promptctl.stats.selftest import selftest as recompute

    output = Output.of(output_format, reports, quiet=False, verbose=verbose)
    figures = recompute()
    output.write(of_figures([(one.name, one.expected, one.computed, one.agrees) for one in figures], verbose=verbose))
    return boundary.ExitCode.OK if figures and all(one.agrees for one in figures) else boundary.ExitCode.NO
