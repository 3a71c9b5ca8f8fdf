"""Mails and webhooks: jobs, written with what they tell of, delivered to a real mail server and a real web server."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from engine import (
    SYSTEM,
    DeliveryFailed,
    MailServer,
    Outgoing,
    ProcessEngine,
    Settings,
    TestClock,
    Webhook,
    add_member,
    create_group,
    create_user,
    execute_job,
    get_group,
    get_user,
    notify,
    remove_member,
    run_due,
    set_retries,
    update_group,
    update_user,
)
from engine.database.tables import incident
from engine.outgoing.mail import send
from tests.engine.play import (
    END,
    START,
    TWO_TASKS,
    bpmn,
    complete,
    deploy,
    flow,
    jobs,
    rows,
    start,
    waiting,
)
from tests.mailbox import Mailbox

REMINDED = bpmn(
    START
    + '<sendTask id="tell" camunda:delegateExpression="${notify}"><extensionElements><camunda:inputOutput>'
    + '<camunda:inputParameter name="department">hr</camunda:inputParameter>'
    + '<camunda:inputParameter name="message">Nora starts on Monday</camunda:inputParameter>'
    + '<camunda:inputParameter name="message:sv">Nora börjar på måndag</camunda:inputParameter>'
    + "</camunda:inputOutput></extensionElements></sendTask>"
    + END
    + flow("start", "tell", "end")
)
FAILING = bpmn(
    START
    + '<serviceTask id="broken" camunda:asyncBefore="true" camunda:expression="${missing}"/>'
    + END
    + flow("start", "broken", "end")
)


@pytest.fixture
def mailing(
    mailbox: tuple[Mailbox, MailServer], database_url: str, tmp_path: Path, clock: TestClock
) -> Iterator[ProcessEngine]:
    outgoing = Outgoing(mail=mailbox[1], public_url="https://door.example.org")
    engine = ProcessEngine(Settings(database_url, tmp_path, outgoing=outgoing), clock)
    with engine.command(SYSTEM) as context:
        create_group(context, "hr", "HR")
        for name, email, language in (
            ("hanna", "hanna@example.org", "sv"),
            ("eva", "eva@example.org", None),
            ("per", None, None),
        ):
            create_user(context, name, email=email, language=language)
            add_member(context, "hr", name)
    yield engine
    engine.close()


def test_everybody_who_is_told_and_has_an_address_gets_a_mail_in_their_language(
    mailing: ProcessEngine, mailbox: tuple[Mailbox, MailServer]
) -> None:
    deploy(mailing, REMINDED)
    instance = start(mailing)
    assert mailbox[0].mails == [], "nothing leaves within the command"
    assert [each.type for each in jobs(mailing)] == ["delivery", "delivery"]
    assert run_due(mailing) == 2
    said = {
        to: (mail["Subject"], mail.get_content().splitlines())
        for to, mail in mailbox[0].mails
        if isinstance(mail, EmailMessage)
    }
    link = f"https://door.example.org/journeys/{instance.id}"
    assert said == {
        "eva@example.org": ("Nora starts on Monday", ["Nora starts on Monday", "", link]),
        "hanna@example.org": ("Nora börjar på måndag", ["Nora börjar på måndag", "", link]),
    }
    assert jobs(mailing) == []


@pytest.mark.parametrize("members", [True, False])
def test_a_department_with_a_mailbox_is_told_there_and_not_each_of_its_members(
    mailing: ProcessEngine, mailbox: tuple[Mailbox, MailServer], members: bool
) -> None:
    with mailing.command(SYSTEM) as context:
        update_group(context, replace(get_group(context, "hr"), email="hr@example.org"))
        for each in () if members else ("hanna", "eva", "per"):
            remove_member(context, "hr", each)
        notify(context, user_id="eva", message={"en": "For you alone"})
        notify(context, group_id="hr", message={"en": "Nora starts", "sv": "Nora börjar"})
    assert run_due(mailing) == 2
    said = [(to, mail.get_content().split()) for to, mail in mailbox[0].mails if isinstance(mail, EmailMessage)]
    assert said == [
        ("eva@example.org", ["For", "you", "alone"]),
        ("hr@example.org", ["Nora", "starts", "Nora", "börjar"]),
    ]


def test_who_has_left_gets_no_mail(mailing: ProcessEngine, mailbox: tuple[Mailbox, MailServer]) -> None:
    with mailing.command(SYSTEM) as context:
        update_user(context, replace(get_user(context, "hanna"), active=False))
        notify(context, group_id="hr", message={"en": "to those who are there"})
        notify(context, user_id="hanna", message={"en": "to nobody"})
    assert run_due(mailing) == 1
    assert [to for to, _ in mailbox[0].mails] == ["eva@example.org"]


def test_a_command_that_is_undone_sends_no_mail(mailing: ProcessEngine) -> None:
    def undone() -> None:
        with mailing.command(SYSTEM) as context:
            notify(context, group_id="hr", message={"en": "never"})
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        undone()
    assert jobs(mailing) == []


def test_without_a_mail_server_people_are_told_in_the_app_alone(engine: ProcessEngine) -> None:
    with engine.command(SYSTEM) as context:
        create_user(context, "hanna", email="hanna@example.org")
        notify(context, user_id="hanna", message={"en": "hello"})
    assert jobs(engine) == []


def test_a_mail_that_is_refused_comes_again_under_the_same_id_and_in_the_end_is_an_incident(
    mailing: ProcessEngine, mailbox: tuple[Mailbox, MailServer], clock: TestClock
) -> None:
    with mailing.command(SYSTEM) as context:
        notify(context, user_id="eva", message={"en": "hello\r\nBcc: x@example.org"})
    taken, _ = mailbox
    taken.refusals = 5
    (job,) = jobs(mailing)
    for wait in (timedelta(0), timedelta(seconds=30), timedelta(minutes=10), timedelta(hours=2)):
        clock.advance(wait)
        assert (run_due(mailing), run_due(mailing)) == (1, 0), "and not again before its time"
    assert rows(mailing, incident) == []
    clock.advance(timedelta(days=1))
    run_due(mailing)
    (row,) = rows(mailing, incident)
    assert (row.incident_type, row.activity_id, row.configuration) == ("failedJob", "mail", job.id)
    assert "The mailbox is busy" in row.message
    assert taken.mails == []

    with mailing.command(SYSTEM) as context:
        set_retries(context, job.id, 1, context.now)
    assert rows(mailing, incident) == []
    run_due(mailing)
    ((to, mail),) = taken.mails
    assert (to, mail["Message-ID"], mail["Bcc"]) == ("eva@example.org", f"<{job.id}@example.org>", None)
    assert jobs(mailing) == []


def test_a_delivery_that_is_under_way_is_nobody_elses_until_it_must_have_died(
    mailing: ProcessEngine, mailbox: tuple[Mailbox, MailServer], clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mailing.command(SYSTEM) as context:
        notify(context, user_id="eva", message={"en": "hello"})
    (job,) = jobs(mailing)
    during: list[int] = []

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        during.append(run_due(mailing))
        raise Killed

    monkeypatch.setattr("engine.job_execution.deliver", killed)
    with pytest.raises(Killed):
        execute_job(mailing, job.id)
    monkeypatch.undo()
    assert during == [0]
    assert run_due(mailing) == 0
    clock.advance(timedelta(minutes=2))
    assert run_due(mailing) == 1
    assert [to for to, _ in mailbox[0].mails] == ["eva@example.org"]


def test_a_password_never_goes_to_another_machine_in_the_clear(
    mailbox: tuple[Mailbox, MailServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.outgoing.mail._THIS_MACHINE", ())
    with pytest.raises(DeliveryFailed, match="STARTTLS"):
        send(mailbox[1], to="eva@example.org", subject="s", text="t", message_id="1")
    assert mailbox[0].mails == []


# ---------------------------------------------------------------- webhooks


class Hooked(BaseHTTPRequestHandler):
    got: list[tuple[str, dict[str, str], bytes]]
    answer = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, dict(self.headers), body))
        self.send_response(self.answer)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hooked() -> Iterator[tuple[type[Hooked], str]]:
    handler = type("Handler", (Hooked,), {"got": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield handler, f"http://localhost:{server.server_port}/hook?a=1"
    server.shutdown()
    thread.join(10)
    server.server_close()


LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


def hooking(database_url: str, tmp_path: Path, clock: TestClock, *hooks: Webhook) -> ProcessEngine:
    return ProcessEngine(Settings(database_url, tmp_path, outgoing=Outgoing(webhooks=hooks)), clock)


def test_a_webhook_is_told_of_what_it_asked_for_signed_and_without_variables(
    hooked: tuple[type[Hooked], str], database_url: str, tmp_path: Path, clock: TestClock
) -> None:
    handler, url = hooked
    hook = Webhook("wiki", url, frozenset({"instance-ended", "incident-opened"}), "s3cret", LOOPBACK)
    engine = hooking(database_url, tmp_path, clock, hook)
    deploy(engine, TWO_TASKS)
    instance = start(engine, variables={"salary": 12345}, business_key="nora")
    complete(engine, "first")
    assert jobs(engine) == []
    complete(engine, "second")
    (job,) = jobs(engine)
    run_due(engine)
    ((path, headers, body),) = handler.got
    assert path == "/hook?a=1"
    told = json.loads(body)
    assert told == {
        "id": job.id,
        "event": "instance-ended",
        "processInstanceId": instance.id,
        "processDefinitionId": instance.definition_id,
        "processDefinitionKey": "p",
        "businessKey": "nora",
        "occurredAt": clock.now().isoformat(),
        "state": "COMPLETED",
    }
    assert headers["Onedoor-Delivery"] == job.id
    assert headers["Host"].startswith("localhost:")
    expected = hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert headers["Onedoor-Signature"] == f"sha256={expected}"

    deploy(engine, FAILING, "f")
    start(engine)
    for wait in (timedelta(0), timedelta(seconds=10), timedelta(minutes=1)):
        clock.advance(wait)
        run_due(engine)
    assert [json.loads(body)["event"] for _, _, body in handler.got[1:]] == ["incident-opened"]
    engine.close()


@pytest.mark.parametrize("answer", [302, 307, 404, 500])
def test_only_a_success_is_one_and_no_redirect_is_followed(
    hooked: tuple[type[Hooked], str], database_url: str, tmp_path: Path, clock: TestClock, answer: int
) -> None:
    handler, url = hooked
    handler.answer = answer
    engine = hooking(database_url, tmp_path, clock, Webhook("w", url, frozenset({"instance-started"}), None, LOOPBACK))
    deploy(engine, TWO_TASKS)
    start(engine)
    run_due(engine)
    (job,) = jobs(engine)
    assert job.exception_message is not None
    assert f"answered {answer}" in job.exception_message
    assert [path for path, _, _ in handler.got] == ["/hook?a=1"]
    assert waiting(engine) == ["first"]
    engine.close()


def test_a_webhook_that_leads_inside_is_not_called_unless_it_is_allowed(
    hooked: tuple[type[Hooked], str], database_url: str, tmp_path: Path, clock: TestClock
) -> None:
    handler, url = hooked
    engine = hooking(database_url, tmp_path, clock, Webhook("w", url, frozenset({"instance-started"})))
    deploy(engine, TWO_TASKS)
    start(engine)
    run_due(engine)
    (job,) = jobs(engine)
    assert "not on the open network" in str(job.exception_message)
    assert handler.got == []
    engine.close()


def test_a_name_is_looked_up_once_and_that_address_is_called(
    hooked: tuple[type[Hooked], str],
    database_url: str,
    tmp_path: Path,
    clock: TestClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second look-up would lead somewhere else: a name whose owner changes it between check and call."""
    handler, url = hooked
    real, asked = socket.getaddrinfo, []

    def looked_up(host: Any, *rest: Any, **more: Any) -> Any:
        if host == "rebound.example":
            asked.append(host)
            return real("127.0.0.1" if len(asked) == 1 else "203.0.113.1", *rest, **more)
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    hook = Webhook("w", url.replace("localhost", "rebound.example"), frozenset({"instance-started"}), None, LOOPBACK)
    engine = hooking(database_url, tmp_path, clock, hook)
    deploy(engine, TWO_TASKS)
    start(engine)
    run_due(engine)
    assert asked == ["rebound.example"]
    assert [headers["Host"].partition(":")[0] for _, headers, _ in handler.got] == ["rebound.example"]
    engine.close()
