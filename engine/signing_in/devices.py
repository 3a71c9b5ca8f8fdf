"""Browsers in which a person has signed in before. Attempts from one are counted apart from everybody else's, so that
whoever guesses at an account from elsewhere does not lock its owner out."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, exists, insert, select

from engine.context import CommandContext
from engine.database.tables import known_device
from engine.signing_in.secrets import digest, new_secret

#: Each sign-in begins it anew.
KNOWN_FOR = timedelta(days=180)

_columns = known_device.c


def remember_device(context: CommandContext, user_id: str, known: str | None) -> str:
    """The secret for the device's cookie; `known` is the one it came with, which is worth nothing any more."""
    connection = context.connection
    old = digest(known) if known else ""
    connection.execute(delete(known_device).where((_columns.id == old) | (_columns.expires_at <= context.now)))
    secret = new_secret()
    connection.execute(
        insert(known_device).values(id=digest(secret), user_id=user_id, expires_at=context.now + KNOWN_FOR)
    )
    return secret


def knows_device(context: CommandContext, user_id: str, secret: str) -> bool:
    """Whether this person has signed in there before."""
    fits = exists().where(_columns.id == digest(secret), _columns.user_id == user_id, _columns.expires_at > context.now)
    return bool(context.connection.execute(select(fits)).scalar_one())
