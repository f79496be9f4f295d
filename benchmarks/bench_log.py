"""How fast `log` is: 2,000 commits that touch 50 prompts, against `git log -p` of the same range.

    python benchmarks/bench_log.py [--commits N] [--prompts N]

Prints wall seconds of the first run and of the next from the cache (the best of three), and of `git log -p` over the same
files. Exits 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MAIN = "from promptctl.cli.app import main; main()"
TARGETS = {"first": 2.0, "from cache": 0.3}


def prompt(number: int, change: int) -> str:
    rules = "\n".join(f"  - Rule {line}: answer in one sentence and name the menu." for line in range(20))
    return f"""name: bot-{number}
version: 1.{change}.0
description: Answers question {number} from the help centre
model: openai/gpt-4o-2024-08-06
parameters: {{temperature: 0, max_tokens: 400}}
system_prompt: |
  You are support agent {number} for Acme Corp, in wording {change}.
{rules}
"""


def write_history(root: Path, commits: int, prompts: int) -> None:
    """A branch in which commit N changes prompt N modulo `prompts`; one stream of `git fast-import`."""
    lines = []
    for number in range(commits):
        name, text = number % prompts, prompt(number % prompts, number // prompts).encode()
        lines.append(
            f"commit refs/heads/main\ncommitter A <a@example.com> {1_700_000_000 + number * 60} +0000\n".encode()
        )
        lines.append(b"data 6\nchange\n")
        lines.append(f"M 100644 inline prompts/bot-{name}.yaml\ndata {len(text)}\n".encode() + text + b"\n")
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=root, check=True)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=root, input=b"".join(lines), check=True)
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=root, check=True)


def wall(root: Path, command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=root, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=2000)
    parser.add_argument("--prompts", type=int, default=50)
    sizes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_history(root, sizes.commits, sizes.prompts)
        os.environ["PROMPTCTL_STATE_DIR"] = str(root / ".state")
        command = [sys.executable, "-c", MAIN, "log", "bot-7"]
        found = {"first": wall(root, command)}
        found["from cache"] = min(wall(root, command) for _ in range(3))
        yardstick = min(wall(root, ["git", "log", "-p", "--", "prompts"]) for _ in range(3))
        digest = subprocess.run(
            [*command, "-n", "1", "--format", "json"], cwd=root, capture_output=True, text=True, check=True
        ).stdout.partition('"digest": "')[2][:12]
        describe = [sys.executable, "-c", MAIN, "describe", digest]
        describing = [wall(root, describe) for _ in range(2)]
    print(f"{sizes.commits} commits, {sizes.prompts} prompts; git log -p {yardstick:.2f} s")
    for name, value in found.items():
        print(f"  log {name:11} {value:6.2f} s   target {TARGETS[name]:g} s   {value / yardstick:5.1f} x git log -p")
    print(f"  describe {describing[0]:.2f} s, from cache {describing[1]:.2f} s")
    return int(any(value > TARGETS[name] for name, value in found.items()))


if __name__ == "__main__":
    sys.exit(main())
