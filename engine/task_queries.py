"""Finding tasks. A person finds those they may work on; an administrator all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, and_, exists, func, or_, select

from engine.context import CommandContext
from engine.database.tables import historic_process_instance, identity_link, process_instance, task
from engine.errors import InvalidInput, NotFound
from engine.policy import Kind, could_take, is_candidate, only_for_the_absent, visible
from engine.queries import Statement, count, equals, like, within
from engine.variable_filters import VariableFilter, where_variables


@dataclass(frozen=True, slots=True)
class Task:
    """An open user task. `subject` and `started_by` are those of its journey, `root_instance_id` the journey's id,
    `claimed_for` whom the assignee stood in for when they took it."""

    id: str
    number: int
    process_instance_id: str
    root_instance_id: str
    definition_id: str
    definition_key: str
    activity_id: str
    name: str | None
    description: str | None
    department: str | None
    department_is_candidate: bool
    assignee: str | None
    owner: str | None
    delegation_state: str | None
    priority: int
    created_at: datetime
    claimed_at: datetime | None
    updated_at: datetime | None
    due_at: datetime | None
    follow_up_at: datetime | None
    form_key: str | None
    suspended: bool
    business_key: str | None
    subject: str | None
    claimed_for: str | None
    started_by: str | None


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """`candidate_*` leave out assigned tasks unless `include_assigned`. `mine`: assigned to the actor; `claimable`: not
    assigned, and the actor is a candidate; `substituting`: the actor may do them only in the place of somebody who is
    absent; `late`: past their due date."""

    id: str | None = None
    process_instance_id: str | None = None
    process_instance_ids: tuple[str, ...] | None = None
    root_instance_id: str | None = None
    definition_id: str | None = None
    definition_key: str | None = None
    definition_keys: tuple[str, ...] | None = None
    activity_id: str | None = None
    activity_ids: tuple[str, ...] | None = None
    activity_id_like: str | None = None
    name: str | None = None
    name_like: str | None = None
    description_like: str | None = None
    assignee: str | None = None
    assignees: tuple[str, ...] | None = None
    assignee_like: str | None = None
    owner: str | None = None
    candidate_user: str | None = None
    candidate_group: str | None = None
    candidate_groups: tuple[str, ...] | None = None
    include_assigned: bool = False
    involved_user: str | None = None
    assigned: bool = False
    unassigned: bool = False
    with_candidate_groups: bool = False
    mine: bool = False
    claimable: bool = False
    substituting: bool = False
    late: bool = False
    active: bool = False
    suspended: bool = False
    delegation_state: str | None = None
    business_key: str | None = None
    business_key_like: str | None = None
    priority: int | None = None
    min_priority: int | None = None
    max_priority: int | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    due_after: datetime | None = None
    due_before: datetime | None = None
    follow_up_after: datetime | None = None
    follow_up_before: datetime | None = None
    created_on: datetime | None = None
    due_on: datetime | None = None
    follow_up_on: datetime | None = None
    follow_up_before_or_none: datetime | None = None
    text: str | None = None
    process_variables: tuple[VariableFilter, ...] = ()
    task_variables: tuple[VariableFilter, ...] = ()
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None


_columns = task.c
#: Soonest due first; what has no due date after what has one. The index `ix_task_soonest` stands in this order, so that
#: the first page of a list is read and the rest left alone.
SOONEST = (_columns.due_at.is_(None), _columns.due_at, _columns.priority.desc())
BY_DUE_DATE = (("due_at", "asc"),)


def find_tasks(context: CommandContext, query: TaskQuery) -> list[Task]:
    """Without a `sort`, soonest due first. One query, whatever the length."""
    statement = _tasks(context, query)
    if query.sort in ((), BY_DUE_DATE):
        statement = statement.order_by(*SOONEST)
    for name, direction in query.sort if query.sort != BY_DUE_DATE else ():
        column: ColumnElement[Any] | None = _columns.get(name)
        if name == "name_case_insensitive":
            column = func.lower(_columns.name)
        if column is None:
            raise InvalidInput(f"Cannot sort by {name}.")
        ordered = column.desc() if direction == "desc" else column.asc()
        statement = statement.order_by(ordered.nulls_last())
    statement = statement.order_by(_columns.created_at, _columns.process_instance_id, _columns.number)
    statement = statement.offset(query.first_result or None)
    if query.max_results is not None:
        statement = statement.limit(query.max_results)
    return [as_task(row) for row in context.connection.execute(statement)]


def count_tasks(context: CommandContext, query: TaskQuery) -> int:
    return count(context, _tasks(context, query))


def count_each(context: CommandContext, queries: Mapping[str, TaskQuery]) -> dict[str, int]:
    """How many tasks each of several queries finds, by the same names, in one statement."""
    counts = [
        select(func.count()).select_from(_tasks(context, query).subquery()).scalar_subquery().label(name)
        for name, query in queries.items()
    ]
    return dict(context.connection.execute(select(*counts)).one()._mapping)


def get_task(context: CommandContext, task_id: str) -> Task:
    """NotFound also for a task the actor may not see."""
    found = find_tasks(context, TaskQuery(id=task_id))
    if not found:
        raise NotFound("task", task_id, f"No matching task with id {task_id}")
    return found[0]


_FROM_INSTANCE = ("root_instance_id", "business_key")
_FROM_JOURNEY = ("subject", "started_by")
_FIELDS = tuple(field.name for field in fields(Task))


def _source(name: str) -> Column[Any]:
    if name in _FROM_INSTANCE:
        return process_instance.c[name]
    return historic_process_instance.c[name] if name in _FROM_JOURNEY else _columns[name]


#: Tasks with what their rows say and the journey they belong to, in the order of Task's fields.
SELECTED = (
    select(*map(_source, _FIELDS))
    .join(process_instance, process_instance.c.id == _columns.process_instance_id)
    .join(historic_process_instance, historic_process_instance.c.id == process_instance.c.root_instance_id)
)


def as_task(row: Row[Any]) -> Task:
    """From a row whose first columns are those of SELECTED."""
    return Task(*row[: len(_FIELDS)])


def _tasks(context: CommandContext, query: TaskQuery) -> Statement:
    statement: Statement = visible(context, SELECTED, Kind.TASK)
    statement = equals(
        statement,
        {
            _columns.id: query.id,
            _columns.process_instance_id: query.process_instance_id,
            process_instance.c.root_instance_id: query.root_instance_id,
            _columns.definition_id: query.definition_id,
            _columns.definition_key: query.definition_key,
            _columns.activity_id: query.activity_id,
            _columns.name: query.name,
            _columns.assignee: query.assignee,
            _columns.owner: query.owner,
            _columns.delegation_state: query.delegation_state,
            _columns.priority: query.priority,
            process_instance.c.business_key: query.business_key,
        },
    )
    statement = like(
        statement,
        {
            _columns.activity_id: query.activity_id_like,
            _columns.name: query.name_like,
            _columns.description: query.description_like,
            _columns.assignee: query.assignee_like,
            process_instance.c.business_key: query.business_key_like,
        },
    )
    statement = within(
        statement,
        {
            _columns.process_instance_id: query.process_instance_ids,
            _columns.definition_key: query.definition_keys,
            _columns.activity_id: query.activity_ids,
            _columns.assignee: query.assignees,
        },
    )
    for condition in [*_people(context, query), *_states(context, query), *_times(query)]:
        statement = statement.where(condition)
    statement = where_variables(context, statement, _columns.process_instance_id, query.process_variables)
    return where_variables(
        context, statement, _columns.process_instance_id, query.task_variables, scope=_columns.number
    )


def _people(context: CommandContext, query: TaskQuery) -> list[ColumnElement[bool]]:
    actor = context.actor
    found: list[ColumnElement[bool]] = []
    groups = [*(query.candidate_groups or ()), *([query.candidate_group] if query.candidate_group else [])]
    asks_candidates = bool(groups) or query.candidate_user is not None
    if query.candidate_user is not None:
        found.append(is_candidate([query.candidate_user], groups))
    elif groups:
        found.append(is_candidate((), groups))
    if (asks_candidates and not query.include_assigned) or query.unassigned:
        found.append(_columns.assignee.is_(None))
    if query.assigned:
        found.append(_columns.assignee.is_not(None))
    if query.with_candidate_groups:
        linked = exists().where(identity_link.c.task_id == _columns.id, identity_link.c.group_id.is_not(None))
        found.append(or_(_columns.department_is_candidate, linked))
    if query.involved_user is not None:
        found.append(
            or_(
                _columns.assignee == query.involved_user,
                _columns.owner == query.involved_user,
                is_candidate([query.involved_user], ()),
            )
        )
    if query.mine:
        found.append(_columns.assignee == actor.user_id)
    if query.claimable:
        found.append(and_(_columns.assignee.is_(None), could_take(actor)))
    if query.substituting:
        found.append(only_for_the_absent(actor))
    return found


def _states(context: CommandContext, query: TaskQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.active:
        found.append(_columns.suspended.is_(False))
    if query.suspended:
        found.append(_columns.suspended.is_(True))
    if query.late:
        found.append(_columns.due_at < context.now)
    if query.min_priority is not None:
        found.append(_columns.priority >= query.min_priority)
    if query.max_priority is not None:
        found.append(_columns.priority <= query.max_priority)
    if query.text:
        texts = (_columns.name, historic_process_instance.c.subject)
        found.append(or_(*(func.lower(each).contains(query.text.lower(), autoescape=True) for each in texts)))
    return found


def _times(query: TaskQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    follow_up = _columns.follow_up_at
    for column, after, before, exactly in (
        (_columns.created_at, query.created_after, query.created_before, query.created_on),
        (_columns.due_at, query.due_after, query.due_before, query.due_on),
        (follow_up, query.follow_up_after, query.follow_up_before, query.follow_up_on),
    ):
        if exactly is not None:
            found.append(column == exactly)
        if after is not None:
            found.append(column > after)
        if before is not None:
            found.append(column < before)
    if query.follow_up_before_or_none is not None:
        found.append(or_(follow_up.is_(None), follow_up < query.follow_up_before_or_none))
    return found
