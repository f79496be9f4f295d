"""Judged cases beside the bare calls: every case one answer and three judges, at one concurrency.

    python benchmarks/bench_judges.py [--cases 1000] [--concurrency 64] [--latency-ms 50] [--repeat 3]

Two bare loops make the same four calls a case and read nothing: one over litellm.acompletion, one over a bare aiohttp
session, which is what the calls alone cost. Wall time is of whole processes, the best of --repeat, all in one run; the
server is a process of its own. What counts is the ratios: seconds belong to one machine.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_eval import timed

HERE = Path(__file__).resolve().parent
VERDICT = '{"reason": "It says what it was asked to say.", "score": 5}'
JUDGES = ("helpfulness", "conciseness", "refusal-quality")
MODEL = "openai/gpt-4o-2024-08-06"
_WORK = """
async def all_of_them(call, cases, concurrency):
    gate = asyncio.Semaphore(concurrency)
    async def one(number):
        async with gate:
            answer = await call([{"role": "system", "content": "You answer in one sentence."},
                                 {"role": "user", "content": f"Question {number}?"}])
            assert answer
            told = [{"role": "system", "content": "You judge what is to be judged. " * 40},
                    {"role": "user", "content": f"Question {number}?\\n{answer}"}]
            assert all(await asyncio.gather(*(call([*told, {"role": "user", "content": str(judge)}]) for judge in range(3))))
    await asyncio.gather(*(one(number) for number in range(cases)))
"""
LITELLM = f"""
import asyncio, sys
import litellm
{_WORK}
url, cases, concurrency = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
async def call(messages):
    found = await litellm.acompletion(model="{MODEL}", messages=messages, api_base=url, api_key="no-key", max_retries=0,
                                      temperature=0, max_tokens=50)
    return found.choices[0].message.content
asyncio.run(all_of_them(call, cases, concurrency))
"""
AIOHTTP = f"""
import asyncio, json, sys
import aiohttp
{_WORK}
url, cases, concurrency = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
async def main():
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        async def call(messages):
            body = {{"model": "gpt-4o-2024-08-06", "messages": messages, "temperature": 0, "max_tokens": 50}}
            async with session.post(url + "/chat/completions", json=body, headers={{"authorization": "Bearer x"}}) as said:
                return (await said.json())["choices"][0]["message"]["content"]
        await all_of_them(call, cases, concurrency)
asyncio.run(main())
"""


def project(folder: Path, url: str, cases: int, concurrency: int, promptctl: str) -> None:
    """A project of one prompt whose cases are each judged by three judges."""
    for name in ("prompts", "golden"):
        (folder / name).mkdir(parents=True)
    (folder / "promptctl.yaml").write_text(
        f"eval: {{concurrency: {concurrency}, max_cost_usd: 1000}}\nproviders:\n  openai: {{api_base: '{url}'}}\n"
    )
    (folder / "prompts" / "bench.yaml").write_text(
        f"version: 1.0.0\nmodel: {MODEL}\nparameters: {{temperature: 0, max_tokens: 50}}\n"
        "system_prompt: You answer in one sentence.\nuser_prompt: 'Question {{ number }}?'\ninputs: {number: {}}\n"
    )
    subprocess.run(
        [promptctl, "judge", "add", *JUDGES, "--model", MODEL], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    lines = ["prompt: bench", "defaults:", "  assertions:"]
    lines += [f"    - judge: {{rubric: It answers., judge: {judge}}}" for judge in JUDGES]
    lines += ["cases:", *(f"  - {{id: case-{n}, input: {{number: {n}}}}}" for n in range(cases))]
    (folder / "golden" / "bench.yaml").write_text("\n".join(lines) + "\n")


def serve(latency_ms: int) -> tuple[subprocess.Popen[str], str]:
    """A server that gives judges their verdict, and its address."""
    argv = [
        sys.executable,
        str(HERE / "server.py"),
        "--port",
        "0",
        "--latency-ms",
        str(latency_ms),
        "--verdict",
        VERDICT,
    ]
    server = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    address = re.search(r"http://\S+", server.stdout.readline())
    return server, address.group().rstrip("/").removesuffix("/v1") + "/v1"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--latency-ms", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=3)
    wanted = parser.parse_args()
    promptctl = shutil.which("promptctl", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    server, url = serve(wanted.latency_ms)
    numbers = [str(wanted.cases), str(wanted.concurrency)]
    times: dict[str, list[float]] = {"litellm": [], "aiohttp": [], "fresh": [], "cached": []}
    try:
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            for turn in range(wanted.repeat):
                folder = root / f"turn-{turn}"
                project(folder, url, wanted.cases, wanted.concurrency, promptctl)
                times["litellm"].append(timed([sys.executable, "-c", LITELLM, url, *numbers], root)[0])
                times["aiohttp"].append(timed([sys.executable, "-c", AIOHTTP, url, *numbers], root)[0])
                times["fresh"].append(timed([promptctl, "eval", "--quiet"], folder)[0])
                times["cached"].append(timed([promptctl, "eval", "--quiet"], folder)[0])
    finally:
        server.terminate()
        server.wait()
    best = {name: min(seen) for name, seen in times.items()}
    print(f"{wanted.cases:,} cases, 3 judges each, concurrency {wanted.concurrency}, {wanted.latency_ms} ms a call")
    print(f"bare loop over acompletion   {best['litellm']:.2f} s   ratio 1.00")
    print(f"bare loop over aiohttp       {best['aiohttp']:.2f} s   ratio {best['aiohttp'] / best['litellm']:.2f}")
    over = best["fresh"] / best["aiohttp"]
    print(
        f"promptctl eval, judged       {best['fresh']:.2f} s   ratio {best['fresh'] / best['litellm']:.2f}   (bar 1.30)   {over:.2f} of aiohttp"
    )
    print(f"the same from the cache      {best['cached']:.2f} s   ratio {best['cached'] / best['litellm']:.2f}")


if __name__ == "__main__":
    main()
