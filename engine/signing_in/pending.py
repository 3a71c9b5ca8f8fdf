"""Browsers that are on their way to the identity provider: what they must bring back, and where they go on then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert

from engine.context import CommandContext
from engine.database.tables import pending_sign_in
from engine.signing_in.secrets import digest

#: To find the second factor and type the password.
PATIENCE = timedelta(minutes=15)

_columns = pending_sign_in.c


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """`state`, `nonce` and `verifier` (PKCE) tie the answer to this browser. `user_id`: who is signed in already and
    wants the account there to open theirs here. `unsent`: a form that was written when a session ended."""

    state: str
    nonce: str
    verifier: str
    next: str
    unsent: str | None = None
    user_id: str | None = None


def remember_pending(context: CommandContext, secret: str, pending: PendingSignIn) -> None:
    """`secret` goes into a cookie of the browser. Those that never came back are swept away."""
    forget_pending(context)
    context.connection.execute(
        insert(pending_sign_in).values(
            id=digest(secret),
            state=pending.state,
            nonce=pending.nonce,
            verifier=pending.verifier,
            next=pending.next,
            unsent=pending.unsent,
            user_id=pending.user_id,
            expires_at=context.now + PATIENCE,
        )
    )


def take_pending(context: CommandContext, secret: str) -> PendingSignIn | None:
    """What was remembered, once: the same answer brought a second time finds nothing. None if it took too long."""
    row = context.connection.execute(
        delete(pending_sign_in).where(_columns.id == digest(secret)).returning(*_columns)
    ).one_or_none()
    if row is None or row.expires_at <= context.now:
        return None
    return PendingSignIn(row.state, row.nonce, row.verifier, row.next, row.unsent, row.user_id)


def forget_pending(context: CommandContext) -> int:
    """How many had waited too long."""
    return context.connection.execute(delete(pending_sign_in).where(_columns.expires_at <= context.now)).rowcount
