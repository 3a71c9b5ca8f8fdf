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
    FlowNode,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    MessageDefinition,
    ProcessModel,
    Scope,
    SignalDefinition,
    StartEvent,
    TerminateDefinition,
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
        definition = definition_of(node)
        catches = isinstance(node, IntermediateCatchEvent | BoundaryEvent | StartEvent)
        if catches and isinstance(definition, MessageDefinition) and definition.name is None:
            yield at(node, f"{called(node)} waits for a message without a name.", "Choose a message and give it a name.")


def signal_named(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        definition = definition_of(node)
        if isinstance(definition, SignalDefinition) and definition.name is None:
            yield at(node, f"{called(node)} has a signal without a name.", "Choose a signal and give it a name.")


def signals_once(definitions: Definitions) -> Findings:
    seen: set[str] = set()
    for name, line in definitions.signals:
        if name and name in seen:
            yield Finding(name, line, f"The signal “{name}” is declared more than once.", "Keep one declaration of it.")
        seen.add(name)


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
    """On one activity, or in one scope, a code has one catcher; for escalations one without a code excludes all others."""
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
                        f"{called(event)} catches an {what} that another event on “{host.name or host.id}” catches too.",
                        f"Keep one event for each {what} code.",
                    )
                    break


def _catchers(model: ProcessModel, host: FlowNode) -> list[list[Event]]:
    found: list[list[Event]] = []
    if isinstance(host, Activity):
        events = [model.nodes[each] for each in host.boundary_events]
        found.append([each for each in events if isinstance(each, Event)])
    if isinstance(host, Scope):
        starts = [
            model.nodes[start] for each in host.event_subprocesses for start in model.scope(each).start_events
        ]
        found.append([each for each in starts if isinstance(each, Event)])
    return found


def cancel_in_transaction(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        if not isinstance(definition_of(node), CancelDefinition):
            continue
        if isinstance(node, BoundaryEvent):
            if not isinstance(model.nodes.get(node.attached_to), Transaction):
                yield at(node, f"{called(node)} is attached to no transaction.", "Attach it to a transaction subprocess.")
        elif not isinstance(model.nodes.get(node.scope or ""), Transaction):
            yield at(node, f"{called(node)} cancels, but lies in no transaction.", "Move it into a transaction subprocess.")


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
    for host in model.nodes.values():
        for group in _catchers(model, host):
            seen: set[str] = set()
            for event in group:
                definition = event.definition
                if isinstance(definition, MessageDefinition) and definition.name is not None:
                    if definition.name.text in seen:
                        yield at(
                            event,
                            f"{called(event)} waits for the message “{definition.name.text}”, as another event on "
                            f"“{host.name or host.id}” does.",
                            "Keep one of them, or give the messages different names.",
                        )
                    seen.add(definition.name.text)


def one_start_condition(model: ProcessModel) -> Findings:
    seen: set[str] = set()
    for each in model.process.start_events:
        node = model.nodes[each]
        definition = definition_of(node)
        if isinstance(definition, ConditionalDefinition) and definition.condition is not None:
            if definition.condition.text in seen:
                yield at(node, f"{called(node)} has the same condition as another start event.", "Keep one of them.")
            seen.add(definition.condition.text)


def thrown_only_where_it_may(model: ProcessModel) -> Findings:
    for node in model.nodes.values():
        definition = definition_of(node)
        if isinstance(node, IntermediateThrowEvent) and isinstance(
            definition, ErrorDefinition | TerminateDefinition | CancelDefinition | TimerDefinition | ConditionalDefinition
        ):
            yield at(
                node,
                f"{called(node)} cannot throw what it says: a throwing event passes the token on.",
                "Use an end event, or another kind of event.",
            )
        if isinstance(node, IntermediateCatchEvent | StartEvent) and isinstance(
            definition, TerminateDefinition | CancelDefinition
        ):
            yield at(node, f"{called(node)} cannot catch what it says.", "Choose another kind of event.")
        if (
            isinstance(node, StartEvent)
            and isinstance(definition, ErrorDefinition | EscalationDefinition)
            and node.scope == model.process.id
        ):
            yield at(
                node,
                f"{called(node)} starts the process by an error or escalation, which nothing outside throws.",
                "Make it a plain start event, or put it into an event subprocess.",
            )
