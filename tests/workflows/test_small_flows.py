"""Access request and equipment request on the engine: to the right end whatever is decided."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from engine import Actor, ProcessEngine, TestClock, run_due
from tests.workflows.journey import PlayedJourney

NILS = Actor("nils", frozenset({"new-employee"}))
YES_NO = (True, False)


@pytest.mark.parametrize(("needed", "privileged", "approved"), list(product(YES_NO, repeat=3)))
def test_access_is_granted_only_where_it_is_needed_and_privileged_access_only_where_it_is_approved(
    engine: ProcessEngine, needed: bool, privileged: bool, approved: bool
) -> None:
    decisions = {"needApproved": needed, "privileged": privileged, "accessApproved": approved}
    journey = PlayedJourney(engine, "access_request", decisions | {"forWhom": "Nils Ek"}, NILS)
    granted = needed and (approved or not privileged)
    expected = ["approve_need"]
    expected += ["decide_access"] if needed and privileged else []
    expected += ["grant_access", "verify_access"] if granted else []
    assert journey.finish() == expected
    assert journey.state() == "COMPLETED"
    (told,) = journey.told(user="nils")
    assert ("in place" in told.message["en"]) is granted
    assert ("på plats" in told.message["sv"]) is granted


def test_privileged_access_always_has_an_end_date(engine: ProcessEngine) -> None:
    assert PlayedJourney(engine, "access_request", {"privileged": True}).variables()["until"] == "2027-04-28"
    assert "until" not in PlayedJourney(engine, "access_request", {}).variables()


def test_a_need_nobody_answers_is_brought_to_mind_after_a_working_day(engine: ProcessEngine, clock: TestClock) -> None:
    journey = PlayedJourney(engine, "access_request", {"forWhom": "Nils Ek"}, NILS)
    clock.advance(timedelta(days=1))
    run_due(engine)
    (told,) = journey.told(department="hiring-manager")
    assert told.message["en"] == "An access request for Nils Ek waits for approval."
    assert journey.waiting() == ["approve_need"]


@pytest.mark.parametrize(("expensive", "ergonomic", "approved", "in_stock"), list(product(YES_NO, repeat=4)))
def test_equipment_is_approved_reserved_bought_and_delivered_as_decided(
    engine: ProcessEngine, expensive: bool, ergonomic: bool, approved: bool, in_stock: bool
) -> None:
    decisions: dict[str, Any] = {"cost": 12_000 if expensive else 900, "ergonomic": ergonomic}
    decisions |= {"equipmentApproved": approved, "inStock": in_stock, "forWhom": "Nils Ek"}
    journey = PlayedJourney(engine, "equipment_request", decisions, NILS)
    asked = expensive and not ergonomic
    delivered = approved or not asked
    expected = ["approve_equipment"] if asked else []
    if delivered:
        expected += ["reserve_item", *([] if in_stock else ["order_item"]), "configure_item", "deliver_item"]
    assert journey.finish() == expected
    assert journey.state() == "COMPLETED"
    (told,) = journey.told(user="nils")
    assert ("delivered" in told.message["en"]) is delivered


def test_what_is_bought_is_configured_when_the_supplier_has_promised_it(engine: ProcessEngine) -> None:
    journey = PlayedJourney(engine, "equipment_request", {"inStock": False})
    journey.complete("reserve_item")
    journey.complete("order_item", promised=date(2027, 2, 12))
    task = journey.task("configure_item")
    assert task.follow_up_at is not None
    assert task.follow_up_at.date() == date(2027, 2, 12)
    assert task.due_at is not None
    assert task.due_at.date() == date(2027, 2, 15)


@pytest.mark.parametrize("key", ["access_request", "equipment_request"])
def test_the_title_of_a_request_is_in_words(engine: ProcessEngine, key: str) -> None:
    journey = PlayedJourney(engine, key, {"forWhom": "Nils Ek"})
    assert journey.open_tasks()[0].subject == "Nils Ek"


@pytest.mark.parametrize("key", ["access_request", "equipment_request"])
def test_a_request_without_any_answer_comes_to_its_end(engine: ProcessEngine, key: str) -> None:
    journey = PlayedJourney(engine, key, {})
    assert len(journey.finish()) == 3
    assert journey.state() == "COMPLETED"
