"""Working on tasks: claim, hand over, complete. Each is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, delete, exists, insert, select, update

from bpmn import UserTask
from engine.context import CommandContext
from engine.database.fixed import Values
from engine.database.tables import historic_activity_instance, identity_link, process_instance, task
from engine.duties import require_separate
from engine.errors import Conflict, InvalidInput, NotFound, Suspended, TaskAlreadyClaimed
from engine.folding import CANDIDATE
from engine.operations import Changed, log_operation
from engine.policy import Action, Kind, require, seen
from engine.queries import Statement, once_per_actor
from engine.recording import ClosingTask
from engine.repository_models import model_of
from engine.runtime import get_variables
from engine.substitution import for_whom, in_whose_place, stands_in_for, tell_of_help
from engine.task_queries import SELECTED, Task, as_task, get_task
from engine.work import INSTANCE_COLUMNS, LoadedInstance, execution, loaded


@dataclass(frozen=True, slots=True)
class IdentityLink:
    """`type` is assignee, owner or candidate; exactly one of the ids is given."""

    type: str
    user_id: str | None
    group_id: str | None


#: Delegated, and not given back yet.
PENDING = "PENDING"


@once_per_actor
def _locking(context: CommandContext) -> Statement:
    """A task that the actor may work on and its instance, which is locked before it, as by everybody who works on it.
    Parameter: wanted."""
    selected = SELECTED.add_columns(*INSTANCE_COLUMNS).where(task.c.id == bindparam("wanted"), seen(context, Kind.TASK))
    return selected.with_for_update(of=[process_instance, task])


# ---------------------------------------------------------------- who does it


def claim_task(context: CommandContext, task_id: str, user_id: str | None = None) -> None:
    """The actor (or, by an administrator, somebody else) takes the task. TaskAlreadyClaimed if another person holds it,
    unless that person is absent and the actor stands in for them."""
    found = locked_task(context, task_id)
    actor = context.actor
    claimant = user_id or actor.user_id
    if claimant is None:
        raise InvalidInput("Say who claims the task: userId is missing.")
    if claimant != actor.user_id:
        require(actor, Action.CLAIM_FOR_OTHERS)
    in_place_of = for_whom(context, [found]).get(found.id) if claimant == actor.user_id else None
    require_separate(context, found, claimant, in_place_of)
    if found.assignee not in (None, claimant) and in_place_of is None:
        raise TaskAlreadyClaimed(task_id, found.assignee or "")
    _assign(context, found, claimant, "Claim", in_place_of)


def unclaim_task(context: CommandContext, task_id: str) -> None:
    """The task goes back to its candidates; where it has none, and somebody took it who stands in for another, to that
    person."""
    found = locked_task(context, task_id)
    require(context.actor, Action.HANDLE_TASK, found, "give it back")
    _assign(context, found, _had_it_before(context, found), "Unclaim")


def _had_it_before(context: CommandContext, found: Task) -> str | None:
    if found.claimed_for is None or found.department_is_candidate:
        return None
    candidates = exists().where(identity_link.c.task_id == found.id, identity_link.c.type == CANDIDATE)
    return None if context.connection.execute(select(candidates)).scalar_one() else found.claimed_for


def assign_task(context: CommandContext, task_id: str, user_id: str | None) -> None:
    """Hands the task to somebody, whoever held it."""
    _assign(context, locked_task(context, task_id), user_id, "Assign")


def give_task(context: CommandContext, task_id: str, user_id: str) -> None:
    """Assigns an open task that the actor need not see: the caller has found out that it is for this person."""
    statement: Statement = SELECTED.where(task.c.id == task_id)
    _assign(context, as_task(context.connection.execute(statement).one()), user_id, "Assign")


def _assign(
    context: CommandContext, found: Task, user_id: str | None, operation: str, in_place_of: str | None = None
) -> None:
    if found.assignee == user_id:
        return
    if in_place_of is None and stands_in_for(context.actor, found.assignee):
        in_place_of = found.assignee
    if operation == "Assign":
        require_separate(context, found, user_id)
    claimed_at = context.now if user_id is not None else None
    connection = context.connection
    connection.execute(
        update(task)
        .where(task.c.id == found.id)
        .values(
            assignee=user_id,
            claimed_at=claimed_at,
            updated_at=context.now,
            claimed_for=in_place_of if operation == "Claim" else None,
        )
    )
    connection.execute(
        update(historic_activity_instance)
        .where(historic_activity_instance.c.id == found.id)
        .values(assignee=user_id, claimed_at=claimed_at)
    )
    log_task(context, found, operation, [("assignee", found.assignee, user_id)], on_behalf_of=in_place_of)
    node = model_of(context, found.definition_id).nodes[found.activity_id]
    if (
        user_id is not None
        and isinstance(node, UserTask)
        and any(listener.event == "assignment" for listener in node.task_listeners)
    ):
        with execution(context, source=found.activity_id) as work:
            facts = _facts(replace(found, assignee=user_id))
            work.hear_task(found.process_instance_id, found.number, "assignment", facts)


def log_task(
    context: CommandContext,
    found: Task,
    operation: str,
    changes: Sequence[Changed] = (),
    *,
    details: str | None = None,
    on_behalf_of: str | None = None,
    unsent: list[Values] | None = None,
) -> None:
    log_operation(
        context,
        operation,
        "Task",
        process_instance_id=found.process_instance_id,
        task_id=found.id,
        definition_key=found.definition_key,
        on_behalf_of=on_behalf_of,
        changes=changes,
        details=details,
        unsent=unsent,
    )


def locked_task(context: CommandContext, task_id: str) -> Task:
    """For verbs on one open task: locked with its instance until the transaction ends. NotFound if it is done or not
    the actor's to see, Suspended if it is suspended."""
    return _locked_with_instance(context, task_id)[0]


