"""Users: people with an account. Camunda's `user`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, case, delete, exists, func, insert, null, or_, select, update
from sqlalchemy.exc import IntegrityError

from engine.context import CommandContext
from engine.database.tables import department, membership, user_account
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.operations import log_operation
from engine.people.guards import address, kept, require_administrator, require_self_or_administrator, short
from engine.people.identifiers import folded, identifier
from engine.people.password_rules import require_good_password
from engine.people.passwords import PreparedPassword, end_sessions, hash_of, text_of
from engine.people.roles import require_an_administrator, roles_of
from engine.people.values import User, UserQuery
from engine.policy import ADMINISTRATORS, GUESTS, Action, Kind, can, visible
from engine.queries import Statement, count, equals, like, paged, within

_columns = user_account.c
#: What a person may change of themselves.
OWN = ("first_name", "last_name", "email", "language")
#: Languages of the pages.
LANGUAGES = ("en", "sv")
#: Managers, one above the other: each is looked up whenever somebody below is changed.
MOST_ABOVE = 100


def create_user(
    context: CommandContext,
    user_id: str,
    *,
    password: str | PreparedPassword | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    email: str | None = None,
    language: str | None = None,
    user_name: str | None = None,
    external_id: str | None = None,
    manager_id: str | None = None,
    active: bool = True,
) -> User:
    """A new person. Without a password they cannot sign in with one; InvalidInput for one that is easy to guess, unless
    the engine itself gives it. Conflict if the id or the user name is taken."""
    require_administrator(context)
    identifier("user", user_id)
    created = User(
        user_id, first_name, last_name, email, language, user_name, external_id, manager_id, active, context.now
    )
    values = _checked(context, created, User(user_id))
    if password and not context.actor.system:
        require_good_password(text_of(password), user_id, user_name, first_name, last_name, email)
    password_hash = hash_of(password) if password else None
    _require_free(context, created)
    try:
        context.connection.execute(
            insert(user_account).values(id=user_id, password_hash=password_hash, created_at=context.now, **values)
        )
    except IntegrityError:
        raise _taken(user_id) from None
    context.after_commit.append(partial(context.engine.departed.welcome_back, user_id))
    context.forget_names()
    log_operation(context, "Create", "User", entity_id=user_id)
    return replace(created, **values)


def get_user(context: CommandContext, user_id: str) -> User:
    found = find_users(context, UserQuery(id=user_id))
    if not found:
        raise NotFound("user", user_id)
    return found[0]


def hold_user(context: CommandContext, user_id: str) -> None:
    """Until the command ends nobody else changes this person."""
    context.connection.execute(select(_columns.id).where(_columns.id == user_id).with_for_update())


def find_users(context: CommandContext, query: UserQuery) -> list[User]:
    rows = context.connection.execute(paged(_users(context, query), user_account, query))
    return [User(*row) for row in rows]


def count_users(context: CommandContext, query: UserQuery) -> int:
    return count(context, _users(context, query))


def update_user(context: CommandContext, user: User) -> None:
    """Stores the person as they are given. Names, address and language anybody may change of themselves; the rest is
    for administrators. Who is no longer active is signed out; Conflict for the last administrator."""
    require_self_or_administrator(context, user.id)
    known = get_user(context, user.id)
    values = _checked(context, user, known)
    changed = {name: value for name, value in values.items() if value != getattr(known, name)}
    if not changed:
        return
    if changed.keys() - set(OWN):
        require_administrator(context)
    if changed.get("email") and not can(context.actor, Action.ADMINISTER):
        _require_own_address(context, user.id, changed["email"])
    if "user_name" in changed:
        _require_free(context, user)
    try:
        context.connection.execute(
            update(user_account).where(_columns.id == user.id).values(updated_at=context.now, **changed)
        )
    except IntegrityError:
        raise _taken(user.user_name or user.id) from None
    if changed.get("active") is False:
        end_sessions(context, user.id)
        if ADMINISTRATORS in roles_of(context, user.id):
            require_an_administrator(context)
    if changed.get("active"):
        context.after_commit.append(partial(context.engine.departed.welcome_back, user.id))
    context.forget_names()
    changes = [(name, getattr(known, name), value) for name, value in sorted(changed.items())]
    log_operation(context, "Update", "User", entity_id=user.id, changes=changes)


def set_language(context: CommandContext, user_id: str, language: str) -> None:
    update_user(context, replace(get_user(context, user_id), language=language))


def delete_user(context: CommandContext, user_id: str) -> None:
    """Removes the person, their memberships, absences and sessions. What they did stays in the history under their id;
    who is only to be kept out is made inactive instead."""
    require_administrator(context)
    administrator = ADMINISTRATORS in roles_of(context, user_id)
    if context.connection.execute(delete(user_account).where(_columns.id == user_id)).rowcount == 0:
        raise NotFound("user", user_id)
    if administrator:
        require_an_administrator(context)
    for column in (_columns.manager_id, department.c.representative_id, department.c.substitute_id):
        context.connection.execute(update(column.table).where(column == user_id).values({column: None}))
    context.forget_names()
    log_operation(context, "Delete", "User", entity_id=user_id)


def user_names(context: CommandContext, user_ids: Sequence[str]) -> dict[str, str]:
    """Display names by id, of those that exist."""
    return {user.id: user.display_name for user in find_users(context, UserQuery(ids=tuple(user_ids)))}


# ---------------------------------------------------------------- inside


def _checked(context: CommandContext, user: User, known: User) -> dict[str, Any]:
    """The columns of a person, tidied. InvalidInput for what cannot be and is not so already."""
    if user.language and user.language not in LANGUAGES:
        raise InvalidInput(f"{user.language!r} is no language of the pages: choose one of {', '.join(LANGUAGES)}.")
    name = kept(partial(short, "user name"), user.user_name, known.user_name)
    if user.manager_id != known.manager_id:
        _require_manager(context, user)
    return {
        "first_name": kept(partial(short, "first name"), user.first_name, known.first_name),
        "last_name": kept(partial(short, "last name"), user.last_name, known.last_name),
        "email": kept(address, user.email, known.email),
        "language": user.language or None,
        "user_name": None if name == user.id else name,
        "external_id": user.external_id or None,
        "manager_id": user.manager_id or None,
        "active": user.active,
    }


def _require_manager(context: CommandContext, user: User) -> None:
    """The manager exists, and nobody is their own, however far up."""
    above, seen = user.manager_id, {user.id}
    while above:
        if above in seen:
            raise InvalidInput(f"{user.manager_id} cannot be the manager of {user.id}: {user.id} is theirs already.")
        if len(seen) > MOST_ABOVE:
            raise InvalidInput(f"There are more than {MOST_ABOVE} managers above {user.id}.")
        seen.add(above)
        row = context.connection.execute(select(_columns.manager_id).where(_columns.id == above)).one_or_none()
        if row is None and above == user.manager_id:
            raise InvalidInput(f"There is no user {user.manager_id} who could be the manager.")
        above = row.manager_id if row is not None else None


def _require_free(context: CommandContext, user: User) -> None:
    """No two people answer to one name, in whatever case it is written."""
    wanted = {each for name in (user.id, user.user_name or user.id) for each in (name.lower(), folded(name))}
    same = select(_columns.id).where(
        _columns.id != user.id, or_(func.lower(_columns.id).in_(wanted), func.lower(_columns.user_name).in_(wanted))
    )
    if context.connection.execute(same).first() is not None:
        raise _taken(user.user_name or user.id)


def _require_own_address(context: CommandContext, user_id: str, email: str) -> None:
    """People are found by their address when they sign in: nobody takes a colleague's."""
    if context.engine.settings.addresses_open_accounts:
        raise NotAllowed("Who signs in is known by their address here: ask an administrator to change yours.")
    same = select(_columns.id).where(_columns.id != user_id, func.lower(_columns.email) == email.lower()).limit(1)
    if context.connection.execute(same).first() is not None:
        raise Conflict("Somebody else has this address: ask an administrator if it is to be yours.")


