"""Whoever is away is stood in for: what the substitute sees and does, what history says, and who is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from engine import (
    AbsenceQuery,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    ProcessEngine,
    TaskAlreadyClaimed,
    TaskQuery,
    TestClock,
    claim_task,
    complete_task,
    count_tasks,
    create_user,
    end_absence,
    find_absences,
    find_tasks,
    for_whom,
    get_task,
    get_user,
    run_due,
    set_absence,
    set_roles,
    substitutes_today,
    unclaim_task,
    update_user,
)
from engine.database.tables import absence as absence_table
from engine.database.tables import notification, user_operation_log
from tests.engine.people.acting import actor, away, does, news
from tests.engine.play import END, START, bpmn, deploy, flow, history, rows, start, user_task

#: For isak himself, for his department, for isak as one candidate of two, for HR.
WORK = bpmn(
    START
    + '<parallelGateway id="fork"/>'
    + user_task("approve", 'camunda:assignee="${approver}"')
    + user_task("repair", 'camunda:candidateGroups="it"')
    + user_task("choose", 'camunda:candidateUsers="isak,cleo"')
    + user_task("contract", 'camunda:candidateGroups="hr"')
    + END
    + flow("start", "fork", "approve", "end")
    + flow("fork", "repair", "end")
    + flow("fork", "choose", "end")
    + flow("fork", "contract", "end")
)


@pytest.fixture
def waiting(house: ProcessEngine) -> ProcessEngine:
    deploy(house, WORK)
    start(house, variables={"approver": "isak"})
    return house


def sees(engine: ProcessEngine, user_id: str, **filters: Any) -> list[str]:
    with engine.query(actor(engine, user_id)) as context:
        return sorted(each.activity_id for each in find_tasks(context, TaskQuery(**filters)))


def the(engine: ProcessEngine, activity_id: str) -> str:
    with engine.query(actor(engine, "anna")) as context:
        (found,) = find_tasks(context, TaskQuery(activity_id=activity_id))
        return found.id


def test_a_substitute_sees_what_waits_already_and_what_comes_and_nothing_before_or_after(
    waiting: ProcessEngine, clock: TestClock
) -> None:
    assert sees(waiting, "fatima") == []
    away(waiting, "isak", "fatima", "2027-03-02", "2027-03-03")
    assert sees(waiting, "fatima") == []
    clock.set(datetime(2027, 3, 1, 23, 0, tzinfo=UTC))  # midnight in Stockholm
    assert sees(waiting, "fatima") == ["approve", "choose", "repair"]
    start(waiting, variables={"approver": "isak"})
    assert sees(waiting, "fatima") == ["approve", "approve", "choose", "choose", "repair", "repair"]
    assert sees(waiting, "fatima", substituting=True) == sees(waiting, "fatima")
    assert sees(waiting, "fatima", mine=True) == sees(waiting, "fatima", claimable=True) == []
    assert sees(waiting, "isak") == ["approve", "approve", "choose", "choose", "repair", "repair"]
    clock.set(datetime(2027, 3, 3, 22, 59, tzinfo=UTC))  # a minute to midnight on the last day
    assert len(sees(waiting, "fatima")) == 6
    clock.set(datetime(2027, 3, 3, 23, 0, tzinfo=UTC))
    assert sees(waiting, "fatima") == []
    assert sees(waiting, "isak", substituting=True) == []


def test_history_and_the_log_say_who_did_it_for_whom(waiting: ProcessEngine) -> None:
    away(waiting, "isak", "fatima")
    does(waiting, "fatima", lambda context: complete_task(context, the(waiting, "approve")))
    repair = the(waiting, "repair")
    does(waiting, "fatima", lambda context: claim_task(context, repair))
    does(waiting, "fatima", lambda context: complete_task(context, repair))
    choose = the(waiting, "choose")
    does(waiting, "fatima", lambda context: complete_task(context, choose))
    done = history(waiting, tasks_only=True, finished=True)
    assert {name: (row.assignee, row.completed_by, row.completed_for) for name, row in done.items()} == {
        "approve": ("isak", "fatima", "isak"),
        "repair": ("fatima", "fatima", "isak"),
        "choose": ("fatima", "fatima", "isak"),
    }
    log = [row for row in rows(waiting, user_operation_log) if row.entity_type == "Task"]
    assert [(row.operation, row.user_id, row.on_behalf_of) for row in log] == [
        ("Complete", "fatima", "isak"),
        ("Claim", "fatima", "isak"),
        ("Complete", "fatima", "isak"),
        ("Complete", "fatima", "isak"),
    ]


def test_what_one_may_do_oneself_one_does_for_nobody(waiting: ProcessEngine) -> None:
    away(waiting, "isak", "cleo")
    with waiting.query(actor(waiting, "cleo")) as context:
        found = find_tasks(context, TaskQuery())
        by_id = for_whom(context, found)
        assert {each.activity_id: by_id.get(each.id) for each in found} == {
            "approve": "isak", "repair": "isak", "choose": None,
        }  # fmt: skip
    assert sees(waiting, "cleo", substituting=True) == ["approve", "repair"]
    does(waiting, "cleo", lambda context: complete_task(context, the(waiting, "choose")))
    assert history(waiting, activity_id="choose")["choose"].completed_for is None


def test_a_task_taken_for_somebody_is_held_beyond_the_absence_and_goes_back_to_where_it_came_from(
    waiting: ProcessEngine,
) -> None:
    absence = away(waiting, "isak", "fatima")
    approve, repair = the(waiting, "approve"), the(waiting, "repair")
    for each in (approve, repair):
        does(waiting, "fatima", partial(claim_task, task_id=each))
    does(waiting, "isak", lambda context: end_absence(context, absence.id))
    assert sees(waiting, "fatima", mine=True) == ["approve", "repair"]
    does(waiting, "fatima", lambda context: unclaim_task(context, approve))
    does(waiting, "fatima", lambda context: unclaim_task(context, repair))
    with waiting.query(actor(waiting, "isak")) as context:
        assert (get_task(context, approve).assignee, get_task(context, repair).assignee) == ("isak", None)
    assert sees(waiting, "fatima") == []


def test_only_who_stands_in_takes_what_another_holds(waiting: ProcessEngine) -> None:
    approve = the(waiting, "approve")
    away(waiting, "isak", "fatima")
    with pytest.raises(NotFound):
        does(waiting, "olle", lambda context: claim_task(context, approve))
    with pytest.raises(NotAllowed):
        does(waiting, "fatima", lambda context: claim_task(context, approve, "olle"))
    with pytest.raises(TaskAlreadyClaimed):
        does(waiting, "anna", lambda context: claim_task(context, approve))
    with pytest.raises(NotFound):
        does(waiting, "fatima", lambda context: complete_task(context, the(waiting, "contract")))


def test_no_role_is_lent(waiting: ProcessEngine) -> None:
    does(waiting, "anna", lambda context: set_roles(context, "isak", ["camunda-admin", "process-owner"]))
    away(waiting, "isak", "fatima")
    found = actor(waiting, "fatima")
    assert (found.administrator, found.groups) == (False, frozenset({"facilities"}))
    assert [(each.user_id, each.departments) for each in found.stands_in_for] == [("isak", frozenset({"it"}))]
    with pytest.raises(NotAllowed):
        does(waiting, "fatima", lambda context: create_user(context, "mallory"))


def test_a_chain_of_substitutes_is_followed_to_the_first_who_is_there(waiting: ProcessEngine, clock: TestClock) -> None:
    away(waiting, "isak", "fatima")
    away(waiting, "fatima", "cleo", "2027-03-02")
    assert sees(waiting, "fatima") == ["approve", "choose", "repair"]
    clock.set(datetime(2027, 3, 2, 9, tzinfo=UTC))
    assert sees(waiting, "fatima") == []
    assert sees(waiting, "cleo") == ["approve", "choose", "repair"]
    does(waiting, "cleo", lambda context: complete_task(context, the(waiting, "approve")))
    assert history(waiting, activity_id="approve")["approve"].completed_for == "isak"
    with waiting.query(actor(waiting, "anna")) as context:
        assert substitutes_today(context) == {"isak": "cleo", "fatima": "cleo"}


def test_those_who_stand_in_for_each_other_are_no_endless_chain(waiting: ProcessEngine) -> None:
    away(waiting, "isak", "fatima")
    away(waiting, "fatima", "cleo")
    away(waiting, "cleo", "isak")
    for person in ("isak", "fatima", "cleo"):
        assert actor(waiting, person).stands_in_for == ()
    with waiting.query(actor(waiting, "anna")) as context:
        assert substitutes_today(context) == {"isak": None, "fatima": None, "cleo": None}
    assert sees(waiting, "anna") == ["approve", "choose", "contract", "repair"]
    assert news(waiting, "cleo")[-1] == (
        "You are away until 2027-03-05, and so is everybody who would stand in for you: name another."
    )


def test_a_substitute_who_has_left_stands_in_for_nobody(waiting: ProcessEngine) -> None:
    away(waiting, "isak", "fatima")

    does(waiting, "anna", lambda context: update_user(context, replace(get_user(context, "fatima"), active=False)))
    with pytest.raises(NotFound):
        actor(waiting, "fatima")
    with waiting.query(actor(waiting, "anna")) as context:
        assert substitutes_today(context) == {"isak": None}


def test_both_are_told_when_it_begins_and_only_once(waiting: ProcessEngine, clock: TestClock) -> None:
    away(waiting, "isak", "fatima", "2027-03-02", "2027-03-05")
    run_due(waiting)
    assert news(waiting, "isak") == news(waiting, "fatima") == []
    clock.set(datetime(2027, 3, 1, 23, 0, 1, tzinfo=UTC))
    run_due(waiting)
    run_due(waiting)
    assert news(waiting, "isak") == ["You are away until 2027-03-05. Fatima does your tasks meanwhile."]
    assert news(waiting, "fatima") == [
        "Isak is away until 2027-03-05. You stand in for Isak: the tasks are in My work."
    ]
    assert "ersätter Isak" in news(waiting, "fatima", "sv")[0]


def test_an_absence_that_begins_today_is_told_at_once(waiting: ProcessEngine) -> None:
    away(waiting, "isak", "fatima")
    assert len(news(waiting, "isak")) == len(news(waiting, "fatima")) == 1
    run_due(waiting)
    assert len(rows(waiting, notification)) == 2


def test_who_takes_over_a_chain_hears_of_everybody_in_it(waiting: ProcessEngine) -> None:
    away(waiting, "isak", "fatima")
    away(waiting, "fatima", "cleo")
    assert news(waiting, "cleo") == [
        "Fatima is away until 2027-03-05. You stand in for Fatima and Isak: the tasks are in My work."
    ]


def test_the_absent_person_is_told_what_was_finished_for_them(waiting: ProcessEngine) -> None:
    away(waiting, "isak", "fatima")
    does(waiting, "fatima", lambda context: complete_task(context, the(waiting, "approve")))
    assert news(waiting, "isak")[1:] == ["Fatima finished “Approve” for you."]
    assert news(waiting, "isak", "sv")[1:] == ["Fatima slutförde ”Approve” åt dig."]
    does(waiting, "isak", lambda context: complete_task(context, the(waiting, "repair")))
    does(waiting, "hanna", lambda context: complete_task(context, the(waiting, "contract")))
    assert len(news(waiting, "isak")) == 2


def test_an_absence_is_set_by_oneself_by_the_manager_or_by_an_administrator(house: ProcessEngine) -> None:
    for by in ("isak", "sven", "anna"):
        made = away(house, "isak", "fatima", by=by)
        does(house, by, partial(end_absence, absence_id=made.id))
    for by in ("fatima", "hanna"):
        with pytest.raises(NotAllowed):
            away(house, "isak", "fatima", by=by)
    made = away(house, "isak", "fatima")
    with pytest.raises(NotAllowed):
        does(house, "fatima", lambda context: end_absence(context, made.id))
    with pytest.raises(NotFound):
        does(house, "hanna", lambda context: end_absence(context, made.id))
    log = [row for row in rows(house, user_operation_log) if row.operation == "SetAbsence"]
    assert [(row.user_id, row.on_behalf_of) for row in log] == [
        ("isak", None), ("sven", "isak"), ("anna", "isak"), ("isak", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "substitute", "why"),
    [
        ("2027-03-05", "2027-03-04", "fatima", "before the first"),
        ("2027-02-01", "2027-02-28", "fatima", "is over"),
        ("2027-03-01", "2030-03-01", "fatima", "at most 800 days"),
        ("2027-03-01", "2027-03-02", "isak", "for themselves"),
        ("2027-03-01", "2027-03-02", "nobody", "no user nobody"),
        ("2027-03-01", "2027-03-02", "guest", "is a guest"),
    ],
)
def test_an_absence_that_cannot_be_is_refused(
    house: ProcessEngine, first: str, last: str, substitute: str, why: str
) -> None:
    does(house, "anna", lambda context: create_user(context, "guest"))
    does(house, "anna", lambda context: set_roles(context, "guest", ["guest"]))
    with pytest.raises(InvalidInput, match=why):
        away(house, "isak", substitute, first, last)


def test_a_person_is_away_once_at_a_time(house: ProcessEngine) -> None:
    away(house, "isak", "fatima", "2027-03-03", "2027-03-05")
    for first, last in (("2027-03-05", "2027-03-09"), ("2027-03-01", "2027-03-03"), ("2027-03-01", "2027-03-20")):
        with pytest.raises(Conflict, match="2027-03-03 to 2027-03-05"):
            away(house, "isak", "hanna", first, last)
    away(house, "isak", "hanna", "2027-03-06", "2027-03-09")
    away(house, "isak", "hanna", "2027-03-01", "2027-03-02")


def test_who_is_back_early_is_back_today(house: ProcessEngine, clock: TestClock) -> None:
    made = away(house, "isak", "fatima")
    clock.set(datetime(2027, 3, 3, 9, tzinfo=UTC))
    does(house, "isak", lambda context: end_absence(context, made.id))
    with house.query(actor(house, "isak")) as context:
        (kept,) = find_absences(context, AbsenceQuery(user_id="isak"))
        assert kept.last_day == date(2027, 3, 2)
        assert find_absences(context, AbsenceQuery(not_over=True)) == []
    with pytest.raises(NotFound):
        does(house, "isak", lambda context: end_absence(context, made.id))


def test_one_sees_the_absences_one_has_to_do_with(house: ProcessEngine) -> None:
    away(house, "isak", "fatima")
    seen = {}
    for person in ("isak", "fatima", "sven", "anna", "hanna"):
        with house.query(actor(house, person)) as context:
            seen[person] = len(find_absences(context, AbsenceQuery(on=date(2027, 3, 2))))
    assert seen == {"isak": 1, "fatima": 1, "sven": 1, "anna": 1, "hanna": 0}


def counted(engine: ProcessEngine, work: Callable[[], object]) -> list[str]:
    found: list[str] = []

    def hear(*arguments: object) -> None:
        found.append(str(arguments[2]))

    event.listen(engine.database.engine, "before_cursor_execute", hear)
    try:
        work()
    finally:
        event.remove(engine.database.engine, "before_cursor_execute", hear)
    return [each for each in found if not each.startswith("BEGIN")]


def test_the_task_list_of_a_substitute_takes_two_statements_and_knowing_who_they_are_one(
    waiting: ProcessEngine,
) -> None:
    for _ in range(3):
        start(waiting, variables={"approver": "isak"})
    away(waiting, "isak", "fatima")
    away(waiting, "hanna", "fatima")
    fatima = actor(waiting, "fatima")

    def lists() -> None:
        with waiting.query(fatima) as context:
            found = find_tasks(context, TaskQuery())
            assert len(found) == 16
            assert sorted(for_whom(context, found).values()) == ["hanna"] * 4 + ["isak"] * 12

    assert len(counted(waiting, lists)) == 2

    def counts() -> None:
        with waiting.query(fatima) as context:
            assert count_tasks(context, TaskQuery(substituting=True)) == 16

    assert len(counted(waiting, counts)) == 1
    assert len(counted(waiting, lambda: actor(waiting, "fatima"))) == 2


def test_the_same_hour_is_another_day_at_another_site(house: ProcessEngine, clock: TestClock) -> None:
    away(house, "isak", "fatima", "2027-03-02", "2027-03-02")
    clock.set(datetime(2027, 3, 1, 22, 59, 59, tzinfo=UTC))
    assert actor(house, "fatima").stands_in_for == ()
    clock.set(datetime(2027, 3, 1, 23, 0, tzinfo=UTC))
    assert actor(house, "fatima").absent == ("isak",)


def test_two_absences_of_one_person_set_at_once_are_one(house: ProcessEngine) -> None:
    isak, outcomes, ready = actor(house, "isak"), list[str](), threading.Barrier(2)

    def sets(substitute: str) -> None:
        ready.wait(10)
        try:
            with house.command(isak) as context:
                set_absence(context, "isak", date(2027, 3, 1), date(2027, 3, 2), substitute)
            outcomes.append("set")
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=sets, args=(each,)) for each in ("fatima", "hanna")]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert sorted(outcomes) == ["refused", "set"]
    assert len(rows(house, absence_table)) == 1
