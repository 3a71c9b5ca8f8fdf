"""Milliseconds of CPU to read and check the example, for each hundred elements of it, beside lxml's bare parsing.

python -m benchmarks.reading
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from bpmn import check, read

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "onboarding.bpmn"
TURNS = 7


def _milliseconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(TURNS):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken) * 1000


def main() -> None:
    source = EXAMPLE.read_bytes()
    elements = sum(len(model.nodes) for model in read(source).processes)
    parsing = _milliseconds(lambda: etree.fromstring(source))
    reading = _milliseconds(lambda: read(source))
    whole = _milliseconds(lambda: check(read(source)))
    print(f"reading and checking {EXAMPLE.name}: {elements} elements, {len(source)} bytes, best of {TURNS}, CPU")
    for name, taken in (("bare lxml", parsing), ("read", reading), ("read and check", whole)):
        print(f"  {name:<16}{taken:8.1f} ms{taken / elements * 100:8.1f} ms/100 elements{taken / parsing:8.1f} x lxml")


if __name__ == "__main__":
    main()
