"""Messages to one receiver, signals to all, conditions to whom they concern."""

from __future__ import annotations

import pytest

from engine import (
    SYSTEM,
    Correlation,
    CorrelationResult,
    EventSubscriptionQuery,
    InvalidInput,
    MismatchingMessageCorrelation,
    NotFound,
    ProcessEngine,
    broadcast_signal,
    correlate,
    deliver_to,
    evaluate_conditions,
    find_event_subscriptions,
    get_variables,
    public_id,
    signal_to,
)
from engine.database.tables import event_subscription
from tests.engine.play import (
    END,
    START,
    bpmn,
    deploy,
    flow,
    historic_instance,
    rows,
    start,
    user_task,
    waiting,
)

BESIDE = '<message id="m" name="arrived"/><signal id="g" name="alarm"/>'
WAITING = bpmn(
    START
    + '<receiveTask id="wait" messageRef="m"/>'
    + user_task("after")
    + END
    + flow("start", "wait", "after", "end"),
    beside=BESIDE,
)
STARTED = bpmn(
    '<startEvent id="start"><messageEventDefinition messageRef="m"/></startEvent>'
    + user_task("begun")
    + END
    + flow("start", "begun", "end"),
    "started",
    beside=BESIDE,
)
LISTENING = bpmn(
    START
    + '<intermediateCatchEvent id="wait"><signalEventDefinition signalRef="g"/></intermediateCatchEvent>'
    + user_task("heard")
    + END
    + flow("start", "wait", "heard", "end"),
    "listening",
    beside=BESIDE,
)


def send(engine: ProcessEngine, **values: object) -> list[CorrelationResult]:
    with engine.command(SYSTEM) as context:
        return correlate(context, Correlation("arrived", **values))


def test_a_message_reaches_the_one_that_waits_and_brings_its_variables(engine: ProcessEngine) -> None:
    deploy(engine, WAITING)
    instance = start(engine)
    (result,) = send(engine, variables={"a": 1})
    assert (result.process_instance_id, result.started) == (instance.id, None)
    assert result.execution_id is not None
    assert waiting(engine) == ["after"]
    assert rows(engine, event_subscription) == []
    with engine.query(SYSTEM) as context:
        assert get_variables(context, instance.id) == {"a": 1}


def test_a_message_for_nobody_or_for_more_than_one_is_refused_and_changes_nothing(engine: ProcessEngine) -> None:
    deploy(engine, WAITING)
    with pytest.raises(MismatchingMessageCorrelation, match="No process definition or execution matches"):
        send(engine)
    start(engine)
    start(engine)
    with pytest.raises(MismatchingMessageCorrelation, match="2 executions"):
        send(engine)
    assert waiting(engine) == []
    assert len(send(engine, to_all=True)) == 2
    assert waiting(engine) == ["after", "after"]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"business_key": "B-2"}, 1),
        ({"business_key": "B-9"}, 0),
        ({"correlation_keys": {"order": 2}}, 1),
        ({"correlation_keys": {"order": 2, "site": "Kista"}}, 1),
        ({"correlation_keys": {"order": "2"}}, 0),
        ({"correlation_keys": {"order": 2, "site": "Lund"}}, 0),
        ({"business_key": "B-1", "correlation_keys": {"order": 2}}, 0),
    ],
)
def test_everything_that_is_given_must_fit(engine: ProcessEngine, values: dict[str, object], found: int) -> None:
    deploy(engine, WAITING)
    start(engine, variables={"order": 1, "site": "Kista"}, business_key="B-1")
    wanted = start(engine, variables={"order": 2, "site": "Kista"}, business_key="B-2")
    if found:
        assert [each.process_instance_id for each in send(engine, **values)] == [wanted.id]
    else:
        with pytest.raises(MismatchingMessageCorrelation):
            send(engine, **values)


