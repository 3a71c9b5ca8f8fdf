"""The pages of guests, and the page from which they are invited."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine import SYSTEM, Actor, MailServer, Outgoing, ProcessEngine, TaskQuery, complete_task, find_tasks, run_due
from tests.mailbox import free_port
from tests.pages.conftest import HIRE
from tests.pages.person import Person

#: An address of every room, with what exists in it where that can be said.
ELSEWHERE = (
    "/", "/tasks", "/start", "/start/onboarding", "/journeys", "/flows", "/flows/onboarding", "/search", "/absence",
    "/admin/people", "/admin/people/maria", "/admin/departments", "/admin/exchange", "/admin/jobs", "/account/tokens",
    "/session", "/flows/onboarding/edit", "/flows/onboarding/1.bpmn",
)  # fmt: skip
REST = (
    "/engine-rest/task", "/engine-rest/process-instance", "/engine-rest/user", "/engine-rest/history/variable-instance",
    "/engine-rest/history/process-instance", "/engine-rest/process-definition", "/engine-rest/identity/groups",
    "/api/v1/journeys", "/api/v1/notifications", "/api/v1/services", "/api/v1/api-tokens",
)  # fmt: skip


@pytest.fixture
def hired(app: Flask, engine: ProcessEngine) -> str:
    """The address of the journey of somebody without an account, up to where they are asked for something."""
    given = {**HIRE, "newEmployee": "", "employeeName": "Astrid Lund", "privateEmail": "astrid@example.org"}
    journey = Person(app, "maria").start("onboarding", given)
    while True:
        with engine.query(SYSTEM) as context:
            found = [task for task in find_tasks(context, TaskQuery()) if task.department != "new-employee"]
        todo = [task for task in found if task.activity_id in ("verify_contract", "employee_record", "welcome_mail")]
        if not todo:
            return journey
        with engine.command(SYSTEM) as context:
            complete_task(context, todo[0].id, {})


def invite(app: Flask, journey: str, who: str = "maria") -> str:
    """The path of a new link."""
    person = Person(app, who)
    person.open(journey)
    person.open(person.link("Invite", journey))
    person.page.forms  # noqa: B018  (there is one)
    form = person.form("/guest")
    fields = dict(form.form_values())
    answer = person.client.post(form.get("action"), data={**fields, "email": "", "hand_over": "yes"})
    assert answer.status_code == 200, answer.text
    found = re.search(r'value="(http://localhost/guest/link/[^"]+)"', answer.text)
    assert found
    return urlsplit(found[1]).path


def come_in(app: Flask, link: str) -> Person:
    guest = Person(app)
    guest.open(link)
    guest.send("/guest/link")
    assert guest.answer.request.path == "/guest"
    return guest


def test_a_guest_opens_the_link_and_finishes_their_own_task(app: Flask, hired: str) -> None:
    guest = come_in(app, invite(app, hired))
    assert "Welcome, Astrid Lund" in guest.says()
    assert "First day Mon 12 April" in guest.says() or "12" in guest.says("//span[contains(@class,'chip')]")
    shown = guest.says("//main")
    assert "Controller" in shown
    assert "Your contact Maria Lindqvist" in shown
    for hidden in ("Role profile", "Salary", "Cost centre", "Reserve", "astrid@example.org"):
        assert hidden not in shown
    task = guest.link("Pre-boarding form: bank, next of kin, badge photo, adaptations", "/guest/tasks/")
    guest.open(task)
    assert not guest.page.xpath("//*[@id='comments']")
    guest.send(f"{task}/complete", {"bankAccount": "SE35 5000 0000 0549 1000 0003"})
    assert guest.answer.request.path == "/guest"
    assert "Nothing right now" in guest.says("//main")
    guest.open(task, 404)


def test_looking_at_a_link_sets_no_cookie_and_tells_nothing(app: Flask, hired: str) -> None:
    client = app.test_client()
    link = invite(app, hired)
    for _ in range(3):
        answer = client.get(link)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "Astrid" not in answer.text
    assert client.get("/guest").status_code == 401
    elsewhere = client.post("/guest/link", data={"secret": link.rpartition("/")[2]}, headers={"Origin": "http://evil"})
    assert elsewhere.status_code == 403
    assert client.get("/guest/link/unknown").status_code == 404
    assert client.post("/guest/link", data={"secret": "unknown"}).status_code == 404


@pytest.mark.parametrize("address", [None, "https://door.example.org", "http://door.example.org"])
def test_a_guests_cookie_travels_only_encrypted_where_people_come_so(
    app: Flask, hired: str, engine: ProcessEngine, address: str | None
) -> None:
    link = invite(app, hired)
    engine.settings = replace(engine.settings, outgoing=Outgoing(public_url=address))
    answer = app.test_client().post("/guest/link", data={"secret": link.rpartition("/")[2]})
    assert answer.status_code == 302
    assert ("Secure" in answer.headers["Set-Cookie"]) == (address == "https://door.example.org")


def test_a_guest_is_nobody_everywhere_else(app: Flask, hired: str, engine: ProcessEngine) -> None:
    guest = come_in(app, invite(app, hired))
    everywhere(guest.client)
    with engine.query(SYSTEM) as context:
        others = [task for task in find_tasks(context, TaskQuery()) if task.department != "new-employee"]
    assert others
    token = guest.page.xpath("//input[@name='csrf_token']/@value")[0]
    for task in others:
        assert guest.client.get(f"/guest/tasks/{task.id}").status_code == 404
        done = guest.client.post(f"/guest/tasks/{task.id}/complete", data={"csrf_token": token})
        assert done.status_code == 404
        assert task.name
        assert task.name not in done.text
    for path in ("/guest/journeys", "/guest/admin/people", "/guest/x/y"):
        answer = guest.client.get(path)
        assert answer.status_code == 404
        assert "Sign in" not in answer.text


def everywhere(client: FlaskClient) -> None:
    """Even with the guest's cookie sent where no browser sends it."""
    cookie = client.get_cookie("onedoor_guest", path="/guest")
    assert cookie is not None
    for name in ("onedoor_guest", "onedoor_session"):
        headers = {"Cookie": f"{name}={cookie.value}"}
        for path in ELSEWHERE:
            answer = client.get(path, headers=headers)
            assert (answer.status_code, urlsplit(answer.location or "").path) == (302, "/sign-in"), path
        for path in REST:
            assert client.get(path, headers=headers).status_code == 401, path
        for path in ("/tasks/claim", "/journeys/x/withdraw", "/admin/people/new"):
            answer = client.post(path, headers=headers)
            assert (answer.status_code, urlsplit(answer.location or "").path) == (302, "/sign-in"), path
        assert client.post("/engine-rest/message", json={}, headers=headers).status_code == 401


