"""Handing a task to somebody for a while: it comes back to its owner when that person is done with it. And what else
may become of a task but its completion: an error or an escalation that the model catches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from engine.context import CommandContext
from engine.database.tables import historic_activity_instance, task
from engine.duties import require_separate
from engine.errors import InvalidInput
from engine.policy import Action, require
from engine.substitution import in_whose_place
from engine.task_queries import Task
from engine.tasks import PENDING, locked_task, log_task
from engine.work import execution

RESOLVED = "RESOLVED"


def delegate_task(context: CommandContext, task_id: str, user_id: str | None) -> None:
    """`user_id` is to work on it; whoever has it now, or owns it already, is its owner and gets it back."""
    if not user_id:
        raise InvalidInput("Say to whom the task is delegated: userId is missing.")
    found = locked_task(context, task_id)
    require(context.actor, Action.HANDLE_TASK, found, "delegate it")
    require_separate(context, found, user_id)
    owner = found.owner or found.assignee
    _hand_over(context, found, "Delegate", assignee=user_id, owner=owner, state=PENDING)


def resolve_task(context: CommandContext, task_id: str, variables: Mapping[str, Any] | None = None) -> None:
    """What was asked of the delegate is done: the task goes back to its owner, with what was found out."""
    found = locked_task(context, task_id)
    require(context.actor, Action.HANDLE_TASK, found, "give it back")
    if variables:
        require_separate(context, found, context.actor.user_id, in_whose_place(context, found))
        with execution(context, source=found.activity_id) as work:
            work.set_variables(found.process_instance_id, found.number, variables)
    _hand_over(context, found, "Resolve", assignee=found.owner, owner=found.owner, state=RESOLVED)


def _hand_over(
    context: CommandContext, found: Task, operation: str, *, assignee: str | None, owner: str | None, state: str
) -> None:
    claimed_at = found.claimed_at or (context.now if assignee else None)
    context.connection.execute(
        update(task)
        .where(task.c.id == found.id)
        .values(assignee=assignee, owner=owner, delegation_state=state, claimed_at=claimed_at, updated_at=context.now)
    )
    context.connection.execute(
        update(historic_activity_instance)
        .where(historic_activity_instance.c.id == found.id)
        .values(assignee=assignee, claimed_at=claimed_at)
    )
    changes = [("assignee", found.assignee, assignee), ("owner", found.owner, owner)]
    changes += [("delegation", found.delegation_state, state)]
    log_task(context, found, operation, [each for each in changes if each[1] != each[2]])


def throw_task_error(
    context: CommandContext, task_id: str, code: str | None, message: str | None, variables: Mapping[str, Any]
) -> None:
    """The task ends in a business error; if nothing catches it, this branch ends."""
    if not code:
        raise InvalidInput("The error code is missing: give errorCode.")
    found = locked_task(context, task_id)
    require_separate(context, found, context.actor.user_id, in_whose_place(context, found))
    with execution(context, source=found.activity_id) as work:
        work.throw_error(found.process_instance_id, found.number, code, message, variables)
    log_task(context, found, "HandleBpmnError", details=code)


def throw_task_escalation(
    context: CommandContext, task_id: str, code: str | None, variables: Mapping[str, Any]
) -> None:
    """ExecutionFailed if nothing catches it: the task goes on then as if nothing had been said."""
    if not code:
        raise InvalidInput("The escalation code is missing: give escalationCode.")
    found = locked_task(context, task_id)
    require_separate(context, found, context.actor.user_id, in_whose_place(context, found))
    with execution(context, source=found.activity_id) as work:
        work.throw_escalation(found.process_instance_id, found.number, code, variables)
    log_task(context, found, "HandleBpmnEscalation", details=code)
