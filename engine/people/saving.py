"""A person and all that belongs to them, stored at once."""

from __future__ import annotations

from collections.abc import Collection

from engine.context import CommandContext
from engine.people.departments import set_departments
from engine.people.roles import set_owned_flows, set_roles
from engine.people.users import update_user
from engine.people.values import User


def save_person(
    context: CommandContext, user: User, *, departments: Collection[str], roles: Collection[str], flows: Collection[str]
) -> None:
    """What they are called, where they belong, what they may do, which flows they own: so and not otherwise. Raises
    what each of it raises."""
    update_user(context, user)
    set_departments(context, user.id, departments)
    set_owned_flows(context, user.id, flows)
    set_roles(context, user.id, roles)
