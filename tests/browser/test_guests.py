"""A new employee without an account, on a phone: from the mail to their own task done, and nothing else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from engine import (
    SYSTEM,
    Outgoing,
    ProcessEngine,
    Settings,
    TaskQuery,
    TestClock,
    complete_task,
    find_tasks,
    get_journey,
    run_due,
)
from tests.browser.conftest import SignIn, Site, serving
from tests.browser.test_onboarding import begin
from tests.browsing import PATIENCE, PHONE, Complaints, picture, schemes
from tests.mailbox import Mailbox, free_port, mail_server, text_of
from tests.pages.conftest import MONDAY

pytestmark = pytest.mark.browser

ELSEWHERE = ("/", "/tasks", "/journeys", "/start", "/flows", "/admin/people", "/absence", "/account/tokens", "/search")
NOTHING = ("/guest/admin", "/guest/journeys", "/guest/tasks/nothing")
#: What is wider than the panel that it stands in.
STICKING_OUT = """
    [...document.querySelectorAll(".panel li, .panel li > *")]
        .filter(each => each.getBoundingClientRect().right > each.closest(".panel").getBoundingClientRect().right)
        .map(each => each.innerText)
"""
FORM = "Pre-boarding form: bank, next of kin, badge photo, adaptations"


@pytest.fixture
def site(demo_template: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    shutil.copy(demo_template, tmp_path / "onedoor.db")
    clock, port = TestClock(MONDAY), free_port()
    with mail_server() as (mailbox, server):
        outgoing = Outgoing(mail=server, public_url=f"http://127.0.0.1:{port}")
        settings = Settings(f"sqlite:///{tmp_path}/onedoor.db", tmp_path, test_clock=True, outgoing=outgoing)
        request.node.mailbox = mailbox
        with serving(ProcessEngine(settings, clock), clock, port) as found:
            yield found


def test_a_new_employee_comes_in_by_the_mail_and_finishes_their_own_task(
    sign_in: SignIn, site: Site, browser: Browser, complaints: Complaints, request: pytest.FixtureRequest
) -> None:
    mailbox: Mailbox = request.node.mailbox
    maria = sign_in("maria", viewport=PHONE)
    begin(maria, "Astrid Lund", "2027-04-12")
    journey = maria.url.rpartition("/")[2]
    maria.get_by_role("link", name="Invite").click()
    maria.get_by_label("Mail address").fill("astrid@example.org")
    for scheme in schemes(maria):
        picture(maria, f"guest-{scheme}-invite")
    maria.get_by_role("button", name="Send the link").click()
    expect(maria.get_by_role("status")).to_contain_text("on its way to astrid@example.org")
    assert maria.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    _up_to_the_form(site, journey)
    run_due(site.engine)
    links = [re.search(r"http://\S+/guest/link/\S+", text_of(mail)) for _, mail in mailbox.mails]
    (link,) = [found[0] for found in links if found]

    context = browser.new_context(viewport=PHONE, locale="sv-SE", base_url=site.url)
    context.set_default_timeout(PATIENCE)
    context.on("page", complaints.watch)
    astrid = context.new_page()
    astrid.goto(link)
    expect(astrid.get_by_role("heading", level=1)).to_have_text("Välkommen")
    for scheme in schemes(astrid):
        picture(astrid, f"guest-{scheme}-link")
    astrid.keyboard.press("Tab")
    astrid.get_by_role("button", name="Öppna min sida").focus()
    astrid.keyboard.press("Enter")
    expect(astrid.get_by_role("heading", level=1)).to_have_text("Välkommen, Astrid Lund")
    for scheme in schemes(astrid):
        picture(astrid, f"guest-{scheme}-home")
        assert astrid.evaluate(STICKING_OUT) == []
        assert astrid.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    astrid.get_by_role("link", name="Fyll i uppgifter före start").click()
    astrid.get_by_label("Bankkonto").fill("SE35 5000 0000 0549 1000 0003")
    for scheme in schemes(astrid):
        picture(astrid, f"guest-{scheme}-task")
        assert astrid.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    astrid.get_by_role("button", name="Klart").click()
    expect(astrid.get_by_role("status")).to_have_text("Klart: Fyll i uppgifter före start")
    with site.engine.query(SYSTEM) as reading:
        (done,) = [step for step in get_journey(reading, journey).steps if step.activity_id == "preboarding_form"]
    assert done.state == "done"
    assert (done.who or "").startswith("guest-")

    for path in ELSEWHERE:
        astrid.goto(path)
        assert "/sign-in" in astrid.url, path
    for path in (*NOTHING, f"/guest/tasks/{_somebody_elses(site)}"):
        answer = astrid.goto(path)
        assert answer is not None
        assert answer.status == 404, path
        complaints.remove(next(each for each in complaints if "404" in each))
    astrid.get_by_role("link", name="Till min sida").click()
    astrid.get_by_role("button", name="Logga ut").click()
    answer = astrid.goto("/guest")
    assert answer is not None
    assert answer.status == 401
    complaints.remove(next(each for each in complaints if "401" in each))
    context.close()


def _up_to_the_form(site: Site, journey: str) -> None:
    for activity in ("verify_contract", "employee_record", "create_identity", "welcome_mail"):
        with site.engine.command(SYSTEM) as context:
            for task in find_tasks(context, TaskQuery(activity_id=activity, root_instance_id=journey)):
                complete_task(context, task.id, {})
    with site.engine.query(SYSTEM) as context:
        assert find_tasks(context, TaskQuery(activity_id="preboarding_form", root_instance_id=journey))


def _somebody_elses(site: Site) -> str:
    with site.engine.query(SYSTEM) as context:
        return next(task.id for task in find_tasks(context, TaskQuery()) if task.department == "hiring-manager")
