"""Requests that may come again: who gives a request a key gets the same answer every time, and one effect.

The key's row is written first in the transaction of the command, before any lock is taken. A second request with the
same key waits there until the first has committed, and then finds its answer; if the first was rolled back, nothing of
it is left and the second does the work. So there is no moment at which a request looks for an answer that is just being
made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update

from engine.context import CommandContext
from engine.database.tables import idempotency_key
from engine.database.upserts import insert_for
from engine.errors import IdempotencyKeyReused, InvalidInput

#: How long an answer is kept.
KEPT = timedelta(hours=24)
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """As it went out over HTTP. `content_type` None: an answer without a body."""

    status: int
    content_type: str | None
    body: bytes


def claim_key(context: CommandContext, key: str, digest: str) -> KeptAnswer | None:
    """The answer that a request of the actor with this key has had; None if this is the first, which is then to say
    what it answers with `keep_answer`. IdempotencyKeyReused if the key came with another request, InvalidInput for one
    that is none."""
    if not key or len(key) > LONGEST_KEY or not key.isprintable():
        raise InvalidInput(f"An Idempotency-Key has 1 to {LONGEST_KEY} printable characters.")
    columns, person = idempotency_key.c, _person(context)
    mine = (columns.user_id == person) & (columns.key == key)
    context.connection.execute(delete(idempotency_key).where(mine, columns.expires_at <= context.now))
    claiming = insert_for(context.engine.database.dialect, idempotency_key).values(
        user_id=person, key=key, digest=digest, expires_at=context.now + KEPT
    )
    if context.connection.execute(claiming.on_conflict_do_nothing().returning(columns.key)).first() is not None:
        return None
    row = context.connection.execute(select(idempotency_key).where(mine)).one()
    if row.digest != digest:
        raise IdempotencyKeyReused
    return KeptAnswer(row.status, row.content_type, bytes(row.body or b""))


def keep_answer(context: CommandContext, key: str, answer: KeptAnswer) -> None:
    """In the transaction that claimed the key."""
    columns = idempotency_key.c
    context.connection.execute(
        update(idempotency_key)
        .where(columns.user_id == _person(context), columns.key == key)
        .values(status=answer.status, content_type=answer.content_type, body=answer.body)
    )


def forget_expired(context: CommandContext) -> int:
    """How many answers had been kept long enough."""
    return context.connection.execute(
        delete(idempotency_key).where(idempotency_key.c.expires_at <= context.now)
    ).rowcount


def _person(context: CommandContext) -> str:
    return context.actor.user_id or ""