def _locked_with_instance(context: CommandContext, task_id: str) -> tuple[Task, LoadedInstance]:
    """The task and its instance in one query, both locked until the transaction ends. NotFound if the task is done or
    not the actor's to see."""
    row = context.connection.execute(_locking(context), {"wanted": task_id}).one_or_none()
    if row is None:
        raise NotFound("task", task_id, f"Cannot find task with id {task_id}: task is null")
    found = as_task(row)
    if found.suspended or row.instance_suspended:
        raise Suspended(f"Task {task_id} is suspended: activate its process instance first.")
    return found, loaded(found.process_instance_id, row)


# ---------------------------------------------------------------- completing


def _facts(found: Task) -> dict[str, Any]:
    """`task` in listeners."""
    return {
        "id": found.id,
        "name": found.name,
        "assignee": found.assignee,
        "owner": found.owner,
        "priority": found.priority,
        "taskDefinitionKey": found.activity_id,
        "processInstanceId": found.process_instance_id,
    }


def complete_task(
    context: CommandContext,
    task_id: str,
    variables: Mapping[str, Any] | None = None,
    *,
    local: Mapping[str, Any] | None = None,
) -> None:
    """Finishes the task and lets the process go on. NotFound if somebody has finished it already."""
    found, instance = _locked_with_instance(context, task_id)
    if found.delegation_state == PENDING:
        raise Conflict(f"Task {task_id} is delegated: who works on it resolves it, and its owner completes it then.")
    person = in_whose_place(context, found)
    require_separate(context, found, context.actor.user_id, person)
    logged: list[Values] = []
    log_task(context, found, "Complete", on_behalf_of=person, unsent=logged)
    closing = ClosingTask(found.id, _closing_facts(context, found, person), logged)
    with execution(context, source=found.activity_id, closing=closing, already=instance) as work:
        work.complete_task(found.process_instance_id, found.number, variables or {}, local or {}, _facts(found))
    if person is not None and (person == found.claimed_for or stands_in_for(context.actor, person)):
        tell_of_help(context, found, person)


