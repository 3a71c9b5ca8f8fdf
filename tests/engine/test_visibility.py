"""What one may not see answers as if it were not there; what one may not do is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine import (
    Actor,
    CommandContext,
    Correlation,
    EventSubscriptionQuery,
    ExecutionQuery,
    ExternalTaskQuery,
    HistoricActivityQuery,
    HistoricInstanceQuery,
    HistoricVariableQuery,
    IncidentQuery,
    InstanceQuery,
    JobQuery,
    NotAllowed,
    NotFound,
    OperationQuery,
    ProcessEngine,
    Topic,
    activity_tree,
    broadcast_signal,
    complete_external_task,
    correlate,
    count_historic_instances,
    count_instances,
    delete_instance,
    evaluate_conditions,
    fetch_and_lock,
    find_event_subscriptions,
    find_executions,
    find_external_tasks,
    find_historic_activities,
    find_historic_instances,
    find_historic_variables,
    find_incidents,
    find_instances,
    find_jobs,
    find_operations,
    get_execution,
    get_historic_instance,
    get_instance,
    get_variables,
    modify_instance,
    set_due_date,
    set_retries,
    set_variables,
    trigger,
    unlock,
)
from tests.engine.play import (
    ANNA,
    END,
    HANNA,
    IVAR,
    OWNER,
    START,
    bpmn,
    complete,
    deploy,
    flow,
    jobs,
    start,
    task,
    user_task,
)

MANAGER = Actor("maja", frozenset({"managers"}))
STRANGER = Actor("sten", frozenset({"facilities"}))
NOBODY = Actor(None)

EVERYTHING = bpmn(
    START
    + '<parallelGateway id="fork"/>'
    + user_task("work", 'camunda:candidateGroups="hr,it" camunda:candidateUsers="ulla"')
    + '<boundaryEvent id="late" attachedToRef="work" cancelActivity="false"><timerEventDefinition>'
    + "<timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>"
    + '<receiveTask id="wait" messageRef="m"/>'
    + '<serviceTask id="robot" camunda:type="external" camunda:topic="t"/>'
    + END
    + flow("start", "fork", "work", "end")
    + flow("fork", "wait", "end")
    + flow("fork", "robot", "end")
    + flow("late", "end"),
    beside='<message id="m" name="arrived"/>',
)

LOOKING: dict[str, Callable[[CommandContext, str], object]] = {
    "instances": lambda context, _: find_instances(context, InstanceQuery()),
    "instances counted": lambda context, _: count_instances(context, InstanceQuery()),
    "executions": lambda context, _: find_executions(context, ExecutionQuery()),
    "subscribing executions": lambda context, _: find_executions(context, ExecutionQuery(message_name="arrived")),
    "past instances": lambda context, _: find_historic_instances(context, HistoricInstanceQuery()),
    "past instances counted": lambda context, _: count_historic_instances(context, HistoricInstanceQuery()),
    "past activities": lambda context, _: find_historic_activities(context, HistoricActivityQuery()),
    "past variables": lambda context, _: find_historic_variables(context, HistoricVariableQuery()),
    "operations": lambda context, instance: find_operations(context, OperationQuery(process_instance_id=instance)),
    "jobs": lambda context, _: find_jobs(context, JobQuery()),
    "external tasks": lambda context, _: find_external_tasks(context, ExternalTaskQuery()),
    "subscriptions": lambda context, _: find_event_subscriptions(context, EventSubscriptionQuery()),
}
GETTING: dict[str, Callable[[CommandContext, str], object]] = {
    "instance": get_instance,
    "past instance": get_historic_instance,
    "variables": get_variables,
    "activities": activity_tree,
    "execution": get_execution,
}


@pytest.mark.parametrize("what", LOOKING)
def test_only_who_has_a_part_in_a_journey_finds(engine: ProcessEngine, what: str) -> None:
    deploy(engine, EVERYTHING)
    instance = start(engine, variables={"secret": 1}, actor=MANAGER)
    ulla = Actor("ulla")
    for actor in (ANNA, OWNER, MANAGER, HANNA, IVAR, ulla):
        with engine.query(actor) as context:
            assert LOOKING[what](context, instance.id), actor
    for actor in (STRANGER, NOBODY):
        with engine.query(actor) as context:
            assert not LOOKING[what](context, instance.id), actor
            assert find_incidents(context, IncidentQuery()) == []


@pytest.mark.parametrize("what", GETTING)
def test_only_who_has_a_part_in_a_journey_gets(engine: ProcessEngine, what: str) -> None:
    deploy(engine, EVERYTHING)
    instance = start(engine, actor=MANAGER)
    with engine.query(MANAGER) as context:
        GETTING[what](context, instance.id)
    with pytest.raises(NotFound), engine.query(STRANGER) as context:
        GETTING[what](context, instance.id)


def test_who_has_had_a_part_goes_on_seeing_and_called_instances_belong_to_the_journey(engine: ProcessEngine) -> None:
    deploy(
        engine, bpmn(START + user_task("inner", 'camunda:assignee="sten"') + END + flow("start", "inner", "end"), "q")
    )
    deploy(
        engine,
        bpmn(
            START + '<callActivity id="call" calledElement="q"/>' + user_task("after") + END
            + flow("start", "call", "after", "end")
        ),
    )  # fmt: skip
    outer = start(engine)
    complete(engine, "inner", STRANGER)
    with engine.query(STRANGER) as context:
        assert [each.id for each in find_instances(context, InstanceQuery())] == [outer.id]
        assert len(find_historic_instances(context, HistoricInstanceQuery())) == 2


def test_changing_an_instance_past_its_tasks_is_for_operators(engine: ProcessEngine) -> None:
    deploy(engine, EVERYTHING)
    instance = start(engine, actor=MANAGER)
    (timer,) = jobs(engine)
    with engine.command(ANNA) as context:
        (external,) = fetch_and_lock(context, "w", [Topic("t", 1000)], 1)
    calls: list[Callable[[CommandContext], object]] = [
        lambda context: set_variables(context, instance.id, {"approved": True}),
        lambda context: modify_instance(context, instance.id, []),
        lambda context: trigger(context, instance.id, task(engine, "work").number),
        lambda context: correlate(context, Correlation("arrived")),
        lambda context: broadcast_signal(context, "alarm"),
        lambda context: evaluate_conditions(context, {}),
        lambda context: set_retries(context, timer.id, 1),
        lambda context: set_due_date(context, timer.id, None),
        lambda context: fetch_and_lock(context, "w", [], 1),
        lambda context: complete_external_task(context, external.id, "w", {}, {}),
        lambda context: unlock(context, external.id),
    ]
    for actor in (MANAGER, HANNA):
        for call in calls:
            with pytest.raises(NotAllowed), engine.command(actor) as context:
                call(context)
    for call in calls:
        with pytest.raises((NotAllowed, NotFound)), engine.command(STRANGER) as context:
            call(context)
    with pytest.raises(NotAllowed), engine.command(HANNA) as context:
        delete_instance(context, instance.id)
