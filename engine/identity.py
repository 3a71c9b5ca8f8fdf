"""People, departments and who belongs where. Camunda calls them user, group and member.

Passwords are kept as argon2 hashes. Hashing is slow on purpose, so only a few run at once: a crowd of sign-ins must not
take the memory and the processor of everybody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Select, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.context import Actor, CommandContext
from engine.database.tables import department, membership, user_account, web_session
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound

#: Members of these groups are administrators (Camunda's name) or may deploy and edit flows.
ADMINISTRATORS = "camunda-admin"
PROCESS_OWNERS = "process-owner"

SYSTEM_GROUP = "SYSTEM"
DEPARTMENT = "WORKFLOW"

_hasher = PasswordHasher()
_hashing = BoundedSemaphore(2)


@cache
def _nobody() -> str:
    """Verified against when there is no such user, so that the answer takes as long as for one who exists."""
    return _hasher.hash("nobody has this password")


@dataclass(frozen=True, slots=True)
class User:
    id: str
    first_name: str | None
    last_name: str | None
    email: str | None
    language: str | None = None

    @property
    def display_name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.id


@dataclass(frozen=True, slots=True)
class Group:
    """`type` is WORKFLOW for a department, SYSTEM for a role."""

    id: str
    name: str
    type: str
    name_sv: str | None = None


@dataclass(frozen=True, slots=True)
class UserQuery:
    id: str | None = None
    ids: tuple[str, ...] | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    member_of_group: str | None = None
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None


@dataclass(frozen=True, slots=True)
class GroupQuery:
    id: str | None = None
    ids: tuple[str, ...] | None = None
    name: str | None = None
    type: str | None = None
    member: str | None = None
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None


# ---------------------------------------------------------------- users


def create_user(
    context: CommandContext,
    user_id: str,
    *,
    password: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    email: str | None = None,
    language: str | None = None,
) -> User:
    """A new person. Without a password they cannot sign in with one. Conflict if the id is taken."""
    _require_administrator(context)
    values = {
        "id": _identifier("user", user_id),
        "first_name": first_name,
        "last_name": last_name,
        "email": email,
        "password_hash": _hash(password) if password else None,
        "language": language,
        "created_at": context.now,
    }
    try:
        context.connection.execute(insert(user_account).values(values))
    except IntegrityError:
        raise Conflict(f"There is already a user {user_id}: choose another id.") from None
    return User(user_id, first_name, last_name, email, language)


def get_user(context: CommandContext, user_id: str) -> User:
    found = find_users(context, UserQuery(id=user_id))
    if not found:
        raise NotFound("user", user_id)
    return found[0]


def find_users(context: CommandContext, query: UserQuery) -> list[User]:
    statement = _paged(_users(query), user_account, query.sort, query.first_result, query.max_results)
    return [_user(row) for row in context.connection.execute(statement)]


def count_users(context: CommandContext, query: UserQuery) -> int:
    return _count(context, _users(query))


def update_user(
    context: CommandContext, user_id: str, *, first_name: str | None, last_name: str | None, email: str | None
) -> None:
    _require_self_or_administrator(context, user_id)
    changed = context.connection.execute(
        update(user_account)
        .where(user_account.c.id == user_id)
        .values(first_name=first_name, last_name=last_name, email=email)
    )
    if changed.rowcount == 0:
        raise NotFound("user", user_id)


def delete_user(context: CommandContext, user_id: str) -> None:
    """Removes the person, their memberships and sessions. What they did stays in the history under their id."""
    _require_administrator(context)
    if context.connection.execute(delete(user_account).where(user_account.c.id == user_id)).rowcount == 0:
        raise NotFound("user", user_id)


def set_password(context: CommandContext, user_id: str, password: str) -> None:
    """Ends every session of the person: whoever knew the old password is signed out."""
    _require_self_or_administrator(context, user_id)
    changed = context.connection.execute(
        update(user_account).where(user_account.c.id == user_id).values(password_hash=_hash(password))
    )
    if changed.rowcount == 0:
        raise NotFound("user", user_id)
    context.connection.execute(delete(web_session).where(web_session.c.user_id == user_id))


def set_language(context: CommandContext, user_id: str, language: str) -> None:
    _require_self_or_administrator(context, user_id)
    context.connection.execute(update(user_account).where(user_account.c.id == user_id).values(language=language))


def password_hash(context: CommandContext, user_id: str) -> str | None:
    """The stored hash, to be verified with `verify_hash` outside the transaction; None for an unknown user."""
    return context.connection.execute(
        select(user_account.c.password_hash).where(user_account.c.id == user_id)
    ).scalar_one_or_none()


def verify_hash(stored: str | None, password: str) -> bool:
    """Whether the password fits an argon2 hash; False, after the same work, when there is none."""
    with _hashing:
        try:
            return _hasher.verify(stored or _nobody(), password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def actor_of(context: CommandContext, user_id: str) -> Actor:
    """The person with their groups, ready to act. NotFound for an unknown user."""
    found = credentials(context, user_id)
    if found is None:
        raise NotFound("user", user_id)
    return found[0]


def credentials(context: CommandContext, user_id: str) -> tuple[Actor, str] | None:
    """The person, ready to act, and the stored hash, which must be verified first; None for an unknown user."""
    rows = context.connection.execute(_CREDENTIALS, {"user_id": user_id}).all()
    if not rows:
        return None
    groups = frozenset(row.group_id for row in rows if row.group_id is not None)
    return Actor(user_id=user_id, groups=groups, administrator=ADMINISTRATORS in groups), rows[0].password_hash


#: Built once: it is asked with every request over HTTP Basic.
_CREDENTIALS = (
    select(user_account.c.password_hash, membership.c.group_id)
    .outerjoin(membership, membership.c.user_id == user_account.c.id)
    .where(user_account.c.id == bindparam("user_id"))
)


# ---------------------------------------------------------------- groups


def create_group(
    context: CommandContext, group_id: str, name: str, *, type: str = DEPARTMENT, name_sv: str | None = None
) -> Group:
    _require_administrator(context)
    values = {"id": _identifier("group", group_id), "name": name or group_id, "name_sv": name_sv, "type": type}
    try:
        context.connection.execute(insert(department).values(values))
    except IntegrityError:
        raise Conflict(f"There is already a group {group_id}: choose another id.") from None
    return Group(group_id, name or group_id, type, name_sv)


def get_group(context: CommandContext, group_id: str) -> Group:
    found = find_groups(context, GroupQuery(id=group_id))
    if not found:
        raise NotFound("group", group_id)
    return found[0]


def find_groups(context: CommandContext, query: GroupQuery) -> list[Group]:
    statement = _paged(_groups(query), department, query.sort, query.first_result, query.max_results)
    return [Group(row.id, row.name, row.type, row.name_sv) for row in context.connection.execute(statement)]


def count_groups(context: CommandContext, query: GroupQuery) -> int:
    return _count(context, _groups(query))


def update_group(context: CommandContext, group_id: str, *, name: str, type: str) -> None:
    _require_administrator(context)
    changed = context.connection.execute(
        update(department).where(department.c.id == group_id).values(name=name, type=type)
    )
    if changed.rowcount == 0:
        raise NotFound("group", group_id)


def delete_group(context: CommandContext, group_id: str) -> None:
    _require_administrator(context)
    if context.connection.execute(delete(department).where(department.c.id == group_id)).rowcount == 0:
        raise NotFound("group", group_id)


def add_member(context: CommandContext, group_id: str, user_id: str) -> None:
    """Twice is the same as once."""
    _require_administrator(context)
    get_group(context, group_id)
    get_user(context, user_id)
    known = select(membership).where(membership.c.group_id == group_id, membership.c.user_id == user_id)
    if context.connection.execute(known).first() is None:
        context.connection.execute(insert(membership).values(group_id=group_id, user_id=user_id))


def remove_member(context: CommandContext, group_id: str, user_id: str) -> None:
    _require_administrator(context)
    context.connection.execute(
        delete(membership).where(membership.c.group_id == group_id, membership.c.user_id == user_id)
    )


# ---------------------------------------------------------------- inside


def _require_administrator(context: CommandContext) -> None:
    if not context.actor.administrator:
        raise NotAllowed("Only an administrator may change people and departments.")


def _require_self_or_administrator(context: CommandContext, user_id: str) -> None:
    if context.actor.user_id != user_id:
        _require_administrator(context)


def _identifier(kind: str, value: str) -> str:
    if not value or len(value) > 64 or any(c.isspace() or not c.isprintable() or c in "/\\" for c in value):
        raise InvalidInput(f"{value!r} is no id of a {kind}: 1 to 64 characters without spaces and slashes.")
    return value


def _hash(password: str) -> str:
    if not password or len(password) > 1024:
        raise InvalidInput("A password has 1 to 1024 characters.")
    with _hashing:
        return _hasher.hash(password)


def _user(row: Any) -> User:
    return User(row.id, row.first_name, row.last_name, row.email, row.language)


def _users(query: UserQuery) -> Select[Any]:
    columns = user_account.c
    statement = select(columns.id, columns.first_name, columns.last_name, columns.email, columns.language)
    for column, wanted in (
        (columns.id, query.id),
        (columns.first_name, query.first_name),
        (columns.last_name, query.last_name),
        (columns.email, query.email),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if query.ids is not None:
        statement = statement.where(columns.id.in_(query.ids))
    if query.member_of_group is not None:
        statement = statement.where(
            exists().where(membership.c.user_id == columns.id, membership.c.group_id == query.member_of_group)
        )
    return statement


def _groups(query: GroupQuery) -> Select[Any]:
    columns = department.c
    statement = select(columns.id, columns.name, columns.type, columns.name_sv)
    for column, wanted in ((columns.id, query.id), (columns.name, query.name), (columns.type, query.type)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if query.ids is not None:
        statement = statement.where(columns.id.in_(query.ids))
    if query.member is not None:
        statement = statement.where(
            exists().where(membership.c.group_id == columns.id, membership.c.user_id == query.member)
        )
    return statement


def _paged(
    statement: Select[Any], table: Any, sort: tuple[tuple[str, str], ...], first: int, most: int | None
) -> Select[Any]:
    for name, direction in sort:
        if name not in table.c:
            raise InvalidInput(f"Cannot sort by {name}.")
        statement = statement.order_by(table.c[name].desc() if direction == "desc" else table.c[name])
    statement = statement.order_by(table.c.id).offset(first)
    return statement if most is None else statement.limit(most)


def _count(context: CommandContext, statement: Select[Any]) -> int:
    return int(context.connection.execute(select(func.count()).select_from(statement.subquery())).scalar_one())
