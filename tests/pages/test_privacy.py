"""My data, how long journeys are kept, and erasing a person: on pages and over REST."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from api.pages.words import data_in_words
from engine import SYSTEM, Actor, ProcessEngine, TestClock, create_user, delete_instance, set_absence, set_retention
from engine.privacy.export import SECTIONS
from engine.tidying import tidy
from tests.engine.privacy import traces
from tests.pages.person import Person

NILS = ("nils@example.org", "Nils Ek")


@pytest.fixture
def withdrawn(journey: str, engine: ProcessEngine) -> str:
    """An onboarding of Nils Ek that has ended."""
    with engine.command(SYSTEM) as context:
        delete_instance(context, journey.rpartition("/")[2], "Nils Ek changed his mind")
    return journey


def test_a_person_takes_their_own_data_along(somebody: Callable[..., Person], withdrawn: str) -> None:
    nils, maria = somebody("nils"), somebody("maria")
    nils.open("/account/data")
    assert "Journeys about me 1" in nils.says("//dl")
    answer = nils.client.get("/account/data.json")
    assert answer.headers["Content-Disposition"] == "attachment; filename=my-data.json"
    assert answer.json["person"] == "nils"
    assert [each["id"] for each in answer.json["journeysAbout"]] == [withdrawn.rpartition("/")[2]]
    token = {"X-CSRF-Token": maria.token()}
    assert maria.client.get("/api/v1/me/data", headers=token).json["data"]["person"] == "maria"
    assert maria.client.get("/api/v1/people/nils/data", headers=token).status_code == 403
    maria.open("/admin/people/nils/data.json", 403)
    assert somebody("admin").client.get("/admin/people/nils/data.json").json["person"] == "nils"


def test_an_administrator_erases_a_person_after_a_look(
    somebody: Callable[..., Person], withdrawn: str, engine: ProcessEngine
) -> None:
    nils, admin = somebody("nils"), somebody("admin")
    admin.open("/admin/people/nils")
    admin.open(admin.link("Erase …", "/admin/people/nils"))
    assert "1 journey about them" in admin.says("//main")
    admin.send("/erase", {"confirm": "nobody"}, status=409)
    assert {"user_account.id", "historic_process_instance.subject"} <= set(traces(engine, (*NILS, "nils")))
    admin.send("/erase", {"confirm": "nils"})
    assert "Erased." in admin.says("//*[@role='status']")
    assert traces(engine, NILS) == {}
    admin.open(withdrawn)
    assert "Nils" not in admin.says()
    admin.open("/admin/people/nils/erase", 404)
    admin.open("/admin/audit?operation=ErasePerson")
    assert "Page 127.0.0.1" in admin.says("//tbody/tr")
    assert nils.client.get("/tasks").status_code == 302


def test_a_journey_about_them_that_runs_is_named(somebody: Callable[..., Person], journey: str) -> None:
    admin = somebody("admin")
    admin.open("/admin/people/nils/erase")
    assert admin.link("Nils Ek", journey)
    admin.send("/erase", {"confirm": "nils"}, status=409)
    assert "Nils Ek" in admin.says("//*[@role='alert']")
    somebody("nils").open("/")


def test_the_look_says_nothing_of_what_is_not_there(
    somebody: Callable[..., Person], engine: ProcessEngine, clock: TestClock
) -> None:
    with engine.command(SYSTEM) as context:
        create_user(context, "newcomer", first_name="Nova")
    admin = somebody("admin")
    admin.open("/admin/people/newcomer/erase")
    said = admin.says("//section[.//h2[text()='What happens']]//li")
    assert "There is nothing else of them here." in said
    assert not re.search(r"\b0\b", said)
    with engine.command(Actor("newcomer")) as context:
        set_absence(context, "newcomer", clock.now().date(), clock.now().date(), "isak")
    admin.open("/admin/people/newcomer/erase")
    said = admin.says("//section[.//h2[text()='What happens']]//li")
    assert "These name nobody any more: 1 line of the log." in said
    assert not re.search(r"\b0\b|nothing else", said)


def test_only_administrators_erase(somebody: Callable[..., Person]) -> None:
    olle = somebody("olle")
    olle.open("/admin/people/nils/erase", 403)
    token = {"X-CSRF-Token": olle.token()}
    for method in ("get", "post"):
        assert getattr(olle.client, method)("/api/v1/people/nils/erasure", headers=token, json={}).status_code == 403
    assert olle.post("/admin/people/nils/erase", {"confirm": "nils"}).status_code == 403


def test_over_rest_an_erasure_is_looked_at_and_done(
    somebody: Callable[..., Person], withdrawn: str, engine: ProcessEngine
) -> None:
    admin = somebody("admin")
    token = {"X-CSRF-Token": admin.token()}
    looked = admin.client.get("/api/v1/people/nils/erasure", headers=token).json
    assert [each["id"] for each in looked["journeys"]] == [withdrawn.rpartition("/")[2]]
    assert looked["inTheWay"] == []
    done = admin.client.post("/api/v1/people/nils/erasure", json={}, headers=token)
    assert (done.status_code, done.json) == (200, looked)
    assert traces(engine, NILS) == {}
    assert admin.client.post("/api/v1/people/nils/erasure", json={}, headers=token).status_code == 404


def test_the_page_of_a_flow_says_how_long_its_journeys_are_kept(
    somebody: Callable[..., Person], withdrawn: str
) -> None:
    olle = somebody("olle")
    olle.open(withdrawn)
    assert "Kept until" in olle.says("//main")
    olle.open("/flows/onboarding")
    assert olle.form("/retention").fields["days"] == "730"
    olle.send("/retention", {"days": "30"})
    assert olle.form("/retention").fields["days"] == "30"
    olle.send("/retention", {"days": "forty"})
    assert "no number of days" in olle.says("//*[@role='status']")
    olle.send("/retention", {"days": ""})
    olle.open(withdrawn)
    assert "Kept until" not in olle.says("//main")


def test_over_rest_the_time_to_live_is_set_as_camunda_does(
    app: Flask, engine: ProcessEngine, clock: TestClock, withdrawn: str
) -> None:
    admin = Person(app, "admin")
    token = {"X-CSRF-Token": admin.token()}
    (known,) = admin.client.get("/engine-rest/process-definition?key=onboarding", headers=token).json
    path = f"/engine-rest/process-definition/{known['id']}/history-time-to-live"
    assert admin.client.put(path, json={"historyTimeToLive": 5}, headers=token).status_code == 204
    found = admin.client.get(f"/engine-rest/process-definition/{known['id']}", headers=token).json
    assert found["historyTimeToLive"] == 5
    assert admin.client.put(path, json={"historyTimeToLive": -5}, headers=token).status_code == 400
    key = "/engine-rest/process-definition/key/onboarding/history-time-to-live"
    assert admin.client.put(key, json={"historyTimeToLive": None}, headers=token).status_code == 204
    maria = Person(app, "maria")
    denied = maria.client.put(path, json={"historyTimeToLive": 1}, headers={"X-CSRF-Token": maria.token()})
    assert denied.status_code == 403
    with engine.command(SYSTEM) as context:
        set_retention(context, 5, key="onboarding")
    clock.advance(timedelta(days=6))

    tidy(engine)
    Person(app, "admin").open(withdrawn, 404)


def test_each_kind_of_data_has_a_name_that_is_words(app: Flask) -> None:
    with app.test_request_context("/"):
        assert data_in_words("no such kind") == "no such kind"
        assert [name for name in SECTIONS if data_in_words(name) == name] == []


def test_nobody_asks_for_all_that_is_kept_over_and_over(somebody: Callable[..., Person], clock: TestClock) -> None:
    hanna, isak = somebody("hanna"), somebody("isak")
    paths = ("/account/data", "/account/data.json", "/api/v1/me/data")
    answers = [hanna.client.get(path).status_code for _ in range(5) for path in paths]
    assert answers == [200] * 12 + [429] * 3
    assert isak.client.get(paths[0]).status_code == 200
    clock.advance(timedelta(seconds=61))
    assert hanna.client.get(paths[1]).status_code == 200
