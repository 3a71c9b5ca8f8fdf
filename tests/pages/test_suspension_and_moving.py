"""Suspending and activating on the pages, and moving running journeys to another version."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.pages.moving import in_words
from engine import (
    SYSTEM,
    InstanceQuery,
    ProcessEngine,
    TaskQuery,
    complete_task,
    deploy_resources,
    find_instances,
    find_tasks,
    start_instance,
)
from tests.pages.conftest import HIRE
from tests.pages.person import Person
from tests.pages.test_flows import STRAIGHT, model

Somebody = Callable[..., Person]

TWO = model(
    '<startEvent id="begin"/><sequenceFlow id="f1" sourceRef="begin" targetRef="look"/>'
    '<userTask id="look" name="Look closely"/><sequenceFlow id="f2" sourceRef="look" targetRef="sign"/>'
    '<userTask id="sign" name="Sign"><extensionElements>'
    '<camunda:properties xmlns:camunda="http://camunda.org/schema/1.0/bpmn">'
    '<camunda:property name="name:sv" value="Signera"/></camunda:properties></extensionElements></userTask>'
    '<sequenceFlow id="f3" sourceRef="sign" targetRef="end"/><endEvent id="end"/>'
)


@pytest.fixture
def owner(somebody: Somebody) -> Person:
    return somebody("olle")


def deploy(engine: ProcessEngine, source: bytes) -> None:
    with engine.command(SYSTEM) as context:
        deploy_resources(context, "small", [("small.bpmn", source)])


def begin(engine: ProcessEngine, *, done: str = "") -> str:
    with engine.command(SYSTEM) as context:
        instance = start_instance(context, key="small", business_key=f"J-{done or 'begun'}")
        if done:
            (found,) = find_tasks(context, TaskQuery(process_instance_id=instance.id, activity_id=done))
            complete_task(context, found.id)
        return instance.id


def versions(engine: ProcessEngine) -> list[str]:
    """The version every running small journey is on."""
    with engine.query(SYSTEM) as context:
        found = find_instances(context, InstanceQuery(definition_key="small"))
    return sorted(each.definition_id.split(":")[1] for each in found)


# ---------------------------------------------------------------- suspending


def test_a_process_owner_suspends_a_journey_and_activates_it_again(
    owner: Person, somebody: Somebody, journey: str
) -> None:
    owner.open(journey)
    assert "Suspend this journey?" in owner.form("/suspend").attrib["data-confirm"]
    owner.send("/suspend")
    assert "Suspended" in owner.says("//*[@class='page-head']")
    assert "suspended it" in owner.says("//*[@id='timeline']")
    hanna = somebody("hanna")
    hanna.open("/journeys")
    assert "Suspended" in hanna.says("//table")
    assert not hanna.has_form("/suspend")
    task = hanna.task("Verify signed contract and start data")
    assert "Verify signed contract and start data Suspended" in hanna.says("//table")
    hanna.open(task)
    assert "This journey is suspended" in hanna.says("//main")
    assert not hanna.has_form("/claim")
    assert "Finish the task" not in hanna.says("//main")
    answer = hanna.post(f"{task}/claim")
    assert (answer.status_code, "This is suspended" in answer.text) == (409, True)
    owner.send("/suspend")
    assert "Suspended" not in owner.says("//*[@class='page-head']")


def test_who_owns_no_process_does_not_suspend(somebody: Somebody, journey: str) -> None:
    maria = somebody("maria")
    maria.open(journey)
    assert not maria.has_form("/suspend")
    assert maria.post(f"{journey}/suspend").status_code == 403
    assert maria.post("/flows/onboarding/suspend").status_code == 403
    assert maria.post("/flows/onboarding/move", {"from": "1"}).status_code == 403


def test_a_suspended_flow_is_not_offered_and_its_journeys_wait_if_asked(
    owner: Person, somebody: Somebody, journey: str
) -> None:
    waiting = somebody("maria")
    waiting.open("/start/onboarding")
    before = waiting.says("//form[@action='/start/onboarding']")
    owner.open("/flows/onboarding")
    owner.send("/suspend", {"instances": "true"})
    waiting.send("/start/onboarding", HIRE, status=409)
    assert "Suspended" in owner.says("//*[@class='page-head']")
    assert "/start/onboarding" not in owner.answer.text
    maria = somebody("maria")
    maria.open("/start")
    assert "/start/onboarding" not in maria.answer.text
    maria.open("/start/onboarding")
    assert "nobody can start it" in maria.says("//form[@action='/start/onboarding']")
    assert "nobody can start it" not in before
    maria.open(journey)
    assert "Suspended" in maria.says("//*[@class='page-head']")
    owner.send("/suspend", {"instances": "true"})
    maria.open(journey)
    assert "Suspended" not in maria.says("//*[@class='page-head']")


# ---------------------------------------------------------------- moving


def test_running_journeys_move_to_the_newest_version(owner: Person, engine: ProcessEngine) -> None:
    deploy(engine, STRAIGHT)
    begin(engine)
    begin(engine)
    deploy(engine, TWO)
    owner.open("/flows/small")
    owner.open(owner.link("Move to version 2", "/flows/small/move"))
    assert "Look Look closely" in owner.says("//table")
    assert "2 journeys can move." in owner.says("//main")
    assert "What cannot move" not in owner.says("//main")
    assert owner.form("/move").attrib["data-confirm"] == "Move 2 journeys to version 2?"
    owner.send("/move")
    assert "2 journeys moved to version 2." in owner.says("//*[@role='status']")
    assert versions(engine) == ["2", "2"]


def test_what_cannot_move_is_shown_with_its_reason_and_stays(owner: Person, engine: ProcessEngine) -> None:
    deploy(engine, TWO)
    begin(engine)
    late = begin(engine, done="look")
    deploy(engine, STRAIGHT)
    owner.open("/flows/small/move?from=1&to=2")
    assert "1 journey can move. 1 stays on version 1." in owner.says("//main")
    reason = "Version 2 has nothing of this id and kind in the same place."
    assert f"Sign {reason} J-look" in owner.says("//ul[contains(@class, 'problems')]")
    assert owner.link("J-look", "/journeys/") == f"/journeys/{late}"
    assert "Sign nothing" in owner.says("//table")
    owner.send("/move")
    assert versions(engine) == ["1", "2"]


def test_one_journey_that_fails_does_not_hold_up_the_others(owner: Person, engine: ProcessEngine) -> None:
    deploy(engine, STRAIGHT)
    with engine.command(SYSTEM) as context:
        start_instance(context, key="small", business_key="without")
        start_instance(context, key="small", business_key="with", variables={"who": "Nora"})
    deploy(engine, TWO.replace(b"Look closely", b"Look at ${who}"))
    owner.open("/flows/small/move?from=1")
    owner.send("/move")
    assert "These did not move" in owner.says("//main")
    assert "without" in owner.says("//ul[contains(@class, 'problems')]")
    assert versions(engine) == ["1", "2"]


def test_the_pages_speak_swedish(somebody: Somebody, engine: ProcessEngine) -> None:
    deploy(engine, TWO)
    begin(engine, done="look")
    deploy(engine, STRAIGHT)
    olle = somebody("olle", language="sv")
    olle.open("/flows/small/move?from=1")
    said = olle.says("//main")
    assert "Flytta pågående ärenden" in said
    assert "Signera Version 2 har inget med detta id och av samma slag på samma plats." in said


@pytest.mark.parametrize("query", ["", "?from=9", "?from=1&to=1", "?from=x"])
def test_a_move_between_versions_that_are_not_there_is_not_found(
    query: str, owner: Person, engine: ProcessEngine
) -> None:
    deploy(engine, STRAIGHT)
    owner.open(f"/flows/small/move{query}", status=404)


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        ("There is no migration instruction for this instance's activity", "has nothing of this id"),
        ("The type of the source activity is not supported for activity instance migration", "being undone"),
        ("Target activity is not asyncBefore", "waits in the background"),
        ("Cannot migrate subscription for compensation handler 'x'.", "What would undo it"),
        ("Something else", "Something else"),
    ],
)
def test_every_reason_has_words_for_people(failure: str, says: str, owner: Person) -> None:
    with owner.client.application.test_request_context("/"):
        assert says in in_words(failure, 2)
