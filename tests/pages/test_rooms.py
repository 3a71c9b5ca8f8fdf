"""Every page for every kind of person, and what is said when something is not there."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.pages.person import Person
from workflows import DEMO_PEOPLE

Somebody = Callable[..., Person]
EVERYBODYS = ("/", "/tasks", "/tasks?view=mine", "/tasks?view=department", "/tasks?view=late", "/tasks?view=all",
              "/start", "/start/access_request", "/start/equipment_request", "/journeys", "/journeys?view=late",
              "/journeys?view=ended", "/search", "/search?q=screen", "/api/docs")  # fmt: skip
OWNERS = ("/flows", "/flows/new", "/flows/onboarding", "/flows/onboarding/edit", "/flows/onboarding/draft.bpmn")


@pytest.mark.parametrize("person", [each.id for each in DEMO_PEOPLE])
@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_page_opens_for_everybody(somebody: Somebody, journey: str, person: str, language: str) -> None:
    one = somebody(person, language=language)
    for path in EVERYBODYS:
        assert one.client.get(path).status_code == 200, path


@pytest.mark.parametrize("person", ["olle", "admin"])
def test_flows_open_for_their_owners(somebody: Somebody, person: str) -> None:
    one = somebody(person)
    for path in OWNERS:
        assert one.client.get(path).status_code == 200, path


@pytest.mark.parametrize("path", OWNERS)
def test_flows_are_closed_for_everybody_else(somebody: Somebody, path: str) -> None:
    maria = somebody("maria")
    maria.open(path, 403)
    assert "You may not do this" in maria.says("//h1")
    assert "/flows" not in maria.page.xpath("//header//nav/a/@href")


@pytest.mark.parametrize("path", ["/nowhere", "/tasks/unknown", "/journeys/unknown", "/start/unknown", "/flows/unknown",
                                  "/flows/onboarding/99.bpmn", "/flows/unknown/edit"])  # fmt: skip
def test_what_is_not_there_is_said_with_a_way_on(somebody: Somebody, path: str) -> None:
    admin = somebody("admin")
    admin.open(path, 404)
    assert "This is not here" in admin.says("//h1")
    assert admin.page.xpath("//main//a[@href='/']")


def test_a_journey_of_others_is_not_there(somebody: Somebody, journey: str) -> None:
    sven = somebody("sven")
    sven.open(journey, 404)
    assert "not yours to see" in sven.says("//main")


def test_a_failure_inside_is_not_shown(somebody: Somebody, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret of the inside")

    journeys = sys.modules["api.pages.journeys"]  # by its name: the package has the room of this name in its place

    hanna = somebody("hanna")
    monkeypatch.setattr(journeys, "find_journeys", broken)
    page = hanna.client.get("/journeys")
    assert page.status_code == 500
    assert "secret" not in page.text
    assert "Something went wrong here" in page.text


def test_search_finds_services_tasks_and_journeys(somebody: Somebody, journey: str) -> None:
    hanna = somebody("hanna")
    hanna.open("/search?q=Nils+Ek")
    assert hanna.link("Nils Ek", "/journeys/") == journey
    assert hanna.link("Verify signed contract and start data", "/tasks/")
    hanna.open("/search?q=skärm")
    assert "Order equipment for the workplace" in hanna.says("//main")
    hanna.open("/search?q=zzzz")
    assert "Nothing was found for “zzzz”" in hanna.says("//main")


def test_nobody_is_asked_for_a_department(somebody: Somebody) -> None:
    maria = somebody("maria")
    for path in ("/start/onboarding", "/start/access_request", "/start/equipment_request"):
        maria.open(path)
        labels = maria.says("//main//form//label").lower()
        assert "department" not in labels


def test_what_one_may_not_start_is_not_offered(somebody: Somebody) -> None:
    nils = somebody("nils")
    nils.open("/start")
    assert "Bring a new employee on board" not in nils.says("//main")
    nils.open("/start/onboarding", 403)
    assert "started by others: by Hiring managers, HR" in nils.says("//main")