def test_the_same_addresses_let_in_who_has_signed_in(somebody: Callable[..., Person]) -> None:
    """The control: what answers nobody answers somebody."""
    admin = somebody("admin")
    assert [path for path in ELSEWHERE if admin.client.get(path).status_code != 200] == []
    assert [path for path in REST if admin.client.get(path).status_code != 200] == []


def test_a_form_without_the_guests_own_token_is_refused(app: Flask, hired: str) -> None:
    guest = come_in(app, invite(app, hired))
    task = guest.link("Pre-boarding form: bank, next of kin, badge photo, adaptations", "/guest/tasks/")
    assert guest.client.post(f"{task}/complete", data={"csrf_token": "another"}).status_code == 403
    guest.open(task)


def test_signing_out_and_being_revoked_end_it(app: Flask, hired: str) -> None:
    link = invite(app, hired)
    guest, other = come_in(app, link), come_in(app, link)
    guest.send("/guest/sign-out")
    assert guest.client.get("/guest").status_code == 401
    other.open("/guest")
    maria = Person(app, "maria")
    maria.open(f"{hired}/guest")
    maria.send("/revoke")
    assert other.client.get("/guest").status_code == 401
    assert other.client.get(link).status_code == 404


def test_without_a_mail_server_the_page_says_what_to_do(app: Flask, hired: str) -> None:
    maria = Person(app, "maria")
    maria.open(f"{hired}/guest")
    assert "make a link and hand it over yourself" in maria.says("//form")
    assert maria.says("//form//button[contains(@class, 'primary')]") == "Make a link to hand over"
    assert "email" not in maria.form("/guest").fields
    maria.send("/guest", {"email": "astrid@example.org"}, status=409)
    assert "No mail server" in maria.says("//*[@role='alert']")
    maria.send("/guest", {"email": ""}, status=422)


