"""Groups: departments, and the roles beside them. Camunda's `group` and its members."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import delete, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from engine.context import CommandContext
from engine.database.tables import department, membership
from engine.errors import Conflict, InvalidInput, NotFound
from engine.operations import log_operation
from engine.people.calendars import OwnCalendar, check_calendar, forget_calendars
from engine.people.guards import address, kept, require_administrator, short
from engine.people.identifiers import folded, identifier
from engine.people.roles import (
    DEPARTMENT,
    ROLES,
    SYSTEM_GROUP,
    ensure_role,
    require_an_administrator,
)
from engine.people.users import get_user
from engine.people.values import Group, GroupQuery
from engine.policy import ADMINISTRATORS, Kind, visible
from engine.queries import Statement, count, equals, like, paged, within

_columns = department.c


def create_group(
    context: CommandContext,
    group_id: str,
    name: str,
    *,
    type: str = DEPARTMENT,
    name_sv: str | None = None,
    external_id: str | None = None,
) -> Group:
    """A department, or a role (type SYSTEM). Conflict if the id is taken."""
    require_administrator(context)
    created = Group(
        identifier("group", group_id), name or group_id, type, name_sv, external_id=external_id, created_at=context.now
    )
    _require_unlike(context, created.id)
    insert_group(context, created)
    log_operation(context, "Create", "Group", entity_id=group_id)
    return created


def insert_group(context: CommandContext, group: Group) -> None:
    values = _checked(context, group, None)
    try:
        context.connection.execute(insert(department).values(id=group.id, created_at=context.now, **values))
    except IntegrityError:
        raise Conflict(f"There is already a group {group.id}: choose another id.") from None
    context.forget_names()


def _require_unlike(context: CommandContext, group_id: str) -> None:
    """Nobody tells `HR` from `hr` when they give somebody a task. A flow that names one makes it all the same."""
    for other in context.connection.execute(select(_columns.id)).scalars():
        if other != group_id and folded(other) == folded(group_id):
            raise Conflict(f"There is already a group {other}, which differs only in the case of its letters.")


def get_group(context: CommandContext, group_id: str) -> Group:
    found = find_groups(context, GroupQuery(id=group_id))
    if not found:
        raise NotFound("group", group_id)
    return found[0]


def hold_group(context: CommandContext, group_id: str) -> None:
    """Until the command ends nobody else changes this group: whoever sets all its members loses none that come
    meanwhile."""
    context.connection.execute(select(_columns.id).where(_columns.id == group_id).with_for_update())


def find_groups(context: CommandContext, query: GroupQuery) -> list[Group]:
    return [_group(row) for row in context.connection.execute(paged(_groups(context, query), department, query))]


def count_groups(context: CommandContext, query: GroupQuery) -> int:
    return count(context, _groups(context, query))


def update_group(context: CommandContext, group: Group) -> None:
    """Stores the group as it is given. Its representative becomes a member; the substitute is who stands in for the
    representative unless they name another."""
    require_administrator(context)
    known = get_group(context, group.id)
    if group.id in ROLES and group.type != SYSTEM_GROUP:
        raise InvalidInput(f"{group.id} is a role and stays one: its type is {SYSTEM_GROUP}.")
    values = _checked(context, group, known)
    stored = {**values, "calendar": group.calendar}
    changed = sorted(name for name, value in stored.items() if value != getattr(known, name))
    if not changed:
        return
    context.connection.execute(
        update(department).where(_columns.id == group.id).values(updated_at=context.now, **values)
    )
    if group.representative_id:
        _join(context, group.id, group.representative_id)
    forget_calendars(context)
    context.forget_names()
    changes = [(name, getattr(known, name), stored[name]) for name in changed]
    log_operation(context, "Update", "Group", entity_id=group.id, changes=changes)


def delete_group(context: CommandContext, group_id: str) -> None:
    """Removes the group and its memberships. Conflict for the role of the administrators."""
    require_administrator(context)
    if group_id == ADMINISTRATORS:
        raise Conflict("Without the role of the administrators nobody could change anything: it stays.")
    if context.connection.execute(delete(department).where(_columns.id == group_id)).rowcount == 0:
        raise NotFound("group", group_id)
    forget_calendars(context)
    context.forget_names()
    log_operation(context, "Delete", "Group", entity_id=group_id)


# ---------------------------------------------------------------- members


def add_member(context: CommandContext, group_id: str, user_id: str) -> None:
    """Twice is the same as once."""
    require_administrator(context)
    if group_id in ROLES:
        ensure_role(context, group_id)
    get_group(context, group_id)
    get_user(context, user_id)
    if _join(context, group_id, user_id):
        log_operation(context, "AddMember", "Group", entity_id=group_id, changes=[("member", None, user_id)])


def remove_member(context: CommandContext, group_id: str, user_id: str) -> None:
    """Twice is the same as once. The representative no longer is. Conflict for the last administrator."""
    require_administrator(context)
    gone = context.connection.execute(
        delete(membership).where(membership.c.group_id == group_id, membership.c.user_id == user_id)
    )
    if gone.rowcount == 0:
        return
    if group_id == ADMINISTRATORS:
        require_an_administrator(context)
    context.connection.execute(
        update(department)
        .where(_columns.id == group_id, _columns.representative_id == user_id)
        .values(representative_id=None)
    )
    log_operation(context, "RemoveMember", "Group", entity_id=group_id, changes=[("member", user_id, None)])


def set_members(context: CommandContext, group_id: str, user_ids: Collection[str]) -> None:
    """These people belong to the group, and nobody else."""
    known = select(membership.c.user_id).where(membership.c.group_id == group_id)
    held = set(context.connection.execute(known).scalars())
    for user_id in sorted(set(user_ids) - held):
        add_member(context, group_id, user_id)
    for user_id in sorted(held - set(user_ids)):
        remove_member(context, group_id, user_id)


def set_departments(context: CommandContext, user_id: str, group_ids: Collection[str]) -> None:
    """The person belongs to these departments and no other; roles stay."""
    held = departments_of(context, user_id)
    for group_id in sorted(set(group_ids) - held):
        if get_group(context, group_id).type != DEPARTMENT:
            raise InvalidInput(f"{group_id} is a role, not a department.")
        add_member(context, group_id, user_id)
    for group_id in sorted(held - set(group_ids)):
        remove_member(context, group_id, user_id)


def departments_of(context: CommandContext, user_id: str) -> frozenset[str]:
    return frozenset(
        context.connection.execute(
            select(membership.c.group_id)
            .join(department, _columns.id == membership.c.group_id)
            .where(membership.c.user_id == user_id, _columns.type == DEPARTMENT)
        ).scalars()
    )


def memberships(context: CommandContext) -> dict[str, frozenset[str]]:
    """Group id -> user ids, of every group that has members."""
    found: dict[str, set[str]] = {}
    for row in context.connection.execute(select(membership.c.group_id, membership.c.user_id)):
        found.setdefault(row.group_id, set()).add(row.user_id)
    return {group: frozenset(people) for group, people in found.items()}


# ---------------------------------------------------------------- inside


def _join(context: CommandContext, group_id: str, user_id: str) -> bool:
    known = select(membership.c.user_id).where(membership.c.group_id == group_id, membership.c.user_id == user_id)
    if context.connection.execute(known).first() is not None:
        return False
    context.connection.execute(insert(membership).values(group_id=group_id, user_id=user_id))
    return True


def _checked(context: CommandContext, group: Group, known: Group | None) -> dict[str, Any]:
    """The columns of a group, tidied. InvalidInput for what cannot be and is not so already."""
    if not 1 <= len(group.type) <= 16:
        raise InvalidInput(
            f"{group.type!r} is no type of a group: {DEPARTMENT} is a department, {SYSTEM_GROUP} a role."
        )
    name = kept(partial(short, "name"), group.name, known.name if known else None)
    if name is None:
        raise InvalidInput("A department needs a name.")
    for keeper in (group.representative_id, group.substitute_id):
        if keeper:
            get_user(context, keeper)
    if group.representative_id and group.representative_id == group.substitute_id:
        raise InvalidInput("The substitute of a department is another person than its representative.")
    if group.calendar is not None:
        check_calendar(context, group.calendar)
    return {
        "name": name,
        "type": group.type,
        "name_sv": kept(partial(short, "Swedish name"), group.name_sv, known.name_sv if known else None),
        "representative_id": group.representative_id or None,
        "substitute_id": group.substitute_id or None,
        "email": kept(address, group.email, known.email if known else None),
        "calendar": None if group.calendar is None else msgspec.json.encode(group.calendar).decode(),
        "external_id": group.external_id or None,
    }


def _group(row: Any) -> Group:
    calendar = None if row.calendar is None else msgspec.json.decode(row.calendar, type=OwnCalendar)
    return Group(
        row.id, row.name, row.type, row.name_sv, row.representative_id, row.substitute_id, row.email, calendar,
        row.external_id, row.created_at, row.updated_at,
    )  # fmt: skip


def _groups(context: CommandContext, query: GroupQuery) -> Statement:
    statement = equals(
        visible(context, select(department), Kind.GROUP),
        {
            _columns.id: query.id,
            _columns.name: query.name,
            _columns.type: query.type,
            _columns.external_id: query.external_id,
        },
    )
    statement = within(like(statement, {_columns.name: query.name_like}), {_columns.id: query.ids})
    if query.member is not None:
        statement = statement.where(
            exists().where(membership.c.group_id == _columns.id, membership.c.user_id == query.member)
        )
    for word in (query.text or "").lower().split():
        names = (_columns.id, _columns.name, _columns.name_sv)
        statement = statement.where(or_(*(func.lower(name).contains(word, autoescape=True) for name in names)))
    return statement
