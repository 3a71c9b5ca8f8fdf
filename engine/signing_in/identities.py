"""Who somebody is at an identity provider, and whose account that opens here.

The pair of issuer and subject never changes, so it is what counts once it is known. Before that, an account is found by
what the provider vouches for, and only where nothing is doubtful: exactly one account, not opened by another subject of
the same provider (addresses are given to new people), and no administrator's unless that is wished.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from engine.context import CommandContext
from engine.database.tables import department, external_identity, user_account
from engine.errors import Conflict, InvalidInput, NotFound, OptimisticLocking, SignInRefused
from engine.operations import log_operation
from engine.people.departments import set_departments
from engine.people.guards import address, require_self_or_administrator
from engine.people.identifiers import identifier
from engine.people.passwords import SIGNS_IN
from engine.people.roles import DEPARTMENT, roles_of, set_roles
from engine.people.users import create_user
from engine.policy import ADMINISTRATORS
from engine.signing_in.names import who

_columns = external_identity.c
_people = user_account.c


class Refusal(StrEnum):
    """Why an identity opens no account."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    INACTIVE = "inactive"
    ADMINISTRATOR = "administrator"
    OTHER_IDENTITY = "other identity"
    NAME = "no name for an account"
    ADDRESS = "no mail address"


@dataclass(frozen=True, slots=True)
class ExternalIdentity:
    """As a provider tells it. `name` is the claim that the operator trusts to name an account; `email` is None unless
    the provider says that it is verified. `groups` is None where the provider does not decide about departments;
    `roles` are those that it does decide about, and whether the person has them."""

    issuer: str
    subject: str
    name: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    groups: Collection[str] | None = None
    roles: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IdentityPolicy:
    """`create`: unknown people get an account. `administrators`: name or address may open an administrator's."""

    create: bool = False
    administrators: bool = False


@dataclass(frozen=True, slots=True)
class LinkedIdentity:
    issuer: str
    subject: str
    created_at: datetime
    used_at: datetime | None


def person_of_identity(context: CommandContext, identity: ExternalIdentity, policy: IdentityPolicy) -> str:
    """The id of the person whose account this identity opens, from now on by itself. SignInRefused, with the reason, if
    there is none or it is doubtful. What the provider decides of departments and roles is stored."""
    row = context.connection.execute(
        select(_columns.user_id, SIGNS_IN.label("active"))
        .join(user_account, _people.id == _columns.user_id)
        .where(_same(identity))
        .with_for_update(of=external_identity)
    ).one_or_none()
    if row is not None:
        if not row.active:
            raise SignInRefused(Refusal.INACTIVE)
        user_id: str = row.user_id
        context.connection.execute(update(external_identity).where(_same(identity)).values(used_at=context.now))
    else:
        user_id = _found(context, identity, policy) or _created(context, identity, policy)
        _link(context, identity, user_id)
    _place(context, identity, user_id)
    return user_id


def link_identity(context: CommandContext, identity: ExternalIdentity) -> None:
    """From now on this identity opens the account of the actor, who has just shown both. Conflict if it opens somebody
    else's, or the actor has another one of the same provider."""
    user_id = context.actor.user_id or ""
    holder = context.connection.execute(select(_columns.user_id).where(_same(identity))).scalar_one_or_none()
    if holder == user_id:
        return
    if holder is not None:
        raise Conflict("That account opens somebody else's account here: sign in there as yourself.")
    if _other_identity(context, identity, user_id):
        raise Conflict("Another account of the same provider opens yours: disconnect it first.")
    _link(context, identity, user_id)


def unlink_identity(context: CommandContext, user_id: str, issuer: str, subject: str) -> None:
    """It opens the account no more."""
    require_self_or_administrator(context, user_id)
    gone = context.connection.execute(
        delete(external_identity).where(
            _columns.user_id == user_id, _columns.issuer == issuer, _columns.subject == subject
        )
    )
    if gone.rowcount == 0:
        raise NotFound("identity", subject)
    log_operation(context, "Unlink", "Identity", entity_id=user_id, changes=[("issuer", issuer, None)])


