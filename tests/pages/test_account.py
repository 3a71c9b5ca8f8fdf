"""One's own account: names one may sign in by, the password, the sessions; and the first administrator's link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from api.app import create_app
from api.authentication import COOKIE
from engine import (
    SYSTEM,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    ProcessEngine,
    Settings,
    TestClock,
    actor_of,
    create_first_administrator,
    create_user,
    find_users,
    get_user,
    is_set_up_link,
    make_set_up_link,
    person_named,
    require_good_password,
    roles_of,
    set_roles,
    update_user,
    upgrade,
)
from engine.people.values import UserQuery
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
    found = anna.client.post(f"/set-up/{secret}", data={"id": "anna", "password": GOOD})
    assert found.location == "/"
    assert "Administration" in anna.open("/").text_content()
    assert client.get(f"/set-up/{secret}").status_code == 404