def test_a_local_correlation_key_is_compared_where_the_message_is_waited_for(engine: ProcessEngine) -> None:
    turns = '<multiInstanceLoopCharacteristics camunda:collection="${orders}" camunda:elementVariable="order"/>'
    many = WAITING.replace(
        b'<receiveTask id="wait" messageRef="m"/>',
        f'<receiveTask id="wait" messageRef="m">{turns}</receiveTask>'.encode(),
    )
    deploy(engine, many)
    start(engine, variables={"orders": [1, 2, 3], "site": "Kista"})
    for keys in ({"order": 4}, {"site": "Kista"}, {"order": 1, "site": "Kista"}):
        with pytest.raises(MismatchingMessageCorrelation):
            send(engine, local_correlation_keys=keys)
    send(engine, local_correlation_keys={"order": 2}, correlation_keys={"site": "Kista"})
    with pytest.raises(MismatchingMessageCorrelation):
        send(engine, local_correlation_keys={"order": 2})
    send(engine, local_correlation_keys={"order": 3})
    send(engine, local_correlation_keys={"order": 1})
    assert waiting(engine) == ["after"]


def test_a_message_to_one_instance(engine: ProcessEngine) -> None:
    deploy(engine, WAITING)
    first, second = start(engine), start(engine)
    assert send(engine, process_instance_id=second.id)[0].process_instance_id == second.id
    with pytest.raises(MismatchingMessageCorrelation):
        send(engine, process_instance_id=second.id)
    assert send(engine)[0].process_instance_id == first.id


def test_a_message_starts_a_process_only_if_nobody_waits_for_it(engine: ProcessEngine) -> None:
    deploy(engine, WAITING)
    deploy(engine, STARTED)
    start(engine)
    (first,) = send(engine)
    assert first.started is None
    (second,) = send(engine, business_key="B-7", correlation_keys={"order": 9}, variables={"a": 1})
    assert second.started is not None
    assert second.started.business_key == "B-7"
    found = historic_instance(engine, second.process_instance_id)
    assert (found.start_activity_id, found.business_key) == ("start", "B-7")
    with engine.query(SYSTEM) as context:
        assert get_variables(context, second.process_instance_id) == {"a": 1}
    assert waiting(engine) == ["after", "begun"]


def test_to_all_reaches_those_who_wait_and_starts_what_it_starts(engine: ProcessEngine) -> None:
    deploy(engine, WAITING)
    deploy(engine, STARTED)
    start(engine)
    assert [each.started is not None for each in send(engine, to_all=True)] == [False, True]


def test_a_message_to_one_execution(engine: ProcessEngine) -> None:
    deploy(engine, WAITING)
    instance = start(engine)
    (row,) = rows(engine, event_subscription)
    with pytest.raises(MismatchingMessageCorrelation), engine.command(SYSTEM) as context:
        deliver_to(context, "other", instance.id, row.activity_number, {})
    with engine.command(SYSTEM) as context:
        deliver_to(context, "arrived", instance.id, row.activity_number, {"a": 1})
    assert waiting(engine) == ["after"]


def test_a_message_without_a_name_is_refused(engine: ProcessEngine) -> None:
    with pytest.raises(InvalidInput), engine.command(SYSTEM) as context:
        correlate(context, Correlation(None))


def test_a_signal_reaches_everyone_and_nobody_is_no_error(engine: ProcessEngine) -> None:
    with engine.command(SYSTEM) as context:
        broadcast_signal(context, "alarm")
    deploy(engine, LISTENING)
    starting = STARTED.replace(b'messageEventDefinition messageRef="m"', b'signalEventDefinition signalRef="g"')
    deploy(engine, starting)
    start(engine, "listening")
    start(engine, "listening")
    with engine.command(SYSTEM) as context:
        broadcast_signal(context, "alarm", {"a": 1})
    assert waiting(engine) == ["begun", "heard", "heard"]
    with pytest.raises(InvalidInput), engine.command(SYSTEM) as context:
        broadcast_signal(context, None)


def test_a_signal_to_one_execution(engine: ProcessEngine) -> None:
    deploy(engine, LISTENING)
    first, second = start(engine, "listening"), start(engine, "listening")
    row = next(each for each in rows(engine, event_subscription) if each.process_instance_id == second.id)
    with engine.command(SYSTEM) as context:
        signal_to(context, "alarm", second.id, row.activity_number, {})
    assert waiting(engine) == ["heard"]
    (left,) = rows(engine, event_subscription)
    assert left.process_instance_id == first.id
    with pytest.raises(InvalidInput, match="not subscribed"), engine.command(SYSTEM) as context:
        signal_to(context, "alarm", second.id, row.activity_number, {})


