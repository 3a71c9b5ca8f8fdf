"""What an actor may know of. Every query of people, flows, journeys, tasks, and of what they leave behind, is
restricted here: what one may not know answers as if it were not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, exists, false, or_, select, true

from engine.context import Actor, CommandContext
from engine.database.tables import (
    absence,
    definition_party,
    department,
    deployment,
    draft,
    historic_activity_instance,
    historic_process_instance,
    process_definition,
    process_instance,
    task,
    user_account,
)
from engine.policy.roles import HEADS_OF_SERVICE, departments_seen, is_guest, owns_every_flow
from engine.policy.tasks import may_work_on
from engine.queries import Statement

_journey = historic_process_instance.c
# Aliases are made once: making one costs more than the rest of a statement.
_belongs = historic_process_instance.alias("belongs")
_inner = historic_process_instance.alias("part_of")
_activity = historic_activity_instance.c

#: Of a definition party: it may start the flow, or works in it.
STARTER, WORKS = "starter", "works"


class Kind(Enum):
    """What a query's rows are; each is restricted by a condition on its table."""

    #: rows of historic_process_instance that are journeys: root instances
    JOURNEY = auto()
    TASK = auto()
    DEFINITION = auto()
    #: definitions that the actor may start
    STARTABLE = auto()
    DEPLOYMENT = auto()
    DRAFT = auto()
    USER = auto()
    GROUP = auto()
    ABSENCE = auto()


def visible(context: CommandContext, statement: Statement, kind: Kind) -> Statement:
    """Only rows that the actor may know of."""
    return statement.where(CONDITIONS[kind](context))


def seen(context: CommandContext, kind: Kind) -> ColumnElement[bool]:
    """The same as a condition."""
    return CONDITIONS[kind](context)


def visible_inside(
    context: CommandContext, statement: Statement, instance_id: Column[Any], key: Column[Any] | None = None
) -> Statement:
    """Only rows of instances that the actor may know of: those of their journeys, and of flows that they own. `key` is
    the flow of rows that may belong to no instance."""
    if owns_every_flow(context.actor):
        return statement
    inside = _inside_visible(context, instance_id)
    if key is not None and context.actor.flows:
        inside = or_(inside, and_(instance_id.is_(None), key.in_(sorted(context.actor.flows))))
    return statement.where(inside)


def _inside_visible(context: CommandContext, instance_id: Column[Any]) -> ColumnElement[bool]:
    journeys = select(_journey.id).where(seen(context, Kind.JOURNEY))
    mine: ColumnElement[bool] = _belongs.c.root_instance_id.in_(journeys)
    if context.actor.flows and not is_guest(context.actor):
        mine = or_(mine, _belongs.c.definition_key.in_(sorted(context.actor.flows)))
    return exists().where(_belongs.c.id == instance_id, mine).correlate(instance_id.table)


# ---------------------------------------------------------------- journeys


def _journeys(context: CommandContext) -> ColumnElement[bool]:
    """Those one started or is the subject of, those one has, or had, a part in, those of one's own flows; for a head of
    service also those of flows in which one of their departments works."""
    actor = context.actor
    if owns_every_flow(actor):
        return _journey.id.is_not(None)
    if is_guest(actor):
        return _journey.id == actor.only_journey
    if actor.user_id is None:
        return false()
    part = or_(
        _activity.assignee == actor.user_id,
        _activity.completed_by == actor.user_id,
        _activity.department.in_(sorted(actor.groups)),
    )
    had_a_part = (
        exists()
        .where(_inner.c.root_instance_id == _journey.id)
        .where(_activity.process_instance_id == _inner.c.id, _activity.is_task, part)
        .correlate(historic_process_instance)
    )
    may_take_part = (
        exists()
        .where(process_instance.c.root_instance_id == _journey.id)
        .where(task.c.process_instance_id == process_instance.c.id, seen(context, Kind.TASK))
        .correlate(historic_process_instance)
    )
    ways = [_journey.started_by == actor.user_id, _journey.subject_user == actor.user_id, had_a_part, may_take_part]
    if actor.flows:
        ways.append(_journey.definition_key.in_(sorted(actor.flows)))
    if HEADS_OF_SERVICE in actor.groups:
        works = select(definition_party.c.definition_id).where(
            definition_party.c.part == WORKS, definition_party.c.group_id.in_(sorted(actor.groups))
        )
        ways.append(_journey.definition_id.in_(works))
    return or_(*ways)


# ---------------------------------------------------------------- flows


