"""`promptctl lint`, `explain` and `rules`: what is wrong with prompts and golden sets before a model is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from promptctl.cli import boundary, options

if TYPE_CHECKING:
    from promptctl.rules.engine.rule import Rule


def lint(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...", help="Files or folders to report on; everything if none.", show_default=False
        ),
    ] = None,
    staged: Annotated[bool, typer.Option("--staged", help="Lint what is staged, as git would commit it.")] = False,
    rev: Annotated[
        str | None, typer.Option("--rev", metavar="SPEC", help="Lint the files of this revision.", show_default=False)
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against", metavar="SPEC", help="Compare with this revision; --staged: HEAD.", show_default=False
        ),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Correct in place what has one right answer.")] = False,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select", metavar="CODES", help="Only these rules (PL1, PL203). Repeatable.", show_default=False
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="CODES", help="Not these rules. Repeatable.", show_default=False),
    ] = None,
    fail_on: Annotated[
        str, typer.Option("--fail-on", metavar="SEVERITY", help="Exit 1 from this severity on: error, warning or info.")
    ] = "error",
    statistics: Annotated[bool, typer.Option("--statistics", help="Also count the findings of each rule.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor write what was found before.")] = False,
    output_format: options.Format = "text",
    reports: options.Reports = None,
    allow_empty: options.AllowEmpty = False,
    exit_code: options.BisectExit = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    directory: options.Directory = None,
) -> int:
    """Check prompts, golden sets, judges and configuration by rules, without a model and without a network.

    Exits 1 when a finding is at or above --fail-on, 0 otherwise; 4 when there is nothing to lint.
    """
    from promptctl.cli.linting import Wanted, run_lint
    from promptctl.cli.output import Output

    output = Output.of(output_format, reports, quiet=quiet, verbose=verbose)
    wanted = Wanted(
        paths=tuple(paths or ()),
        staged=staged,
        rev=rev,
        against=against,
        fix=fix,
        select=tuple(select or ()),
        ignore=tuple(ignore or ()),
        fail_on=fail_on,
        statistics=statistics,
        cache=not no_cache,
        directory=directory,
    )
    return boundary.settled(lambda: run_lint(wanted, output), allow_empty=allow_empty, exit_code=exit_code)


def explain(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A rule's code or name.", show_default=False)],
) -> int:
    """Print a rule's page: why it is there, what it finds, and what is right."""
    from promptctl.cli.report_codes import page, report_codes
    from promptctl.model.errors import InputError, Problem
    from promptctl.rules.engine.pages import markdown
    from promptctl.rules.engine.settings import nearest_code

    known = _every_rule()
    by_key = {rule.code: rule for rule in known} | {rule.name: rule for rule in known}
    found = by_key.get(code.upper()) or by_key.get(code.lower())
    given = report_codes()
    other = next((one.code for one in given.values() if code.upper() == one.code or code.lower() == one.name), None)
    if found is None and other is not None:
        boundary.say(page(other))
        return boundary.ExitCode.OK
    if found is None:
        names = {rule.code: rule.name for rule in known} | {one.code: one.name for one in given.values()}
        near = nearest_code(code, names)
        raise InputError(
            Problem(
                f"there is no rule {code!r}", hint=f"did you mean {near}?" if near else "'promptctl rules' lists all"
            )
        )
    boundary.say(markdown(found))
    return boundary.ExitCode.OK


def _every_rule() -> tuple[Rule, ...]:
    """The rules of lint, then those of diff."""
    from promptctl.rules.diff.engine.shelf import diff_rules
    from promptctl.rules.engine.shelf import rules as lint_rules

    return (*lint_rules(), *(one.rule for one in diff_rules()))


def rules(
    output_format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
) -> int:
    """List every rule: code, name, severity, what it says."""
    import json

    from promptctl.model.errors import InputError, Problem
    from promptctl.rules.engine.pages import info_of

    if output_format not in ("text", "json"):
        raise InputError(Problem(f"rules have no format {output_format!r}", hint="text or json"))
    known = [(rule, info_of(rule)) for rule in _every_rule()]
    if output_format == "json":
        rows = [
            {"code": rule.code, "name": rule.name, "severity": rule.severity.value, "summary": info.summary}
            for rule, info in known
        ]
        boundary.say(json.dumps({"version": 1, "kind": "rules", "rules": rows}, indent=2, ensure_ascii=False))
        return boundary.ExitCode.OK
    width = max(len(rule.name) for rule, _ in known)
    boundary.say(
        "\n".join(
            f"{rule.code}  {rule.name:<{width}}  {rule.severity.value:<7}  {info.summary}" for rule, info in known
        )
    )
    return boundary.ExitCode.OK
