"""Event definitions, and the work that message events, service, send and business rule tasks do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from bpmn.model.values import Expression, VariableMapping, nothing


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


class EventDefinition(Struct, frozen=True, kw_only=True):
    """`kind` tells which of the subclasses below this is."""

    kind: EventKind
    id: str | None = None
    line: int = 0


class CorrelationProperty(Struct, frozen=True):
    """One value by which a message finds its instance, worked out from what it carries; `keys` are those it is part
    of."""

    name: str
    expression: Expression
    keys: tuple[str, ...]


class MessageDefinition(EventDefinition, frozen=True, kw_only=True):
    """`name` is None where the file names no message. A throwing one may carry work: an external topic, a handler. In
    SpiffWorkflow's dialect it carries its `payload`, a catching one keeps that as `variable`, and `correlation` says
    who is meant; `own_correlation` is worked out from the variables of the instance that waits."""

    kind: EventKind = EventKind.MESSAGE
    name: Expression | None = None
    work: Work | None = None
    payload: Expression | None = None
    variable: str | None = None
    correlation: tuple[CorrelationProperty, ...] = ()
    own_correlation: tuple[CorrelationProperty, ...] = ()


class SignalDefinition(EventDefinition, frozen=True, kw_only=True):
    kind: EventKind = EventKind.SIGNAL
    name: Expression | None = None
    payload: tuple[VariableMapping, ...] = ()
    asynchronous: bool = False


class TimerForm(StrEnum):
    DATE = "timeDate"
    DURATION = "timeDuration"
    CYCLE = "timeCycle"


class TimerDefinition(EventDefinition, frozen=True, kw_only=True):
    kind: EventKind = EventKind.TIMER
    form: TimerForm | None = None
    expression: Expression | None = None


class ErrorDefinition(EventDefinition, frozen=True, kw_only=True):
    """`code` None catches every error. `expression` belongs to a `camunda:errorEventDefinition` of an external task.
    `payload` and the `variable` that gets it are of SpiffWorkflow's dialect."""

    kind: EventKind = EventKind.ERROR
    code: str | None = None
    message: Expression | None = None
    code_variable: str | None = None
    message_variable: str | None = None
    expression: Expression | None = None
    payload: Expression | None = None
    variable: str | None = None


class EscalationDefinition(EventDefinition, frozen=True, kw_only=True):
    kind: EventKind = EventKind.ESCALATION
    code: str | None = None
    code_variable: str | None = None
    payload: Expression | None = None
    variable: str | None = None


class ConditionalDefinition(EventDefinition, frozen=True, kw_only=True):
    """`variable_events` holds create, update, delete; empty means all three."""

    kind: EventKind = EventKind.CONDITIONAL
    condition: Expression | None = None
    variable_name: str | None = None
    variable_events: frozenset[str] = frozenset()


class CompensationDefinition(EventDefinition, frozen=True, kw_only=True):
    kind: EventKind = EventKind.COMPENSATION
    activity_ref: str | None = None
    wait_for_completion: bool = True


class LinkDefinition(EventDefinition, frozen=True, kw_only=True):
    kind: EventKind = EventKind.LINK
    name: str | None = None


class TerminateDefinition(EventDefinition, frozen=True, kw_only=True):
    kind: EventKind = EventKind.TERMINATE


class CancelDefinition(EventDefinition, frozen=True, kw_only=True):
    kind: EventKind = EventKind.CANCEL


class ExternalWork(Struct, frozen=True):
    """`camunda:type="external"`: a worker fetches it by topic."""

    topic: Expression
    priority: Expression | None = None
    errors: tuple[ErrorDefinition, ...] = ()


class ExpressionWork(Struct, frozen=True):
    expression: Expression
    result_variable: str | None = None


class HandlerWork(Struct, frozen=True):
    """A Python handler, registered by this name: what `camunda:class` or `camunda:delegateExpression` says."""

    name: str
    fields: Mapping[str, Expression] = field(default_factory=nothing)
    result_variable: str | None = None


class DecisionWork(Struct, frozen=True):
    """`camunda:decisionRef`; `map_result` is singleEntry, singleResult, collectEntries or resultList, or variables:
    each output becomes a variable of its name."""

    decision: Expression
    binding: str = "latest"
    version: Expression | None = None
    result_variable: str | None = None
    map_result: str = "resultList"


class UnsupportedWork(Struct, frozen=True):
    """An implementation that nothing of ours runs (`camunda:type="mail"`, a connector); rules refuse it by this
    text."""

    description: str


Work = ExternalWork | ExpressionWork | HandlerWork | DecisionWork | UnsupportedWork
