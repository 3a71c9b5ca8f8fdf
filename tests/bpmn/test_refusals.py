"""What deployment must refuse, one by one: by element, line and remedy."""

from __future__ import annotations

import pytest

from bpmn import Severity, check, read
from tests.bpmn.drawing import drawn

DECLARED = (
    '<message id="m" name="paid"/><message id="nameless"/><signal id="s" name="alert"/><error id="e" errorCode="E"/>'
    '<escalation id="late" escalationCode="LATE"/><escalation id="codeless"/>'
)
LATE = '<escalationEventDefinition escalationRef="late"/>'
ANY = "<escalationEventDefinition/>"
PAID = '<messageEventDefinition messageRef="m"/>'
ALERT = '<signalEventDefinition signalRef="s"/>'
UNDO = "<compensateEventDefinition/>"
CANCEL = "<cancelEventDefinition/>"
PARAMETERS = """<extensionElements><camunda:inputOutput><camunda:inputParameter name="a">1</camunda:inputParameter>
</camunda:inputOutput></extensionElements>"""
OUTPUTS = PARAMETERS.replace("input", "output").replace("outputOutput", "inputOutput")


def start(definition: str = "", id: str = "start") -> str:
    return f'<startEvent id="{id}">{definition}</startEvent>'


def flow(source: str, target: str) -> str:
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'


def boundary(host: str, definition: str, id: str = "wrong") -> str:
    return f'<boundaryEvent id="{id}" attachedToRef="{host}">{definition}</boundaryEvent>'


def subprocess(inside: str = "", id: str = "sub", tag: str = "subProcess", attributes: str = "") -> str:
    return f'<{tag} id="{id}" {attributes}>{start(id=f"{id}_start")}{inside}</{tag}>'


def event_subprocess(id: str, definition: str, start_id: str | None = None, inside: str = "") -> str:
    begin = start(definition, start_id or f"{id}_start")
    return f'<subProcess id="{id}" triggeredByEvent="true">{inside}{begin}</subProcess>'


def catch(definition: str, id: str = "wrong") -> str:
    return f'<intermediateCatchEvent id="{id}">{definition}</intermediateCatchEvent>'


def throw(definition: str) -> str:
    return f'<intermediateThrowEvent id="wrong">{definition}</intermediateThrowEvent>'


def end(definition: str) -> str:
    return f'<endEvent id="wrong">{definition}</endEvent>'


def condition(text: str) -> str:
    return f"<conditionalEventDefinition><condition>{text}</condition></conditionalEventDefinition>"


SERVICE = '<serviceTask id="work" camunda:expression="${1}"/>'
HANDLER = '<userTask id="handler" isForCompensation="true"/>'
LINKED = '<association id="to_handler" sourceRef="wrong" targetRef="handler"/>'
MANY = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"

