"""A system that answers in a model's place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from promptctl.model.prompt import Json


@dataclass(frozen=True, slots=True)
class Target:
    """What `target:` of a prompt file names.

    kind: "python" (`file.py:function`), "command" (argv) or "http" (a URL). timeout_s: of one answer, None for the
    run's. watch: root-relative files or globs whose content also decides the answer, beside the target's own file.
    env: names of the operator's variables it may see. options: what only this kind knows, as written.
    """

    kind: str
    address: str | tuple[str, ...]
    timeout_s: float | None = None
    watch: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    options: Mapping[str, Json] = field(default_factory=dict)
