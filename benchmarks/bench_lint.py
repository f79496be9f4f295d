"""How fast lint is: 1,000 prompts of 40 lines with a golden set of 10 cases each, as ratios.

    python benchmarks/bench_lint.py [--prompts N] [--rounds N]

No rule is switched off. Prints CPU seconds (user + system, of the child process) of a cold run and a warm run, the most
memory of any, wall seconds of one staged file, and the ratio of the cold run to reading the same files with PyYAML's C
loader; each the best of --rounds, because others may be using the machine. Exits 1 where a target is missed.

promptctl is compiled first, as an installed wheel is: what Python takes to compile it is no part of lint.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

import promptctl

MAIN = "from promptctl.cli.app import main; main()"
LINES = 40
TARGETS = {"cold / C loader": 4.0, "warm CPU s": 0.5, "staged wall s": 0.3, "memory MB": 200.0}


def prompt(number: int) -> str:
    rules = "\n".join(
        f"  - Rule {line} of prompt {number}: answer in one sentence and name the menu." for line in range(21)
    )
    return f"""name: bot-{number}
version: 1.{number}.0
description: Answers question {number} from the help centre
owner: support@example.com
model: anthropic/claude-sonnet-4-6
parameters: {{temperature: 0, max_tokens: 400}}
inputs:
  question: {{type: string}}
system_prompt: |
  You are support agent {number} for Acme Corp. Answer from the help centre.
{rules}
few_shot_examples:
  - user: How do I reset my password?
    assistant: Settings > Security > Reset Password
  - user: Where is my invoice?
    assistant: Settings > Billing > Invoices
user_prompt: |
  <question>
  {{{{ question }}}}
  </question>
"""


def golden(number: int) -> str:
    cases = "\n".join(
        f"""  - id: case-{case}
    input: {{question: "How do I do thing {case} of {number}?"}}
    tags: [factual, {"refusal" if case == 0 else "adversarial" if case == 1 else "plain"}]
    assertions:
      - contains: Settings
      - not-contains-any: ["$", "price"]
      - max-tokens: 100"""
        for case in range(10)
    )
    return f"prompt: bot-{number}\ncases:\n{cases}\n"


def write_project(root: Path, count: int) -> None:
    for folder in ("prompts", "golden"):
        (root / folder).mkdir()
    for number in range(count):
        (root / "prompts" / f"bot-{number}.yaml").write_text(prompt(number))
        (root / "golden" / f"bot-{number}.yaml").write_text(golden(number))
    git(root, "init", "-q")
    git(root, "add", "prompts", "golden")
    git(root, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "all")


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True)


def measured(root: Path, *arguments: str) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and the peak memory in MB of one lint."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", MAIN, "lint", *arguments], cwd=root, stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    wall = time.perf_counter() - start
    if process.returncode not in (0, 1):
        raise SystemExit(f"lint ended with {process.returncode}")
    print(f"  lint {' '.join(arguments):10} {said.strip().splitlines()[-1]}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def c_loader(root: Path) -> float:
    """CPU seconds of reading all files with PyYAML's C loader, in this process."""
    start = time.process_time()
    for path in sorted(root.glob("*/*.yaml")):
        yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    return time.process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    count, rounds = wanted.prompts, range(wanted.rounds)
    compileall.compile_dir(Path(promptctl.__file__).parent, quiet=1)
    assert prompt(0).count("\n") == LINES
    with tempfile.TemporaryDirectory() as folder:
        root, state = Path(folder) / "project", Path(folder) / "state"
        root.mkdir()
        write_project(root, count)
        os.environ["PROMPTCTL_STATE_DIR"] = str(state)
        parsed, cold, memory = [], [], []
        for _ in rounds:
            shutil.rmtree(state, ignore_errors=True)
            parsed.append(c_loader(root))
            taken, _, megabytes = measured(root)
            cold.append(taken)
            memory.append(megabytes)
        warm = [measured(root)[0] for _ in rounds]
        first = root / "prompts" / "bot-0.yaml"
        first.write_text(
            first.read_text().replace("in one sentence", "in two sentences").replace("version: 1.0.0", "version: 2.0.0")
        )
        git(root, "add", "prompts", "golden")
        staged = [measured(root, "--staged")[1] for _ in rounds]
    found = {
        "cold / C loader": min(cold) / min(parsed),
        "warm CPU s": min(warm),
        "staged wall s": min(staged),
        "memory MB": max(memory),
    }
    print(f"{count} prompts, {count} golden sets; C loader {min(parsed):.2f} s CPU, cold lint {min(cold):.2f} s CPU")
    for name, value in found.items():
        print(f"  {name:16} {value:8.2f}   target {TARGETS[name]:g}   {'ok' if value <= TARGETS[name] else 'MISSED'}")
    return int(any(value > TARGETS[name] for name, value in found.items()))


if __name__ == "__main__":
    sys.exit(main())
