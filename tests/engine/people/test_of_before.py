"""What is an address, and what becomes of what an earlier release took and this one would not."""

from __future__ import annotations

import pytest
from sqlalchemy import Table, update

from engine import SYSTEM, InvalidInput, ProcessEngine, get_group, get_user
from engine.database.tables import department, user_account
from engine.people.guards import address
from tests.engine.people.test_people import changed, regrouped

#: An earlier release took them.
OF_BEFORE = {"email": "leaver@intranet", "first_name": "two\nlines"}


def before(engine: ProcessEngine, table: Table, key: str, **values: str) -> None:
    with engine.command(SYSTEM) as context:
        context.connection.execute(update(table).where(table.c.id == key).values(**values))


def test_what_an_earlier_release_took_stands_in_no_other_changes_way(house: ProcessEngine) -> None:
    before(house, user_account, "isak", **OF_BEFORE)
    before(house, department, "it", email="it@intranet", name="I\nT")
    changed(house, "isak", active=False, last_name="Ek")
    regrouped(house, "it", name_sv="IT")
    with house.query(SYSTEM) as context:
        isak, it = get_user(context, "isak"), get_group(context, "it")
    assert (isak.active, isak.last_name, isak.email, isak.first_name) == (False, "Ek", *OF_BEFORE.values())
    assert (it.name_sv, it.email, it.name) == ("IT", "it@intranet", "I\nT")
    for values in ({"email": "isak@intranet"}, {"first_name": "three\nlines"}):
        with pytest.raises(InvalidInput):
            changed(house, "isak", **values)
    for values in ({"email": "us@intranet"}, {"name": "I\nT\n"}):
        with pytest.raises(InvalidInput):
            regrouped(house, "it", **values)


def test_a_line_of_managers_that_may_be_no_more_keeps_nobody_from_leaving(house: ProcessEngine) -> None:
    before(house, user_account, "sven", manager_id="isak")  # a ring, which no limit holds
    changed(house, "isak", active=False)
    with house.query(SYSTEM) as context:
        assert not get_user(context, "isak").active
    changed(house, "isak", manager_id=None)
    with pytest.raises(InvalidInput, match="theirs already"):
        changed(house, "isak", manager_id="sven")


@pytest.mark.parametrize(
    "host", ["example.org", "mail.local", "try.test", "pc.localhost", "a.b.internal", "räksmörgås.se"]
)
def test_an_address_of_a_companys_own_network_is_one(host: str) -> None:
    assert address(f"m@{host}") == f"m@{host}"


@pytest.mark.parametrize("host", ["intranet", "localhost", "host.1", "10.0.0.1", "b.c1", "no.invalid", "a.onion"])
def test_a_host_that_no_mail_reaches_is_refused(host: str) -> None:
    with pytest.raises(InvalidInput, match="is no mail address"):
        address(f"m@{host}")
