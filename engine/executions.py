"""Executions: the places where the tokens of running instances stand, as the REST contract counts them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from engine.context import CommandContext
from engine.database.tables import event_subscription, historic_activity_instance, process_instance
from engine.errors import NotFound
from engine.execution.protocol import ActivityView
from engine.ids import public_id
from engine.policy import visible_inside
from engine.queries import equals
from engine.repository_models import executor_of, model_of
from engine.runtime import instance_of


@dataclass(frozen=True, slots=True)
class Execution:
    id: str
    process_instance_id: str
    activity_id: str | None


@dataclass(frozen=True, slots=True)
class ExecutionQuery:
    """`activity_id` matches only executions that stand on it; the event names those that subscribe."""

    process_instance_id: str | None = None
    definition_id: str | None = None
    definition_key: str | None = None
    business_key: str | None = None
    activity_id: str | None = None
    message_name: str | None = None
    signal_name: str | None = None
    first_result: int = 0
    max_results: int | None = None


def find_executions(context: CommandContext, query: ExecutionQuery) -> list[Execution]:
    """In the order they came to be: instance by instance, the root first."""
    if query.message_name is not None or query.signal_name is not None:
        found = _subscribing(context, query)
    else:
        found = _standing(context, query)
    end = None if query.max_results is None else query.first_result + query.max_results
    return found[query.first_result : end]


def get_execution(context: CommandContext, execution_id: str) -> Execution:
    """NotFound for one whose token has gone."""
    instance_id, number = instance_of(context, execution_id)
    for each in find_executions(context, ExecutionQuery(process_instance_id=instance_id)):
        if each.id == public_id(instance_id, number):
            return each
    raise NotFound("execution", execution_id, f"Execution with id {execution_id} does not exist")


def _subscribing(context: CommandContext, query: ExecutionQuery) -> list[Execution]:
    columns = event_subscription.c
    kind, name = ("message", query.message_name) if query.message_name is not None else ("signal", query.signal_name)
    statement = (
        select(columns.process_instance_id, columns.activity_number, columns.activity_id)
        .join(process_instance, process_instance.c.id == columns.process_instance_id)
        .where(columns.event_type == kind, columns.event_name == name)
        .order_by(columns.created_at, columns.id)
    )
    statement = equals(
        statement,
        {
            columns.process_instance_id: query.process_instance_id,
            columns.activity_id: query.activity_id,
            process_instance.c.definition_id: query.definition_id,
            process_instance.c.definition_key: query.definition_key,
            process_instance.c.business_key: query.business_key,
        },
    )
    statement = visible_inside(context, statement, columns.process_instance_id)
    return [
        Execution(public_id(row.process_instance_id, row.activity_number), row.process_instance_id, row.activity_id)
        for row in context.connection.execute(statement)
    ]


def _standing(context: CommandContext, query: ExecutionQuery) -> list[Execution]:
    statement = equals(
        select(process_instance.c.id, process_instance.c.definition_id, process_instance.c.state),
        {
            process_instance.c.id: query.process_instance_id,
            process_instance.c.definition_id: query.definition_id,
            process_instance.c.definition_key: query.definition_key,
            process_instance.c.business_key: query.business_key,
        },
    )
    if query.activity_id is not None:
        history = historic_activity_instance.c
        here = select(history.process_instance_id).where(
            history.activity_id == query.activity_id, history.ended_at.is_(None)
        )
        statement = statement.where(process_instance.c.id.in_(here))
    found: list[Execution] = []
    statement = visible_inside(context, statement, process_instance.c.id)
    for row in context.connection.execute(statement.order_by(process_instance.c.id)):
        model = model_of(context, row.definition_id)
        executor = context.engine.executors[executor_of(context, row.definition_id)]
        tree = executor.activity_tree(model, row.state)
        for view in _nodes(tree):
            stands = None if view.number == 0 or view.body else view.element_id
            if query.activity_id in (None, stands):
                found.append(Execution(public_id(row.id, view.number), row.id, stands))
    return found


def _nodes(view: ActivityView) -> Iterator[ActivityView]:
    yield view
    for each in view.children:
        yield from _nodes(each)
