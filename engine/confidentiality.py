"""Confidential variables: who may know of them, by value and by name.

A model marks a form field for departments (`bpmn.confidentiality`). What any deployed version of a process has ever
marked stays marked for all its journeys, whatever their version, and for every process they call: a value entered
under a promise keeps it. Members of one of the departments see it, and the engine itself; an administrator who is no
member does not. Who stands in for an absent member sees it in a journey as long as a task of that member or department
is open there: as far as the work goes that they do, and no further. Messages about failures, which quote values, are
kept and told without those of marked variables, to everybody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, exists, func, insert, not_, or_, select, true

from bpmn import ProcessModel, confidential_variables
from engine.context import Actor, CommandContext, StandIn
from engine.database.tables import (
    confidential_variable,
    historic_process_instance,
    historic_variable_instance,
    identity_link,
    task,
)
from engine.errors import NotAllowed
from engine.queries import Statement

_mark = confidential_variable.c
BLOT = "…"
#: So much of a long text stands in a message of an expression.
QUOTED = 38
#: A shorter text is only blotted out in its quotes: "SE" alone is part of many a message.
LEAST_BARE = 4


def keep_marks(context: CommandContext, model: ProcessModel) -> None:
    """Remembers what a newly deployed model marks."""
    rows = context.connection.execute(select(_mark.name, _mark.department).where(_mark.definition_key == model.key))
    known = {(row.name, row.department) for row in rows}
    marked = {(name, each) for name, departments in confidential_variables(model).items() for each in departments}
    if new := sorted(marked - known):
        context.connection.execute(
            insert(confidential_variable),
            [{"definition_key": model.key, "name": name, "department": department} for name, department in new],
        )


def inherit_marks(context: CommandContext, source_key: str, target_key: str) -> None:
    """For an instance that moves from one process to another: what is marked stays marked, from now on for that one
    too."""
    if source_key == target_key:
        return
    rows = select(_mark.definition_key, _mark.name, _mark.department).where(
        _mark.definition_key.in_((source_key, target_key))
    )
    marks: dict[str, set[tuple[str, str]]] = {source_key: set(), target_key: set()}
    for row in context.connection.execute(rows):
        marks[row.definition_key].add((row.name, row.department))
    if new := sorted(marks[source_key] - marks[target_key]):
        context.connection.execute(
            insert(confidential_variable),
            [{"definition_key": target_key, "name": name, "department": department} for name, department in new],
        )


def concealed_names(context: CommandContext, instance_id: str) -> frozenset[str]:
    """The names that are marked for an instance's journey and not for the actor."""
    if context.actor.system:
        return frozenset()
    statement = (
        select(_mark.name)
        .where(_marks_journey_of(instance_id))
        .group_by(_mark.name)
        .having(func.count().filter(_for_actor(context, instance_id)) == 0)
    )
    return frozenset(context.connection.execute(statement).scalars())


def without_concealed(context: CommandContext, instance_id: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What the actor may know of an instance's variables. Asks nothing where there are none."""
    if not variables:
        return {}
    concealed = concealed_names(context, instance_id)
    return {name: value for name, value in variables.items() if name not in concealed}


def require_revealed(context: CommandContext, instance_id: str, names: Iterable[str]) -> None:
    """NotAllowed for a name that is concealed: what one may not know one may not change either."""
    if concealed := concealed_names(context, instance_id) & set(names):
        raise NotAllowed(
            f"{', '.join(sorted(concealed))}: confidential. Only members of the departments that the flow names may "
            "set this."
        )


def without_marked_values(context: CommandContext, instance_id: str, text: str) -> str:
    """A message about a failure, read by others than those whom a value in it is for: what marked variables of the
    instance hold is blotted out."""
    marked = select(_mark.name).where(_marks_journey_of(instance_id))
    variable = historic_variable_instance.c
    rows = context.connection.execute(
        select(variable.value).where(variable.process_instance_id == instance_id, variable.name.in_(marked))
    )
    written = {each for row in rows for each in _as_written(json.loads(row.value))}
    for each in sorted(written, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(each)}(?!\w)", BLOT, text)
    return text


def _as_written(value: Any) -> Iterator[str]:
    """How messages quote a value: a text in its quotes, cut off where it is long, or bare."""
    if isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _as_written(each)
    elif isinstance(value, str) and value:
        yield repr(value)
        yield from (part for part in (value, value[:QUOTED], repr(value)[1:-1][:QUOTED]) if len(part) >= LEAST_BARE)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)


def only_revealed(
    context: CommandContext, statement: Statement, instance_id: Column[Any], name: Column[Any]
) -> Statement:
    """Only rows of variables that the actor may know of."""
    return statement.where(revealed(context, instance_id, name))


def revealed(context: CommandContext, instance_id: ColumnElement[Any], name: ColumnElement[Any]) -> ColumnElement[bool]:
    """Of a variable of this name in this instance: nobody marked it, or somebody did so for the actor."""
    if context.actor.system:
        return true()
    about = and_(_mark.name == name, _marks_journey_of(instance_id))
    marked = exists().where(about).correlate_except(confidential_variable)
    for_actor = exists().where(about, _for_actor(context, instance_id)).correlate_except(confidential_variable)
    return or_(not_(marked), for_actor)


def _for_actor(context: CommandContext, instance_id: ColumnElement[Any] | str) -> ColumnElement[bool]:
    """Of a mark: its department is one of the actor's, or one of a person in whose place the actor has work to do in
    the instance's journey."""
    actor = context.actor
    lent = [
        and_(_mark.department.in_(sorted(each.departments)), _has_work_for(each, actor, instance_id))
        for each in actor.stands_in_for
        if each.departments - actor.groups
    ]
    return or_(_mark.department.in_(sorted(actor.groups)), *lent)


def _has_work_for(absent: StandIn, actor: Actor, instance_id: ColumnElement[Any] | str) -> ColumnElement[bool]:
    """Open in the journey: a task that the absent person holds or could take, or one that the actor took for them."""
    about, inside = historic_process_instance.alias("work_about"), historic_process_instance.alias("work_inside")
    link, departments = identity_link.c, sorted(absent.departments)
    named = exists().where(
        link.task_id == task.c.id, or_(link.user_id == absent.user_id, link.group_id.in_(departments))
    )
    could_take = or_(task.c.department.in_(departments), named.correlate(task))
    return (
        exists()
        .where(
            about.c.id == instance_id,
            inside.c.root_instance_id == about.c.root_instance_id,
            task.c.process_instance_id == inside.c.id,
            or_(
                task.c.assignee == absent.user_id,
                and_(task.c.assignee.is_(None), could_take),
                and_(task.c.assignee == actor.user_id, task.c.claimed_for == absent.user_id),
            ),
        )
        .correlate_except(about, inside, task)
    )


def _marks_journey_of(instance_id: ColumnElement[Any] | str) -> ColumnElement[bool]:
    """Marks of the instance's own process, and of the one that its journey began with."""
    own = historic_process_instance.alias("marked_own")
    root = historic_process_instance.alias("marked_root")
    keys = (
        select(own.c.definition_key)
        .where(own.c.id == instance_id)
        .correlate_except(own)
        .union(
            select(root.c.definition_key)
            .select_from(own.join(root, root.c.id == own.c.root_instance_id))
            .where(own.c.id == instance_id)
            .correlate_except(own, root)
        )
    )
    return _mark.definition_key.in_(keys)
