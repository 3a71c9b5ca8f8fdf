"""One's own account: names one may sign in by, the password, the sessions; and the first administrator's link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import lxml.html
import pytest
from flask import Flask
from sqlalchemy import event

from api.app import create_app
from api.authentication import COOKIE
from engine import (
    SYSTEM,
    Actor,
    Conflict,
    DatabaseUnusable,
    InvalidInput,
    NotAllowed,
    NotFound,
    ProcessEngine,
    Settings,
    TestClock,
    actor_of,
    create_first_administrator,
    create_user,
    find_sessions,
    find_users,
    get_user,
    is_set_up_link,
    make_set_up_link,
    person_named,
    read_session_idle,
    require_good_password,
    roles_of,
    set_roles,
    update_user,
    upgrade,
)
from engine.people.values import UserQuery
from engine.sessions import close_expired
from tests.pages.person import Person

Somebody = Callable[..., Person]
GOOD = "four small green boats"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


# ---------------------------------------------------------------- names


def test_people_go_by_id_user_name_and_address(engine: ProcessEngine) -> None:
    with engine.command(SYSTEM) as context:
        update_user(context, replace(get_user(context, "hanna"), user_name="hberg@corp.example"))
    with engine.query(SYSTEM) as context:
        for name in ("hanna", "Hanna", "hberg@corp.example", "HBERG@corp.example", "hanna@example.org"):
            assert person_named(context, name) == "hanna", name
        for name in ("", "hann", "hanna%", "nobody@example.org", "x" * 300):
            assert person_named(context, name) is None, name


def test_an_address_of_two_people_names_neither_and_shadows_no_name(engine: ProcessEngine) -> None:
    with engine.command(SYSTEM) as context:
        create_user(context, "eva@example.org")
        create_user(context, "copycat", email="hanna@example.org")
        create_user(context, "shadow", email="eva@example.org")
        create_user(context, "gone", email="isak@example.org", active=False)
    with engine.query(SYSTEM) as context:
        assert person_named(context, "hanna@example.org") is None
        assert person_named(context, "eva@example.org") == "eva@example.org"
        assert person_named(context, "isak@example.org") == "isak"


def test_nobody_takes_the_address_of_a_colleague(engine: ProcessEngine) -> None:
    def take(address: str) -> None:
        with engine.query(SYSTEM) as context:
            isak = actor_of(context, "isak")
        with engine.command(isak) as context:
            update_user(context, replace(get_user(context, "isak"), email=address))

    with pytest.raises(Conflict, match="Somebody else has this address"):
        take("HANNA@example.org")
    take("isak.strom@example.org")
    object.__setattr__(engine, "settings", replace(engine.settings, addresses_open_accounts=True))
    with pytest.raises(NotAllowed, match="ask an administrator"):
        take("boss@example.org")


def test_who_gives_their_address_is_signed_in(app: Flask) -> None:
    found = app.test_client().post("/sign-in", data={"user": "Hanna@example.org", "password": "demo"})
    assert found.status_code == 302
    basic = app.test_client(use_cookies=False).get("/engine-rest/version", auth=("Hanna@example.org", "demo"))
    assert basic.status_code == 200


# ---------------------------------------------------------------- passwords


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("short", "10 to 1024"), ("x" * 1025, "10 to 1024"), ("1234567890", "among the first"),
        ("qwertyuiop", "among the first"), ("password12", "among the first"), ("hannaberg1", "a name of yours"),
        ("Berg-Hanna-2026!", "a name of yours"), ("aaaaaaaaaaaaaaaa", "among the first"),
    ],
)  # fmt: skip
def test_a_password_that_is_easy_to_guess_is_refused(password: str, wrong: str) -> None:
    with pytest.raises(InvalidInput, match=wrong):
        require_good_password(password, "hanna", "Hanna", "Berg", "hanna.berg@example.org")


@pytest.mark.parametrize(
    "password", [GOOD, "Tango-4711", "blåbärssylt på fredag", "x7#kQ2pL9w", "hanna likes seven boats"]
)
def test_a_password_of_any_kind_will_do_if_nobody_expects_it(password: str) -> None:
    require_good_password(password, "hanna", "Hanna", "Berg", None)


def test_a_changed_password_ends_the_other_sessions_and_not_this_one(app: Flask, somebody: Somebody) -> None:
    here, there = somebody("hanna"), somebody("hanna")
    here.open("/account")
    here.send("/account/password", {"old": "wrong", "new": GOOD}, status=422)
    assert "The old password is not right." in here.says("//*[@role='alert']")
    here.send("/account/password", {"old": "demo", "new": "hannaberg1"}, status=422)
    assert "hardly more than a name of yours" in here.says("//*[@role='alert']")
    there.open("/")
    here.send("/account/password", {"old": "demo", "new": GOOD})
    assert "The password is changed" in here.says("//*[@role='status']")
    assert there.client.get("/").location == "/sign-in"
    for password, status in (("demo", 401), (GOOD, 302)):
        assert app.test_client().post("/sign-in", data={"user": "hanna", "password": password}).status_code == status


def test_a_weak_password_is_refused_in_swedish(somebody: Somebody) -> None:
    hanna = somebody("hanna", language="sv")
    hanna.open("/account")
    hanna.send("/account/password", {"old": "demo", "new": "kort"}, status=422)
    assert "Ett lösenord har 10 till 1024 tecken" in hanna.says("//*[@role='alert']")


# ---------------------------------------------------------------- sessions


def test_people_see_where_they_are_signed_in_and_end_it(app: Flask, somebody: Somebody) -> None:
    there = Person(app)
    there.client.post("/sign-in", data={"user": "hanna", "password": "demo"}, headers={"User-Agent": FIREFOX})
    here = somebody("hanna")
    here.open("/account")
    assert "Firefox, Linux" in here.says("//table")
    here.send("/end")
    assert "You are signed out there." in here.says("//*[@role='status']")
    assert there.client.get("/").location == "/sign-in"
    somebody("hanna")
    here.open("/account")
    here.send("/end-others")
    assert "Sign out there" not in here.says("//table")
    here.open("/tasks")


def test_two_sessions_of_one_browser_are_told_apart(app: Flask, clock: TestClock) -> None:
    at_home, here = Person(app, language="sv"), Person(app)
    for person, address in ((at_home, "203.0.113.7"), (here, "192.0.2.8")):
        person.client.environ_base |= {"REMOTE_ADDR": address, "HTTP_USER_AGENT": FIREFOX}
        person.client.post("/sign-in", data={"user": "hanna", "password": "demo"})
        clock.advance(timedelta(hours=1))
    at_home.open("/")
    clock.advance(timedelta(minutes=30))
    here.open("/account")
    cells = [[each.text_content().strip() for each in row][:4] for row in here.page.xpath("//table[1]/tbody/tr")]
    assert cells == [
        ["Firefox, Linux this one", "now", "192.0.2.8", "Today 11:00"],
        ["Firefox, Linux", "Today 12:00", "203.0.113.7", "Today 10:00"],
    ]
    assert "12 hours after signing in, and after 4 hours without use" in here.says("//main")
    at_home.open("/account")
    assert "12 timmar efter inloggningen, och efter 4 timmar utan" in at_home.says("//main")


def test_who_does_not_use_a_session_is_signed_out_and_who_does_is_not(
    engine: ProcessEngine, somebody: Somebody, clock: TestClock
) -> None:
    used, left = somebody("hanna"), somebody("isak")
    for _ in range(3):
        clock.advance(timedelta(hours=3))
        used.open("/")
    assert left.client.get("/").location == "/sign-in"
    clock.advance(timedelta(hours=4, minutes=6))
    assert used.client.get("/").location == "/sign-in"


def test_a_session_is_used_for_its_four_hours_whole_and_ends_soon_after(somebody: Somebody, clock: TestClock) -> None:
    """The last use is known to five minutes: they are given, not taken."""
    for minutes, open_still in ((4 * 60, True), (4 * 60 + 4, True), (4 * 60 + 5, False)):
        hanna = somebody("hanna")
        clock.advance(timedelta(minutes=minutes))
        assert (hanna.client.get("/").status_code == 200) is open_still, minutes


def test_use_is_noted_every_five_minutes_and_not_with_every_page(
    engine: ProcessEngine, somebody: Somebody, clock: TestClock
) -> None:
    notes: list[str] = []

    def note(*told: object) -> None:
        if str(told[2]).startswith("UPDATE web_session"):
            notes.append(str(told[2]))

    hanna = somebody("hanna")
    event.listen(engine.database.engine, "before_cursor_execute", note)
    for minutes, noted in ((0, 0), (4, 0), (1, 1), (0, 1), (4, 1), (2, 2), (0, 2)):
        clock.advance(timedelta(minutes=minutes))
        hanna.open("/tasks")
        assert len(notes) == noted, minutes


def test_a_database_that_takes_no_writing_keeps_nobody_from_a_page(
    engine: ProcessEngine, somebody: Somebody, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanna = somebody("hanna")
    tried = []

    def full(*_: object, **more: object) -> NoReturn:
        tried.append(more)
        raise DatabaseUnusable("The database cannot be used: disk full")

    monkeypatch.setattr(engine, "command", full)
    clock.advance(timedelta(minutes=6))
    hanna.open("/tasks")
    assert len(tried) == 1


def test_sessions_that_nobody_used_are_swept_away(engine: ProcessEngine, somebody: Somebody, clock: TestClock) -> None:
    somebody("hanna")
    clock.advance(timedelta(hours=4, minutes=6))
    somebody("isak")
    with engine.command(Actor("isak")) as context:
        assert [each.address for each in find_sessions(context)] == [None]
        assert close_expired(context) == 0
    clock.advance(timedelta(hours=4, minutes=6))
    with engine.command(Actor("isak")) as context:
        assert find_sessions(context) == []
        assert close_expired(context) == 1


@pytest.mark.parametrize("text", ["", None, "240", " 240 "])
def test_the_idle_limit_is_four_hours_unless_it_is_set(text: str | None) -> None:
    assert read_session_idle(text) == timedelta(hours=4)
    assert read_session_idle("15") == timedelta(minutes=15)


@pytest.mark.parametrize("text", ["4", "721", "-30", "an hour", "3.5", "²"])
def test_an_idle_limit_that_is_none_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(InvalidInput, match="minutes from 5 to 720"):
        read_session_idle(text)


def test_nobody_ends_somebody_else_s_session(somebody: Somebody) -> None:
    hanna, isak = somebody("hanna"), somebody("isak")
    somebody("hanna")
    hanna.open("/account")
    address = next(form.get("action") for form in hanna.page.forms if (form.get("action") or "").endswith("/end"))
    assert isak.post(address).status_code == 404
    assert hanna.post(address).location == "/account"


def test_signing_in_ends_the_session_that_the_browser_had(app: Flask) -> None:
    client = app.test_client()
    client.post("/sign-in", data={"user": "hanna", "password": "demo"})
    before = client.get_cookie(COOKIE)
    assert before is not None
    client.post("/sign-in", data={"user": "hanna", "password": "demo"})
    client.set_cookie(COOKIE, before.value)
    assert client.get("/").location == "/sign-in"


# ---------------------------------------------------------------- the first administrator


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path, clock: TestClock) -> Iterator[ProcessEngine]:
    url = f"sqlite:///{tmp_path}/empty.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    upgrade(url)
    engine = ProcessEngine(Settings(url, tmp_path, test_clock=True), clock)
    yield engine
    engine.close()


def link(engine: ProcessEngine) -> str:
    with engine.command(SYSTEM) as context:
        secret = make_set_up_link(context)
    assert secret is not None
    return secret


def use(engine: ProcessEngine, secret: str, user_id: str) -> None:
    with engine.command(SYSTEM) as context:
        create_first_administrator(context, secret, user_id, GOOD)


def test_the_link_makes_one_administrator_and_is_dead(empty: ProcessEngine) -> None:
    older, secret = link(empty), link(empty)
    for dead in (older, "made up", ""):
        with pytest.raises(NotFound):
            use(empty, dead, "eve")
    with pytest.raises(InvalidInput), empty.command(SYSTEM) as context:
        create_first_administrator(context, secret, "anna", "1234567890")
    use(empty, secret, "anna")
    with pytest.raises(NotFound):
        use(empty, secret, "eve")
    with empty.command(SYSTEM) as context:
        assert "camunda-admin" in roles_of(context, "anna")
        assert make_set_up_link(context) is None
        assert [user.id for user in find_users(context, UserQuery())] == ["anna"]


def test_the_link_runs_out_and_dies_with_the_first_administrator(empty: ProcessEngine, clock: TestClock) -> None:
    secret = link(empty)
    with empty.query(SYSTEM) as context:
        assert is_set_up_link(context, secret)
    clock.advance(timedelta(hours=24))
    with pytest.raises(NotFound):
        use(empty, secret, "eve")
    secret = link(empty)
    with empty.command(SYSTEM) as context:
        create_user(context, "anna")
        set_roles(context, "anna", ["camunda-admin"])
    with empty.query(SYSTEM) as context:
        assert not is_set_up_link(context, secret)
    with pytest.raises(NotFound):
        use(empty, secret, "eve")


def test_two_who_open_the_link_at_once_make_one_administrator(empty: ProcessEngine, tmp_path: Path) -> None:
    """And two servers that start at once leave one link that works."""
    second = ProcessEngine(Settings(empty.settings.database_url, tmp_path, test_clock=True), empty.clock)
    nodes = [empty, second] * 3

    def made(number: int) -> bool:
        try:
            use(nodes[number], secrets[-1], f"user{number}")
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        secrets = [*pool.map(link, nodes)]
        with empty.query(SYSTEM) as context:
            alive = [each for each in secrets if is_set_up_link(context, each)]
        assert len(alive) == 1
        secrets = alive
        assert sorted(pool.map(made, range(6))) == [False] * 5 + [True]
    second.close()


def test_a_dead_link_says_so_and_a_form_of_another_site_makes_nobody(
    empty: ProcessEngine, request: pytest.FixtureRequest
) -> None:
    app = create_app(empty)
    client = app.test_client()
    assert "This link is used up" in client.get("/set-up/made-up").text
    secret = link(empty)
    given = {"id": "eve", "password": GOOD}
    assert client.post(f"/set-up/{secret}", data=given, headers={"Origin": "https://example.org"}).status_code == 403
    anna = Person(app)
    anna.open(f"/set-up/{secret}")
    weak = {"id": "anna", "first_name": "Anna", "email": "anna@example.org", "password": "annaanna12"}
    refused = lxml.html.document_fromstring(anna.client.post(f"/set-up/{secret}", data=weak).text)
    (field,) = refused.xpath("//*[@autofocus]")
    assert (field.get("id"), field.get("aria-describedby")) == ("password", "password-wrong password-help")
    assert "hardly more than a name" in refused.xpath("//*[@id='password-wrong' and @role='alert']")[0].text_content()
    assert [refused.xpath(f"//*[@id='{name}']")[0].get("value") for name in weak] == [
        "anna",
        "Anna",
        "anna@example.org",
        "",
    ]
    found = anna.client.post(f"/set-up/{secret}", data={"id": "anna", "password": GOOD})
    assert found.location == "/"
    assert "Administration" in anna.open("/").text_content()
    assert client.get(f"/set-up/{secret}").status_code == 404
