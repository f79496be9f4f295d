"""How fast a comparison is: stored runs read, paired, tested and reported by the console entry, start-up included.

    python benchmarks/bench_gate.py [--rounds N]

Two runs of 2,000 cases, judged by pass and fail; the same with judge scores; two runs of 100 prompts with 500 cases
each. Prints wall seconds, the best of --rounds, because others may be using the machine, and how often reading the
same two files with `json` alone fits into it. Exits 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import compileall
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import promptctl

MAIN = "from promptctl.cli.app import main; main()"
ANSWER = "Open the settings, choose the account, and follow the link that is sent to the address on file. " * 4


def result(prompt: str, case: int, *, draw: Random, judged: bool) -> dict:
    passes = draw.random() < 0.9
    score = round(draw.random(), 3) if judged else float(passes)
    kind = "judge" if judged else "contains"
    outcome = "pass" if passes else "fail"
    return {
        "prompt": prompt, "case": f"case-{case:05}", "case_digest": f"c{case}", "request_digest": f"r{case}",
        "sample": 0, "tags": ["faq" if case % 3 else "billing"], "outcome": outcome, "score": score, "error": None,
        "assertions": [
            {"type": kind, "name": None, "digest": "d1", "outcome": outcome, "score": score, "threshold": None,
             "reason": "the answer was looked at"},
            {"type": "not-contains", "name": None, "digest": "d2", "outcome": "pass", "score": 1.0, "threshold": None,
             "reason": "it is not there"},
        ],
        "completion": {
            "output": f"{ANSWER}{draw.random()}", "tool_calls": [], "model": "gpt-4o-2024-08-06",
            "finish_reason": "stop", "input_tokens": 300, "output_tokens": 80, "cost_usd": 0.0015,
            "latency_s": round(draw.uniform(0.5, 4), 3), "source": "recorded", "attempts": 1, "fallback": False,
        },
    }  # fmt: skip


def run_document(prompts: int, cases: int, seed: int, *, judged: bool = False) -> dict:
    draw = Random(seed)
    summary = {"cases": prompts * cases, "samples": prompts * cases, "passed": 0, "failed": 0, "errored": 0}
    names = [f"bot-{number}" for number in range(prompts)]
    return {
        "version": 1, "kind": "run", "id": f"run-{seed}", "status": "complete",
        "provenance": {"promptctl": "0", "litellm": None, "commit": None, "dirty": False, "started_at": "", "duration_s": 0},
        "summary": summary,
        "prompts": [
            {"name": name, "version": "1.0.0", "path": f"prompts/{name}.yaml", "model": "openai/gpt-4o-2024-08-06",
             "prompt_digest": "", "golden_digest": "", "summary": summary}
            for name in names
        ],
        "results": [result(name, case, draw=draw, judged=judged) for name in names for case in range(cases)],
    }  # fmt: skip


def seconds(command: list[str], folder: Path) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - began


def measure(folder: Path, rounds: int) -> tuple[float, float]:
    compare = [sys.executable, "-c", MAIN, "compare", "base.json", "head.json"]
    plain = [sys.executable, "-c", "import json; [json.load(open(name)) for name in ('base.json', 'head.json')]"]
    return min(seconds(compare, folder) for _ in range(rounds)), min(seconds(plain, folder) for _ in range(rounds))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    compileall.compile_dir(str(Path(promptctl.__file__).parent), quiet=2)
    missed = False
    for title, prompts, cases, judged, target in (
        ("2,000 cases", 1, 2000, False, 1.0),
        ("2,000 judged cases", 1, 2000, True, 1.0),
        ("100 prompts of 500 cases", 100, 500, False, 5.0),
    ):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            for name, seed in (("base", 1), ("head", 2)):
                (folder / f"{name}.json").write_text(json.dumps(run_document(prompts, cases, seed, judged=judged)))
            took, plain = measure(folder, rounds)
        missed = missed or took > target
        print(f"{title:26} {took:6.2f} s of {target:.0f} s   {took / plain:5.1f} x reading the JSON")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
