"""Reads one process: its nodes, scope by scope, then how they are connected."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from bpmn.model import (
    Activity,
    BoundaryEvent,
    EventKind,
    EventSubProcess,
    FlowNode,
    Lane,
    Process,
    ProcessModel,
    Scope,
    SequenceFlow,
    StartEvent,
)
from bpmn.reader import nodes
from bpmn.reader.names import Element, child, children, extension, flag, identifier, is_bpmn, key_of, local, text_of
from bpmn.reader.references import References
from bpmn.reader.spiff import SpiffDialect
from bpmn.reader.values import attribute, documentation, expression, language_of, listeners, properties, script_of
from bpmn.xml import line_of


def read_process(
    element: Element,
    references: References,
    drawn: frozenset[str],
    pool: str | None,
    dialect: str,
    spiff: SpiffDialect | None,
) -> ProcessModel:
    """`drawn` are the ids that the diagram interchange shows; `pool` the name of the participant around the process;
    `spiff` reads what a file of that dialect says differently."""
    reading = _Reading(references, spiff)
    facts = nodes.common(element, None)
    facts["name"] = element.get("name") or pool
    process = Process(
        **facts,
        task_priority=attribute(element, "taskPriority"),
        version_tag=extension(element, "versionTag"),
        history_time_to_live=extension(element, "historyTimeToLive"),
        candidate_starter_users=attribute(element, "candidateStarterUsers"),
        candidate_starter_groups=attribute(element, "candidateStarterGroups"),
        executable=flag(element.get("isExecutable")),
        startable_in_tasklist=flag(extension(element, "isStartableInTasklist"), default=True),
    )
    reading.nodes[process.id] = process if spiff is None else spiff.node(process, element)
    reading.read_scope(element, process.id)
    connected = reading.connect(departments(reading.lanes, reading.nodes))
    root = connected[process.id]
    assert isinstance(root, Process)  # noqa: S101  (for the type checker: it went in as one)
    return ProcessModel(
        process=root,
        nodes=MappingProxyType(connected),
        flows=MappingProxyType({flow.id: flow for flow in reading.flows}),
        lanes=tuple(reading.lanes),
        has_diagram=bool(drawn & connected.keys()),
        dialect=dialect,
    )


class _Reading:
    """What has been found so far."""

    def __init__(self, references: References, spiff: SpiffDialect | None) -> None:
        self.references = references
        self.spiff = spiff
        self.nodes: dict[str, FlowNode] = {}
        self.flows: list[SequenceFlow] = []
        self.associations: list[tuple[str, str]] = []
        self.lanes: list[Lane] = []

    def read_scope(self, holder: Element, scope: str) -> None:
        self.lanes.extend(read_lanes(holder))
        for element in holder:
            if not is_bpmn(element):
                continue
            name = local(element)
            if name == "sequenceFlow":
                flow = _flow(element)
                self.flows.append(flow if self.spiff is None else self.spiff.flow(flow))
            elif name == "association":
                self.associations.append((element.get("sourceRef") or "", element.get("targetRef") or ""))
            elif name not in nodes.NOT_NODES:
                node = nodes.node(element, scope, self.references)
                if self.spiff is not None:
                    node = self.spiff.node(node, element)
                self.nodes.setdefault(node.id, node)
                if isinstance(node, Scope):
                    self.read_scope(element, node.id)

    def connect(self, department_of: Mapping[str, str]) -> dict[str, FlowNode]:
        """The nodes with everything that the others say about them."""
        outgoing: dict[str, list[SequenceFlow]] = {}
        incoming: dict[str, list[SequenceFlow]] = {}
        for flow in self.flows:
            outgoing.setdefault(flow.source, []).append(flow)
            incoming.setdefault(flow.target, []).append(flow)
        inside: dict[str | None, list[FlowNode]] = {}
        attached: dict[str, list[BoundaryEvent]] = {}
        for node in self.nodes.values():
            inside.setdefault(node.scope, []).append(node)
            if isinstance(node, BoundaryEvent):
                attached.setdefault(node.attached_to, []).append(node)
        handlers = self._compensation_handlers()
        connected: dict[str, FlowNode] = {}
        for node in self.nodes.values():
            facts: dict[str, Any] = {
                "outgoing": tuple(outgoing.get(node.id, ())),
                "incoming": tuple(incoming.get(node.id, ())),
                "department": self._department(node, department_of),
            }
            if isinstance(node, Activity):
                events = attached.get(node.id, ())
                facts["boundary_events"] = tuple(event.id for event in events)
                facts["compensation_handler"] = next((handlers[e.id] for e in events if e.id in handlers), None)
            if isinstance(node, Scope):
                own = inside.get(node.id, ())
                facts["nodes"] = tuple(each.id for each in own)
                facts["start_events"] = tuple(each.id for each in own if isinstance(each, StartEvent))
                facts["event_subprocesses"] = tuple(each.id for each in own if isinstance(each, EventSubProcess))
            connected[node.id] = replace(node, **facts)
        return connected

    def _compensation_handlers(self) -> dict[str, str]:
        """Boundary event -> the activity that an association leads to from it."""
        found: dict[str, str] = {}
        for source, target in self.associations:
            event = self.nodes.get(source)
            if (
                isinstance(event, BoundaryEvent)
                and event.definition is not None
                and event.definition.kind is EventKind.COMPENSATION
                and target in self.nodes
            ):
                found[source] = target
        return found

    def _department(self, node: FlowNode, department_of: Mapping[str, str]) -> str | None:
        """That of its lane; inside a subprocess without lanes of its own, that of the subprocess."""
        current: FlowNode | None = node
        while current is not None:
            if current.id in department_of:
                return department_of[current.id]
            current = self.nodes.get(current.scope) if current.scope else None
        return None


def _flow(element: Element) -> SequenceFlow:
    condition = child(element, "conditionExpression")
    language = None if condition is None else language_of(condition.get("language"))
    read: Any = None
    if condition is not None and language == "juel":
        read = expression(text_of(condition))
    elif condition is not None and language == "feel":
        read = expression(text_of(condition), "feel")
    elif condition is not None:
        read = script_of(condition)
        read = replace(read, language=language)
    return SequenceFlow(
        id=identifier(element),
        line=line_of(element),
        name=element.get("name"),
        documentation=documentation(element),
        properties=properties(element),
        source=element.get("sourceRef") or "",
        target=element.get("targetRef") or "",
        condition=read,
        listeners=listeners(element, "executionListener"),
    )


# ---------------------------------------------------------------- lanes


def read_lanes(holder: Element) -> list[Lane]:
    """Every lane that holds nodes itself; of nested ones the innermost."""
    found: list[Lane] = []
    for lane_set in [*children(holder, "laneSet"), *children(holder, "childLaneSet")]:
        for element in children(lane_set, "lane"):
            found.append(_lane(element))
            found.extend(read_lanes(element))
    return found


def _lane(element: Element) -> Lane:
    own = properties(element)
    name = element.get("name")
    return Lane(
        id=identifier(element),
        line=line_of(element),
        name=name,
        documentation=documentation(element),
        properties=own,
        department=own.get("department") or key_of(name or "") or key_of(element.get("id") or ""),
        nodes=frozenset(text_of(each) for each in children(element, "flowNodeRef")),
    )


def departments(lanes: list[Lane], known: Mapping[str, FlowNode]) -> dict[str, str]:
    """Node -> department. A lane inside another comes later in the list and wins."""
    return {node: lane.department for lane in lanes for node in lane.nodes if node in known and lane.department}