REFUSED = {
    "an escalation boundary event on a service task": ("escalation-host", start() + SERVICE + boundary("work", LATE)),
    "two boundary events for one escalation code": (
        "escalation-once",
        start() + subprocess() + boundary("sub", LATE, "right") + boundary("sub", LATE),
    ),
    "a boundary event for every escalation beside one with a code": (
        "escalation-once",
        start() + subprocess() + boundary("sub", LATE, "right") + boundary("sub", ANY),
    ),
    "two event subprocesses for one escalation code": (
        "escalation-once",
        start() + event_subprocess("one", LATE) + event_subprocess("two", LATE, "wrong"),
    ),
    "an event subprocess for every escalation beside one with a code": (
        "escalation-once",
        start() + event_subprocess("one", LATE) + event_subprocess("two", ANY, "wrong"),
    ),
    "a cancel boundary event outside a transaction": (
        "cancel-transaction",
        start() + subprocess() + boundary("sub", CANCEL),
    ),
    "a cancel end event outside a transaction": ("cancel-transaction", start() + subprocess(end(CANCEL))),
    "two cancel boundary events": (
        "cancel-once",
        start() + subprocess(tag="transaction") + boundary("sub", CANCEL, "right") + boundary("sub", CANCEL),
    ),
    "a link caught after an event-based gateway": (
        "event-based-target",
        start()
        + '<eventBasedGateway id="gate"/>'
        + catch('<linkEventDefinition name="A"/>', "link")
        + flow("gate", "link").replace('id="gate_link"', 'id="wrong"'),
    ),
    "an event after an event-based gateway that another flow leads to": (
        "event-based-target",
        start() + '<eventBasedGateway id="gate"/>' + catch(PAID) + flow("gate", "wrong") + flow("start", "wrong"),
    ),
    "compensation of an activity of another scope": (
        "compensated-activity",
        start() + SERVICE + subprocess(throw('<compensateEventDefinition activityRef="work"/>')),
    ),
    "compensation of an activity that is not there": (
        "compensated-activity",
        start() + throw('<compensateEventDefinition activityRef="nowhere"/>'),
    ),
    "a compensation event subprocess of the process itself": (
        "compensation-event-subprocess",
        start() + event_subprocess("wrong", UNDO),
    ),
    "a compensation handler with a flow out of it": (
        "compensation-handler-flow",
        start()
        + SERVICE
        + boundary("work", UNDO, "undo")
        + HANDLER.replace("handler", "wrong")
        + LINKED.replace("wrong", "undo").replace("handler", "wrong")
        + end("").replace("wrong", "end")
        + flow("wrong", "end"),
    ),
    "two compensation boundary events on one activity": (
        "compensation-once",
        start() + SERVICE + HANDLER + LINKED + boundary("work", UNDO, "right") + boundary("work", UNDO),
    ),
    "a compensation boundary event beside a compensation event subprocess": (
        "compensation-once",
        start() + subprocess(event_subprocess("wrong", UNDO)) + HANDLER + boundary("sub", UNDO, "right"),
    ),
    "a compensation boundary event that leads to no handler": (
        "compensation-target",
        start()
        + SERVICE
        + boundary("work", UNDO, "undo")
        + '<userTask id="wrong"/><association id="a" sourceRef="undo" targetRef="wrong"/>',
    ),
    "one message twice on one activity": (
        "message-once",
        start() + '<userTask id="ask"/>' + boundary("ask", PAID, "right") + boundary("ask", PAID),
    ),
    "one message twice after an event-based gateway": (
        "message-once",
        start()
        + '<eventBasedGateway id="gate"/>'
        + catch(PAID, "right")
        + catch(PAID)
        + flow("gate", "right")
        + flow("gate", "wrong"),
    ),
    "one signal twice at the start of a process": ("message-once", start(ALERT) + start(ALERT, "wrong")),
    "a message caught without a name": (
        "message-name",
        start() + catch('<messageEventDefinition messageRef="nameless"/>'),
    ),
    "a message start event whose name is an expression": (
        "message-start",
        start('<messageEventDefinition messageRef="changing"/>', "wrong"),
    ),
    "a signal thrown without a name": ("signal-name", start() + throw("<signalEventDefinition/>")),
    "two start events with one condition": (
        "start-condition-once",
        start(condition("${x}")) + start(condition("${x}"), "wrong"),
    ),
    "a conditional event without a condition": ("condition", start() + catch("<conditionalEventDefinition/>")),
    "an escalation end event without a code": (
        "escalation-code",
        start() + end('<escalationEventDefinition escalationRef="codeless"/>'),
    ),
    "an escalation thrown without a code": ("escalation-code", start() + throw(ANY)),
    "an error end event without a code": ("error-code", start() + end("<errorEventDefinition/>")),
    "an event subprocess that catches an error without interrupting": (
        "error-start",
        start()
        + event_subprocess("one", "<errorEventDefinition/>", "wrong").replace(
            'id="wrong"', 'id="wrong" isInterrupting="false"'
        ),
    ),
    "parameters on a start event": ("parameters", start(PARAMETERS, "wrong")),
    "parameters on a boundary event": (
        "parameters",
        start() + '<userTask id="ask"/>' + boundary("ask", PARAMETERS + PAID),
    ),
    "parameters on an event subprocess": (
        "parameters",
        start() + event_subprocess("wrong", PAID, inside=PARAMETERS),
    ),
    "parameters on a gateway": (
        "parameters",
        start() + f'<parallelGateway id="wrong">{PARAMETERS}</parallelGateway>',
    ),
    "outputs of a multi-instance activity": (
        "repetition-output",
        start() + f'<userTask id="wrong">{OUTPUTS}{MANY}</userTask>',
    ),
    "an asynchronous continuation over a flow without an id": (
        "flow-id",
        start()
        + '<userTask id="wrong" camunda:asyncAfter="true"/><endEvent id="end"/>'
        + '<sequenceFlow sourceRef="wrong" targetRef="end"/>',
    ),
    "a priority that is not a number": ("priority", start() + '<userTask id="wrong" camunda:jobPriority="high"/>'),
    "two plain start events": ("start-event", start() + start(id="other")),
    "a plain start event beside a timer": (
        "start-event",
        start() + start("<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>", "other"),
    ),
    "a subprocess that a timer starts": (
        "start-event",
        start()
        + subprocess(id="wrong").replace(
            start(id="wrong_start"),
            start("<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>", "wrong_start"),
        ),
    ),
    "a timer that says nothing": ("timer", start() + catch("<timerEventDefinition/>")),
    "two links of one name": (
        "link",
        start()
        + throw('<linkEventDefinition name="A"/>').replace("wrong", "thrown")
        + catch('<linkEventDefinition name="A"/>', "right")
        + catch('<linkEventDefinition name="A"/>'),
    ),
    "an execution listener for what never happens": (
        "listener-event",
        start()
        + '<userTask id="wrong"><extensionElements><camunda:executionListener event="take" expression="${1}"/>'
        + "</extensionElements></userTask>",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "process"), REFUSED.values(), ids=REFUSED)
def test_deployment_refuses(rule: str, process: str) -> None:
    changing = '<message id="changing" name="order-${site}"/>'
    found = check(read(drawn(process, declared=DECLARED + (changing if "changing" in process else ""))))
    named = "wrong" if 'id="wrong"' in process else "process"
    [problem] = [each for each in found if each.severity is Severity.ERROR]
    assert (problem.rule, problem.element_id) == (rule, named)
    assert problem.line >= 2
    assert problem.remedy


@pytest.mark.parametrize(
    ("rule", "declared"),
    [
        ("signal-once", '<signal id="again" name="alert"/>'),
        ("signal-name", '<signal id="unnamed"/>'),
        ("declaration", '<error errorCode="F"/>'),
        ("declaration", '<escalation escalationCode="F"/>'),
        ("declaration", '<signal name="other"/>'),
    ],
)
def test_deployment_refuses_declarations_that_nobody_could_tell_apart(rule: str, declared: str) -> None:
    found = check(read(drawn(start() + "<endEvent id='end'/>" + flow("start", "end"), declared=DECLARED + declared)))
    assert [each.rule for each in found if each.severity is Severity.ERROR] == [rule]


def test_deployment_refuses_an_element_of_another_namespace() -> None:
    odd = '<x:task xmlns:x="http://example.org/x" id="odd"/>'
    found = check(read(drawn(start() + odd)))
    assert [each.rule for each in found if each.severity is Severity.ERROR] == ["foreign-element"]
