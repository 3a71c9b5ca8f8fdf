"""The onboarding on the engine: to its end whatever is decided, and each task at its time, neither sooner nor later."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import chain, combinations

import pytest

from engine import ProcessEngine, TestClock, run_due
from tests.workflows.journey import PlayedJourney
from tests.workflows.onboarding_plan import BY_NAME, DECISIONS, applicable, ready, variables_for

EVERY_CHOICE = [
    frozenset(chosen)
    for chosen in chain.from_iterable(combinations(DECISIONS, size) for size in range(len(DECISIONS) + 1))
]
FIRST_DAY = date(2027, 3, 15)
WHO = {"employeeName": "Astrid Lund", "firstDay": FIRST_DAY, "manager": "maria", "newEmployee": "nils"}


def stockholm(day: date, hour: int, minute: int = 0) -> datetime:
    """In winter, one hour ahead of UTC."""
    return datetime(day.year, day.month, day.day, hour - 1, minute, tzinfo=UTC)


@pytest.mark.parametrize("decided", EVERY_CHOICE, ids=lambda each: ", ".join(sorted(each)) or "nothing")
def test_a_task_is_there_exactly_when_everything_before_it_is_done(
    engine: ProcessEngine, decided: frozenset[str]
) -> None:
    journey = PlayedJourney(engine, "onboarding", variables_for(decided))
    dice = random.Random(",".join(sorted(decided)))
    done: set[int] = set()
    while tasks := journey.open_tasks():
        waiting = {BY_NAME[each.name or ""].number for each in tasks}
        assert waiting == ready(decided, done)
        chosen = dice.choice(tasks)
        journey.complete_task(chosen)
        if chosen.name not in {each.name for each in journey.open_tasks()}:
            done.add(BY_NAME[chosen.name or ""].number)
    assert done == applicable(decided)
    assert journey.state() == "COMPLETED"


def test_it_ends_when_nobody_ever_answers_anything(engine: ProcessEngine) -> None:
    journey = PlayedJourney(engine, "onboarding", {})
    assert len(journey.finish()) == 21
    assert journey.state() == "COMPLETED"


def test_a_new_colleague_without_a_first_day_starts_in_twenty_working_days(engine: ProcessEngine) -> None:
    journey = PlayedJourney(engine, "onboarding", {})
    assert journey.variables()["firstDay"] == "2027-03-01"
    assert journey.task("verify_contract").due_at == stockholm(date(2027, 2, 2), 17)


def test_dates_count_working_days_around_the_first_day(engine: ProcessEngine) -> None:
    journey = PlayedJourney(engine, "onboarding", WHO)
    journey.finish(stop_before="readiness_gate")
    gate = journey.task("readiness_gate")
    assert gate.due_at == stockholm(date(2027, 3, 12), 12)  # Friday noon before a Monday
    journey.complete("readiness_gate")
    assert journey.task("welcome").due_at == stockholm(FIRST_DAY, 9)


def test_the_manager_and_the_new_employee_find_their_own_tasks_assigned(engine: ProcessEngine) -> None:
    journey = PlayedJourney(engine, "onboarding", WHO)
    journey.complete("verify_contract")
    journey.complete("welcome_mail")
    assert journey.task("role_profile").assignee == "maria"
    assert journey.task("preboarding_form").assignee == "nils"


def test_without_a_named_manager_the_hiring_managers_share_the_task(engine: ProcessEngine) -> None:
    journey = PlayedJourney(engine, "onboarding", {})
    journey.complete("verify_contract")
    assert journey.task("role_profile").assignee is None
    assert journey.task("role_profile").department == "hiring-manager"


def test_each_system_owner_decides_alone_and_it_sees_which_systems_were_approved(engine: ProcessEngine) -> None:
    journey = PlayedJourney(engine, "onboarding", WHO)
    journey.complete("verify_contract")
    journey.complete("role_profile", systems=["payroll-system", "source-code", "production"])
    one_per_system = [each for each in journey.open_tasks() if each.activity_id == "approve_access"]
    for task, approved in zip(one_per_system, (True, False, True), strict=True):
        journey.complete_task(task, accessApproved=approved)
    assert journey.variables()["approvedSystems"] == ["payroll-system", "production"]


def test_devices_for_work_from_home_are_due_earlier(engine: ProcessEngine) -> None:
    journey = PlayedJourney(engine, "onboarding", WHO | {"remote": True})
    journey.finish(stop_before="configure_devices")
    assert journey.task("configure_devices").due_at == stockholm(date(2027, 3, 4), 17)
    journey.complete("configure_devices")
    assert journey.task("set_up_desk").due_at == stockholm(date(2027, 3, 8), 17)


# ---------------------------------------------------------------- reminders


def test_a_manager_who_does_not_answer_is_reminded_and_then_the_substitute_is_told(
    engine: ProcessEngine, clock: TestClock
) -> None:
    journey = PlayedJourney(engine, "onboarding", WHO | {"managerSubstitute": "bo"})
    journey.complete("verify_contract")
    clock.advance(timedelta(days=1))
    run_due(engine)
    (reminder,) = journey.told(user="maria")
    assert reminder.message["en"] == "The role profile of Astrid Lund waits for you."
    assert reminder.message["sv"].startswith("Rollprofilen för Astrid Lund")
    clock.set(stockholm(date(2027, 2, 19), 9))
    run_due(engine)
    assert len(journey.told(user="bo")) == 1
    assert len(journey.finish()) == 20
    assert journey.state() == "COMPLETED"


def test_the_new_employee_is_reminded_twice_before_hr_phones(engine: ProcessEngine, clock: TestClock) -> None:
    journey = PlayedJourney(engine, "onboarding", WHO)
    journey.complete("verify_contract")
    journey.complete("welcome_mail")
    told = []
    for day in (date(2027, 2, 25), date(2027, 3, 2), date(2027, 3, 4)):
        clock.set(stockholm(day, 9))
        run_due(engine)
        told.append((len(journey.told(user="nils")), len(journey.told(department="hr"))))
    assert told == [(1, 0), (2, 0), (2, 1)]
    assert "preboarding_form" in journey.waiting()


def test_nobody_is_hurried_in_the_minute_a_late_onboarding_starts(engine: ProcessEngine, clock: TestClock) -> None:
    journey = PlayedJourney(engine, "onboarding", WHO | {"firstDay": date(2027, 2, 8), "managerSubstitute": "bo"})
    journey.complete("verify_contract")
    journey.complete("welcome_mail")
    run_due(engine)
    assert journey.told(user="maria") == journey.told(user="bo") == journey.told(user="nils") == []


def test_a_device_that_has_not_come_is_replaced_by_a_loan_and_the_manager_is_told(
    engine: ProcessEngine, clock: TestClock
) -> None:
    journey = PlayedJourney(engine, "onboarding", WHO | {"inStock": False})
    journey.finish(stop_before="purchase_device")
    clock.set(stockholm(date(2027, 3, 10), 9))
    run_due(engine)
    assert any("loan device" in each.message["en"] for each in journey.told(user="maria"))
    assert journey.waiting() == ["purchase_device"]


def test_a_gate_open_at_noon_and_a_log_in_missing_at_three_are_told(engine: ProcessEngine, clock: TestClock) -> None:
    journey = PlayedJourney(engine, "onboarding", WHO)
    journey.finish(stop_before="readiness_gate")
    clock.set(stockholm(date(2027, 3, 12), 12))
    run_due(engine)
    assert any("readiness gate" in each.message["en"] for each in journey.told(user="maria"))
    journey.complete("readiness_gate")
    journey.complete("welcome")
    clock.set(stockholm(FIRST_DAY, 15))
    run_due(engine)
    assert len(journey.told(department="it")) == 1
    journey.finish()
    assert journey.state() == "COMPLETED"
