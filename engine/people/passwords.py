"""Passwords, kept as argon2 hashes.

Hashing is slow on purpose, so only a few run at once: a crowd of sign-ins must not take the memory and the processor of
everybody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, exists, select, update

from engine.context import Actor, CommandContext
from engine.database.tables import known_device, membership, user_account, web_session
from engine.errors import Conflict, InvalidInput, NotFound, TooBusy
from engine.operations import log_operation
from engine.people.guards import require_self_or_administrator
from engine.people.password_rules import require_good_password
from engine.policy import GUESTS, Action, require

_hasher = PasswordHasher()
#: Each takes 64 MB while it lasts.
_hashing = BoundedSemaphore(2)
#: Who waits for it holds a thread of the server; half of these are left for everybody else.
_waiting = BoundedSemaphore(16)

#: Whose password counts: a guest has none, and who is not active is not let in.
SIGNS_IN = user_account.c.active & ~exists().where(
    membership.c.user_id == user_account.c.id, membership.c.group_id == GUESTS
)


@dataclass(frozen=True, slots=True)
class PreparedPassword:
    """A password that is hashed already; `text` is for the rules, which want to know whose it is to be."""

    text: str = field(repr=False)
    hash: str = field(repr=False)


@cache
def _nobody() -> str:
    """Verified against when there is no such user, so that the answer takes as long as for one who exists."""
    return _hasher.hash("nobody has this password")


def prepare_password(actor: Actor, user_id: str, password: str) -> PreparedPassword:
    """Before the command that sets it: argon2 takes its time, and nobody else is to wait for that with their writing.
    NotAllowed for whom it would be refused anyway, InvalidInput for one that is empty or overlong."""
    require(actor, Action.CHANGE_USER, user_id)
    return PreparedPassword(password, hash_of(password))


def set_password(
    context: CommandContext, user_id: str, password: str | PreparedPassword, *, keep: str | None = None
) -> None:
    """Ends every session of the person but the one whose id is `keep`, and forgets the devices they were known on:
    whoever knew the old password is signed out. InvalidInput for one that is easy to guess, Conflict for a guest."""
    require_self_or_administrator(context, user_id)
    guest = exists().where(membership.c.user_id == user_id, membership.c.group_id == GUESTS)
    if context.connection.execute(select(guest)).scalar_one():
        raise Conflict("A guest signs in by a link that is sent to them: take the role guest away first.")
    if not context.actor.system:
        require_good_password(text_of(password), *_names_of(context, user_id))
    changed = context.connection.execute(
        update(user_account).where(user_account.c.id == user_id).values(password_hash=hash_of(password))
    )
    if changed.rowcount == 0:
        raise NotFound("user", user_id)
    end_sessions(context, user_id, keep=keep)
    context.connection.execute(delete(known_device).where(known_device.c.user_id == user_id))
    log_operation(context, "SetPassword", "User", entity_id=user_id)


def end_sessions(context: CommandContext, user_id: str, *, keep: str | None = None) -> None:
    """Of the person; the one whose id is `keep` stays."""
    context.connection.execute(
        delete(web_session).where(web_session.c.user_id == user_id, web_session.c.id != (keep or ""))
    )


def _names_of(context: CommandContext, user_id: str) -> tuple[str | None, ...]:
    columns = user_account.c
    row = context.connection.execute(
        select(columns.id, columns.user_name, columns.first_name, columns.last_name, columns.email).where(
            columns.id == user_id
        )
    ).one_or_none()
    return tuple(row) if row is not None else ()


def password_hash(context: CommandContext, user_id: str) -> str | None:
    """The stored hash, to be verified with `verify_hash` outside the transaction; None for whom no password lets in."""
    return context.connection.execute(
        select(user_account.c.password_hash).where(user_account.c.id == user_id, SIGNS_IN)
    ).scalar_one_or_none()


def verify_hash(stored: str | None, password: str) -> bool:
    """Whether the password fits an argon2 hash; False, after the same work, when there is none. TooBusy in a flood."""
    with _a_turn():
        try:
            return _hasher.verify(stored or _nobody(), password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def text_of(password: str | PreparedPassword) -> str:
    return password if isinstance(password, str) else password.text


def hash_of(password: str | PreparedPassword) -> str:
    if isinstance(password, PreparedPassword):
        return password.hash
    if not password or len(password) > 1024:
        raise InvalidInput("A password has 1 to 1024 characters.")
    with _a_turn():
        return _hasher.hash(password)


@contextmanager
def _a_turn() -> Iterator[None]:
    """TooBusy where too many wait already: a flood of sign-ins takes neither the memory nor all threads."""
    if not _waiting.acquire(blocking=False):
        raise TooBusy
    try:
        with _hashing:
            yield
    finally:
        _waiting.release()
