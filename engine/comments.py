"""What people say to each other about a journey or one of its tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import uuid_utils
from sqlalchemy import insert, select

from engine.context import CommandContext
from engine.database.tables import comment
from engine.errors import InvalidInput

LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    process_instance_id: str
    task_id: str | None
    user_id: str | None
    created_at: datetime
    message: str


def add_comment(context: CommandContext, process_instance_id: str, message: str, task_id: str | None = None) -> Comment:
    """InvalidInput for an empty or overlong message. Who may comment is decided by who may see the journey."""
    text = message.strip()
    if not text or len(text) > LONGEST:
        raise InvalidInput(f"A comment has 1 to {LONGEST:,} characters.")
    said = Comment(str(uuid_utils.uuid7()), process_instance_id, task_id, context.actor.user_id, context.now, text)
    context.connection.execute(
        insert(comment).values(
            id=said.id,
            process_instance_id=process_instance_id,
            task_id=task_id,
            user_id=said.user_id,
            created_at=said.created_at,
            message=text,
        )
    )
    return said


def find_comments(
    context: CommandContext, process_instance_id: str | None = None, *, task_id: str | None = None
) -> list[Comment]:
    """Of an instance or of one task, oldest first."""
    statement = select(comment).order_by(comment.c.created_at, comment.c.id)
    if process_instance_id is not None:
        statement = statement.where(comment.c.process_instance_id == process_instance_id)
    if task_id is not None:
        statement = statement.where(comment.c.task_id == task_id)
    return [
        Comment(row.id, row.process_instance_id, row.task_id, row.user_id, row.created_at, row.message)
        for row in context.connection.execute(statement)
    ]
