"""What `show` says of a prompt with a target: the JSON it is handed, the files its answers hang on, what it may see."""

from __future__ import annotations

import json

from promptctl.model.prompt import Json
from promptctl.model.run import Request
from promptctl.model.target import Target
from promptctl.reports.figures import listed, usd
from promptctl.text.target import handed

MOST_FILES = 8


def payload_text(request: Request) -> str:
    """The object that the target is handed for the first sample, indented."""
    return json.dumps(handed(request, 0), indent=2, ensure_ascii=False)


def target_facts(target: Target, request: Request, files: tuple[str, ...]) -> list[tuple[str, str]]:
    """Label and text of what is to be known of a target. files: those whose content decides its answers."""
    code = listed(list(files), most=MOST_FILES) if files else "no file of the repository"
    facts = [("target", request.model.partition("/")[2]), ("code", f"{code} ({request.endpoint})")]
    if target.variables:
        facts.append(("variables", f"{', '.join(target.variables)}, where the operator allows them"))
    if target.timeout_s is not None:
        facts.append(("time", f"at most {target.timeout_s:g} s for an answer"))
    most = "nothing says what an answer may cost (limits.cost_usd_per_call)"
    known = most if target.most_usd is None else f"at most {usd(target.most_usd)} for an answer"
    return [*facts, ("price", f"what it reports with its answers; {known}")]


def target_document(target: Target, request: Request, files: tuple[str, ...]) -> dict[str, Json]:
    """The keys of `show --format json` that only a prompt with a target has."""
    address = target.address if isinstance(target.address, str) else list(target.address)
    told: dict[str, Json] = {
        "kind": target.kind,
        "address": address,
        "endpoint": request.endpoint,
        "files": list(files),
    }
    wants = {"watch": list(target.watch), "variables": list(target.variables), "timeout_s": target.timeout_s}
    return {"target": {**told, **wants, "most_usd": target.most_usd}, "payload": handed(request, 0)}
