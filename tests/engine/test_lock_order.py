"""Whoever works on an instance locks it first and what lies inside it afterwards, so nobody waits in a circle."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import text

from engine import (
    SYSTEM,
    Conflict,
    NotFound,
    OptimisticLocking,
    ProcessEngine,
    Topic,
    complete_task,
    delete_instance,
    fail_external_task,
    fetch_and_lock,
    set_external_retries,
    set_retries,
)
from engine.database.tables import process_instance
from tests.engine.play import END, START, bpmn, deploy, flow, jobs, start, task, user_task

BUSY = (
    START
    + user_task("work")
    + '<boundaryEvent id="late" attachedToRef="work"><timerEventDefinition>'
    + "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
    + '<serviceTask id="robot" camunda:type="external" camunda:topic="t"/>'
    + END
    + '<parallelGateway id="fork"/>'
    + flow("start", "fork", "work", "end")
    + flow("fork", "robot", "end")
    + flow("late", "end")
)


def others_wait(engine: ProcessEngine) -> bool:
    with engine.database.read() as connection:
        return bool(
            connection.execute(
                text(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE wait_event_type = 'Lock' AND datname = current_database()"
                )
            ).scalar_one()
        )


def begin_meanwhile(engine: ProcessEngine, call: Callable[[], None], outcomes: list[str]) -> threading.Thread:
    """Runs `call` in another thread, and comes back when that waits for a lock."""

    def make() -> None:
        try:
            call()
        except (NotFound, Conflict) as error:
            outcomes.append(type(error).__name__)
        except Exception as error:  # shown in the assertion
            outcomes.append(repr(error))
        else:
            outcomes.append("done")

    thread = threading.Thread(target=make)
    thread.start()
    deadline = time.monotonic() + 10
    while thread.is_alive() and engine.database.dialect == "postgresql" and not others_wait(engine):
        assert time.monotonic() < deadline, "the other command never waited"
    return thread


@pytest.mark.parametrize("what", ["complete task", "fail external task", "external retries", "job retries"])
def test_an_instance_ended_while_somebody_works_inside_it_is_no_deadlock(engine: ProcessEngine, what: str) -> None:
    deploy(engine, bpmn(BUSY))
    instance = start(engine)
    with engine.command(SYSTEM) as context:
        (external,) = fetch_and_lock(context, "w", [Topic("t", 60_000)], 1)
    found, (job,) = task(engine, "work"), jobs(engine)

    def inside() -> None:
        with engine.command(SYSTEM) as context:
            match what:
                case "complete task":
                    complete_task(context, found.id)
                case "fail external task":
                    fail_external_task(
                        context,
                        external.id,
                        "w",
                        message="no",
                        details=None,
                        retries=0,
                        retry_timeout_ms=0,
                        variables={},
                        local={},
                    )
                case "external retries":
                    set_external_retries(context, external.id, 3)
                case _:
                    set_retries(context, job.id, 3)

    outcomes: list[str] = []
    with engine.command(SYSTEM) as context:
        context.connection.execute(
            process_instance.select().where(process_instance.c.id == instance.id).with_for_update()
        )
        other = begin_meanwhile(engine, inside, outcomes)
        delete_instance(context, instance.id)
    other.join(30)
    assert outcomes in (["NotFound"], ["JobGone"])


def test_a_circle_that_the_database_breaks_is_told_as_somebody_elses_change(engine: ProcessEngine) -> None:
    """Two instances locked in opposite orders: one command goes on, the other may be tried again."""
    if engine.database.dialect == "sqlite":
        return  # one writer at a time: there are no circles
    deploy(engine, bpmn(START + user_task("work") + END + flow("start", "work", "end")))
    ids = [start(engine).id for _ in range(2)]
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def lock_both(first: str, second: str) -> None:
        try:
            with engine.command(SYSTEM) as context:
                locking = process_instance.select().with_for_update()
                context.connection.execute(locking.where(process_instance.c.id == first))
                barrier.wait(10)
                context.connection.execute(locking.where(process_instance.c.id == second))
        except OptimisticLocking:
            outcomes.append("told")
        else:
            outcomes.append("done")

    threads = [threading.Thread(target=lock_both, args=pair) for pair in (ids, reversed(ids))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["done", "told"]
