"""A project with one golden set and files of answers, for the tests of compare and of gating answers."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

PROMPT = """name: bot
version: 1.0.0
model: openai/gpt-4o-2024-08-06
system_prompt: Answer.
"""


def plain_environment(home: Path) -> dict[str, str]:
    """No key and no setting of promptctl."""
    return {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def write_project(
    folder: Path, *, cases: int = 30, gate: str = "", assertion: Mapping[str, object] | None = None
) -> None:
    """A prompt `bot` whose answers have to contain "ok"; case c0 is critical."""
    (folder / "prompts").mkdir()
    (folder / "golden").mkdir()
    (folder / "prompts" / "bot.yaml").write_text(PROMPT)
    rows = [
        {
            "id": f"c{number}",
            "input": f"question {number}",
            "tags": ["critical"] if number == 0 else ["faq"],
            "assertions": [assertion or {"contains": "ok"}],
        }
        for number in range(cases)
    ]
    (folder / "golden" / "bot.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if gate:
        (folder / "promptctl.yaml").write_text(f"gate: {gate}\n")


def write_answers(path: Path, letters: str) -> None:
    """A line for each case: p an answer that passes, f one that fails, e an error, - no line at all."""
    lines = []
    for number, letter in enumerate(letters):
        if letter == "e":
            lines.append({"case": f"c{number}", "error": "the provider was down"})
        elif letter != "-":
            text = f"that is ok, number {number}" if letter == "p" else f"sorry, number {number}"
            lines.append({"case": f"c{number}", "output": text, "latency_s": 1.0, "cost_usd": 0.001})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
