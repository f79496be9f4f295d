"""A golden set: the cases a prompt is measured on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from promptctl.model.prompt import Json, Message
from promptctl.model.source import Source, Span


@dataclass(frozen=True, slots=True)
class AssertionSpec:
    """An assertion as written, in its one normal form.

    type: the name without `not-`. value: the plain value, or a mapping of options as written; the
    assertion engine binds it. threshold, weight, name, required: the options every assertion shares.
    children: the members of `any`, `all` and `weighted` groups. span: where it stands, or None.
    digest: sha256 of the canonical form.
    """

    type: str
    value: Json = None
    has_value: bool = False
    negated: bool = False
    options: Mapping[str, Json] = field(default_factory=dict)
    threshold: float | None = None
    weight: float = 1.0
    name: str | None = None
    required: bool = False
    children: tuple[AssertionSpec, ...] = ()
    digest: str = ""
    span: Span | None = field(default=None, compare=False)

    @property
    def spelling(self) -> str:
        """The name as the user wrote it."""
        return f"not-{self.type}" if self.negated else self.type


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `input` maps variable to value; a plain string in the file is kept under `None`'s place
    in `plain_input` until the prompt's only required input is known.

    pass_if: "all" | "majority" | "any" or a number of samples. samples: None means the config's.
    digest: sha256 of the canonical case (not of its position or comments).
    """

    id: str
    input: Mapping[str, Json]
    assertions: tuple[AssertionSpec, ...]
    digest: str
    plain_input: str | None = None
    history: tuple[Message, ...] = ()
    expected_output: Json = None
    tags: tuple[str, ...] = ()
    cluster: str | None = None
    context: tuple[Json, ...] = ()
    samples: int | None = None
    pass_if: str | int = "all"
    threshold: float | None = None
    metadata: Mapping[str, Json] = field(default_factory=dict)
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class GoldenSet:
    """A golden set file. `prompt` is the name it gives, or None. digest covers cases and defaults."""

    prompt: str | None
    cases: tuple[Case, ...]
    source: Source
    digest: str
