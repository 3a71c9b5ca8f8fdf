"""Instances: started, looked at, changed, ended; what called what; what they are about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import (
    SYSTEM,
    ExecutionFailed,
    HistoricVariableQuery,
    InstanceQuery,
    InvalidInput,
    NotAllowed,
    NotFound,
    ProcessEngine,
    TestClock,
    VariableFilter,
    activity_tree,
    count_instances,
    delete_instance,
    find_historic_variables,
    find_instances,
    get_instance,
    get_variables,
    instance_of,
    modify_instance,
    public_id,
    set_variables,
    start_instance,
    trigger,
)
from engine.database.tables import (
    historic_activity_instance,
    historic_process_instance,
    historic_variable_instance,
    job,
    process_instance,
    task,
)
from tests.engine.play import (
    END,
    HANNA,
    IVAR,
    OWNER,
    START,
    TWO_TASKS,
    bpmn,
    complete,
    deploy,
    flow,
    historic_instance,
    history,
    parallel_tasks,
    rows,
    start,
    user_task,
    waiting,
)

CALLING = bpmn(
    START + '<callActivity id="call" calledElement="called"/>' + user_task("after") + END
    + flow("start", "call", "after", "end"),
    "calling",
)  # fmt: skip
CALLED = bpmn(START + user_task("inner") + END + flow("start", "inner", "end"), "called")


# ---------------------------------------------------------------- starting


def test_a_start_writes_state_tasks_and_history_in_one_transaction(engine: ProcessEngine) -> None:
    definition = deploy(engine, TWO_TASKS)
    instance = start(engine, variables={"name": "Nora", "level": 2}, actor=HANNA, business_key="B-1")
    found = historic_instance(engine, instance.id)
    assert (found.definition_id, found.definition_version, found.business_key) == (definition, 1, "B-1")
    assert (found.started_by, found.state, found.start_activity_id) == ("hanna", "ACTIVE", "start")
    assert found.root_instance_id == instance.id
    assert [row.revision for row in rows(engine, process_instance)] == [1]
    assert waiting(engine) == ["first"]
    ended = {row.activity_id: row.ended_at is not None for row in rows(engine, historic_activity_instance)}
    assert ended == {"start": True, "first": False}


def test_an_instance_that_ends_at_once_leaves_only_history(engine: ProcessEngine) -> None:
    deploy(engine, bpmn(START + END + flow("start", "end")))
    instance = start(engine, variables={"a": 1})
    assert instance.ended
    assert rows(engine, process_instance) == []
    found = historic_instance(engine, instance.id)
    assert (found.state, found.lead_s, found.lead_biz_s) == ("COMPLETED", 0, 0)
    assert found.ended_at is not None


def test_lead_time_is_kept_in_wall_and_office_time(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine)
    clock.advance(timedelta(days=1))
    complete(engine, "first", HANNA)
    complete(engine, "second", IVAR)
    found = historic_instance(engine, instance.id)
    assert (found.lead_s, found.lead_biz_s) == (86_400, 9 * 3600)


def test_starting_what_is_not_there_or_only_a_message_starts_is_refused(engine: ProcessEngine) -> None:
    deploy(
        engine,
        bpmn(
            '<startEvent id="a"><messageEventDefinition messageRef="m"/></startEvent>'
            '<startEvent id="b"><messageEventDefinition messageRef="n"/></startEvent>' + END + flow("a", "end")
            + flow("b", "end"),
            beside='<message id="m" name="one"/><message id="n" name="two"/>',
        ),
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="no plain start event"):
        start(engine)
    for missing in ({"key": "x"}, {"definition_id": "x"}):
        with pytest.raises(NotFound), engine.command(SYSTEM) as context:
            start_instance(context, **missing)


def test_a_failing_start_leaves_no_trace(engine: ProcessEngine) -> None:
    deploy(
        engine,
        bpmn(START + '<serviceTask id="s" camunda:expression="${missing + 1}"/>' + END + flow("start", "s", "end")),
    )
    with pytest.raises(ExecutionFailed, match="missing"):
        start(engine)
    for table in (process_instance, historic_process_instance, historic_activity_instance):
        assert rows(engine, table) == []


# ---------------------------------------------------------------- subject and anchor


ABOUT = 'camunda:versionTag="1"'
SUBJECT = (
    '<extensionElements><camunda:properties><camunda:property name="subject" value="${first} ${last}"/>'
    '<camunda:property name="anchor" value="firstDay"/></camunda:properties></extensionElements>'
)


def test_an_instance_knows_whom_it_is_about_and_their_first_day(engine: ProcessEngine) -> None:
    deploy(engine, bpmn(SUBJECT + START + user_task("first") + END + flow("start", "first", "end")))
    instance = start(engine, variables={"first": "Nora", "last": "Ek", "firstDay": "2027-04-06"})
    found = historic_instance(engine, instance.id)
    assert (found.subject, found.anchor_date) == ("Nora Ek", "2027-04-06")

    with engine.command(SYSTEM) as context:
        set_variables(context, instance.id, {"last": "Berg"})
    assert historic_instance(engine, instance.id).subject == "Nora Berg"
    complete(engine, "first", HANNA, {"firstDay": "2027-05-03"})
    found = historic_instance(engine, instance.id)
    assert (found.subject, found.anchor_date) == ("Nora Berg", "2027-05-03")


def test_a_subject_that_is_not_known_yet_is_simply_not_there(engine: ProcessEngine) -> None:
    deploy(engine, bpmn(SUBJECT + START + user_task("first") + END + flow("start", "first", "end")))
    instance = start(engine, variables={"first": "Nora"})
    found = historic_instance(engine, instance.id)
    assert (found.subject, found.anchor_date) == (None, None)
    with engine.command(SYSTEM) as context:
        set_variables(context, instance.id, {"last": "Ek"})
    assert historic_instance(engine, instance.id).subject == "Nora Ek"


# ---------------------------------------------------------------- variables


def test_variables_are_set_read_and_removed_and_their_history_says_by_whom(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine, variables={"a": 1, "b": [1, {"c": None}]})
    with engine.command(OWNER) as context:
        set_variables(context, instance.id, {"a": 2, "c": 0.5}, ["b", "c"])
    with engine.query(SYSTEM) as context:
        assert get_variables(context, instance.id) == {"a": 2}
        found = {
            row.name: (row.type, row.value, row.state, row.updated_by)
            for row in find_historic_variables(context, HistoricVariableQuery(process_instance_id=instance.id))
        }
    assert found["a"] == ("Integer", 2, "CREATED", "olle")
    assert found["b"][2] == "DELETED"
    assert found["c"][2] == "DELETED"


def test_variables_of_what_has_ended_are_only_history(engine: ProcessEngine) -> None:
    deploy(engine, bpmn(START + END + flow("start", "end")))
    instance = start(engine, variables={"a": "x"})
    with pytest.raises(NotFound), engine.query(SYSTEM) as context:
        get_variables(context, instance.id)
    (row,) = rows(engine, historic_variable_instance)
    assert (row.name, row.value, row.scope, row.source_activity_id) == ("a", '"x"', 0, "start")


def test_history_says_which_task_a_variable_came_from(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    start(engine, variables={"a": 1})
    complete(engine, "first", HANNA, {"b": 2})
    assert {row.name: row.source_activity_id for row in rows(engine, historic_variable_instance)} == {
        "a": "start",
        "b": "first",
    }


# ---------------------------------------------------------------- calling


def test_a_called_instance_belongs_to_the_journey_of_its_caller_and_returns_to_it(engine: ProcessEngine) -> None:
    deploy(engine, CALLED)
    deploy(engine, CALLING)
    outer = start(engine, "calling")
    with engine.query(SYSTEM) as context:
        (inner,) = find_instances(context, InstanceQuery(super_instance_id=outer.id))
    assert historic_instance(engine, inner.id).root_instance_id == outer.id
    assert history(engine)["call"].called_instance_id == inner.id
    complete(engine, "inner", HANNA)
    assert waiting(engine) == ["after"]
    assert historic_instance(engine, inner.id).state == "COMPLETED"


def test_deleting_a_called_instance_cancels_the_call_in_its_caller(engine: ProcessEngine) -> None:
    deploy(engine, CALLED)
    deploy(engine, CALLING)
    outer = start(engine, "calling")
    with engine.query(SYSTEM) as context:
        (inner,) = find_instances(context, InstanceQuery(super_instance_id=outer.id))
    with engine.command(SYSTEM) as context:
        delete_instance(context, inner.id, "not needed")
    assert rows(engine, process_instance) == []
    assert history(engine)["call"].canceled
    assert {historic_instance(engine, each.id).state for each in (outer, inner)} == {"EXTERNALLY_TERMINATED"}


def test_deleting_a_caller_deletes_what_it_called(engine: ProcessEngine) -> None:
    deploy(engine, CALLED)
    deploy(engine, CALLING)
    outer = start(engine, "calling")
    with engine.command(SYSTEM) as context:
        delete_instance(context, outer.id, "changed our minds")
    for table in (process_instance, task, job):
        assert rows(engine, table) == []
    assert historic_instance(engine, outer.id).delete_reason == "changed our minds"
    assert all(row.ended_at for row in rows(engine, historic_activity_instance))


def test_calling_what_is_not_deployed_is_told_by_element(engine: ProcessEngine) -> None:
    deploy(engine, CALLING)
    with pytest.raises(ExecutionFailed, match="called"):
        start(engine, "calling")


# ---------------------------------------------------------------- ending and moving


def test_only_who_started_an_owner_or_an_administrator_ends_an_instance(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    by_hanna, by_nobody = start(engine, actor=HANNA), start(engine)
    with pytest.raises(NotFound), engine.command(IVAR) as context:  # no task of his has come yet
        delete_instance(context, by_hanna.id)
    with pytest.raises(NotAllowed), engine.command(HANNA) as context:
        delete_instance(context, by_nobody.id)
    with engine.command(HANNA) as context:
        delete_instance(context, by_hanna.id)
    with engine.command(OWNER) as context:
        delete_instance(context, by_nobody.id)
    with pytest.raises(NotFound), engine.command(SYSTEM) as context:
        delete_instance(context, by_nobody.id)


def test_a_modification_moves_the_token(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine)
    with engine.command(SYSTEM) as context:
        modify_instance(
            context,
            instance.id,
            [
                {"type": "cancel", "activityId": "first"},
                {"type": "startBeforeActivity", "activityId": "second"},
            ],
        )
    assert waiting(engine) == ["second"]
    assert history(engine)["first"].canceled


def test_a_receive_task_without_message_is_triggered_by_the_execution_that_stands_there(
    engine: ProcessEngine,
) -> None:
    deploy(engine, bpmn(START + '<receiveTask id="wait"/>' + END + flow("start", "wait", "end")))
    first, second = start(engine), start(engine)
    with engine.query(SYSTEM) as context:
        (leaf,) = activity_tree(context, first.id).children
        assert instance_of(context, public_id(first.id, leaf.number)) == (first.id, leaf.number)
        assert instance_of(context, first.id) == (first.id, 0)
        for unknown in ("x", "%", public_id(second.id, 0)[:-1]):
            with pytest.raises(NotFound):
                instance_of(context, unknown)
    with engine.command(SYSTEM) as context:
        trigger(context, first.id, leaf.number, {"a": 1})
        trigger(context, second.id, 0)
    assert rows(engine, process_instance) == []


def test_the_activity_tree_names_what_stands_where(engine: ProcessEngine) -> None:
    deploy(engine, parallel_tasks(2))
    instance = start(engine)
    with engine.query(SYSTEM) as context:
        tree = activity_tree(context, instance.id)
        assert [each.element_id for each in tree.children] == ["t0", "t1"]
        with pytest.raises(NotFound):
            activity_tree(context, "x")


# ---------------------------------------------------------------- finding


def test_instances_are_found_by_every_filter(engine: ProcessEngine) -> None:
    definition = deploy(engine, TWO_TASKS)
    instance = start(engine, variables={"level": 3, "who": "Nora"}, business_key="B-1")
    start(engine, variables={"level": "3"})
    for filters, expected in (
        ({}, 2),
        ({"ids": (instance.id,)}, 1),
        ({"ids": ()}, 0),
        ({"business_key": "B-1"}, 1),
        ({"business_key_like": "B%"}, 1),
        ({"definition_id": definition, "definition_key": "p", "definition_keys": ("p",)}, 2),
        ({"super_instance_id": "x"}, 0),
        ({"root_only": True, "active": True}, 2),
        ({"suspended": True}, 0),
        ({"with_incident": True}, 0),
        ({"activity_ids": ("first",)}, 2),
        ({"activity_ids": ("second",)}, 0),
        ({"variables": (VariableFilter("level", "eq", 3),)}, 1),
        ({"variables": (VariableFilter("level", "eq", "3"),)}, 1),
        ({"variables": (VariableFilter("who", "like", "N%"), VariableFilter("level", "lt", 4))}, 1),
        ({"variables": (VariableFilter("who", "notLike", "N%"),)}, 0),
    ):
        with engine.query(SYSTEM) as context:
            query = InstanceQuery(**filters)
            assert count_instances(context, query) == expected, filters
            assert len(find_instances(context, query)) == expected, filters
    with engine.query(SYSTEM) as context:
        assert get_instance(context, instance.id).business_key == "B-1"
        with pytest.raises(NotFound):
            get_instance(context, "x")
        with pytest.raises(InvalidInput):
            count_instances(context, InstanceQuery(variables=(VariableFilter("a", "about", 1),)))
