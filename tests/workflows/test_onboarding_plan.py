"""`examples/onboarding.bpmn` against the plan, as pure XML: the tasks, their departments, dates and dependencies."""

from __future__ import annotations

import pytest

from tests.workflows.drawing import CAMUNDA, SPACES, Drawing, due_offsets, fields, properties
from tests.workflows.onboarding_plan import BY_NAME, DEPENDENCIES, PLAN
from workflows import load_services


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    (service,) = [each for each in load_services() if each.key == "onboarding"]
    return Drawing(service.path)


def test_there_are_exactly_the_25_tasks(drawing: Drawing) -> None:
    names = [task.attrib["name"] for task in drawing.user_tasks]
    assert sorted(names) == sorted(each.name for each in PLAN)
    assert len(names) == 25


def test_there_are_ten_departments_and_each_task_stands_with_its_own(drawing: Drawing) -> None:
    assert len(drawing.lanes) == 10
    for task in drawing.user_tasks:
        lane = drawing.lane_of(task.attrib["id"])
        assert properties(lane)["department"] == BY_NAME[task.attrib["name"]].department


def test_every_task_is_due_the_planned_working_days_around_the_first_day(drawing: Drawing) -> None:
    earlier_if_remote = {16: -7, 18: -5}
    for task in drawing.user_tasks:
        planned = BY_NAME[task.attrib["name"]]
        expected = {planned.due} | {earlier_if_remote.get(planned.number, planned.due)}
        assert due_offsets(task) == expected, planned.name
        assert int(properties(task)["touch"]) == planned.touch


def test_the_readiness_gate_is_due_at_noon_and_the_welcome_at_nine(drawing: Drawing) -> None:
    assert drawing.nodes["readiness_gate"].attrib[CAMUNDA + "dueDate"] == "${workday(firstDay, -1, '12:00')}"
    assert drawing.nodes["welcome"].attrib[CAMUNDA + "dueDate"] == "${workday(firstDay, 0, '09:00')}"


def test_all_38_dependencies_are_drawn_and_none_that_they_do_not_imply(drawing: Drawing) -> None:
    """The flows past a task that does not apply lead from what comes before it: implied, not new."""
    numbers = {task.attrib["id"]: BY_NAME[task.attrib["name"]].number for task in drawing.user_tasks}
    drawn = {(numbers[one], numbers[other]) for one in numbers for other in drawing.next_user_tasks(one)}
    assert len(DEPENDENCIES) == 38
    assert drawn >= DEPENDENCIES
    assert drawn <= _closure(DEPENDENCIES)


def test_privileged_access_is_one_task_for_each_chosen_system(drawing: Drawing) -> None:
    turns = drawing.nodes["approve_access"].find("bpmn:multiInstanceLoopCharacteristics", SPACES)
    assert turns is not None
    assert turns.attrib == {CAMUNDA + "collection": "systems", CAMUNDA + "elementVariable": "system"}


def test_what_is_nobody_elses_business_is_marked_confidential(drawing: Drawing) -> None:
    kept = {
        field.attrib["id"]: properties_of.attrib["value"]
        for node in drawing.nodes.values()
        for field in fields(node)
        for properties_of in field.findall("camunda:properties/camunda:property[@id='confidential']", SPACES)
    }
    assert kept == {
        "salary": "hr",
        "personalNumber": "hr",
        "nextOfKin": "hr",
        "homeAddress": "hr",
        "adaptations": "hr",
        "pensionPlan": "hr",
        "bankAccount": "payroll",
        "payrollReady": "payroll",
        "vettingResult": "security",
    }


def _closure(pairs: frozenset[tuple[int, int]]) -> set[tuple[int, int]]:
    found = set(pairs)
    while True:
        more = {(one, last) for one, mid in found for first, last in found if mid == first} - found
        if not more:
            return found
        found |= more
