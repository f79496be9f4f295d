"""What is made of an answer the moment it arrives: whether it may be kept, and whether the right model gave it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from promptctl.adapters.caller import Answers
from promptctl.adapters.live import Keep
from promptctl.adapters.llm_models import served_model_verdict
from promptctl.evals.run import Inspect
from promptctl.model.config import EvalConfig
from promptctl.model.run import Completion, Request, Source

Note = Callable[[str], None]


def keeping(answers: Answers, secrets: Mapping[str, str], note: Note) -> Keep:
    """Keeps every answer but one that repeats a secret of the operator's: that is written nowhere, and asked again."""

    def keep(request: Request, sample: int, completion: Completion) -> None:
        said = [completion.output, *(call.arguments for call in completion.tool_calls)]
        said += [
            one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in completion.context or ()
        ]
        for name, value in secrets.items():
            if any(value in text for text in said):
                note(f"an answer of {request.model} repeats the value of {name}: it is not kept")
                return
        answers.keep(request, sample, completion)

    return keep


def inspecting(settings: EvalConfig, note: Note) -> Inspect:
    """What is wrong with who answered: a fallback that does not count, or another snapshot than the pinned one."""

    def inspect(request: Request, completion: Completion) -> str | None:
        asked, served = request.model, completion.model or "an unnamed model"
        if completion.fallback:
            if settings.allow_fallback:
                return None
            return f"{asked} gave no answer; its fallback {served} did, which counts only with eval.allow_fallback"
        if completion.source is Source.GIVEN or request.target is not None:
            return None
        verdict = served_model_verdict(asked, completion.model)
        if verdict == "other_snapshot":
            return f"{asked} was asked and {served} answered: another snapshot than the pinned one"
        if verdict == "unrecognised" and completion.model:
            note(f"{asked} was asked and {served} answered: it cannot be told whether that is the same model")
        return None

    return inspect
