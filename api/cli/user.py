"""`onedoor user`: the people of this house."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import click

from api.cli.home import AT_THE_COMMAND, opened, settings
from engine import (
    ADMINISTRATORS,
    ROLES,
    SYSTEM,
    GroupQuery,
    add_member,
    create_administrator_at_command,
    create_group,
    create_user,
    find_groups,
    prepare_password,
    require_good_password,
)


@click.group()
def user() -> None:
    """Add people."""


@user.command()
@click.argument("user_id")
@click.option("--first-name", default="", help="First name.")
@click.option("--last-name", default="", help="Last name.")
@click.option("--email", default="", help="Mail address.")
@click.option("--group", "groups", multiple=True, help="Department or role they belong to; may be given several times.")
@click.option("--admin", is_flag=True, help="Make them an administrator.")
@click.password_option(help="Asked for if not given.")
def add(
    user_id: str, first_name: str, last_name: str, email: str, groups: Sequence[str], admin: bool, password: str
) -> None:
    """Add the person USER_ID. Groups that do not exist yet are made."""
    require_good_password(password, user_id, first_name, last_name, email)
    prepared = prepare_password(SYSTEM, user_id, password)
    with opened(settings()) as engine, engine.command(SYSTEM, origin=AT_THE_COMMAND) as context:
        create_user(context, user_id, password=prepared, **_given(first_name, last_name, email))
        known = {group.id for group in find_groups(context, GroupQuery())}
        for group in [*groups, *([ADMINISTRATORS] if admin else [])]:
            if group not in known and group not in ROLES:
                create_group(context, group, group)
            add_member(context, group, user_id)
    click.echo(f"{user_id} can sign in.")


@user.command("create-admin")
@click.option("--id", "user_id", prompt="User name", help="Asked for if not given, like the rest.")
@click.option("--first-name", prompt="First name", default="", show_default=False)
@click.option("--last-name", prompt="Last name", default="", show_default=False)
@click.option("--email", prompt="Mail address", default="", show_default=False)
@click.password_option()
def create_admin(user_id: str, first_name: str, last_name: str, email: str, password: str) -> None:
    """Make the first administrator of an empty house. Later ones: `onedoor user add --admin`."""
    require_good_password(password, user_id, first_name, last_name, email)
    prepared = prepare_password(SYSTEM, user_id, password)
    with opened(settings()) as engine, engine.command(SYSTEM, origin=AT_THE_COMMAND) as context:
        create_administrator_at_command(context, user_id, prepared, **_given(first_name, last_name, email))
    click.echo(f"{user_id} can sign in, and let others in.")


class _Names(TypedDict):
    first_name: str | None
    last_name: str | None
    email: str | None


def _given(first_name: str, last_name: str, email: str) -> _Names:
    """What was left empty at the prompt is not there."""
    return {"first_name": first_name or None, "last_name": last_name or None, "email": email or None}
