"""What was: instances, activities, tasks, variables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Table, and_, exists, false, or_, select

from engine.context import CommandContext
from engine.database.tables import (
    event_subscription,
    historic_activity_instance,
    historic_process_instance,
    historic_variable_instance,
    incident,
    process_instance,
)
from engine.errors import NotFound
from engine.ids import SHARED, number_of
from engine.policy import visible_inside
from engine.policy.confidentiality import columns_told, only_revealed, told
from engine.queries import Statement, count, equals, like, paged, within
from engine.variable_filters import VariableFilter, holds, where_variables

#: A row of history as it stands, by column name; rows are read once and shown, never worked with.
HistoricProcessInstance = Row[*tuple[Any, ...]]
HistoricActivityInstance = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class HistoricInstanceQuery:
    id: str | None = None
    ids: tuple[str, ...] | None = None
    definition_id: str | None = None
    definition_key: str | None = None
    definition_keys: tuple[str, ...] | None = None
    definition_name: str | None = None
    business_key: str | None = None
    business_keys: tuple[str, ...] | None = None
    business_key_like: str | None = None
    super_instance_id: str | None = None
    root_only: bool = False
    started_by: str | None = None
    started_after: datetime | None = None
    started_before: datetime | None = None
    finished_after: datetime | None = None
    finished_before: datetime | None = None
    finished: bool = False
    unfinished: bool = False
    states: tuple[str, ...] | None = None
    with_incidents: bool = False
    executed_activity_ids: tuple[str, ...] | None = None
    active_activity_ids: tuple[str, ...] | None = None
    variables: tuple[VariableFilter, ...] = ()
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None


@dataclass(frozen=True, slots=True)
class HistoricActivityQuery:
    """`tasks_only`: user tasks, as `/history/task` shows them."""

    id: str | None = None
    process_instance_id: str | None = None
    process_instance_ids: tuple[str, ...] | None = None
    definition_id: str | None = None
    definition_key: str | None = None
    activity_id: str | None = None
    activity_ids: tuple[str, ...] | None = None
    activity_name: str | None = None
    activity_type: str | None = None
    assignee: str | None = None
    finished: bool = False
    unfinished: bool = False
    canceled: bool = False
    started_after: datetime | None = None
    started_before: datetime | None = None
    finished_after: datetime | None = None
    finished_before: datetime | None = None
    tasks_only: bool = False
    task_name: str | None = None
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None


@dataclass(frozen=True, slots=True)
class HistoricVariable:
    """`scope` 0 is the instance itself; `value` as it is stored, see `bpmn.values`."""

    process_instance_id: str
    scope: int
    name: str
    definition_key: str
    type: str
    value: Any
    state: str
    created_at: datetime
    updated_at: datetime
    updated_by: str | None
    source_activity_id: str | None


@dataclass(frozen=True, slots=True)
class HistoricVariableQuery:
    """`running`: those that are there now, in scopes that are open. `holders` are ids of what holds them: of instances,
    activities, tasks. `values`: those of this name and value."""

    holders: tuple[str, ...] | None = None
    values: tuple[VariableFilter, ...] = ()
    process_instance_id: str | None = None
    process_instance_ids: tuple[str, ...] | None = None
    name: str | None = None
    names: tuple[str, ...] | None = None
    name_like: str | None = None
    running: bool = False
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None


@dataclass(frozen=True, slots=True)
class EventSubscriptionQuery:
    id: str | None = None
    event_type: str | None = None
    event_name: str | None = None
    process_instance_id: str | None = None
    activity_id: str | None = None
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None


@dataclass(frozen=True, slots=True)
class IncidentQuery:
    id: str | None = None
    incident_type: str | None = None
    message: str | None = None
    definition_id: str | None = None
    process_instance_id: str | None = None
    activity_id: str | None = None
    configuration: str | None = None
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None


# ---------------------------------------------------------------- instances


def find_historic_instances(context: CommandContext, query: HistoricInstanceQuery) -> list[HistoricProcessInstance]:
    return _rows(context, _instances(context, query), historic_process_instance, query)


def count_historic_instances(context: CommandContext, query: HistoricInstanceQuery) -> int:
    return count(context, _instances(context, query))


def get_historic_instance(context: CommandContext, instance_id: str) -> HistoricProcessInstance:
    found = find_historic_instances(context, HistoricInstanceQuery(id=instance_id))
    if not found:
        raise NotFound(
            "historic process instance",
            instance_id,
            f"Historic process instance with id {instance_id} does not exist",
        )
    return found[0]


def _instances(context: CommandContext, query: HistoricInstanceQuery) -> Statement:
    columns = historic_process_instance.c
    statement = equals(
        select(historic_process_instance),
        {
            columns.id: query.id,
            columns.definition_id: query.definition_id,
            columns.definition_key: query.definition_key,
            columns.definition_name: query.definition_name,
            columns.business_key: query.business_key,
            columns.super_instance_id: query.super_instance_id,
            columns.started_by: query.started_by,
        },
    )
    statement = like(statement, {columns.business_key: query.business_key_like})
    statement = within(
        statement,
        {
            columns.id: query.ids,
            columns.definition_key: query.definition_keys,
            columns.business_key: query.business_keys,
            columns.state: query.states,
        },
    )
    statement = _between(statement, columns.started_at, query.started_after, query.started_before)
    statement = _between(statement, columns.ended_at, query.finished_after, query.finished_before)
    if query.root_only:
        statement = statement.where(columns.super_instance_id.is_(None))
    if query.finished:
        statement = statement.where(columns.ended_at.is_not(None))
    if query.unfinished:
        statement = statement.where(columns.ended_at.is_(None))
    if query.with_incidents:
        statement = statement.where(exists().where(incident.c.process_instance_id == columns.id))
    history = historic_activity_instance.c
    for wanted, open_only in ((query.executed_activity_ids, False), (query.active_activity_ids, True)):
        if wanted is not None:
            found = exists().where(history.process_instance_id == columns.id, history.activity_id.in_(wanted))
            statement = statement.where(
                found.where(history.ended_at.is_(None) if open_only else history.ended_at.is_not(None))
            )
    return visible_inside(context, where_variables(context, statement, columns.id, query.variables), columns.id)


# ---------------------------------------------------------------- activities and tasks


def find_historic_activities(context: CommandContext, query: HistoricActivityQuery) -> list[HistoricActivityInstance]:
    return _rows(context, _activities(context, query), historic_activity_instance, query)


def count_historic_activities(context: CommandContext, query: HistoricActivityQuery) -> int:
    return count(context, _activities(context, query))


def _activities(context: CommandContext, query: HistoricActivityQuery) -> Statement:
    columns = historic_activity_instance.c
    statement = equals(
        select(historic_activity_instance),
        {
            columns.id: query.id,
            columns.process_instance_id: query.process_instance_id,
            columns.definition_id: query.definition_id,
            columns.definition_key: query.definition_key,
            columns.activity_id: query.activity_id,
            columns.activity_name: query.activity_name,
            columns.activity_type: query.activity_type,
            columns.assignee: query.assignee,
            columns.task_name: query.task_name,
        },
    )
    statement = within(
        statement,
        {columns.process_instance_id: query.process_instance_ids, columns.activity_id: query.activity_ids},
    )
    statement = _between(statement, columns.started_at, query.started_after, query.started_before)
    statement = _between(statement, columns.ended_at, query.finished_after, query.finished_before)
    for asked, condition in (
        (query.finished, columns.ended_at.is_not(None)),
        (query.unfinished, columns.ended_at.is_(None)),
        (query.canceled, columns.canceled.is_(True)),
        (query.tasks_only, columns.is_task.is_(True)),
    ):
        if asked:
            statement = statement.where(condition)
    return visible_inside(context, statement, columns.process_instance_id)


# ---------------------------------------------------------------- variables, subscriptions, incidents, operations


def find_historic_variables(context: CommandContext, query: HistoricVariableQuery) -> list[HistoricVariable]:
    rows = context.connection.execute(paged(_variables(context, query), historic_variable_instance, query))
    return [
        HistoricVariable(
            row.process_instance_id,
            row.scope,
            row.name,
            row.definition_key,
            row.type,
            msgspec.json.decode(row.value),
            row.state,
            row.created_at,
            row.updated_at,
            row.updated_by,
            row.source_activity_id,
        )
        for row in rows
    ]


def count_historic_variables(context: CommandContext, query: HistoricVariableQuery) -> int:
    return count(context, _variables(context, query))


def _variables(context: CommandContext, query: HistoricVariableQuery) -> Statement:
    columns = historic_variable_instance.c
    statement = equals(
        select(historic_variable_instance),
        {columns.process_instance_id: query.process_instance_id, columns.name: query.name},
    )
    statement = within(statement, {columns.process_instance_id: query.process_instance_ids, columns.name: query.names})
    statement = like(statement, {columns.name: query.name_like})
    if query.holders is not None:
        statement = statement.where(_held_by(context, query.holders))
    for each in query.values:
        statement = statement.where(columns.name == each.name, holds(each))
    if query.running:
        scope = historic_activity_instance.c
        is_open = exists().where(
            scope.process_instance_id == columns.process_instance_id,
            scope.number == columns.scope,
            scope.ended_at.is_(None),
        )
        statement = statement.where(
            columns.state == "CREATED",
            exists().where(process_instance.c.id == columns.process_instance_id),
            or_(columns.scope == 0, is_open),
        )
    statement = only_revealed(context, statement, columns.process_instance_id, columns.name)
    return visible_inside(context, statement, columns.process_instance_id)


def _held_by(context: CommandContext, holders: tuple[str, ...]) -> ColumnElement[bool]:
    """Ids of what is inside an instance share that instance's first characters."""
    columns, instances = historic_variable_instance.c, historic_process_instance.c
    shared = {each[:SHARED] for each in holders if len(each) > SHARED}
    found = context.connection.execute(
        select(instances.id).where(or_(false(), *(instances.id.startswith(each, autoescape=True) for each in shared)))
    ).scalars()
    pairs = [
        (instance_id, number)
        for instance_id in found
        for each in holders
        if (number := number_of(instance_id, each)) is not None
    ]
    return or_(false(), *(and_(columns.process_instance_id == one, columns.scope == number) for one, number in pairs))


