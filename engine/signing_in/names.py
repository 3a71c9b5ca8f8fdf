"""Whom a name means on the sign-in page: an id, a directory's user name, or a mail address that one person has."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_, select

from engine.context import CommandContext
from engine.database.tables import user_account
from engine.people.passwords import SIGNS_IN

_columns = user_account.c
#: More accounts than this do not share an address and still mean somebody.
MOST = 20


def person_named(context: CommandContext, name: str) -> str | None:
    """The id of the one active person (no guest) who goes by this name; None if there is none, or more than one.

    An id counts as it is written, and first; then ids and user names in any case; then addresses. So an address that
    somebody wrote into their own account never shadows the name of another. One statement, whoever it is.
    """
    lowered = name.lower()
    named = or_(func.lower(_columns.id) == lowered, func.lower(_columns.user_name) == lowered)
    rows = context.connection.execute(
        select(_columns.id, _columns.user_name)
        .where(or_(named, func.lower(_columns.email) == lowered), SIGNS_IN)
        .limit(MOST)
    ).all()
    for fitting in (
        [row.id for row in rows if row.id == name],
        [row.id for row in rows if lowered in (row.id.lower(), (row.user_name or "").lower())],
        [row.id for row in rows],
    ):
        if fitting:
            return str(fitting[0]) if len(fitting) == 1 else None
    return None


def who(context: CommandContext, condition: ColumnElement[bool]) -> list[str]:
    """The ids of those who may come in and fit; two at most, since two are already too many."""
    return list(context.connection.execute(select(_columns.id).where(condition, SIGNS_IN).limit(2)).scalars())
