"""Messages go to one receiver, signals to all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select

from bpmn import ConditionalDefinition, ExpressionError, PlainNames, StartEvent, evaluate, truth
from engine.context import CommandContext
from engine.database.tables import event_subscription, process_definition, process_instance
from engine.errors import InvalidInput, MismatchingMessageCorrelation
from engine.ids import public_id
from engine.operations import log_operation
from engine.policy import Action, InstanceFacts, can, operated, require, require_operating, require_operating_some
from engine.queries import Statement
from engine.repository import ProcessDefinition, get_definition
from engine.repository_models import model_of
from engine.runtime import ProcessInstance, start_instance
from engine.variable_filters import VariableFilter, where_variables
from engine.work import execution


@dataclass(frozen=True, slots=True)
class Correlation:
    """Who a message is for: all that is given must fit. `to_all`: to every receiver that fits, not to exactly one."""

    message_name: str | None
    business_key: str | None = None
    process_instance_id: str | None = None
    correlation_keys: Mapping[str, Any] = field(default_factory=dict)
    local_correlation_keys: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    local_variables: Mapping[str, Any] = field(default_factory=dict)
    to_all: bool = False


@dataclass(frozen=True, slots=True)
class CorrelationResult:
    """Either the execution that received it, or the instance that it started."""

    process_instance_id: str
    execution_id: str | None = None
    started: ProcessInstance | None = None


def correlate(context: CommandContext, message: Correlation) -> list[CorrelationResult]:
    """Waiting executions first; a message start event only if none fits.

    MismatchingMessageCorrelation if nothing fits, or more than one and not `to_all`.
    """
    require_operating_some(context, "send a message")
    if not message.message_name:
        raise InvalidInput("No message name supplied")
    waiting = context.connection.execute(_waiting(context, message)).all()
    if len(waiting) > 1 and not message.to_all:
        raise MismatchingMessageCorrelation(
            f"Cannot correlate a message with name '{message.message_name}' to a single execution. "
            f"{len(waiting)} executions match the correlation keys"
        )
    results = [_deliver(context, message, row) for row in waiting]
    if not results or message.to_all:
        results += _start_by_message(context, message)
    if not results:
        raise MismatchingMessageCorrelation(
            f"Cannot correlate message '{message.message_name}': "
            "No process definition or execution matches the parameters"
        )
    for each in results:
        _log(context, "CorrelateMessage", message.message_name, each.process_instance_id)
    return results


def deliver_to(
    context: CommandContext, message_name: str, instance_id: str, activity_number: int, variables: Mapping[str, Any]
) -> None:
    """To the subscription of one execution. MismatchingMessageCorrelation if it does not wait for this message."""
    require_operating(context, "send a message", instance_id)
    columns = event_subscription.c
    row = context.connection.execute(
        select(columns.process_instance_id, columns.number, columns.activity_number).where(
            columns.process_instance_id == instance_id,
            columns.activity_number == activity_number,
            columns.event_type == "message",
            columns.event_name == message_name,
        )
    ).first()
    if row is None:
        raise MismatchingMessageCorrelation(
            f"Execution {public_id(instance_id, activity_number)} does not have a subscription to a message event "
            f"with name '{message_name}'"
        )
    with execution(context) as work:
        work.deliver(row.process_instance_id, row.number, variables)
    _log(context, "CorrelateMessage", message_name, instance_id)


def _log(context: CommandContext, operation: str, name: str, instance_id: str) -> None:
    log_operation(context, operation, "ProcessInstance", process_instance_id=instance_id, details=name)


def _waiting(context: CommandContext, message: Correlation) -> Statement:
    columns = event_subscription.c
    statement: Statement = (
        select(columns.process_instance_id, columns.number, columns.activity_number)
        .join(process_instance, process_instance.c.id == columns.process_instance_id)
        .where(columns.event_type == "message", columns.event_name == message.message_name)
        .where(process_instance.c.suspended.is_(False), operated(context, columns.process_instance_id))
        .order_by(columns.created_at, columns.id)
    )
    if message.business_key is not None:
        statement = statement.where(process_instance.c.business_key == message.business_key)
    if message.process_instance_id is not None:
        statement = statement.where(columns.process_instance_id == message.process_instance_id)
    keys = [VariableFilter(name, "eq", value) for name, value in message.correlation_keys.items()]
    statement = where_variables(context, statement, columns.process_instance_id, keys)
    local = [VariableFilter(name, "eq", value) for name, value in message.local_correlation_keys.items()]
    return where_variables(context, statement, columns.process_instance_id, local, scope=columns.activity_number)


def _deliver(context: CommandContext, message: Correlation, row: Row[Any]) -> CorrelationResult:
    with execution(context) as work:
        work.deliver(row.process_instance_id, row.number, message.variables, message.local_variables)
    return CorrelationResult(row.process_instance_id, public_id(row.process_instance_id, row.activity_number))


def _start_by_message(context: CommandContext, message: Correlation) -> list[CorrelationResult]:
    if message.process_instance_id is not None:
        return []
    columns = event_subscription.c
    statement = _start_events("message").where(columns.event_name == message.message_name)
    if not can(context.actor, Action.OPERATE_EVERYTHING):
        statement = statement.where(process_definition.c.key.in_(sorted(context.actor.flows)))
    rows = context.connection.execute(statement).all()
    if len(rows) > 1 and not message.to_all:
        raise MismatchingMessageCorrelation(
            f"Message '{message.message_name}' starts {len(rows)} processes: only one may be started by it"
        )
    results = []
    for row in rows:
        started = start_instance(
            context,
            definition_id=row.definition_id,
            variables={**message.variables, **message.local_variables},
            business_key=message.business_key,
            start_event=row.activity_id,
        )
        results.append(CorrelationResult(started.id, started=started))
    return results


def _start_events(event_type: str) -> Statement:
    """Start events that wait; suspended definitions are passed by."""
    columns = event_subscription.c
    return (
        select(columns.definition_id, columns.activity_id)
        .join(process_definition, process_definition.c.id == columns.definition_id)
        .where(columns.process_instance_id.is_(None), columns.event_type == event_type)
        .where(process_definition.c.suspended.is_(False))
    )


def broadcast_signal(context: CommandContext, name: str | None, variables: Mapping[str, Any] | None = None) -> None:
    """To everyone who listens, and to the processes it starts. Nobody listening is no error."""
    require(context.actor, Action.OPERATE_EVERYTHING, what="send a signal")
    if not name:
        raise InvalidInput("No signal name given")
    with execution(context) as work:
        work.broadcast_signal(name, variables or {})
    log_operation(context, "Signal", "ProcessInstance", details=name)


def signal_to(
    context: CommandContext, name: str, instance_id: str, activity_number: int, variables: Mapping[str, Any]
) -> None:
    """To one execution. InvalidInput if it does not listen for this signal."""
    require_operating(context, "send a signal", instance_id)
    columns = event_subscription.c
    row = context.connection.execute(
        select(columns.number).where(
            columns.process_instance_id == instance_id,
            columns.activity_number == activity_number,
            columns.event_type == "signal",
            columns.event_name == name,
        )
    ).first()
    if row is None:
        raise InvalidInput(
            f"Execution '{public_id(instance_id, activity_number)}' has not subscribed to a signal event "
            f"with name '{name}'."
        )
    with execution(context) as work:
        work.deliver(instance_id, row.number, variables)
    _log(context, "Signal", name, instance_id)


def evaluate_conditions(
    context: CommandContext, variables: Mapping[str, Any], *, definition_id: str | None = None,
    business_key: str | None = None,
) -> list[ProcessInstance]:  # fmt: skip
    """Starts the newest version of every process that is not suspended and whose start condition holds over these
    variables, or this one definition. InvalidInput if nothing there has a start condition."""
    what = "start processes by a condition"
    if definition_id is None:
        require(context.actor, Action.OPERATE_EVERYTHING, what=what)
    else:
        facts = InstanceFacts(frozenset((get_definition(context, definition_id).key,)))
        require(context.actor, Action.OPERATE, facts, what)
    starts = _conditional_starts(context, definition_id)
    met = [(start, each) for start, each, condition in starts if _holds(context, condition, variables)]
    return [
        start_instance(
            context, definition_id=each.id, variables=variables, business_key=business_key, start_event=start
        )
        for start, each in met
        if not each.suspended
    ]


def _conditional_starts(
    context: CommandContext, definition_id: str | None
) -> list[tuple[str, ProcessDefinition, ConditionalDefinition]]:
    if definition_id is not None:
        waiting = [(definition_id, each) for each in model_of(context, definition_id).process.start_events]
    else:
        columns = event_subscription.c
        rows = context.connection.execute(
            select(columns.definition_id, columns.activity_id)
            .where(columns.process_instance_id.is_(None), columns.event_type == "conditional")
            .order_by(columns.created_at, columns.id)
        )
        waiting = [(row.definition_id, row.activity_id) for row in rows]
    found = []
    for waits, start in waiting:
        node = model_of(context, waits).nodes[start]
        if isinstance(node, StartEvent) and isinstance(node.definition, ConditionalDefinition):
            found.append((start, get_definition(context, waits), node.definition))
    if not found:
        raise InvalidInput(
            "No subscriptions were found during evaluation of the conditional start events."
            if definition_id is None
            else f"Process definition with id '{definition_id}' does not declare conditional start event."
        )
    return found


def _holds(context: CommandContext, definition: ConditionalDefinition, variables: Mapping[str, Any]) -> bool:
    """A condition over variables that were not given does not hold."""
    if definition.condition is None or (definition.variable_name and definition.variable_name not in variables):
        return False
    try:
        return truth(evaluate(definition.condition, PlainNames(variables, dict(context.engine.functions))))
    except ExpressionError:
        return False
