"""The first administrator of an empty house: made by who holds the one link that the server printed.

The link is one row, so a newer one replaces it and two servers that start together leave one. It is used up in the same
transaction that makes the administrator. Whoever makes the first one, by the link or at the command, holds the role
while they look whether there is one: two at once make one.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, exists, select

from engine.context import CommandContext
from engine.database.tables import membership, set_up_link, user_account
from engine.database.upserts import insert_for
from engine.errors import Conflict, NotFound
from engine.people.password_rules import require_good_password
from engine.people.passwords import PreparedPassword, text_of
from engine.people.roles import hold_administrators, set_roles
from engine.people.users import create_user
from engine.policy import ADMINISTRATORS
from engine.signing_in.secrets import digest, new_secret

#: A restart prints a new one.
VALID = timedelta(hours=24)
_THE_ONE = "first"

_columns = set_up_link.c


def has_administrator(context: CommandContext) -> bool:
    """Whether anybody could let others in."""
    somebody = exists().where(
        membership.c.group_id == ADMINISTRATORS, membership.c.user_id == user_account.c.id, user_account.c.active
    )
    return bool(context.connection.execute(select(somebody)).scalar_one())


def make_set_up_link(context: CommandContext) -> str | None:
    """The secret of a new link; the one before it is dead. None where there is an administrator."""
    if has_administrator(context):
        return None
    secret = new_secret()
    values = {"digest": digest(secret), "expires_at": context.now + VALID}
    statement = insert_for(context.engine.database.dialect, set_up_link).values(id=_THE_ONE, **values)
    context.connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    return secret


def is_set_up_link(context: CommandContext, secret: str) -> bool:
    """Whether an administrator may still be made by it."""
    fits = exists().where(_columns.digest == digest(secret), _columns.expires_at > context.now)
    return bool(context.connection.execute(select(fits)).scalar_one()) and not has_administrator(context)


def create_first_administrator(
    context: CommandContext,
    secret: str,
    user_id: str,
    password: PreparedPassword | str,
    *,
    first_name: str | None = None,
    last_name: str | None = None,
    email: str | None = None,
) -> None:
    """Uses the link up. NotFound for one that is dead; InvalidInput, and the link lives on, for what cannot be."""
    hold_administrators(context)
    gone = context.connection.execute(
        delete(set_up_link).where(_columns.digest == digest(secret), _columns.expires_at > context.now)
    )
    if gone.rowcount == 0 or has_administrator(context):
        raise NotFound("link", "first administrator")
    require_good_password(text_of(password), user_id, first_name, last_name, email)
    create_user(context, user_id, password=password, first_name=first_name, last_name=last_name, email=email)
    set_roles(context, user_id, [ADMINISTRATORS])


def create_administrator_at_command(
    context: CommandContext,
    user_id: str,
    password: PreparedPassword | str,
    *,
    first_name: str | None = None,
    last_name: str | None = None,
    email: str | None = None,
) -> None:
    """By who runs the machine, without a link. Conflict where there is an administrator already."""
    hold_administrators(context)
    if has_administrator(context):
        raise Conflict("There is an administrator already: `onedoor user add --admin` makes another.")
    create_user(context, user_id, password=password, first_name=first_name, last_name=last_name, email=email)
    set_roles(context, user_id, [ADMINISTRATORS])
