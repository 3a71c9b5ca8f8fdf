"""Every shipped flow as a file: whole, in both languages, and good to look at in a modeler."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from bpmn import check, read
from tests.workflows.drawing import (
    CAMUNDA,
    LETTER,
    SPACES,
    Drawing,
    field_properties,
    fields,
    inputs,
    kind,
    properties,
)
from workflows import DEMO_DEPARTMENTS, load_services

PATHS = {service.key: service.path for service in load_services()}
DEPARTMENTS = {each.id for each in DEMO_DEPARTMENTS}


@pytest.fixture(params=sorted(PATHS))
def path(request: pytest.FixtureRequest) -> Path:
    return PATHS[request.param]


@pytest.fixture
def drawing(path: Path) -> Drawing:
    return Drawing(path)


# ---------------------------------------------------------------- whole


def test_a_flow_has_no_problem_that_our_own_rules_know(path: Path) -> None:
    assert check(read(path.read_bytes())) == ()


def test_everything_stands_in_one_lane(drawing: Drawing) -> None:
    for node_id in drawing.nodes:
        drawing.lane_of(node_id)


def test_every_lane_is_a_department_of_the_demo_and_has_something_to_do(drawing: Drawing) -> None:
    for lane in drawing.lanes:
        assert properties(lane)["department"] in DEPARTMENTS
        refs = {ref.text for ref in lane.findall("bpmn:flowNodeRef", SPACES)}
        assert refs & {task.attrib["id"] for task in drawing.user_tasks}, lane.attrib["name"]


def test_a_user_task_belongs_to_the_department_of_its_lane_and_has_a_date_and_guidance(drawing: Drawing) -> None:
    for task in drawing.user_tasks:
        assert task.attrib[CAMUNDA + "candidateGroups"] == properties(drawing.lane_of(task.attrib["id"]))["department"]
        assert task.attrib[CAMUNDA + "dueDate"].startswith("${")
        assert task.findtext("bpmn:documentation", namespaces=SPACES)
        assert int(properties(task)["touch"]) > 0


def test_every_decision_has_a_default_so_that_a_missing_answer_stops_nothing(drawing: Drawing) -> None:
    for gateway in drawing.of_kind("exclusiveGateway"):
        leaving = [flow for flow in drawing.flows if flow.attrib["sourceRef"] == gateway.attrib["id"]]
        if len(leaving) == 1:
            continue
        assert gateway.get("name", "").endswith("?")
        assert gateway.attrib["default"] in {flow.attrib["id"] for flow in leaving}
        for flow in leaving:
            conditional = flow.find("bpmn:conditionExpression", SPACES) is not None
            assert conditional is (flow.attrib["id"] != gateway.attrib["default"])


def test_a_reminder_leaves_its_task_open_and_speaks_both_languages(drawing: Drawing) -> None:
    reminders = drawing.of_kind("boundaryEvent")
    assert reminders
    for event in reminders:
        assert event.attrib["cancelActivity"] == "false"
        (leaving,) = [flow for flow in drawing.flows if flow.attrib["sourceRef"] == event.attrib["id"]]
        told = inputs(drawing.nodes[leaving.attrib["targetRef"]])
        assert set(told) == {"recipient", "department", "message", "message:sv"}
        assert told["department"] in DEPARTMENTS


def test_a_flow_says_how_long_its_history_is_kept_and_which_version_it_is(drawing: Drawing) -> None:
    assert drawing.process.attrib[CAMUNDA + "historyTimeToLive"] == "P730D"
    assert drawing.process.attrib[CAMUNDA + "versionTag"]
    assert properties(drawing.process)["subject"].startswith("${")
    assert properties(drawing.process)["goal"]


# ---------------------------------------------------------------- both languages


def test_all_that_people_read_is_there_in_swedish_too(drawing: Drawing) -> None:
    for element in drawing.elements_for_people():
        assert properties(element).get("name:sv"), element.attrib["id"]
        if element.find("bpmn:documentation", SPACES) is not None:
            assert properties(element).get("documentation:sv"), element.attrib["id"]


def test_every_field_every_help_and_every_choice_is_there_in_swedish_too(drawing: Drawing) -> None:
    for node in drawing.nodes.values():
        for field in fields(node):
            said = field_properties(field)
            assert field.attrib["label"]
            assert said.get("label:sv"), field.attrib["id"]
            assert ("help" in said) is ("help:sv" in said)
            for value in field.findall("camunda:value", SPACES):
                assert said.get(f"value:{value.attrib['id']}:sv"), (field.attrib["id"], value.attrib["id"])


def test_a_field_is_one_our_pages_can_show(drawing: Drawing) -> None:
    for node in drawing.nodes.values():
        names = [field.attrib["id"] for field in fields(node)]
        assert len(names) == len(set(names))
        for field in fields(node):
            said = field_properties(field)
            assert field.attrib["type"] in {"string", "long", "boolean", "date", "enum"}
            assert said.get("widget", "textarea") in {"textarea", "email", "tel", "people", "multiselect"}
            assert said.get("confidential", "hr") in DEPARTMENTS
            choices = {value.attrib["id"] for value in field.findall("camunda:value", SPACES)}
            assert bool(choices) is (field.attrib["type"] == "enum")
            assert "defaultValue" not in field.attrib or not choices or field.attrib["defaultValue"] in choices


# ---------------------------------------------------------------- good to look at


def test_everything_is_drawn(drawing: Drawing) -> None:
    lanes = {lane.attrib["id"] for lane in drawing.lanes}
    assert set(drawing.boxes) == {*drawing.nodes, *lanes, drawing.pool.attrib["id"]}
    assert set(drawing.lines) == {flow.attrib["id"] for flow in drawing.flows}


def test_the_lanes_fill_the_pool_and_every_shape_stands_inside_its_own(drawing: Drawing) -> None:
    pool = drawing.boxes[drawing.pool.attrib["id"]]
    lanes = [drawing.boxes[lane.attrib["id"]] for lane in drawing.lanes]
    assert all(pool.contains(lane) for lane in lanes)
    assert [lane.y for lane in lanes] == [pool.y, *(lane.bottom for lane in lanes[:-1])]
    assert lanes[-1].bottom == pool.bottom
    for node_id in drawing.nodes:
        assert drawing.boxes[drawing.lane_of(node_id).attrib["id"]].contains(drawing.boxes[node_id]), node_id


def test_no_shape_lies_on_another(drawing: Drawing) -> None:
    shapes = [node_id for node_id, node in drawing.nodes.items() if kind(node) != "boundaryEvent"]
    for one, other in combinations(shapes, 2):
        assert not drawing.boxes[one].overlaps(drawing.boxes[other]), (one, other)


def test_flows_are_level_or_upright_and_go_from_edge_to_edge(drawing: Drawing) -> None:
    for flow in drawing.flows:
        line = drawing.lines[flow.attrib["id"]]
        assert all(start[0] == end[0] or start[1] == end[1] for start, end in drawing.segments(flow.attrib["id"]))
        for end, point in (("sourceRef", line[0]), ("targetRef", line[-1])):
            assert drawing.boxes[flow.attrib[end]].has_on_its_edge(point), (flow.attrib["id"], end)


def test_no_flow_goes_through_a_shape(drawing: Drawing) -> None:
    for flow in drawing.flows:
        ends = {flow.attrib["sourceRef"], flow.attrib["targetRef"]}
        ends |= {drawing.nodes[each].get("attachedToRef", "") for each in ends}
        for node_id in drawing.nodes.keys() - ends:
            for start, end in drawing.segments(flow.attrib["id"]):
                assert not drawing.boxes[node_id].is_crossed_by(start, end), (flow.attrib["id"], node_id)


def test_flows_lead_forward_in_time(drawing: Drawing) -> None:
    """Left to right: a target stands right of its source, or straight below the task whose reminder it is."""
    for flow in drawing.flows:
        source, target = (drawing.boxes[flow.attrib[end]] for end in ("sourceRef", "targetRef"))
        if kind(drawing.nodes[flow.attrib["sourceRef"]]) != "boundaryEvent":
            assert source.x < target.x, flow.attrib["id"]


def test_labels_have_room_and_hide_nothing(drawing: Drawing) -> None:
    outside = [each for each in drawing.nodes.values() if each.get("name") and not kind(each).lower().endswith("task")]
    for element in outside:
        label = drawing.labels[element.attrib["id"]]
        assert label.width * round(label.height / 14) >= LETTER * len(element.attrib["name"]) * 0.9
    for one, other in combinations(drawing.labels, 2):
        assert not drawing.labels[one].overlaps(drawing.labels[other]), (one, other)
    for labelled, label in drawing.labels.items():
        for node_id, node in drawing.nodes.items():
            if kind(node) != "boundaryEvent" and node_id != labelled:
                assert not label.overlaps(drawing.boxes[node_id]), (labelled, node_id)


def test_no_flow_runs_through_a_label(drawing: Drawing) -> None:
    for labelled, label in drawing.labels.items():
        for flow_id in drawing.lines.keys() - {labelled}:
            for start, end in drawing.segments(flow_id):
                assert not label.is_crossed_by(start, end), (labelled, flow_id)
