"""What the reader makes of a file, its processes, flows and lanes."""

from __future__ import annotations

import pytest

from bpmn import (
    Expression,
    FlowNode,
    Script,
    UserTask,
    read,
)
from tests.bpmn.drawing import definitions, drawn, extended

# ---------------------------------------------------------------- files and processes


def test_the_prefix_of_a_namespace_does_not_matter() -> None:
    source = (
        b'<q:definitions xmlns:q="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        b' xmlns:z="http://camunda.org/schema/1.0/bpmn"><q:process id="p"><q:userTask id="t"'
        b' z:assignee="kermit"/></q:process></q:definitions>'
    )
    node = read(source).processes[0].nodes["t"]
    assert isinstance(node, UserTask)
    assert node.assignee == Expression("kermit")


def test_the_old_namespace_of_activiti_says_the_same_as_camundas() -> None:
    file = definitions('<userTask id="t" activiti:assignee="kermit"/>')
    node = file.processes[0].nodes["t"]
    assert isinstance(node, UserTask)
    assert node.assignee == Expression("kermit")
    assert file.dialect == "camunda"


@pytest.mark.parametrize(
    ("attributes", "executable"),
    [('isExecutable="true"', True), ('isExecutable="false"', False), ("", False)],
)
def test_a_process_is_executable_only_if_it_says_so(attributes: str, executable: bool) -> None:
    (model,) = definitions("", attributes=attributes).processes
    assert model.process.executable is executable


def test_a_process_says_its_version_its_history_and_who_may_start_it() -> None:
    (model,) = definitions(
        "",
        attributes=(
            'name="Onboarding" camunda:versionTag="2.1" camunda:historyTimeToLive="P30D" '
            'camunda:candidateStarterGroups="managers" camunda:candidateStarterUsers="kermit" '
            'camunda:isStartableInTasklist="false"'
        ),
    ).processes
    process = model.process
    assert (model.key, process.name, process.version_tag) == ("process", "Onboarding", "2.1")
    assert process.history_time_to_live == "P30D"
    assert process.candidate_starter_groups == Expression("managers")
    assert process.candidate_starter_users == Expression("kermit")
    assert process.startable_in_tasklist is False


def test_a_process_without_a_name_is_called_as_its_pool() -> None:
    pool = '<collaboration id="c"><participant id="p" name="Human resources" processRef="process"/></collaboration>'
    assert definitions("", declared=pool).processes[0].process.name == "Human resources"


def test_every_element_knows_its_line() -> None:
    (model,) = definitions(
        '<startEvent id="a"/>\n<endEvent id="b"/>\n<sequenceFlow id="f" sourceRef="a" targetRef="b"/>'
    ).processes
    assert [model.nodes["a"].line, model.nodes["b"].line, model.flows["f"].line] == [3, 4, 5]


def test_elements_without_an_id_get_one_that_is_the_same_at_every_reading() -> None:
    source = drawn('<startEvent id="a"/><userTask/><sequenceFlow sourceRef="a" targetRef="a"/>')
    first, second = read(source).processes[0], read(source).processes[0]
    assert list(first.nodes) == list(second.nodes)
    assert list(first.flows) == list(second.flows)
    assert len(first.nodes) == 3


def test_an_id_that_stands_twice_is_remembered_with_its_line() -> None:
    file = definitions('<startEvent id="a"/>\n<endEvent id="a"/>')
    assert file.repeated_ids == (("a", 4),)


def test_references_that_lead_nowhere_are_remembered() -> None:
    file = definitions('<receiveTask id="r" messageRef="gone"/>')
    (unresolved,) = file.unresolved
    assert (unresolved.element_id, unresolved.attribute, unresolved.reference) == ("r", "messageRef", "gone")


def test_the_source_is_kept_as_it_is() -> None:
    source = drawn("<!-- kept -->")
    assert read(source).source == source


def test_a_diagram_is_noticed() -> None:
    diagram = (
        '<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI"><d:BPMNPlane>'
        '<d:BPMNShape bpmnElement="a"/></d:BPMNPlane></d:BPMNDiagram>'
    )
    assert definitions('<startEvent id="a"/>', declared=diagram).processes[0].has_diagram is True
    assert definitions('<startEvent id="b"/>', declared=diagram).processes[0].has_diagram is False


