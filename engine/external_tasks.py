"""External tasks: workers fetch them by topic, lock them for a while, and report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, or_, select, update

from engine.context import CommandContext
from engine.database.tables import external_task, process_definition, process_instance
from engine.errors import Conflict, InvalidInput, NotFound, Suspended
from engine.execution.protocol import Execution
from engine.external_task_values import ExternalTask, ExternalTaskQuery, Topic
from engine.operations import Changed, log_operation
from engine.policy import operated, require_operating, require_operating_some, visible_inside
from engine.policy.confidentiality import columns_told
from engine.queries import Statement, count, equals, paged, within
from engine.runtime import get_variables
from engine.variable_filters import where_variables
from engine.work import execution, lock_instance

FAILED_EXTERNAL_TASK = "failedExternalTask"
LONGEST_MESSAGE = 666


# ---------------------------------------------------------------- fetching


def fetch_and_lock(
    context: CommandContext,
    worker_id: str,
    topics: Sequence[Topic],
    max_tasks: int,
    *,
    use_priority: bool = False,
    newest_first: bool = False,
) -> list[ExternalTask]:
    """Up to `max_tasks` over all topics, locked for this worker."""
    require_operating_some(context, "work on external tasks")
    columns = external_task.c
    found: list[ExternalTask] = []
    for topic in topics:
        if len(found) >= max_tasks:
            break
        statement = _selected(context).where(
            columns.topic == topic.name,
            operated(context, columns.process_instance_id),
            columns.suspended.is_(False),
            process_instance.c.suspended.is_(False),
            or_(columns.retries.is_(None), columns.retries > 0),
            or_(columns.lock_expires_at.is_(None), columns.lock_expires_at <= context.now),
        )
        statement = equals(
            statement,
            {
                process_instance.c.business_key: topic.business_key,
                columns.definition_id: topic.definition_id,
                columns.definition_key: topic.definition_key,
            },
        )
        statement = within(
            statement,
            {columns.definition_id: topic.definition_ids, columns.definition_key: topic.definition_keys},
        )
        if topic.version_tag is not None:
            tagged = select(process_definition.c.id).where(process_definition.c.version_tag == topic.version_tag)
            statement = statement.where(columns.definition_id.in_(tagged))
        statement = where_variables(context, statement, columns.process_instance_id, topic.process_variables)
        if use_priority:
            statement = statement.order_by(columns.priority.desc())
        created = columns.created_at.desc() if newest_first else columns.created_at
        statement = statement.order_by(created, columns.id).limit(max_tasks - len(found))
        rows = context.connection.execute(statement.with_for_update(of=external_task, skip_locked=True)).all()
        expires = context.now + timedelta(milliseconds=topic.lock_ms)
        if rows:
            context.connection.execute(
                update(external_task)
                .where(columns.id.in_([row.id for row in rows]))
                .values(worker_id=worker_id, lock_expires_at=expires)
            )
        found += [_fetched(context, row, topic, worker_id, expires) for row in rows]
    return found


def _fetched(context: CommandContext, row: Row[Any], topic: Topic, worker_id: str, expires: datetime) -> ExternalTask:
    variables: Mapping[str, Any] = {}
    if topic.variables is None or topic.variables:
        variables = get_variables(context, row.process_instance_id, row.number, local=topic.local_variables)
        if topic.variables is not None:
            variables = {name: value for name, value in variables.items() if name in topic.variables}
    return _task(row, worker_id=worker_id, lock_expires_at=expires, variables=variables)


# ---------------------------------------------------------------- reporting


def complete_external_task(
    context: CommandContext, task_id: str, worker_id: str, variables: Mapping[str, Any], local: Mapping[str, Any]
) -> None:
    found = _held(context, task_id, worker_id, "completed")
    with execution(context, source=found.activity_id) as work:
        work.complete_task(found.process_instance_id, found.number, variables, local, _facts(found))
    _log(context, found, "Complete")


def fail_external_task(
    context: CommandContext,
    task_id: str,
    worker_id: str,
    *,
    message: str | None,
    details: str | None,
    retries: int,
    retry_timeout_ms: int,
    variables: Mapping[str, Any],
    local: Mapping[str, Any],
) -> None:
    """The task is hidden for the timeout; without retries left an incident says so."""
    if retries < 0:
        raise InvalidInput(f"The number of retries is {retries}: it must not be negative.")
    found = _held(context, task_id, worker_id, "failed")
    expires = context.now + timedelta(milliseconds=retry_timeout_ms)
    context.connection.execute(
        update(external_task)
        .where(external_task.c.id == task_id)
        .values(
            error_message=(message or "")[:LONGEST_MESSAGE] or None,
            error_details=details,
            retries=retries,
            lock_expires_at=expires,
        )
    )
    told = replace(found, error_message=message, error_details=details, retries=retries)
    with execution(context, source=found.activity_id) as work:
        thrown = work.fail_external_task(found.process_instance_id, found.number, variables, local, _facts(told))
        if not thrown:
            _tell_of_retries(work, found, retries, message)
    _log(context, found, "Fail", ("retries", found.retries, retries))


def _facts(task: ExternalTask) -> dict[str, Any]:
    """`externalTask` in the model's error definitions."""
    return {
        "id": task.id,
        "topicName": task.topic,
        "workerId": task.worker_id,
        "priority": task.priority,
        "retries": task.retries,
        "errorMessage": task.error_message,
        "errorDetails": task.error_details,
        "activityId": task.activity_id,
        "processInstanceId": task.process_instance_id,
        "businessKey": task.business_key,
    }


