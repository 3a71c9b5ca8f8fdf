"""In whose place somebody works on a task: of the person who took it, who holds it, or who could have taken it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from bpmn import UserTask, label
from engine.context import Actor, CommandContext, StandIn
from engine.database.tables import identity_link
from engine.folding import CANDIDATE
from engine.notifications import notify
from engine.people.users import user_names
from engine.policy import belongs_to
from engine.repository_models import model_of
from engine.task_queries import Task


def for_whom(context: CommandContext, tasks: Iterable[Task]) -> dict[str, str]:
    """Task id -> the absent person, of those tasks that the actor has, or may do, only in that person's place. One
    query for the tasks that nobody holds, if the actor stands in for anybody; otherwise none."""
    actor = context.actor
    found: dict[str, str] = {}
    free: list[Task] = []
    for each in tasks:
        if each.assignee == actor.user_id:
            if each.claimed_for is not None:
                found[each.id] = each.claimed_for
        elif each.assignee is not None:
            if stands_in_for(actor, each.assignee):
                found[each.id] = each.assignee
        elif actor.stands_in_for and not (each.department_is_candidate and belongs_to(actor, each.department)):
            free.append(each)
    return found | _of_the_free(context, free) if free else found


def in_whose_place(context: CommandContext, found: Task) -> str | None:
    """For the history of one task: the absent person, or, where an administrator does somebody's task, that person."""
    person = for_whom(context, [found]).get(found.id)
    if person is None and found.assignee != context.actor.user_id:
        return found.assignee
    return person


def stands_in_for(actor: Actor, person: str | None) -> bool:
    return person is not None and person in actor.absent


def tell_of_help(context: CommandContext, found: Task, person: str) -> None:
    """Whoever is absent is told what was finished for them."""
    helper = context.actor.user_id or ""
    node = model_of(context, found.definition_id).nodes.get(found.activity_id)
    english = found.name or found.activity_id
    swedish = (label(node, "sv") if isinstance(node, UserTask) else None) or english
    name = user_names(context, [helper]).get(helper, helper)
    about = f" ({found.subject})" if found.subject else ""
    notify(
        context,
        user_id=person,
        process_instance_id=found.root_instance_id,
        message={
            "en": f"{name} finished “{english}” for you{about}.",
            "sv": f"{name} slutförde ”{swedish}” åt dig{about}.",
        },
    )


def _of_the_free(context: CommandContext, tasks: Sequence[Task]) -> dict[str, str]:
    """Of tasks that nobody holds: those for which an absent person is a candidate, and the actor is not."""
    actor = context.actor
    candidates: dict[str, list[tuple[str | None, str | None]]] = {
        each.id: [(None, each.department)] if each.department_is_candidate else [] for each in tasks
    }
    links = identity_link.c
    for row in context.connection.execute(
        select(links.task_id, links.user_id, links.group_id)
        .where(links.task_id.in_(list(candidates)), links.type == CANDIDATE)
        .order_by(links.id)
    ):
        candidates[row.task_id].append((row.user_id, row.group_id))
    found = {}
    for task_id, those in candidates.items():
        if any(user == actor.user_id or belongs_to(actor, group) for user, group in those):
            continue
        person = next((each.user_id for each in actor.stands_in_for if _is_among(each, those)), None)
        if person is not None:
            found[task_id] = person
    return found


def _is_among(each: StandIn, candidates: Iterable[tuple[str | None, str | None]]) -> bool:
    return any(user == each.user_id or group in each.departments for user, group in candidates)