def _taken(name: str) -> Conflict:
    return Conflict(f"There is already a user {name}: choose another id.")


#: Their own address, not one of the house.
_IS_GUEST = exists().where(membership.c.user_id == _columns.id, membership.c.group_id == GUESTS)


def _shown_address(context: CommandContext) -> ColumnElement[Any]:
    """That of a guest is for themselves and administrators; who works on the journey finds it there."""
    if can(context.actor, Action.ADMINISTER):
        return _columns.email
    return case((_IS_GUEST & (_columns.id != (context.actor.user_id or "")), null()), else_=_columns.email)


def _users(context: CommandContext, query: UserQuery) -> Statement:
    statement = select(
        _columns.id, _columns.first_name, _columns.last_name, _shown_address(context), _columns.language,
        _columns.user_name, _columns.external_id, _columns.manager_id, _columns.active, _columns.created_at,
        _columns.updated_at,
    )  # fmt: skip
    statement = equals(
        visible(context, statement, Kind.USER),
        {
            _columns.id: query.id,
            _columns.first_name: query.first_name,
            _columns.last_name: query.last_name,
            _columns.email: query.email,
            _columns.external_id: query.external_id,
            _columns.manager_id: query.manager,
            _columns.active: query.active,
        },
    )
    statement = like(
        statement,
        {
            _columns.first_name: query.first_name_like,
            _columns.last_name: query.last_name_like,
            _columns.email: query.email_like,
        },
    )
    if not can(context.actor, Action.ADMINISTER) and (query.email or query.email_like):
        statement = statement.where(~_IS_GUEST)
    statement = within(statement, {_columns.id: query.ids})
    if query.user_name is not None:
        named = func.lower(func.coalesce(_columns.user_name, _columns.id))
        statement = statement.where(named == query.user_name.lower())
    if query.member_of_group is not None:
        statement = statement.where(
            exists().where(membership.c.user_id == _columns.id, membership.c.group_id == query.member_of_group)
        )
    for word in (query.text or "").lower().split():
        statement = statement.where(_says(word))
    return statement


def _says(word: str) -> ColumnElement[bool]:
    names = (_columns.id, _columns.user_name, _columns.first_name, _columns.last_name, _columns.email)
    return or_(*(func.lower(name).contains(word, autoescape=True) for name in names))
