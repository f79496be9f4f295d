"""A system that answers in a model's place."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

PROVIDER = "target"
"""What stands for the provider in the name of a target: limits under `providers: {target: ...}` are for all of them."""


@dataclass(frozen=True, slots=True)
class Target:
    """What `target:` of a prompt file names.

    kind: "python" (`file.py:function`), "command" (argv) or "http" (a URL). timeout_s: of one answer, None for the
    run's. watch: root-relative files or globs whose content also decides the answer, beside the target's own code.
    env: names of the operator's variables it may see. headers: sent to a URL; headers_env: headers whose values are
    the operator's variables of these names. most_usd: what one answer may cost, for the budget; None where unknown.
    """

    kind: str
    address: str | tuple[str, ...]
    timeout_s: float | None = None
    watch: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    headers_env: Mapping[str, str] = field(default_factory=dict)
    most_usd: float | None = None

    @property
    def runs_code(self) -> bool:
        """Whether asking it runs code of the repository."""
        return self.kind != "http"

    @property
    def model(self) -> str:
        """What stands where a model's name would: `target/python:app/bot.py:answer`."""
        address = self.address if isinstance(self.address, str) else shlex.join(self.address)
        return f"{PROVIDER}/{self.kind}:{address}"

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of all variables of the operator's that it wants, each once."""
        return tuple(dict.fromkeys((*self.env, *self.headers_env.values())))
