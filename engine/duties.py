"""Separation of duties: who has done what a task is kept apart from, and so may not do it. Nobody is excepted, and
nobody does it in the place of such a person either: see `bpmn.duties`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import or_, select

from bpmn import STARTER, UserTask, not_by
from engine.context import CommandContext
from engine.database.tables import historic_activity_instance
from engine.policy import Action, Duty, require
from engine.repository_models import model_of
from engine.task_queries import Task

_activity = historic_activity_instance.c
#: Why somebody may not do a task: STARTER, or the id of the task that they did.
Reason = str


def require_separate(context: CommandContext, found: Task, *people: str | None) -> None:
    """NotAllowed where one of these people is kept from the task: who would do it, and in whose place. One query for a
    task that is kept apart from others; none for the rest."""
    for person, reason in excluded(context, found).items():
        duty = Duty(person, frozenset(filter(None, people)))
        require(context.actor, Action.TAKE, duty, _in_words(context, found, reason))


def excluded(context: CommandContext, found: Task) -> Mapping[str, Reason]:
    """Whom the task is not for, and why."""
    return _excluded(context, [found]).get(found.id, {})


def barred(context: CommandContext, tasks: Iterable[Task], in_place_of: Mapping[str, str]) -> dict[str, Reason]:
    """Task id -> why the actor may not do it, of those that they may not; `in_place_of` as `for_whom` gives it."""
    found = {}
    for task_id, people in _excluded(context, list(tasks)).items():
        for person in (context.actor.user_id, in_place_of.get(task_id)):
            if person in people:
                found[task_id] = people[person or ""]
    return found


def _in_words(context: CommandContext, found: Task, reason: Reason) -> str:
    """Completes "may not do it"."""
    if reason == STARTER:
        return "who started the journey"
    node = model_of(context, found.definition_id).nodes.get(reason)
    return f"who did “{(node.name if node is not None else None) or reason}”"


def _excluded(context: CommandContext, tasks: list[Task]) -> dict[str, dict[str, Reason]]:
    apart = {each.id: (each, _named(context, each)) for each in tasks}
    found: dict[str, dict[str, Reason]] = {}
    for task_id, (each, named) in apart.items():
        if STARTER in named and each.started_by is not None:
            found.setdefault(task_id, {})[each.started_by] = STARTER
    asked = {task_id: pair for task_id, pair in apart.items() if set(pair[1]) - {STARTER}}
    if not asked:
        return found
    instances = sorted({each.process_instance_id for each, _ in asked.values()})
    done = context.connection.execute(
        select(_activity.process_instance_id, _activity.activity_id, _activity.completed_by, _activity.completed_for)
        .where(_activity.process_instance_id.in_(instances), _activity.is_task)
        .where(or_(_activity.completed_by.is_not(None), _activity.completed_for.is_not(None)))
    ).all()
    for task_id, (each, named) in asked.items():
        for row in done:
            if row.process_instance_id == each.process_instance_id and row.activity_id in named:
                for person in filter(None, (row.completed_by, row.completed_for)):
                    found.setdefault(task_id, {}).setdefault(person, row.activity_id)
    return found


def _named(context: CommandContext, each: Task) -> tuple[str, ...]:
    node = model_of(context, each.definition_id).nodes.get(each.activity_id)
    return not_by(node) if isinstance(node, UserTask) else ()
