"""Viewing as: a process owner looks at a journey, or at a task in it, with the eyes of a plain member of a department.

It is the same code that shows the member their page, asked by an actor that stands for one: somebody of the department,
without a role, who has done nothing yet and holds nothing. What is confidential is shown only where the viewer may know
it too, so nobody learns anything this way that their own pages keep from them; and such an actor can do nothing.
"""

from __future__ import annotations

from sqlalchemy import select

from engine.context import Actor, CommandContext
from engine.database.tables import process_instance, task
from engine.errors import NotFound
from engine.people.departments import get_group
from engine.people.roles import DEPARTMENT
from engine.policy import Action, can, facts_of_instance


def view_journey_as(context: CommandContext, journey_id: str, department: str) -> Actor:
    """For queries alone. NotFound for who does not own the flow of the journey, and for what is no department."""
    if not can(context.actor, Action.VIEW_AS, facts_of_instance(context, journey_id)):
        raise NotFound("journey", journey_id)
    if get_group(context, department).type != DEPARTMENT:
        raise NotFound("department", department)
    # No person has an id with spaces in it.
    return Actor(f"a member of {department}", frozenset((department,)), viewer=context.actor)


def view_task_as(context: CommandContext, task_id: str, department: str) -> tuple[Actor, str]:
    """The same for an open task, and the id of its journey. The viewer need not be able to open the task themselves:
    they own its flow and its journey, and with them all that its page tells."""
    journey_id = context.connection.execute(
        select(process_instance.c.root_instance_id)
        .join(task, task.c.process_instance_id == process_instance.c.id)
        .where(task.c.id == task_id)
    ).scalar_one_or_none()
    if journey_id is None:
        raise NotFound("task", task_id)
    return view_journey_as(context, journey_id, department), journey_id
