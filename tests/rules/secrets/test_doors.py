"""The libraries behind the rules about leaks are opened only for a text that gives a reason."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LIBRARIES = ("detect_secrets", "phonenumbers", "stdnum")
PROGRAM = """
import sys
from promptctl.cli.app import main
try:
    main()
finally:
    print("opened:", *[name for name in sys.argv[2].split("/") if name in sys.modules], file=sys.stderr)
"""


def opened_by(folder: Path, text: str) -> list[str]:
    (folder / "prompts").mkdir(parents=True)
    (folder / "prompts" / "a.yaml").write_text(f"model: openai/gpt-4o-2024-08-06\nsystem_prompt: |\n  {text}\n")
    script = PROGRAM.replace("sys.argv[2]", repr("/".join(LIBRARIES)))
    done = subprocess.run(
        [sys.executable, "-c", script, "lint"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stderr.strip().splitlines()[-1].removeprefix("opened:").split()


@pytest.mark.parametrize(
    ("text", "libraries"),
    [
        ("You answer riders since 2024-08-06. Ask 3.1 questions at most: what is wrong?", []),
        ("The task-force is risk-averse, see https://acme.example/a?b=1 and a@example.com.", []),
        ("Ring +44 20 7183 8750.", ["phonenumbers"]),
        ("The card is 4242 4242 4242 4242.", ["stdnum"]),
        ("Read https://reports:tr0ub4dor@grafana.acme.io/x.", ["detect_secrets"]),
    ],
)
def test_a_door_opens_for_a_reason(text: str, libraries: list[str], tmp_path: Path) -> None:
    assert opened_by(tmp_path, text) == libraries
