"""What `gate --calibrate` left in the state directory, as lint reads it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from promptctl.adapters.state import state_of
from promptctl.model.prompt import Json
from promptctl.rules.engine.context import Discordance

FILE = "calibration.json"


def measured(root: Path) -> Mapping[str, Discordance]:
    """How often each prompt's cases differed from run to run, by the prompt's name, for the project at `root`.

    Empty where nothing was calibrated; a file, or an entry, that does not say it is as good as none.
    """
    state = state_of(root, os.environ)
    if state.path is None:
        return {}
    try:
        document = json.loads((state.path / FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    prompts = document.get("prompts") if isinstance(document, dict) else None
    if not isinstance(prompts, dict):
        return {}
    return {name: found for name, entry in prompts.items() if (found := _discordance(entry)) is not None}


def _discordance(entry: Json) -> Discordance | None:
    if not isinstance(entry, dict):
        return None
    differed, n = entry.get("differed"), entry.get("n")
    if type(differed) is not int or type(n) is not int or not 0 <= differed <= n or not n:
        return None
    return Discordance(differed, n)
