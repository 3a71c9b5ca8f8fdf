"""A small house: who works where, and who is whose manager."""

from __future__ import annotations

import pytest

from engine import SYSTEM, ProcessEngine, add_member, create_group, create_user, set_roles


@pytest.fixture
def house(engine: ProcessEngine) -> ProcessEngine:
    """hr: hanna, olle; it: isak; facilities: fatima; nobody: cleo. sven is isak's manager, anna the administrator."""
    with engine.command(SYSTEM) as context:
        for group in ("hr", "it", "facilities"):
            create_group(context, group, group.upper())
        for person, group in (
            ("anna", None), ("sven", None), ("cleo", None), ("hanna", "hr"), ("olle", "hr"), ("isak", "it"),
            ("fatima", "facilities"),
        ):  # fmt: skip
            create_user(
                context, person, first_name=person.capitalize(), manager_id="sven" if person == "isak" else None
            )
            if group is not None:
                add_member(context, group, person)
        set_roles(context, "anna", ["camunda-admin"])
    return engine
