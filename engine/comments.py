"""What people say to each other about a journey or one of its tasks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import uuid_utils
from sqlalchemy import insert, select

from bpmn import departments as departments_of_field
from engine.context import CommandContext
from engine.database.tables import comment, department
from engine.errors import InvalidInput
from engine.operations import log_operation
from engine.policy.confidentiality import said_to
from engine.repository_models import model_of
from engine.task_queries import Task

LONGEST = 10_000
MOST_DEPARTMENTS = 20


@dataclass(frozen=True, slots=True)
class Comment:
    """`departments`: for their members only; none: for everybody who sees the journey."""

    id: str
    process_instance_id: str
    task_id: str | None
    user_id: str | None
    created_at: datetime
    message: str
    departments: tuple[str, ...] = ()


def add_comment(
    context: CommandContext,
    process_instance_id: str,
    message: str,
    task_id: str | None = None,
    *,
    departments: Collection[str] = (),
) -> Comment:
    """InvalidInput for an empty or overlong message, and for a department there is not. Who may comment is decided by
    who may see the journey; whoever wrote it goes on seeing it."""
    text = message.strip()
    if not text or len(text) > LONGEST:
        raise InvalidInput(f"A comment has 1 to {LONGEST:,} characters.")
    only_for = tuple(sorted(set(departments)))
    if only_for:
        _require_departments(context, only_for)
    author = context.actor.user_id
    said = Comment(str(uuid_utils.uuid7()), process_instance_id, task_id, author, context.now, text, only_for)
    context.connection.execute(
        insert(comment).values(
            id=said.id,
            process_instance_id=process_instance_id,
            task_id=task_id,
            user_id=said.user_id,
            created_at=said.created_at,
            message=text,
            departments=f",{','.join(only_for)}," if only_for else None,
        )
    )
    log_operation(
        context,
        "AddComment",
        "Comment",
        entity_id=said.id,
        process_instance_id=process_instance_id,
        task_id=task_id,
    )
    return said


def usual_departments(context: CommandContext, found: Task) -> tuple[str, ...]:
    """Whom a comment on this task is for if nobody says otherwise: where its form asks for something confidential,
    those who may know all of that."""
    form = getattr(model_of(context, found.definition_id).nodes.get(found.activity_id), "form", None)
    marked = [each for field in (form.fields if form is not None else ()) if (each := departments_of_field(field))]
    return tuple(sorted(frozenset.intersection(*marked) or marked[0])) if marked else ()


def _require_departments(context: CommandContext, keys: tuple[str, ...]) -> None:
    if len(keys) > MOST_DEPARTMENTS:
        raise InvalidInput(f"A comment is for at most {MOST_DEPARTMENTS} departments.")
    known = set(context.connection.execute(select(department.c.id).where(department.c.id.in_(keys))).scalars())
    for each in keys:
        # They stand in one column with commas between; an id of before that was refused would be read as two.
        if each not in known or "," in each:
            raise InvalidInput(f"There is no department {each}.")


def find_comments(
    context: CommandContext, process_instance_id: str | None = None, *, task_id: str | None = None
) -> list[Comment]:
    """Of an instance or of one task, oldest first, as far as they are for the actor."""
    statement = select(comment).where(said_to(context)).order_by(comment.c.created_at, comment.c.id)
    if process_instance_id is not None:
        statement = statement.where(comment.c.process_instance_id == process_instance_id)
    if task_id is not None:
        statement = statement.where(comment.c.task_id == task_id)
    return [
        Comment(
            row.id,
            row.process_instance_id,
            row.task_id,
            row.user_id,
            row.created_at,
            row.message,
            tuple(filter(None, (row.departments or "").split(","))),
        )
        for row in context.connection.execute(statement)
    ]
