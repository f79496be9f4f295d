"""What the cache costs an answer: store, read one by one, read in a batch. Run: python benchmarks/bench_cache.py

Figures are ratios to writing and reading the same JSON lines as a plain file, which keeps nothing safe.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from promptctl.adapters.cache import Cache
from promptctl.model.run import Completion
from promptctl.text.record_completion import encode_completion

ANSWERS = 1000


def seconds(action: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    answer = Completion(
        output="word " * 200, model="m", finish_reason="stop", input_tokens=300, output_tokens=200, cost_usd=0.001
    )
    keys = [(f"{n:064x}", 0) for n in range(ANSWERS)]
    with tempfile.TemporaryDirectory() as folder:
        cache, plain = Cache(Path(folder) / "cache.sqlite", print), Path(folder) / "plain.jsonl"

        def write_plain() -> None:
            with plain.open("w") as file:
                for key in keys:
                    file.write(json.dumps([key, encode_completion(answer)]) + "\n")
                    file.flush()

        def read_plain() -> None:
            with plain.open() as file:
                for line in file:
                    json.loads(line)

        baseline = {"store": seconds(write_plain), "read": seconds(read_plain)}
        figures = {
            "store": seconds(lambda: [cache.put(*key, answer) for key in keys]),
            "read one by one": seconds(lambda: [cache.get(*key) for key in keys]),
            "read in a batch": seconds(lambda: cache.get_many(keys)),
        }
        cache.close()
    for name, taken in figures.items():
        base = baseline[name.split()[0]]
        print(f"{name:>16}: {taken / ANSWERS * 1e6:6.0f} us an answer, {taken / base:5.1f}x of a plain file")


if __name__ == "__main__":
    main()
