"""Rules about where flows part and meet."""

from __future__ import annotations

from bpmn.model import (
    EventBasedGateway,
    EventKind,
    ExclusiveGateway,
    FlowNode,
    InclusiveGateway,
    IntermediateCatchEvent,
    ProcessModel,
    ReceiveTask,
)
from bpmn.rules.finding import Findings, at, called, definition_of

_AFTER_GATEWAY = (EventKind.MESSAGE, EventKind.SIGNAL, EventKind.TIMER, EventKind.CONDITIONAL)


def exclusive_conditions(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if not isinstance(node, ExclusiveGateway) or len(node.outgoing) < 2:
            continue
        bare = [flow for flow in node.outgoing if flow.condition is None and flow.id != node.default_flow]
        # Camunda takes one flow without a condition for the last resort, where no default is marked.
        if bare and (node.default_flow is not None or len(bare) > 1):
            for flow in bare:
                yield at(
                    flow,
                    f"{called(node)} has a way out, “{flow.name or flow.id}”, without a condition.",
                    "Give it a condition, or mark it as the default flow.",
                )


def exclusive_ways_out(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if not isinstance(node, ExclusiveGateway):
            continue
        if not node.outgoing:
            yield at(node, f"{called(node)} leads nowhere.", "Connect it to what follows, or end with an end event.")
        elif len(node.outgoing) == 1 and node.outgoing[0].condition is not None:
            yield at(
                node.outgoing[0],
                f"The only way out of {called(node)} has a condition: if it does not hold, the journey fails.",
                "Remove the condition, or draw the other way out.",
            )


def exclusive_default_with_condition(model: ProcessModel) -> Findings:
    return _default_with_condition(model, ExclusiveGateway)


def inclusive_default_with_condition(model: ProcessModel) -> Findings:
    return _default_with_condition(model, InclusiveGateway)


def _default_with_condition(model: ProcessModel, kind: type[FlowNode]) -> Findings:
    for node in model.nodes.values():
        for flow in node.outgoing:
            if flow.id == node.default_flow and flow.condition is not None and isinstance(node, kind):
                yield at(
                    flow,
                    f"The default flow “{flow.name or flow.id}” has a condition.",
                    "Remove the condition: the default is taken when no other fits.",
                )


def no_default(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if (
            isinstance(node, ExclusiveGateway | InclusiveGateway)
            and len(node.outgoing) > 1
            and node.default_flow is None
            and all(flow.condition is not None for flow in node.outgoing)
        ):
            yield at(
                node,
                f"{called(node)} has a condition on every way out: if none holds, the journey fails.",
                "Mark one way out as the default flow.",
            )


def event_based_targets(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if not isinstance(node, EventBasedGateway):
            continue
        if not node.outgoing:
            yield at(node, f"{called(node)} leads nowhere.", "Connect it to the events it waits for.")
        for flow in node.outgoing:
            target = model.nodes.get(flow.target)
            if target is None:
                continue
            definition = definition_of(target)
            catches = isinstance(target, IntermediateCatchEvent) and (
                definition is not None and definition.kind in _AFTER_GATEWAY
            )
            if not catches:
                told = "a receive task" if isinstance(target, ReceiveTask) else f"“{target.name or target.id}”"
                yield at(
                    flow,
                    f"{called(node)} leads to {told}; only a message, signal, timer or condition may follow.",
                    "Put a catching event between them.",
                )
            elif len(target.incoming) > 1:
                yield at(
                    target,
                    f"{called(target)} follows an event-based gateway and has another incoming flow.",
                    "Let the other flow lead to an event of its own.",
                )
