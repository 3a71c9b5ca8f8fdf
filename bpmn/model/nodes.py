"""Elements: flows, lanes, and every kind of node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bpmn.model.events import EventDefinition, ExternalWork, MessageDefinition, TimerDefinition, Work
from bpmn.model.forms import FormReference
from bpmn.model.values import Expression, Listener, Parameter, Script, VariableMapping, nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """Anything with an id. `documentation` is light Markdown; `properties` are its `camunda:property` entries."""

    id: str
    line: int = 0
    name: str | None = None
    documentation: str | None = None
    properties: Mapping[str, str] = field(default_factory=nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceFlow(Element):
    source: str
    target: str
    condition: Expression | Script | None = None
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane(Element):
    """`department` is the key of the group that works here: its property `department`, else its name as a key."""

    department: str
    nodes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowNode(Element):
    """A node that tokens come to. `type` is its XML name (`userTask`, `endEvent`); `scope` the id of the process or
    subprocess it lies in, None for the process itself; `department` that of its lane."""

    type: str
    scope: str | None = None
    department: str | None = None
    incoming: tuple[SequenceFlow, ...] = ()
    outgoing: tuple[SequenceFlow, ...] = ()
    default_flow: str | None = None
    async_before: bool = False
    async_after: bool = False
    exclusive: bool = True
    job_priority: Expression | None = None
    retry_cycle: Expression | None = None
    inputs: tuple[Parameter, ...] = ()
    outputs: tuple[Parameter, ...] = ()
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiInstance:
    """`isolated`: what a turn sets stays in it, and at its end `output_element` joins the `output_collection`, or,
    without one, all of it goes to the scope around. `scripts_on_instances` False: listeners hear the whole, not its
    turns."""

    sequential: bool = False
    cardinality: Expression | None = None
    collection: Expression | None = None
    element_variable: str | None = None
    completion_condition: Expression | None = None
    async_before: bool = False
    async_after: bool = False
    exclusive: bool = True
    retry_cycle: Expression | None = None
    output_collection: str | None = None
    output_element: str | None = None
    isolated: bool = False
    scripts_on_instances: bool = True
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardLoop:
    """Repeats while `condition` holds (tested before each turn if `test_before`), at most `maximum` times."""

    condition: Expression | None = None
    test_before: bool = False
    maximum: int | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity(FlowNode):
    """`compensation_handler` is the activity that its compensation boundary event leads to."""

    multi_instance: MultiInstance | None = None
    standard_loop: StandardLoop | None = None
    for_compensation: bool = False
    compensation_handler: str | None = None
    boundary_events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainTask(Activity):
    """`task`: nothing to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualTask(Activity):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTask(Activity):
    """Candidates are comma-separated texts or lists when evaluated. Without any, the lane's department is the
    candidate. `performers` keeps all that the file gives as assignee, for the rule that refuses several."""

    assignee: Expression | None = None
    performers: tuple[Expression, ...] = ()
    candidate_users: Expression | None = None
    candidate_groups: Expression | None = None
    due_date: Expression | None = None
    follow_up_date: Expression | None = None
    priority: Expression | None = None
    form: FormReference | None = None
    task_listeners: tuple[Listener, ...] = ()
    task_timeouts: tuple[TimerDefinition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTask(Activity):
    """`serviceTask`, `sendTask`, `businessRuleTask`: see `type`. `work` None: nothing is said to be done."""

    work: Work | None = None
    message: MessageDefinition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptTask(Activity):
    script: Script | None = None
    result_variable: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveTask(Activity):
    message: MessageDefinition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallActivity(Activity):
    """`binding` is latest, deployment, version or versionTag."""

    called_element: Expression | None = None
    binding: str = "latest"
    version: Expression | None = None
    version_tag: Expression | None = None
    ins: tuple[VariableMapping, ...] = ()
    outs: tuple[VariableMapping, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope(Activity):
    """The process itself and every subprocess. `nodes` are the ids directly inside it, in document order;
    `start_events` its own; `event_subprocesses` the event subprocesses directly inside it; `data_objects` those that
    SpiffWorkflow's dialect keeps as variables."""

    nodes: tuple[str, ...] = ()
    data_objects: tuple[str, ...] = ()
    start_events: tuple[str, ...] = ()
    event_subprocesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Process(Scope):
    """`task_priority` is that of its external tasks that give none of their own."""

    task_priority: Expression | None = None
    version_tag: str | None = None
    history_time_to_live: str | None = None
    candidate_starter_users: Expression | None = None
    candidate_starter_groups: Expression | None = None
    executable: bool = True
    startable_in_tasklist: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SubProcess(Scope):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSubProcess(Scope):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction(Scope):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class AdHocSubProcess(Scope):
    sequential: bool = False
    completion_condition: Expression | None = None
    cancel_remaining: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusiveGateway(FlowNode):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelGateway(FlowNode):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusiveGateway(FlowNode):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBasedGateway(FlowNode):
    instantiate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplexGateway(FlowNode):
    activation_condition: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(FlowNode):
    """`definition` None: a none event. `definitions` keeps all that the file gives, for the rule that refuses
    several."""

    definition: EventDefinition | None = None
    definitions: tuple[EventDefinition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StartEvent(Event):
    interrupting: bool = True
    initiator: str | None = None
    form: FormReference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntermediateCatchEvent(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class IntermediateThrowEvent(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryEvent(Event):
    attached_to: str
    interrupting: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEvent(Event):
    pass


def is_external(node: FlowNode) -> bool:
    """Does a worker do it?"""
    work = node.work if isinstance(node, ServiceTask) else None
    if isinstance(node, Event) and isinstance(node.definition, MessageDefinition):
        work = node.definition.work
    return isinstance(work, ExternalWork)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsupportedNode(FlowNode):
    """A flow node of a type that we do not know; a rule refuses it by name and line."""
