"""Journeys: a root instance and all that it called, as the people it concerns see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Row, Select, exists, func, or_, select

from bpmn import ProcessModel
from engine.comments import find_comments
from engine.context import CommandContext
from engine.database.tables import (
    historic_activity_instance,
    historic_process_instance,
    historic_variable_instance,
    task,
    user_operation_log,
)
from engine.errors import NotFound
from engine.journey_steps import form_fields, labels_of, marks, names_of, reachable, steps, user_tasks
from engine.journey_values import Fact, Journey, JourneyQuery, JourneyStep, JourneySummary, TimelineEntry, WaitingFor
from engine.policy import Kind, seen
from engine.policy.confidentiality import revealed
from engine.repository import definition_model

_instance = historic_process_instance.c
_activity = historic_activity_instance.c


def find_journeys(context: CommandContext, query: JourneyQuery) -> list[JourneySummary]:
    """The journeys the actor may see, last started first. Three queries, however many there are."""
    rows = context.connection.execute(
        _journeys(context, query)
        .order_by(_instance.started_at.desc(), _instance.id.desc())
        .offset(query.first_result)
        .limit(query.max_results)
    ).all()
    if not rows:
        return []
    roots = [row.id for row in rows]
    done = _done(context, roots)
    open_rows = _open_activities(context, roots)
    return [summary_of(context, row, done.get(row.id, 0), open_rows.get(row.id, [])) for row in rows]


def count_journeys(context: CommandContext, query: JourneyQuery) -> int:
    found = _journeys(context, query).subquery()
    return int(context.connection.execute(select(func.count()).select_from(found)).scalar_one())


def get_journey(context: CommandContext, journey_id: str) -> Journey:
    """One journey whole. NotFound if there is none, or the actor has no part in it."""
    root = context.connection.execute(
        select(historic_process_instance).where(_instance.id == journey_id, seen(context, Kind.JOURNEY))
    ).one_or_none()
    if root is None:
        raise NotFound("journey", journey_id)
    instances = context.connection.execute(
        select(historic_process_instance)
        .where(_instance.root_instance_id == journey_id)
        .order_by(_instance.started_at, _instance.id)
    ).all()
    activities = context.connection.execute(
        select(historic_activity_instance)
        .where(_activity.process_instance_id.in_([row.id for row in instances]))
        .order_by(_activity.started_at, _activity.number)
    ).all()
    openable = _openable_tasks(context, [row.id for row in instances])
    all_steps: list[JourneyStep] = []
    for each in instances:
        own = [row for row in activities if row.process_instance_id == each.id]
        model = definition_model(context, each.definition_id)
        all_steps += steps(model, own, context.now, ended=each.ended_at is not None, visible=openable)
    open_rows = [row for row in activities if row.ended_at is None]
    done = sum(1 for row in activities if row.is_task and row.ended_at is not None and not row.canceled)
    return Journey(
        summary=summary_of(context, root, done, open_rows),
        steps=tuple(all_steps),
        timeline=_timeline(context, root, activities),
        facts=_facts(context, root),
        marks=marks(_in_the_diagram(context, root, activities), context.now),
    )


def _in_the_diagram(context: CommandContext, root: Row[Any], activities: Sequence[Row[Any]]) -> list[Row[Any]]:
    """The root instance's own, without what only an earlier version of its flow had."""
    nodes = definition_model(context, root.definition_id).nodes
    return [row for row in activities if row.process_instance_id == root.id and row.activity_id in nodes]


# ---------------------------------------------------------------- who sees which


def _journeys(context: CommandContext, query: JourneyQuery) -> Select[Any]:
    statement = select(historic_process_instance).where(
        _instance.super_instance_id.is_(None), seen(context, Kind.JOURNEY)
    )
    if query.started_by is not None:
        statement = statement.where(_instance.started_by == query.started_by)
    if query.definition_key is not None:
        statement = statement.where(_instance.definition_key == query.definition_key)
    if query.open is not None:
        statement = statement.where(_instance.ended_at.is_(None) if query.open else _instance.ended_at.is_not(None))
    if query.late:
        late = historic_activity_instance.alias("late")
        statement = statement.where(
            exists().where(
                late.c.process_instance_id == _instance.id, late.c.ended_at.is_(None), late.c.due_at < context.now
            )
        )
    if query.text:
        texts = (_instance.subject, _instance.business_key)
        statement = statement.where(
            or_(*(func.lower(each).contains(query.text.lower(), autoescape=True) for each in texts))
        )
    return statement


def _openable_tasks(context: CommandContext, instances: Sequence[str]) -> frozenset[str]:
    """The ids of the open tasks of these instances that the actor may open."""
    statement = select(task.c.id).where(task.c.process_instance_id.in_(instances))
    statement = statement.where(seen(context, Kind.TASK))
    return frozenset(context.connection.execute(statement).scalars())


# ---------------------------------------------------------------- summaries


