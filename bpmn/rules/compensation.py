"""Rules about undoing."""

from __future__ import annotations

from bpmn.model import (
    Activity,
    BoundaryEvent,
    CompensationDefinition,
    EndEvent,
    EventSubProcess,
    FlowNode,
    IntermediateThrowEvent,
    ProcessModel,
    Scope,
)
from bpmn.rules.finding import Findings, at, called, definition_of


def activity_in_scope(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        definition = definition_of(node)
        if (
            isinstance(node, IntermediateThrowEvent | EndEvent)
            and isinstance(definition, CompensationDefinition)
            and definition.activity_ref is not None
            and not _in_reach(model, node, definition.activity_ref)
        ):
            yield at(
                node,
                f"{called(node)} compensates “{definition.activity_ref}”, which is no activity of its scope.",
                "Choose an activity of the same scope, or none to compensate all of them.",
                line=definition.line,
            )


def _in_reach(model: ProcessModel, node: FlowNode, activity: str) -> bool:
    """In the scope of the thrower; an event subprocess speaks for the scope around it too."""
    target = model.nodes.get(activity)
    if not isinstance(target, Activity):
        return False
    scopes = [node.scope]
    around = model.nodes.get(node.scope or "")
    if isinstance(around, EventSubProcess):
        scopes.append(around.scope)
    return target.scope in scopes


def event_subprocess_inside(model: ProcessModel) -> Findings:
    for each in model.process.event_subprocesses:
        if _undoes(model, each):
            yield at(
                model.nodes[each],
                "A compensation event subprocess stands in the process itself, where nothing can compensate it.",
                "Put it into the subprocess that it undoes.",
            )


def handler_leads_nowhere(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if isinstance(node, Activity) and node.for_compensation and (node.outgoing or node.incoming):
            yield at(
                node,
                f"{called(node)} undoes another activity and has a sequence flow.",
                "Remove its flows; only the association from the compensation event leads to it.",
            )


def handler_given(model: ProcessModel) -> Findings:
    handled = {node.compensation_handler for node in model.nodes.values() if isinstance(node, Activity)}
    for node in model.nodes.values():
        if isinstance(node, BoundaryEvent) and isinstance(node.definition, CompensationDefinition):
            host = model.nodes.get(node.attached_to)
            if isinstance(host, Activity) and host.compensation_handler is None:
                yield at(
                    node,
                    f"{called(node)} leads to no activity that undoes “{host.name or host.id}”.",
                    "Connect it by an association to a task that is marked “for compensation”.",
                )
        elif isinstance(node, Activity) and node.for_compensation and node.id not in handled:
            yield at(
                node,
                f"{called(node)} is for compensation, but no compensation event leads to it.",
                "Connect a compensation boundary event to it by an association.",
            )


def handler_is_one(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        handler = model.nodes.get(node.compensation_handler or "") if isinstance(node, Activity) else None
        if isinstance(handler, Activity) and not handler.for_compensation:
            yield at(
                handler,
                f"{called(handler)} shall undo “{node.name or node.id}”, but is not marked for compensation.",
                "Mark it “for compensation” (isForCompensation).",
            )


def one_way_to_undo(model: ProcessModel) -> Findings:
    """By one boundary event, or else by one event subprocess inside."""
    for node in model.nodes.values():
        if not isinstance(node, Activity):
            continue
        ways = [
            model.nodes[each]
            for each in node.boundary_events
            if isinstance(definition_of(model.nodes[each]), CompensationDefinition)
        ]
        if isinstance(node, Scope):
            ways += [model.nodes[each] for each in node.event_subprocesses if _undoes(model, each)]
        for extra in ways[1:]:
            yield at(extra, f"{called(node)} has several ways to be undone.", "Keep one of them.")


def _undoes(model: ProcessModel, event_subprocess: str) -> bool:
    starts = model.scope(event_subprocess).start_events
    return any(isinstance(definition_of(model.nodes[each]), CompensationDefinition) for each in starts)
