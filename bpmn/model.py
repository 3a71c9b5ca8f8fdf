"""What a BPMN file means, as frozen values: the one model that linting, forms, pictures and both executors read.

Names are those of BPMN 2.0; `camunda:` extensions keep their Camunda names in snake case. Every element knows its id and
the source line it stands on, so that whatever is wrong with it can be said by name and line. Nothing here is ever changed
after reading, and nothing here knows a clock, a database or a running instance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any


__all__ = [
    "Activity",
    "AdHocSubProcess",
    "BoundaryEvent",
    "CallActivity",
    "CancelDefinition",
    "CompensationDefinition",
    "ComplexGateway",
    "ConditionalDefinition",
    "DecisionWork",
    "Definitions",
    "Element",
    "EndEvent",
    "ErrorDefinition",
    "EscalationDefinition",
    "Event",
    "EventBasedGateway",
    "EventDefinition",
    "EventKind",
    "EventSubProcess",
    "ExclusiveGateway",
    "Expression",
    "ExpressionWork",
    "ExternalWork",
    "FlowNode",
    "FormField",
    "FormReference",
    "HandlerWork",
    "InclusiveGateway",
    "IntermediateCatchEvent",
    "IntermediateThrowEvent",
    "Lane",
    "LinkDefinition",
    "ListValue",
    "Listener",
    "ManualTask",
    "MapValue",
    "MessageDefinition",
    "MultiInstance",
    "ParallelGateway",
    "Parameter",
    "ParameterValue",
    "PlainTask",
    "Process",
    "ProcessModel",
    "ReceiveTask",
    "Scope",
    "Script",
    "ScriptTask",
    "SequenceFlow",
    "ServiceTask",
    "SignalDefinition",
    "StandardLoop",
    "StartEvent",
    "SubProcess",
    "TerminateDefinition",
    "TimerDefinition",
    "TimerForm",
    "Transaction",
    "Unresolved",
    "UnsupportedNode",
    "UnsupportedWork",
    "UserTask",
    "VariableMapping",
    "Work",
]


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


class EventKind(StrEnum):
    """The kinds of event definition; `compensate` is Camunda's spelling in its REST API."""

    MESSAGE = "message"
    SIGNAL = "signal"
    TIMER = "timer"
    ERROR = "error"
    ESCALATION = "escalation"
    CONDITIONAL = "conditional"
    COMPENSATION = "compensate"
    LINK = "link"
    TERMINATE = "terminate"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Expression:
    """Text to evaluate. `language` is `juel` (also for text without `${`, which stands for itself), `python` or `feel`."""

    text: str
    language: str = "juel"


# ---------------------------------------------------------------- values in a model


@dataclass(frozen=True, slots=True)
class Script:
    """A script and its language, lower case: `python`, `juel`, or one that no executor of ours runs."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class ListValue:
    items: tuple[ParameterValue, ...]


@dataclass(frozen=True, slots=True)
class MapValue:
    """Keys are expressions too."""

    entries: tuple[tuple[Expression, ParameterValue], ...]


#: What an input or output parameter says; None is an empty parameter, whose value is null.
ParameterValue = Expression | Script | ListValue | MapValue | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `camunda:inputParameter` or `camunda:outputParameter`."""

    name: str
    value: ParameterValue


@dataclass(frozen=True, slots=True)
class VariableMapping:
    """One `camunda:in` or `camunda:out`. Exactly one of source, source_expression, all_variables, business_key is given."""

    target: str | None = None
    source: str | None = None
    source_expression: Expression | None = None
    all_variables: bool = False
    business_key: Expression | None = None
    local: bool = False


@dataclass(frozen=True, slots=True)
class Listener:
    """One execution or task listener. `event` is start, end, take; create, assignment, complete, update, delete, timeout.
    Exactly one of expression, handler (class or delegateExpression, by name) and script is given."""

    event: str
    expression: Expression | None = None
    handler: str | None = None
    script: Script | None = None
    fields: Mapping[str, Expression] = field(default_factory=_nothing)
    line: int = 0


# ---------------------------------------------------------------- event definitions


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDefinition:
    """`kind` tells which of the subclasses below this is."""

    kind: EventKind
    id: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDefinition(EventDefinition):
    """`name` is None where the file names no message. A throwing one may carry work: an external topic, a handler."""

    kind: EventKind = EventKind.MESSAGE
    name: Expression | None = None
    work: Work | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalDefinition(EventDefinition):
    kind: EventKind = EventKind.SIGNAL
    name: Expression | None = None
    payload: tuple[VariableMapping, ...] = ()
    asynchronous: bool = False


class TimerForm(StrEnum):
    DATE = "timeDate"
    DURATION = "timeDuration"
    CYCLE = "timeCycle"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerDefinition(EventDefinition):
    kind: EventKind = EventKind.TIMER
    form: TimerForm | None = None
    expression: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDefinition(EventDefinition):
    """`code` None catches every error. `expression` belongs to a `camunda:errorEventDefinition` of an external task."""

    kind: EventKind = EventKind.ERROR
    code: str | None = None
    message: Expression | None = None
    code_variable: str | None = None
    message_variable: str | None = None
    expression: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationDefinition(EventDefinition):
    kind: EventKind = EventKind.ESCALATION
    code: str | None = None
    code_variable: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalDefinition(EventDefinition):
    """`variable_events` holds create, update, delete; empty means all three."""

    kind: EventKind = EventKind.CONDITIONAL
    condition: Expression | None = None
    variable_name: str | None = None
    variable_events: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CompensationDefinition(EventDefinition):
    kind: EventKind = EventKind.COMPENSATION
    activity_ref: str | None = None
    wait_for_completion: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDefinition(EventDefinition):
    kind: EventKind = EventKind.LINK
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminateDefinition(EventDefinition):
    kind: EventKind = EventKind.TERMINATE


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelDefinition(EventDefinition):
    kind: EventKind = EventKind.CANCEL


