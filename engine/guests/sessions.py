"""Sessions of guests. They are of their own kind: their cookie opens the pages of guests and no others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update

from engine.context import Actor, CommandContext
from engine.database.tables import guest_invitation, guest_link, guest_session, historic_process_instance, user_account
from engine.errors import NotFound
from engine.guests.links import JOINED, holds
from engine.operations import log_operation
from engine.sessions import OpenedSession
from engine.signing_in.secrets import digest, new_secret

LIFETIME = timedelta(hours=12)
#: At once, of one invitation; the oldest go first.
MOST_SESSIONS = 20


@dataclass(frozen=True, slots=True)
class GuestSession:
    actor: Actor
    csrf_token: str
    display_name: str
    language: str | None
    journey_id: str


def link_holds(context: CommandContext, secret: str) -> bool:
    """Looking at a link opens nothing: mail scanners look too."""
    return _invitation_of(context, secret) is not None


def open_guest_session(context: CommandContext, secret: str) -> OpenedSession:
    """For who holds a link. NotFound for one that is unknown, revoked or has run out."""
    invitation_id = _invitation_of(context, secret)
    if invitation_id is None:
        raise NotFound("guest link", "-", "This link does not hold any more: ask for a new one.")
    opened = OpenedSession(new_secret(), new_secret())
    columns = guest_session.c
    older = select(columns.id).where(columns.invitation_id == invitation_id).order_by(columns.created_at.desc())
    if too_many := context.connection.execute(older.offset(MOST_SESSIONS - 1)).scalars().all():
        context.connection.execute(delete(guest_session).where(columns.id.in_(too_many)))
    context.connection.execute(
        insert(guest_session).values(
            id=digest(opened.secret),
            invitation_id=invitation_id,
            csrf_token=opened.csrf_token,
            created_at=context.now,
            expires_at=context.now + LIFETIME,
        )
    )
    invitation = guest_invitation.c
    context.connection.execute(
        update(guest_invitation)
        .where(invitation.id == invitation_id)
        .values(opened_at=func.coalesce(invitation.opened_at, context.now))
    )
    _log(context, "SignIn", invitation_id)
    return opened


def read_guest_session(context: CommandContext, secret: str) -> GuestSession | None:
    """None if it is unknown or has run out, or its invitation holds no more."""
    account, columns = user_account.c, guest_session.c
    row = context.connection.execute(
        select(columns.csrf_token, account.id, account.first_name, account.language, historic_process_instance.c.id)
        .select_from(JOINED.join(guest_session, columns.invitation_id == guest_invitation.c.id))
        .where(columns.id == digest(secret), columns.expires_at > context.now, holds(context))
    ).one_or_none()
    if row is None:
        return None
    token, user_id, name, language, journey_id = row
    return GuestSession(Actor(user_id, only_journey=journey_id), token, name or "", language, journey_id)


def close_guest_session(context: CommandContext, secret: str) -> None:
    """Twice is the same as once."""
    this = guest_session.c.id == digest(secret)
    invitation_id = context.connection.execute(select(guest_session.c.invitation_id).where(this)).scalar_one_or_none()
    if invitation_id is not None:
        context.connection.execute(delete(guest_session).where(this))
        _log(context, "SignOut", invitation_id)


def _log(context: CommandContext, operation: str, invitation_id: str) -> None:
    columns = guest_invitation.c
    row = context.connection.execute(
        select(columns.user_id, columns.journey_id).where(columns.id == invitation_id)
    ).one()
    log_operation(context, operation, "Session", user_id=row.user_id, process_instance_id=row.journey_id)


def _invitation_of(context: CommandContext, secret: str) -> str | None:
    statement = (
        select(guest_invitation.c.id)
        .select_from(JOINED.join(guest_link, guest_link.c.invitation_id == guest_invitation.c.id))
        .where(guest_link.c.digest == digest(secret), holds(context))
    )
    return context.connection.execute(statement).scalar_one_or_none()
