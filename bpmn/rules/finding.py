"""What a rule says: which element, what is wrong with it, what to do; not whether that refuses the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bpmn.model import (
    Definitions,
    Element,
    Event,
    EventDefinition,
    FlowNode,
    MessageDefinition,
    ProcessModel,
    ServiceTask,
    Work,
)

#: Names of elements for people, by XML name.
_KINDS = {
    "task": "task",
    "userTask": "user task",
    "serviceTask": "service task",
    "sendTask": "send task",
    "receiveTask": "receive task",
    "scriptTask": "script task",
    "manualTask": "manual task",
    "businessRuleTask": "business rule task",
    "callActivity": "call activity",
    "subProcess": "subprocess",
    "adHocSubProcess": "ad-hoc subprocess",
    "transaction": "transaction",
    "process": "process",
    "startEvent": "start event",
    "endEvent": "end event",
    "boundaryEvent": "boundary event",
    "intermediateCatchEvent": "catching event",
    "intermediateThrowEvent": "throwing event",
    "exclusiveGateway": "exclusive gateway",
    "parallelGateway": "parallel gateway",
    "inclusiveGateway": "inclusive gateway",
    "eventBasedGateway": "event-based gateway",
    "complexGateway": "complex gateway",
}


@dataclass(frozen=True, slots=True)
class Finding:
    element_id: str
    line: int
    message: str
    remedy: str
    element_name: str | None = None


Findings = Iterator[Finding]
ModelRule = Callable[[ProcessModel], Findings]
FileRule = Callable[[Definitions], Findings]


def at(element: Element, message: str, remedy: str, *, line: int | None = None) -> Finding:
    return Finding(element.id, element.line if line is None else line, message, remedy, element.name)


def called(node: Element) -> str:
    """What to call an element in a message: its kind and its name, or else its id."""
    kind = _KINDS.get(node.type, node.type) if isinstance(node, FlowNode) else "sequence flow"
    return f"The {kind} “{node.name or node.id}”"


def definition_of(node: FlowNode) -> EventDefinition | None:
    return node.definition if isinstance(node, Event) else None


def work_of(node: FlowNode) -> Work | None:
    """What a task, or a thrown message, does."""
    if isinstance(node, ServiceTask):
        return node.work
    definition = definition_of(node)
    return definition.work if isinstance(definition, MessageDefinition) else None
