"""Elements: flows, lanes, and every kind of node."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from bpmn.model.events import EventDefinition, ExternalWork, MessageDefinition, TimerDefinition, Work
from bpmn.model.forms import FormReference
from bpmn.model.values import Expression, Listener, Parameter, Script, VariableMapping, nothing


class Element(Struct, frozen=True, kw_only=True):
    """Anything with an id. `documentation` is light Markdown; `properties` are its `camunda:property` entries."""

    id: str
    line: int = 0
    name: str | None = None
    documentation: str | None = None
    properties: Mapping[str, str] = field(default_factory=nothing)


class SequenceFlow(Element, frozen=True, kw_only=True):
    source: str
    target: str
    condition: Expression | Script | None = None
    listeners: tuple[Listener, ...] = ()


class Lane(Element, frozen=True, kw_only=True):
    """`department` is the key of the group that works here: its property `department`, else its name as a key."""

    department: str
    nodes: frozenset[str] = frozenset()


class FlowNode(Element, frozen=True, kw_only=True):
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


class MultiInstance(Struct, frozen=True, kw_only=True):
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


class StandardLoop(Struct, frozen=True, kw_only=True):
    """Repeats while `condition` holds (tested before each turn if `test_before`), at most `maximum` times."""

    condition: Expression | None = None
    test_before: bool = False
    maximum: int | None = None
    line: int = 0


class Activity(FlowNode, frozen=True, kw_only=True):
    """`compensation_handler` is the activity that its compensation boundary event leads to."""

    multi_instance: MultiInstance | None = None
    standard_loop: StandardLoop | None = None
    for_compensation: bool = False
    compensation_handler: str | None = None
    boundary_events: tuple[str, ...] = ()


class PlainTask(Activity, frozen=True):
    """`task`: nothing to do."""


class ManualTask(Activity, frozen=True):
    pass


class UserTask(Activity, frozen=True, kw_only=True):
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


class ServiceTask(Activity, frozen=True, kw_only=True):
    """`serviceTask`, `sendTask`, `businessRuleTask`: see `type`. `work` None: nothing is said to be done."""

    work: Work | None = None
    message: MessageDefinition | None = None


class ScriptTask(Activity, frozen=True, kw_only=True):
    script: Script | None = None
    result_variable: str | None = None


class ReceiveTask(Activity, frozen=True, kw_only=True):
    message: MessageDefinition | None = None


class CallActivity(Activity, frozen=True, kw_only=True):
    """`binding` is latest, deployment, version or versionTag."""

    called_element: Expression | None = None
    binding: str = "latest"
    version: Expression | None = None
    version_tag: Expression | None = None
    ins: tuple[VariableMapping, ...] = ()
    outs: tuple[VariableMapping, ...] = ()


class Scope(Activity, frozen=True, kw_only=True):
    """The process itself and every subprocess. `nodes` are the ids directly inside it, in document order;
    `start_events` its own; `event_subprocesses` the event subprocesses directly inside it; `data_objects` those that
    SpiffWorkflow's dialect keeps as variables."""

    nodes: tuple[str, ...] = ()
    data_objects: tuple[str, ...] = ()
    start_events: tuple[str, ...] = ()
    event_subprocesses: tuple[str, ...] = ()


class Process(Scope, frozen=True, kw_only=True):
    """`task_priority` is that of its external tasks that give none of their own."""

    task_priority: Expression | None = None
    version_tag: str | None = None
    history_time_to_live: str | None = None
    candidate_starter_users: Expression | None = None
    candidate_starter_groups: Expression | None = None
    executable: bool = True
    startable_in_tasklist: bool = True


class SubProcess(Scope, frozen=True):
    pass


class EventSubProcess(Scope, frozen=True):
    pass


class Transaction(Scope, frozen=True):
    pass


class AdHocSubProcess(Scope, frozen=True, kw_only=True):
    sequential: bool = False
    completion_condition: Expression | None = None
    cancel_remaining: bool = True


class ExclusiveGateway(FlowNode, frozen=True):
    pass


class ParallelGateway(FlowNode, frozen=True):
    pass


class InclusiveGateway(FlowNode, frozen=True):
    pass


class EventBasedGateway(FlowNode, frozen=True, kw_only=True):
    instantiate: bool = False


class ComplexGateway(FlowNode, frozen=True, kw_only=True):
    activation_condition: Expression | None = None


class Event(FlowNode, frozen=True, kw_only=True):
    """`definition` None: a none event. `definitions` keeps all that the file gives, for the rule that refuses
    several."""

    definition: EventDefinition | None = None
    definitions: tuple[EventDefinition, ...] = ()


class StartEvent(Event, frozen=True, kw_only=True):
    interrupting: bool = True
    initiator: str | None = None
    form: FormReference | None = None


class IntermediateCatchEvent(Event, frozen=True):
    pass


class IntermediateThrowEvent(Event, frozen=True):
    pass


class BoundaryEvent(Event, frozen=True, kw_only=True):
    attached_to: str
    interrupting: bool = True


class EndEvent(Event, frozen=True):
    pass


def is_external(node: FlowNode) -> bool:
    """Does a worker do it?"""
    work = node.work if isinstance(node, ServiceTask) else None
    if isinstance(node, Event) and isinstance(node.definition, MessageDefinition):
        work = node.definition.work
    return isinstance(work, ExternalWork)


class UnsupportedNode(FlowNode, frozen=True):
    """A flow node of a type that we do not know; a rule refuses it by name and line."""
