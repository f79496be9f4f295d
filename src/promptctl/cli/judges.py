"""`promptctl judge add` and `promptctl judge list`: the judges promptctl ships, and those of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from promptctl.cli import boundary, options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from promptctl.model.finding import Report
    from promptctl.model.project import Project


def add(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Which: 'promptctl judge list' shows them.")],
    model: Annotated[
        str,
        typer.Option("--model", metavar="M", help="The snapshot that judges; there is no default.", show_default=False),
    ],
    directory: options.Directory = None,
) -> int:
    """Write judges that promptctl ships into the project's judges folder.

    They are files of yours from then on: read them, change them, commit them. What exists is never overwritten.
    """
    from promptctl.adapters.scaffold import lay
    from promptctl.cli.workspace import open_workspace
    from promptctl.model.errors import InputError, Problem
    from promptctl.model.suggest import closest

    known = shipped()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            *(
                Problem(
                    f"promptctl ships no judge {name!r}",
                    hint=f"did you mean {near!r}?"
                    if (near := closest(name, known))
                    else f"there are {', '.join(known)}",
                )
                for name in unknown
            )
        )
    workspace = open_workspace(directory)
    _check_model(model, workspace.project.config.prices)
    folder = _folder(workspace.project)
    files = {f"{folder}/{name}.yaml": _filled(known[name], model) for name in dict.fromkeys(names)}
    for laid in lay(workspace.root, files):
        boundary.say(f"{laid.path} exists and was not changed" if laid.done == "kept" else f"{laid.done} {laid.path}")
    return boundary.ExitCode.OK


def list_judges(
    output_format: options.Format = "text",
    directory: options.Directory = None,
) -> int:
    """Show the project's judges, and those promptctl ships."""
    from promptctl.cli.output import Output
    from promptctl.cli.workspace import open_workspace

    output = Output.of(output_format, None, quiet=False, verbose=False, base=directory)
    output.write(_report(open_workspace(directory).project))
    return boundary.ExitCode.OK


def shipped() -> dict[str, str]:
    """The text of every judge that is shipped, by name; `@MODEL@` stands for its model."""
    from importlib.resources import files

    folder = files("promptctl.cli").joinpath("scaffold", "judges")
    found = {one.name.removesuffix(".yaml"): one for one in folder.iterdir() if one.name.endswith(".yaml")}
    return {name: found[name].read_text(encoding="utf-8") for name in sorted(found)}


def _folder(project: Project) -> str:
    from promptctl.model.errors import InputError, Problem

    plain = [entry.strip("/") for entry in project.config.judges if not set(entry) & set("*?[") and "." not in entry]
    if not plain:
        hint = "judges: [judges]"
        raise InputError(Problem("`judges` names no folder to write to", path=project.config.path, hint=hint))
    return plain[0]


def _check_model(model: str, prices: Mapping[str, object]) -> None:
    """Raises InputError for a model that lint would say names no provider, before a file is written."""
    from promptctl.adapters.prices import model_info
    from promptctl.model.errors import InputError, Problem
    from promptctl.rules.knowledge.model_ids import parse

    hint = "write provider/snapshot, as in openai/gpt-4o-2024-08-06"
    if not model.strip():
        raise InputError(Problem("--model is empty", hint=hint))
    if model not in prices and model_info(model) is None and not parse(model, model_info).provider:
        raise InputError(Problem(f"{model!r} names no provider", hint=hint))


def _filled(text: str, model: str) -> bytes:
    """The file for this model, without a temperature where the model is known to refuse one."""
    from json import dumps

    from promptctl.adapters.prices import model_info
    from promptctl.rules.knowledge.abilities import refused_parameters

    refused = {name for name, _ in refused_parameters(model, model_info(model) or {}, {"temperature": 0})}
    if "temperature" in refused:
        text = text.replace("temperature: 0, ", "")
    return text.replace('"@MODEL@"', model if _is_plain(model) else dumps(model)).encode()


def _is_plain(model: str) -> bool:
    """Whether YAML reads the name as it stands."""
    return bool(model) and all(one.isalnum() or one in "/._-" for one in model) and not model.replace(".", "").isdigit()


def _report(project: Project) -> Report:
    from promptctl.assertions.reading.judging import identity_of, scale_of
    from promptctl.model.finding import Report, Table
    from promptctl.model.source import Blob
    from promptctl.reports.figures import count
    from promptctl.text.prompt import parse_prompt

    own: list[Mapping[str, str]] = [
        {
            "name": one.name,
            "scale": str(scale_of(one)),
            "model": one.model,
            "description": one.description or "",
            "digest": identity_of(one, None),
        }
        for one in sorted(project.judges.values(), key=lambda one: one.name)
    ]
    coming: list[Mapping[str, str]] = []
    for name, text in shipped().items():
        one = parse_prompt(Blob(f"{name}.yaml", text.encode()), lambda path: Blob(path, b""), judge=True)
        coming.append({"name": name, "scale": str(one.scale), "description": one.description or ""})
    columns = ("name", "scale", "model", "description")
    tables = (
        Table("The project's judges", ("Judge", "Scale", "Model", "What it judges"), _rows(own, columns)),
        Table(
            "Shipped judges",
            ("Judge", "Scale", "What it judges"),
            _rows([one for one in coming if one["name"] not in project.judges], ("name", "scale", "description")),
        ),
    )
    return Report(
        kind="judges",
        title="promptctl judge list",
        outcome="pass",
        conclusion=f"{count(len(own), 'judge')} in the project; 'promptctl judge add NAME --model M' writes a shipped one",
        data={"version": 1, "kind": "judges", "judges": own, "shipped": coming},
        tables=tuple(table for table in tables if table.rows),
    )


def _rows(judges: list[Mapping[str, str]], columns: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(one[column] for column in columns) for one in judges)
