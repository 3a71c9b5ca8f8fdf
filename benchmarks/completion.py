"""What completing a task costs with everything around it, on SQLite: statements, commits, processor time.

Beside it the floor: the least that could be asked of the same database, one row read and two written in one commit. The
ratio of the two is what to watch; milliseconds alone say more about the machine.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import event, insert, select, update

from engine import (
    SYSTEM,
    ProcessEngine,
    Settings,
    TaskQuery,
    TestClock,
    complete_task,
    deploy_resources,
    find_tasks,
    start_instance,
    upgrade,
)
from engine.database.tables import process_instance, user_operation_log
from workflows import bpmn_source, load_services

INSTANCES = 20


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{scratch}/bench.db"
        upgrade(url)
        engine = ProcessEngine(Settings(url, Path(scratch)), TestClock())
        service = next(each for each in load_services() if each.key == "onboarding")
        with engine.command(SYSTEM) as context:
            deploy_resources(context, "onboarding", [(service.resource_name, bpmn_source(service))])
        statements: list[int] = []
        completions = _completions(engine, statements)
        floor = _floor(engine, len(completions))
        engine.close()
    complete_ms, floor_ms = statistics.median(completions), statistics.median(floor)
    print(f"onboarding on SQLite, {len(completions)} completions of {INSTANCES} instances")
    print(f"  statements per completion: median {statistics.median(statements):.0f}, most {max(statements)}")
    print(f"  complete: {complete_ms:.2f} ms CPU; floor (one read, two writes, one commit): {floor_ms:.2f} ms CPU")
    print(f"complete/floor: {floor_ms / complete_ms:.2f}")


def _completions(engine: ProcessEngine, statements: list[int]) -> list[float]:
    counted = 0

    def count(*_: object) -> None:
        nonlocal counted
        counted += 1

    times = []
    event.listen(engine.database.engine, "before_cursor_execute", count)
    for _ in range(INSTANCES):
        with engine.command(SYSTEM) as context:
            started = start_instance(context, key="onboarding")
        while waiting := _waiting(engine, started.id):
            task_id = waiting[0]
            counted = 0

            def complete(task_id: str = task_id) -> None:
                with engine.command(SYSTEM) as context:
                    complete_task(context, task_id)

            times.append(_cpu_ms(complete))
            statements.append(counted - 1)  # BEGIN is no statement of ours
    event.remove(engine.database.engine, "before_cursor_execute", count)
    return times


def _waiting(engine: ProcessEngine, instance_id: str) -> list[str]:
    with engine.query(SYSTEM) as context:
        return [task.id for task in find_tasks(context, TaskQuery(root_instance_id=instance_id, max_results=1))]


def _floor(engine: ProcessEngine, times: int) -> list[float]:
    with engine.command(SYSTEM) as context:
        row_id = start_instance(context, key="onboarding").id

    def least() -> None:
        with engine.command(SYSTEM) as context:
            columns = process_instance.c
            row = context.connection.execute(select(columns.revision).where(columns.id == row_id)).one()
            context.connection.execute(
                update(process_instance).where(columns.id == row_id).values(revision=row.revision + 1)
            )
            context.connection.execute(
                insert(user_operation_log).values(
                    occurred_at=context.now, operation="Floor", entity_type="ProcessInstance"
                )
            )

    return [_cpu_ms(least) for _ in range(times)]


def _cpu_ms(work: Callable[[], None]) -> float:
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1000


if __name__ == "__main__":
    main()