def _done(context: CommandContext, roots: Sequence[str]) -> Mapping[str, int]:
    """How many user tasks each journey has completed."""
    rows = context.connection.execute(
        select(_instance.root_instance_id, func.count())
        .join(historic_activity_instance, _activity.process_instance_id == _instance.id)
        .where(_instance.root_instance_id.in_(roots))
        .where(_activity.is_task, _activity.ended_at.is_not(None), _activity.canceled.is_(False))
        .group_by(_instance.root_instance_id)
    )
    return {row[0]: row[1] for row in rows}


def _open_activities(context: CommandContext, roots: Sequence[str]) -> Mapping[str, list[Row[Any]]]:
    """The activities under way in each journey."""
    rows = context.connection.execute(
        select(historic_activity_instance, _instance.root_instance_id)
        .join(historic_process_instance, _activity.process_instance_id == _instance.id)
        .where(_instance.root_instance_id.in_(roots), _activity.ended_at.is_(None))
        .order_by(_activity.started_at, _activity.number)
    ).all()
    found: dict[str, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.root_instance_id, []).append(row)
    return found


def summary_of(context: CommandContext, row: Any, done: int, open_rows: Sequence[Row[Any]]) -> JourneySummary:
    tasks = sorted(
        (each for each in open_rows if each.is_task),
        key=lambda each: (each.due_at is None, each.due_at or each.started_at, each.started_at),
    )
    total = done + len(tasks)
    if row.ended_at is None:
        model = definition_model(context, row.definition_id)
        own = [each for each in open_rows if each.process_instance_id == row.id]
        standing = {each.activity_id for each in own}
        coming = reachable(model, standing)
        total += sum(1 for node in user_tasks(model) if node.id in coming and node.id not in standing)
    return JourneySummary(
        id=row.id,
        definition_id=row.definition_id,
        definition_key=row.definition_key,
        definition_name=row.definition_name or row.definition_key,
        subject=row.subject or row.business_key or row.definition_name or row.definition_key,
        anchor_date=date.fromisoformat(row.anchor_date) if row.anchor_date else None,
        state=row.state,
        started_at=row.started_at,
        started_by=row.started_by,
        ended_at=row.ended_at,
        done=done,
        total=total,
        late=sum(1 for each in tasks if each.due_at is not None and each.due_at < context.now),
        waiting_for=tuple(
            WaitingFor(
                each.activity_id, each.task_name or each.activity_id, each.assignee, each.department, each.due_at
            )
            for each in tasks
        ),
        due_at=next((each.due_at for each in tasks if each.due_at is not None), None),
    )


# ---------------------------------------------------------------- what happened, what is known


def _timeline(context: CommandContext, root: Row[Any], activities: Sequence[Row[Any]]) -> tuple[TimelineEntry, ...]:
    """What people did and said, newest first."""
    model = definition_model(context, root.definition_id)
    by_task = {row.id: row for row in activities if row.is_task}
    instances = {row.process_instance_id for row in activities} | {root.id}
    log = user_operation_log.c
    entries = []
    rows = context.connection.execute(
        select(user_operation_log).where(log.process_instance_id.in_(instances)).order_by(log.id.desc())
    )
    told = set()
    for row in rows:
        # A command that changed several things has several rows, and what was said is told below.
        command = (row.operation_id or row.id, row.operation, row.task_id)
        if row.operation == "AddComment" or command in told:
            continue
        told.add(command)
        about = by_task.get(row.task_id)
        names = names_of(model.nodes.get(about.activity_id), about.task_name or "") if about else {"en": ""}
        activity_id = about.activity_id if about else None
        entries.append(TimelineEntry(row.occurred_at, row.operation, row.user_id, row.on_behalf_of, activity_id, names))
    for said in find_comments(context, root.id):
        about = by_task.get(said.task_id or "")
        names = names_of(model.nodes.get(about.activity_id), about.task_name or "") if about else {"en": ""}
        activity_id = about.activity_id if about else None
        entries.append(TimelineEntry(said.created_at, "Comment", said.user_id, None, activity_id, names, said.message))
    return tuple(sorted(entries, key=lambda entry: entry.occurred_at, reverse=True))


def _facts(context: CommandContext, root: Row[Any]) -> tuple[Fact, ...]:
    """What was entered in forms, in flow order, as far as the actor may know it."""
    model = definition_model(context, root.definition_id)
    fields = form_fields(model)
    column = historic_variable_instance.c
    rows = context.connection.execute(
        select(historic_variable_instance)
        .where(column.process_instance_id == root.id, column.scope == 0, column.name.in_(list(fields)))
        .where(revealed(context, column.process_instance_id, column.name))
    ).all()
    return facts_of(model, {row.name: row for row in rows})


def facts_of(model: ProcessModel, rows: Mapping[str, Row[Any]]) -> tuple[Fact, ...]:
    """From the variables of a journey by name: those that a form asked for, in flow order."""
    found = []
    for name, (field, asked_at) in form_fields(model).items():
        row = rows.get(name)
        if row is None:
            continue
        source = row.source_activity_id or asked_at.id
        found.append(
            Fact(
                name=name,
                labels=labels_of(field),
                value=msgspec.json.decode(row.value),
                type=row.type,
                updated_at=row.updated_at,
                updated_by=row.updated_by,
                source_activity_id=source,
                source_names=names_of(model.nodes.get(source), source),
            )
        )
    return tuple(found)