def _closing_facts(context: CommandContext, found: Task, person: str | None) -> dict[str, Any]:
    """How long it lay in the queue and in hand, by the hours of its department. A task completed without a claim was
    taken in hand at that moment. `person` is in whose place it was done."""
    calendar, now = context.engine.calendars.of(found.department), context.now
    claimed = found.claimed_at or now
    return {
        "completed_by": context.actor.user_id,
        "completed_for": person,
        "assignee": found.assignee or context.actor.user_id,
        "claimed_at": claimed,
        "queue_s": (claimed - found.created_at).total_seconds(),
        "touch_s": (now - claimed).total_seconds(),
        "queue_biz_s": calendar.office_seconds(found.created_at, claimed),
        "touch_biz_s": calendar.office_seconds(claimed, now),
        "completed_day": context.engine.calendar.local_day(now).isoformat(),
    }


# ---------------------------------------------------------------- variables and links


def task_variables(context: CommandContext, task_id: str, *, local: bool = False) -> dict[str, Any]:
    found = get_task(context, task_id)
    return get_variables(context, found.process_instance_id, found.number, local=local)


def identity_links(context: CommandContext, task_id: str) -> list[IdentityLink]:
    found = get_task(context, task_id)
    links = [IdentityLink("assignee", found.assignee, None)] if found.assignee else []
    links += [IdentityLink("owner", found.owner, None)] if found.owner else []
    if found.department_is_candidate:
        links.append(IdentityLink(CANDIDATE, None, found.department))
    rows = context.connection.execute(
        select(identity_link).where(identity_link.c.task_id == task_id).order_by(identity_link.c.id)
    )
    return links + [IdentityLink(row.type, row.user_id, row.group_id) for row in rows]


def add_identity_link(context: CommandContext, task_id: str, link: IdentityLink) -> None:
    """A candidate; the types assignee and owner set that of the task. InvalidInput unless one id is given."""
    found = locked_task(context, task_id)
    if (link.user_id is None) == (link.group_id is None):
        raise InvalidInput("Give either userId or groupId.")
    if link.type == "assignee":
        _assign(context, found, link.user_id, "Assign")
    elif link.type == "owner":
        _set_owner(context, found, link.user_id)
    elif not (found.department_is_candidate and link.group_id == found.department):
        same = select(identity_link.c.id).where(_same(task_id, link))
        if context.connection.execute(select(exists(same))).scalar_one():
            return
        context.connection.execute(
            insert(identity_link).values(
                task_id=task_id, type=link.type or CANDIDATE, user_id=link.user_id, group_id=link.group_id
            )
        )
        who = link.user_id or link.group_id
        log_task(
            context, found, "AddUserLink" if link.user_id else "AddGroupLink", [(link.type or CANDIDATE, None, who)]
        )


def delete_identity_link(context: CommandContext, task_id: str, link: IdentityLink) -> None:
    found = locked_task(context, task_id)
    if link.type == "assignee":
        _assign(context, found, None, "Unclaim")
    elif link.type == "owner":
        _set_owner(context, found, None)
    else:
        if found.department_is_candidate and link.group_id == found.department:
            context.connection.execute(update(task).where(task.c.id == task_id).values(department_is_candidate=False))
        else:
            context.connection.execute(delete(identity_link).where(_same(task_id, link)))
        who = link.user_id or link.group_id
        operation = "DeleteUserLink" if link.user_id else "DeleteGroupLink"
        log_task(context, found, operation, [(link.type or CANDIDATE, who, None)])


def _set_owner(context: CommandContext, found: Task, user_id: str | None) -> None:
    context.connection.execute(update(task).where(task.c.id == found.id).values(owner=user_id))
    log_task(context, found, "SetOwner", [("owner", found.owner, user_id)])


def _same(task_id: str, link: IdentityLink) -> Any:
    columns = identity_link.c
    return (
        (columns.task_id == task_id)
        & (columns.type == (link.type or CANDIDATE))
        & columns.user_id.is_not_distinct_from(link.user_id)
        & columns.group_id.is_not_distinct_from(link.group_id)
    )
