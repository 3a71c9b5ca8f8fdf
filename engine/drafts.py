"""Flows that are being drawn. A draft is saved as it is, right or wrong; only publishing checks it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from engine.context import CommandContext
from engine.database.tables import draft
from engine.errors import InvalidInput, NotFound, OptimisticLocking
from engine.operations import log_operation
from engine.policy import Action, Kind, require, visible

LARGEST = 2_000_000


@dataclass(frozen=True, slots=True)
class Draft:
    """`revision` counts the saves from 1; `content` is the BPMN source."""

    key: str
    name: str | None
    content: bytes
    revision: int
    updated_at: datetime
    updated_by: str | None


def save_draft(
    context: CommandContext, key: str, name: str | None, content: bytes, expected_revision: int | None = None
) -> Draft:
    """Saves the draft of this process. `expected_revision` is the one the editor began with (0: there was none).

    OptimisticLocking if somebody saved meanwhile; nothing is overwritten then.
    """
    require(context.actor, Action.DEPLOY, key)
    if not key or not content or len(content) > LARGEST:
        raise InvalidInput(f"A draft needs a process id and 1 to {LARGEST:,} bytes of BPMN.")
    revision = context.connection.execute(select(draft.c.revision).where(draft.c.key == key)).scalar_one_or_none() or 0
    if expected_revision is not None and expected_revision != revision:
        raise OptimisticLocking("Somebody else saved this draft meanwhile: load it again, then make your change.")
    saved = Draft(key, name, content, revision + 1, context.now, context.actor.user_id)
    values = asdict(saved)
    if revision:
        context.connection.execute(update(draft).where(draft.c.key == key).values(values))
    else:
        context.connection.execute(insert(draft).values(values))
    changes = [("revision", revision or None, saved.revision)]
    log_operation(context, "Save", "Draft", entity_id=key, definition_key=key, changes=changes)
    return saved


def get_draft(context: CommandContext, key: str) -> Draft:
    require(context.actor, Action.DRAW)
    row = context.connection.execute(
        visible(context, select(draft).where(draft.c.key == key), Kind.DRAFT)
    ).one_or_none()
    if row is None:
        raise NotFound("draft", key)
    return _draft(row)


def find_drafts(context: CommandContext) -> list[Draft]:
    """All drafts of flows that the actor may draw, last saved first."""
    require(context.actor, Action.DRAW)
    statement = visible(context, select(draft).order_by(draft.c.updated_at.desc()), Kind.DRAFT)
    return [_draft(row) for row in context.connection.execute(statement)]


def delete_draft(context: CommandContext, key: str) -> None:
    """Once it is published, or thrown away. NotFound if there is none."""
    require(context.actor, Action.DEPLOY, key)
    if context.connection.execute(delete(draft).where(draft.c.key == key)).rowcount == 0:
        raise NotFound("draft", key)
    log_operation(context, "Delete", "Draft", entity_id=key, definition_key=key)


def _draft(row: Any) -> Draft:
    return Draft(row.key, row.name, row.content, row.revision, row.updated_at, row.updated_by)
