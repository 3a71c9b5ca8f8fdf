"""An estate drawn in SpiffWorkflow's dialect moves in unchanged; what of it nothing here does is refused by name."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.util.task import TaskState

from bpmn import read, read_decisions
from engine.errors import ExecutionFailed
from engine.execution.protocol import DelegateExecution, TaskOpened
from engine.executors import problems_of
from tests.execution.world import MemoryEngine

ESTATE = Path(__file__).resolve().parents[2] / "bpmn_models" / "spiff"


class Estate:
    """Some of its files, deployed."""

    def __init__(self, *files: str) -> None:
        self.engine = MemoryEngine("spiff")
        for file in files:
            if file.endswith(".dmn"):
                decisions = read_decisions((ESTATE / file).read_bytes(), "python")
                self.engine.decisions.update(dict.fromkeys(decisions.decisions, decisions))
            else:
                self.engine.deploy((ESTATE / file).read_bytes())

    def tasks(self) -> list[str]:
        return sorted(each.element_id for stored in self.engine.instances.values() for each in stored.tasks.values())

    def task(self, element: str) -> tuple[str, TaskOpened]:
        return next(
            (instance_id, each)
            for instance_id, stored in self.engine.instances.items()
            for each in stored.tasks.values()
            if each.element_id == element
        )

    def complete(self, element: str, **variables: Any) -> None:
        instance_id, task = self.task(element)
        self.engine.complete(instance_id, task.number, variables)

    def variables(self, instance_id: str) -> dict[str, Any]:
        return self.engine.ended_variables[instance_id]


@pytest.fixture
def travel() -> Estate:
    estate = Estate("approver.dmn", "travel_request.bpmn")

    def book(execution: DelegateExecution) -> dict[str, Any]:
        return {"to": execution.fields["country"], "days": execution.fields["nights"]}

    estate.engine.handlers["travel/Book"] = book
    return estate


def test_people_see_their_tasks_with_department_instructions_and_form(travel: Estate) -> None:
    travel.engine.start("travel_request")
    task = travel.task("describe")[1]
    assert task.candidate_groups == ("travellers",)
    assert task.description == "Say where you go, and for how many nights."
    assert task.form_key == "journey-schema.json"


@pytest.mark.parametrize(
    ("country", "nights", "approver", "follows"),
    [
        ("Sweden", 1, "nobody", "hand_over"),
        ("Norway", 1, "director", "approve"),
        ("Norway", 4, "manager", "approve"),
        ("Sweden", 9, "director", "approve"),
    ],
)
def test_scripts_decisions_and_conditions_choose_the_way(
    travel: Estate, country: str, nights: int, approver: str, follows: str
) -> None:
    instance_id = travel.engine.start("travel_request")
    travel.complete("describe", country=country, nights=nights)
    assert travel.tasks() == [follows]
    assert travel.variables(instance_id)["approver"] == approver


def test_an_operator_is_a_registered_handler_with_its_parameters_evaluated(travel: Estate) -> None:
    instance_id = travel.engine.start("travel_request")
    travel.complete("describe", country="Sweden", nights=1)
    assert travel.variables(instance_id)["booking"] == {"to": "Sweden", "days": 2}


def test_an_operator_that_nobody_registered_is_named(travel: Estate) -> None:
    travel.engine.handlers.clear()
    travel.engine.start("travel_request")
    with pytest.raises(ExecutionFailed, match="travel/Book"):
        travel.complete("describe", country="Sweden", nights=1)


def test_a_manual_task_waits_for_people_and_a_quoted_timer_is_read(travel: Estate) -> None:
    instance_id = travel.engine.start("travel_request")
    travel.complete("describe", country="Sweden", nights=1)
    assert travel.task("hand_over")[1].candidate_groups == ("travel-desk",)
    travel.complete("hand_over")
    assert instance_id in travel.engine.instances
    travel.engine.advance(timedelta(days=3, minutes=1))
    assert instance_id not in travel.engine.instances


# ---------------------------------------------------------------- repetition and data objects


def quotes(**prices: int) -> tuple[Estate, str]:
    estate = Estate("quotes.bpmn")
    instance_id = estate.engine.start("quotes", {"suppliers": list(prices)})
    for name, price in prices.items():
        for _, task in [estate.task("ask")] if "ask" in estate.tasks() else []:
            seen = estate.engine.executor.variables(
                estate.engine.models[estate.engine.latest["quotes"]],
                estate.engine.instances[instance_id].state,
                task.number,
            )
            assert seen["supplier"] == name
            estate.complete("ask", price=price, note=name)
    return estate, instance_id


def test_each_turn_keeps_to_itself_and_gives_its_item() -> None:
    estate, instance_id = quotes(north=700, south=400, east=900)
    assert estate.tasks() == ["order"]
    variables = estate.variables(instance_id)
    assert variables["prices"] == [700, 400, 900]
    assert variables["note"] == "before"
    assert "price" not in variables


def test_scripts_of_a_repetition_run_once_before_and_once_after_the_whole() -> None:
    estate, instance_id = quotes(north=700, south=400)
    assert estate.variables(instance_id)["asked"] == 2
    assert estate.variables(instance_id)["answered"] == 2


def test_a_data_object_is_seen_by_conditions() -> None:
    estate, _ = quotes(north=700, south=800)
    assert estate.tasks() == ["ask_again"]


def test_a_completion_condition_ends_the_other_turns() -> None:
    estate, instance_id = quotes(north=9, south=800)
    assert estate.tasks() == ["order"]
    assert estate.variables(instance_id)["prices"] == [9]


def test_a_turn_that_gives_nothing_is_told_of() -> None:
    estate = Estate("quotes.bpmn")
    estate.engine.start("quotes", {"suppliers": ["north"]})
    with pytest.raises(ExecutionFailed, match="price"):
        estate.complete("ask")


# ---------------------------------------------------------------- calls, loops and signals


def test_a_call_passes_everything_both_ways_and_a_signal_carries_its_payload() -> None:
    estate = Estate("parent_and_child.bpmn")
    instance_id = estate.engine.start("parent", {"start": "here"})
    assert estate.tasks() == ["count", "look"]
    assert estate.variables(instance_id)["heard"] == 6
    estate.complete("count", again=True)
    estate.complete("count", again=False)
    assert estate.tasks() == ["look", "rest"]
    assert estate.variables(instance_id)["after"] == 7
    assert estate.variables(instance_id)["start"] == "here"


def test_a_loop_ends_at_its_maximum() -> None:
    estate = Estate("parent_and_child.bpmn")
    estate.engine.start("parent", {})
    for _ in range(3):
        estate.complete("count", again=True)
    assert "count" not in estate.tasks()


# ---------------------------------------------------------------- messages


def trade(*numbers: int) -> tuple[Estate, dict[int, str]]:
    estate = Estate("order_and_supplier.bpmn")
    buyers = {number: estate.engine.start("buyer", {"number": number, "what": "desk"}) for number in numbers}
    return estate, buyers


def packed(estate: Estate, number: int) -> None:
    """The supplier of this order packs."""
    for instance_id, stored in list(estate.engine.instances.items()):
        for each in stored.tasks.values():
            if each.element_id == "pack" and estate.variables(instance_id)["order"]["number"] == number:
                estate.engine.complete(instance_id, each.number, {"packer": f"for {number}"})
                return
    raise AssertionError(f"no order {number}")


def test_a_message_starts_the_other_process_with_what_it_carries() -> None:
    estate, _ = trade(17)
    assert estate.tasks() == ["pack"]
    assert estate.variables(estate.task("pack")[0])["order"] == {"number": 17, "what": "desk"}


def test_an_answer_finds_the_instance_it_is_about() -> None:
    estate, buyers = trade(17, 18, 19)
    packed(estate, 18)
    assert estate.tasks() == ["pack", "pack", "unpack"]
    assert estate.task("unpack")[0] == buyers[18]
    assert estate.variables(buyers[18])["answer"] == {"order": {"number": 18, "what": "desk"}, "by": "for 18"}
    packed(estate, 17)
    packed(estate, 19)
    assert estate.tasks() == ["unpack"] * 3


def test_an_answer_for_nobody_fails_and_leaves_no_trace() -> None:
    estate, buyers = trade(17)
    with estate.engine.command() as work:
        work.cancel(buyers[17])
    before = estate.task("pack")
    with pytest.raises(ExecutionFailed, match="nobody that fits waits for the message order confirmed"):
        packed(estate, 17)
    assert estate.task("pack") == before


def test_an_answer_that_two_instances_fit_is_refused_by_name() -> None:
    estate, _ = trade(17, 17)
    with pytest.raises(ExecutionFailed, match="2 instances wait for the message order confirmed and fit"):
        packed(estate, 17)


# ---------------------------------------------------------------- errors

FAILING = (
    '<scriptTask id="t"><script>cost = 5</script></scriptTask><subProcess id="sub"><startEvent id="ts"/>'
    '<endEvent id="te"><errorEventDefinition errorRef="err"/></endEvent>'
    '<sequenceFlow id="tf" sourceRef="ts" targetRef="te"/></subProcess>'
    '<boundaryEvent id="b" attachedToRef="sub"><errorEventDefinition errorRef="err"/></boundaryEvent><userTask id="h"/>'
    '<sequenceFlow id="f3" sourceRef="sub" targetRef="e"/><sequenceFlow id="f4" sourceRef="b" targetRef="h"/>'
)
DEAR = (
    '<error id="err" name="dear" errorCode="E1"><extensionElements><spiff:payloadExpression>cost * 2'
    "</spiff:payloadExpression><spiff:variableName>got</spiff:variableName></extensionElements></error>"
)


def test_an_error_carries_its_payload_to_its_catcher() -> None:
    engine = MemoryEngine("spiff")
    engine.deploy(file(FAILING, DEAR).replace(b'sourceRef="t" targetRef="e"', b'sourceRef="t" targetRef="sub"'))
    instance_id = engine.start("process")
    assert [each.element_id for each in engine.instances[instance_id].tasks.values()] == ["h"]
    assert engine.ended_variables[instance_id] == {"cost": 5, "got": 10}


# ---------------------------------------------------------------- refused


def file(inside: str, declared: str = "") -> bytes:
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:spiff="http://spiffworkflow.org/bpmn/schema/1.0/core" targetNamespace="http://onedoor.example/tests">'
        f'{declared}<process id="process" isExecutable="true"><startEvent id="s"><extensionElements>'
        "<spiff:instructionsForEndUser>x</spiff:instructionsForEndUser></extensionElements></startEvent>\n"
        f'{inside}\n<endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="t"/>'
        '<sequenceFlow id="f2" sourceRef="t" targetRef="e"/></process></definitions>'
    ).encode()


def extended(tag: str, name: str, attributes: str = "") -> str:
    inside = f"<extensionElements><spiff:{name}>x</spiff:{name}></extensionElements>"
    return f"<{tag} {attributes}>{inside}</{tag}>"


SPECIFIED = '<userTask id="t"><ioSpecification><dataInput id="x"/></ioSpecification></userTask>'
LOOPING = '<scriptTask id="t"><script>for x in y: z = x</script></scriptTask>'
STORE = '<dataStoreReference id="store" dataStoreRef="ds"/><userTask id="t"/>'
UNREAD = "unsupported-extension"
REFUSED = {
    "a service task without operator": ('<serviceTask id="t"/>', "", "spiff-work", "t"),
    "a decision without id": ('<businessRuleTask id="t"/>', "", "spiff-work", "t"),
    "a variable for a whole form": (extended("userTask", "variableName", 'id="t"'), "", UNREAD, "t"),
    "an input and output specification": (SPECIFIED, "", UNREAD, "t"),
    "a data store": (STORE, "", UNREAD, "store"),
    "a script with a loop": (LOOPING, "", "expression", "t"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_nothing_here_does_is_refused_by_element_line_and_remedy(what: str) -> None:
    inside, declared, rule, element = REFUSED[what]
    problems = [each for each in problems_of(read(file(inside, declared)), "spiff") if each.severity == "error"]
    assert [(each.rule, each.element_id) for each in problems] == [(rule, element)]
    assert problems[0].line == (1 if declared else 2)
    assert problems[0].remedy


REPEATED = (
    '<userTask id="t"><ioSpecification><dataInput id="items"/><inputSet><dataInputRefs>items</dataInputRefs></inputSet>'
    "<outputSet/></ioSpecification><multiInstanceLoopCharacteristics><loopDataInputRef>items</loopDataInputRef>"
    "</multiInstanceLoopCharacteristics></userTask>"
)


@pytest.mark.parametrize("inside", ['<serviceTask id="t"/>', '<businessRuleTask id="t"/>', REPEATED])
def test_the_library_itself_refuses_these_or_goes_wrong(inside: str) -> None:
    source = file(inside).replace(b"<definitions ", b'<definitions id="d" ')
    parser = SpiffBpmnParser()
    parser.add_bpmn_str(source)
    with pytest.raises(ValidationException):
        parser.get_spec("process")


def test_the_library_itself_leaves_the_variable_of_a_form_alone() -> None:
    source = file(REFUSED["a variable for a whole form"][0]).replace(b"<definitions ", b'<definitions id="d" ')
    parser = SpiffBpmnParser()
    parser.add_bpmn_str(source)
    workflow = BpmnWorkflow(parser.get_spec("process"))
    workflow.do_engine_steps()
    (task,) = workflow.get_tasks(state=TaskState.READY)
    task.data.update(answer=1)
    task.run()
    workflow.do_engine_steps()
    assert workflow.data == {"answer": 1}


def test_a_listener_on_one_of_two_flows_side_by_side_is_refused() -> None:
    source = file(
        '<exclusiveGateway id="t" default="f2"/><sequenceFlow id="f3" sourceRef="t" targetRef="e"><extensionElements>'
        '<camunda:executionListener xmlns:camunda="http://camunda.org/schema/1.0/bpmn" event="take" '
        'expression="${x}"/></extensionElements><conditionExpression>x</conditionExpression></sequenceFlow>'
    )
    (problem,) = [each for each in problems_of(read(source), "spiff") if each.severity == "error"]
    assert (problem.rule, problem.element_id, problem.line) == ("spiff-flow-listener", "t", 2)


def test_every_refusal_is_documented() -> None:
    page = (ESTATE.parents[2] / "docs" / "execution.md").read_text("utf-8")
    source = (ESTATE.parents[2] / "engine" / "execution" / "spiff" / "refusals.py").read_text("utf-8")
    assert set(re.findall(r'"(spiff-[a-z-]+)"', source)) == set(
        re.findall(r"^\| `(spiff-[a-z-]+)` ", page, re.MULTILINE)
    )


def test_the_native_executor_refuses_the_dialect_by_name() -> None:
    definitions = read((ESTATE / "quotes.bpmn").read_bytes())
    (problem,) = [each for each in problems_of(definitions, "native") if each.severity == "error"]
    assert (problem.rule, problem.element_id) == ("dialect", "quotes")
    assert not [each for each in problems_of(definitions, "spiff") if each.severity == "error"]
