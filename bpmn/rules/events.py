"""Rules about events: what they need, and which may stand together."""

from __future__ import annotations

from collections import Counter

from bpmn.model import (
    Activity,
    BoundaryEvent,
    CallActivity,
    CancelDefinition,
    ConditionalDefinition,
    Definitions,
    EndEvent,
    ErrorDefinition,
    EscalationDefinition,
    Event,
    EventBasedGateway,
    EventKind,
    EventSubProcess,
    FlowNode,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    MessageDefinition,
    ProcessModel,
    ReceiveTask,
    Scope,
    SignalDefinition,
    StartEvent,
    TimerDefinition,
    Transaction,
    UserTask,
)
from bpmn.rules.finding import Finding, Findings, at, called, definition_of


def one_definition(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if isinstance(node, Event) and len(node.definitions) > 1:
            yield at(
                node,
                f"{called(node)} has {len(node.definitions)} event definitions.",
                "Draw one event for each.",
            )


def definition_needed(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if isinstance(node, BoundaryEvent | IntermediateCatchEvent) and node.definition is None:
            yield at(
                node,
                f"{called(node)} catches nothing.",
                "Choose what it waits for: a message, a timer, a signal …",
            )


def timer_says_when(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        definition = definition_of(node)
        if isinstance(definition, TimerDefinition) and (definition.form is None or definition.expression is None):
            yield at(
                node,
                f"The timer “{node.name or node.id}” says no date, duration or cycle.",
                "Write one, such as PT2H, 2026-12-01T08:00 or R3/P1D.",
                line=definition.line,
            )


def message_named(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        definition = node.message if isinstance(node, ReceiveTask) else definition_of(node)
        catches = isinstance(node, IntermediateCatchEvent | BoundaryEvent | StartEvent | ReceiveTask)
        if catches and isinstance(definition, MessageDefinition) and definition.name is None:
            yield at(
                node, f"{called(node)} waits for a message without a name.", "Choose a message and give it a name."
            )


def message_start_name_fixed(model: ProcessModel) -> Findings:
    """Who waits for a process to start waits before there is an instance, and so before there are variables."""
    for each in model.process.start_events:
        definition = definition_of(model.nodes[each])
        if isinstance(definition, MessageDefinition) and definition.name and "{" in definition.name.text:
            yield at(
                model.nodes[each],
                f"{called(model.nodes[each])} waits for the message “{definition.name.text}”: expressions in the "
                "message start event name are not allowed.",
                "Give the message a fixed name.",
            )


def signal_named(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        definition = definition_of(node)
        if isinstance(definition, SignalDefinition) and definition.name is None:
            yield at(node, f"{called(node)} has a signal without a name.", "Choose a signal and give it a name.")


def declared_signals_named(definitions: Definitions) -> Findings:
    for name, line in definitions.signals:
        if not name:
            yield Finding("signal", line, "A signal is declared without a name.", "Give it one.")


def signals_once(definitions: Definitions) -> Findings:
    seen: set[str] = set()
    for name, line in definitions.signals:
        if name and name in seen:
            yield Finding(name, line, f"The signal “{name}” is declared more than once.", "Keep one declaration of it.")
        seen.add(name)


def declarations_have_ids(definitions: Definitions) -> Findings:
    for kind, line in definitions.without_id:
        yield Finding(kind, line, f"A declared {kind} has no id: nothing can refer to it.", "Give it an id.")


def condition_given(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        definition = definition_of(node)
        if isinstance(definition, ConditionalDefinition) and definition.condition is None:
            yield at(node, f"{called(node)} has no condition.", "Write one, such as ${amount > 1000}.")


def error_code(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        definition = definition_of(node)
        if isinstance(node, EndEvent) and isinstance(definition, ErrorDefinition) and not definition.code:
            yield at(
                node,
                f"{called(node)} throws an error without a code: 'errorCode' is mandatory.",
                "Choose an error and give it a code.",
            )


def error_start_interrupts(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if isinstance(node, StartEvent) and isinstance(node.definition, ErrorDefinition) and not node.interrupting:
            yield at(
                node,
                f"{called(node)} catches an error without interrupting: what has failed cannot go on.",
                "Make it an interrupting start event.",
            )


def escalation_code(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        definition = definition_of(node)
        throws = isinstance(node, EndEvent | IntermediateThrowEvent)
        if throws and isinstance(definition, EscalationDefinition) and not definition.code:
            yield at(node, f"{called(node)} throws an escalation without a code.", "Choose an escalation with a code.")


def escalation_host(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if isinstance(node, BoundaryEvent) and isinstance(node.definition, EscalationDefinition):
            host = model.nodes.get(node.attached_to)
            if host is not None and not isinstance(host, Scope | CallActivity | UserTask):
                yield at(
                    node,
                    f"{called(node)} catches an escalation, but “{host.name or host.id}” can throw none.",
                    "Attach it to a subprocess, a call activity or a user task.",
                )


def escalations_once(model: ProcessModel) -> Findings:
    yield from _caught_once(model, EscalationDefinition, "escalation", mixed_is_wrong=True)


def errors_once(model: ProcessModel) -> Findings:
    yield from _caught_once(model, ErrorDefinition, "error", mixed_is_wrong=False)


def _caught_once(
    model: ProcessModel,
    kind: type[ErrorDefinition] | type[EscalationDefinition],
    what: str,
    *,
    mixed_is_wrong: bool,
) -> Findings:
    """On one activity, or in one scope, a code has one catcher; an escalation's without a code excludes all others."""
    for host in model.nodes.values():
        for group in _catchers(model, host):
            caught = [(event, event.definition) for event in group if isinstance(event.definition, kind)]
            codes = Counter(definition.code for _, definition in caught)
            for event, definition in caught[1:]:
                twice = codes[definition.code] > 1
                mixed = mixed_is_wrong and None in codes
                if twice or mixed:
                    yield at(
                        event,
                        f"{called(event)} catches an {what} that another event on “{host.name or host.id}” catches.",
                        f"Keep one event for each {what} code.",
                    )
                    break


def _catchers(model: ProcessModel, host: FlowNode) -> list[list[Event]]:
    found: list[list[Event]] = []
    if isinstance(host, Activity):
        events = [model.nodes[each] for each in host.boundary_events]
        found.append([each for each in events if isinstance(each, Event)])
    if isinstance(host, Scope):
        starts = [model.nodes[start] for each in host.event_subprocesses for start in model.scope(each).start_events]
        found.append([each for each in starts if isinstance(each, Event)])
    return found


def _after(model: ProcessModel, gateway: EventBasedGateway) -> list[Event]:
    targets = [model.nodes.get(flow.target) for flow in gateway.outgoing]
    return [each for each in targets if isinstance(each, Event)]


def cancel_in_transaction(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if not isinstance(definition_of(node), CancelDefinition):
            continue
        if isinstance(node, BoundaryEvent):
            if not isinstance(model.nodes.get(node.attached_to), Transaction):
                yield at(
                    node, f"{called(node)} is attached to no transaction.", "Attach it to a transaction subprocess."
                )
        elif not isinstance(model.nodes.get(node.scope or ""), Transaction):
            yield at(
                node, f"{called(node)} cancels, but lies in no transaction.", "Move it into a transaction subprocess."
            )


def one_cancel_boundary(model: ProcessModel) -> Findings:
    for host in model.nodes.values():
        if isinstance(host, Transaction):
            cancels = [
                model.nodes[each]
                for each in host.boundary_events
                if isinstance(definition_of(model.nodes[each]), CancelDefinition)
            ]
            for extra in cancels[1:]:
                yield at(extra, f"{called(host)} has several cancel boundary events.", "Keep one of them.")


def one_message_per_activity(model: ProcessModel) -> Findings:
    starts = [model.nodes[each] for each in model.process.start_events]
    groups: list[tuple[FlowNode, list[Event]]] = [(model.process, [each for each in starts if isinstance(each, Event)])]
    groups += [(node, group) for node in model.nodes.values() for group in _catchers(model, node)]
    groups += [(node, _after(model, node)) for node in model.nodes.values() if isinstance(node, EventBasedGateway)]
    for host, group in groups:
        own = host.message if isinstance(host, ReceiveTask) else None
        seen: set[tuple[EventKind, str]] = {(own.kind, own.name.text)} if own and own.name else set()
        for event in group:
            definition = event.definition
            if isinstance(definition, MessageDefinition | SignalDefinition) and definition.name is not None:
                heard = (definition.kind, definition.name.text)
                if heard in seen:
                    yield at(
                        event,
                        f"{called(event)} waits for the {definition.kind.value} “{definition.name.text}”, as something "
                        f"else on “{host.name or host.id}” does.",
                        f"Keep one of them, or give the {definition.kind.value}s different names.",
                    )
                seen.add(heard)


def one_start_condition(model: ProcessModel) -> Findings:
    seen: set[str] = set()
    for each in model.process.start_events:
        node = model.nodes[each]
        definition = definition_of(node)
        if isinstance(definition, ConditionalDefinition) and definition.condition is not None:
            if definition.condition.text in seen:
                yield at(node, f"{called(node)} has the same condition as another start event.", "Keep one of them.")
            seen.add(definition.condition.text)


def kind_fits(model: ProcessModel) -> Findings:
    """Which kinds of event may stand where; anything else would wait or throw for nothing."""
    for node in model.nodes.values():
        if isinstance(node, Event) and node.definition is not None:
            allowed = _allowed(model, node)
            if node.definition.kind not in allowed:
                yield at(
                    node,
                    f"{called(node)} cannot be a {_word(node.definition.kind)} event there.",
                    f"Here it may be one of: {', '.join(_word(kind) for kind in EventKind if kind in allowed)}.",
                )


def _allowed(model: ProcessModel, node: Event) -> frozenset[EventKind]:
    if isinstance(node, StartEvent):
        inside = isinstance(model.nodes.get(node.scope or ""), EventSubProcess)
        return _STARTS_EVENT_SUBPROCESS if inside else _STARTS
    if isinstance(node, BoundaryEvent):
        return _AT_BOUNDARY
    if isinstance(node, IntermediateThrowEvent):
        return _THROWN
    return _ENDS if isinstance(node, EndEvent) else _CAUGHT


def _word(kind: EventKind) -> str:
    return {EventKind.COMPENSATION: "compensation"}.get(kind, kind.value)


_STARTS = frozenset({EventKind.MESSAGE, EventKind.SIGNAL, EventKind.TIMER, EventKind.CONDITIONAL})
_CAUGHT = _STARTS | {EventKind.LINK}
_STARTS_EVENT_SUBPROCESS = _STARTS | {EventKind.ERROR, EventKind.ESCALATION, EventKind.COMPENSATION}
_AT_BOUNDARY = _STARTS_EVENT_SUBPROCESS | {EventKind.CANCEL}
_THROWN = frozenset({EventKind.MESSAGE, EventKind.SIGNAL, EventKind.ESCALATION, EventKind.COMPENSATION, EventKind.LINK})
_ENDS = (_THROWN - {EventKind.LINK}) | {EventKind.ERROR, EventKind.CANCEL, EventKind.TERMINATE}
