"""The whole `promptctl eval` beside a bare loop over litellm.acompletion, then again from the cache, and its memory.

    python benchmarks/bench_eval.py [--cases 1000] [--concurrency 64] [--latency-ms 50] [--repeat 3] [--memory-cases 10000]

Wall time is of whole processes, start and exit included, the best of --repeat, both kinds in one run; the server is
a process of its own. What counts is the ratios: seconds belong to one machine.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BARE = """
import asyncio, sys
import litellm
url, cases, concurrency = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
async def main():
    gate = asyncio.Semaphore(concurrency)
    async def one(number):
        async with gate:
            messages = [{"role": "system", "content": "You answer in one sentence."},
                        {"role": "user", "content": f"Question {number}?"}]
            answer = await litellm.acompletion(model="openai/gpt-4o-2024-08-06", messages=messages, api_base=url,
                                               api_key="no-key", max_retries=0, temperature=0, max_tokens=50)
            assert answer.choices[0].message.content
    await asyncio.gather(*(one(number) for number in range(cases)))
asyncio.run(main())
"""


def project(folder: Path, url: str, cases: int, concurrency: int) -> None:
    """A project of one prompt and `cases` cases with three assertions each, asking the server at `url`."""
    (folder / "prompts").mkdir(parents=True)
    (folder / "golden").mkdir()
    (folder / "promptctl.yaml").write_text(
        f"eval: {{concurrency: {concurrency}, max_cost_usd: 100}}\nproviders:\n  openai: {{api_base: '{url}'}}\n"
    )
    (folder / "prompts" / "bench.yaml").write_text(
        "version: 1.0.0\nmodel: openai/gpt-4o-2024-08-06\nparameters: {temperature: 0, max_tokens: 50}\n"
        "system_prompt: You answer in one sentence.\nuser_prompt: 'Question {{ number }}?'\ninputs: {number: {}}\n"
    )
    lines = ["prompt: bench", "cases:"]
    for number in range(cases):
        lines.append(f"  - id: case-{number}\n    input: {{number: {number}}}")
        lines.append("    assertions: [word-count: {min: 1}, not-contains: 'as an AI', regex: '.']")
    (folder / "golden" / "bench.yaml").write_text("\n".join(lines) + "\n")


def timed(argv: list[str], cwd: Path) -> tuple[float, int]:
    """Wall seconds and peak resident kilobytes of a process that has to exit 0."""
    environment = {**os.environ, "OPENAI_API_KEY": "no-key", "LITELLM_LOCAL_MODEL_COST_MAP": "true"}
    begun = time.perf_counter()
    with subprocess.Popen(argv, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        error = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{argv[0]} exited {process.returncode}:\n{error[-2000:]}")
    return time.perf_counter() - begun, usage.ru_maxrss


def serve(latency_ms: int) -> tuple[subprocess.Popen[str], str]:
    server = subprocess.Popen(
        [sys.executable, str(HERE / "server.py"), "--port", "0", "--latency-ms", str(latency_ms)],
        stdout=subprocess.PIPE,
        text=True,
    )
    address = re.search(r"http://\S+", server.stdout.readline())
    return server, address.group().rstrip("/").removesuffix("/v1") + "/v1"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--latency-ms", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--memory-cases", type=int, default=10_000)
    wanted = parser.parse_args()
    promptctl = shutil.which("promptctl", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    server, url = serve(wanted.latency_ms)
    try:
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            bare, fresh, cached = [], [], []
            for turn in range(wanted.repeat):
                folder = root / f"turn-{turn}"
                project(folder, url, wanted.cases, wanted.concurrency)
                bare.append(
                    timed([sys.executable, "-c", BARE, url, str(wanted.cases), str(wanted.concurrency)], root)[0]
                )
                fresh.append(timed([promptctl, "eval", "--quiet"], folder)[0])
                cached.append(timed([promptctl, "eval", "--quiet"], folder)[0])
            folder = root / "large"
            project(folder, url, wanted.memory_cases, wanted.concurrency)
            _, kilobytes = timed([promptctl, "eval", "--quiet"], folder)
    finally:
        server.terminate()
        server.wait()
    print(f"bare loop over acompletion   {min(bare):.2f} s   ratio 1.00")
    print(
        f"promptctl eval               {min(fresh):.2f} s   ratio {min(fresh) / min(bare):.2f}   (bar 1.25, stretch 0.60)"
    )
    print(f"the same from the cache      {min(cached):.2f} s   ratio {min(cached) / min(bare):.2f}   (bar 0.50 s)")
    print(f"{wanted.memory_cases:,} cases: {kilobytes / 1024:.0f} MB at most   (bar 400 MB)")


if __name__ == "__main__":
    main()
