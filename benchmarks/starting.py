"""How long it takes from nothing to the first answer, and what a node that waits for work holds in memory.

python -m benchmarks.starting
"""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.databases import DATABASES, empty, postgresql
from benchmarks.requests import COMMAND, environment
from benchmarks.servers import resident_bytes, serving, surroundings

STARTS = 3
#: By then a worker has loaded what it needs.
SETTLED_S = 5.0


def serve(*options: str) -> list[str]:
    return [*COMMAND, "serve", *options]


def measure(database: str, place: Path, server: str) -> None:
    with empty(database, place, server) as (url, home):
        chosen = environment(url, home)
        with serving(lambda port: serve("--port", str(port)), chosen) as first:
            empty_s = first.seconds_to_answer
        again, cpu = list[float](), list[float]()
        for _ in range(STARTS):
            with serving(lambda port: serve("--port", str(port)), chosen) as served:
                again.append(served.seconds_to_answer)
                cpu.append(served.cpu_ms() / 1000)
                memory = served.resident_bytes()
        print(
            f"start on {database}: first answer after {statistics.median(again):.2f} s, "
            f"{statistics.median(cpu):.2f} s of CPU (on an empty database {empty_s:.2f} s); "
            f"{memory / 2**20:.0f} MiB a server",
            end="",
        )
        if database == "PostgreSQL":
            with _worker(chosen) as pid:
                print(f", {resident_bytes(pid) / 2**20:.0f} MiB a worker", end="")
        print()
    with (
        empty(database, place, server) as (url, home),
        serving(lambda port: serve("--demo", "--port", str(port)), environment(url, home)) as demo,
    ):
        print(
            f"  with the demo's people and flows, the first time: {demo.seconds_to_answer:.2f} s, "
            f"{demo.cpu_ms() / 1000:.2f} s of CPU"
        )


@contextlib.contextmanager
def _worker(chosen: dict[str, str]) -> Iterator[int]:
    process = subprocess.Popen([sys.executable, *COMMAND, "worker"], env=surroundings(chosen))
    try:
        time.sleep(SETTLED_S)
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="onedoor-bench-") as scratch, postgresql(Path(scratch)) as server:
        for database in DATABASES:
            measure(database, Path(scratch), server)


if __name__ == "__main__":
    main()