def test_whoever_chooses_a_language_stays_where_they_are(app: Flask, hired: str) -> None:
    link = invite(app, hired)
    guest = Person(app)
    guest.open(link)
    guest.send("/language", {"language": "sv"})
    assert (guest.answer.request.path, guest.page.get("lang")) == (link, "sv")
    guest.send("/guest/link")
    assert "Välkommen, Astrid Lund" in guest.says()
    guest.send("/language", {"language": "en"})
    assert (guest.answer.request.path, guest.page.get("lang")) == ("/guest", "en")


def test_the_journey_tells_in_words_that_the_guest_came(app: Flask, hired: str) -> None:
    come_in(app, invite(app, hired))
    maria = Person(app, "maria")
    maria.open(hired)
    assert "Astrid Lund came in by the link" in maria.says("//ol[contains(@class, 'timeline')]")


@pytest.mark.parametrize(("language", "said"), [("en", "The mail could not be sent"), ("sv", "Mejlet gick inte")])
def test_a_mail_that_nobody_takes_is_told_where_the_guest_was_invited(
    app: Flask, hired: str, engine: ProcessEngine, language: str, said: str
) -> None:
    nobody = MailServer("127.0.0.1", free_port(), "onedoor@example.org")
    engine.settings = replace(engine.settings, outgoing=Outgoing(mail=nobody, public_url="http://localhost"))
    maria = Person(app, "maria", language=language)
    maria.open(f"{hired}/guest")
    maria.send("/guest", {"email": "nonsense@x"}, status=422)
    assert "nonsense@x" in maria.says("//*[@role='alert']")
    maria.send("/guest", {"email": "astrid@example.org"})
    assert said not in maria.says("//main")
    run_due(engine)
    maria.open(f"{hired}/guest")
    assert said in maria.says("//*[@role='alert']")
    assert "Connection refused" in maria.says("//*[@role='alert']")


def test_who_may_not_invite_finds_no_such_page(app: Flask, hired: str) -> None:
    isak, hanna = Person(app, "isak"), Person(app, "hanna")
    isak.open(hired)
    assert "Invite" not in isak.says("//main")
    isak.open(f"{hired}/guest", 404)
    hanna.open(f"{hired}/guest")


def test_over_rest_invitations_are_made_listed_and_ended(app: Flask, hired: str) -> None:
    maria = Person(app, "maria")
    token = {"X-CSRF-Token": maria.token()}
    path = f"/api/v1{hired}/invitations"
    made = maria.client.post(path, json={"days": 5}, headers=token)
    assert made.status_code == 200, made.text
    assert made.json["link"].startswith("http://localhost/guest/link/")
    (listed,) = maria.client.get(path, headers=token).json
    assert listed == {key: value for key, value in made.json.items() if key != "link"}
    guest = come_in(app, urlsplit(made.json["link"]).path)
    assert maria.client.delete(f"{path}/{listed['id']}", headers=token).status_code == 204
    assert guest.client.get("/guest").status_code == 401
    assert not maria.client.get(path, headers=token).json[0]["holds"]
    isak = Person(app, "isak")
    assert isak.client.get(path, headers={"X-CSRF-Token": isak.token()}).status_code == 404


def test_a_guest_without_a_journey_is_nobody(engine: ProcessEngine) -> None:
    with engine.query(Actor("guest-none", only_journey="none")) as context:
        assert find_tasks(context, TaskQuery()) == []


def test_nobody_can_hand_work_of_the_house_to_a_guest(app: Flask, hired: str) -> None:
    invite(app, hired)
    maria = Person(app, "maria")
    address = maria.task("Role profile: access bundle, equipment, workplace, buddy candidate")
    maria.open(address)
    offered = maria.form("/assign").fields
    choices = maria.page.xpath("//select[@name='assignee']/option/@value")
    assert offered["assignee"] == ""
    assert "isak" in choices
    assert [each for each in choices if each.startswith("guest-")] == []
