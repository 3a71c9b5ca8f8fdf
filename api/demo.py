"""The demo: people with the password `demo` and the ready-made flows. Twice is the same as once."""

from __future__ import annotations

from dataclasses import replace

from engine import (
    SYSTEM,
    GroupQuery,
    ProcessEngine,
    UserQuery,
    add_member,
    create_group,
    create_user,
    deploy_resources,
    find_groups,
    find_users,
    get_group,
    get_user,
    update_group,
    update_user,
)
from workflows import DEMO_DEPARTMENTS, DEMO_PEOPLE, bpmn_source, load_services

PASSWORD = "demo"  # noqa: S105  (the demo listens on loopback only, and says so)


def seed_people(engine: ProcessEngine) -> None:
    """The departments and people of the demo that are not there yet."""
    with engine.command(SYSTEM) as context:
        groups = {group.id for group in find_groups(context, GroupQuery())}
        for department in DEMO_DEPARTMENTS:
            if department.id not in groups:
                create_group(context, department.id, department.name, type=department.type, name_sv=department.name_sv)
        made = [department for department in DEMO_DEPARTMENTS if department.id not in groups]
        people = {user.id for user in find_users(context, UserQuery())}
        for person in DEMO_PEOPLE:
            if person.id not in people:
                create_user(
                    context,
                    person.id,
                    password=PASSWORD,
                    first_name=person.first_name,
                    last_name=person.last_name,
                    email=person.email,
                )
                for group in person.groups:
                    add_member(context, group, person.id)
        for person in DEMO_PEOPLE:
            if person.id not in people:
                update_user(context, replace(get_user(context, person.id), manager_id=person.manager))
        for department in made:
            known = get_group(context, department.id)
            update_group(
                context,
                replace(known, representative_id=department.representative, substitute_id=department.substitute),
            )


def seed_flows(engine: ProcessEngine) -> None:
    """The ready-made flows; one that is unchanged since it was last deployed makes no new version."""
    for service in load_services():
        with engine.command(SYSTEM) as context:
            deploy_resources(
                context,
                service.key,
                [(service.resource_name, bpmn_source(service))],
                source="onedoor",
                filter_duplicates=True,
            )
