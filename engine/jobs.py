"""Jobs: timers and asynchronous continuations. The row is the truth; whoever wakes up only asks which are due.

A job is executed in one transaction that locks the instance, deletes the row as a fence and applies the effect, so
whatever dies, it happens once. The attempt is counted in a transaction of its own before that: a job that kills the
process that runs it comes back a few times and then becomes an incident.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, delete, func, insert, or_, select, update

from bpmn import next_due
from engine.context import SYSTEM, CommandContext
from engine.database.tables import incident, job
from engine.errors import Conflict, DatabaseUnusable, InvalidInput, NotFound
from engine.ids import new_id
from engine.operations import log_operation
from engine.queries import Statement, count, equals, paged, within
from engine.retries import back_off
from engine.runtime import start_instance
from engine.visibility import only_visible, require_operator
from engine.work import execution, lock_instance

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

log = logging.getLogger(__name__)

FAILED_JOB = "failedJob"
#: So often a job may be begun without coming to an end before it is held to have killed the process each time.
MOST_DEATHS = 5
LONGEST_MESSAGE = 4_000


@dataclass(frozen=True, slots=True)
class Job:
    """`process_instance_id` None: the timer of a start event. `type` is timer or message (a continuation). `attempts`
    counts the tries that were begun and have not come to an end, good or bad."""

    id: str
    process_instance_id: str | None
    number: int | None
    activity_number: int | None
    definition_id: str
    definition_key: str
    activity_id: str
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


@dataclass(frozen=True, slots=True)
class JobQuery:
    id: str | None = None
    ids: tuple[str, ...] | None = None
    process_instance_id: str | None = None
    process_instance_ids: tuple[str, ...] | None = None
    definition_id: str | None = None
    definition_key: str | None = None
    activity_id: str | None = None
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
    found = find_jobs(context, JobQuery(id=job_id))
    if not found:
        raise NotFound("job", job_id, f"Job with id {job_id} does not exist")
    return found[0]


def next_due_at(context: CommandContext) -> datetime | None:
    """When the next job wants to run; a continuation wants to at once. None if nothing waits."""
    columns = job.c
    row = context.connection.execute(
        select(func.min(func.coalesce(columns.due_at, context.now))).where(_runnable())
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
        .where(_runnable(), due)
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


def _runnable() -> Any:
    return and_(job.c.retries > 0, job.c.suspended.is_(False))


# ---------------------------------------------------------------- running


def run_due(engine: ProcessEngine, *, continuations_only: bool = False, most: int = 10_000) -> int:
    """Runs every job that is due, and those that become due by it, until none is left or `most` have run; how many ran.
    A job that fails is tried once here, and again when its back-off is over."""
    ran, failed = 0, set[str]()
    while ran < most:
        with engine.query(SYSTEM) as context:
            due = [each for each in due_jobs(context, continuations_only=continuations_only) if each not in failed]
        if not due:
            break
        for job_id in due:
            try:
                execute_job(engine, job_id)
            except NotFound:
                continue  # another job of this round has ended it
            except Exception:
                log.exception("job %s failed", job_id)
                failed.add(job_id)
            ran += 1
    return ran


def execute_job(engine: ProcessEngine, job_id: str) -> None:
    """Runs one job, due or not. NotFound if it is done. What it raises is kept on the job, then raised again."""
    if not _begun(engine, job_id):
        return
    try:
        with engine.command(SYSTEM) as context:
            _apply(context, job_id)
    except (NotFound, Conflict, DatabaseUnusable):
        # Somebody else was faster, it is suspended, or there is no database to tell: no fault of the job's.
        with suppress(DatabaseUnusable), engine.command(SYSTEM) as context:
            context.connection.execute(update(job).where(job.c.id == job_id).values(attempts=0))
        raise
    except Exception as error:
        with engine.command(SYSTEM) as context:
            _failed(context, job_id, error)
        raise


def _begun(engine: ProcessEngine, job_id: str) -> bool:
    """Counts the try that begins now. False if the job has killed whoever began it too often: it is an incident
    then."""
    with engine.command(SYSTEM) as context:
        found = get_job(context, job_id)
        if found.attempts < MOST_DEATHS:
            context.connection.execute(update(job).where(job.c.id == job_id).values(attempts=job.c.attempts + 1))
            return True
        message = f"It was begun {found.attempts} times and never came to an end: did it kill the process that ran it?"
        _give_up(context, _locked(context, job_id), message)
        return False


def _give_up(context: CommandContext, found: Job, message: str) -> None:
    context.connection.execute(
        update(job).where(job.c.id == found.id).values(retries=0, attempts=0, exception_message=message)
    )
    _raise_incident(context, found, message)


def _apply(context: CommandContext, job_id: str) -> None:
    found = get_job(context, job_id)
    if found.process_instance_id is None:
        _fence(context, job_id)
        _start(context, found)
        return
    with execution(context) as work:
        # The instance is locked by the first thing that touches it; only then may the fence fall.
        work.lock(found.process_instance_id)
        _fence(context, job_id)
        work.run_job(found.process_instance_id, found.number or 0, found.due_at)


def _fence(context: CommandContext, job_id: str) -> None:
    """Only one transaction deletes the row."""
    if context.connection.execute(delete(job).where(job.c.id == job_id)).rowcount == 0:
        raise NotFound("job", job_id, f"Job with id {job_id} does not exist")


def _start(context: CommandContext, timer: Job) -> None:
    """A start event's timer has fired, a cycle is set for its next turn; or a signal comes that was put off."""
    if timer.cycle is not None and timer.repeats != 1 and timer.due_at is not None:
        due = next_due(timer.cycle, timer.due_at, context.engine.settings.site.tz)
        if due is not None:
            context.connection.execute(
                insert(job).values(
                    id=new_id(),
                    definition_id=timer.definition_id,
                    definition_key=timer.definition_key,
                    activity_id=timer.activity_id,
                    type=timer.type,
                    due_at=due,
                    repeats=None if timer.repeats is None else timer.repeats - 1,
                    cycle=timer.cycle,
                    created_at=context.now,
                    retries=3,
                    attempts=0,
                    priority=timer.priority,
                    exclusive=True,
                    suspended=False,
                )
            )
            context.after_commit.append(lambda: context.engine.on_due(due))
    payload = {} if timer.payload is None else json.loads(timer.payload)
    start_instance(context, definition_id=timer.definition_id, start_event=timer.activity_id, **payload)


