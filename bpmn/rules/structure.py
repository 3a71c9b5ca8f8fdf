"""Rules about what hangs together: flows, starts, ends, ids."""

from __future__ import annotations

import re
from collections import Counter

from bpmn.model import (
    Activity,
    AdHocSubProcess,
    BoundaryEvent,
    Definitions,
    EndEvent,
    EventSubProcess,
    FlowNode,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    LinkDefinition,
    ProcessModel,
    Scope,
    StartEvent,
    TimerDefinition,
)
from bpmn.rules.finding import Finding, Findings, at, called, definition_of


def duplicate_ids(definitions: Definitions) -> Findings:
    for element_id, line in definitions.repeated_ids:
        yield Finding(
            element_id,
            line,
            f"The id “{element_id}” is used more than once.",
            "Give each element an id of its own; copying and pasting in a text editor makes such doubles.",
        )


def unresolved_references(definitions: Definitions) -> Findings:
    for each in definitions.unresolved:
        what = each.attribute.removesuffix("Ref")
        yield Finding(
            each.element_id,
            each.line,
            f"“{each.element_id}” refers to the {what} “{each.reference}”, which the file does not declare.",
            f"Choose a {what} in the modeler's panel, or declare one with this id.",
        )


def flow_ends(model: ProcessModel) -> Findings:
    for flow in model.flows.values():
        for end, where in ((flow.source, "begins at"), (flow.target, "leads to")):
            if end not in model.nodes:
                yield at(
                    flow,
                    f"The sequence flow “{flow.name or flow.id}” {where} “{end}”, which is not there.",
                    "Connect it to an element, or delete it.",
                )


def flow_crosses_scope(model: ProcessModel) -> Findings:
    for flow in model.flows.values():
        source, target = model.nodes.get(flow.source), model.nodes.get(flow.target)
        if source and target and source.scope != target.scope:
            yield at(
                flow,
                f"The sequence flow “{flow.name or flow.id}” crosses the border of a subprocess.",
                "Let the flow end inside, and continue from the subprocess itself.",
            )


def start_events(model: ProcessModel) -> Findings:
    for scope in model.nodes.values():
        if not isinstance(scope, Scope) or isinstance(scope, AdHocSubProcess):
            continue
        starts = [model.nodes[each] for each in scope.start_events]
        plain = [each for each in starts if definition_of(each) is None]
        timers = [each for each in starts if isinstance(definition_of(each), TimerDefinition)]
        if not starts:
            yield at(
                scope, f"{called(scope)} has no start event.", "Draw a start event and connect it to the first element."
            )
        elif isinstance(scope, EventSubProcess):
            if len(starts) != 1 or plain:
                yield at(
                    scope,
                    f"The event subprocess “{scope.name or scope.id}” needs exactly one start event, not a plain one.",
                    "Give its start event a message, timer, signal, error, escalation, condition or compensation.",
                )
        elif scope.scope is not None and len(plain) != len(starts):
            yield at(
                scope,
                f"{called(scope)} starts by an event, but only an event subprocess may.",
                "Make its start event a plain one, or make it an event subprocess.",
            )
        elif len(plain + timers) > 1:
            yield at(scope, f"{called(scope)} has several plain or timer start events.", "Keep one of them.")


