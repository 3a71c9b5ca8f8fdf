"""Tokens by which a program acts for a person over REST: 256 random bits, shown once, kept as their SHA-256.

A token is no more than its person: groups are read with every request, so who leaves a department or is removed takes
their tokens along. What a token may do beyond that is its scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, delete, func, insert, select, true, update

from engine.context import Actor, CommandContext
from engine.database.moments import Moment
from engine.database.tables import api_token, user_account
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.ids import new_id
from engine.operations import log_operation
from engine.people.actors import beside, made_actor, today
from engine.policy import Action, require
from engine.signing_in.secrets import digest, new_secret

#: So that a token is known as one where it turns up: in a log, in a file that somebody committed.
PREFIX = "onedoor_"
SHOWN = len(PREFIX) + 6
LONGEST_DAYS = 366
LONGEST_NAME = 100
MOST = 50
#: When a token was last used is kept to the hour: a row need not be written with every request.
USE_KEPT = timedelta(hours=1)


class Scope(StrEnum):
    """`read`: looks; `worker`: external tasks and nothing else; `write`: all that the person may do."""

    READ = "read"
    WORKER = "worker"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """`shown` is how it begins, to tell it from others."""

    id: str
    name: str
    shown: str
    scope: Scope
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who a token acts for, and how far."""

    token_id: str
    actor: Actor
    scope: Scope
    use_is_noted: bool


def create_api_token(context: CommandContext, name: str, scope: Scope, days: int) -> tuple[ApiToken, str]:
    """A token of the actor's own, and its secret, which nobody can read again."""
    user_id = context.actor.user_id
    if user_id is None:
        raise NotAllowed("A token acts for a person: sign in as one.")
    require(context.actor, Action.LOOK_ROUND)
    if not name.strip() or len(name) > LONGEST_NAME:
        raise InvalidInput(f"Name the token by what will use it, in at most {LONGEST_NAME} characters.")
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(f"A token lives for 1 to {LONGEST_DAYS} days, not {days}.")
    connection, columns = context.connection, api_token.c
    connection.execute(delete(api_token).where(columns.user_id == user_id, columns.expires_at <= context.now))
    held = connection.execute(select(func.count()).select_from(api_token).where(columns.user_id == user_id))
    if held.scalar_one() >= MOST:
        raise InvalidInput(f"You have {MOST} tokens: remove those that nothing uses any more.")
    secret = PREFIX + new_secret()
    expires = context.now + timedelta(days=days)
    token = ApiToken(new_id(), name.strip(), secret[:SHOWN], scope, context.now, expires, None)
    connection.execute(
        insert(api_token).values(
            id=token.id,
            user_id=user_id,
            name=token.name,
            shown=token.shown,
            digest=digest(secret),
            scope=scope.value,
            created_at=token.created_at,
            expires_at=token.expires_at,
        )
    )
    log_operation(context, "Create", "ApiToken", entity_id=token.id, details=f"{token.name} ({scope}), {days} days")
    return token, secret


def find_api_tokens(context: CommandContext) -> list[ApiToken]:
    """The actor's own, newest first; those that have run out are left out."""
    columns = api_token.c
    rows = context.connection.execute(
        select(api_token)
        .where(columns.user_id == context.actor.user_id, columns.expires_at > context.now)
        .order_by(columns.created_at.desc(), columns.id)
    )
    return [_token(row) for row in rows]


def revoke_api_token(context: CommandContext, token_id: str) -> None:
    """It is worth nothing from now on. NotFound for somebody else's."""
    columns = api_token.c
    found = context.connection.execute(
        select(columns.name).where(columns.id == token_id, columns.user_id == context.actor.user_id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("API token", token_id)
    context.connection.execute(delete(api_token).where(columns.id == token_id))
    log_operation(context, "Delete", "ApiToken", entity_id=token_id, details=found)


def read_api_token(context: CommandContext, secret: str) -> Bearer | None:
    """The token and its person in one query; None if it is unknown or has run out, or the person is not active."""
    if not secret.startswith(PREFIX):
        return None
    given = {"digest": digest(secret), "now": context.now, "today": today(context)}
    rows = context.connection.execute(_BEARER, given).all()
    if not rows:
        return None
    first = rows[0]
    noted = first.last_used_at is not None and first.last_used_at > context.now - USE_KEPT
    return Bearer(first.id, made_actor(first.user_id, rows), Scope(first.scope), noted)


def _bearer() -> Select[*tuple[Any, ...]]:
    columns = api_token.c
    valid = and_(columns.digest == bindparam("digest"), columns.expires_at > bindparam("now", type_=Moment))
    facts = beside(select(columns.user_id).where(valid).scalar_subquery())
    return (
        select(columns.id, columns.scope, columns.last_used_at, columns.user_id, *facts.c)
        .join(user_account, user_account.c.id == columns.user_id)
        .outerjoin(facts, true())
        .where(valid, user_account.c.active)
    )


#: Built once: it is asked with every request of a program.
_BEARER = _bearer()


def note_use(context: CommandContext, token_id: str) -> None:
    context.connection.execute(update(api_token).where(api_token.c.id == token_id).values(last_used_at=context.now))


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(row.id, row.name, row.shown, Scope(row.scope), row.created_at, row.expires_at, row.last_used_at)