def _definitions(context: CommandContext) -> ColumnElement[bool]:
    """A flow that names no starters is known to everybody; another to those who may start it, who work in it or have
    had to do with one of its journeys, and to its owners."""
    actor, columns = context.actor, process_definition.c
    if owns_every_flow(actor):
        return columns.id.is_not(None)
    if is_guest(actor):
        own = and_(_inner.c.root_instance_id == actor.only_journey, _inner.c.definition_id == columns.id)
        return exists().where(own).correlate(process_definition)
    if actor.user_id is None:
        return false()
    concerned = or_(_journey.started_by == actor.user_id, _journey.subject_user == actor.user_id)
    did = or_(_activity.assignee == actor.user_id, _activity.completed_by == actor.user_id)
    return or_(
        IS_FOR_EVERYBODY,
        _party(None, _is(actor, departments_seen(actor))),
        columns.key.in_(sorted(actor.flows)),
        exists().where(_journey.definition_key == columns.key, concerned).correlate(process_definition),
        exists().where(_activity.definition_key == columns.key, did).correlate(process_definition),
        exists()
        .where(task.c.definition_key == columns.key, seen(context, Kind.TASK))
        .correlate(process_definition),
    )  # fmt: skip


def _startable(context: CommandContext) -> ColumnElement[bool]:
    """As the rule for Action.START says it, for lists."""
    actor, columns = context.actor, process_definition.c
    if owns_every_flow(actor):
        return columns.id.is_not(None)
    if is_guest(actor) or actor.user_id is None:
        return false()
    return or_(
        IS_FOR_EVERYBODY,
        _party(STARTER, _is(actor, sorted(actor.groups))),
        columns.key.in_(sorted(actor.flows)),
    )


def _is(actor: Actor, groups: list[str]) -> ColumnElement[bool]:
    return or_(definition_party.c.user_id == actor.user_id, definition_party.c.group_id.in_(groups))


def _party(part: str | None, who: ColumnElement[bool]) -> ColumnElement[bool]:
    found = exists().where(definition_party.c.definition_id == process_definition.c.id, who)
    if part is not None:
        found = found.where(definition_party.c.part == part)
    return found.correlate(process_definition)


#: Of a flow that names no starters, as a column; it spares those who know such flows the search for other ways.
IS_FOR_EVERYBODY = ~_party(STARTER, true())


def knows_what_is_for_everybody(actor: Actor) -> bool:
    return owns_every_flow(actor) or (actor.user_id is not None and not is_guest(actor))


def _deployments(context: CommandContext) -> ColumnElement[bool]:
    """Those that brought a flow one may know of; what brought none is for owners of every flow."""
    if owns_every_flow(context.actor):
        return deployment.c.id.is_not(None)
    if is_guest(context.actor):
        return false()
    known = process_definition.c.deployment_id == deployment.c.id
    return exists().where(known, seen(context, Kind.DEFINITION)).correlate(deployment)


def _drafts(context: CommandContext) -> ColumnElement[bool]:
    if owns_every_flow(context.actor):
        return draft.c.key.is_not(None)
    return draft.c.key.in_(sorted(context.actor.flows))


# ---------------------------------------------------------------- people


def _users(context: CommandContext) -> ColumnElement[bool]:
    """Colleagues know each other; a guest knows themselves."""
    actor = context.actor
    if actor.user_id is not None and is_guest(actor):
        return user_account.c.id == actor.user_id
    return true() if actor.administrator or actor.user_id is not None else false()


def _groups(context: CommandContext) -> ColumnElement[bool]:
    """All of them; a guest knows their own."""
    actor = context.actor
    if is_guest(actor):
        return department.c.id.in_(sorted(actor.groups))
    return true() if actor.administrator or actor.user_id is not None else false()


def _absences(context: CommandContext) -> ColumnElement[bool]:
    """One's own, those one stands in for, those of the people one is the manager of."""
    actor, columns = context.actor, absence.c
    if actor.administrator:
        return columns.id.is_not(None)
    if actor.user_id is None:
        return false()
    reports = select(user_account.c.id).where(user_account.c.manager_id == actor.user_id)
    return or_(columns.user_id == actor.user_id, columns.substitute_id == actor.user_id, columns.user_id.in_(reports))


#: One place, so that a test can switch all of it off and see that the doors open.
CONDITIONS: Mapping[Kind, Callable[[CommandContext], ColumnElement[bool]]] = {
    Kind.JOURNEY: _journeys,
    Kind.TASK: may_work_on,
    Kind.DEFINITION: _definitions,
    Kind.STARTABLE: _startable,
    Kind.DEPLOYMENT: _deployments,
    Kind.DRAFT: _drafts,
    Kind.USER: _users,
    Kind.GROUP: _groups,
    Kind.ABSENCE: _absences,
}
