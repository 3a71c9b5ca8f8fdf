"""Sessions of the browser. The cookie carries a random secret; the table keeps only its SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, func, insert, not_, or_, select, true, update

from engine.context import Actor, CommandContext
from engine.database.moments import Moment
from engine.database.tables import user_account, web_session
from engine.errors import InvalidInput, NotFound
from engine.notifications import unread_of
from engine.operations import log_operation
from engine.people.actors import beside, made_actor, today
from engine.people.passwords import end_sessions
from engine.signing_in.secrets import digest, new_secret

SESSION_LIFETIME = timedelta(hours=12)
#: When a session was last used is kept to so many minutes: a row need not be written with every page.
USE_KEPT = timedelta(minutes=5)
#: Of the setting, in minutes.
SHORTEST_IDLE, LONGEST_IDLE = 5, 720
#: Of what a browser calls itself.
LONGEST_CLIENT = 255


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
    #: False: `note_session_use` is to be called
    use_is_noted: bool = True


@dataclass(frozen=True, slots=True)
class OpenSession:
    """As its person sees it; `id` is no secret. `client` is what the browser calls itself; `used_at` and `address` are
    when, to a few minutes, and from where it was last used, as far as that is known."""

    id: str
    created_at: datetime
    expires_at: datetime
    client: str | None
    used_at: datetime | None
    address: str | None


def read_session_idle(text: str | None) -> timedelta:
    """Minutes, as a setting; nothing is four hours. InvalidInput for what is no number of minutes."""
    plain = (text or "240").strip()
    if not plain.isascii() or not plain.isdigit() or not SHORTEST_IDLE <= int(plain) <= LONGEST_IDLE:
        raise InvalidInput(f"{text!r} is no number of minutes from {SHORTEST_IDLE} to {LONGEST_IDLE}.")
    return timedelta(minutes=int(plain))


def open_session(
    context: CommandContext, user_id: str, *, client: str | None = None, id_token: str | None = None
) -> OpenedSession:
    """A fresh session for a person who has just proved who they are. Sessions that have run out are swept away.
    `id_token` is that of an identity provider, for signing out there too."""
    opened = OpenedSession(new_secret(), new_secret())
    close_expired(context)
    context.connection.execute(
        insert(web_session).values(
            id=digest(opened.secret),
            user_id=user_id,
            csrf_token=opened.csrf_token,
            created_at=context.now,
            expires_at=context.now + SESSION_LIFETIME,
            used_at=context.now,
            client=client[:LONGEST_CLIENT] if client else None,
            address=context.origin.address,
            id_token=id_token,
        )
    )
    log_operation(context, "SignIn", "Session", user_id=user_id)
    return opened


def read_session(context: CommandContext, secret: str) -> Session | None:
    """The session and its person in one query; None if it is unknown, has run out or was not used for too long."""
    given = {"digest": digest(secret), "now": context.now, "idle": _unused_since(context), "today": today(context)}
    found = context.connection.execute(_SESSION, given).all()
    if not found:
        return None
    first = found[0]
    name = " ".join(part for part in (first.first_name, first.last_name) if part) or first.id
    noted = first.used_at is not None and first.used_at > context.now - USE_KEPT
    return Session(made_actor(first.id, found), first.csrf_token, name, first.language, first.unread, noted)


def note_session_use(context: CommandContext, secret: str) -> None:
    """Now, and from where the command comes."""
    columns = web_session.c
    context.connection.execute(
        update(web_session)
        .where(columns.id == digest(secret))
        .values(used_at=context.now, address=func.coalesce(context.origin.address, columns.address))
    )


def _unused_since(context: CommandContext) -> datetime:
    """Who was last seen then is signed out. Nobody before their time: the last use may not have been noted."""
    return context.now - context.engine.settings.session_idle - USE_KEPT


def _in_use(since: Any) -> ColumnElement[bool]:
    return or_(web_session.c.used_at.is_(None), web_session.c.used_at > since)


def _session() -> Select[*tuple[Any, ...]]:
    valid = and_(
        web_session.c.id == bindparam("digest"),
        web_session.c.expires_at > bindparam("now", type_=Moment),
        _in_use(bindparam("idle", type_=Moment)),
    )
    facts = beside(select(web_session.c.user_id).where(valid).scalar_subquery())
    return (
        select(
            web_session.c.csrf_token,
            web_session.c.used_at,
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


def close_session(context: CommandContext, secret: str) -> str | None:
    """Twice is the same as once. The identity provider's token, if the person came from there."""
    columns = web_session.c
    gone = context.connection.execute(
        delete(web_session).where(columns.id == digest(secret)).returning(columns.user_id, columns.id_token)
    ).one_or_none()
    if gone is None:
        return None
    log_operation(context, "SignOut", "Session", user_id=gone.user_id)
    id_token: str | None = gone.id_token
    return id_token


def log_refused_sign_in(context: CommandContext, user_id: str | None, why: str | None = None) -> None:
    """Somebody did not get in as this person, or as nobody of ours. A name that nobody has is not kept: it may be a
    password typed into the wrong field."""
    known = select(user_account.c.id).where(user_account.c.id == user_id)
    found = context.connection.execute(known).scalar_one_or_none()
    log_operation(context, "SignInRefused", "Session", entity_id=found, details=why)


def find_sessions(context: CommandContext) -> list[OpenSession]:
    """The actor's own, newest first."""
    columns = web_session.c
    rows = context.connection.execute(
        select(columns.id, columns.created_at, columns.expires_at, columns.client, columns.used_at, columns.address)
        .where(columns.user_id == context.actor.user_id, columns.expires_at > context.now)
        .where(_in_use(_unused_since(context)))
        .order_by(columns.created_at.desc(), columns.id)
    )
    return [OpenSession(*row) for row in rows]


def end_session(context: CommandContext, session_id: str) -> None:
    """Whoever uses it is signed out. NotFound for somebody else's."""
    columns = web_session.c
    gone = delete(web_session).where(columns.id == session_id, columns.user_id == context.actor.user_id)
    if context.connection.execute(gone).rowcount == 0:
        raise NotFound("session", session_id)
    log_operation(context, "EndSession", "Session", entity_id=context.actor.user_id)


def end_other_sessions(context: CommandContext, this: str) -> None:
    """The actor is signed out wherever they are signed in, but not in the session with this id."""
    end_sessions(context, context.actor.user_id or "", keep=this)
    log_operation(context, "EndSession", "Session", entity_id=context.actor.user_id)


def id_of_session(secret: str) -> str:
    """Of the session whose cookie holds this secret."""
    return digest(secret)


def close_expired(context: CommandContext) -> int:
    """How many had run out."""
    over = or_(web_session.c.expires_at <= context.now, not_(_in_use(_unused_since(context))))
    return context.connection.execute(delete(web_session).where(over)).rowcount
