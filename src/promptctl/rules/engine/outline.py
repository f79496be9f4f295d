"""What project rules see: of every file the few facts that matter to others, small enough to be kept for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promptctl.model.config import Config
from promptctl.model.golden import GoldenSet
from promptctl.model.prompt import Json, Prompt
from promptctl.text.canonical import digest
from promptctl.text.paths import identity_of


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one file: what it is and what others need of it.

    kind: "prompt" | "judge" | "golden". readable: whether it could be read; where not, the rest is empty.
    name, version, model, golden: a prompt's. prompt: the prompt a golden set names. digest: of the prompt or golden set.
    contract: the digest of a prompt's inputs, which callers see and the wire does not.
    cases: how many a golden set has. stem: what golden sets and prompts are matched by, from the path.
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
    stem: str = ""
    contract: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole project in facts.

    golden_of: for the path of each readable prompt the paths of its golden sets: none, one, or, wrongly, several.
    tests: for the path of a golden set that of the prompt it tests, in its current version.
    labels: the paths of the files of people's labels, whether or not they have a judge.
    """

    config: Config
    prompts: Sequence[Facts]
    judges: Sequence[Facts]
    golden: Sequence[Facts]
    golden_of: Mapping[str, Sequence[str]]
    tests: Mapping[str, str]
    labels: Sequence[str] = ()


def facts_of_prompt(prompt: Prompt, kind: str) -> Facts:
    """The facts of a prompt or judge."""
    return Facts(
        kind=kind,
        path=prompt.source.path,
        readable=True,
        name=prompt.name,
        version=prompt.version,
        model=prompt.model,
        golden=prompt.golden,
        digest=prompt.digest,
        stem=identity_of(prompt.source.path)[0],
        contract=digest([[one.name, dict(one.schema), one.required] for one in prompt.inputs]),
    )


def facts_of_golden(golden: GoldenSet) -> Facts:
    """The facts of a golden set."""
    return Facts(
        kind="golden",
        path=golden.source.path,
        readable=True,
        prompt=golden.prompt,
        digest=golden.digest,
        cases=len(golden.cases),
    )


def encode(facts: Facts) -> Json:
    """Facts as a JSON value, for the cache."""
    row = [facts.kind, facts.path, facts.readable, facts.name, facts.version, facts.model]
    return [*row, facts.golden, facts.prompt, facts.digest, facts.cases, facts.stem, facts.contract]


def decode(value: Json) -> Facts:
    """The facts that `encode` wrote."""
    return Facts(*value)