def _tell_of_retries(work: Execution, found: ExternalTask, retries: int, message: str | None) -> None:
    """The last retry gone is an incident; a new one ends it."""
    if retries == 0 and found.retries != 0:
        work.open_incident(found.process_instance_id, found.number, FAILED_EXTERNAL_TASK, message or "", found.number)
    elif retries > 0 and found.retries == 0:
        work.close_incidents(found.process_instance_id, found.number)


def throw_bpmn_error(
    context: CommandContext,
    task_id: str,
    worker_id: str,
    code: str,
    message: str | None,
    variables: Mapping[str, Any],
) -> None:
    """Thrown from the task; if nothing catches it, this branch ends."""
    if not code:
        raise InvalidInput("The error code is missing: give errorCode.")
    found = _held(context, task_id, worker_id, "completed with a BPMN error")
    with execution(context, source=found.activity_id) as work:
        work.throw_error(found.process_instance_id, found.number, code, message, variables)
    _log(context, found, "HandleBpmnError", ("errorCode", None, code))


def extend_lock(context: CommandContext, task_id: str, worker_id: str, duration_ms: int) -> None:
    """Conflict once the lock has run out."""
    if duration_ms <= 0:
        raise InvalidInput(f"The new duration is {duration_ms} ms: it must be more than 0.")
    found = _held(context, task_id, worker_id, "extended")
    if found.lock_expires_at is None or found.lock_expires_at <= context.now:
        raise Conflict(f"The lock of External Task {task_id} has run out: fetch it again.")
    _set_lock(context, task_id, worker_id, context.now + timedelta(milliseconds=duration_ms))


def lock(context: CommandContext, task_id: str, worker_id: str, duration_ms: int) -> None:
    found = _locked(context, task_id)
    held = found.lock_expires_at is not None and found.lock_expires_at > context.now
    if held and found.worker_id != worker_id:
        raise Conflict(
            f"External Task {task_id} cannot be locked by worker '{worker_id}'. It is locked by worker "
            f"'{found.worker_id}'."
        )
    _set_lock(context, task_id, worker_id, context.now + timedelta(milliseconds=duration_ms))
    _log(context, found, "Lock", ("workerId", found.worker_id, worker_id))


def unlock(context: CommandContext, task_id: str) -> None:
    found = _locked(context, task_id)
    _set_lock(context, task_id, None, None)
    _log(context, found, "Unlock", ("workerId", found.worker_id, None))


def set_external_retries(context: CommandContext, task_id: str, retries: int) -> None:
    if retries < 0:
        raise InvalidInput(f"The number of retries is {retries}: it must not be negative.")
    found = _locked(context, task_id)
    context.connection.execute(update(external_task).where(external_task.c.id == task_id).values(retries=retries))
    with execution(context, even_suspended=True) as work:
        _tell_of_retries(work, found, retries, found.error_message)
    _log(context, found, "SetExternalTaskRetries", ("retries", found.retries, retries))


def set_external_priority(context: CommandContext, task_id: str, priority: int) -> None:
    found = _locked(context, task_id)
    context.connection.execute(update(external_task).where(external_task.c.id == task_id).values(priority=priority))
    _log(context, found, "SetPriority", ("priority", found.priority, priority))


