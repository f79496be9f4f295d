"""What project rules see: of every file the few facts that matter to others, small enough to be kept for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from promptctl.model.config import Config
from promptctl.model.golden import GoldenSet
from promptctl.model.prompt import Json, Prompt
from promptctl.model.source import NodePath, Span

PROMPT_PLACES = ("name", "version", "model", "golden", "description", "owner")


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one file: what it is and what others need of it.

    kind: "prompt" | "judge" | "golden". readable: whether it could be read; where not, the rest is empty.
    name, version, model, golden: a prompt's. prompt: the prompt a golden set names. digest: of the prompt or golden set.
    cases: how many a golden set has. places: spans of top-level values; () is the whole file.
    """

    kind: str
    path: str
    readable: bool = False
    name: str | None = None
    version: str | None = None
    model: str | None = None
    golden: str | None = None
    prompt: str | None = None
    digest: str = ""
    cases: int = 0
    places: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole project in facts.

    golden_of: for the path of each readable prompt the paths of its golden sets: none, one, or, wrongly, several.
    tests: for the path of a golden set that of the prompt it tests, in its current version.
    """

    config: Config
    prompts: Sequence[Facts]
    judges: Sequence[Facts]
    golden: Sequence[Facts]
    golden_of: Mapping[str, Sequence[str]]
    tests: Mapping[str, str]


def facts_of_prompt(prompt: Prompt, kind: str) -> Facts:
    """The facts of a prompt or judge."""
    where = prompt.source.where
    found = {key: span for key in PROMPT_PLACES if key in prompt.document and (span := where((key,))) is not None}
    return Facts(
        kind=kind,
        path=prompt.source.path,
        readable=True,
        name=prompt.name,
        version=prompt.version,
        model=prompt.model,
        golden=prompt.golden,
        digest=prompt.digest,
        places=found,
    )


def facts_of_golden(golden: GoldenSet) -> Facts:
    """The facts of a golden set."""
    at: NodePath = ("prompt",)
    span = golden.source.where(at) if golden.prompt else None
    return Facts(
        kind="golden",
        path=golden.source.path,
        readable=True,
        prompt=golden.prompt,
        digest=golden.digest,
        cases=len(golden.cases),
        places={"prompt": span} if span else {},
    )


def encode(facts: Facts) -> Json:
    """Facts as a JSON value, for the cache."""
    places = {key: (span.line, span.column, span.end_line, span.end_column) for key, span in facts.places.items()}
    row = [facts.kind, facts.path, facts.readable, facts.name, facts.version, facts.model]
    return [*row, facts.golden, facts.prompt, facts.digest, facts.cases, places]


def decode(value: Json) -> Facts:
    """The facts that `encode` wrote."""
    kind, path, readable, name, version, model, golden, prompt, digest, cases, places = value
    spans = {key: Span(*span) for key, span in places.items()}
    return Facts(kind, path, readable, name, version, model, golden, prompt, digest, cases, spans)
