"""Suspending and activating definitions: nothing starts them, at once or from a day on; what runs goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import (
    SYSTEM,
    Correlation,
    InstanceQuery,
    MismatchingMessageCorrelation,
    ProcessEngine,
    Suspended,
    TestClock,
    Which,
    broadcast_signal,
    correlate,
    evaluate_conditions,
    find_instances,
    get_definition,
    run_due,
    start_instance,
    submit_start_form,
    suspend_definition,
    suspend_jobs,
)
from engine.database.tables import job, process_definition
from tests.engine.play import (
    END,
    OWNER,
    START,
    TWO_TASKS,
    bpmn,
    complete,
    deploy,
    flow,
    jobs,
    rows,
    start,
    user_task,
    waiting,
)

BESIDE = '<message id="m" name="paid"/><signal id="s" name="alarm"/>'


MESSAGE = '<messageEventDefinition messageRef="m"/>'
SIGNAL = '<signalEventDefinition signalRef="s"/>'
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"


def started_by(definition: str) -> bytes:
    return bpmn(f'<startEvent id="start">{definition}</startEvent>' + user_task("first") + END
                + flow("start", "first", "end"), beside=BESIDE)  # fmt: skip


def suspended_ones(engine: ProcessEngine) -> list[str]:
    with engine.query(SYSTEM) as context:
        return [each.id for each in find_instances(context, InstanceQuery(suspended=True))]


def suspend_key(engine: ProcessEngine, **more: Any) -> None:
    with engine.command(OWNER) as context:
        suspend_definition(context, key="p", **{"suspended": True, **more})


def test_a_suspended_definition_is_not_started_and_its_instances_go_on(engine: ProcessEngine) -> None:
    definition = deploy(engine, TWO_TASKS)
    start(engine)
    suspend_key(engine)
    with pytest.raises(Suspended, match="is suspended"):
        start(engine)
    with pytest.raises(Suspended), engine.command(OWNER) as context:
        start_instance(context, definition_id=definition)
    with pytest.raises(Suspended), engine.command(OWNER) as context:
        submit_start_form(context, definition, {})
    complete(engine, "first")
    assert waiting(engine) == ["second"]
    suspend_key(engine, suspended=False)
    start(engine)
    assert waiting(engine) == ["first", "second"]


def test_instances_are_suspended_with_their_definition_if_asked(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine)
    suspend_key(engine, include_instances=True)
    assert suspended_ones(engine) == [instance.id]
    suspend_key(engine, suspended=False)
    assert suspended_ones(engine) == [instance.id]
    suspend_key(engine, suspended=False, include_instances=True)
    assert suspended_ones(engine) == []


def test_a_key_means_every_version_and_an_id_only_one(engine: ProcessEngine) -> None:
    first = deploy(engine, TWO_TASKS)
    second = deploy(engine, TWO_TASKS.replace(b"First", b"Very first"))
    with engine.command(OWNER) as context:
        suspend_definition(context, definition_id=first, suspended=True)
    assert {row.id: row.suspended for row in rows(engine, process_definition)} == {first: True, second: False}
    start(engine)
    suspend_key(engine)
    assert all(row.suspended for row in rows(engine, process_definition))


@pytest.mark.parametrize("definition", [MESSAGE, SIGNAL])
def test_no_message_or_signal_starts_a_suspended_definition(engine: ProcessEngine, definition: str) -> None:
    deploy(engine, started_by(definition))
    suspend_key(engine)

    def send() -> None:
        with engine.command(OWNER) as context:
            if definition == SIGNAL:
                broadcast_signal(context, "alarm")
            else:
                correlate(context, Correlation("paid"))

    if definition == SIGNAL:
        send()
    else:
        with pytest.raises(MismatchingMessageCorrelation):
            send()
    assert waiting(engine) == []
    suspend_key(engine, suspended=False)
    send()
    assert waiting(engine) == ["first"]


def test_no_condition_starts_a_suspended_definition(engine: ProcessEngine) -> None:
    condition = "<conditionalEventDefinition><condition>${cold}</condition></conditionalEventDefinition>"
    deploy(engine, started_by(condition))
    suspend_key(engine)
    with engine.command(OWNER) as context:
        assert evaluate_conditions(context, {"cold": True}) == []
    suspend_key(engine, suspended=False)
    with engine.command(OWNER) as context:
        assert len(evaluate_conditions(context, {"cold": True})) == 1


def test_a_start_timer_waits_with_its_definition_and_fires_once_afterwards(
    engine: ProcessEngine, clock: TestClock
) -> None:
    deploy(engine, started_by(TIMER))
    suspend_key(engine)
    clock.advance(timedelta(hours=2))
    assert run_due(engine) == 0
    suspend_key(engine, suspended=False)
    assert run_due(engine) == 1
    assert waiting(engine) == ["first"]


def test_a_call_of_a_suspended_definition_leaves_no_trace(engine: ProcessEngine) -> None:
    deploy(engine, bpmn(START + user_task("before") + '<callActivity id="call" calledElement="p"/>' + END
                        + flow("start", "before", "call", "end"), "calling"), "calling")  # fmt: skip
    deploy(engine, TWO_TASKS)
    start(engine, "calling")
    suspend_key(engine)
    with pytest.raises(Suspended):
        complete(engine, "before")
    assert waiting(engine) == ["before"]


@pytest.mark.parametrize("with_instances", [False, True])
def test_a_suspension_for_later_is_a_job(engine: ProcessEngine, clock: TestClock, with_instances: bool) -> None:
    definition = deploy(engine, TWO_TASKS)
    instance = start(engine)
    suspend_key(engine, include_instances=with_instances, at=clock.now() + timedelta(days=7))
    (found,) = jobs(engine)
    assert (found.due_at, found.process_instance_id, found.activity_id) == (clock.now() + timedelta(days=7), None, None)
    deploy(engine, TWO_TASKS.replace(b"First", b"Very first"))  # a new version does not undo it
    start(engine)
    clock.advance(timedelta(days=7))
    assert run_due(engine) == 1
    assert jobs(engine) == []
    assert len(suspended_ones(engine)) == (2 if with_instances else 0)
    with pytest.raises(Suspended):
        start(engine)
    with engine.command(OWNER) as context:
        assert get_definition(context, definition).suspended
        suspend_definition(context, definition_id=definition, suspended=False, include_instances=True, at=clock.now())
    assert run_due(engine) == 1
    with engine.query(SYSTEM) as context:
        assert not get_definition(context, definition).suspended
    assert instance.id not in suspended_ones(engine)


def test_a_suspension_for_later_is_itself_not_suspended(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, TWO_TASKS)
    suspend_key(engine, suspended=False, at=clock.now() + timedelta(days=1))
    suspend_key(engine)
    with engine.command(OWNER) as context:
        suspend_jobs(context, Which(definition_key="p"), suspended=True)
    assert [row.suspended for row in rows(engine, job)] == [False]
    clock.advance(timedelta(days=1))
    assert run_due(engine) == 1
    start(engine)
    assert waiting(engine) == ["first"]
