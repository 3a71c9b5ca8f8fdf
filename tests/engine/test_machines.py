"""Many processes on one PostgreSQL: what passes jobs on, what finds those that nobody holds, and whose clock counts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text, update

import engine.wakers.distributed as distributed
from engine import (
    SYSTEM,
    CommandContext,
    DelegateExecution,
    OptimisticLocking,
    ProcessEngine,
    Settings,
    SystemClock,
    complete_task,
    execute_job,
    set_due_date,
    set_retries,
    start_instance,
)
from engine.database.clock import DatabaseClock
from engine.database.tables import incident, job, process_instance
from engine.job_execution import execute_if_due
from engine.wakers.sweeping import sweep
from tests.conftest import postgres_database
from tests.engine.play import (
    END,
    START,
    bpmn,
    deploy,
    flow,
    jobs,
    rows,
    start,
    task,
    user_task,
    waiting,
)
from tests.engine.test_tasks import HANNA, RICH
from tests.engine.test_waker import CONTINUED, SOON, until

pytestmark = pytest.mark.postgres

MARKED = bpmn(
    START
    + '<serviceTask id="call" camunda:asyncBefore="true" camunda:delegateExpression="${mark}"/>'
    + END
    + flow("start", "call", "end")
)
#: Four jobs at once in one instance.
WIDE = bpmn(
    START
    + END
    + '<parallelGateway id="fork"/><parallelGateway id="join"/>'
    + "".join(
        f'<serviceTask id="call{each}" camunda:asyncBefore="true" camunda:delegateExpression="${{mark}}"/>'
        + flow("fork", f"call{each}", "join")
        for each in range(4)
    )
    + flow("start", "fork")
    + flow("join", "end")
)


@pytest.fixture
def url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    with postgres_database(postgres_server, postgres_template) as made:
        yield made


@pytest.fixture
def node(url: str, tmp_path: Path) -> Iterator[Callable[[], ProcessEngine]]:
    """Makes one process after another; in one process here, but with nothing in common but the database."""
    made: list[ProcessEngine] = []

    def make() -> ProcessEngine:
        made.append(ProcessEngine(Settings(url, tmp_path)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def queue(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return [
            tuple(row) for row in connection.execute("SELECT args->>'job_id', status::text FROM procrastinate_jobs")
        ]


def passed_on(url: str) -> list[str]:
    return [job_id for job_id, _ in queue(url)]


def empty_queue(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM procrastinate_jobs")


# ---------------------------------------------------------------- passing on


def test_a_job_is_passed_on_with_the_command_that_opens_it_or_not_at_all(
    url: str, node: Callable[[], ProcessEngine]
) -> None:
    server = node()
    deploy(server, CONTINUED, "c")

    def undone() -> None:
        with server.command(SYSTEM) as context:
            start_instance(context, key="c")
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        undone()
    assert queue(url) == []
    start(server, "c")
    (found,) = jobs(server)
    assert queue(url) == [(found.id, "todo")]


def test_only_what_is_due_soon_is_passed_on_and_the_sweep_finds_the_rest_when_its_time_comes(
    url: str, node: Callable[[], ProcessEngine]
) -> None:
    server = node()
    deploy(server, SOON)
    start(server, variables={"length": "PT2H"})
    (found,) = jobs(server)
    assert queue(url) == []
    assert sweep(server) == 0
    with server.command(SYSTEM) as context:  # an hour and 59.5 minutes later
        context.connection.execute(update(job).values(due_at=context.now + timedelta(seconds=30)))
    assert sweep(server) == 1
    assert passed_on(url) == [found.id]
    assert sweep(server) == 0, "what is passed on already is held"


def test_whoever_makes_a_job_due_at_another_moment_passes_it_on(url: str, node: Callable[[], ProcessEngine]) -> None:
    server = node()
    deploy(server, SOON)
    start(server, variables={"length": "PT2H"})
    (found,) = jobs(server)
    with server.command(SYSTEM) as context:
        set_due_date(context, found.id, context.now + timedelta(seconds=5))
    with server.command(SYSTEM) as context:
        set_retries(context, found.id, 1, context.now)
    assert passed_on(url) == [found.id, found.id]


@pytest.mark.parametrize(
    ("source", "most"),
    [
        pytest.param(RICH.replace(b"P3D", b"PT5S"), 10, id="timers ending and beginning within the minute"),
        pytest.param(
            bpmn(
                START
                + user_task("first")
                + user_task("later", 'camunda:asyncBefore="true"')
                + END
                + flow("start", "first", "later", "end")
            ),
            8,
            id="an asynchronous continuation",
        ),
    ],
)
def test_completing_a_task_whose_jobs_are_passed_on_takes_at_most_ten_statements(
    url: str, node: Callable[[], ProcessEngine], monkeypatch: pytest.MonkeyPatch, source: bytes, most: int
) -> None:
    server = node()
    deploy(server, source)
    start(server, variables={"name": "Nora"})
    found = task(server, "first")
    empty_queue(url)
    said: list[str] = []

    def counted(name: str) -> None:
        original = getattr(psycopg.Cursor, name)

        def call(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
            said.append(str(query))
            return original(self, query, *arguments, **options)

        monkeypatch.setattr(psycopg.Cursor, name, call)

    counted("execute")  # of the driver, so that Procrastinate's own statement is among them
    counted("executemany")
    with server.command(HANNA) as context:
        complete_task(context, found.id, {"approved": True})
    monkeypatch.undo()
    assert len(said) <= most <= 10, said
    assert sum("procrastinate_defer_jobs" in each for each in said) == 1
    assert len(queue(url)) == 1


# ---------------------------------------------------------------- nobody holds it


def test_a_job_whose_worker_was_killed_is_passed_on_again(url: str, node: Callable[[], ProcessEngine]) -> None:
    server = node()
    deploy(server, CONTINUED, "c")
    start(server, "c")
    (found,) = jobs(server)
    with psycopg.connect(url) as connection:  # a worker took it, lived for a while, and is silent since
        connection.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
        connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
        )
    assert sweep(server) == 0
    assert queue(url) == [(found.id, "doing")]
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '11 s'")
    assert sweep(server) == 1
    assert queue(url) == [(found.id, "todo")]


def test_what_the_queue_lost_altogether_runs_all_the_same(url: str, node: Callable[[], ProcessEngine]) -> None:
    server = node()
    deploy(server, CONTINUED, "c")
    start(server, "c")
    empty_queue(url)
    node().start_waker()
    assert until(lambda: waiting(server) == ["work"], 20)
    assert jobs(server) == []


def test_a_waker_survives_that_the_database_cuts_its_connections(url: str, node: Callable[[], ProcessEngine]) -> None:
    server = node()
    deploy(server, CONTINUED, "c")
    node().start_waker()
    start(server, "c")
    assert until(lambda: waiting(server) == ["work"], 20)
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    time.sleep(0.1)

    def started_again() -> bool:
        try:
            start(server, "c")
        except Exception:  # the connections that the pool still holds are dead
            return False
        return True

    assert until(started_again, 20)
    assert until(lambda: waiting(server) == ["work", "work"], 30)


def test_as_many_jobs_run_at_once_as_were_asked_for(node: Callable[[], ProcessEngine]) -> None:
    server, together = node(), threading.Barrier(9)
    deploy(server, MARKED)
    server.register_handler("mark", lambda context, execution: together.wait(20))
    for _ in range(8):
        start(server)
    distributed.DistributedWaker(server, concurrency=8).start()
    together.wait(20)  # nine are there: eight jobs and this test
    assert until(lambda: rows(server, process_instance) == [], 20)


# ---------------------------------------------------------------- one instance, one lock


def test_jobs_of_one_instance_never_run_beside_each_other_on_whatever_node(
    url: str, node: Callable[[], ProcessEngine]
) -> None:
    server, running, most = node(), 0, 0
    counting = threading.Lock()

    def mark(context: CommandContext, execution: DelegateExecution) -> None:
        nonlocal running, most
        with counting:
            running += 1
            most = max(most, running)
        time.sleep(0.1)
        with counting:
            running -= 1

    for each in (server, node(), node()):
        each.register_handler("mark", mark)
        each.start_waker()
    deploy(server, WIDE)
    start(server)
    assert until(lambda: rows(server, process_instance) == [], 30)
    assert most == 1
    start(server)
    start(server)
    assert until(lambda: rows(server, process_instance) == [], 30)
    assert most == 2, "two instances have two locks"


def test_a_job_that_must_wait_too_long_gives_way_and_is_not_charged(
    url: str, node: Callable[[], ProcessEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.job_execution.PATIENCE_S", 0.2)
    server, other = node(), node()
    deploy(server, MARKED)
    server.register_handler("mark", lambda context, execution: None)
    start(server)
    (found,) = jobs(server)
    with other.command(SYSTEM) as holding:
        holding.connection.execute(text("SELECT id FROM process_instance FOR UPDATE"))
        for _ in range(6):
            with pytest.raises(OptimisticLocking):
                execute_job(server, found.id)
    (left,) = jobs(server)
    assert (left.retries, left.attempts, left.exception_message) == (3, 0, None)
    assert rows(server, incident) == []
    empty_queue(url)
    with other.command(SYSTEM) as holding:
        holding.connection.execute(text("SELECT id FROM process_instance FOR UPDATE"))
        distributed.DistributedWaker(server)._run_job(found.id)
    assert passed_on(url) == [found.id], "it is asked for again a moment later"
    execute_job(server, found.id)
    assert jobs(server) == []


# ---------------------------------------------------------------- the database's clock


class OneHourOff(SystemClock):
    def __init__(self, hours: int) -> None:
        self._off = timedelta(hours=hours)

    def now(self) -> Any:
        return super().now() + self._off


@pytest.mark.parametrize("hours", [1, -1])
def test_a_node_whose_clock_is_wrong_fires_no_timer_early_and_misses_none(
    url: str, node: Callable[[], ProcessEngine], monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + hours * 3600)
    monkeypatch.setattr("engine.clock.datetime", _shifted(hours))
    server = node()
    assert abs((SystemClock().now() - server.clock.now()) - timedelta(hours=hours)) < timedelta(seconds=5)
    deploy(server, SOON)
    start(server, variables={"length": "PT30M"})
    start(server, variables={"length": "PT1S"})
    soon, later = sorted(jobs(server), key=lambda each: str(each.due_at))[0:2]
    execute_if_due(server, soon.id)
    execute_if_due(server, later.id)
    assert len(jobs(server)) == 2, "nothing is due yet"
    server.start_waker()
    assert until(lambda: waiting(server) == ["after"], 10)
    assert [each.id for each in jobs(server)] == [later.id]


def test_by_its_own_clock_such_a_node_would_fire_early(url: str, tmp_path: Path) -> None:
    """The control of the test above."""
    server = ProcessEngine(Settings(url, tmp_path))
    deploy(server, SOON)
    start(server, variables={"length": "PT30M"})
    (found,) = jobs(server)
    server.clock = OneHourOff(1)
    execute_if_due(server, found.id)
    assert jobs(server) == []
    server.close()


def _shifted(hours: int) -> Any:
    import datetime as module

    class Shifted(module.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return module.datetime.now(tz) + timedelta(hours=hours)

    return Shifted


def test_the_clock_is_carried_on_when_the_database_does_not_answer(
    node: Callable[[], ProcessEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = node()
    clock = server.clock
    assert isinstance(clock, DatabaseClock)
    before = clock.now()
    monkeypatch.setattr("engine.database.clock.ASK_EVERY_S", -1.0)
    monkeypatch.setattr(server.database, "read", _unreachable)
    assert timedelta(0) <= clock.now() - before < timedelta(seconds=5)


def _unreachable() -> Any:
    from engine import DatabaseUnusable

    raise DatabaseUnusable("gone")
