"""Reads one flow node: what every node has, then what its kind adds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bpmn import model
from bpmn.model import Expression, FlowNode, MultiInstance, Script, StandardLoop
from bpmn.reader import events
from bpmn.reader.names import (
    Element,
    child,
    child_text,
    children,
    extension,
    extension_children,
    flag,
    identifier,
    local,
    text_of,
)
from bpmn.reader.references import References
from bpmn.reader.values import (
    attribute,
    child_expression,
    documentation,
    expression,
    form,
    language_of,
    listeners,
    mappings,
    parameters,
    properties,
)
from bpmn.reader.work import work_of
from bpmn.xml import line_of

#: Children of a process that are no flow nodes.
NOT_NODES = frozenset(
    [
        "association",
        "category",
        "conditionExpression",
        "correlationSubscription",
        "dataInput",
        "dataObject",
        "dataObjectReference",
        "dataOutput",
        "dataStoreReference",
        "documentation",
        "extensionElements",
        "group",
        "incoming",
        "ioSpecification",
        "laneSet",
        "loopCardinality",
        "monitoring",
        "auditing",
        "multiInstanceLoopCharacteristics",
        "outgoing",
        "property",
        "resourceRole",
        "performer",
        "humanPerformer",
        "potentialOwner",
        "sequenceFlow",
        "standardLoopCharacteristics",
        "supportedInterfaceRef",
        "textAnnotation",
        "completionCondition",
        "ioBinding",
        "timerEventDefinition",
        "messageEventDefinition",
        "signalEventDefinition",
        "dataInputAssociation",
        "dataOutputAssociation",
        "rendering",
        "artifact",
    ]
)

Facts = dict[str, Any]


def common(element: Element, scope: str | None) -> Facts:
    """What every flow node has; its flows come later, when all are known."""
    return {
        "id": identifier(element),
        "line": line_of(element),
        "name": element.get("name"),
        "documentation": documentation(element),
        "properties": properties(element),
        "type": local(element),
        "scope": scope,
        "default_flow": element.get("default"),
        "async_before": flag(extension(element, "asyncBefore")) or flag(extension(element, "async")),
        "async_after": flag(extension(element, "asyncAfter")),
        "exclusive": flag(extension(element, "exclusive"), default=True),
        "job_priority": attribute(element, "jobPriority"),
        "retry_cycle": retry_cycle(element),
        "inputs": parameters(element, "inputParameter"),
        "outputs": parameters(element, "outputParameter"),
        "listeners": listeners(element, "executionListener"),
    }


def retry_cycle(element: Element) -> Expression | None:
    return expression(next((text_of(each) for each in extension_children(element, "failedJobRetryTimeCycle")), None))


def node(element: Element, scope: str, references: References) -> FlowNode:
    """The node, without flows, boundary events, lanes and what lies inside it."""
    facts = common(element, scope)
    read = _READERS.get(local(element))
    return read(element, facts, references) if read else model.UnsupportedNode(**facts)


# ---------------------------------------------------------------- activities


def _activity(element: Element, facts: Facts) -> Facts:
    return {
        **facts,
        "multi_instance": multi_instance(element),
        "standard_loop": standard_loop(element),
        "for_compensation": flag(element.get("isForCompensation")),
    }


def multi_instance(element: Element) -> MultiInstance | None:
    found = child(element, "multiInstanceLoopCharacteristics")
    if found is None:
        return None
    item = child(found, "inputDataItem")
    return MultiInstance(
        sequential=flag(found.get("isSequential")),
        cardinality=child_expression(found, "loopCardinality"),
        collection=attribute(found, "collection") or expression(child_text(found, "loopDataInputRef")),
        element_variable=extension(found, "elementVariable") or (item.get("name") if item is not None else None),
        completion_condition=child_expression(found, "completionCondition"),
        async_before=flag(extension(found, "asyncBefore")) or flag(extension(found, "async")),
        async_after=flag(extension(found, "asyncAfter")),
        exclusive=flag(extension(found, "exclusive"), default=True),
        retry_cycle=retry_cycle(found),
        line=line_of(found),
    )


def standard_loop(element: Element) -> StandardLoop | None:
    found = child(element, "standardLoopCharacteristics")
    if found is None:
        return None
    maximum = found.get("loopMaximum")
    return StandardLoop(
        condition=child_expression(found, "loopCondition"),
        test_before=flag(found.get("testBefore")),
        maximum=int(maximum) if maximum and re.fullmatch("[0-9]{1,9}", maximum) else None,
        line=line_of(found),
    )


def _user_task(element: Element, facts: Facts, references: References) -> FlowNode:
    users, groups = _potential_owners(element)
    performers = _performers(element)
    return model.UserTask(
        **_activity(element, facts),
        assignee=next(iter(performers), None),
        performers=performers,
        candidate_users=_joined(attribute(element, "candidateUsers"), users),
        candidate_groups=_joined(attribute(element, "candidateGroups"), groups),
        due_date=attribute(element, "dueDate"),
        follow_up_date=attribute(element, "followUpDate"),
        priority=attribute(element, "priority"),
        form=form(element),
        task_listeners=listeners(element, "taskListener"),
        task_timeouts=events.timers(facts["id"], element, references),
    )


def _assignments(element: Element, role: str) -> list[str]:
    """The texts of `resourceAssignmentExpression/formalExpression`."""
    found = []
    for holder in children(element, role):
        assignment = child(holder, "resourceAssignmentExpression")
        if assignment is not None and (text := child_text(assignment, "formalExpression")):
            found.append(text)
    return found


def _performers(element: Element) -> tuple[Expression, ...]:
    given = [attribute(element, "assignee"), *map(expression, _assignments(element, "humanPerformer"))]
    return tuple(each for each in given if each is not None)


def _potential_owners(element: Element) -> tuple[list[str], list[str]]:
    """`user(kermit), group(management)`, or a bare name, which means a group."""
    users: list[str] = []
    groups: list[str] = []
    for text in _assignments(element, "potentialOwner"):
        for part in re.split(r",(?![^(]*\))", text):
            match = re.fullmatch(r"\s*(user|group)\s*\(\s*(.*?)\s*\)\s*", part)
            name = match.group(2) if match else part.strip()
            (users if match and match.group(1) == "user" else groups).append(name)
    return users, groups


def _joined(first: Expression | None, more: list[str]) -> Expression | None:
    if not more:
        return first
    return Expression(",".join([*([first.text] if first else []), *more]))


def _service_task(element: Element, facts: Facts, references: References) -> FlowNode:
    return model.ServiceTask(
        **_activity(element, facts),
        work=work_of(element, events.error_definitions(facts["id"], element, references)),
        message=events.message_of(facts["id"], element, references),
    )


def _script_task(element: Element, facts: Facts, references: References) -> FlowNode:
    source = child(element, "script")
    script = None if source is None else Script(text_of(source), language_of(element.get("scriptFormat") or "python"))
    return model.ScriptTask(
        **_activity(element, facts),
        script=script,
        result_variable=extension(element, "resultVariable"),
    )


def _receive_task(element: Element, facts: Facts, references: References) -> FlowNode:
    return model.ReceiveTask(**_activity(element, facts), message=events.message_of(facts["id"], element, references))


def _call_activity(element: Element, facts: Facts, references: References) -> FlowNode:
    return model.CallActivity(
        **_activity(element, facts),
        called_element=expression(element.get("calledElement")),
        binding=extension(element, "calledElementBinding") or "latest",
        version=attribute(element, "calledElementVersion"),
        version_tag=attribute(element, "calledElementVersionTag"),
        ins=mappings(element, "in"),
        outs=mappings(element, "out"),
    )


def _simple_activity(kind: type[model.Activity]) -> Callable[[Element, Facts, References], FlowNode]:
    return lambda element, facts, references: kind(**_activity(element, facts))


def _sub_process(element: Element, facts: Facts, references: References) -> FlowNode:
    kind = model.EventSubProcess if flag(element.get("triggeredByEvent")) else model.SubProcess
    return kind(**_activity(element, facts))


def _ad_hoc(element: Element, facts: Facts, references: References) -> FlowNode:
    return model.AdHocSubProcess(
        **_activity(element, facts),
        sequential=element.get("ordering") == "Sequential",
        completion_condition=child_expression(element, "completionCondition"),
        cancel_remaining=flag(element.get("cancelRemainingInstances"), default=True),
    )


# ---------------------------------------------------------------- gateways and events


def _simple_node(kind: type[FlowNode]) -> Callable[[Element, Facts, References], FlowNode]:
    return lambda element, facts, references: kind(**facts)


def _complex(element: Element, facts: Facts, references: References) -> FlowNode:
    return model.ComplexGateway(**facts, activation_condition=child_expression(element, "activationCondition"))


def _event_based(element: Element, facts: Facts, references: References) -> FlowNode:
    return model.EventBasedGateway(**facts, instantiate=flag(element.get("instantiate")))


def _event(element: Element, facts: Facts, references: References) -> Facts:
    definitions = events.event_definitions(facts["id"], element, references)
    return {**facts, "definition": definitions[0] if definitions else None, "definitions": definitions}


def _start(element: Element, facts: Facts, references: References) -> FlowNode:
    return model.StartEvent(
        **_event(element, facts, references),
        interrupting=flag(element.get("isInterrupting"), default=True),
        initiator=extension(element, "initiator"),
        form=form(element),
    )


def _boundary(element: Element, facts: Facts, references: References) -> FlowNode:
    event = _event(element, facts, references)
    # What has failed cannot go on, whatever the model says.
    always = isinstance(event["definition"], model.ErrorDefinition)
    return model.BoundaryEvent(
        **event,
        attached_to=element.get("attachedToRef") or "",
        interrupting=always or flag(element.get("cancelActivity"), default=True),
    )


def _simple_event(kind: type[model.Event]) -> Callable[[Element, Facts, References], FlowNode]:
    return lambda element, facts, references: kind(**_event(element, facts, references))


_READERS: dict[str, Callable[[Element, Facts, References], FlowNode]] = {
    "task": _simple_activity(model.PlainTask),
    "manualTask": _simple_activity(model.ManualTask),
    "userTask": _user_task,
    "serviceTask": _service_task,
    "sendTask": _service_task,
    "businessRuleTask": _service_task,
    "scriptTask": _script_task,
    "receiveTask": _receive_task,
    "callActivity": _call_activity,
    "subProcess": _sub_process,
    "transaction": _simple_activity(model.Transaction),
    "adHocSubProcess": _ad_hoc,
    "exclusiveGateway": _simple_node(model.ExclusiveGateway),
    "parallelGateway": _simple_node(model.ParallelGateway),
    "inclusiveGateway": _simple_node(model.InclusiveGateway),
    "eventBasedGateway": _event_based,
    "complexGateway": _complex,
    "startEvent": _start,
    "intermediateCatchEvent": _simple_event(model.IntermediateCatchEvent),
    "intermediateThrowEvent": _simple_event(model.IntermediateThrowEvent),
    "boundaryEvent": _boundary,
    "endEvent": _simple_event(model.EndEvent),
}