def conditional(condition: str, attributes: str = "") -> bytes:
    return bpmn(
        f'<startEvent id="start"><conditionalEventDefinition {attributes}>'
        f'<condition xsi:type="tFormalExpression">{condition}</condition>'
        "</conditionalEventDefinition></startEvent>" + user_task("begun") + END + flow("start", "begun", "end")
    )


def test_a_condition_starts_the_processes_it_holds_for(engine: ProcessEngine) -> None:
    deploy(engine, conditional("${level &gt; 2}"))
    with engine.command(SYSTEM) as context:
        assert evaluate_conditions(context, {"level": 2}) == []
        assert evaluate_conditions(context, {"other": 2}) == []
        (started,) = evaluate_conditions(context, {"level": 3}, business_key="B")
    assert started.business_key == "B"
    assert waiting(engine) == ["begun"]


def test_a_start_condition_is_looked_at_only_if_its_variable_is_given(engine: ProcessEngine) -> None:
    deploy(engine, conditional("${true}", 'camunda:variableName="level"'))
    with engine.command(SYSTEM) as context:
        assert evaluate_conditions(context, {"other": 2}) == []
        assert len(evaluate_conditions(context, {"level": 2})) == 1


def test_the_conditions_of_one_definition_are_those_of_any_version(engine: ProcessEngine) -> None:
    old = deploy(engine, conditional("${level == 1}"))
    new = deploy(engine, conditional("${level == 2}"))
    with engine.command(SYSTEM) as context:
        assert evaluate_conditions(context, {"level": 1}) == []
        assert evaluate_conditions(context, {"level": 1}, definition_id=new) == []
        (started,) = evaluate_conditions(context, {"level": 1}, definition_id=old)
    assert started.definition_id == old


def test_where_no_process_starts_by_a_condition_none_is_looked_for(engine: ProcessEngine) -> None:
    plain = deploy(engine, WAITING)
    with engine.command(SYSTEM) as context, pytest.raises(InvalidInput, match="No subscriptions were found"):
        evaluate_conditions(context, {"level": 1})
    with engine.command(SYSTEM) as context, pytest.raises(InvalidInput, match="does not declare conditional start"):
        evaluate_conditions(context, {"level": 1}, definition_id=plain)
    with engine.command(SYSTEM) as context, pytest.raises(NotFound):
        evaluate_conditions(context, {"level": 1}, definition_id="nowhere")


def test_a_signal_thrown_by_one_instance_is_caught_by_another_in_the_same_transaction(engine: ProcessEngine) -> None:
    deploy(engine, LISTENING)
    deploy(
        engine,
        bpmn(
            START + '<endEvent id="end"><signalEventDefinition signalRef="g"/></endEvent>' + flow("start", "end"),
            "throwing",
            beside=BESIDE,
        ),
    )
    start(engine, "listening")
    start(engine, "throwing")
    assert waiting(engine) == ["heard"]


def test_subscriptions_are_listed_start_events_included(engine: ProcessEngine) -> None:
    definition = deploy(engine, STARTED)
    deploy(engine, WAITING)
    instance = start(engine)
    for filters, expected in (
        ({}, 2),
        ({"event_type": "message", "event_name": "arrived"}, 2),
        ({"event_type": "signal"}, 0),
        ({"process_instance_id": instance.id}, 1),
        ({"activity_id": "start"}, 1),
    ):
        with engine.query(SYSTEM) as context:
            assert len(find_event_subscriptions(context, EventSubscriptionQuery(**filters))) == expected, filters
    with engine.query(SYSTEM) as context:
        (of_start,) = find_event_subscriptions(context, EventSubscriptionQuery(activity_id="start"))
    assert (of_start.definition_id, of_start.process_instance_id) == (definition, None)
    waiting_one = next(each for each in rows(engine, event_subscription) if each.process_instance_id)
    assert waiting_one.id == public_id(instance.id, waiting_one.number)
