"""Guessing is slow, and it locks nobody out but the guesser. Time is the engine's clock, which stands still."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from argon2.exceptions import VerificationError
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from api.app import attach, create_app
from api.cookies import DEVICE_COOKIE
from api.limits import MOST, Counts
from engine import (
    SYSTEM,
    OperationQuery,
    ProcessEngine,
    TestClock,
    TooBusy,
    find_operations,
    verify_hash,
)
from engine.people import passwords
from tests.applications import application

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
LIMIT, ALL = 10, 100
LINES = 5


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Hashing that takes no time: what was checked, in order. The demo's password is right."""
    checked: list[str] = []

    class Quick:
        def verify(self, stored: str, password: str) -> bool:
            checked.append(password)
            if password != "demo":
                raise VerificationError
            return True

    monkeypatch.setattr(passwords, "_hasher", Quick())
    monkeypatch.setattr(passwords, "_nobody", lambda: "nobody's hash")
    return checked


@pytest.fixture(scope="module")
def shared_app(demo_template: Path) -> Iterator[Flask]:
    with application(demo_template) as shared:
        yield shared


@pytest.fixture
def app(shared_app: Flask, engine: ProcessEngine, quick: list[str]) -> Flask:
    attach(shared_app, engine)
    return shared_app


def sign_in(client: FlaskClient, user: str, password: str, address: str = HOME) -> TestResponse:
    return client.post("/sign-in", data={"user": user, "password": password}, environ_base={"REMOTE_ADDR": address})


def basic(app: Flask, user: str, password: str, address: str = HOME) -> TestResponse:
    client = app.test_client(use_cookies=False)
    return client.get("/engine-rest/version", auth=(user, password), environ_base={"REMOTE_ADDR": address})


def hammer(app: Flask, user: str, address: str, times: int = LIMIT) -> list[int]:
    return [sign_in(app.test_client(), user, f"guess {number}", address).status_code for number in range(times)]


def test_after_ten_wrong_passwords_even_the_right_one_has_to_wait(
    app: Flask, quick: list[str], clock: TestClock
) -> None:
    assert hammer(app, "hanna", ELSEWHERE) == [401] * LIMIT
    checked = len(quick)
    answer = sign_in(app.test_client(), "hanna", "demo", ELSEWHERE)
    assert answer.status_code == 429
    assert "Wait 15 minutes, then try again." in answer.text
    assert answer.headers["Retry-After"] == "900"
    assert len(quick) == checked, "nothing was hashed"
    clock.advance(timedelta(minutes=14))
    assert sign_in(app.test_client(), "hanna", "demo", ELSEWHERE).headers["Retry-After"] == "60"
    clock.advance(timedelta(minutes=1, seconds=1))
    assert sign_in(app.test_client(), "hanna", "demo", ELSEWHERE).status_code == 302


def refused(engine: ProcessEngine) -> Iterator[tuple[str | None, str | None, str | None]]:
    """Oldest first: whose account, what the line says, who asked."""
    with engine.query(SYSTEM) as context:
        for each in reversed(find_operations(context, OperationQuery(operation="SignInRefused"))):
            yield each.entity_id, each.details, each.user_id


def test_whoever_guesses_does_not_fill_the_log_and_does_not_guess_unseen(
    app: Flask, engine: ProcessEngine, clock: TestClock
) -> None:
    for network in range(3):
        for user in ("hanna", "isak", "nobody1", "nobody2"):
            assert hammer(app, user, f"198.51.100.{network}", 5) == [401] * 5
    told = list(refused(engine))
    further = [f"{count} further refused sign-ins so far within the hour" for count in (1, 2, 4, 8)]
    for user, lines in (("hanna", further), ("isak", further), (None, [*further, further[-1].replace("8", "16")])):
        assert [details for account, details, _ in told if account == user] == [None] * LINES + lines
    clock.advance(timedelta(hours=1, seconds=1))
    hammer(app, "hanna", ELSEWHERE, 1)
    assert list(refused(engine))[len(told) :] == [("hanna", None, None)]


def test_a_wrong_password_leaves_a_line_at_every_door(app: Flask, engine: ProcessEngine) -> None:
    assert basic(app, "admin", "demo").status_code == 200
    assert list(refused(engine)) == []
    basic(app, "HANNA", "wrong")
    basic(app, "SECRET-4711", "wrong")
    admin: dict[str, Any] = {"auth": ("admin", "demo"), "headers": {"Host": "localhost"}}
    for user, password in (("hanna", "demo"), ("isak", "wrong"), ("SECRET-4711", "wrong")):
        body = {"username": user, "password": password}
        answer = app.test_client().post("/engine-rest/identity/verify", json=body, **admin)
        assert answer.get_json()["authenticated"] is (password == "demo")
    own = {"password": "another long secret", "authenticatedUserPassword": "wrong"}
    assert app.test_client().put("/engine-rest/user/admin/credentials", json=own, **admin).status_code == 400
    assert list(refused(engine)) == [
        ("hanna", None, None), (None, None, None),
        ("isak", None, "admin"), (None, None, "admin"),
        ("admin", None, "admin"),
    ]  # fmt: skip


