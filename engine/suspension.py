"""Suspending and activating: definitions, instances, jobs.

What is suspended waits: nobody works on its tasks, no job of it runs, no message finds it, signals pass it by. What
became due meanwhile runs once when it is activated. Called instances have a state of their own, as in Camunda.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, insert, or_, select, update

from engine.context import CommandContext
from engine.database.tables import (
    external_task,
    historic_process_instance,
    job,
    process_definition,
    process_instance,
    task,
)
from engine.errors import InvalidInput
from engine.execution.protocol import JobType
from engine.ids import new_id
from engine.jobs import SUSPENSION, get_job, require_operating_job
from engine.operations import log_operation
from engine.policy import Action, InstanceFacts, require, require_operating
from engine.repository import ProcessDefinition, get_definition, latest_definition
from engine.runtime import get_instance

#: Rows of an instance that carry its state.
_FOLLOWING = (task, external_task)


@dataclass(frozen=True, slots=True)
class Which:
    """What a command is about: exactly one of these is given. A journey is an instance with all that it called."""

    instance_ids: tuple[str, ...] | None = None
    definition_id: str | None = None
    definition_key: str | None = None
    journey_id: str | None = None

    def __post_init__(self) -> None:
        given = (self.instance_ids, self.definition_id, self.definition_key, self.journey_id)
        if sum(each is not None for each in given) != 1:
            raise InvalidInput(
                "Say which: either processInstanceIds, or processDefinitionId, or processDefinitionKey, and only one."
            )


# ---------------------------------------------------------------- instances


def suspend_instances(context: CommandContext, which: Which, *, suspended: bool) -> None:
    """Suspends, or with `suspended` False activates, in a fixed number of statements. NotFound where one of several ids
    does not run, or nothing is deployed under the id or key."""
    what = "suspend or activate an instance"
    if which.instance_ids is not None:
        require_operating(context, what, *which.instance_ids)
        _require_all(context, which.instance_ids)
        for each in which.instance_ids:
            _log(context, suspended, "ProcessInstance", process_instance_id=each)
    elif which.journey_id is not None:
        require_operating(context, what, which.journey_id)
        _require_all(context, (which.journey_id,))
        _log(context, suspended, "ProcessInstance", process_instance_id=which.journey_id)
    else:
        key = _named(context, which).key
        require(context.actor, Action.OPERATE, InstanceFacts(frozenset((key,))), what)
        _log(context, suspended, "ProcessInstance", definition_key=key, entity_id=which.definition_id)
    _set(context, _instances(which), suspended=suspended)


def _require_all(context: CommandContext, ids: Sequence[str]) -> None:
    there = select(process_instance.c.id).where(process_instance.c.id.in_(ids))
    found = set(context.connection.execute(there).scalars())
    for each in ids:
        if each not in found:
            get_instance(context, each)  # says that there is none


def _instances(which: Which) -> ColumnElement[bool]:
    columns = process_instance.c
    if which.instance_ids is not None:
        return columns.id.in_(which.instance_ids)
    if which.journey_id is not None:
        return columns.root_instance_id == which.journey_id
    if which.definition_id is not None:
        return columns.definition_id == which.definition_id
    return columns.definition_key == which.definition_key


def _set(context: CommandContext, condition: ColumnElement[bool], *, suspended: bool) -> None:
    """The instances first: that waits for, and locks out, whoever works on one. What follows is written for those
    that have the state, not for one that was started meanwhile and has not."""
    connection = context.connection
    connection.execute(
        update(process_instance).where(condition).values(suspended=suspended, revision=process_instance.c.revision + 1)
    )
    instances: Select[tuple[str]] = select(process_instance.c.id).where(
        condition, process_instance.c.suspended.is_(suspended)
    )
    _set_jobs(context, job.c.process_instance_id.in_(instances), suspended=suspended)
    for table in _FOLLOWING:
        connection.execute(update(table).where(table.c.process_instance_id.in_(instances)).values(suspended=suspended))
    connection.execute(
        update(historic_process_instance)
        .where(historic_process_instance.c.id.in_(instances))
        .values(state="SUSPENDED" if suspended else "ACTIVE")
    )


def _set_jobs(context: CommandContext, condition: ColumnElement[bool], *, suspended: bool) -> None:
    """Those that became due meanwhile are due now."""
    columns = job.c
    context.connection.execute(update(job).where(condition).values(suspended=suspended))
    if not suspended:
        waiting = select(columns.id, columns.due_at, columns.priority).where(condition, columns.retries > 0)
        for row in context.connection.execute(waiting).all():
            context.wake(row.id, row.due_at, row.priority)


# ---------------------------------------------------------------- definitions


def suspend_definition(
    context: CommandContext,
    *,
    suspended: bool,
    definition_id: str | None = None,
    key: str | None = None,
    include_instances: bool = False,
    at: datetime | None = None,
) -> None:
    """Nobody and nothing starts an instance of it; those that run go on unless `include_instances`. With `key` every
    version. With `at` later, by a job. NotFound for what is not deployed."""
    which = Which(definition_id=definition_id, definition_key=key)
    found = _named(context, which)
    require(context.actor, Action.DEPLOY, found.key)
    later = None if at is None else at.isoformat()
    _log(context, suspended, "ProcessDefinition", definition_key=found.key, entity_id=definition_id, details=later)
    if at is not None:
        _put_off(context, found, suspended, by_key=key is not None, include_instances=include_instances, at=at)
        return
    apply_suspension(context, which, suspended=suspended, include_instances=include_instances)


def apply_suspension(context: CommandContext, which: Which, *, suspended: bool, include_instances: bool) -> None:
    """What a suspension of definitions writes, be it at once or by its job. Start timers follow their definition."""
    columns = process_definition.c
    condition = columns.id == which.definition_id if which.definition_id else columns.key == which.definition_key
    connection = context.connection
    connection.execute(update(process_definition).where(condition).values(suspended=suspended))
    of_starts = and_(
        job.c.process_instance_id.is_(None),
        job.c.handler.is_(None),
        job.c.definition_id.in_(select(columns.id).where(condition)),
    )
    _set_jobs(context, of_starts, suspended=suspended)
    if include_instances:
        _set(context, _instances(which), suspended=suspended)


def _put_off(
    context: CommandContext,
    found: ProcessDefinition,
    suspended: bool,
    *,
    by_key: bool,
    include_instances: bool,
    at: datetime,
) -> None:
    payload = {"suspended": suspended, "by_key": by_key, "include_instances": include_instances}
    job_id = new_id()
    context.connection.execute(
        insert(job).values(
            id=job_id,
            definition_id=found.id,
            definition_key=found.key,
            handler=SUSPENSION,
            type=JobType.TIMER.value,
            due_at=at,
            created_at=context.now,
            retries=3,
            attempts=0,
            priority=0,
            exclusive=True,
            suspended=False,
            payload=json.dumps(payload),
        )
    )
    context.wake(job_id, at, 0)


def _named(context: CommandContext, which: Which) -> ProcessDefinition:
    if which.definition_id is not None:
        return get_definition(context, which.definition_id)
    return latest_definition(context, which.definition_key or "")


# ---------------------------------------------------------------- jobs


def suspend_job(context: CommandContext, job_id: str, *, suspended: bool) -> None:
    """One job. Activating its instance activates it too."""
    found = get_job(context, job_id)
    require_operating_job(context, found, "suspend or activate a job")
    _set_jobs(context, job.c.id == job_id, suspended=suspended)
    facts = {"process_instance_id": found.process_instance_id, "definition_key": found.definition_key}
    _log(context, suspended, "Job", entity_id=job_id, **facts)


def suspend_jobs(context: CommandContext, which: Which, *, suspended: bool) -> None:
    """The jobs that are there of an instance, or of all instances of a definition with its start timers."""
    what = "suspend or activate jobs"
    columns = job.c
    if which.instance_ids is not None:
        require_operating(context, what, *which.instance_ids)
        _require_all(context, which.instance_ids)
        condition: ColumnElement[bool] = columns.process_instance_id.in_(which.instance_ids)
        key = None
    else:
        key = _named(context, which).key
        require(context.actor, Action.OPERATE, InstanceFacts(frozenset((key,))), what)
        own = columns.definition_id == which.definition_id if which.definition_id else columns.definition_key == key
        condition = and_(own, or_(columns.process_instance_id.is_not(None), columns.handler.is_(None)))
    _set_jobs(context, condition, suspended=suspended)
    for each in which.instance_ids or (None,):
        _log(context, suspended, "Job", process_instance_id=each, definition_key=key)


def _log(context: CommandContext, suspended: bool, entity: str, **facts: Any) -> None:
    log_operation(context, "Suspend" if suspended else "Activate", entity, **facts)
