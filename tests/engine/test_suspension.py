"""Suspending and activating definitions, instances and jobs: what waits, what is refused, what is still allowed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine import (
    SYSTEM,
    CommandContext,
    Correlation,
    HistoricInstanceQuery,
    IdentityLink,
    InstanceQuery,
    InvalidInput,
    MismatchingMessageCorrelation,
    NotAllowed,
    NotFound,
    ProcessEngine,
    Suspended,
    TestClock,
    Topic,
    Which,
    add_identity_link,
    assign_task,
    broadcast_signal,
    claim_task,
    complete_external_task,
    complete_task,
    correlate,
    count_historic_instances,
    delete_instance,
    deliver_to,
    execute_job,
    fetch_and_lock,
    find_external_tasks,
    find_instances,
    get_variables,
    modify_instance,
    run_due,
    set_variables,
    signal_to,
    suspend_definition,
    suspend_instances,
    suspend_job,
    suspend_jobs,
    trigger,
    unclaim_task,
)
from engine import ExternalTaskQuery as ExternalQuery
from engine.database.tables import event_subscription
from tests.engine.play import (
    END,
    HANNA,
    OWNER,
    START,
    TWO_TASKS,
    bpmn,
    complete,
    counting,
    deploy,
    flow,
    historic_instance,
    jobs,
    rows,
    start,
    task,
    tasks,
    user_task,
    waiting,
)

BESIDE = '<message id="m" name="paid"/><signal id="s" name="alarm"/>'


def catch(id: str, definition: str) -> str:
    return f'<intermediateCatchEvent id="{id}">{definition}</intermediateCatchEvent>'


MESSAGE = '<messageEventDefinition messageRef="m"/>'
SIGNAL = '<signalEventDefinition signalRef="s"/>'
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"


def caught(definition: str) -> bytes:
    return bpmn(START + catch("wait", definition) + user_task("after") + END
                + flow("start", "wait", "after", "end"), beside=BESIDE)  # fmt: skip


def suspend(engine: ProcessEngine, *ids: str, suspended: bool = True) -> None:
    with engine.command(OWNER) as context:
        suspend_instances(context, Which(instance_ids=ids), suspended=suspended)


def activate(engine: ProcessEngine, *ids: str) -> None:
    suspend(engine, *ids, suspended=False)


def suspended_ones(engine: ProcessEngine) -> list[str]:
    with engine.query(SYSTEM) as context:
        return [each.id for each in find_instances(context, InstanceQuery(suspended=True))]


# ---------------------------------------------------------------- tasks of a suspended instance


CANDIDATE = IdentityLink("candidate", "anna", None)
WORK: dict[str, Callable[[CommandContext, str], None]] = {
    "complete": complete_task,
    "claim": lambda context, found: claim_task(context, found, "anna"),
    "give back": unclaim_task,
    "hand over": lambda context, found: assign_task(context, found, "anna"),
    "add a candidate": lambda context, found: add_identity_link(
        context, found, IdentityLink("candidate", "anna", None)
    ),
}


@pytest.mark.parametrize("what", WORK)
def test_nobody_works_on_a_task_of_a_suspended_instance(engine: ProcessEngine, what: str) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine)
    found = task(engine, "first")
    suspend(engine, instance.id)
    with pytest.raises(Suspended, match="is suspended: activate"), engine.command(SYSTEM) as context:
        WORK[what](context, found.id)
    activate(engine, instance.id)
    with engine.command(SYSTEM) as context:
        WORK[what](context, found.id)


def test_tasks_show_their_instances_state_and_its_history_too(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    one, other = start(engine), start(engine)
    suspend(engine, one.id)
    assert [each.process_instance_id for each in tasks(engine, suspended=True)] == [one.id]
    assert [each.process_instance_id for each in tasks(engine, active=True)] == [other.id]
    assert suspended_ones(engine) == [one.id]
    assert historic_instance(engine, one.id).state == "SUSPENDED"
    activate(engine, one.id)
    assert historic_instance(engine, one.id).state == "ACTIVE"
    assert (tasks(engine, suspended=True), suspended_ones(engine)) == ([], [])


def test_suspending_twice_and_activating_what_is_active_are_no_errors(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine)
    activate(engine, instance.id)
    suspend(engine, instance.id)
    suspend(engine, instance.id)
    assert suspended_ones(engine) == [instance.id]


def test_a_called_instance_has_a_state_of_its_own(engine: ProcessEngine) -> None:
    deploy(engine, bpmn(START + '<callActivity id="call" calledElement="called"/>' + user_task("after") + END
                        + flow("start", "call", "after", "end"), "calling"))  # fmt: skip
    deploy(engine, bpmn(START + user_task("inner") + END + flow("start", "inner", "end"), "called"), "called")
    instance = start(engine, "calling")
    suspend(engine, instance.id)
    assert suspended_ones(engine) == [instance.id]
    complete(engine, "inner")  # it returns; its caller stays suspended at the next thing to wait for
    (after,) = tasks(engine)
    assert (after.activity_id, after.suspended) == ("after", True)
    activate(engine, instance.id)
    complete(engine, "after")
    assert waiting(engine) == []


# ---------------------------------------------------------------- jobs


def test_what_became_due_meanwhile_runs_once_on_activation(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, caught(TIMER))
    instance = start(engine)
    suspend(engine, instance.id)
    (found,) = jobs(engine)
    assert found.suspended
    clock.advance(timedelta(hours=2))
    assert run_due(engine) == 0
    with pytest.raises(Suspended, match=r"Job .* is suspended"):
        execute_job(engine, found.id)
    assert jobs(engine)[0].attempts == 0
    woken: list[Any] = []
    engine.on_due = woken.append
    activate(engine, instance.id)
    (due,) = woken
    assert due <= clock.now()
    assert run_due(engine) == 1
    assert run_due(engine) == 0
    assert waiting(engine) == ["after"]


def test_one_job_is_suspended_and_its_instance_goes_on(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, caught(TIMER))
    one, other = start(engine), start(engine)
    (found,) = jobs(engine, process_instance_id=one.id)
    with engine.command(OWNER) as context:
        suspend_job(context, found.id, suspended=True)
    clock.advance(timedelta(hours=2))
    assert run_due(engine) == 1
    assert [each.process_instance_id for each in tasks(engine)] == [other.id]
    with engine.command(OWNER) as context:
        suspend_job(context, found.id, suspended=False)
    assert run_due(engine) == 1


@pytest.mark.parametrize("by", ["instance", "definition", "key"])
def test_jobs_are_suspended_by_instance_definition_and_key(engine: ProcessEngine, by: str) -> None:
    first = deploy(engine, caught(TIMER))
    one, two = start(engine), start(engine)
    deploy(engine, caught(TIMER).replace(b"PT1H", b"PT2H"))
    newer = start(engine)
    which, expected = {
        "instance": (Which(instance_ids=(one.id,)), {one.id}),
        "definition": (Which(definition_id=first), {one.id, two.id}),
        "key": (Which(definition_key="p"), {one.id, two.id, newer.id}),
    }[by]
    with engine.command(OWNER) as context:
        suspend_jobs(context, which, suspended=True)
    assert {each.process_instance_id for each in jobs(engine, suspended=True)} == expected
    assert suspended_ones(engine) == []
    with engine.command(OWNER) as context:
        suspend_jobs(context, which, suspended=False)
    assert jobs(engine, suspended=True) == []


def test_a_suspension_waits_for_who_works_on_the_instance_and_takes_what_that_opens(engine: ProcessEngine) -> None:
    deploy(engine, bpmn(START + user_task("first") + catch("wait", TIMER) + END
                        + flow("start", "first", "wait", "end")))  # fmt: skip
    instance = start(engine)
    found = task(engine, "first")
    suspending = threading.Thread(target=suspend, args=(engine, instance.id))
    with engine.command(SYSTEM) as context:
        complete_task(context, found.id)
        suspending.start()
        suspending.join(0.5)
        assert suspending.is_alive()
    suspending.join(30)
    assert [(each.activity_id, each.suspended) for each in jobs(engine)] == [("wait", True)]


# ---------------------------------------------------------------- messages, signals, workers


def test_a_message_does_not_find_a_suspended_instance_and_a_direct_one_is_refused(engine: ProcessEngine) -> None:
    deploy(engine, caught(MESSAGE))
    instance = start(engine)
    suspend(engine, instance.id)
    with pytest.raises(MismatchingMessageCorrelation), engine.command(OWNER) as context:
        correlate(context, Correlation("paid"))
    (subscription,) = rows(engine, event_subscription)
    with pytest.raises(Suspended), engine.command(OWNER) as context:
        deliver_to(context, "paid", instance.id, subscription.activity_number, {})
    activate(engine, instance.id)
    with engine.command(OWNER) as context:
        correlate(context, Correlation("paid"))
    assert waiting(engine) == ["after"]


def test_signals_pass_a_suspended_instance_by(engine: ProcessEngine) -> None:
    deploy(engine, caught(SIGNAL))
    one, other = start(engine), start(engine)
    suspend(engine, one.id)
    with engine.command(OWNER) as context:
        broadcast_signal(context, "alarm")
    assert [each.process_instance_id for each in tasks(engine)] == [other.id]
    (subscription,) = rows(engine, event_subscription)
    with pytest.raises(Suspended), engine.command(OWNER) as context:
        signal_to(context, "alarm", one.id, subscription.activity_number, {})


def test_a_worker_gets_nothing_of_a_suspended_instance_and_cannot_report_on_it(engine: ProcessEngine) -> None:
    deploy(engine, bpmn(START + '<serviceTask id="work" camunda:type="external" camunda:topic="ship"/>' + END
                        + flow("start", "work", "end")))  # fmt: skip
    instance = start(engine)
    with engine.command(OWNER) as context:
        (held,) = fetch_and_lock(context, "w", [Topic("ship", 0)], 1)
    suspend(engine, instance.id)
    with engine.command(OWNER) as context:
        assert fetch_and_lock(context, "w", [Topic("ship", 1000)], 1) == []
        assert [each.id for each in find_external_tasks(context, ExternalQuery(suspended=True))] == [held.id]
    with pytest.raises(Suspended, match="External Task"), engine.command(OWNER) as context:
        complete_external_task(context, held.id, "w", {}, {})
    activate(engine, instance.id)
    with engine.command(OWNER) as context:
        complete_external_task(context, held.id, "w", {}, {})


def test_a_suspended_activity_is_not_triggered(engine: ProcessEngine) -> None:
    deploy(engine, bpmn(START + '<receiveTask id="wait"/>' + END + flow("start", "wait", "end")))
    instance = start(engine)
    suspend(engine, instance.id)
    with pytest.raises(Suspended), engine.command(OWNER) as context:
        trigger(context, instance.id, 0)


# ---------------------------------------------------------------- what is allowed


def test_variables_of_a_suspended_instance_are_set_and_deleted(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine, variables={"old": 1})
    suspend(engine, instance.id)
    with engine.command(OWNER) as context:
        set_variables(context, instance.id, {"new": 2}, ["old"])
    with engine.query(OWNER) as context:
        assert get_variables(context, instance.id) == {"new": 2}


def test_a_suspended_instance_is_modified_and_what_begins_there_is_suspended(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine)
    suspend(engine, instance.id)
    with engine.command(OWNER) as context:
        modify_instance(context, instance.id, [{"type": "startBeforeActivity", "activityId": "second"}])
    assert [(each.activity_id, each.suspended) for each in tasks(engine)] == [("first", True), ("second", True)]


def test_a_suspended_instance_is_deleted(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine)
    suspend(engine, instance.id)
    with engine.command(OWNER) as context:
        delete_instance(context, instance.id)
    assert historic_instance(engine, instance.id).state == "EXTERNALLY_TERMINATED"


# ---------------------------------------------------------------- many at once


@pytest.mark.parametrize("many", [1, 12])
def test_suspending_any_number_takes_the_same_statements(engine: ProcessEngine, many: int) -> None:
    deploy(engine, TWO_TASKS)
    for _ in range(many):
        start(engine)
    with counting(engine) as statements, engine.command(OWNER) as context:
        suspend_instances(context, Which(definition_key="p"), suspended=True)
    assert len(statements) == 7
    assert len(suspended_ones(engine)) == many
    with engine.query(SYSTEM) as context:
        assert count_historic_instances(context, HistoricInstanceQuery(definition_key="p")) == many


def test_only_the_instances_of_the_version_are_suspended_by_its_id(engine: ProcessEngine) -> None:
    first = deploy(engine, TWO_TASKS)
    old = start(engine)
    deploy(engine, TWO_TASKS.replace(b"First", b"Very first"))
    start(engine)
    with engine.command(OWNER) as context:
        suspend_instances(context, Which(definition_id=first), suspended=True)
    assert suspended_ones(engine) == [old.id]


def test_one_unknown_instance_among_several_changes_nothing(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine)
    with pytest.raises(NotFound, match="nobody"):
        suspend(engine, instance.id, "nobody")
    assert suspended_ones(engine) == []


def test_which_are_meant_is_said_exactly_once() -> None:
    with pytest.raises(InvalidInput, match="only one"):
        Which(definition_id="a", definition_key="b")
    with pytest.raises(InvalidInput, match="Say which"):
        Which()


def test_suspending_is_for_process_owners(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine, actor=HANNA)
    with pytest.raises(NotAllowed), engine.command(HANNA) as context:
        suspend_instances(context, Which(instance_ids=(instance.id,)), suspended=True)
    with pytest.raises(NotAllowed), engine.command(HANNA) as context:
        suspend_definition(context, key="p", suspended=True)
    with pytest.raises(NotAllowed), engine.command(HANNA) as context:
        suspend_jobs(context, Which(definition_key="p"), suspended=True)
    assert suspended_ones(engine) == []
