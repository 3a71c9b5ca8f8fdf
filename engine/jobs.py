"""Jobs: timers and asynchronous continuations. The row is the truth; whoever wakes up only asks which are due.

`engine.job_execution` runs them.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, func, insert, or_, select, update

from engine.context import CommandContext
from engine.database.tables import incident, job
from engine.errors import InvalidInput, NotFound
from engine.ids import new_id
from engine.operations import Changed, log_operation
from engine.policy import Action, InstanceFacts, require, require_operating, visible_inside
from engine.policy.confidentiality import columns_told
from engine.queries import Statement, count, equals, once_per_actor, paged, within
from engine.work import execution, lock_instance

FAILED_JOB = "failedJob"
#: The handler of a job that suspends or activates a definition.
SUSPENSION = "suspension"


class JobGone(NotFound):
    """The job is done, or was ended with what it belonged to. Told apart from what a job itself does not find."""

    def __init__(self, job_id: str) -> None:
        super().__init__("job", job_id, f"Job with id {job_id} does not exist")


@dataclass(frozen=True, slots=True)
class Job:
    """`process_instance_id` None: the timer of a start event, or, with a `handler` and no `activity_id`, something the
    engine does later by itself: a delivery among it. `type` is timer, message (a continuation) or delivery. `attempts`
    counts the tries that were begun and have not come to an end, good or bad."""

    id: str
    process_instance_id: str | None
    number: int | None
    activity_number: int | None
    definition_id: str | None
    definition_key: str | None
    activity_id: str | None
    handler: str | None
    type: str
    due_at: datetime | None
    created_at: datetime
    retries: int
    attempts: int
    priority: int
    suspended: bool
    exception_message: str | None
    exception_trace: str | None
    retry_cycle: str | None
    cycle: str | None
    repeats: int | None
    payload: str | None = None
    exclusive: bool = True


@dataclass(frozen=True, slots=True)
class JobQuery:
    """`activity` is an instance and the number of the activity in it that the job belongs to."""

    id: str | None = None
    ids: tuple[str, ...] | None = None
    process_instance_id: str | None = None
    process_instance_ids: tuple[str, ...] | None = None
    definition_id: str | None = None
    definition_key: str | None = None
    activity_id: str | None = None
    activity: tuple[str, int] | None = None
    failed_activity_id: str | None = None
    lowest_priority: int | None = None
    highest_priority: int | None = None
    timers: bool = False
    messages: bool = False
    executable: bool = False
    with_exception: bool = False
    with_retries_left: bool = False
    no_retries_left: bool = False
    active: bool = False
    suspended: bool = False
    due_before: datetime | None = None
    due_after: datetime | None = None
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None


# ---------------------------------------------------------------- looking


def find_jobs(context: CommandContext, query: JobQuery) -> list[Job]:
    return [_job(row) for row in context.connection.execute(paged(_jobs(context, query), job, query))]


def count_jobs(context: CommandContext, query: JobQuery) -> int:
    return count(context, _jobs(context, query))


def get_job(context: CommandContext, job_id: str) -> Job:
    """JobGone if there is none, or none that the actor may know of."""
    row = context.connection.execute(_one_job(context), {"wanted": job_id}).one_or_none()
    if row is None:
        raise JobGone(job_id)
    return _job(row)


@once_per_actor
def _one_job(context: CommandContext) -> Statement:
    statement = select(*_told(context)).where(job.c.id == bindparam("wanted"))
    return visible_inside(context, statement, job.c.process_instance_id, job.c.definition_key)


def next_due_at(context: CommandContext) -> datetime | None:
    """When the next job wants to run; a continuation wants to at once. None if nothing waits."""
    columns = job.c
    row = context.connection.execute(
        select(func.min(func.coalesce(columns.due_at, context.now))).where(runnable())
    ).scalar_one_or_none()
    return row if row is None or isinstance(row, datetime) else None


def due_jobs(context: CommandContext, *, continuations_only: bool = False, limit: int = 100) -> list[str]:
    """The ids of jobs that may run now, the most urgent first."""
    columns = job.c
    due = (
        columns.due_at.is_(None) if continuations_only else or_(columns.due_at.is_(None), columns.due_at <= context.now)
    )
    statement = (
        select(columns.id)
        .where(runnable(), due)
        .order_by(
            columns.priority.desc(),
            columns.due_at.is_not(None),
            columns.due_at,
            columns.created_at,
            columns.process_instance_id,
            columns.number,
        )
        .limit(limit)
    )
    return list(context.connection.execute(statement).scalars())


def runnable() -> Any:
    return and_(job.c.retries > 0, job.c.suspended.is_(False))


# ---------------------------------------------------------------- managing


def set_retries(context: CommandContext, job_id: str, retries: int, due_at: datetime | None = None) -> None:
    """Gives a failed job new tries; its incident is over. InvalidInput for a negative number."""
    if retries < 0:
        raise InvalidInput(f"The number of retries is {retries}: it must not be negative.")
    found = locked_job(context, job_id)
    require_operating_job(context, found, "change the retries of a job")
    values: dict[str, Any] = {"retries": retries, "attempts": 0}
    if due_at is not None:
        values["due_at"] = due_at
    context.connection.execute(update(job).where(job.c.id == job_id).values(values))
    if retries > 0:
        if found.process_instance_id is not None:
            with execution(context, even_suspended=True) as work:
                work.close_incidents(found.process_instance_id, found.number or 0)
        else:
            context.connection.execute(delete(incident).where(incident.c.configuration == job_id))
        context.wake(job_id, due_at or found.due_at, found.priority)
    elif found.retries > 0:
        raise_incident(context, found, found.exception_message or "")
    _log(context, found, "SetJobRetries", ("retries", found.retries, retries))


def set_job_priority(context: CommandContext, job_id: str, priority: int) -> None:
    """What is due at the same time runs in the order of priorities, the highest first."""
    found = get_job(context, job_id)
    require_operating_job(context, found, "change the priority of a job")
    context.connection.execute(update(job).where(job.c.id == job_id).values(priority=priority))
    context.wake(job_id, found.due_at, priority)
    _log(context, found, "SetPriority", ("priority", found.priority, priority))


def delete_job(context: CommandContext, job_id: str) -> None:
    """It never runs; what waits for it waits until somebody modifies the instance."""
    found = locked_job(context, job_id)
    require_operating_job(context, found, "delete a job")
    if found.process_instance_id is None:
        context.connection.execute(delete(job).where(job.c.id == job_id))
    else:
        with execution(context, even_suspended=True) as work:
            work.end_job(found.process_instance_id, found.number or 0)
    _log(context, found, "Delete")


def set_due_date(context: CommandContext, job_id: str, due_at: datetime | None) -> None:
    found = get_job(context, job_id)
    require_operating_job(context, found, "move a timer")
    context.connection.execute(update(job).where(job.c.id == job_id).values(due_at=due_at))
    context.wake(job_id, due_at, found.priority)
    _log(context, found, "SetDueDate", ("duedate", found.due_at, due_at))


def log_execution(context: CommandContext, job_id: str) -> None:
    """Somebody asks that it runs now; it runs in transactions of the engine's own. NotFound if it is done."""
    _log(context, get_job(context, job_id), "ExecuteJob")


