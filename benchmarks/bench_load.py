"""How long reading a golden set takes, against `yaml.load` with libyaml's loader on the same text.

    python benchmarks/bench_load.py [CASES]

CPU time, the median of several rounds in which the two take turns, the garbage collector on as it is in use. Reading
means: the bytes to a GoldenSet with duplicate keys, unknown keys, types and ids checked, every case and assertion in its
one form with its digest and its place.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable

import yaml

from promptctl.model.source import Blob
from promptctl.text.golden import parse_golden
from promptctl.text.yaml import load

ROUNDS = 7
WORDS = [
    "account",
    "answer",
    "bicycle",
    "booking",
    "cancel",
    "change",
    "city",
    "contract",
    "customer",
    "delivery",
    "email",
    "help",
    "how",
    "invoice",
    "lock",
    "menu",
    "month",
    "order",
    "password",
    "path",
    "pause",
    "payment",
    "plan",
    "please",
    "price",
    "profile",
    "question",
    "refund",
    "repair",
    "reset",
    "return",
    "rider",
    "security",
    "settings",
    "station",
    "street",
    "subscription",
    "support",
    "tariff",
    "ticket",
    "transfer",
    "trip",
    "voucher",
    "week",
    "when",
    "where",
]


def golden_set(cases: int) -> str:
    """A golden set such as people write: a question, an answer, tags, three assertions and a rubric; 540 bytes a case."""
    pick = random.Random(7)

    def words(count: int) -> str:
        return " ".join(pick.choices(WORDS, k=count))

    lines = ["prompt: support-bot", "defaults: {assertions: [{not-contains: as an AI}], tags: []}", "cases:"]
    for number in range(cases):
        lines += [
            f"  - id: case-{number}",
            f"    input: {{question: {words(12)}}}",
            f"    expected_output: {words(15)}",
            "    tags: [factual, critical]",
            "    assertions:",
            f"      - contains: {words(2)}",
            '      - not-contains-any: ["$", price]',
            f"      - levenshtein: {{value: {words(5)}, threshold: 10}}",
            f"    rubric: {words(10)}",
        ]
    return "\n".join(lines) + "\n"


def cpu_seconds(act: Callable[[], object]) -> float:
    begun = time.process_time()
    act()
    return time.process_time() - begun


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    text = golden_set(cases)
    blob = Blob("golden/support-bot.yaml", text.encode())
    acts: dict[str, Callable[[], object]] = {
        "yaml.load, C loader": lambda: yaml.load(text, Loader=yaml.CSafeLoader),
        "text.yaml.load": lambda: load(blob),
        "text.golden.parse_golden": lambda: parse_golden(blob),
    }
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(ROUNDS):
        for name, act in acts.items():
            taken[name].append(cpu_seconds(act))
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    base = medians["yaml.load, C loader"]
    print(f"{cases} cases, {len(text) / 1e6:.2f} MB, PyYAML {yaml.__version__}, {ROUNDS} rounds")
    for name, seconds in medians.items():
        print(f"  {name:26} {seconds:7.3f} s CPU   {seconds / base:5.2f}x")


if __name__ == "__main__":
    main()
