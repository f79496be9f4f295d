"""A file as rules see it: text, the YAML value where there is one, positions, and what kept it from being read."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.source import Blob, NodePath, Span
from promptctl.text.yaml import Document, load

_YAML = (".yaml", ".yml")
Where = Callable[[NodePath], Span | None]


class File:
    """A file of the project. kind: "prompt" | "judge" | "golden" | "config".

    text: decoded, line ends as they are; empty where it could not be decoded. problems: why the file could not be read
    as what it is (a prompt, a golden set), empty where it could. The YAML is parsed when it is first asked for; value and
    positions are those of who has parsed it already.
    """

    def __init__(
        self,
        *,
        kind: str,
        blob: Blob,
        text: str,
        problems: tuple[Problem, ...] = (),
        value: Json = None,
        positions: Where | None = None,
    ) -> None:
        self.kind = kind
        self.path = blob.path
        self.text = text
        self.problems = problems
        self._blob = blob
        self._value = value
        self._positions = positions

    @property
    def value(self) -> Json:
        """The YAML document as plain values; None for JSONL, CSV, an empty file and what is not YAML."""
        if self._value is not None:
            return self._value
        return self.document.value if self.document is not None else None

    @cached_property
    def document(self) -> Document | None:
        """The parsed YAML; None for JSONL, CSV and what is not YAML."""
        if not self.path.endswith(_YAML):
            return None
        parsed = getattr(self._positions, "__self__", None)
        if isinstance(parsed, Document):
            return parsed
        try:
            return load(self._blob)
        except InputError:
            return None

    @cached_property
    def lines(self) -> list[str]:
        """The text by lines, without their ends."""
        return self.text.split("\n")

    def where(self, at: NodePath) -> Span | None:
        """The span of the value at `at`."""
        if self._positions is not None:
            return self._positions(at)
        return self.document.where(at) if self.document is not None else None

    def where_key(self, at: NodePath) -> Span | None:
        """The span of the key that the last part of `at` names."""
        return self.document.where_key(at) if self.document is not None else None
