"""What failed is found with its journey and its step, and retried one by one or all alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine import (
    SYSTEM,
    FailureQuery,
    NotAllowed,
    NotFound,
    ProcessEngine,
    TestClock,
    Topic,
    count_failures,
    fail_external_task,
    failure_trace,
    failures_by_message,
    fetch_and_lock,
    find_failures,
    retry_failure,
    retry_failures,
    run_due,
)
from engine.context import Actor
from engine.database.tables import external_task, incident, job
from tests.engine.play import ANNA, END, HANNA, OWNER, START, bpmn, deploy, flow, rows, start

FAILING = bpmn(
    '<extensionElements><camunda:properties><camunda:property name="subject" value="${name}"/></camunda:properties>'
    "</extensionElements>"
    + START
    + '<serviceTask id="book" name="Book the room" camunda:asyncBefore="true" camunda:expression="${missing}"/>'
    + END
    + flow("start", "book", "end")
)
EXTERNAL = bpmn(
    START
    + '<serviceTask id="print" name="Print the badge" camunda:type="external" camunda:topic="print"/>'
    + END
    + flow("start", "print", "end"),
    "x",
)


def found(engine: ProcessEngine, actor: Actor = ANNA, **asked: Any) -> list[tuple[object, ...]]:
    with engine.query(actor) as context:
        failures = find_failures(context, FailureQuery(**asked))
        return [(each.type, each.activity_name, each.journey, each.retries) for each in failures]


@pytest.fixture
def failing(engine: ProcessEngine, clock: TestClock) -> ProcessEngine:
    """Two journeys whose step was given up, and one that is still tried."""
    deploy(engine, FAILING)
    for name in ("Nora", "Olle"):
        start(engine, variables={"name": name})
    for wait in (timedelta(0), timedelta(seconds=10), timedelta(minutes=1)):
        clock.advance(wait)
        run_due(engine)
    start(engine, variables={"name": "Pia"})
    run_due(engine)
    return engine


def test_what_was_given_up_comes_first_with_its_step_and_journey(failing: ProcessEngine) -> None:
    assert found(failing) == [
        ("message", "Book the room", "Nora", 0),
        ("message", "Book the room", "Olle", 0),
        ("message", "Book the room", "Pia", 2),
    ]
    assert found(failing, given_up=True, first_result=1) == [("message", "Book the room", "Olle", 0)]
    with failing.query(OWNER) as context:
        assert count_failures(context, FailureQuery()) == 3
        ((message, number),) = failures_by_message(context)
        assert (number, "missing" in message) == (2, True)
        first = find_failures(context, FailureQuery(max_results=1))[0]
        assert "Traceback" in failure_trace(context, first.id)


def test_one_retry_is_one_more_try_now(failing: ProcessEngine) -> None:
    with failing.command(OWNER) as context:
        nora = find_failures(context, FailureQuery())[0]
        retry_failure(context, nora.id)
    assert len(rows(failing, incident)) == 1
    assert run_due(failing) == 1
    assert len(rows(failing, incident)) == 2, "it failed again"


def test_all_of_one_message_are_retried_and_those_with_tries_left_keep_them(
    failing: ProcessEngine, clock: TestClock
) -> None:
    with failing.query(OWNER) as context:
        ((message, _),) = failures_by_message(context)
    assert retry_failures(failing, OWNER, "another message") == 0
    assert retry_failures(failing, OWNER, message) == 2
    assert rows(failing, incident) == []
    assert sorted(row.retries for row in rows(failing, job)) == [1, 1, 2]
    assert run_due(failing) == 2


def test_an_external_task_that_a_worker_gave_up_is_among_them(engine: ProcessEngine) -> None:
    deploy(engine, EXTERNAL)
    start(engine, "x", business_key="nora")
    with engine.command(SYSTEM) as context:
        (fetched,) = fetch_and_lock(context, "w", [Topic("print", 1000)], 1)
        fail_external_task(
            context,
            fetched.id,
            "w",
            message="No paper",
            details="tray 2",
            retries=0,
            retry_timeout_ms=3_600_000,
            variables={},
            local={},
        )
    assert found(engine) == [("external", "Print the badge", "nora", 0)]
    with engine.query(ANNA) as context:
        assert failures_by_message(context) == [("No paper", 1)]
        assert failure_trace(context, fetched.id) == "tray 2"
    assert retry_failures(engine, ANNA, "No paper") == 1
    assert rows(engine, incident) == []
    assert [row.retries for row in rows(engine, external_task)] == [1]
    with engine.command(SYSTEM) as context:
        assert [each.id for each in fetch_and_lock(context, "w", [Topic("print", 1000)], 1)] == [fetched.id]


def test_only_administrators_and_process_owners_see_or_retry_what_failed(failing: ProcessEngine) -> None:
    with failing.query(ANNA) as context:
        failure = find_failures(context, FailureQuery())[0]
    with failing.query(HANNA) as context:
        verbs: list[Callable[[], object]] = [
            lambda: find_failures(context, FailureQuery()),
            lambda: count_failures(context, FailureQuery()),
            lambda: failures_by_message(context),
            lambda: failure_trace(context, failure.id),
            lambda: retry_failure(context, failure.id),
        ]
        for verb in verbs:
            with pytest.raises(NotAllowed):
                verb()
    with pytest.raises(NotAllowed):
        retry_failures(failing, HANNA, failure.message)


def test_what_is_done_is_no_failure_any_more(failing: ProcessEngine) -> None:
    with failing.query(ANNA) as context, pytest.raises(NotFound, match="it is done"):
        failure_trace(context, "none")
    with failing.query(ANNA) as context, pytest.raises(NotFound, match="it is done"):
        retry_failure(context, "none")
