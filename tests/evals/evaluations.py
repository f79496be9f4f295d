"""Plans made from texts, and worlds whose every answer is written by hand."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from tests.text.reading import MemoryTree

from promptctl.evals.plan import Plan, PlannedCase, plan
from promptctl.evals.run import World
from promptctl.model.answer import Bench
from promptctl.model.config import EvalConfig
from promptctl.model.errors import AssertionBroken
from promptctl.model.run import Completion, Execution, Request, SampleResult
from promptctl.text.project import load_project, select

MODEL = "openai/gpt-4o-2024-08-06"


def files(cases: Sequence[Mapping[str, Any]], *, name: str = "bot", **prompt: Any) -> dict[str, str]:
    """The two files of a prompt and its golden set."""
    written = {"name": name, "version": "1.0.0", "model": MODEL, "system_prompt": "Be nice.", **prompt}
    return {f"prompts/{name}.yaml": json.dumps(written), f"golden/{name}.yaml": json.dumps({"cases": list(cases)})}


def case(name: str, *assertions: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": name, "input": name, "assertions": list(assertions), **more}


def selected(*texts: Mapping[str, str]) -> Any:
    """Every prompt of the files with its golden set."""
    return select(load_project(tree(*texts)), ())


def tree(*texts: Mapping[str, str]) -> MemoryTree:
    return MemoryTree({path: text for one in texts for path, text in one.items()})


def planned(*texts: Mapping[str, str], **options: Any) -> Plan:
    """The plan of every prompt of the files."""
    read_from = tree(*texts)
    project = load_project(read_from)
    bench = Bench(read=lambda path: read_from.read(path).data, judges=project.judges)
    return plan(select(project, ()), config=options.pop("config", EvalConfig()), bench=bench, **options)


async def _nothing_to_execute(_execution: Execution) -> Any:
    raise AssertionBroken("nothing may be executed here")


async def _nothing_to_complete(_request: Request, _sample: int) -> Completion:
    raise AssertionError("nobody may be asked here")


def world(
    answer: Callable[[PlannedCase, int], Awaitable[Completion]], results: list[SampleResult], **parts: Any
) -> World:
    """A world that answers so and collects what comes out."""
    made: dict[str, Any] = {
        "complete": _nothing_to_complete,
        "execute": _nothing_to_execute,
        "on_result": results.append,
        "width": 4,
        "inspect": lambda _request, _completion: None,
        "count_tokens": lambda text, _model: len(text.split()),
        **parts,
    }
    return World(answer=answer, **made)


def said(text: str, **more: Any) -> Completion:
    return Completion(output=text, **more)
