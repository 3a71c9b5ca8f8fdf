"""A plan to move running instances of one version of a process to another: which activity becomes which.

An instruction names activities as the REST contract does: by element id, the body of a multi-instance as
`X#multiInstanceBody`. `generate` maps what is equal; `engine.execution.migration_rules` says what is wrong with a plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from bpmn import (
    Activity,
    BoundaryEvent,
    CompensationDefinition,
    Event,
    EventDefinition,
    EventKind,
    EventSubProcess,
    FlowNode,
    ProcessModel,
    ReceiveTask,
    StartEvent,
)

BODY_SUFFIX = "#multiInstanceBody"

#: What waits for them stands in the state and can be told anew.
TRIGGERS = (EventKind.MESSAGE, EventKind.SIGNAL, EventKind.TIMER, EventKind.CONDITIONAL)


@dataclass(frozen=True, slots=True)
class MigrationInstruction:
    """`update_event_trigger`: what waits for the event is set anew by the new version; else it stays as it is."""

    source: str | None
    target: str | None
    update_event_trigger: bool = False


@dataclass(frozen=True)
class MigrationPlan:
    """`variables` are set on the instance as it moves."""

    source_definition_id: str
    target_definition_id: str
    instructions: tuple[MigrationInstruction, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def by_source(self) -> Mapping[str, MigrationInstruction]:
        return {each.source: each for each in self.instructions if each.source is not None}

    def target_of(self, source: str) -> str | None:
        found = self.by_source.get(source)
        return None if found is None else found.target


@dataclass(frozen=True, slots=True)
class Place:
    """What an instruction can name: an element, or the body around the turns of one that repeats."""

    node: FlowNode
    body: bool = False

    @property
    def key(self) -> str:
        return key_of(self.node.id, body=self.body)


def key_of(element: str, *, body: bool) -> str:
    return element + BODY_SUFFIX if body else element


def repeats(node: FlowNode) -> bool:
    return isinstance(node, Activity) and (node.multi_instance is not None or node.standard_loop is not None)


def place_of(model: ProcessModel, key: str | None) -> Place | None:
    """None for what is not in the model, and for the process itself: that is always mapped."""
    body = (key or "").endswith(BODY_SUFFIX)
    node = model.nodes.get((key or "").removesuffix(BODY_SUFFIX))
    if node is None or node.scope is None or (body and not repeats(node)):
        return None
    return Place(node, body)


def around(model: ProcessModel, place: Place) -> Iterator[str]:
    """The keys of everything around, the innermost first, the process left out."""
    node, body = place.node, place.body
    while node.scope is not None:
        if repeats(node) and not body:
            yield key_of(node.id, body=True)
        node, body = model.nodes[node.scope], False
        if node.scope is not None:
            yield node.id


def definition_of(node: FlowNode) -> EventDefinition | None:
    if isinstance(node, Event):
        return node.definition
    return node.message if isinstance(node, ReceiveTask) else None


def event_scope(model: ProcessModel, node: FlowNode) -> str | None:
    """The key of what a boundary event or the start event of an event subprocess listens for; None for the process and
    for everything else."""
    if isinstance(node, BoundaryEvent):
        host = model.nodes[node.attached_to]
        return key_of(host.id, body=repeats(host))
    if is_event_start(model, node):
        return _scope_key(model, model.nodes[node.scope or ""].scope)
    return None


def _scope_key(model: ProcessModel, scope: str | None) -> str | None:
    return None if scope is None or model.nodes[scope].scope is None else scope


def is_event_start(model: ProcessModel, node: FlowNode) -> bool:
    return isinstance(node, StartEvent) and isinstance(model.nodes[node.scope or ""], EventSubProcess)


def is_attached(model: ProcessModel, node: FlowNode) -> bool:
    """Is it an event that belongs to what it listens for, and not to where it is drawn? What undoes an activity belongs
    to the scope around that."""
    boundary = isinstance(node, BoundaryEvent) and not isinstance(node.definition, CompensationDefinition)
    return boundary or is_event_start(model, node)


def compensation_boundary(model: ProcessModel, activity: str) -> BoundaryEvent | None:
    """The boundary event that leads to what undoes an activity."""
    node = model.nodes[activity]
    for each in node.boundary_events if isinstance(node, Activity) else ():
        event = model.nodes[each]
        if isinstance(event, BoundaryEvent) and isinstance(event.definition, CompensationDefinition):
            return event
    return None


# ---------------------------------------------------------------- generating


def candidates(source: ProcessModel, target: ProcessModel) -> Iterator[MigrationInstruction]:
    """What has the same id in the same place in both; whether it may be moved the rules say."""
    for node in source.nodes.values():
        if node.scope is None or node.id not in target.nodes:
            continue
        other = target.nodes[node.id]
        if not is_attached(source, node) and _scope_key(source, node.scope) != _scope_key(target, other.scope):
            continue
        if _is_undoing(source, node):
            continue  # while something is undone the instance stays where it is
        definition = definition_of(node)
        kind = None if definition is None else definition.kind
        listens = is_attached(source, node) or isinstance(node, BoundaryEvent)
        if listens and kind not in (*TRIGGERS, EventKind.COMPENSATION):
            continue  # nothing waits for an error: it is caught by what the model says then
        yield MigrationInstruction(node.id, node.id, kind is EventKind.CONDITIONAL)
        if repeats(node) and repeats(other):
            yield MigrationInstruction(key_of(node.id, body=True), key_of(node.id, body=True))


def _is_undoing(model: ProcessModel, node: FlowNode) -> bool:
    if isinstance(node, Activity) and node.for_compensation:
        return True
    starts = node.start_events if isinstance(node, EventSubProcess) else ()
    return any(isinstance(definition_of(model.nodes[each]), CompensationDefinition) for each in starts)


def updating(instructions: Sequence[MigrationInstruction], target: ProcessModel) -> tuple[MigrationInstruction, ...]:
    """The same, every event that can be set anew to be set anew."""
    found = []
    for each in instructions:
        place = place_of(target, each.target)
        definition = None if place is None or place.body else definition_of(place.node)
        anew = definition is not None and definition.kind in TRIGGERS
        found.append(replace(each, update_event_trigger=True) if anew else each)
    return tuple(found)
