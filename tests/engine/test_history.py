"""What was, and what people did."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import (
    SYSTEM,
    HistoricActivityQuery,
    HistoricInstanceQuery,
    HistoricVariableQuery,
    NotFound,
    OperationQuery,
    ProcessEngine,
    TestClock,
    VariableFilter,
    count_historic_activities,
    count_historic_instances,
    count_historic_variables,
    delete_instance,
    find_historic_activities,
    find_historic_instances,
    find_historic_variables,
    find_operations,
    get_historic_instance,
)
from engine.database.tables import historic_activity_instance
from tests.engine.play import (
    END,
    HANNA,
    IVAR,
    START,
    TWO_TASKS,
    bpmn,
    complete,
    deploy,
    flow,
    history,
    rows,
    start,
    user_task,
)


def test_instances_of_the_past_are_found_by_every_filter(engine: ProcessEngine, clock: TestClock) -> None:
    began = clock.now()
    definition = deploy(
        engine, bpmn(START + user_task("first") + END + flow("start", "first", "end"), attributes='name="P"')
    )
    done = start(engine, variables={"level": 3}, business_key="B-1", actor=HANNA)
    clock.advance(timedelta(hours=1))
    complete(engine, "first", HANNA)
    open_still = start(engine)
    gone = start(engine)
    with engine.command(SYSTEM) as context:
        delete_instance(context, gone.id, "by mistake")

    for filters, expected in (
        ({}, {done.id, open_still.id, gone.id}),
        ({"id": done.id}, {done.id}),
        ({"ids": (done.id, gone.id)}, {done.id, gone.id}),
        ({"definition_id": definition, "definition_name": "P"}, {done.id, open_still.id, gone.id}),
        ({"definition_key": "p", "definition_keys": ("p",)}, {done.id, open_still.id, gone.id}),
        ({"business_key": "B-1", "business_keys": ("B-1",), "business_key_like": "B%"}, {done.id}),
        ({"finished": True}, {done.id, gone.id}),
        ({"unfinished": True}, {open_still.id}),
        ({"states": ("COMPLETED",)}, {done.id}),
        ({"states": ("EXTERNALLY_TERMINATED", "ACTIVE")}, {open_still.id, gone.id}),
        ({"started_by": "hanna"}, {done.id}),
        ({"started_after": began}, {open_still.id, gone.id}),
        ({"started_before": clock.now()}, {done.id}),
        ({"finished_after": began, "finished_before": clock.now() + timedelta(seconds=1)}, {done.id, gone.id}),
        ({"super_instance_id": done.id}, set()),
        ({"root_only": True, "with_incidents": True}, set()),
        ({"executed_activity_ids": ("end",)}, {done.id}),
        ({"active_activity_ids": ("first",)}, {open_still.id}),
        ({"variables": (VariableFilter("level", "gt", 2),)}, {done.id}),
    ):
        with engine.query(SYSTEM) as context:
            query = HistoricInstanceQuery(**filters)
            assert {row.id for row in find_historic_instances(context, query)} == expected, filters
            assert count_historic_instances(context, query) == len(expected), filters
    with engine.query(SYSTEM) as context:
        assert get_historic_instance(context, gone.id).delete_reason == "by mistake"
        with pytest.raises(NotFound):
            get_historic_instance(context, "x")
        longest = find_historic_instances(context, HistoricInstanceQuery(sort=(("lead_s", "desc"),), max_results=1))
        assert [row.id for row in longest] == [done.id]


def test_activities_of_the_past_are_found_by_every_filter(engine: ProcessEngine, clock: TestClock) -> None:
    began = clock.now()
    definition = deploy(engine, TWO_TASKS)
    instance = start(engine)
    clock.advance(timedelta(hours=1))
    complete(engine, "first", HANNA)
    for filters, expected in (
        ({}, ["start", "first", "second"]),
        ({"process_instance_id": instance.id, "definition_id": definition}, ["start", "first", "second"]),
        ({"process_instance_ids": (), "definition_key": "p"}, []),
        ({"activity_id": "first", "activity_name": "First", "assignee": "hanna"}, ["first"]),
        ({"activity_ids": ("start", "second")}, ["start", "second"]),
        ({"activity_type": "startEvent"}, ["start"]),
        ({"finished": True}, ["start", "first"]),
        ({"unfinished": True}, ["second"]),
        ({"canceled": True}, []),
        ({"tasks_only": True, "task_name": "First"}, ["first"]),
        ({"started_after": began}, ["second"]),
        ({"started_before": clock.now()}, ["start", "first"]),
        ({"finished_after": began}, ["first"]),
        ({"finished_before": clock.now()}, ["start"]),
    ):
        with engine.query(SYSTEM) as context:
            query = HistoricActivityQuery(**filters)
            assert [row.activity_id for row in find_historic_activities(context, query)] == expected, filters
            assert count_historic_activities(context, query) == len(expected), filters


def test_variables_of_the_past_are_found_by_every_filter(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine, variables={"name": "Nora", "level": 3})
    for filters, expected in (
        ({}, ["level", "name"]),
        ({"process_instance_id": instance.id, "name": "name"}, ["name"]),
        ({"process_instance_ids": (instance.id,), "names": ("level", "x")}, ["level"]),
        ({"name_like": "na%"}, ["name"]),
    ):
        with engine.query(SYSTEM) as context:
            query = HistoricVariableQuery(**filters)
            found = find_historic_variables(context, query)
            assert [each.name for each in found] == expected, filters
            assert count_historic_variables(context, query) == len(expected), filters


def test_operations_of_an_instance_are_told_first_to_last(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine, actor=HANNA)
    complete(engine, "first", HANNA)
    complete(engine, "second", IVAR)
    with engine.query(SYSTEM) as context:
        found = find_operations(context, OperationQuery(process_instance_id=instance.id, oldest_first=True))
    assert [(row.operation, row.user_id) for row in found] == [
        ("Start", "hanna"),
        ("Complete", "hanna"),
        ("Complete", "ivar"),
    ]


def test_iterations_of_a_multi_instance_say_which_turn_they_are(engine: ProcessEngine) -> None:
    deploy(
        engine,
        bpmn(
            START
            + user_task(
                "each",
                'camunda:candidateGroups="${group}"',
                '<multiInstanceLoopCharacteristics camunda:collection="groups" camunda:elementVariable="group"/>',
            )
            + END
            + flow("start", "each", "end")
        ),
    )
    start(engine, variables={"groups": ["hr", "it", "facilities"]})
    found = [row for row in rows(engine, historic_activity_instance) if row.activity_id == "each"]
    body, *turns = found
    assert (body.activity_type, body.iteration, body.is_task) == ("multiInstanceBody", None, False)
    assert [(row.iteration, row.department, row.parent) for row in turns] == [
        (0, "hr", body.number),
        (1, "it", body.number),
        (2, "facilities", body.number),
    ]


LANES = (
    '<laneSet id="lanes"><lane id="hr_lane" name="hr"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
    + START
    + user_task("a", "")
    + END
    + flow("start", "a", "end")
)


def test_a_task_without_candidates_counts_for_the_department_of_its_lane(engine: ProcessEngine) -> None:
    deploy(engine, bpmn(LANES))
    start(engine)
    assert history(engine)["a"].department is not None


def kinds(engine: ProcessEngine, **filters: Any) -> dict[str, str]:
    return {key: row.activity_type for key, row in history(engine, **filters).items()}


def test_history_calls_activities_by_the_names_of_the_rest_contract(engine: ProcessEngine) -> None:
    deploy(
        engine,
        bpmn(
            START
            + '<intermediateThrowEvent id="passed"/>'
            + '<exclusiveGateway id="gate"/>'
            + '<subProcess id="inside"><startEvent id="inner"/>'
            + user_task("work")
            + '<boundaryEvent id="late" attachedToRef="work"><timerEventDefinition><timeDuration>P1D</timeDuration>'
            + '</timerEventDefinition></boundaryEvent><endEvent id="inner_end"/>'
            + flow("inner", "work", "inner_end")
            + flow("late", "inner_end")
            + "</subProcess>"
            + END
            + flow("start", "passed", "gate", "inside", "end")
        ),
    )
    start(engine)
    complete(engine, "work")
    assert kinds(engine) == {
        "start": "startEvent",
        "passed": "intermediateNoneThrowEvent",
        "gate": "exclusiveGateway",
        "inside": "subProcess",
        "inner": "startEvent",
        "work": "userTask",
        "inner_end": "noneEndEvent",
        "end": "noneEndEvent",
    }