def _failed(context: CommandContext, job_id: str, error: Exception) -> None:
    """Counts a retry down and puts the job off; at none left, an incident says so."""
    found = _locked(context, job_id)
    retries, delay = back_off(found.retry_cycle, found.retries, first=found.exception_message is None)
    message = f"{error}"[:LONGEST_MESSAGE]
    values: dict[str, Any] = {
        "retries": retries,
        "attempts": 0,
        "exception_message": message,
        "exception_trace": "".join(traceback.format_exception(error))[-LONGEST_MESSAGE:],
    }
    if retries > 0:
        values["due_at"] = context.now + delay
        context.after_commit.append(lambda: context.engine.on_due(context.now + delay))
    context.connection.execute(update(job).where(job.c.id == job_id).values(values))
    if retries == 0:
        _raise_incident(context, found, message)


def _raise_incident(context: CommandContext, found: Job, message: str) -> None:
    if found.process_instance_id is not None:
        with execution(context) as work:
            work.open_incident(
                found.process_instance_id, found.activity_number or 0, FAILED_JOB, message, found.number or 0
            )
        return
    context.connection.execute(
        insert(incident).values(
            id=new_id(),
            definition_id=found.definition_id,
            activity_id=found.activity_id,
            incident_type=FAILED_JOB,
            message=message,
            configuration=found.id,
            occurred_at=context.now,
        )
    )


# ---------------------------------------------------------------- managing


def set_retries(context: CommandContext, job_id: str, retries: int, due_at: datetime | None = None) -> None:
    """Gives a failed job new tries; its incident is over. InvalidInput for a negative number."""
    if retries < 0:
        raise InvalidInput(f"The number of retries is {retries}: it must not be negative.")
    require_operator(context, "change the retries of a job")
    found = _locked(context, job_id)
    values: dict[str, Any] = {"retries": retries, "attempts": 0}
    if due_at is not None:
        values["due_at"] = due_at
    context.connection.execute(update(job).where(job.c.id == job_id).values(values))
    if retries > 0:
        if found.process_instance_id is not None:
            with execution(context) as work:
                work.close_incidents(found.process_instance_id, found.number or 0)
        else:
            context.connection.execute(delete(incident).where(incident.c.configuration == job_id))
        context.after_commit.append(lambda: context.engine.on_due(context.now))
    elif found.retries > 0:
        _raise_incident(context, found, found.exception_message or "")
    log_operation(context, "SetJobRetries", "Job", process_instance_id=found.process_instance_id, details=job_id)


def set_due_date(context: CommandContext, job_id: str, due_at: datetime | None) -> None:
    require_operator(context, "move a timer")
    get_job(context, job_id)
    context.connection.execute(update(job).where(job.c.id == job_id).values(due_at=due_at))
    context.after_commit.append(lambda: context.engine.on_due(due_at or context.now))


# ---------------------------------------------------------------- inside


def _locked(context: CommandContext, job_id: str) -> Job:
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
    )


def _jobs(context: CommandContext, query: JobQuery) -> Statement:
    columns = job.c
    statement = equals(
        select(job),
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
        (query.executable, and_(_runnable(), due)),
        (query.with_exception, columns.exception_message.is_not(None)),
        (query.with_retries_left, columns.retries > 0),
        (query.no_retries_left, columns.retries == 0),
        (query.active, columns.suspended.is_(False)),
        (query.suspended, columns.suspended.is_(True)),
    )
    for asked, condition in conditions:
        if asked:
            statement = statement.where(condition)
    if query.due_before is not None:
        statement = statement.where(columns.due_at < query.due_before)
    if query.due_after is not None:
        statement = statement.where(columns.due_at > query.due_after)
    return only_visible(context, statement, columns.process_instance_id)
