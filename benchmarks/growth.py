"""Whether completing a task takes as long as on the first day: in an instance that has completed 10 to 10,000, and
beside 10 to 100,000 open instances. Those that are compared take turns, so that a busy machine slows all of them.

python -m benchmarks.growth
"""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from benchmarks.databases import DATABASES, copy_instance, empty, postgresql
from benchmarks.models import eight_tasks, loop
from engine import (
    SYSTEM,
    Actor,
    ProcessEngine,
    Settings,
    TaskQuery,
    complete_task,
    deploy_resources,
    find_tasks,
    start_instance,
    upgrade,
)
from engine.database.tables import task

AGES = (10, 100, 1_000, 10_000)
OPEN = (10, 1_000, 100_000)
ROUNDS = 80
Kind = TypeVar("Kind")
HANNA = Actor("hanna", frozenset({"hr"}))


def opened(url: str, home: Path, key: str, source: bytes) -> ProcessEngine:
    upgrade(url)
    engine = ProcessEngine(Settings(url, home))
    with engine.command(SYSTEM) as context:
        deploy_resources(context, key, [(f"{key}.bpmn", source)])
    return engine


def started(engine: ProcessEngine, key: str) -> str:
    with engine.command(SYSTEM) as context:
        return start_instance(context, key=key).id


def complete(engine: ProcessEngine, instance_id: str) -> float:
    """Milliseconds that its one open task took to complete."""
    with engine.database.read() as connection:
        waiting = select(task.c.id).where(task.c.process_instance_id == instance_id)
        task_id = connection.execute(waiting).scalar_one()
    began = time.perf_counter()
    with engine.command(HANNA) as context:
        complete_task(context, task_id)
    return (time.perf_counter() - began) * 1000


def by_age(url: str, home: Path) -> dict[int, float]:
    """Medians by age of the instance."""
    engine = opened(url, home, "loop", loop())
    try:
        # The youngest ones are several, so that they stay young while they are measured.
        old = {age: [started(engine, "loop") for _ in range(max(1, ROUNDS // age))] for age in AGES}
        for age, ids in old.items():
            for instance_id in ids:
                for _ in range(age):
                    complete(engine, instance_id)
        return in_turns(old, lambda ids, turn: complete(engine, ids[turn % len(ids)]))
    finally:
        engine.close()


def by_crowd(database: str, place: Path, server: str) -> tuple[dict[int, float], dict[int, float]]:
    """Medians of completing a task, and of a page of somebody's task list, by number of open instances."""
    with contextlib.ExitStack() as stack:
        engines: dict[int, ProcessEngine] = {}
        for number in OPEN:
            url, home = stack.enter_context(empty(database, place, server))
            engines[number] = opened(url, home, "eight", eight_tasks())
            stack.callback(engines[number].close)
            copy_instance(engines[number], started(engines[number], "eight"), number - 1)
        completing = in_turns(engines, lambda engine, turn: complete(engine, started(engine, "eight")))
        listing = in_turns(engines, lambda engine, turn: listed(engine))
    return completing, listing


def listed(engine: ProcessEngine) -> float:
    began = time.perf_counter()
    with engine.query(HANNA) as context:
        find_tasks(context, TaskQuery(sort=(("due_at", "asc"),), max_results=20))
    return (time.perf_counter() - began) * 1000


def in_turns(kinds: Mapping[int, Kind], measure: Callable[[Kind, int], float]) -> dict[int, float]:
    """Medians of measuring each again and again, one after the other."""
    taken: dict[int, list[float]] = {each: [] for each in kinds}
    for turn in range(ROUNDS):
        for each, kind in kinds.items():
            taken[each].append(measure(kind, turn))
    return {each: statistics.median(found) for each, found in taken.items()}


def show(name: str, found: Mapping[int, float]) -> None:
    values = "  ".join(f"{each:,}: {taken:.2f} ms" for each, taken in found.items())
    first, *_, last = found.values()
    print(f"  {name:<44}{values}   last/first: {last / first:.2f}")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="onedoor-bench-") as scratch, postgresql(Path(scratch)) as server:
        place = Path(scratch)
        for database in DATABASES:
            print(f"growth on {database}, medians of {ROUNDS}")
            with empty(database, place, server) as (url, home):
                show("complete, by tasks the instance completed", by_age(url, home))
            completing, listing = by_crowd(database, place, server)
            show("complete, by open instances", completing)
            show("task list, by open instances", listing)


if __name__ == "__main__":
    main()
