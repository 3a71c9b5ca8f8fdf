"""What the reader makes of scopes and events."""

from __future__ import annotations

import pytest

from bpmn import (
    AdHocSubProcess,
    BoundaryEvent,
    CompensationDefinition,
    ConditionalDefinition,
    EndEvent,
    ErrorDefinition,
    EscalationDefinition,
    EventSubProcess,
    Expression,
    ExternalWork,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    LinkDefinition,
    MessageDefinition,
    SignalDefinition,
    TimerDefinition,
    TimerForm,
    Transaction,
    UnsupportedNode,
)
from tests.bpmn.drawing import definitions, one


def test_a_scope_knows_what_lies_in_it() -> None:
    (model,) = definitions(
        '<startEvent id="s"/><subProcess id="sub"><startEvent id="s2"/><userTask id="t"/>'
        '<subProcess id="e" triggeredByEvent="true"><startEvent id="s3"/></subProcess></subProcess>'
        '<transaction id="tx"/><adHocSubProcess id="ah" ordering="Sequential"/>'
    ).processes
    assert model.process.nodes == ("s", "sub", "tx", "ah")
    sub = model.scope("sub")
    assert (sub.nodes, sub.start_events, sub.event_subprocesses) == (("s2", "t", "e"), ("s2",), ("e",))
    assert isinstance(model.nodes["e"], EventSubProcess)
    assert isinstance(model.nodes["tx"], Transaction)
    ad_hoc = model.nodes["ah"]
    assert isinstance(ad_hoc, AdHocSubProcess)
    assert ad_hoc.sequential is True
    with pytest.raises(LookupError):
        model.scope("t")


def test_a_compensation_handler_is_found_over_its_association() -> None:
    (model,) = definitions(
        '<userTask id="t"/><boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent>'
        '<userTask id="undo" isForCompensation="true"/><association sourceRef="b" targetRef="undo"/>'
    ).processes
    assert model.activity("t").compensation_handler == "undo"
    assert model.activity("t").boundary_events == ("b",)
    assert model.activity("undo").for_compensation is True


def test_a_boundary_event_says_whether_it_interrupts() -> None:
    node = one(
        BoundaryEvent,
        '<userTask id="t"/><boundaryEvent id="b" attachedToRef="t" cancelActivity="false"><timerEventDefinition>'
        "<timeCycle>R3/PT1H</timeCycle></timerEventDefinition></boundaryEvent>",
    )
    assert (node.attached_to, node.interrupting) == ("t", False)
    assert isinstance(node.definition, TimerDefinition)
    assert (node.definition.form, node.definition.expression) == (TimerForm.CYCLE, Expression("R3/PT1H"))


DECLARED = (
    '<message id="m" name="paid"/><signal id="s" name="alert-${a}"/><error id="e" errorCode="42"/><escalation id="x"'
    ' escalationCode="LATE"/><timerEventDefinition id="soon"><timeDuration>PT1H</timeDuration></timerEventDefinition>'
)


def thrown(definition: str) -> IntermediateThrowEvent:
    return one(
        IntermediateThrowEvent,
        f'<intermediateThrowEvent id="t">{definition}</intermediateThrowEvent>',
        declared=DECLARED,
    )


def caught(definition: str) -> IntermediateCatchEvent:
    return one(
        IntermediateCatchEvent,
        f'<intermediateCatchEvent id="t">{definition}</intermediateCatchEvent>',
        declared=DECLARED,
    )


def test_a_thrown_message_may_be_an_external_task() -> None:
    definition = thrown(
        '<messageEventDefinition messageRef="m" camunda:type="external" camunda:topic="mail"/>'
    ).definition
    assert isinstance(definition, MessageDefinition)
    assert (definition.name, definition.work) == (Expression("paid"), ExternalWork(Expression("mail")))


def test_a_thrown_signal_may_carry_variables_and_be_asynchronous() -> None:
    definition = thrown(
        '<signalEventDefinition signalRef="s" camunda:async="true"><extensionElements><camunda:in source="a"'
        ' target="b"/></extensionElements></signalEventDefinition>'
    ).definition
    assert isinstance(definition, SignalDefinition)
    assert (definition.name, definition.asynchronous, definition.payload[0].target) == (
        Expression("alert-${a}"),
        True,
        "b",
    )


def test_a_thrown_compensation_may_name_its_activity() -> None:
    definition = thrown('<compensateEventDefinition activityRef="a" waitForCompletion="false"/>').definition
    assert isinstance(definition, CompensationDefinition)
    assert (definition.activity_ref, definition.wait_for_completion) == ("a", False)


def test_an_escalation_and_a_link_are_read() -> None:
    escalation = thrown('<escalationEventDefinition escalationRef="x" camunda:escalationCodeVariable="c"/>').definition
    link = thrown('<linkEventDefinition name="A"/>').definition
    assert isinstance(escalation, EscalationDefinition)
    assert (escalation.code, escalation.code_variable) == ("LATE", "c")
    assert isinstance(link, LinkDefinition)
    assert link.name == "A"


@pytest.mark.parametrize(
    ("reference", "code"), [('errorRef="e"', "42"), ('errorRef="undeclared"', "undeclared"), ("", None)]
)
def test_an_error_that_is_not_declared_is_its_own_code(reference: str, code: str | None) -> None:
    node = one(
        EndEvent,
        f'<endEvent id="t"><errorEventDefinition {reference} camunda:errorCodeVariable="c"/></endEvent>',
        declared=DECLARED,
    )
    assert isinstance(node.definition, ErrorDefinition)
    assert (node.definition.code, node.definition.code_variable) == (code, "c")


def test_a_condition_may_name_the_variable_and_the_changes_it_looks_at() -> None:
    definition = caught(
        '<conditionalEventDefinition camunda:variableName="a" camunda:variableEvents="create, update">'
        "<condition>${a > 1}</condition></conditionalEventDefinition>"
    ).definition
    assert isinstance(definition, ConditionalDefinition)
    assert (definition.condition, definition.variable_name) == (Expression("${a > 1}"), "a")
    assert definition.variable_events == {"create", "update"}


def test_an_event_may_refer_to_a_definition_at_the_top_of_the_file() -> None:
    definition = caught("<eventDefinitionRef>soon</eventDefinitionRef>").definition
    assert isinstance(definition, TimerDefinition)
    assert definition.expression == Expression("PT1H")


def test_an_event_that_refers_to_a_missing_definition_is_remembered() -> None:
    file = definitions('<endEvent id="t"><eventDefinitionRef>gone</eventDefinitionRef></endEvent>')
    assert [(each.element_id, each.reference) for each in file.unresolved] == [("t", "gone")]


def test_an_event_keeps_all_its_definitions() -> None:
    node = caught("<terminateEventDefinition/><cancelEventDefinition/>")
    assert len(node.definitions) == 2
    assert node.definition == node.definitions[0]


def test_an_element_that_we_do_not_know_is_read_as_such() -> None:
    assert one(UnsupportedNode, '<choreographyTask id="c" name="Dance"/>').type == "choreographyTask"
