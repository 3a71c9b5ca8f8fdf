"""Sessions of the browser. The cookie carries a random secret; the table keeps only its SHA-256."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, insert, select, true

from engine.context import Actor, CommandContext
from engine.database.moments import Moment
from engine.database.tables import user_account, web_session
from engine.notifications import unread_of
from engine.people.actors import beside, made_actor, today

LIFETIME = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """Given once, when somebody signs in: the secret for the cookie and the token that every form must carry."""

    secret: str
    csrf_token: str


@dataclass(frozen=True, slots=True)
class Session:
    actor: Actor
    csrf_token: str
    display_name: str
    language: str | None
    #: notifications to the person, or to one of their departments, that nobody has read
    unread: int = 0


def open_session(context: CommandContext, user_id: str) -> OpenedSession:
    """A fresh session for a person who has just proved who they are. Sessions that have run out are swept away."""
    opened = OpenedSession(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    close_expired(context)
    context.connection.execute(
        insert(web_session).values(
            id=_digest(opened.secret),
            user_id=user_id,
            csrf_token=opened.csrf_token,
            created_at=context.now,
            expires_at=context.now + LIFETIME,
        )
    )
    return opened


def read_session(context: CommandContext, secret: str) -> Session | None:
    """The session and its person in one query; None if it is unknown or has run out."""
    rows = context.connection.execute(
        _SESSION, {"digest": _digest(secret), "now": context.now, "today": today(context)}
    )
    found = rows.all()
    if not found:
        return None
    first = found[0]
    name = " ".join(part for part in (first.first_name, first.last_name) if part) or first.id
    return Session(made_actor(first.id, found), first.csrf_token, name, first.language, first.unread)


def _session() -> Select[*tuple[Any, ...]]:
    valid = and_(web_session.c.id == bindparam("digest"), web_session.c.expires_at > bindparam("now", type_=Moment))
    facts = beside(select(web_session.c.user_id).where(valid).scalar_subquery())
    return (
        select(
            web_session.c.csrf_token,
            user_account.c.id,
            user_account.c.first_name,
            user_account.c.last_name,
            user_account.c.language,
            unread_of(web_session.c.user_id).label("unread"),
            *facts.c,
        )
        .join(user_account, user_account.c.id == web_session.c.user_id)
        .outerjoin(facts, true())
        .where(valid, user_account.c.active)
    )


#: Built once: it is asked with every page.
_SESSION = _session()


def close_session(context: CommandContext, secret: str) -> None:
    """Twice is the same as once."""
    context.connection.execute(delete(web_session).where(web_session.c.id == _digest(secret)))


def close_expired(context: CommandContext) -> int:
    """How many had run out."""
    return context.connection.execute(delete(web_session).where(web_session.c.expires_at <= context.now)).rowcount


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
