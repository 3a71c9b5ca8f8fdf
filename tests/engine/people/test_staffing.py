"""A department that a flow names and in which nobody is: told at deployment, never in the way at run time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine import (
    SYSTEM,
    DeploymentResult,
    GroupQuery,
    InvalidInput,
    ProcessEngine,
    TaskQuery,
    add_member,
    check_source,
    claim_task,
    create_group,
    create_user,
    deploy_resources,
    find_groups,
    find_tasks,
    get_user,
    unstaffed_departments,
    update_user,
)
from tests.engine.people.acting import actor, does
from tests.engine.play import ANNA, END, OWNER, START, TWO_TASKS, bpmn, complete, flow, start, user_task

LANES = bpmn(
    '<laneSet id="lanes">'
    '<lane id="lane_it" name="IT"><flowNodeRef>fix</flowNodeRef></lane>\n'
    '<lane id="lane_legal" name="Legal affairs"><flowNodeRef>read</flowNodeRef></lane>\n'
    '<lane id="lane_robots" name="Robots"><flowNodeRef>robot</flowNodeRef></lane></laneSet>\n'
    + START
    + '<userTask id="fix" name="Fix"/><userTask id="read" name="Read"/>\n'
    + user_task("sign", 'camunda:candidateGroups="board,it"')
    + user_task("ask", 'camunda:candidateGroups="${somebody}"')
    + '<serviceTask id="robot" camunda:type="external" camunda:topic="t"/>'
    + END
    + flow("start", "fix", "read", "sign", "ask", "robot", "end")
)


def deployed(engine: ProcessEngine) -> DeploymentResult:
    with engine.command(OWNER) as context:
        return deploy_resources(context, "test", [("test.bpmn", LANES)])


def said(result: DeploymentResult) -> list[tuple[str, int, str]]:
    return [
        (each.element_id, each.line, each.severity.value)
        for each in result.warnings["test.bpmn"]
        if each.rule == "unstaffed-department"
    ]


def test_deploying_says_which_departments_have_nobody_and_makes_those_that_are_not_there(house: ProcessEngine) -> None:
    assert said(deployed(house)) == [("lane_legal", 2, "warning"), ("sign", 5, "warning")]
    with house.query(SYSTEM) as context:
        made = {
            each.id: (each.name, each.type)
            for each in find_groups(context, GroupQuery(ids=("legal-affairs", "board", "robots")))
        }
        assert made == {"legal-affairs": ("Legal affairs", "WORKFLOW"), "board": ("board", "WORKFLOW")}
        assert unstaffed_departments(context) == {"legal-affairs", "board"}
    assert said(deployed(house)) == [("lane_legal", 2, "warning"), ("sign", 5, "warning")]


def test_who_joins_mends_it_and_who_leaves_undoes_it(house: ProcessEngine) -> None:
    deployed(house)
    does(house, "anna", lambda context: add_member(context, "legal-affairs", "cleo"))
    assert said(deployed(house)) == [("sign", 5, "warning")]
    does(house, "anna", lambda context: update_user(context, replace(get_user(context, "cleo"), active=False)))
    assert said(deployed(house)) == [("lane_legal", 2, "warning"), ("sign", 5, "warning")]


def test_a_check_says_the_same_and_makes_nothing(house: ProcessEngine) -> None:
    with house.query(OWNER) as context:
        found = [each.element_id for each in check_source(context, LANES) if each.rule == "unstaffed-department"]
        assert found == ["lane_legal", "sign"]
        assert find_groups(context, GroupQuery(id="legal-affairs")) == []
        assert [each.rule for each in check_source(context, b"<no/>")] == ["not-bpmn"]


def test_a_task_for_nobody_waits_where_administrators_see_it(house: ProcessEngine) -> None:
    deployed(house)
    start(house, variables={"somebody": "it"})
    complete(house, "fix")
    for person, number in (("anna", 1), ("isak", 0), ("hanna", 0)):
        with house.query(actor(house, person)) as context:
            assert len(find_tasks(context, TaskQuery(activity_id="read"))) == number, person
    with house.command(ANNA) as context:
        (read,) = find_tasks(context, TaskQuery(activity_id="read"))
        claim_task(context, read.id)


def test_a_name_that_is_no_id_is_told_and_left_alone(house: ProcessEngine) -> None:
    model = bpmn(START + user_task("a", 'camunda:candidateGroups="two words"') + END + flow("start", "a", "end"))
    with house.command(OWNER) as context:
        result = deploy_resources(context, "odd", [("odd.bpmn", model)])
    assert [each.element_id for each in result.warnings["odd.bpmn"]] == ["a"]
    with house.query(SYSTEM) as context:
        assert find_groups(context, GroupQuery(id="two words")) == []


def test_a_role_as_a_candidate_is_staffed_by_those_who_have_it(engine: ProcessEngine) -> None:
    model = bpmn(START + user_task("a", 'camunda:candidateGroups="front"') + END + flow("start", "a", "end"))
    with engine.command(SYSTEM) as context:
        create_group(context, "front", "Front", type="SYSTEM")
        assert [each.element_id for each in deploy_resources(context, "r", [("r.bpmn", model)]).warnings["r.bpmn"]] == [
            "a"
        ]
        create_user(context, "x")
        add_member(context, "front", "x")
        assert deploy_resources(context, "r", [("r.bpmn", model)]).warnings["r.bpmn"] == ()


def test_a_file_does_not_fill_the_house_with_departments(engine: ProcessEngine) -> None:
    """Four thousand lanes made four thousand departments, each in every list from then on."""
    names = ",".join(f"d{number}" for number in range(201))
    source = TWO_TASKS.replace(b'"hr"', f'"{names}"'.encode())
    with engine.command(OWNER) as context, pytest.raises(InvalidInput, match="names 202 departments"):
        deploy_resources(context, "many", [("many.bpmn", source)])
    with engine.query(SYSTEM) as context:
        assert find_groups(context, GroupQuery()) == []
