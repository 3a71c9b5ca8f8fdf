"""Onedoor through HTTP beside the floor, on SQLite and PostgreSQL, with 1, 4 and 8 clients at once.

Both are served the same way (gunicorn, one process, many threads) on the same machine in the same run, and take turns,
so that a busy machine slows both. The ratio of what they do in a second is what to watch.

python -m benchmarks.serving
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select, text

from benchmarks.databases import DATABASES, empty, postgresql
from benchmarks.floor import COUNTERS
from benchmarks.models import eight_tasks, three_at_once
from benchmarks.requests import TASK_LIST, completion, deploy, environment, onedoor, open_tasks, start
from benchmarks.servers import Load, Request, Server, serving, together
from engine.database.connect import Database
from engine.database.tables import metadata

CLIENTS = (1, 4, 8)
#: Turns of the two servers, and requests of a kind in each.
ROUNDS, REQUESTS = 4, 100
#: Finished instances whose rows and bytes are counted.
SIZED = 200
THREES = 60


def measure(database: str, place: Path, server: str) -> None:
    with (
        empty(database, place, server) as (floor_url, _),
        empty(database, place, server) as (url, home),
        serving(lambda port: ["-m", "benchmarks.floor", floor_url, str(port)], {}) as floor,
        serving(onedoor, environment(url, home)) as served,
    ):
        print(f"{database}, through gunicorn, {ROUNDS} x {REQUESTS} requests of each kind")
        deploy(served, "eight", eight_tasks())
        deploy(served, "three", three_at_once())
        _round(floor, served, 1)  # both are measured at work
        for clients in CLIENTS:
            rounds = [_round(floor, served, clients) for _ in range(ROUNDS)]
            found = {name: together(each[name] for each in rounds) for name in rounds[0]}
            for name, load in found.items():
                show(name, clients, load)
        show("three meet", 3, together(_three_people(served)))
        print(f"  {served.resident_bytes() / 2**20:.0f} MiB resident")
        _finish_all(served)
        show_size(database, place, server)
        ratio = found["complete"].per_second / found["floor"].per_second
        print(f"complete/floor: {ratio:.2f} ({database}, {clients} clients)")


def _round(floor: Server, served: Server, clients: int) -> dict[str, Load]:
    """Each kind once; it leaves as many tasks open as it found."""
    found = {
        "floor": floor.under_load([Request("POST", f"/count/{each % COUNTERS}") for each in range(REQUESTS)], clients)
    }
    found["start"] = served.under_load([start("eight")] * REQUESTS, clients)
    found["task list"] = served.under_load([TASK_LIST] * REQUESTS, clients)
    waiting = open_tasks(served, f"&maxResults={REQUESTS}")
    found["complete"] = served.under_load(map(completion, waiting), clients)
    return found


def _three_people(served: Server) -> Iterator[Load]:
    """Three people who finish the three parallel tasks of one instance at the same moment, again and again."""
    for _ in range(THREES):
        served.ask(start("three"))
        waiting = open_tasks(served, "&processDefinitionKey=three")
        yield served.under_load([completion(each) for each in waiting], 3)


def _finish_all(served: Server) -> None:
    while waiting := open_tasks(served):
        served.under_load(map(completion, waiting), CLIENTS[-1])


def show(name: str, clients: int, load: Load) -> None:
    print(
        f"  {name:<10}{clients:>3} clients{load.per_second:>8.0f}/s   p50 {load.percentile(0.5):6.1f}   "
        f"p95 {load.percentile(0.95):6.1f}   p99 {load.percentile(0.99):6.1f} ms   CPU {load.cpu_ms:5.2f} ms"
    )


def show_size(database: str, place: Path, server: str) -> None:
    """Rows of finished instances of eight tasks, and the bytes that each adds to the database."""
    with empty(database, place, server) as (url, home):
        with serving(onedoor, environment(url, home)) as served:
            deploy(served, "eight", eight_tasks())
            before = _rows_and_bytes(url)
            served.under_load([start("eight")] * SIZED, CLIENTS[-1])
            _finish_all(served)
        rows, size = (after - each for after, each in zip(_rows_and_bytes(url), before, strict=True))
    print(f"  {rows / SIZED:.1f} rows and {size / SIZED / 1000:.1f} kB for a finished instance of eight tasks")


def _rows_and_bytes(url: str) -> tuple[int, int]:
    database = Database(url)
    try:
        with database.read() as connection:
            kept = [table for table in metadata.sorted_tables if table.name.startswith(("historic", "user_operation"))]
            rows = sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in kept)
            if database.dialect == "sqlite":
                query = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
            else:
                query = "SELECT pg_database_size(current_database())"
            return rows, connection.execute(text(query)).scalar_one()
    finally:
        database.close()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="onedoor-bench-") as scratch, postgresql(Path(scratch)) as server:
        for database in DATABASES:
            measure(database, Path(scratch), server)


if __name__ == "__main__":
    main()
