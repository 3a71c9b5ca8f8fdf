"""Links of guests go by mail, and their secret is written down nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from engine import (
    GUESTS,
    SYSTEM,
    InvalidInput,
    MailServer,
    Outgoing,
    ProcessEngine,
    Settings,
    TestClock,
    find_invitations,
    find_notifications,
    get_user,
    notify,
    revoke_invitation,
    run_due,
    set_roles,
    update_user,
)
from tests.engine.guests import (
    JOINING,
    STARTER,
    begin,
    come_in,
    everything,
    holds,
    invite,
    mine,
    rows,
)
from tests.engine.play import deploy
from tests.mailbox import Mailbox, text_of


@pytest.fixture
def mailing(
    mailbox: tuple[Mailbox, MailServer], database_url: str, tmp_path: Path, clock: TestClock
) -> Iterator[ProcessEngine]:
    outgoing = Outgoing(mail=mailbox[1], public_url="https://door.example.org")
    engine = ProcessEngine(Settings(database_url, tmp_path, outgoing=outgoing), clock)
    deploy(engine, JOINING)
    yield engine
    engine.close()


def link_in(mail: Any) -> str:
    found = re.search(r"https://door\.example\.org/guest/link/(\S+)", text_of(mail))
    assert found, text_of(mail)
    return found[1]


def test_the_link_goes_by_mail_and_its_secret_is_written_down_nowhere(
    mailing: ProcessEngine, mailbox: tuple[Mailbox, MailServer]
) -> None:
    journey = begin(mailing)
    made, secret = invite(mailing, journey, email="astrid@example.org", language="sv")
    assert secret == "", "whoever invites gets no link of the guest's"
    before = everything(mailing)
    mailbox[0].refusals = 1
    run_due(mailing)
    assert mailbox[0].mails == []
    mailing.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]  # a TestClock
    run_due(mailing)
    ((to, mail),) = mailbox[0].mails
    assert to == made.email == "astrid@example.org"
    assert mail["Subject"] == "Välkommen: dina första dagar hos oss"
    link = link_in(mail)
    for stored in (before, everything(mailing)):
        assert made.id in stored, "the search finds what is there"
        assert link not in stored
    assert sha256(link.encode()).hexdigest() in everything(mailing)
    session, _ = come_in(mailing, link)
    assert mine(mailing, session.actor) == ["form"]


def test_a_mail_to_a_guest_who_is_told_something_brings_them_in(
    mailing: ProcessEngine, mailbox: tuple[Mailbox, MailServer]
) -> None:
    made, _ = invite(mailing, begin(mailing), email="astrid@example.org")
    run_due(mailing)
    with mailing.command(SYSTEM) as context:
        notify(context, user_id=made.user_id, message={"en": "Your form is due"}, process_instance_id=made.journey_id)
    run_due(mailing)
    (_, first), (_, second) = mailbox[0].mails
    assert second["Subject"] == "Your form is due"
    assert link_in(first) != link_in(second)
    assert holds(mailing, link_in(first))
    assert holds(mailing, link_in(second))


def test_who_has_an_account_of_the_house_now_is_written_to_when_the_invitation_has_run_out(
    mailing: ProcessEngine, mailbox: tuple[Mailbox, MailServer]
) -> None:
    made, _ = invite(mailing, begin(mailing), days=1)
    with mailing.command(SYSTEM) as context:
        update_user(context, replace(get_user(context, made.user_id), email="astrid@example.org"))
    mailing.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]  # a TestClock
    for message, roles in (("Guest", [GUESTS]), ("Colleague", [])):
        with mailing.command(SYSTEM) as context:
            set_roles(context, made.user_id, roles)
            notify(context, user_id=made.user_id, message={"en": message}, process_instance_id=made.journey_id)
        run_due(mailing)
    ((_, mail),) = mailbox[0].mails
    assert mail["Subject"] == "Colleague"
    assert f"https://door.example.org/journeys/{made.journey_id}" in text_of(mail)


def test_no_mail_leaves_for_an_invitation_that_has_ended(
    mailing: ProcessEngine, mailbox: tuple[Mailbox, MailServer]
) -> None:
    journey = begin(mailing)
    made, _ = invite(mailing, journey, email="astrid@example.org")
    with mailing.command(STARTER) as context:
        revoke_invitation(context, journey, made.id)
        notify(context, user_id=made.user_id, message={"en": "Your form is due"}, process_instance_id=journey)
    run_due(mailing)
    assert mailbox[0].mails == []
    assert rows(mailing, "job") == []
    invite(mailing, journey, email="astrid@example.org")
    run_due(mailing)
    assert len(mailbox[0].mails) == 1, "the mail server takes what is sent"


def test_a_mail_that_does_not_get_through_is_shown_with_the_invitation(
    mailing: ProcessEngine, mailbox: tuple[Mailbox, MailServer]
) -> None:
    journey = begin(mailing)
    invite(mailing, journey, email="astrid@example.org")

    def shown() -> tuple[bool, datetime | None]:
        with mailing.query(STARTER) as context:
            (found,) = find_invitations(context, journey)
        assert found.unsent is None or "The mailbox is busy" in found.unsent
        return found.unsent is not None, found.again_at

    clock = mailing.clock
    assert isinstance(clock, TestClock)
    assert shown() == (False, None), "it has not been tried yet"
    mailbox[0].refusals = 1
    run_due(mailing)
    assert shown() == (True, clock.now() + timedelta(seconds=30))
    clock.advance(timedelta(minutes=1))
    run_due(mailing)
    assert len(mailbox[0].mails) == 1
    assert shown() == (False, None)


def test_a_mail_that_was_given_up_says_so_until_somebody_is_invited_again(
    mailing: ProcessEngine, mailbox: tuple[Mailbox, MailServer]
) -> None:
    journey = begin(mailing)
    invite(mailing, journey, email="astrid@example.org")
    mailbox[0].refusals = 5
    for _ in range(5):
        run_due(mailing)
        mailing.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]  # a TestClock
    with mailing.query(STARTER) as context:
        (found,) = find_invitations(context, journey)
    assert found.unsent is not None
    assert found.again_at is None
    with mailing.query(STARTER) as context:
        (told,) = find_notifications(context)
    assert "could not be sent to astrid@example.org" in told.message["en"]
    assert "gick inte att skicka till astrid@example.org" in told.message["sv"]
    assert told.process_instance_id == journey
    invite(mailing, journey, email="astrid@example.org")
    run_due(mailing)
    with mailing.query(STARTER) as context:
        newer, older = find_invitations(context, journey)
    assert (newer.unsent, older.unsent) == (None, None)
    assert len(mailbox[0].mails) == 1


@pytest.mark.parametrize("nonsense", ["nonsense@x", "a..b@example.org", "a@[127.0.0.1]", "Astrid <a@example.org>"])
def test_nobody_is_invited_at_an_address_that_no_mail_can_go_to(mailing: ProcessEngine, nonsense: str) -> None:
    with pytest.raises(InvalidInput, match="no mail address"):
        invite(mailing, begin(mailing), email=nonsense)


@pytest.mark.parametrize("right", ["astrid+home@example.co.uk", "ö@exämple.se", "astrid@corp.local"])
def test_addresses_of_other_alphabets_and_of_ones_own_network_are_right(mailing: ProcessEngine, right: str) -> None:
    assert invite(mailing, begin(mailing), email=right)[0].email == right
