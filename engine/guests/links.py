"""Links by which guests come in: 256 random bits, kept as their SHA-256.

A link in a mail is made at the moment the mail leaves, so its secret is never written down: not in the job, not in the
history. A mail that is sent again carries another one; both hold, and both end with their invitation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select

from engine.context import SYSTEM, CommandContext
from engine.database.tables import guest_invitation, guest_link, historic_process_instance, user_account
from engine.outgoing.deliveries import LINK
from engine.signing_in.secrets import digest, new_secret

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

#: Of one invitation the newest hold: each reminder has a link of its own.
MOST_LINKS = 20
#: So long after the end of a journey its guest may still look at it.
AFTER_THE_END = timedelta(days=7)

_invitation = guest_invitation.c


def holds(context: CommandContext) -> ColumnElement[bool]:
    """Of an invitation joined with its journey and its guest's account: it is neither revoked nor run out, and the
    journey is not long over."""
    ended = historic_process_instance.c.ended_at
    return and_(
        _invitation.revoked_at.is_(None),
        _invitation.expires_at > context.now,
        or_(ended.is_(None), ended > context.now - AFTER_THE_END),
        user_account.c.active,
    )


#: Invitations with what `holds` asks for.
JOINED = guest_invitation.join(
    historic_process_instance, historic_process_instance.c.id == _invitation.journey_id
).join(user_account, user_account.c.id == _invitation.user_id)


def new_link(context: CommandContext, invitation_id: str) -> str:
    """The secret of a new link, told this once."""
    secret = new_secret()
    link = guest_link.c
    older = (
        select(link.digest)
        .where(link.invitation_id == invitation_id)
        .order_by(link.created_at.desc(), link.digest)
        .offset(MOST_LINKS - 1)
    )
    if too_many := context.connection.execute(older).scalars().all():
        context.connection.execute(delete(guest_link).where(link.digest.in_(too_many)))
    context.connection.execute(
        insert(guest_link).values(digest=digest(secret), invitation_id=invitation_id, created_at=context.now)
    )
    return secret


def with_link(engine: ProcessEngine, payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """The payload of a mail that is about to leave, with a link made for it; None where the invitation holds no more,
    and nobody is to be written to."""
    with engine.command(SYSTEM) as context:
        found = select(_invitation.id).select_from(JOINED).where(_invitation.id == payload["invitation"])
        if context.connection.execute(found.where(holds(context))).first() is None:
            return None
        secret = new_link(context, payload["invitation"])
    address = f"{engine.settings.outgoing.public_url}/guest/link/{secret}"
    return {**payload, "text": payload["text"].replace(LINK, address)}
