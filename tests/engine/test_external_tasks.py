"""Workers: fetch, lock, report."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import (
    SYSTEM,
    Conflict,
    ExternalTask,
    ExternalTaskQuery,
    IncidentQuery,
    InvalidInput,
    NotFound,
    ProcessEngine,
    TestClock,
    Topic,
    complete_external_task,
    count_external_tasks,
    extend_lock,
    fail_external_task,
    fetch_and_lock,
    find_external_tasks,
    find_incidents,
    get_external_task,
    get_variables,
    lock,
    set_external_priority,
    set_external_retries,
    throw_bpmn_error,
    unlock,
)
from engine.database.tables import external_task, incident
from tests.engine.play import END, START, bpmn, deploy, flow, history, rows, start, user_task, waiting

MINUTE = 60_000


def robot(topic: str = "badge", attributes: str = "") -> str:
    return f'<serviceTask id="robot" camunda:type="external" camunda:topic="{topic}" {attributes}/>'


PLAIN = bpmn(START + robot() + user_task("after") + END + flow("start", "robot", "after", "end"))


def fetch(engine: ProcessEngine, worker: str = "w", most: int = 10, **more: object) -> list[ExternalTask]:
    with engine.command(SYSTEM) as context:
        return fetch_and_lock(context, worker, [Topic("badge", MINUTE, **more)], most)


def fail(engine: ProcessEngine, found: ExternalTask, retries: int, timeout_ms: int = 0) -> None:
    with engine.command(SYSTEM) as context:
        fail_external_task(
            context,
            found.id,
            "w",
            message="the printer is out of cards",
            details="stack",
            retries=retries,
            retry_timeout_ms=timeout_ms,
            variables={"seen": True},
            local={"try": 1},
        )


def test_a_worker_fetches_what_waits_with_its_variables_and_completes_it(
    engine: ProcessEngine, clock: TestClock
) -> None:
    deploy(engine, PLAIN)
    instance = start(engine, variables={"name": "Nora", "secret": 1}, business_key="B-1")
    (found,) = fetch(engine, variables=("name",))
    assert (found.process_instance_id, found.activity_id, found.business_key) == (instance.id, "robot", "B-1")
    assert (found.worker_id, found.lock_expires_at) == ("w", clock.now() + timedelta(minutes=1))
    assert found.variables == {"name": "Nora"}
    with engine.command(SYSTEM) as context:
        complete_external_task(context, found.id, "w", {"card": 7}, {})
    assert waiting(engine) == ["after"]
    assert rows(engine, external_task) == []
    assert history(engine)["robot"].ended_at is not None
    with engine.query(SYSTEM) as context:
        assert get_variables(context, instance.id)["card"] == 7
    with pytest.raises(NotFound), engine.command(SYSTEM) as context:
        complete_external_task(context, found.id, "w", {}, {})


def test_what_is_locked_is_not_fetched_again_until_the_lock_runs_out(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, PLAIN)
    start(engine)
    (found,) = fetch(engine)
    assert fetch(engine, "other") == []
    clock.advance(timedelta(minutes=1))
    (again,) = fetch(engine, "other")
    assert (again.id, again.worker_id) == (found.id, "other")
    with pytest.raises(Conflict, match="It is locked by worker 'other'"), engine.command(SYSTEM) as context:
        complete_external_task(context, found.id, "w", {}, {})


def test_a_worker_whose_lock_ran_out_may_still_complete_if_nobody_else_came(
    engine: ProcessEngine, clock: TestClock
) -> None:
    deploy(engine, PLAIN)
    start(engine)
    (found,) = fetch(engine)
    clock.advance(timedelta(hours=1))
    with pytest.raises(Conflict, match="run out"), engine.command(SYSTEM) as context:
        extend_lock(context, found.id, "w", MINUTE)
    with engine.command(SYSTEM) as context:
        complete_external_task(context, found.id, "w", {}, {})


def test_max_tasks_counts_over_all_topics_and_the_oldest_come_first(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, PLAIN)
    deploy(engine, bpmn(START + robot("laptop") + END + flow("start", "robot", "end"), "q"))
    for key in ("q", "p", "p"):
        start(engine, key)
        clock.advance(timedelta(seconds=1))
    with engine.command(SYSTEM) as context:
        found = fetch_and_lock(context, "w", [Topic("badge", MINUTE), Topic("laptop", MINUTE)], 2)
    assert [each.topic for each in found] == ["badge", "badge"]
    assert found[0].created_at < found[1].created_at
    assert fetch(engine) == []


def test_priority_comes_first_only_if_asked_for(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, bpmn(START + robot(attributes='camunda:taskPriority="${p}"') + END + flow("start", "robot", "end")))
    for priority in (1, 9):
        start(engine, variables={"p": priority})
        clock.advance(timedelta(seconds=1))
    with engine.command(SYSTEM) as context:
        (first,) = fetch_and_lock(context, "w", [Topic("badge", MINUTE)], 1)
        unlock(context, first.id)
        (urgent,) = fetch_and_lock(context, "w", [Topic("badge", MINUTE)], 1, use_priority=True)
    assert (first.priority, urgent.priority) == (1, 9)


def test_topics_may_ask_for_a_business_key_or_a_process(engine: ProcessEngine) -> None:
    definition = deploy(engine, PLAIN)
    start(engine, business_key="B-1")
    assert fetch(engine, business_key="B-2") == []
    assert fetch(engine, definition_key="x") == []
    (found,) = fetch(engine, definition_id=definition, business_key="B-1", local_variables=True)
    assert found.variables == {}


def test_a_failure_hides_the_task_and_without_retries_is_an_incident(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, PLAIN)
    instance = start(engine)
    (found,) = fetch(engine)
    fail(engine, found, 1, 5 * MINUTE)
    assert fetch(engine) == []
    clock.advance(timedelta(minutes=5))
    (again,) = fetch(engine)
    assert (again.retries, again.error_message) == (1, "the printer is out of cards")
    assert again.variables == {"seen": True, "try": 1}
    fail(engine, again, 0)
    assert fetch(engine) == []
    with engine.query(SYSTEM) as context:
        (told,) = find_incidents(context, IncidentQuery(process_instance_id=instance.id))
        assert get_external_task(context, found.id).error_details == "stack"
    assert (told.incident_type, told.configuration) == ("failedExternalTask", found.id)

    with engine.command(SYSTEM) as context:
        set_external_retries(context, found.id, 2)
    assert rows(engine, incident) == []
    assert len(fetch(engine)) == 1


def test_a_second_failure_without_retries_makes_no_second_incident(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, PLAIN)
    start(engine)
    (found,) = fetch(engine)
    fail(engine, found, 0)
    fail(engine, found, 0)
    assert len(rows(engine, incident)) == 1
    fail(engine, found, 1)
    assert rows(engine, incident) == []
    with engine.command(SYSTEM) as context:
        set_external_retries(context, found.id, 0)
    assert len(rows(engine, incident)) == 1


def test_a_business_error_takes_the_way_drawn_for_it(engine: ProcessEngine) -> None:
    deploy(
        engine,
        bpmn(
            START
            + robot()
            + '<boundaryEvent id="none_left" attachedToRef="robot"><errorEventDefinition errorRef="e"/></boundaryEvent>'
            + user_task("order")
            + END
            + flow("start", "robot", "end")
            + flow("none_left", "order", "end"),
            beside='<error id="e" errorCode="no-cards"/>',
        ),
    )
    start(engine)
    (found,) = fetch(engine)
    with pytest.raises(InvalidInput), engine.command(SYSTEM) as context:
        throw_bpmn_error(context, found.id, "w", "", None, {})
    with engine.command(SYSTEM) as context:
        throw_bpmn_error(context, found.id, "w", "no-cards", "none left", {"a": 1})
    assert waiting(engine) == ["order"]
    assert rows(engine, external_task) == []


def test_locks_are_extended_taken_and_given_back(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, PLAIN)
    start(engine)
    (found,) = fetch(engine)
    with engine.command(SYSTEM) as context:
        extend_lock(context, found.id, "w", 10 * MINUTE)
        assert get_external_task(context, found.id).lock_expires_at == clock.now() + timedelta(minutes=10)
    for call in (
        lambda context: extend_lock(context, found.id, "other", MINUTE),
        lambda context: lock(context, found.id, "other", MINUTE),
    ):
        with pytest.raises(Conflict), engine.command(SYSTEM) as context:
            call(context)
    with pytest.raises(InvalidInput), engine.command(SYSTEM) as context:
        extend_lock(context, found.id, "w", 0)
    with engine.command(SYSTEM) as context:
        unlock(context, found.id)
        lock(context, found.id, "other", MINUTE)
        assert get_external_task(context, found.id).worker_id == "other"


def test_nonsense_is_refused(engine: ProcessEngine) -> None:
    deploy(engine, PLAIN)
    start(engine)
    (found,) = fetch(engine)
    with pytest.raises(InvalidInput):
        fail(engine, found, -1)
    with pytest.raises(InvalidInput), engine.command(SYSTEM) as context:
        set_external_retries(context, found.id, -1)
    for call in (unlock, get_external_task):
        with pytest.raises(NotFound), engine.command(SYSTEM) as context:
            call(context, "x")


def test_external_tasks_are_found_by_every_filter(engine: ProcessEngine, clock: TestClock) -> None:
    definition = deploy(engine, PLAIN)
    instance = start(engine)
    (found,) = fetch(engine)
    with engine.command(SYSTEM) as context:
        set_external_priority(context, found.id, 5)
    for filters, expected in (
        ({"id": found.id, "ids": (found.id,)}, 1),
        ({"topic": "badge", "worker_id": "w"}, 1),
        ({"locked": True}, 1),
        ({"not_locked": True}, 0),
        ({"with_retries_left": True}, 1),
        ({"no_retries_left": True}, 0),
        ({"activity_id": "robot", "process_instance_id": instance.id}, 1),
        ({"definition_id": definition, "definition_key": "p"}, 1),
        ({"active": True}, 1),
        ({"suspended": True}, 0),
    ):
        with engine.query(SYSTEM) as context:
            query = ExternalTaskQuery(sort=(("priority", "desc"),), **filters)
            assert count_external_tasks(context, query) == expected, filters
            assert len(find_external_tasks(context, query)) == expected, filters
    clock.advance(timedelta(minutes=2))
    with engine.query(SYSTEM) as context:
        assert count_external_tasks(context, ExternalTaskQuery(not_locked=True)) == 1
