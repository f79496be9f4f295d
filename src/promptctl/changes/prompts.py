"""A prompt before and after, compared part by part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from promptctl.changes.messages import PartChange, include_changes, part_changes, parts_of
from promptctl.changes.values import ValueChange, same, value_changes
from promptctl.changes.words import Piece
from promptctl.model.prompt import Input, Json, Prompt
from promptctl.text.wire import prompt_digest, target_identity

ABOUT = ("description", "owner", "eval_score", "created_at", "author", "tags", "metadata")
"""Keys of a prompt's file that never reach the wire and bind nobody."""


@dataclass(frozen=True, slots=True)
class PromptChange:
    """What changed between two versions of one prompt; each of them is None where the prompt is not there.

    kept: whether the version before is still in the project, in a file of its own. replaced: the name the same file
    gave its prompt before, where that was another. Paths in the changes start at the key of the prompt's file.
    """

    before: Prompt | None
    after: Prompt | None
    kept: bool = False
    replaced: str | None = None
    settings: tuple[ValueChange, ...] = ()
    inputs: tuple[ValueChange, ...] = ()
    output: tuple[ValueChange, ...] = ()
    tools: tuple[ValueChange, ...] = ()
    limits: tuple[ValueChange, ...] = ()
    about: tuple[ValueChange, ...] = ()
    messages: tuple[PartChange, ...] = ()
    includes: Mapping[str, tuple[Piece, ...]] = field(default_factory=dict)

    @property
    def prompt(self) -> Prompt:
        """The prompt that is there, the later one where both are."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change of nothing into nothing")
        return found

    @property
    def name(self) -> str:
        """The prompt's name."""
        return self.prompt.name

    @property
    def wire(self) -> bool:
        """Whether anything that can reach the model changed."""
        return self.before is None or self.after is None or not same_wire(self.before, self.after)

    @property
    def cosmetic(self) -> bool:
        """Whether nothing changed that a model, a caller or a test could notice."""
        return not (self.wire or self.inputs or self.limits or self.replaced)


def compare_prompts(
    before: Prompt | None, after: Prompt | None, *, kept: bool = False, replaced: str | None = None
) -> PromptChange:
    """What changed from `before` to `after`. Of a prompt that is new or gone nothing is compared."""
    if before is None or after is None:
        return PromptChange(before, after, kept, replaced)
    return PromptChange(
        before=before,
        after=after,
        kept=kept,
        replaced=replaced,
        settings=value_changes(_settings(before), _settings(after)),
        inputs=value_changes(_inputs(before.inputs), _inputs(after.inputs)),
        output=value_changes(_output(before), _output(after)),
        tools=value_changes(_tools(before), _tools(after)),
        limits=value_changes(_limits(before), _limits(after)),
        about=value_changes(_about(before), _about(after)),
        messages=part_changes(parts_of(before), parts_of(after)),
        includes=include_changes(before.includes, after.includes),
    )


def same_wire(before: Prompt, after: Prompt) -> bool:
    """Whether both put the same on the wire, line ends of included files aside: git may write those anew at a checkout."""
    if before.digest == after.digest:
        return True
    if not any("\r\n" in text for prompt in (before, after) for text in prompt.includes.values()):
        return False
    return _unterminated(before) == _unterminated(after)


def _unterminated(prompt: Prompt) -> str:
    shown = {path: text.replace("\r\n", "\n") for path, text in prompt.includes.items()}
    return prompt_digest(replace(prompt, includes=shown))


def _settings(prompt: Prompt) -> Json:
    answers = {"model": prompt.model} if prompt.target is None else {"target": target_identity(prompt.target)}
    return {
        **answers,
        "fallbacks": list(prompt.fallbacks),
        "parameters": dict(prompt.parameters),
        "retrieval": dict(prompt.retrieval),
    }


def _inputs(inputs: tuple[Input, ...]) -> Json:
    shown: dict[str, Json] = {}
    for one in inputs:
        shown[one.name] = dict(one.schema) if one.required else {**one.schema, "default": one.default}
    return {"inputs": shown} if shown else {}


def _output(prompt: Prompt) -> Json:
    found: dict[str, Json] = {"format": prompt.output_format or "text"}
    if prompt.output_schema is not None:
        found["schema"] = dict(prompt.output_schema)
    return {"output": found}


def _tools(prompt: Prompt) -> Json:
    return {"tools": {str(tool["function"]["name"]): dict(tool) for tool in prompt.tools}} if prompt.tools else {}


def _limits(prompt: Prompt) -> Json:
    found = {
        "prompt_tokens": prompt.limits.prompt_tokens,
        "cost_usd_per_call": prompt.limits.cost_usd_per_call,
        "latency_s_p95": prompt.limits.latency_s_p95,
    }
    limits: dict[str, Json] = {"limits": {name: value for name, value in found.items() if value is not None}}
    if prompt.target is not None and prompt.target.timeout_s is not None:
        limits["target"] = {"timeout_s": prompt.target.timeout_s}
    return limits


def _about(prompt: Prompt) -> Json:
    return {key: prompt.document[key] for key in ABOUT if key in prompt.document}


def same_prompt(before: Prompt, after: Prompt) -> bool:
    """Whether nothing a prompt's file says differs, but for comments, quoting and the order of keys."""
    return (
        before.version == after.version
        and before.name == after.name
        and same(dict(before.document), dict(after.document))
        and same_wire(before, after)
    )
