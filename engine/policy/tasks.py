"""Whose a task is to do: who holds it, could take it, or does so in the place of somebody absent."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from engine.context import Actor, CommandContext
from engine.database.tables import identity_link, process_instance, task
from engine.policy.roles import is_guest
from engine.queries import among

_columns = task.c


def may_work_on(context: CommandContext) -> ColumnElement[bool]:
    """Tasks that the actor, or somebody the actor stands in for, holds or is a candidate for, and those the actor owns;
    all of them for an administrator, and of their one journey for a guest."""
    actor = context.actor
    if actor.administrator:
        return _columns.id.is_not(None)
    if actor.user_id is None:
        return false()
    if is_guest(actor):
        inside = select(process_instance.c.id).where(process_instance.c.root_instance_id == actor.only_journey)
        return and_(_columns.assignee == actor.user_id, _columns.process_instance_id.in_(inside))
    if not actor.stands_in_for:
        return _own(actor)
    return or_(_own(actor), _of_the_absent(actor))


def could_take(actor: Actor) -> ColumnElement[bool]:
    """Tasks the actor is a candidate for by themselves."""
    return is_candidate([actor.user_id], sorted(actor.groups))


def only_for_the_absent(actor: Actor) -> ColumnElement[bool]:
    """What somebody absent holds, or nobody holds and the actor could not take by themselves."""
    if not actor.stands_in_for:
        return false()
    free = and_(_columns.assignee.is_(None), ~could_take(actor))
    return and_(_of_the_absent(actor), or_(_columns.assignee.in_(actor.absent), free))


def is_candidate(user_ids: Sequence[str | None], groups: Sequence[str]) -> ColumnElement[bool]:
    """The department of the task, or somebody its identity links name."""
    wanted: ColumnElement[bool] = among(identity_link.c.group_id, groups)
    if user_ids:
        wanted = or_(among(identity_link.c.user_id, user_ids), wanted)
    linked = exists().where(identity_link.c.task_id == _columns.id, wanted)
    return or_(and_(among(_columns.department, groups), _columns.department_is_candidate), linked)


def _own(actor: Actor) -> ColumnElement[bool]:
    holds = or_(_columns.assignee == actor.user_id, _columns.owner == actor.user_id)
    return or_(holds, could_take(actor))


def _of_the_absent(actor: Actor) -> ColumnElement[bool]:
    return or_(_columns.assignee.in_(actor.absent), is_candidate(actor.absent, sorted(actor.departments_of_absent)))
