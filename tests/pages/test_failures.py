"""The page of what failed, for administrators and process owners; the same over /api/v1."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from engine import SYSTEM, ProcessEngine, TestClock, deploy_resources, run_due, start_instance
from tests.pages.person import Person

Somebody = Callable[..., Person]
MODEL = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t"><process id="booking" isExecutable="true">
 <startEvent id="start"/><sequenceFlow id="f" sourceRef="start" targetRef="book"/>
 <serviceTask id="book" name="Book the room" camunda:asyncBefore="true" camunda:expression="${missing}"/>
 <sequenceFlow id="g" sourceRef="book" targetRef="end"/><endEvent id="end"/></process></definitions>"""


@pytest.fixture
def failed(engine: ProcessEngine, clock: TestClock) -> None:
    """Three bookings that were given up."""
    with engine.command(SYSTEM) as context:
        deploy_resources(context, "booking", [("booking.bpmn", MODEL)])
        for name in ("Nora", "Olle", "<b>Pia</b>"):
            start_instance(context, key="booking", business_key=name)
    for wait in (timedelta(0), timedelta(seconds=10), timedelta(minutes=1)):
        clock.advance(wait)
        run_due(engine)


def test_nothing_has_failed_yet(somebody: Somebody) -> None:
    olle = somebody("olle")
    olle.open("/")
    olle.open(olle.link("Failures", "/admin"))
    assert "Nothing has failed." in olle.says("//main")


@pytest.mark.usefixtures("failed")
def test_an_owner_sees_step_journey_and_message_and_what_stands_behind_it(somebody: Somebody) -> None:
    olle = somebody("olle")
    olle.open("/admin/jobs")
    said = olle.says("//main")
    assert "Failures (3)" in said
    for part in ("Book the room", "Nora", "<b>Pia</b>", "missing", "given up"):
        assert part in said
    assert "Traceback" not in said
    olle.open(olle.link("Details", "/admin/jobs/"))
    assert "Traceback" in olle.says("//pre")
    olle.open("/admin/jobs")
    assert "Nora" in olle.says(f"//a[@href='{olle.link('Nora', '/journeys/')}']")


@pytest.mark.usefixtures("failed")
def test_one_click_retries_one_and_one_click_all_of_the_same_message(somebody: Somebody, engine: ProcessEngine) -> None:
    olle = somebody("olle")
    olle.open("/admin/jobs")
    one = next(form for form in olle.page.forms if (form.get("action") or "").count("/") == 4)
    olle.send(str(one.get("action")))
    assert "It is tried again." in olle.says("//*[@role='status']")
    assert olle.says("//section[1]//td[2]") == "2"
    olle.send("/admin/jobs/retry")
    assert "2 are tried again." in olle.says("//*[@role='status']")
    assert not olle.has_form("/admin/jobs/retry")
    assert run_due(engine) == 3


@pytest.mark.usefixtures("failed")
def test_the_page_speaks_swedish(somebody: Somebody) -> None:
    olle = somebody("olle", language="sv")
    olle.open("/admin/jobs")
    for words in ("Fel (3)", "Misslyckat för gott", "Försök igen med alla"):
        assert words in olle.says("//main")


@pytest.mark.usefixtures("failed")
def test_nobody_else_gets_in(somebody: Somebody) -> None:
    hanna = somebody("hanna")
    hanna.open("/admin/jobs", 403)
    hanna.open("/")
    assert "Failures" not in hanna.says("//nav")
    assert hanna.post("/admin/jobs/retry", {"message": "x"}).status_code == 403


@pytest.mark.usefixtures("failed")
def test_the_same_over_rest(app: Flask) -> None:
    client = app.test_client()
    auth = ("olle", "demo")
    found = client.get("/api/v1/failures?maxResults=2", auth=auth).get_json()
    assert [(each["journey"], each["activityName"], each["retries"]) for each in found] == [
        ("Nora", "Book the room", 0),
        ("Olle", "Book the room", 0),
    ]
    assert client.get("/api/v1/failures/count?givenUp=true", auth=auth).get_json() == {"count": 3}
    ((message, number),) = [each.values() for each in client.get("/api/v1/failures/messages", auth=auth).get_json()]
    assert number == 3
    assert "Traceback" in client.get(f"/api/v1/failures/{found[0]['id']}/trace", auth=auth).text
    assert client.post(f"/api/v1/failures/{found[0]['id']}/retry", auth=auth).status_code == 204
    assert client.post("/api/v1/failures/retry", json={"message": message}, auth=auth).get_json() == {"count": 2}
    assert client.get("/api/v1/failures/count?givenUp=true", auth=auth).get_json() == {"count": 0}
    assert client.get("/api/v1/failures", auth=("hanna", "demo")).status_code == 403
    assert client.post("/api/v1/failures/retry", json={}, auth=auth).status_code == 400