def event_subprocess_alone(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if isinstance(node, EventSubProcess) and (node.incoming or node.outgoing or node.boundary_events):
            yield at(
                node,
                f"The event subprocess “{node.name or node.id}” has flows or boundary events.",
                "Remove them: its start event alone says when it runs.",
            )


def incoming_where_none_may_be(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if isinstance(node, StartEvent | BoundaryEvent) and node.incoming:
            yield at(node, f"{called(node)} has an incoming flow.", "Nothing may lead into it: remove the flow.")


def outgoing_of_end(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if isinstance(node, EndEvent) and node.outgoing:
            yield at(node, f"{called(node)} has an outgoing flow.", "Remove the flow, or make it a throwing event.")


def attached(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if not isinstance(node, BoundaryEvent):
            continue
        host = model.nodes.get(node.attached_to)
        if host is None:
            yield at(
                node,
                f"{called(node)} is attached to “{node.attached_to}”, which is not there.",
                "Drag it onto the border of the activity it belongs to.",
            )
        elif not isinstance(host, Activity) or host.scope is None:
            yield at(node, f"{called(node)} is attached to no activity.", "Attach it to a task or a subprocess.")


def default_flow(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if node.default_flow is not None and node.default_flow not in {flow.id for flow in node.outgoing}:
            yield at(
                node,
                f"{called(node)} has a default flow “{node.default_flow}” that does not leave it.",
                "Mark one of its own outgoing flows as the default.",
            )


def links(model: ProcessModel) -> Findings:
    catching: Counter[tuple[str | None, str | None]] = Counter()
    for node in model.nodes.values():
        if isinstance(node, IntermediateCatchEvent) and isinstance(node.definition, LinkDefinition):
            catching[node.scope, node.definition.name] += 1
            if catching[node.scope, node.definition.name] > 1:
                yield at(
                    node,
                    f"Multiple Intermediate Catch Events with the same link event name ('{node.definition.name}') "
                    "are not allowed.",
                    "Give one of them another link name, or let both throws lead to one.",
                )
    for node in model.nodes.values():
        if (
            isinstance(node, IntermediateThrowEvent)
            and isinstance(node.definition, LinkDefinition)
            and not catching[node.scope, node.definition.name]
        ):
            yield at(
                node,
                f"{called(node)} throws the link “{node.definition.name}”, which nothing catches in this scope.",
                "Draw a catching link event of the same name.",
            )


def unreachable(model: ProcessModel) -> Findings:
    """Nodes that no token can come to, loops without a way in included; of those that hang together only the first."""
    reached: set[str] = set()
    for node in model.nodes.values():
        if _begins_alone(model, node):
            _reach(model, node, reached)
    without_incoming_first = sorted(model.nodes.values(), key=lambda node: bool(node.incoming))
    for node in without_incoming_first:
        if node.id not in reached:
            yield at(node, f"{called(node)} is never reached.", "Let a flow lead to it, or remove it.")
            _reach(model, node, reached)


def _reach(model: ProcessModel, node: FlowNode, reached: set[str]) -> None:
    """Adds the node and everything that its flows lead to."""
    left = [node]
    while left:
        current = left.pop()
        if current.id not in reached:
            reached.add(current.id)
            left.extend(model.nodes[flow.target] for flow in current.outgoing if flow.target in model.nodes)


def _begins_alone(model: ProcessModel, node: FlowNode) -> bool:
    if node.scope is None or isinstance(node, StartEvent | BoundaryEvent | EventSubProcess):
        return True
    if isinstance(node, IntermediateCatchEvent) and isinstance(node.definition, LinkDefinition):
        return True
    if isinstance(node, Activity) and node.for_compensation:
        return True
    return isinstance(model.nodes.get(node.scope), AdHocSubProcess)


def nothing_executable(definitions: Definitions) -> Findings:
    if not any(model.process.executable for model in definitions.processes):
        line = definitions.processes[0].process.line if definitions.processes else 1
        element = definitions.processes[0].key if definitions.processes else "definitions"
        yield Finding(
            element,
            line,
            "The file has no executable process: it can be looked at, but nothing in it can be started.",
            'Set “executable” on the process in the modeler\'s panel (isExecutable="true").',
        )


#: As XML has it for ids.
_NAME = re.compile(r"[^\W\d][\w.-]*")


def process_id(model_file: Definitions) -> Findings:
    for model in model_file.processes:
        if model.key.startswith("process@"):
            yield Finding(model.key, model.process.line, "The process has no id.", "Give the process an id.")
        elif not _NAME.fullmatch(model.key):
            yield Finding(
                model.key,
                model.process.line,
                f"{model.key!r} is no id of a process: it stands in addresses and is what people know it by.",
                "Begin with a letter, and go on with letters, digits, dots, hyphens and underscores.",
            )
