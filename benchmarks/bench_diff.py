"""How fast diff is: 3 changed prompts among 1,000, with 1,000 golden sets, and git's own diff as the yardstick.

    python benchmarks/bench_diff.py [--prompts N] [--runs N]

Prints wall and CPU seconds (the best of the runs) of `diff --check` over two commits and over the working tree, of `git diff` over the
same, and how many blobs `diff` read. Exits 1 where the target of 0.4 s of wall time is missed or more was read than what changed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_lint import MAIN, git, write_project

TARGET_S = 0.4
CHANGED = (3, 500, 997)
MOST_BLOBS = 2 * 2 * len(CHANGED) + 4
"""Prompts and golden sets of both sides, the configuration and the approvals."""


def change(root: Path) -> None:
    for number in CHANGED:
        path = root / "prompts" / f"bot-{number}.yaml"
        text = (
            path.read_text()
            .replace("in one sentence", "in two sentences", 3)
            .replace("temperature: 0", "temperature: 0.5")
        )
        path.write_text(text)
    moved = root / "prompts" / "moved"
    moved.mkdir()
    (root / "prompts" / f"bot-{CHANGED[0]}.yaml").rename(moved / f"bot-{CHANGED[0]}.yaml")


def timed(command: list[str], root: Path, runs: int, **variables: str) -> tuple[float, float]:
    """Wall and CPU seconds of the fastest run."""
    best = (float("inf"), float("inf"))
    for _ in range(runs):
        before, start = os.times(), time.perf_counter()
        done = subprocess.run(command, cwd=root, capture_output=True, env={**os.environ, **variables}, check=False)
        wall, after = time.perf_counter() - start, os.times()
        if done.returncode not in (0, 1):
            sys.exit(done.stderr.decode())
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        best = (min(best[0], wall), min(best[1], cpu))
    return best


def blobs_read(command: list[str], root: Path) -> int:
    """How many objects were asked of `git cat-file`, by git's own trace of what it was given."""
    trace = root.parent / "trace"
    wrapper = root.parent / "bin"
    wrapper.mkdir()
    script = wrapper / "git"
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    script.write_text(
        f'#!/bin/sh\ncase " $* " in *" cat-file "*) exec tee -a {trace} | {real} "$@";; *) exec {real} "$@";; esac\n'
    )
    script.chmod(0o755)
    path = f"{wrapper}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(command, cwd=root, capture_output=True, env={**os.environ, "PATH": path}, check=False)
    return len(re.findall(r"^[0-9a-f]{40}", trace.read_text(), re.MULTILINE)) if trace.exists() else 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--prompts", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        root.mkdir()
        write_project(root, options.prompts)
        change(root)
        promptctl = [sys.executable, "-c", MAIN, "diff", "--check", "--format", "json"]
        rows = [("worktree: promptctl diff --check", timed(promptctl, root, options.runs))]
        rows.append(("worktree: git diff HEAD", timed(["git", "diff", "HEAD"], root, options.runs)))
        git(root, "add", "-A")
        git(root, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "change")
        both = [*promptctl, "HEAD~1", "HEAD"]
        rows.append(("commits: promptctl diff --check", timed(both, root, options.runs)))
        rows.append(("commits: git diff", timed(["git", "diff", "HEAD~1", "HEAD"], root, options.runs)))
        read = blobs_read(both, root)
    for name, (wall, cpu) in rows:
        print(f"{name:36} {wall:6.3f} s wall  {cpu:6.3f} s CPU")
    print(f"{'blobs read':36} {read:6} of {2 * options.prompts * 2}")
    slow = [name for name, (wall, _) in rows if "promptctl" in name and wall > TARGET_S]
    missed = [*slow, *(["blobs read"] if not 0 < read <= MOST_BLOBS else [])]
    print(f"missed: {', '.join(missed)}" if missed else "all targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
