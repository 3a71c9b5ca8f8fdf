"""Roles: groups of type SYSTEM. Who is a member of one has it; who has none of them is a member of the house.

The owner of some flows only has no role: their flows stand in `flow_owner`, and reach the actor as `Actor.flows`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import delete, func, insert, select

from engine.context import CommandContext
from engine.database.tables import department, flow_owner, membership, user_account
from engine.database.upserts import insert_for
from engine.errors import Conflict, InvalidInput
from engine.operations import log_operation
from engine.people.guards import require_administrator
from engine.policy import ADMINISTRATORS, GUESTS, HEADS_OF_SERVICE, PROCESS_OWNERS

SYSTEM_GROUP = "SYSTEM"
DEPARTMENT = "WORKFLOW"

#: Role -> its name in English and Swedish; the group is made when the first person gets it.
ROLES: Mapping[str, tuple[str, str]] = {
    ADMINISTRATORS: ("Administrators", "Administratörer"),
    PROCESS_OWNERS: ("Process owners", "Processägare"),
    HEADS_OF_SERVICE: ("Heads of service", "Tjänsteansvariga"),
    GUESTS: ("Guests", "Gäster"),
}


def set_roles(context: CommandContext, user_id: str, roles: Collection[str]) -> None:
    """The person has these roles and no other. InvalidInput for an unknown one, Conflict if no administrator is
    left."""
    require_administrator(context)
    unknown = sorted(set(roles) - set(ROLES))
    if unknown:
        raise InvalidInput(f"{', '.join(unknown)} is no role: there are {', '.join(ROLES)}.")
    held = set(roles_of(context, user_id))
    given, taken = sorted(set(roles) - held), sorted(held - set(roles))
    if not given and not taken:
        return
    for role in given:
        ensure_role(context, role)
        context.connection.execute(insert(membership).values(user_id=user_id, group_id=role))
    if taken:
        context.connection.execute(
            delete(membership).where(membership.c.user_id == user_id, membership.c.group_id.in_(taken))
        )
    if ADMINISTRATORS in taken:
        require_an_administrator(context)
    log_operation(context, "SetRoles", "User", entity_id=user_id, changes=[("roles", held, set(roles))])


def roles_of(context: CommandContext, user_id: str) -> frozenset[str]:
    return frozenset(
        context.connection.execute(
            select(membership.c.group_id)
            .join(department, department.c.id == membership.c.group_id)
            .where(membership.c.user_id == user_id, department.c.type == SYSTEM_GROUP)
        ).scalars()
    )


def set_owned_flows(context: CommandContext, user_id: str, keys: Collection[str]) -> None:
    """The person is process owner of these flows, deployed or yet to come, and of no other by name."""
    require_administrator(context)
    owned = owned_flows(context, user_id)
    if set(keys) == owned:
        return
    context.connection.execute(delete(flow_owner).where(flow_owner.c.user_id == user_id))
    rows = [{"user_id": user_id, "definition_key": key} for key in sorted(set(keys))]
    if rows:
        context.connection.execute(insert(flow_owner), rows)
    log_operation(context, "SetOwnedFlows", "User", entity_id=user_id, changes=[("flows", owned, set(keys))])


def owned_flows(context: CommandContext, user_id: str) -> frozenset[str]:
    """The keys of the flows that the person owns by name."""
    return frozenset(
        context.connection.execute(select(flow_owner.c.definition_key).where(flow_owner.c.user_id == user_id)).scalars()
    )


def hold_administrators(context: CommandContext) -> None:
    """Until the command ends nobody else makes the first administrator or takes the last one away: each of two who
    do so at once would see the other's still there. SQLite has one writer anyway."""
    ensure_role(context, ADMINISTRATORS)
    context.connection.execute(select(department.c.id).where(department.c.id == ADMINISTRATORS).with_for_update())


def ensure_role(context: CommandContext, role: str) -> None:
    """The group of a role, made if it is not there."""
    if context.connection.execute(select(department.c.id).where(department.c.id == role)).first() is None:
        english, swedish = ROLES[role]
        made = insert_for(context.engine.database.dialect, department).values(
            id=role, name=english, name_sv=swedish, type=SYSTEM_GROUP, created_at=context.now
        )
        context.connection.execute(made.on_conflict_do_nothing(index_elements=["id"]))
        context.forget_names()


def require_an_administrator(context: CommandContext) -> None:
    """After an administrator has been taken away: Conflict if nobody is left who could give the role back."""
    hold_administrators(context)
    left = context.connection.execute(
        select(func.count())
        .select_from(membership)
        .join(user_account, user_account.c.id == membership.c.user_id)
        .where(membership.c.group_id == ADMINISTRATORS, user_account.c.active)
    ).scalar_one()
    if left == 0:
        raise Conflict("This is the last administrator: make somebody else one first.")
