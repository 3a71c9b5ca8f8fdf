"""Who stands in for somebody knows what their department is told in confidence, as far as the work goes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine import (
    HistoricVariableQuery,
    ProcessEngine,
    TestClock,
    claim_task,
    complete_task,
    find_historic_variables,
    find_tasks,
    get_variables,
    set_roles,
    task_form,
)
from engine import TaskQuery as Query
from tests.engine.people.acting import away, does
from tests.engine.play import END, START, bpmn, deploy, flow, start, user_task

_FIELD = (
    '<extensionElements><camunda:formData><camunda:formField id="salary" type="string"><camunda:properties>'
    '<camunda:property id="confidential" value="hr"/></camunda:properties></camunda:formField></camunda:formData>'
    "</extensionElements>"
)
PAY = bpmn(
    START
    + user_task("contract", 'camunda:candidateGroups="hr"', _FIELD)
    + user_task("desk", 'camunda:candidateGroups="facilities"')
    + END
    + flow("start", "contract", "desk", "end")
)


@pytest.fixture
def journey(house: ProcessEngine) -> str:
    deploy(house, PAY)
    return start(house, variables={"salary": "52000"}).id


def knows(engine: ProcessEngine, user_id: str, instance_id: str) -> bool:
    """By name, and by every list alike."""
    values = does(engine, user_id, lambda context: get_variables(context, instance_id))
    query = HistoricVariableQuery(process_instance_id=instance_id)
    listed = does(engine, user_id, lambda context: find_historic_variables(context, query))
    assert ("salary" in values) == any(each.name == "salary" for each in listed)
    return "salary" in values


def first_task(engine: ProcessEngine) -> str:
    (found,) = does(engine, "anna", lambda context: find_tasks(context, Query(activity_id="contract")))
    return found.id


def test_a_substitute_sees_the_confidential_fields_of_what_they_do(house: ProcessEngine, journey: str) -> None:
    away(house, "hanna", "fatima")
    assert knows(house, "fatima", journey)
    task_id = first_task(house)
    form = does(house, "fatima", lambda context: task_form(context, task_id, "en"))
    assert form is not None
    assert [(each.id, each.value) for each in form.fields] == [("salary", "52000")]


def test_what_they_took_is_known_to_them_while_they_have_it_and_no_longer(house: ProcessEngine, journey: str) -> None:
    away(house, "hanna", "fatima")
    task_id = first_task(house)
    does(house, "fatima", lambda context: claim_task(context, task_id))
    assert knows(house, "fatima", journey)
    does(house, "fatima", lambda context: complete_task(context, task_id))
    assert not knows(house, "fatima", journey)  # her own task is open there, and she sees the journey


def test_what_somebody_else_does_is_not_theirs_to_know(house: ProcessEngine, journey: str) -> None:
    does(house, "anna", lambda context: set_roles(context, "fatima", ["process-owner"]))  # sees every journey
    away(house, "hanna", "fatima")
    task_id = first_task(house)
    does(house, "olle", lambda context: claim_task(context, task_id))
    assert not knows(house, "fatima", journey)
    assert knows(house, "olle", journey)


def test_it_ends_with_the_absence(house: ProcessEngine, journey: str, clock: TestClock) -> None:
    does(house, "anna", lambda context: set_roles(context, "fatima", ["process-owner"]))
    away(house, "hanna", "fatima")
    assert knows(house, "fatima", journey)
    clock.set(datetime(2027, 3, 5, 23, 0, tzinfo=UTC))
    assert not knows(house, "fatima", journey)
