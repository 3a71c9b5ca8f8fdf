"""What starts the newest version of a process: messages, signals, conditions and timers of its start events."""

from __future__ import annotations

import json

from sqlalchemy import delete, insert, select, true

from bpmn import (
    ConditionalDefinition,
    ExpressionError,
    FlowNode,
    MessageDefinition,
    PlainNames,
    ProcessModel,
    SignalDefinition,
    StartEvent,
    TimerDefinition,
    TimerError,
    evaluate,
    schedule,
    text,
)
from engine.context import CommandContext
from engine.database.tables import event_subscription, job, process_definition
from engine.errors import ExpressionFailed
from engine.execution.protocol import JobType, StartPutOff
from engine.ids import new_id
from engine.repository_models import model_of


def listen_for_starts(
    context: CommandContext, definition_id: str, model: ProcessModel, *, suspended: bool = False, again: bool = False
) -> None:
    """ExpressionFailed where a name or a timer of a start event cannot be worked out. `suspended`: its timers are
    not to run. `again`: it was deployed before, perhaps by a release that took quicker cycles: they run, slower."""
    names = PlainNames({}, dict(context.engine.functions))
    for start in model.process.start_events:
        node = model.nodes[start]
        if not isinstance(node, StartEvent):
            continue
        definition = node.definition
        try:
            if isinstance(definition, MessageDefinition | SignalDefinition) and definition.name is not None:
                name = text(evaluate(definition.name, names))
                _subscribe(context, definition_id, start, definition.kind.value, name)
            elif isinstance(definition, ConditionalDefinition):
                _subscribe(context, definition_id, start, definition.kind.value, None)
            elif isinstance(definition, TimerDefinition):
                _start_timer(context, definition_id, model, node, definition, suspended=suspended, again=again)
        except (ExpressionError, TimerError) as error:
            raise ExpressionFailed(str(error), start) from error


def named_message_starts(model: ProcessModel) -> list[tuple[StartEvent, str]]:
    """The message start events of a process; their names are no expressions."""
    starts = [node for each in model.process.start_events if isinstance(node := model.nodes[each], StartEvent)]
    return [
        (start, start.definition.name.text)
        for start in starts
        if isinstance(start.definition, MessageDefinition) and start.definition.name is not None
    ]


def message_starts(context: CommandContext) -> list[tuple[str, str]]:
    """Name of each message that starts a process, and the key of that process."""
    waiting = (
        select(event_subscription.c.event_name, process_definition.c.key)
        .join(process_definition, process_definition.c.id == event_subscription.c.definition_id)
        .where(event_subscription.c.process_instance_id.is_(None), event_subscription.c.event_type == "message")
    )
    return [(row.event_name, row.key) for row in context.connection.execute(waiting)]


def stop_listening_for_starts(context: CommandContext, key: str) -> None:
    """No version of this process is started by an event any more."""
    versions = select(process_definition.c.id).where(process_definition.c.key == key)
    for table, own in ((event_subscription, true()), (job, job.c.handler.is_(None))):
        context.connection.execute(
            delete(table).where(table.c.process_instance_id.is_(None), table.c.definition_id.in_(versions), own)
        )


def _subscribe(context: CommandContext, definition_id: str, start: str, event_type: str, name: str | None) -> None:
    context.connection.execute(
        insert(event_subscription).values(
            id=new_id(),
            definition_id=definition_id,
            activity_id=start,
            event_type=event_type,
            event_name=name,
            created_at=context.now,
        )
    )


def _start_timer(
    context: CommandContext,
    definition_id: str,
    model: ProcessModel,
    start: StartEvent,
    definition: TimerDefinition,
    *,
    suspended: bool,
    again: bool,
) -> None:
    if definition.form is None or definition.expression is None:
        return
    names = PlainNames({}, dict(context.engine.functions))
    priority = start_priority(context, model, start)
    site = context.engine.settings.site
    value = evaluate(definition.expression, names)
    plan = schedule(definition.form, value, context.now, site.tz, site.opens, refuse_quick=not again)
    job_id = new_id()
    context.connection.execute(
        insert(job).values(
            id=job_id,
            definition_id=definition_id,
            definition_key=model.key,
            activity_id=start.id,
            type=JobType.TIMER.value,
            due_at=plan.due,
            repeats=plan.repeats,
            cycle=plan.cycle,
            created_at=context.now,
            retries=3,
            attempts=0,
            priority=priority,
            exclusive=True,
            suspended=suspended,
        )
    )
    context.wake(job_id, plan.due, priority)


def start_priority(context: CommandContext, model: ProcessModel, start: FlowNode) -> int:
    """Of the job that starts a process: no variable is there yet. ExpressionFailed for what is no whole number."""
    wanted = start.job_priority or model.process.job_priority
    if wanted is None:
        return 0
    try:
        return int(evaluate(wanted, PlainNames({}, dict(context.engine.functions))))
    except (ExpressionError, TypeError, ValueError) as error:
        raise ExpressionFailed(f"the job priority {wanted.text!r} is no whole number: {error}", start.id) from error


def put_off_start(context: CommandContext, start: StartPutOff) -> None:
    """A job of no instance that starts a process with what an asynchronous signal carries."""
    model = model_of(context, start.definition_id)
    job_id, priority = new_id(), start_priority(context, model, model.nodes[start.element_id])
    context.connection.execute(
        insert(job).values(
            id=job_id,
            definition_id=start.definition_id,
            definition_key=model.key,
            activity_id=start.element_id,
            type=JobType.CONTINUATION.value,
            created_at=context.now,
            retries=3,
            attempts=0,
            priority=priority,
            exclusive=True,
            suspended=False,
            payload=json.dumps({"variables": start.variables, "business_key": start.business_key}),
        )
    )
    context.wake(job_id, None, priority)