def _log(context: CommandContext, found: Job, operation: str, *changes: Changed) -> None:
    log_operation(
        context,
        operation,
        "Job",
        entity_id=found.id,
        process_instance_id=found.process_instance_id,
        definition_key=found.definition_key,
        changes=changes,
    )


# ---------------------------------------------------------------- shared with running


def require_operating_job(context: CommandContext, found: Job, what: str) -> None:
    """NotAllowed for all but those who operate its instance, or own the flow that it would start."""
    if found.process_instance_id is not None:
        require_operating(context, what, found.process_instance_id)
    else:
        require(context.actor, Action.OPERATE, InstanceFacts(frozenset((found.definition_key or "",))), what)


def locked_job(context: CommandContext, job_id: str) -> Job:
    """The job, its instance locked until the transaction ends. NotFound if it is done."""
    found = get_job(context, job_id)
    if found.process_instance_id is None:
        return found
    with suppress(NotFound):
        lock_instance(context, found.process_instance_id)
    return get_job(context, job_id)


def _job(row: Row[Any]) -> Job:
    return Job(
        row.id,
        row.process_instance_id,
        row.number,
        row.activity_number,
        row.definition_id,
        row.definition_key,
        row.activity_id,
        row.handler,
        row.type,
        row.due_at,
        row.created_at,
        row.retries,
        row.attempts,
        row.priority,
        row.suspended,
        row.exception_message,
        row.exception_trace,
        row.retry_cycle,
        row.cycle,
        row.repeats,
        row.payload,
        row.exclusive,
    )


def _told(context: CommandContext) -> list[Any]:
    """All columns, what went wrong as far as the actor may know it."""
    columns = job.c
    return columns_told(context, job, columns.process_instance_id, columns.exception_message, columns.exception_trace)


def _jobs(context: CommandContext, query: JobQuery) -> Statement:
    columns = job.c
    statement = equals(
        select(*_told(context)),
        {
            columns.id: query.id,
            columns.process_instance_id: query.process_instance_id,
            columns.definition_id: query.definition_id,
            columns.definition_key: query.definition_key,
            columns.activity_id: query.activity_id,
        },
    )
    statement = within(statement, {columns.id: query.ids, columns.process_instance_id: query.process_instance_ids})
    due = or_(columns.due_at.is_(None), columns.due_at <= context.now)
    conditions: Iterable[tuple[bool, Any]] = (
        (query.timers, columns.type == "timer"),
        (query.messages, columns.type == "message"),
        (query.executable, and_(runnable(), due)),
        (query.with_exception, columns.exception_message.is_not(None)),
        (query.with_retries_left, columns.retries > 0),
        (query.no_retries_left, columns.retries == 0),
        (query.active, columns.suspended.is_(False)),
        (query.suspended, columns.suspended.is_(True)),
    )
    for asked, condition in conditions:
        if asked:
            statement = statement.where(condition)
    if query.activity is not None:
        instance_id, number = query.activity
        statement = statement.where(columns.process_instance_id == instance_id, columns.activity_number == number)
    if query.failed_activity_id is not None:
        failed = and_(columns.activity_id == query.failed_activity_id, columns.exception_message.is_not(None))
        statement = statement.where(failed)
    if query.lowest_priority is not None:
        statement = statement.where(columns.priority >= query.lowest_priority)
    if query.highest_priority is not None:
        statement = statement.where(columns.priority <= query.highest_priority)
    if query.due_before is not None:
        statement = statement.where(columns.due_at < query.due_before)
    if query.due_after is not None:
        statement = statement.where(columns.due_at > query.due_after)
    return visible_inside(context, statement, columns.process_instance_id, columns.definition_key)


def raise_incident(context: CommandContext, found: Job, message: str) -> None:
    if found.process_instance_id is not None:
        with execution(context, even_suspended=True) as work:
            work.open_incident(
                found.process_instance_id, found.activity_number or 0, FAILED_JOB, message, found.number or 0
            )
        return
    context.connection.execute(
        insert(incident).values(
            id=new_id(),
            definition_id=found.definition_id,
            activity_id=found.activity_id or found.handler,
            incident_type=FAILED_JOB,
            message=message,
            configuration=found.id,
            occurred_at=context.now,
        )
    )
