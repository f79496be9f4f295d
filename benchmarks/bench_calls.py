"""What the road to the model costs, beside a bare loop over litellm.acompletion at the same concurrency.

    python benchmarks/bench_calls.py --cases 1000 --concurrency 64 --latency-ms 50

Each figure is the wall time of a whole process, imports and exit included, the best of --repeat; the server is a
process of its own. Figures are ratios to the bare loop, because seconds belong to one machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

MODEL = "openai/gpt-4o-2024-08-06"
ROADS = ("bare", "long", "short")


def messages(number: int) -> list[dict[str, str]]:
    return [
        {"role": "system", "content": "You answer in one sentence."},
        {"role": "user", "content": f"Question {number}?"},
    ]


async def bare(url: str, cases: int, concurrency: int) -> None:
    """The loop a user would write."""
    import litellm

    gate = asyncio.Semaphore(concurrency)

    async def one(number: int) -> None:
        async with gate:
            answer = await litellm.acompletion(
                model=MODEL, messages=messages(number), api_base=url, api_key="no-key", max_retries=0, temperature=0
            )
            assert answer.choices[0].message.content

    await asyncio.gather(*(one(number) for number in range(cases)))


async def through_provider(url: str, cases: int, concurrency: int, *, short_road: bool) -> None:
    from promptctl.adapters.llm import Provider
    from promptctl.model.config import Config
    from promptctl.model.run import Request

    provider = Provider(Config(), {}, read=lambda path: Path(path).read_bytes(), short_road=short_road)
    provider.warm([MODEL])
    gate = asyncio.Semaphore(concurrency)

    async def one(number: int) -> None:
        request = Request(MODEL, tuple(messages(number)), f"{number}", {"temperature": 0}, endpoint=url)
        async with gate:
            answer = await provider.send(request, timeout_s=60)
            assert answer.output

    await asyncio.gather(*(one(number) for number in range(cases)))
    await provider.close()


def run(road: str, options: argparse.Namespace) -> tuple[float, float]:
    """Wall and CPU seconds of one process."""
    command = [sys.executable, __file__, "--road", road, "--url", options.url]
    command += ["--cases", str(options.cases), "--concurrency", str(options.concurrency)]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "true"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(options: argparse.Namespace) -> None:
    server = [sys.executable, str(Path(__file__).with_name("server.py")), "--latency-ms", str(options.latency_ms)]
    with subprocess.Popen(server, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        options.url = process.stdout.readline().strip()
        try:
            best = {road: min(run(road, options) for _ in range(options.repeat)) for road in ROADS}
        finally:
            process.terminate()
    for road, (wall, cpu) in best.items():
        print(f"{road:6} {wall:6.2f} s wall  {cpu:6.2f} s CPU  {wall / best['bare'][0]:5.2f}x of the bare loop")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--road", choices=ROADS)
    parser.add_argument("--url")
    options = parser.parse_args()
    if options.road is None:
        compare(options)
    elif options.road == "bare":
        asyncio.run(bare(options.url, options.cases, options.concurrency))
    else:
        short = options.road == "short"
        asyncio.run(through_provider(options.url, options.cases, options.concurrency, short_road=short))


if __name__ == "__main__":
    main()