def _log(context: CommandContext, found: ExternalTask, operation: str, *changes: Changed) -> None:
    log_operation(
        context,
        operation,
        "ExternalTask",
        entity_id=found.id,
        process_instance_id=found.process_instance_id,
        definition_key=found.definition_key,
        changes=changes,
    )


def _set_lock(context: CommandContext, task_id: str, worker_id: str | None, expires: datetime | None) -> None:
    context.connection.execute(
        update(external_task).where(external_task.c.id == task_id).values(worker_id=worker_id, lock_expires_at=expires)
    )


def _locked(context: CommandContext, task_id: str) -> ExternalTask:
    """The task, its instance locked until the transaction ends. NotFound if it is done."""
    instance_id = get_external_task(context, task_id).process_instance_id
    require_operating(context, "work on external tasks", instance_id)
    with suppress(NotFound):
        lock_instance(context, instance_id)
    return get_external_task(context, task_id)


def _held(context: CommandContext, task_id: str, worker_id: str, what: str) -> ExternalTask:
    """The task, if this worker has it; whether the lock has run out does not matter unless another took it."""
    found = _locked(context, task_id)
    if found.suspended:
        raise Suspended(f"External Task {task_id} is suspended: activate its process instance first.")
    if found.worker_id != worker_id:
        raise Conflict(
            f"External Task {task_id} cannot be {what} by worker '{worker_id}'. It is locked by worker "
            f"'{found.worker_id}'."
        )
    return found


# ---------------------------------------------------------------- looking


def find_external_tasks(context: CommandContext, query: ExternalTaskQuery) -> list[ExternalTask]:
    return [_task(row) for row in context.connection.execute(paged(_tasks(context, query), external_task, query))]


def count_external_tasks(context: CommandContext, query: ExternalTaskQuery) -> int:
    return count(context, _tasks(context, query))


def get_external_task(context: CommandContext, task_id: str) -> ExternalTask:
    found = find_external_tasks(context, ExternalTaskQuery(id=task_id))
    if not found:
        raise NotFound("external task", task_id, f"External task with id {task_id} does not exist")
    return found[0]


def _selected(context: CommandContext) -> Statement:
    columns, instance_id = external_task.c, external_task.c.process_instance_id
    told = columns_told(context, external_task, instance_id, columns.error_message, columns.error_details)
    return select(*told, process_instance.c.business_key).join(process_instance, process_instance.c.id == instance_id)


def _tasks(context: CommandContext, query: ExternalTaskQuery) -> Statement:
    columns = external_task.c
    statement = equals(
        _selected(context),
        {
            columns.id: query.id,
            columns.topic: query.topic,
            columns.worker_id: query.worker_id,
            columns.activity_id: query.activity_id,
            columns.process_instance_id: query.process_instance_id,
            columns.definition_id: query.definition_id,
            columns.definition_key: query.definition_key,
        },
    )
    statement = within(
        statement,
        {
            columns.id: query.ids,
            columns.activity_id: query.activity_ids,
            columns.process_instance_id: query.process_instance_ids,
        },
    )
    if query.lowest_priority is not None:
        statement = statement.where(columns.priority >= query.lowest_priority)
    if query.highest_priority is not None:
        statement = statement.where(columns.priority <= query.highest_priority)
    locked = and_(columns.lock_expires_at.is_not(None), columns.lock_expires_at > context.now)
    conditions = (
        (query.locked, locked),
        (query.not_locked, or_(columns.lock_expires_at.is_(None), columns.lock_expires_at <= context.now)),
        (query.with_retries_left, or_(columns.retries.is_(None), columns.retries > 0)),
        (query.no_retries_left, columns.retries == 0),
        (query.active, columns.suspended.is_(False)),
        (query.suspended, columns.suspended.is_(True)),
    )
    for asked, condition in conditions:
        if asked:
            statement = statement.where(condition)
    return visible_inside(context, statement, columns.process_instance_id)


def _task(row: Row[Any], **changes: Any) -> ExternalTask:
    values = {
        "id": row.id,
        "number": row.number,
        "process_instance_id": row.process_instance_id,
        "definition_id": row.definition_id,
        "definition_key": row.definition_key,
        "activity_id": row.activity_id,
        "topic": row.topic,
        "priority": row.priority,
        "created_at": row.created_at,
        "worker_id": row.worker_id,
        "lock_expires_at": row.lock_expires_at,
        "retries": row.retries,
        "error_message": row.error_message,
        "error_details": row.error_details,
        "suspended": row.suspended,
        "business_key": row.business_key,
    }
    return ExternalTask(**{**values, **changes})
