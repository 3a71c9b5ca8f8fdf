"""What failed and waits for somebody: jobs that ran wrongly, external tasks that a worker gave up.

Where the executor opened an incident for it, a retry closes that incident.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Table, cast, func, literal, null, select, union_all

from engine.context import INSIDE, Actor, CommandContext, Origin
from engine.database.tables import external_task, historic_process_instance, job
from engine.errors import Conflict, NotFound
from engine.external_tasks import set_external_retries, unlock
from engine.jobs import set_retries
from engine.outgoing.deliveries import DELIVERY
from engine.policy import operated, require_operating_some
from engine.policy.confidentiality import told
from engine.queries import Statement
from engine.repository_models import model_of

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

EXTERNAL = "external"
#: What a journey is called: the first of these that it has.
_CALLED_BY = ("subject", "business_key", "definition_name", "definition_key")


@dataclass(frozen=True, slots=True)
class Failure:
    """`id` is that of the job or external task; `type` timer, message, delivery or external. `retries` 0: it was given
    up and waits for somebody; otherwise it is tried again at `due_at`. `journey_id` and `journey` are those of the root
    instance, None for what belongs to none."""

    id: str
    type: str
    message: str
    retries: int
    due_at: datetime | None
    definition_key: str | None
    activity_id: str
    activity_name: str | None
    process_instance_id: str | None
    journey_id: str | None
    journey: str | None


@dataclass(frozen=True, slots=True)
class FailureQuery:
    message: str | None = None
    given_up: bool = False
    first_result: int = 0
    max_results: int | None = None


def find_failures(context: CommandContext, query: FailureQuery) -> list[Failure]:
    """Those that were given up first. NotAllowed for all but administrators and process owners,
    who find those of their flows."""
    require_operating_some(context, "see what failed")
    failed = _failed(context, query).subquery()
    statement = select(failed).order_by(failed.c.retries, failed.c.created_at, failed.c.id)
    rows = context.connection.execute(statement.offset(query.first_result).limit(query.max_results)).all()
    instances = {row.id: row.process_instance_id or _told_of(row) for row in rows}
    journeys = _journeys(context, set(instances.values()))
    found = []
    for row in rows:
        journey_id, journey = journeys.get(instances[row.id] or "", (None, None))
        found.append(
            Failure(
                row.id,
                row.type,
                row.message,
                row.retries,
                row.due_at,
                row.definition_key,
                row.activity_id,
                _activity_name(context, row.definition_id, row.activity_id),
                instances[row.id],
                journey_id,
                journey,
            )
        )
    return found


def count_failures(context: CommandContext, query: FailureQuery) -> int:
    require_operating_some(context, "see what failed")
    return int(
        context.connection.execute(select(func.count()).select_from(_failed(context, query).subquery())).scalar_one()
    )


def failures_by_message(context: CommandContext) -> list[tuple[str, int]]:
    """What was given up: message and how often, the most frequent first."""
    require_operating_some(context, "see what failed")
    failed = _failed(context, FailureQuery(given_up=True)).subquery()
    number = func.count()
    statement = select(failed.c.message, number).group_by(failed.c.message).order_by(number.desc(), failed.c.message)
    return [(row[0], row[1]) for row in context.connection.execute(statement)]


def failure_trace(context: CommandContext, failure_id: str) -> str:
    """Where it failed, as far as that is known. NotFound if it is done."""
    require_operating_some(context, "see what failed")
    traces: Iterable[Statement] = (
        _trace(context, failure_id, job, job.c.exception_trace),
        _trace(context, failure_id, external_task, external_task.c.error_details),
    )
    for statement in traces:
        row = context.connection.execute(statement).one_or_none()
        if row is not None:
            return str(row[0] or "")
    raise _gone(failure_id)


def retry_failure(context: CommandContext, failure_id: str) -> None:
    """One more try, now; its incident is over. NotFound if it is done."""
    require_operating_some(context, "retry what failed")
    retries = context.connection.execute(select(job.c.retries).where(job.c.id == failure_id)).scalar_one_or_none()
    if retries is not None:
        set_retries(context, failure_id, max(retries, 1), context.now)
        return
    try:
        set_external_retries(context, failure_id, 1)
        unlock(context, failure_id)
    except NotFound:
        raise _gone(failure_id) from None


def retry_failures(engine: ProcessEngine, actor: Actor, message: str, origin: Origin = INSIDE) -> int:
    """All that were given up with this message, a transaction each; how many there still were."""
    with engine.query(actor) as context:
        found = [each.id for each in find_failures(context, FailureQuery(message=message, given_up=True))]
    retried = 0
    for failure_id in found:
        with suppress(NotFound, Conflict), engine.command(actor, origin=origin) as context:
            retry_failure(context, failure_id)
            retried += 1
    return retried


# ---------------------------------------------------------------- inside


def _failed(context: CommandContext, query: FailureQuery) -> Any:
    """Jobs and external tasks alike."""
    job_message = told(context, job.c.process_instance_id, job.c.exception_message)
    jobs = select(
        job.c.id,
        job.c.type,
        job_message.label("message"),
        job.c.retries,
        job.c.due_at,
        job.c.created_at,
        job.c.definition_id,
        job.c.definition_key,
        func.coalesce(job.c.activity_id, job.c.handler).label("activity_id"),
        job.c.process_instance_id,
        job.c.payload,
    ).where(job.c.exception_message.is_not(None), operated(context, job.c.process_instance_id, job.c.definition_key))
    columns = external_task.c
    message = func.coalesce(told(context, columns.process_instance_id, columns.error_message), "")
    external = select(
        columns.id,
        cast(literal(EXTERNAL), job.c.type.type).label("type"),
        message.label("message"),
        columns.retries,
        columns.lock_expires_at.label("due_at"),
        columns.created_at,
        columns.definition_id,
        columns.definition_key,
        columns.activity_id,
        columns.process_instance_id,
        cast(null(), job.c.payload.type).label("payload"),
    ).where(columns.retries == 0, operated(context, columns.process_instance_id))
    if query.given_up:
        jobs = jobs.where(job.c.retries == 0)
    if query.message is not None:
        jobs, external = jobs.where(job_message == query.message), external.where(message == query.message)
    return union_all(jobs, external)


def _trace(context: CommandContext, failure_id: str, table: Table, trace: Column[Any]) -> Statement:
    return select(told(context, table.c.process_instance_id, trace)).where(
        table.c.id == failure_id, operated(context, table.c.process_instance_id, table.c.definition_key)
    )


def _told_of(row: Any) -> str | None:
    """The instance that a delivery tells of."""
    found = json.loads(row.payload or "{}").get("processInstanceId") if row.type == DELIVERY else None
    return None if found is None else str(found)


def _journeys(context: CommandContext, instances: set[str | None]) -> dict[str, tuple[str, str]]:
    root = historic_process_instance.alias("root")
    columns = historic_process_instance.c
    rows = context.connection.execute(
        select(
            columns.id, root.c.id, root.c.subject, root.c.business_key, root.c.definition_name, root.c.definition_key
        )
        .join(root, root.c.id == columns.root_instance_id)
        .where(columns.id.in_(sorted(each for each in instances if each is not None)))
    )
    return {row[0]: (row[1], next(name for name in row[2:] if name)) for row in rows}


def _activity_name(context: CommandContext, definition_id: str | None, activity_id: str) -> str | None:
    if definition_id is None:
        return None
    with suppress(NotFound):
        node = model_of(context, definition_id).nodes.get(activity_id)
        return node.name if node is not None else None
    return None


def _gone(failure_id: str) -> NotFound:
    return NotFound("failure", failure_id, f"Nothing that failed has the id {failure_id}: it is done, or was ended.")
