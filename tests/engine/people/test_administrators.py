"""There is always somebody who can let others in, also where two change that at the same moment."""

from __future__ import annotations

import threading
from collections import Counter

from engine import (
    ADMINISTRATORS,
    SYSTEM,
    Actor,
    Conflict,
    ProcessEngine,
    UserQuery,
    create_administrator_at_command,
    create_first_administrator,
    create_user,
    find_users,
    has_administrator,
    make_set_up_link,
    set_roles,
)
from tests.engine.test_concurrency import at_once

GOOD = "three grey herons"


def administrators(engine: ProcessEngine) -> int:
    with engine.query(SYSTEM) as context:
        return len(find_users(context, UserQuery(member_of_group=ADMINISTRATORS)))


def test_two_administrators_who_demote_each_other_at_once_leave_one(engine: ProcessEngine) -> None:
    with engine.command(SYSTEM) as context:
        for user_id in ("anna", "bo"):
            create_user(context, user_id)
            set_roles(context, user_id, [ADMINISTRATORS])
    outcomes: list[str] = []

    def demote_anna() -> None:
        try:
            with engine.command(Actor("bo", administrator=True)) as context:
                set_roles(context, "anna", [])
        except Conflict as error:
            outcomes.append(str(error))

    other = threading.Thread(target=demote_anna)
    with engine.command(Actor("anna", administrator=True)) as context:
        set_roles(context, "bo", [])
        other.start()
        other.join(0.3)  # long enough to get past the count, were it not held up
    other.join(30)
    assert outcomes == ["This is the last administrator: make somebody else one first."]
    assert administrators(engine) == 1


def test_the_link_and_the_command_make_one_first_administrator_between_them(engine: ProcessEngine) -> None:
    with engine.command(SYSTEM) as context:
        secret = make_set_up_link(context) or ""

    def by_link() -> None:
        with engine.command(SYSTEM) as context:
            create_first_administrator(context, secret, "linked", GOOD)

    def at_the_command() -> None:
        with engine.command(SYSTEM) as context:
            create_administrator_at_command(context, "commanded", GOOD)

    outcomes = at_once([by_link, at_the_command])
    assert outcomes["done"] == 1
    assert outcomes in (Counter(done=1, NotFound=1), Counter(done=1, Conflict=1), Counter(done=1, OptimisticLocking=1))
    with engine.query(SYSTEM) as context:
        assert has_administrator(context)
        assert len(find_users(context, UserQuery())) == 1
