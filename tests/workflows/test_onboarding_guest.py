"""The onboarding invites a new employee without an account by itself, and their tasks are theirs to the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from engine import (
    SYSTEM,
    Outgoing,
    ProcessEngine,
    Settings,
    TestClock,
    deploy_resources,
    open_guest_session,
    read_guest_session,
    run_due,
    submit_form,
    upgrade,
)
from tests.mailbox import Mailbox, mail_server, text_of
from tests.workflows.journey import PlayedJourney
from workflows import bpmn_source, load_services

HERS = ("preboarding_form", "first_login", "training")
WHO: dict[str, Any] = {"employeeName": "Astrid Lund", "firstDay": date(2027, 3, 15), "manager": "maria",
                       "privateEmail": "astrid@example.org", "language": "sv"}  # fmt: skip


@pytest.fixture(params=["native", "spiff"])
def mailing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[ProcessEngine, Mailbox]]:
    url = f"sqlite:///{tmp_path}/onedoor.db"
    upgrade(url)
    with mail_server() as (mailbox, server):
        outgoing = Outgoing(mail=server, public_url="https://door.example.org")
        settings = Settings(url, tmp_path, outgoing=outgoing, executor=request.param)
        engine = ProcessEngine(settings, TestClock(datetime(2027, 2, 1, 9, 0, tzinfo=UTC)))
        (onboarding,) = [each for each in load_services() if each.key == "onboarding"]
        with engine.command(SYSTEM) as context:
            deploy_resources(context, "onboarding", [(onboarding.resource_name, bpmn_source(onboarding))])
        yield engine, mailbox
        engine.close()


def test_the_form_opens_with_a_mail_and_every_task_of_the_new_employee_is_theirs(
    mailing: tuple[ProcessEngine, Mailbox],
) -> None:
    engine, mailbox = mailing
    journey = PlayedJourney(engine, "onboarding", WHO)
    while "preboarding_form" not in journey.waiting():
        journey.complete_task(next(each for each in journey.open_tasks() if each.activity_id != "role_profile"))
    run_due(engine)
    ((to, mail),) = [(to, mail) for to, mail in mailbox.mails if to == "astrid@example.org"]
    assert to == "astrid@example.org"
    assert mail["Subject"].startswith("Välkommen")
    link = re.search(r"/guest/link/(\S+)", text_of(mail))
    assert link
    with engine.command(SYSTEM) as context:
        opened = open_guest_session(context, link[1])
        session = read_guest_session(context, opened.secret)
    assert session is not None
    done = []
    while todo := journey.open_tasks():
        hers = [each for each in todo if each.activity_id in HERS]
        for each in hers:
            assert each.assignee == session.actor.user_id, each.activity_id
            with engine.command(session.actor) as context:
                submit_form(context, each.id, {})
            done.append(each.activity_id)
        if not hers:
            journey.complete_task(todo[0])
    assert sorted(done) == sorted(HERS)
    assert journey.state() == "COMPLETED"


@pytest.mark.parametrize(
    ("written", "subjects"),
    [("astrid at example.org", []), (" astrid@example.org ", ["Welcome: your first days with us"])],
)
def test_an_address_that_is_none_keeps_nobody_from_their_work(
    mailing: tuple[ProcessEngine, Mailbox], written: str, subjects: list[str]
) -> None:
    engine, mailbox = mailing
    journey = PlayedJourney(engine, "onboarding", {**WHO, "privateEmail": written, "language": "tlh"})
    while "preboarding_form" not in journey.waiting():
        journey.complete_task(next(each for each in journey.open_tasks() if each.activity_id != "role_profile"))
    run_due(engine)
    assert [mail["Subject"] for to, mail in mailbox.mails if to == "astrid@example.org"] == subjects


@pytest.mark.parametrize("left_out", ["privateEmail", "nothing"])
def test_nobody_is_invited_without_an_address_or_who_has_an_account(
    mailing: tuple[ProcessEngine, Mailbox], left_out: str
) -> None:
    engine, mailbox = mailing
    given = {**WHO, "newEmployee": "nils"} if left_out == "nothing" else {**WHO, left_out: None}
    journey = PlayedJourney(engine, "onboarding", given)
    while "preboarding_form" not in journey.waiting():
        journey.complete_task(next(each for each in journey.open_tasks() if each.activity_id != "role_profile"))
    run_due(engine)
    assert [to for to, _ in mailbox.mails if to == "astrid@example.org"] == []
    assert journey.task("preboarding_form").assignee == ("nils" if left_out == "nothing" else None)
