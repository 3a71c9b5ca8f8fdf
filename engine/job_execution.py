"""Running jobs.

A job is executed in one transaction that locks the instance, deletes the row as a fence and applies the effect, so
whatever dies, it happens once. What leaves the house, a mail or a webhook, is delivered before that transaction: if the
process dies in between, it is delivered again, under the same id. The attempt is counted in a transaction of its own
before that: a job that kills the process that runs it comes back a few times and then becomes an incident.
"""

from __future__ import annotations

import json
import logging
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, update

from bpmn import next_due
from engine.context import SYSTEM, CommandContext
from engine.database.tables import job
from engine.errors import DatabaseUnusable, NotFound, OptimisticLocking, Suspended
from engine.guests.links import with_link
from engine.guests.unsent import tell_who_invited
from engine.ids import new_id
from engine.jobs import SUSPENSION, Job, JobGone, due_jobs, get_job, locked_job, raise_incident
from engine.outgoing.deliveries import DELIVERY, INVITATION, LONGEST_DELIVERY, MAIL
from engine.outgoing.delivering import deliver
from engine.retries import back_off
from engine.runtime import start_instance
from engine.suspension import Which, apply_suspension
from engine.tidying import tell_of_absences
from engine.work import execution

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

log = logging.getLogger(__name__)

#: So often a job may be begun without coming to an end before it is held to have killed the process each time.
MOST_DEATHS = 5
LONGEST_MESSAGE = 4_000
#: How long a job waits for an instance that somebody else works on; then it lets other jobs go first.
PATIENCE_S = 2.0

#: Statements of every job, built once; parameter: wanted.
_FENCE = delete(job).where(job.c.id == bindparam("wanted"))


def run_due(engine: ProcessEngine, *, continuations_only: bool = False, most: int = 10_000) -> int:
    """Runs every job that is due, and those that become due by it, until none is left or `most` have run; how many ran.
    A job that fails is tried once here, and again when its back-off is over. Absences that have begun are told of."""
    if not continuations_only:
        tell_of_absences(engine)
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
    _execute(engine, job_id, only_if_due=False)


def execute_if_due(engine: ProcessEngine, job_id: str) -> None:
    """For whoever was woken for a job: runs it if it still wants to be run, and passes it on if its date has moved.
    Raises what execute_job does."""
    _execute(engine, job_id, only_if_due=True)


def _execute(engine: ProcessEngine, job_id: str, *, only_if_due: bool) -> None:
    found = _begun(engine, job_id, only_if_due=only_if_due)
    if found is None:
        return
    try:
        if found.type == DELIVERY:
            _deliver(engine, found)
        with engine.command(SYSTEM, patience_s=PATIENCE_S) as context:
            _apply(context, job_id)
    except (JobGone, OptimisticLocking, DatabaseUnusable):
        # Somebody else was faster, or there is no database to tell: no fault of the job's.
        with suppress(DatabaseUnusable), engine.command(SYSTEM) as context:
            _forgive(context, job_id)
        raise
    except Suspended as error:
        with engine.command(SYSTEM) as context:
            if get_job(context, job_id).suspended:
                _forgive(context, job_id)  # suspended while it ran
            else:  # it needs something that is: a process it calls, say
                _failed(context, job_id, error)
        raise
    except Exception as error:
        with engine.command(SYSTEM) as context:
            _failed(context, job_id, error)
        raise


def _deliver(engine: ProcessEngine, found: Job) -> None:
    """A mail to a guest gets its link now; there is none to be written to if the invitation holds no more."""
    payload: dict[str, Any] | None = json.loads(found.payload or "{}")
    channel = found.handler
    if channel == INVITATION and payload is not None:
        payload, channel = with_link(engine, payload), MAIL
    if payload is not None:
        deliver(engine.settings.outgoing, found.id, channel, payload)


def _begun(engine: ProcessEngine, job_id: str, *, only_if_due: bool) -> Job | None:
    """Counts the try that begins now. None if there is nothing to run: it is not due, it does not want to be run, or it
    has killed whoever began it too often and is an incident now."""
    with engine.command(SYSTEM, patience_s=PATIENCE_S, lightly=True) as context:
        found = get_job(context, job_id)
        if only_if_due and (found.retries == 0 or found.suspended):
            return None
        if found.suspended:
            raise Suspended(f"Job {job_id} is suspended: activate it, or its process instance, first.")
        if only_if_due and found.due_at is not None and found.due_at > context.now:
            context.wake(job_id, found.due_at, found.priority)
            return None
        if found.attempts < MOST_DEATHS:
            _count(context, found)
            return found
        message = f"It was begun {found.attempts} times and never came to an end: did it kill the process that ran it?"
        _give_up(context, locked_job(context, job_id), message)
        return None


def _count(context: CommandContext, found: Job) -> None:
    """A delivery is also put off while it is under way: no transaction is open then, and its row is nobody else's.
    JobGone if somebody was faster."""
    statement = update(job).where(job.c.id == found.id)
    values: dict[str, Any] = {"attempts": job.c.attempts + 1}
    if found.type == DELIVERY:
        statement = statement.where(job.c.due_at.is_not_distinct_from(found.due_at))
        values["due_at"] = context.now + LONGEST_DELIVERY
        context.wake(found.id, values["due_at"], found.priority)
    if context.connection.execute(statement.values(values)).rowcount == 0:
        raise JobGone(found.id)


def _forgive(context: CommandContext, job_id: str) -> None:
    context.connection.execute(update(job).where(job.c.id == job_id).values(attempts=0))


def _give_up(context: CommandContext, found: Job, message: str) -> None:
    context.connection.execute(
        update(job).where(job.c.id == found.id).values(retries=0, attempts=0, exception_message=message)
    )
    _given_up(context, found, message)


def _given_up(context: CommandContext, found: Job, message: str) -> None:
    raise_incident(context, found, message)
    if found.type == DELIVERY and found.handler == INVITATION:
        tell_who_invited(context, found.payload)


def _apply(context: CommandContext, job_id: str) -> None:
    found = get_job(context, job_id)
    if found.process_instance_id is None:
        _fence(context, job_id)
        if found.handler == SUSPENSION:
            _suspend(context, found)
        elif found.handler is None:
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
    if context.connection.execute(_FENCE, {"wanted": job_id}).rowcount == 0:
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
            following = new_id()
            context.connection.execute(
                insert(job).values(
                    id=following,
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
            context.wake(following, due, timer.priority)
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
        context.wake(job_id, context.now + delay, found.priority)
    context.connection.execute(update(job).where(job.c.id == job_id).values(values))
    if retries == 0:
        _given_up(context, found, message)