@pytest.mark.parametrize(
    ("inside", "dialect"),
    [
        ("", "plain"),
        ("<camunda:properties/>", "camunda"),
        ('<zeebe:taskDefinition type="x"/>', "zeebe"),
        ('<s:script xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core"/>', "spiff"),
    ],
)
def test_the_dialect_is_recognised_by_its_extensions(inside: str, dialect: str) -> None:
    assert definitions(extended(inside)).dialect == dialect


def test_elements_of_other_namespaces_are_remembered_unless_they_are_extensions() -> None:
    inside = extended('<v:x xmlns:v="http://vendor.example"/>')
    file = definitions(f'\n<v:robot xmlns:v="http://vendor.example"/>{inside}')
    assert file.foreign == (("{http://vendor.example}robot", 4),)


# ---------------------------------------------------------------- flows


def test_flows_are_known_at_both_ends_without_incoming_and_outgoing_children() -> None:
    (model,) = definitions(
        '<startEvent id="a"/><endEvent id="b"/><sequenceFlow id="f" sourceRef="a" targetRef="b"/>'
    ).processes
    assert [flow.id for flow in model.nodes["a"].outgoing] == ["f"]
    assert [flow.id for flow in model.nodes["b"].incoming] == ["f"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("<conditionExpression>${a > 1}</conditionExpression>", Expression("${a > 1}")),
        (
            '<conditionExpression xsi:type="tFormalExpression"><![CDATA[ ${a < 1} ]]></conditionExpression>',
            Expression("${a < 1}"),
        ),
        ('<conditionExpression language="feel">a > 1</conditionExpression>', Expression("a > 1", "feel")),
        ('<conditionExpression language="python">a > 1</conditionExpression>', Script("a > 1", "python")),
        ('<conditionExpression language="groovy">a > 1</conditionExpression>', Script("a > 1", "groovy")),
        ("<conditionExpression/>", None),
        ("", None),
    ],
)
def test_a_condition_says_its_language(condition: str, expected: Expression | Script | None) -> None:
    flow = (
        '<startEvent id="a"/><endEvent id="b"/><sequenceFlow id="f" sourceRef="a"'
        f' targetRef="b">{condition}</sequenceFlow>'
    )
    assert definitions(flow).processes[0].flows["f"].condition == expected


# ---------------------------------------------------------------- lanes


def lanes(inside: str, nodes: str = '<userTask id="t"/>') -> FlowNode:
    return definitions(f"<laneSet>{inside}</laneSet>{nodes}").processes[0].nodes["t"]


REF = "<flowNodeRef>t</flowNodeRef>"


@pytest.mark.parametrize(
    ("name", "department"),
    [
        ("IT", "it"),
        ("Människor & kultur", "manniskor-kultur"),
        ("Køb og Økonomi", "kob-og-okonomi"),
        ("  Front   desk (HQ) ", "front-desk-hq"),
        ("人事", "lane-1"),
    ],
)
def test_a_lanes_department_is_its_name_as_a_key(name: str, department: str) -> None:
    assert lanes(f'<lane id="Lane_1" name="{name.replace("&", "&amp;")}">{REF}</lane>').department == department


def test_a_lane_may_name_its_department() -> None:
    properties = '<camunda:properties><camunda:property name="department" value="people"/></camunda:properties>'
    inside = f'<lane id="l" name="HR"><extensionElements>{properties}</extensionElements>{REF}</lane>'
    assert lanes(inside).department == "people"


def test_of_nested_lanes_the_innermost_wins() -> None:
    inner = f'<childLaneSet><lane id="inner" name="Payroll">{REF}</lane></childLaneSet>'
    assert lanes(f'<lane id="outer" name="HR">{REF}{inner}</lane>').department == "payroll"


def test_what_lies_in_a_subprocess_is_of_the_subprocess_lane() -> None:
    nodes = '<subProcess id="sub"><userTask id="t"/></subProcess>'
    assert lanes('<lane id="l" name="HR"><flowNodeRef>sub</flowNodeRef></lane>', nodes).department == "hr"


def test_a_subprocess_may_have_lanes_of_its_own() -> None:
    own = f'<laneSet><lane id="own" name="Payroll">{REF}</lane></laneSet>'
    nodes = f'<subProcess id="sub">{own}<userTask id="t"/></subProcess>'
    assert lanes('<lane id="l" name="HR"><flowNodeRef>sub</flowNodeRef></lane>', nodes).department == "payroll"