def find_event_subscriptions(context: CommandContext, query: EventSubscriptionQuery) -> list[Row[Any]]:
    """Those of start events included: they have no instance."""
    columns = event_subscription.c
    statement = equals(
        select(event_subscription),
        {
            columns.id: query.id,
            columns.event_type: query.event_type,
            columns.event_name: query.event_name,
            columns.process_instance_id: query.process_instance_id,
            columns.activity_id: query.activity_id,
        },
    )
    return _rows(context, visible_inside(context, statement, columns.process_instance_id), event_subscription, query)


def find_incidents(context: CommandContext, query: IncidentQuery) -> list[Row[Any]]:
    columns = incident.c
    statement = equals(
        select(*columns_told(context, incident, columns.process_instance_id, columns.message)),
        {
            columns.id: query.id,
            columns.incident_type: query.incident_type,
            columns.definition_id: query.definition_id,
            columns.process_instance_id: query.process_instance_id,
            columns.activity_id: query.activity_id,
            columns.configuration: query.configuration,
        },
    )
    if query.message is not None:
        statement = statement.where(told(context, columns.process_instance_id, columns.message) == query.message)
    return _rows(context, visible_inside(context, statement, columns.process_instance_id), incident, query)


# ---------------------------------------------------------------- inside


def _rows(context: CommandContext, statement: Statement, table: Table, query: Any) -> list[Row[Any]]:
    return list(context.connection.execute(paged(statement, table, query)))


def _between(statement: Statement, column: Any, after: datetime | None, before: datetime | None) -> Statement:
    if after is not None:
        statement = statement.where(column > after)
    if before is not None:
        statement = statement.where(column < before)
    return statement
