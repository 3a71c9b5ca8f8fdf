"""Who gets in, and how."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event, Timer

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.authentication import COOKIE, CSRF_HEADER, VerifiedCredentials
from api.limits import Guess
from engine import SYSTEM, ProcessEngine, open_session
from tests.rest import models
from tests.rest.client import Client


@pytest.fixture
def browser(app: Flask, engine: ProcessEngine) -> tuple[FlaskClient, str]:
    """A browser in which admin has signed in, and the token of the session."""
    with engine.command(SYSTEM) as context:
        opened = open_session(context, "admin")
    client = app.test_client()
    client.set_cookie(COOKIE, opened.secret)
    return client, opened.csrf_token


def test_a_wrong_password_and_an_unknown_person_look_the_same(app: Flask) -> None:
    answers = [Client(app, user, "wrong").call("GET", "/version") for user in ("admin", "nobody-at-all")]
    assert [each.status_code for each in answers] == [401, 401]
    assert answers[0].data == answers[1].data
    assert answers[0].headers["WWW-Authenticate"] == 'Basic realm="default"'


def test_credentials_of_another_kind_are_no_credentials(app: Flask) -> None:
    client = app.test_client()
    for header in ("Bearer abc", "Basic !!!", "Basic YWRtaW4=", "Basic \xe9", "Bearer \xe9", "Digest x", ""):
        assert client.get("/engine-rest/version", headers={"Authorization": header}).status_code == 401


def test_a_changed_password_counts_at_once(app: Flask, admin: Client) -> None:
    before = Client(app, "hanna", "demo")
    before.get("/version")
    admin.put("/user/hanna/credentials", {"password": "another one"})
    assert before.call("GET", "/version").status_code == 401
    Client(app, "hanna", "another one").get("/version")


def test_a_deleted_person_is_out_at_once(app: Flask, admin: Client) -> None:
    hanna = Client(app, "hanna", "demo")
    hanna.get("/version")
    admin.delete("/user/hanna")
    assert hanna.call("GET", "/version").status_code == 401


def test_verified_credentials_are_not_hashed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def verify(stored: str | None, password: str) -> bool:
        asked.append(password)
        return password == "right"

    monkeypatch.setattr("api.authentication.verify_hash", verify)
    remembered = VerifiedCredentials()
    assert remembered.verify("hanna", "right", "hash")
    assert remembered.verify("hanna", "right", "hash")
    assert asked == ["right"]
    assert not remembered.verify("hanna", "wrong", "hash")
    assert not remembered.verify("hanna", "wrong", "hash")
    assert asked == ["right", "wrong", "wrong"]
    assert remembered.verify("hanna", "right", "new hash")
    assert len(asked) == 4


def test_a_browser_reads_with_its_session_and_changes_only_with_the_token(browser: tuple[FlaskClient, str]) -> None:
    client, token = browser
    assert client.get("/engine-rest/task").status_code == 200
    body = {"profile": {"id": "new"}, "credentials": {"password": "Tango-4711"}}
    assert client.post("/engine-rest/user/create", json=body).status_code == 403
    assert client.post("/engine-rest/user/create", json=body, headers={CSRF_HEADER: "wrong"}).status_code == 403
    foreign = {CSRF_HEADER: token, "Origin": "https://elsewhere.example"}
    assert client.post("/engine-rest/user/create", json=body, headers=foreign).status_code == 403
    own = {CSRF_HEADER: token, "Origin": "http://localhost"}
    assert client.post("/engine-rest/user/create", json=body, headers=own).status_code == 204


def test_a_session_that_does_not_exist_is_nobody(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie(COOKIE, "made up")
    assert client.get("/engine-rest/task").status_code == 401


def test_the_password_is_verified_for_who_asks(admin: Client) -> None:
    right = admin.post("/identity/verify", {"username": "hanna", "password": "demo"})
    assert right == {"authenticatedUser": "hanna", "authenticated": True}
    assert admin.post("/identity/verify", {"username": "hanna", "password": "x"})["authenticated"] is False
    admin.post("/identity/verify", {"username": "hanna"}, status=400)


def test_every_answer_carries_the_guards_of_browsers(app: Flask, admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    answers = [
        app.test_client().get("/engine-rest/task"),
        admin.call("GET", "/task"),
        admin.call("GET", "/none-such"),
        admin.call("GET", "/health/ready", at=""),
        app.test_client().get("/static/none.css"),
    ]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Request-Id"]


def test_the_server_says_whether_it_is_well(app: Flask, engine: ProcessEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    assert client.get("/health/ready").get_json() == {"status": "ok"}

    def gone(*_: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr(engine, "query", gone)
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").get_json() == {"status": "ok"}


def test_camunda_modeler_finds_the_pages(app: Flask) -> None:
    found = app.test_client().get("/.well-known/camunda-automation-platform/webapps").get_json()
    assert set(found) == {"adminUrl", "cockpitUrl", "tasklistUrl"}


def test_those_who_come_together_with_the_same_credentials_are_one_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that starts with twenty threads must not be taken for somebody who guesses."""
    together, checked, guesses = Barrier(20), Event(), list[Guess]()

    def slowly(stored: str | None, password: str) -> bool:
        checked.wait(30)
        return True

    @contextmanager
    def guess() -> Iterator[Guess]:
        guesses.append(Guess())
        yield guesses[-1]

    monkeypatch.setattr("api.authentication.verify_hash", slowly)
    remembered = VerifiedCredentials()

    def come(number: int) -> bool:
        if together.wait(30) == 0:
            Timer(0.3, checked.set).start()  # the others are there by then, or have been counted
        return remembered.verify("hanna", "demo", "hash", guess)

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(come, range(20)))
    assert len(guesses) == 1
