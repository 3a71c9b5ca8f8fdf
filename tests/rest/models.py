"""Models of the REST tests, each as small as what it shows."""

from __future__ import annotations

from tests.engine.play import END, START, TWO_TASKS, bpmn, flow, parallel_tasks, user_task

__all__ = [
    "ASYNCHRONOUS", "CALLED", "CALLING", "CONDITION", "EXTERNAL", "FAILING", "FORM", "MESSAGE", "RECEIVE", "SIGNAL",
    "SUBPROCESS", "TIMER", "TWO_TASKS", "parallel_tasks",
]  # fmt: skip

TIMER = bpmn(
    START
    + '<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>'
    "</intermediateCatchEvent>" + user_task("after") + END + flow("start", "wait", "after", "end"),
    "timer",
)

ASYNCHRONOUS = bpmn(
    START + user_task("later", 'camunda:asyncBefore="true"') + END + flow("start", "later", "end"), "async"
)

FAILING = bpmn(
    START
    + '<serviceTask id="broken" camunda:asyncBefore="true" camunda:expression="${missing}"/>'
    + END
    + flow("start", "broken", "end"),
    "failing",
)

EXTERNAL = bpmn(
    START + '<serviceTask id="work" camunda:type="external" camunda:topic="print" camunda:taskPriority="7">'
    '<extensionElements><camunda:properties><camunda:property name="paper" value="A4"/></camunda:properties>'
    "</extensionElements></serviceTask>"
    '<boundaryEvent id="jam" attachedToRef="work"><errorEventDefinition errorRef="jammed"/></boundaryEvent>'
    + user_task("collect")
    + user_task("repair")
    + END
    + flow("start", "work", "collect", "end")
    + flow("jam", "repair", "end"),
    "external",
    beside='<error id="jammed" errorCode="JAM" name="Jam"/>',
)

MESSAGE = bpmn(
    '<startEvent id="start"><messageEventDefinition messageRef="ordered"/></startEvent>'
    '<intermediateCatchEvent id="wait"><messageEventDefinition messageRef="paid"/></intermediateCatchEvent>'
    + user_task("ship")
    + END
    + flow("start", "wait", "ship", "end"),
    "order",
    beside='<message id="ordered" name="ordered"/><message id="paid" name="paid"/>',
)

SIGNAL = bpmn(
    START
    + '<intermediateCatchEvent id="wait"><signalEventDefinition signalRef="fire"/></intermediateCatchEvent>'
    + user_task("leave")
    + END
    + flow("start", "wait", "leave", "end"),
    "drill",
    beside='<signal id="fire" name="fire"/>',
)

CONDITION = bpmn(
    '<startEvent id="start"><conditionalEventDefinition><condition xsi:type="tFormalExpression">${level &gt; 2}'
    "</condition></conditionalEventDefinition></startEvent>" + user_task("look") + END + flow("start", "look", "end"),
    "alarm",
)

RECEIVE = bpmn(
    START + '<receiveTask id="wait"/>' + user_task("go") + END + flow("start", "wait", "go", "end"), "receive"
)

SUBPROCESS = bpmn(
    START
    + '<subProcess id="inner"><startEvent id="in"/>'
    + user_task("deep", 'camunda:candidateGroups="hr" camunda:asyncBefore="true"')
    + '<endEvent id="out"/>'
    + flow("in", "deep", "out")
    + "</subProcess>"
    + user_task("other")
    + '<parallelGateway id="fork"/>'
    + flow("start", "fork", "inner")
    + flow("fork", "other"),
    "nested",
)

CALLING = bpmn(
    START + '<callActivity id="call" name="Call" calledElement="called"/>' + END + flow("start", "call", "end"),
    "calling",
)
CALLED = bpmn(START + user_task("inside") + END + flow("start", "inside", "end"), "called")

_START_FIELDS = (
    '<extensionElements><camunda:formData><camunda:formField id="reason" label="Reason" type="string" '
    'defaultValue="none given"><camunda:validation><camunda:constraint name="required"/></camunda:validation>'
    "</camunda:formField></camunda:formData></extensionElements>"
)
_TASK_FIELDS = (
    '<extensionElements><camunda:formData><camunda:formField id="days" label="Days" type="long">'
    '<camunda:validation><camunda:constraint name="required"/><camunda:constraint name="min" config="1"/>'
    "</camunda:validation></camunda:formField></camunda:formData></extensionElements>"
)
FORM = bpmn(
    f'<startEvent id="start" camunda:formKey="app:ask.html">{_START_FIELDS}</startEvent>'
    + user_task("decide", 'camunda:candidateGroups="hr" camunda:formKey="app:decide.html"', _TASK_FIELDS)
    + END
    + flow("start", "decide", "end"),
    "leave",
)
