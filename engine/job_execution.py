"""Running jobs.

A job is executed in one transaction that locks the instance, deletes the row as a fence and applies the effect, so
whatever dies, it happens once. The attempt is counted in a transaction of its own before that: a job that kills the
process that runs it comes back a few times and then becomes an incident.
"""

from __future__ import annotations

import json
import logging
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, update

from bpmn import next_due
from engine.context import SYSTEM, CommandContext
from engine.database.tables import job
from engine.errors import DatabaseUnusable, NotFound, OptimisticLocking, Suspended
from engine.ids import new_id
from engine.jobs import SUSPENSION, Job, JobGone, due_jobs, get_job, locked_job, raise_incident
from engine.retries import back_off
from engine.runtime import start_instance
from engine.suspension import Which, apply_suspension
from engine.work import execution

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

log = logging.getLogger(__name__)

#: So often a job may be begun without coming to an end before it is held to have killed the process each time.
MOST_DEATHS = 5
LONGEST_MESSAGE = 4_000


def run_due(engine: ProcessEngine, *, continuations_only: bool = False, most: int = 10_000) -> int:
    """Runs every job that is due, and those that become due by it, until none is left or `most` have run; how many ran.
    A job that fails is tried once here, and again when its back-off is over."""
    ran, failed = 0, set[str]()
    while ran < most:
        with engine.query(SYSTEM) as context:
            due = [each for each in due_jobs(context, continuations_only=continuations_only) if each not in failed]
        if not due:
            break
        for job_id in due[: most - ran]:
            try:
                execute_job(engine, job_id)
            except JobGone:
                continue  # another job of this round has ended it
            except Exception:
                log.exception("job %s failed", job_id)
                failed.add(job_id)
            ran += 1
    return ran


def execute_job(engine: ProcessEngine, job_id: str) -> None:
    """Runs one job, due or not. JobGone if it is done. What it raises is kept on the job, then raised again."""
    if not _begun(engine, job_id):
        return
    try:
        with engine.command(SYSTEM) as context:
            _apply(context, job_id)
    except (JobGone, OptimisticLocking, Suspended, DatabaseUnusable):
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
        if found.suspended:
            raise Suspended(f"Job {job_id} is suspended: activate it, or its process instance, first.")
        if found.attempts < MOST_DEATHS:
            context.connection.execute(update(job).where(job.c.id == job_id).values(attempts=job.c.attempts + 1))
            return True
        message = f"It was begun {found.attempts} times and never came to an end: did it kill the process that ran it?"
        _give_up(context, locked_job(context, job_id), message)
        return False


def _give_up(context: CommandContext, found: Job, message: str) -> None:
    context.connection.execute(
        update(job).where(job.c.id == found.id).values(retries=0, attempts=0, exception_message=message)
    )
    raise_incident(context, found, message)


def _apply(context: CommandContext, job_id: str) -> None:
    found = get_job(context, job_id)
    if found.process_instance_id is None:
        _fence(context, job_id)
        if found.handler == SUSPENSION:
            _suspend(context, found)
        else:
            _start(context, found)
        return
    with execution(context) as work:
        # The instance is locked by the first thing that touches it; only then may the fence fall.
        with suppress(NotFound):  # then the fence is gone too
            work.lock(found.process_instance_id)
        _fence(context, job_id)
        work.run_job(found.process_instance_id, found.number or 0, found.due_at)


def _fence(context: CommandContext, job_id: str) -> None:
    """Only one transaction deletes the row."""
    if context.connection.execute(delete(job).where(job.c.id == job_id)).rowcount == 0:
        raise JobGone(job_id)


def _suspend(context: CommandContext, found: Job) -> None:
    """A definition is suspended or activated at the moment somebody asked for."""
    asked = json.loads(found.payload or "{}")
    which = Which(definition_key=found.definition_key) if asked["by_key"] else Which(definition_id=found.definition_id)
    apply_suspension(context, which, suspended=asked["suspended"], include_instances=asked["include_instances"])


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
    found = locked_job(context, job_id)
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
        raise_incident(context, found, message)