def identities_of(context: CommandContext, user_id: str) -> list[LinkedIdentity]:
    """What opens this person's account."""
    require_self_or_administrator(context, user_id)
    rows = context.connection.execute(
        select(_columns.issuer, _columns.subject, _columns.created_at, _columns.used_at)
        .where(_columns.user_id == user_id)
        .order_by(_columns.created_at, _columns.subject)
    )
    return [LinkedIdentity(*row) for row in rows]


# ---------------------------------------------------------------- inside


def _same(identity: ExternalIdentity) -> ColumnElement[bool]:
    return and_(_columns.issuer == identity.issuer, _columns.subject == identity.subject)


def _found(context: CommandContext, identity: ExternalIdentity, policy: IdentityPolicy) -> str | None:
    """An account that is already there. The name goes first, since the operator says that it names accounts."""
    name, email = (identity.name or "").lower(), (identity.email or "").lower()
    conditions = []
    if name:
        conditions.append(or_(func.lower(_people.id) == name, func.lower(_people.user_name) == name))
    if email:
        conditions.append(func.lower(_people.email) == email)
    for condition in conditions:
        found = who(context, condition)
        if len(found) > 1:
            raise SignInRefused(Refusal.AMBIGUOUS)
        if found:
            return _undoubted(context, identity, policy, found[0])
        if context.connection.execute(select(_people.id).where(condition).limit(1)).first() is not None:
            raise SignInRefused(Refusal.INACTIVE)
    return None


def _undoubted(context: CommandContext, identity: ExternalIdentity, policy: IdentityPolicy, user_id: str) -> str:
    if not policy.administrators and ADMINISTRATORS in roles_of(context, user_id):
        raise SignInRefused(Refusal.ADMINISTRATOR)
    if _other_identity(context, identity, user_id):
        raise SignInRefused(Refusal.OTHER_IDENTITY)
    return user_id


def _other_identity(context: CommandContext, identity: ExternalIdentity, user_id: str) -> bool:
    other = exists().where(_columns.user_id == user_id, _columns.issuer == identity.issuer)
    return bool(context.connection.execute(select(other)).scalar_one())


def _created(context: CommandContext, identity: ExternalIdentity, policy: IdentityPolicy) -> str:
    """A new person without a password, under the name that the provider gives them, or else their address."""
    if not policy.create:
        raise SignInRefused(Refusal.UNKNOWN)
    try:
        email = address(identity.email)
    except InvalidInput:
        raise SignInRefused(Refusal.ADDRESS) from None
    try:
        user_id = identifier("user", (identity.name or email or "").lower())
        create_user(context, user_id, first_name=identity.first_name, last_name=identity.last_name, email=email)
    except InvalidInput:
        raise SignInRefused(Refusal.NAME) from None
    except Conflict:
        raise SignInRefused(Refusal.UNKNOWN) from None
    return user_id


def _link(context: CommandContext, identity: ExternalIdentity, user_id: str) -> None:
    values = {"issuer": identity.issuer, "subject": identity.subject, "user_id": user_id}
    try:
        context.connection.execute(
            insert(external_identity).values(created_at=context.now, used_at=context.now, **values)
        )
    except IntegrityError:
        raise OptimisticLocking from None  # the same person in two tabs
    log_operation(
        context, "Link", "Identity", entity_id=user_id, changes=[("issuer", None, identity.issuer)], user_id=user_id
    )


def _place(context: CommandContext, identity: ExternalIdentity, user_id: str) -> None:
    """Departments by id, directory's id or name; what names none is passed over. The last administrator stays one."""
    if identity.groups is not None:
        given = list(identity.groups)
        known = or_(department.c.id.in_(given), department.c.external_id.in_(given), department.c.name.in_(given))
        ids = context.connection.execute(select(department.c.id).where(known, department.c.type == DEPARTMENT))
        set_departments(context, user_id, set(ids.scalars()))
    if identity.roles:
        held = {role for role in roles_of(context, user_id) if role not in identity.roles}
        roles = held | {role for role, has in identity.roles.items() if has}
        try:
            with context.connection.begin_nested():
                set_roles(context, user_id, roles)
        except Conflict:
            set_roles(context, user_id, roles | {ADMINISTRATORS})
