"""Operating: changing what runs past its tasks and forms. Owners of every flow operate all; others the instances of
their flows, and what those called."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, exists, or_, select, true

from engine.context import CommandContext
from engine.database.tables import historic_process_instance
from engine.errors import NotAllowed, NotFound
from engine.policy.rules import Action, InstanceFacts, can, require
from engine.policy.visibility import visible_inside
from engine.queries import Statement

_own = historic_process_instance
_root = historic_process_instance.alias("journey_of")
_operated = historic_process_instance.alias("operated")


def require_operating(context: CommandContext, what: str, *instance_ids: str) -> None:
    """NotFound for an instance that the actor may not see, NotAllowed for one they see and do not operate. `what`
    completes "may …". Asks nothing for owners of every flow."""
    if can(context.actor, Action.OPERATE_EVERYTHING):
        return
    for instance_id in instance_ids:
        require(context.actor, Action.OPERATE, facts_of_instance(context, instance_id), what)


def require_ending(context: CommandContext, instance_id: str) -> None:
    """The same for ending an instance, which its starter may too."""
    if not can(context.actor, Action.OPERATE_EVERYTHING):
        require(context.actor, Action.END, facts_of_instance(context, instance_id))


def facts_of_instance(context: CommandContext, instance_id: str) -> InstanceFacts:
    """NotFound for one that the actor may not see."""
    statement: Statement = (
        select(_own.c.definition_key, _root.c.definition_key.label("journey_key"), _own.c.started_by)
        .join(_root, _root.c.id == _own.c.root_instance_id)
        .where(_own.c.id == instance_id)
    )
    row = context.connection.execute(visible_inside(context, statement, _own.c.id)).one_or_none()
    if row is None:
        raise NotFound("process instance", instance_id, f"Process instance with id {instance_id} does not exist")
    return InstanceFacts(frozenset((row.definition_key, row.journey_key)), row.started_by)


def require_operating_some(context: CommandContext, what: str) -> None:
    """For what works on whatever there is: NotAllowed for those who operate nothing. Then only rows that are `operated`
    may be touched."""
    require(context.actor, Action.OPERATE, InstanceFacts(context.actor.flows), what)


def operated(context: CommandContext, instance_id: Column[Any], key: Column[Any] | None = None) -> ColumnElement[bool]:
    """Of rows inside instances (or, with `key`, of flows): the actor operates them."""
    if can(context.actor, Action.OPERATE_EVERYTHING):
        return true()
    flows = sorted(context.actor.flows)
    inside = (
        exists()
        .where(_operated.c.id == instance_id, _root.c.id == _operated.c.root_instance_id)
        .where(or_(_operated.c.definition_key.in_(flows), _root.c.definition_key.in_(flows)))
        .correlate(instance_id.table)
    )
    return inside if key is None else or_(inside, key.in_(flows))


def require_guest(context: CommandContext) -> str:
    """The journey of the guest who acts; NotAllowed for anybody else."""
    if context.actor.only_journey is None:
        raise NotAllowed("Only a guest has a journey of their own.")
    return context.actor.only_journey
