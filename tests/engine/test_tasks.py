"""Claiming, handing over, completing."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from engine import (
    SYSTEM,
    Actor,
    IdentityLink,
    InvalidInput,
    NotAllowed,
    NotFound,
    ProcessEngine,
    TaskAlreadyClaimed,
    TestClock,
    VariableFilter,
    add_identity_link,
    assign_task,
    claim_task,
    complete_task,
    count_tasks,
    delegate_task,
    delete_identity_link,
    get_task,
    get_variables,
    identity_links,
    resolve_task,
    set_variables,
    unclaim_task,
)
from engine.database.tables import historic_activity_instance, identity_link, process_instance, user_operation_log
from engine.database.tables import task as task_table
from engine.task_queries import TaskQuery
from tests.engine.play import (
    ANNA,
    END,
    HANNA,
    IVAR,
    START,
    TWO_TASKS,
    bpmn,
    complete,
    deploy,
    flow,
    historic_instance,
    history,
    rows,
    start,
    task,
    tasks,
    user_task,
    waiting,
)


def test_completing_the_last_task_ends_the_instance_and_leaves_only_history(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine, variables={"name": "Nora"})
    complete(engine, "first", HANNA, {"approved": True})
    complete(engine, "second", IVAR)

    assert waiting(engine) == []
    for table in (process_instance, task_table, identity_link):
        assert rows(engine, table) == []
    assert historic_instance(engine, instance.id).state == "COMPLETED"
    assert [row.activity_id for row in rows(engine, historic_activity_instance)] == ["start", "first", "second", "end"]
    assert all(row.ended_at is not None for row in rows(engine, historic_activity_instance))


def test_history_says_who_did_it_and_how_long_it_lay_in_wall_and_office_time(
    engine: ProcessEngine, clock: TestClock
) -> None:
    deploy(engine, TWO_TASKS)
    start(engine)
    clock.advance(timedelta(hours=8))  # 18:00 in Stockholm: the office closed an hour ago
    with engine.command(HANNA) as context:
        claim_task(context, task(engine, "first").id)
    clock.advance(timedelta(hours=16))  # Tuesday, 10:00: two office hours later
    complete(engine, "first", HANNA)

    found = history(engine)["first"]
    assert (found.completed_by, found.assignee, found.department) == ("hanna", "hanna", "hr")
    assert (found.queue_s, found.queue_biz_s) == (8 * 3600, 7 * 3600)
    assert (found.touch_s, found.touch_biz_s) == (16 * 3600, 2 * 3600)
    assert (found.created_day, found.completed_day) == ("2027-03-01", "2027-03-02")
    assert not found.canceled


def test_a_task_completed_without_a_claim_was_taken_in_hand_at_that_moment(
    engine: ProcessEngine, clock: TestClock
) -> None:
    deploy(engine, TWO_TASKS)
    start(engine)
    clock.advance(timedelta(hours=1))
    complete(engine, "first", HANNA)
    found = history(engine)["first"]
    assert (found.queue_s, found.touch_s, found.assignee) == (3600, 0, "hanna")


def reminded(id: str) -> str:
    """A task with a reminder and an escalation hanging on it, as the onboarding has them."""
    return user_task(id) + "".join(
        f'<boundaryEvent id="{id}_{name}" attachedToRef="{id}" cancelActivity="false"><timerEventDefinition>'
        f"<timeDuration>{length}</timeDuration></timerEventDefinition></boundaryEvent>" + flow(f"{id}_{name}", "end")
        for name, length in (("reminder", "P3D"), ("escalation", "P5D"))
    )


RICH = bpmn(
    '<extensionElements><camunda:properties><camunda:property name="subject" value="${name}"/>'
    "</camunda:properties></extensionElements>"
    + START
    + reminded("first")
    + reminded("second")
    + END
    + flow("start", "first", "second", "end")
)


@pytest.mark.parametrize(
    ("source", "variables", "most"),
    [
        pytest.param(TWO_TASKS, None, (7, 3), id="plain"),
        pytest.param(TWO_TASKS, {"approved": True, "comment": "fine"}, (8, 4), id="with variables"),
        pytest.param(RICH, {"approved": True}, (10, 5), id="with timers ending and beginning"),
    ],
)
def test_completing_a_task_takes_one_transaction_and_at_most_ten_statements(
    engine: ProcessEngine,
    source: bytes,
    variables: dict[str, object] | None,
    most: tuple[int, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    deploy(engine, source)
    start(engine, variables={"name": "Nora"})
    found = task(engine, "first")
    statements: list[str] = []
    commits: list[object] = []
    event.listen(
        engine.database.engine, "before_cursor_execute", lambda *args: statements.append(" ".join(args[2].split()))
    )
    event.listen(engine.database.engine, "commit", commits.append)
    with engine.command(HANNA) as context:
        complete_task(context, found.id, variables)

    counted = [each for each in statements if not each.startswith("BEGIN")]
    with capsys.disabled():
        sys.stdout.write(f"\n{engine.database.dialect}: {len(counted)} statements, {len(commits)} commit ")
    assert len(counted) <= most[engine.database.dialect == "postgresql"], counted
    assert len(commits) == 1


def test_the_same_task_cannot_be_completed_twice(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    start(engine)
    found = task(engine, "first")
    complete(engine, "first", HANNA)
    with pytest.raises(NotFound, match=found.id), engine.command(HANNA) as context:
        complete_task(context, found.id)


# ---------------------------------------------------------------- who may


def test_people_find_what_is_theirs_or_their_departments_and_nothing_else(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    start(engine)
    assert [each.activity_id for each in tasks(engine, HANNA)] == ["first"]
    assert tasks(engine, IVAR) == []
    assert [each.activity_id for each in tasks(engine, ANNA)] == ["first"]
    assert tasks(engine, Actor(None)) == []
    with pytest.raises(NotFound), engine.query(IVAR) as context:
        get_task(context, task(engine, "first").id)


def test_who_is_neither_assignee_nor_candidate_cannot_complete_or_claim(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    start(engine)
    found = task(engine, "first")
    with pytest.raises(NotFound), engine.command(IVAR) as context:
        complete_task(context, found.id)
    with pytest.raises(NotFound), engine.command(IVAR) as context:
        claim_task(context, found.id)


def test_a_claimed_task_cannot_be_claimed_by_another(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    start(engine)
    found = task(engine, "first")
    with engine.command(HANNA) as context:
        claim_task(context, found.id)
    with engine.command(HANNA) as context:
        claim_task(context, found.id)  # again: nothing happens
    helge = Actor("helge", frozenset({"hr"}))
    with pytest.raises(TaskAlreadyClaimed) as caught, engine.command(helge) as context:
        claim_task(context, found.id)
    assert caught.value.assignee == "hanna"


def test_only_an_administrator_claims_for_somebody_else(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    start(engine)
    found = task(engine, "first")
    with pytest.raises(NotAllowed), engine.command(HANNA) as context:
        claim_task(context, found.id, "helge")
    with engine.command(ANNA) as context:
        claim_task(context, found.id, "helge")
    assert task(engine, "first").assignee == "helge"


def test_a_task_given_back_waits_for_its_candidates_again(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    start(engine)
    found = task(engine, "first")
    with engine.command(HANNA) as context:
        claim_task(context, found.id)
    helge = Actor("helge", frozenset({"hr"}))
    with pytest.raises(NotAllowed), engine.command(helge) as context:
        unclaim_task(context, found.id)
    with engine.command(HANNA) as context:
        unclaim_task(context, found.id)
    assert task(engine, "first").assignee is None
    assert history(engine)["first"].claimed_at is None


def test_a_delegated_task_comes_back_to_its_owner(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine)
    found = task(engine, "first")
    with engine.command(HANNA) as context:
        claim_task(context, found.id)
    with pytest.raises(NotFound), engine.command(IVAR) as context:
        delegate_task(context, found.id, "ivar")
    with pytest.raises(NotAllowed), engine.command(Actor("helge", frozenset({"hr"}))) as context:
        delegate_task(context, found.id, "helge")
    with pytest.raises(InvalidInput, match="userId"), engine.command(HANNA) as context:
        delegate_task(context, found.id, None)
    with engine.command(HANNA) as context:
        delegate_task(context, found.id, "ivar")
    seen = task(engine, "first")
    assert (seen.owner, seen.assignee, seen.delegation_state) == ("hanna", "ivar", "PENDING")
    assert [each.id for each in tasks(engine, Actor("hanna"))] == [found.id], "the owner goes on seeing it"
    with pytest.raises(NotAllowed), engine.command(HANNA) as context:
        resolve_task(context, found.id)
    with engine.command(IVAR) as context:
        resolve_task(context, found.id, {"found": "a key"})
    seen = task(engine, "first")
    assert (seen.owner, seen.assignee, seen.delegation_state) == ("hanna", "hanna", "RESOLVED")
    with engine.query(SYSTEM) as context:
        assert get_variables(context, instance.id) == {"found": "a key"}
    assert {row.operation for row in rows(engine, user_operation_log)} >= {"Delegate", "Resolve"}


def test_assigning_hands_a_task_to_somebody_outside_the_department(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    start(engine)
    with engine.command(ANNA) as context:
        assign_task(context, task(engine, "first").id, "ivar")
    assert [each.activity_id for each in tasks(engine, IVAR, mine=True)] == ["first"]
    complete(engine, "first", IVAR)
    assert history(engine)["first"].completed_by == "ivar"


def test_the_log_says_who_claimed_and_who_completed_for_whom(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    start(engine, actor=HANNA)
    found = task(engine, "first")
    with engine.command(ANNA) as context:
        claim_task(context, found.id, "hanna")
    with engine.command(ANNA) as context:
        complete_task(context, found.id)
    logged = [(row.operation, row.user_id, row.on_behalf_of, row.task_id) for row in rows(engine, user_operation_log)]
    assert logged[1:] == [
        ("Start", "hanna", None, None),
        ("Claim", "anna", None, found.id),
        ("Complete", "anna", "hanna", found.id),
    ]
    assert history(engine)["first"].completed_for == "hanna"


# ---------------------------------------------------------------- links, variables, queries


def test_identity_links_list_assignee_and_candidates_and_can_be_changed(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    start(engine)
    found = task(engine, "first")
    with engine.command(ANNA) as context:
        add_identity_link(context, found.id, IdentityLink("candidate", "ivar", None))
        add_identity_link(context, found.id, IdentityLink("candidate", "ivar", None))
        add_identity_link(context, found.id, IdentityLink("assignee", "hanna", None))
        add_identity_link(context, found.id, IdentityLink("owner", "anna", None))
        delete_identity_link(context, found.id, IdentityLink("candidate", None, "hr"))
        assert identity_links(context, found.id) == [
            IdentityLink("assignee", "hanna", None),
            IdentityLink("owner", "anna", None),
            IdentityLink("candidate", "ivar", None),
        ]
    with pytest.raises(InvalidInput), engine.command(ANNA) as context:
        add_identity_link(context, found.id, IdentityLink("candidate", None, None))


def test_local_variables_stay_with_the_task_and_the_others_reach_the_instance(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    instance = start(engine, variables={"a": 1})
    with engine.command(HANNA) as context:
        complete_task(context, task(engine, "first").id, {"b": 2}, local={"note": "mine"})
    with engine.query(SYSTEM) as context:
        assert get_variables(context, instance.id) == {"a": 1, "b": 2}


def test_tasks_are_found_by_every_filter(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(
        engine,
        bpmn(
            START
            + user_task(
                "plan",
                'camunda:candidateGroups="hr,it" camunda:candidateUsers="olle" camunda:dueDate="2027-03-05" '
                'camunda:followUpDate="2027-03-03T10:00:00" camunda:priority="80"',
                "<documentation>Think first</documentation>",
            )
            + END
            + flow("start", "plan", "end")
        ),
    )
    instance = start(engine, variables={"level": 3, "site": "Kista"}, business_key="NORA-1")

    def found(**filters: Any) -> bool:
        with engine.query(SYSTEM) as context:
            query = TaskQuery(**filters)
            return count_tasks(context, query) == 1

    now = clock.now()
    hour = timedelta(hours=1)
    assert found(process_instance_id=instance.id)
    assert found(root_instance_id=instance.id)
    assert found(business_key="NORA-1")
    assert found(business_key_like="NORA%")
    assert found(definition_key="p")
    assert found(activity_ids=("plan", "x"))
    assert not found(activity_ids=())
    assert found(name="Plan", name_like="Pl%", description_like="Think%")
    assert not found(name_like="pl%")
    assert found(candidate_user="olle")
    assert found(candidate_group="hr")
    assert found(candidate_groups=("it", "x"))
    assert not found(candidate_group="x")
    assert found(involved_user="olle")
    assert found(unassigned=True)
    assert not found(assigned=True)
    assert found(with_candidate_groups=True)
    assert found(priority=80, min_priority=80, max_priority=80)
    assert not found(min_priority=81)
    assert found(created_after=now - hour, created_before=now + hour)
    assert not found(created_after=now)
    assert found(due_before=now + timedelta(days=5))
    assert not found(due_before=now)
    assert found(follow_up_after=now)
    assert found(active=True)
    assert not found(suspended=True)
    assert not found(late=True)
    assert found(text="PLAN")
    assert found(process_variables=(VariableFilter("level", "gteq", 3), VariableFilter("site", "like", "K%")))
    assert not found(process_variables=(VariableFilter("level", "gt", 3),))
    assert not found(process_variables=(VariableFilter("site", "neq", "Kista"),))
    assert not found(task_variables=(VariableFilter("level", "eq", 3),))
    with engine.command(SYSTEM) as context:
        set_variables(context, instance.id, {"level": 4}, number=task(engine, "plan").number, local=True)
    assert found(
        task_variables=(VariableFilter("level", "eq", 4.0),), process_variables=(VariableFilter("level", "eq", 3),)
    )
    clock.advance(timedelta(days=10))
    assert found(late=True)


def test_tasks_come_soonest_due_first_and_pages_do_not_overlap(engine: ProcessEngine) -> None:
    deploy(
        engine,
        bpmn(START + user_task("work", 'camunda:dueDate="${due}"') + END + flow("start", "work", "end")),
    )
    for due in ("2027-03-09", None, "2027-03-04", "2027-03-06"):
        start(engine, variables={"due": due}, business_key=due)
    order = [each.business_key for each in tasks(engine)]
    assert order == ["2027-03-04", "2027-03-06", "2027-03-09", None]
    pages = [tasks(engine, first_result=at, max_results=2) for at in (0, 2)]
    assert [each.business_key for page in pages for each in page] == order
    assert tasks(engine, max_results=0) == []
    assert [each.business_key for each in tasks(engine, first_result=3)] == [None]
    descending = [each.business_key for each in tasks(engine, sort=(("due_at", "desc"),))]
    assert descending == ["2027-03-09", "2027-03-06", "2027-03-04", None]
    with pytest.raises(InvalidInput):
        tasks(engine, sort=(("colour", "asc"),))