# ---------------------------------------------------------------- the work of a service, send or business rule task


@dataclass(frozen=True, slots=True)
class ExternalWork:
    """`camunda:type="external"`: a worker fetches it by topic."""

    topic: Expression
    priority: Expression | None = None
    errors: tuple[ErrorDefinition, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpressionWork:
    expression: Expression
    result_variable: str | None = None


@dataclass(frozen=True, slots=True)
class HandlerWork:
    """A Python handler, registered by this name: what `camunda:class` or `camunda:delegateExpression` says."""

    name: str
    fields: Mapping[str, Expression] = field(default_factory=_nothing)
    result_variable: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionWork:
    """`camunda:decisionRef`; `map_result` is singleEntry, singleResult, collectEntries or resultList."""

    decision: Expression
    binding: str = "latest"
    version: Expression | None = None
    result_variable: str | None = None
    map_result: str = "resultList"


@dataclass(frozen=True, slots=True)
class UnsupportedWork:
    """An implementation that nothing of ours runs (`camunda:type="mail"`, a connector); rules refuse it by this text."""

    description: str


Work = ExternalWork | ExpressionWork | HandlerWork | DecisionWork | UnsupportedWork


# ---------------------------------------------------------------- forms


@dataclass(frozen=True, slots=True)
class FormField:
    """One `camunda:formField`. `type` is string, long, boolean, date, enum or one unknown to us; `values` are the enum's
    (id, label) pairs; `constraints` maps required, readonly, min, max, minlength, maxlength to their configuration;
    `properties` are its `camunda:property` entries (`label:sv`, `help`, `widget`, `confidential`)."""

    id: str
    type: str
    label: str | None = None
    default: Expression | None = None
    values: tuple[tuple[str, str], ...] = ()
    constraints: Mapping[str, str] = field(default_factory=_nothing)
    properties: Mapping[str, str] = field(default_factory=_nothing)
    line: int = 0


@dataclass(frozen=True, slots=True)
class FormReference:
    """Where the form is: embedded fields, or a `formKey`, or a `formRef` with its binding."""

    fields: tuple[FormField, ...] = ()
    key: Expression | None = None
    ref: Expression | None = None
    binding: str = "latest"
    version: Expression | None = None


# ---------------------------------------------------------------- elements


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """Anything with an id. `documentation` is plain text; `properties` are its `camunda:property` entries."""

    id: str
    line: int = 0
    name: str | None = None
    documentation: str | None = None
    properties: Mapping[str, str] = field(default_factory=_nothing)


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
    sequential: bool = False
    cardinality: Expression | None = None
    collection: Expression | None = None
    element_variable: str | None = None
    completion_condition: Expression | None = None
    async_before: bool = False
    async_after: bool = False
    exclusive: bool = True
    retry_cycle: Expression | None = None
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
    """Candidates are comma-separated texts or lists when evaluated. Without any, the lane's department is the candidate."""

    assignee: Expression | None = None
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
    """The process itself and every subprocess. `nodes` are the ids directly inside it, in document order; `start_events`
    its own; `event_subprocesses` the event subprocesses directly inside it."""

    nodes: tuple[str, ...] = ()
    start_events: tuple[str, ...] = ()
    event_subprocesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Process(Scope):
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
    """`definition` None: a none event. `definitions` keeps all that the file gives, for the rule that refuses several."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsupportedNode(FlowNode):
    """A flow node of a type that we do not know; a rule refuses it by name and line."""


# ---------------------------------------------------------------- the whole


@dataclass(frozen=True, eq=False)
class ProcessModel:
    """One process, equal only to itself, so that what is worked out from it can be kept beside it. `nodes` holds the process itself and everything inside, subprocesses included, in document order."""

    process: Process
    nodes: Mapping[str, FlowNode]
    flows: Mapping[str, SequenceFlow]
    lanes: tuple[Lane, ...] = ()
    has_diagram: bool = False

    @property
    def key(self) -> str:
        return self.process.id

    def scope(self, scope_id: str) -> Scope:
        """The process or subprocess of this id; LookupError if the id is that of something else."""
        found = self.nodes[scope_id]
        if not isinstance(found, Scope):
            raise LookupError(f"{scope_id} is a {found.type}, not a scope")
        return found

    def activity(self, activity_id: str) -> Activity:
        found = self.nodes[activity_id]
        if not isinstance(found, Activity):
            raise LookupError(f"{activity_id} is a {found.type}, not an activity")
        return found


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A reference to a message, signal, error or escalation that the file does not declare."""

    element_id: str
    line: int
    attribute: str
    reference: str


@dataclass(frozen=True, eq=False)
class Definitions:
    """One BPMN file. `dialect` is camunda, spiff, zeebe or plain; `source` the bytes it was read from; `repeated_ids` and
    `signals` come with a line each."""

    source: bytes
    processes: tuple[ProcessModel, ...]
    dialect: str = "plain"
    unresolved: tuple[Unresolved, ...] = ()
    repeated_ids: tuple[tuple[str, int], ...] = ()
    signals: tuple[tuple[str, int], ...] = ()
