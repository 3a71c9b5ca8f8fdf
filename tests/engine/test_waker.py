"""The one test that waits for real time: from a due date to its effect, by the process that woke up itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from engine import CommandContext, DelegateExecution, ProcessEngine, Settings, SystemClock, TestClock, run_due
from tests.engine.play import (
    END,
    START,
    bpmn,
    deploy,
    flow,
    jobs,
    start,
    user_task,
    waiting,
)

SOON = bpmn(
    START
    + '<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>${length}</timeDuration>'
    + "</timerEventDefinition></intermediateCatchEvent>"
    + user_task("after")
    + END
    + flow("start", "wait", "after", "end")
)
CONTINUED = bpmn(START + user_task("work", 'camunda:asyncBefore="true"') + END + flow("start", "work", "end"), "c")


def until(condition: Callable[[], bool], seconds: float = 2.0) -> bool:
    """Whether it comes true in time."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < deadline:
        if condition():
            return True
        pause.wait(0.02)
    return False


def test_the_waker_fires_due_timers_by_itself_also_those_that_became_due_before_it_started(
    database_url: str, engine: ProcessEngine, clock: TestClock
) -> None:
    deploy(engine, SOON)
    deploy(engine, CONTINUED, "c")
    clock.set(SystemClock().now() - timedelta(hours=1))
    start(engine, variables={"length": "PT1S"})  # overdue for almost an hour
    start(engine, variables={"length": "P1D"})  # not for a day

    server = ProcessEngine(Settings(database_url, engine.settings.home))
    server.start_waker()
    try:
        assert until(lambda: waiting(server) == ["after"])
        began = time.monotonic()
        start(server, variables={"length": "PT0.4S"})
        assert waiting(server) == ["after"]
        assert until(lambda: waiting(server) == ["after", "after"])
        assert time.monotonic() - began >= 0.4
        start(server, "c")
        assert until(lambda: waiting(server) == ["after", "after", "work"])
        assert len(jobs(server)) == 1
    finally:
        server.close()


def test_with_a_test_clock_nothing_fires_until_it_is_told(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, SOON)
    start(engine, variables={"length": "PT1H"})
    engine.start_waker()
    clock.advance(timedelta(hours=2))
    assert not until(lambda: jobs(engine) == [], seconds=0.3)
    assert run_due(engine) == 1


SLOW = bpmn(
    START
    + '<serviceTask id="call" camunda:asyncBefore="true" camunda:delegateExpression="${slow}"/>'
    + END
    + flow("start", "call", "end")
)


def test_a_wake_up_asked_for_while_a_round_runs_is_not_forgotten(database_url: str, engine: ProcessEngine) -> None:
    server = ProcessEngine(Settings(database_url, engine.settings.home))
    running, go_on = threading.Event(), threading.Event()

    def slow(context: CommandContext, execution: DelegateExecution) -> None:
        running.set()
        go_on.wait(5)

    server.register_handler("slow", slow)
    deploy(server, SLOW)
    server.start_waker()
    try:
        start(server)
        assert running.wait(5)
        server.on_due(None)  # what a commit of another thread would ask for
        assert not until(lambda: go_on.is_set(), seconds=0.3)  # time for the scheduler to take it up
        go_on.set()
        assert until(lambda: jobs(engine) == [])
        start(server)
        assert until(lambda: jobs(engine) == [])
    finally:
        go_on.set()
        server.close()


def test_a_server_closes_while_a_round_runs(database_url: str, engine: ProcessEngine) -> None:
    """The round that runs is waited for; its wish for the next one must not keep the scheduler from stopping."""
    server = ProcessEngine(Settings(database_url, engine.settings.home))
    running, go_on = threading.Event(), threading.Event()

    def slow(context: CommandContext, execution: DelegateExecution) -> None:
        running.set()
        go_on.wait(5)

    server.register_handler("slow", slow)
    deploy(server, SLOW)
    server.start_waker()
    start(server)
    assert running.wait(5)
    closing = threading.Thread(target=server.close, daemon=True)
    closing.start()
    assert not until(lambda: not closing.is_alive(), seconds=0.1)
    go_on.set()
    closing.join(5)
    assert not closing.is_alive()
    assert jobs(engine) == []