def test_whoever_guesses_locks_out_nobody_elsewhere(app: Flask) -> None:
    hammer(app, "hanna", ELSEWHERE, 3 * LIMIT)
    assert sign_in(app.test_client(), "hanna", "demo", HOME).status_code == 302
    assert sign_in(app.test_client(), "isak", "demo", ELSEWHERE).status_code == 302


def test_who_tries_one_account_on_and_on_uses_up_nobody_elses_attempts(app: Flask) -> None:
    assert hammer(app, "hanna", HOME, ALL + LIMIT) == [401] * LIMIT + [429] * ALL
    assert sign_in(app.test_client(), "isak", "demo", HOME).status_code == 302
    assert hammer(app, "horst", HOME, LIMIT) == [401] * LIMIT, "what was checked is counted still"


def test_a_known_browser_comes_in_through_whatever_its_neighbours_do(app: Flask) -> None:
    hanna = app.test_client()
    assert sign_in(hanna, "hanna", "demo").status_code == 302
    hanna.post("/sign-out")
    hammer(app, "hanna", HOME, 2 * LIMIT)
    for number in range(ALL):
        sign_in(app.test_client(), f"nobody{number}", "guess", HOME)
    assert sign_in(app.test_client(), "isak", "demo").status_code == 429
    hanna.delete_cookie("onedoor_session")
    assert sign_in(hanna, "hanna", "demo").status_code == 302


def test_a_known_browser_has_a_budget_too_and_for_its_own_account_only(app: Flask) -> None:
    hanna = app.test_client()
    sign_in(hanna, "hanna", "demo")
    hanna.delete_cookie("onedoor_session")
    assert [sign_in(hanna, "hanna", "wrong").status_code for _ in range(LIMIT + 1)] == [401] * LIMIT + [429]
    assert [sign_in(hanna, "isak", "wrong").status_code for _ in range(LIMIT + 1)] == [401] * LIMIT + [429]
    made_up = app.test_client()
    made_up.set_cookie(DEVICE_COOKIE, "made up")
    assert sign_in(made_up, "isak", "demo").status_code == 429


def test_one_network_that_tries_one_password_on_everybody_is_stopped(app: Flask) -> None:
    answers = [sign_in(app.test_client(), f"user{number}", "Summer2026", ELSEWHERE) for number in range(ALL + 1)]
    assert [each.status_code for each in answers] == [401] * ALL + [429]
    assert sign_in(app.test_client(), "hanna", "demo", HOME).status_code == 302


@pytest.mark.parametrize("name", ["hanna", "HANNA", "Hanna@example.org"])
def test_another_name_of_the_same_person_is_no_new_budget(app: Flask, name: str) -> None:
    hammer(app, "hanna", ELSEWHERE)
    assert sign_in(app.test_client(), name, "demo", ELSEWHERE).status_code == 429
    assert basic(app, name, "demo", ELSEWHERE).status_code == 429


def test_unknown_and_known_people_are_refused_in_the_same_words(app: Flask) -> None:
    for number in range(LIMIT + 1):
        known, unknown = (sign_in(app.test_client(), user, "wrong") for user in ("hanna", "horst"))
        assert known.status_code == unknown.status_code == (401 if number < LIMIT else 429)
        assert known.text.replace("hanna", "horst").split("<p class=")[0] == unknown.text.split("<p class=")[0]


def test_who_is_right_is_not_counted(app: Flask) -> None:
    for _ in range(3):
        hammer(app, "hanna", HOME, LIMIT - 1)
        assert sign_in(app.test_client(), "hanna", "demo").status_code == 302
    assert [basic(app, "isak", "demo").status_code for _ in range(2 * LIMIT)] == [200] * 2 * LIMIT


def test_addresses_of_one_subscriber_are_one_network(app: Flask) -> None:
    for number in range(LIMIT):
        sign_in(app.test_client(), "hanna", "wrong", f"2001:db8:1:2::{number:x}")
    assert sign_in(app.test_client(), "hanna", "demo", "2001:db8:1:2:ffff::1").status_code == 429
    assert sign_in(app.test_client(), "hanna", "demo", "2001:db8:1:3::1").status_code == 302


# ---------------------------------------------------------------- Basic


def test_basic_is_limited_and_says_so_as_json(app: Flask) -> None:
    assert [basic(app, "hanna", "wrong", ELSEWHERE).status_code for _ in range(LIMIT)] == [401] * LIMIT
    answer = basic(app, "hanna", "demo", ELSEWHERE)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    assert answer.get_json()["message"] == "Too many attempts: wait, then try again."


