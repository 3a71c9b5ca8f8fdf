"""What a person may see and do beyond their own tasks. One place: every query of instances and of what was goes through
it.

Administrators and process owners see every journey. Others see those they started or have, or had, a part in; what one
may not see answers as if it were not there. Changing an instance past its tasks and forms is for administrators and
process owners: its variables decide what other people are asked to do.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, exists, false, or_, select

from engine.context import Actor, CommandContext
from engine.database.tables import historic_activity_instance, historic_process_instance, process_instance, task
from engine.errors import NotAllowed
from engine.people.roles import PROCESS_OWNERS
from engine.queries import Statement
from engine.task_queries import may_work_on

_journey = historic_process_instance.c
_activity = historic_activity_instance.c


def sees_everything(actor: Actor) -> bool:
    return actor.administrator or PROCESS_OWNERS in actor.groups


def journey_is_visible(context: CommandContext) -> ColumnElement[bool]:
    """Of rows of historic_process_instance that are journeys: root instances."""
    actor = context.actor
    if sees_everything(actor):
        return _journey.id.is_not(None)
    if actor.user_id is None:
        return false()
    if actor.only_journey is not None:
        return _journey.id == actor.only_journey
    part = or_(
        _activity.assignee == actor.user_id,
        _activity.completed_by == actor.user_id,
        _activity.department.in_(sorted(actor.groups)),
    )
    inner = historic_process_instance.alias("part_of")
    had_a_part = (
        exists()
        .where(inner.c.root_instance_id == _journey.id)
        .where(_activity.process_instance_id == inner.c.id, _activity.is_task, part)
        .correlate(historic_process_instance)
    )
    may_take_part = (
        exists()
        .where(process_instance.c.root_instance_id == _journey.id)
        .where(task.c.process_instance_id == process_instance.c.id, may_work_on(context))
        .correlate(historic_process_instance)
    )
    return or_(_journey.started_by == actor.user_id, had_a_part, may_take_part)


def only_visible(context: CommandContext, statement: Statement, instance_id: Column[Any]) -> Statement:
    """Only rows of instances that belong to a journey the actor may see."""
    if sees_everything(context.actor):
        return statement
    belongs = historic_process_instance.alias("belongs")
    journeys = select(_journey.id).where(journey_is_visible(context))
    return statement.where(
        exists()
        .where(belongs.c.id == instance_id, belongs.c.root_instance_id.in_(journeys))
        .correlate(instance_id.table)
    )


def require_operator(context: CommandContext, what: str) -> None:
    """NotAllowed for all but administrators and process owners. `what` completes "may …"."""
    if not sees_everything(context.actor):
        raise NotAllowed(f"Only an administrator or a process owner may {what}.")


def require_guest(context: CommandContext) -> str:
    """The journey of the guest who acts; NotAllowed for anybody else."""
    if context.actor.only_journey is None:
        raise NotAllowed("Only a guest has a journey of their own.")
    return context.actor.only_journey
