"""Reads event definitions."""

from __future__ import annotations

from collections.abc import Callable

from bpmn.model import (
    CancelDefinition,
    CompensationDefinition,
    ConditionalDefinition,
    ErrorDefinition,
    EscalationDefinition,
    EventDefinition,
    LinkDefinition,
    MessageDefinition,
    SignalDefinition,
    TerminateDefinition,
    TimerDefinition,
    TimerForm,
)
from bpmn.reader.names import BPMN, Element, extension, extension_children, flag, is_bpmn, local
from bpmn.reader.references import References, error_message
from bpmn.reader.values import child_expression, expression, mappings
from bpmn.reader.work import work_of
from bpmn.xml import line_of


def event_definitions(holder_id: str, element: Element, references: References) -> tuple[EventDefinition, ...]:
    """Every event definition right inside an event, or that it refers to, in document order."""
    found = []
    for each in element:
        meant = references.event_definition(holder_id, each) if each.tag == BPMN + "eventDefinitionRef" else each
        if meant is not None and is_bpmn(meant) and (read := _READERS.get(local(meant))) is not None:
            found.append(read(holder_id, meant, references))
    return tuple(found)


def message_of(holder_id: str, element: Element, references: References) -> MessageDefinition | None:
    """The message of a receive or send task; None if it names none."""
    found = references.find(holder_id, element, "messageRef")
    if element.get("messageRef") is None:
        return None
    return MessageDefinition(name=None if found is None else expression(found.get("name")), line=line_of(element))


def error_definitions(holder_id: str, element: Element, references: References) -> tuple[ErrorDefinition, ...]:
    """`camunda:errorEventDefinition` of an external task."""
    return tuple(_error(holder_id, each, references) for each in extension_children(element, "errorEventDefinition"))


def timers(holder_id: str, element: Element, references: References) -> tuple[TimerDefinition, ...]:
    """The timers of `timeout` task listeners."""
    return tuple(
        _timer(holder_id, each, references)
        for listener in extension_children(element, "taskListener")
        for each in listener
        if local(each) == "timerEventDefinition"
    )


def _message(holder_id: str, element: Element, references: References) -> MessageDefinition:
    found = references.find(holder_id, element, "messageRef")
    return MessageDefinition(
        id=element.get("id"),
        line=line_of(element),
        name=None if found is None else expression(found.get("name")),
        work=work_of(element, error_definitions(holder_id, element, references)),
    )


def _signal(holder_id: str, element: Element, references: References) -> SignalDefinition:
    found = references.find(holder_id, element, "signalRef")
    return SignalDefinition(
        id=element.get("id"),
        line=line_of(element),
        name=None if found is None else expression(found.get("name")),
        payload=mappings(element, "in"),
        asynchronous=flag(extension(element, "async")) or flag(extension(element, "asyncBefore")),
    )


def _timer(holder_id: str, element: Element, references: References) -> TimerDefinition:
    for form in TimerForm:
        found = child_expression(element, form.value)
        if found is not None:
            return TimerDefinition(id=element.get("id"), line=line_of(element), form=form, expression=found)
    return TimerDefinition(id=element.get("id"), line=line_of(element))


def _error(holder_id: str, element: Element, references: References) -> ErrorDefinition:
    # Camunda takes a reference to an error that is not declared for its code.
    found = references.find(holder_id, element, "errorRef", required=False)
    message = None if found is None else error_message(found)
    return ErrorDefinition(
        id=element.get("id"),
        line=line_of(element),
        code=element.get("errorRef") if found is None else (found.get("errorCode") or None),
        message=expression(message),
        code_variable=extension(element, "errorCodeVariable"),
        message_variable=extension(element, "errorMessageVariable"),
        expression=expression(element.get("expression")),
    )


def _escalation(holder_id: str, element: Element, references: References) -> EscalationDefinition:
    found = references.find(holder_id, element, "escalationRef")
    return EscalationDefinition(
        id=element.get("id"),
        line=line_of(element),
        code=None if found is None else (found.get("escalationCode") or None),
        code_variable=extension(element, "escalationCodeVariable"),
    )


def _conditional(holder_id: str, element: Element, references: References) -> ConditionalDefinition:
    events = extension(element, "variableEvents") or ""
    return ConditionalDefinition(
        id=element.get("id"),
        line=line_of(element),
        condition=child_expression(element, "condition"),
        variable_name=extension(element, "variableName"),
        variable_events=frozenset(part.strip() for part in events.split(",") if part.strip()),
    )


def _compensation(holder_id: str, element: Element, references: References) -> CompensationDefinition:
    return CompensationDefinition(
        id=element.get("id"),
        line=line_of(element),
        activity_ref=element.get("activityRef"),
        wait_for_completion=flag(element.get("waitForCompletion"), default=True),
    )


def _link(holder_id: str, element: Element, references: References) -> LinkDefinition:
    return LinkDefinition(id=element.get("id"), line=line_of(element), name=element.get("name"))


def _terminate(holder_id: str, element: Element, references: References) -> TerminateDefinition:
    return TerminateDefinition(id=element.get("id"), line=line_of(element))


def _cancel(holder_id: str, element: Element, references: References) -> CancelDefinition:
    return CancelDefinition(id=element.get("id"), line=line_of(element))


_READERS: dict[str, Callable[[str, Element, References], EventDefinition]] = {
    "messageEventDefinition": _message,
    "signalEventDefinition": _signal,
    "timerEventDefinition": _timer,
    "errorEventDefinition": _error,
    "escalationEventDefinition": _escalation,
    "conditionalEventDefinition": _conditional,
    "compensateEventDefinition": _compensation,
    "linkEventDefinition": _link,
    "terminateEventDefinition": _terminate,
    "cancelEventDefinition": _cancel,
}