def test_a_worker_whose_password_was_right_works_on_while_others_guess(app: Flask, clock: TestClock) -> None:
    assert basic(app, "hanna", "demo").status_code == 200
    hammer(app, "hanna", HOME, 2 * LIMIT)
    assert basic(app, "hanna", "demo").status_code == 200
    verified = app.extensions["onedoor_verified"]
    verified._known = dict.fromkeys(verified._known, 0.0)  # what was remembered has run out
    assert basic(app, "hanna", "demo").status_code == 200
    assert basic(app, "hanna", "another", HOME).status_code == 429


@pytest.mark.parametrize(("user", "statements"), [("hanna", 1), ("HANNA", 3)])
def test_remembered_credentials_cost_one_statement(
    app: Flask, engine: ProcessEngine, quick: list[str], user: str, statements: int
) -> None:
    basic(app, user, "demo")
    hashed, said = len(quick), []
    database: Any = engine.database.engine

    def count(connection: object, cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            said.append(statement)

    event.listen(database, "before_cursor_execute", count)
    assert basic(app, user, "demo").status_code == 200
    event.remove(database, "before_cursor_execute", count)
    assert (len(said), len(quick)) == (statements, hashed)


def test_passwords_are_not_guessed_over_rest_either(app: Flask) -> None:
    client = app.test_client(use_cookies=False)
    body = {"username": "admin", "password": "guess"}
    asked = [client.post("/engine-rest/identity/verify", json=body, auth=("hanna", "demo")) for _ in range(LIMIT + 1)]
    assert [each.status_code for each in asked] == [200] * LIMIT + [429]


# ---------------------------------------------------------------- behind a proxy


@pytest.mark.parametrize(("proxies", "sent", "lines"), [(0, True, 1), (0, False, 0), (1, True, 0)])
def test_a_proxy_that_the_server_was_not_told_of_is_warned_of_once(
    engine: ProcessEngine, caplog: pytest.LogCaptureFixture, proxies: int, sent: bool, lines: int
) -> None:
    client = create_app(engine, trusted_proxies=proxies).test_client()
    for _ in range(3):
        client.get("/health", headers={"X-Forwarded-For": "203.0.113.9"} if sent else {})
    assert caplog.text.count("set ONEDOOR_TRUSTED_PROXIES") == lines


@pytest.mark.parametrize(("proxies", "believed"), [(0, False), (1, True)])
def test_only_trusted_proxies_say_where_a_request_comes_from(
    engine: ProcessEngine, quick: list[str], proxies: int, believed: bool
) -> None:
    app = create_app(engine, trusted_proxies=proxies)

    def guess(forwarded: str) -> int:
        headers = {"X-Forwarded-For": forwarded}
        data = {"user": "hanna", "password": "wrong"}
        return app.test_client().post("/sign-in", data=data, headers=headers).status_code

    for number in range(LIMIT):
        assert guess(f"10.0.0.{number}") == 401
    assert guess("10.0.0.99") == (401 if believed else 429)
    # What the client itself writes stands left of what the proxy adds, and is not believed.
    assert {guess(f"10.1.1.{number}, 203.0.113.5") for number in range(LIMIT)} == ({401} if believed else {429})
    assert guess("10.1.1.200, 203.0.113.5") == 429


# ---------------------------------------------------------------- memory


def test_counters_are_bounded() -> None:
    counts = Counts()
    for number in range(MOST + 50):
        counts.add(f"key {number}", 1, 60, 0.0)
    assert len(counts.kept) == MOST
    assert counts.read("key 0", 1.0)[0] == 0
    assert counts.read(f"key {MOST + 49}", 1.0)[0] == 1
    counts.add("later", 1, 60, 100.0)
    assert set(counts.kept) == {"later"}


def test_many_guesses_at_once_do_not_slip_through(app: Flask) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = [*pool.map(lambda n: sign_in(app.test_client(), "hanna", f"{n}", ELSEWHERE).status_code, range(24))]
    assert (statuses.count(401), statuses.count(429)) == (LIMIT, 14)


def test_a_flood_of_hashing_is_turned_away_and_takes_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hash, fourteen wait, the rest is told at once; afterwards there is room again."""
    inside, most, go = 0, 0, Event()

    class Slow:
        def verify(self, stored: str, password: str) -> bool:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            go.wait(30)
            inside -= 1
            return True

        def hash(self, password: str) -> str:
            return "hash"

    monkeypatch.setattr(passwords, "_hasher", Slow())

    def one(_: int) -> bool | str:
        try:
            return verify_hash("hash", "x")
        except TooBusy:
            return "busy"

    with ThreadPoolExecutor(40) as pool:
        asked = [pool.submit(one, number) for number in range(40)]
        turned_away = list(islice(as_completed(asked, timeout=60), 24))
        assert [each.result() for each in turned_away] == ["busy"] * 24
        go.set()
        answers = [each.result(30) for each in asked]
    assert (answers.count("busy"), answers.count(True)) == (24, 16)
    assert most == 2
    assert one(0) is True
