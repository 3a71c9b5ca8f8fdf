"""Guests: who may invite, what a link opens, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine import (
    SYSTEM,
    Actor,
    Conflict,
    HistoricVariableQuery,
    InvalidInput,
    JourneyQuery,
    NotAllowed,
    NotFound,
    ProcessEngine,
    TaskQuery,
    TestClock,
    add_comment,
    claim_task,
    close_guest_session,
    count_journeys,
    count_tasks,
    create_user,
    delete_instance,
    find_historic_variables,
    find_invitations,
    find_tasks,
    get_journey,
    get_user,
    get_variables,
    guest_journey,
    invite_guest,
    may_invite,
    open_guest_session,
    revoke_invitation,
    set_retention,
    set_roles,
    start_instance,
)
from engine.retention import erase_kept_long_enough
from engine.tidying import tidy
from tests.engine.guests import (
    JOINING,
    STARTER,
    begin,
    come_in,
    finish,
    holds,
    invite,
    mine,
    rows,
    session_of,
)
from tests.engine.play import ANNA, END, HANNA, IVAR, OWNER, START, bpmn, deploy, flow, user_task

#: What databases do differently is tried in `test_guest_mails`.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def house(engine: ProcessEngine) -> ProcessEngine:
    deploy(engine, JOINING)
    with engine.command(SYSTEM) as context:
        create_user(context, "maria", first_name="Maria", email="maria@example.org")
    return engine


# ---------------------------------------------------------------- what a guest can do


def test_a_guest_does_their_own_tasks_those_that_waited_and_those_that_come(house: ProcessEngine) -> None:
    journey = begin(house)
    session, _ = come_in(house, invite(house, journey)[1])
    assert mine(house, session.actor) == ["form"]
    finish(house, session.actor, "form")
    assert mine(house, session.actor) == []
    finish(house, IVAR, "tools")
    assert mine(house, session.actor) == ["login"], "assigned by the flow itself"
    finish(house, session.actor, "login")
    with house.query(SYSTEM) as context:
        assert get_journey(context, journey).summary.state == "COMPLETED"
        done = {step.activity_id: step.who for step in get_journey(context, journey).steps}
    assert done == {"form": session.actor.user_id, "login": session.actor.user_id, "tools": "ivar"}


def test_a_guest_sees_their_own_steps_and_of_others_only_how_far_they_are(house: ProcessEngine) -> None:
    session, _ = come_in(house, invite(house, begin(house))[1])
    with house.query(session.actor) as context:
        seen = guest_journey(context)
    assert [(step.activity_id, bool(step.task_id)) for step in seen.mine] == [("form", True), ("login", False)]
    assert [(fact.name, fact.value) for fact in seen.facts] == [("desk", "4 B")], "salary is shown, but for hr alone"
    assert seen.contact is not None
    assert seen.contact.id == "maria"
    with house.query(HANNA) as context, pytest.raises(NotAllowed):
        guest_journey(context)


def test_a_guest_has_no_part_in_anything_else(house: ProcessEngine) -> None:
    other = begin(house, name="Bo Ek")
    invite(house, other)
    session, _ = come_in(house, invite(house, begin(house))[1])
    guest = session.actor
    with house.query(SYSTEM) as context:
        assert (count_tasks(context, TaskQuery()), count_journeys(context, JourneyQuery())) == (4, 2)
        strange = [each.id for each in find_tasks(context, TaskQuery()) if each.assignee != guest.user_id]
    with house.query(guest) as context:
        assert (count_tasks(context, TaskQuery()), count_journeys(context, JourneyQuery())) == (1, 1)
        assert find_historic_variables(context, HistoricVariableQuery(name="salary")) == []
        with pytest.raises(NotFound):
            get_journey(context, other)
    assert len(strange) == 3
    for task_id in strange:
        with house.command(guest) as context, pytest.raises(NotFound):
            claim_task(context, task_id)
    with house.command(guest) as context, pytest.raises(NotAllowed):
        invite_guest(context, session.journey_id)


def test_the_same_person_in_another_journey_is_another_guest(house: ProcessEngine) -> None:
    """A task that somebody assigns to a guest elsewhere is not theirs either."""
    first, second = begin(house), begin(house)
    session, _ = come_in(house, invite(house, first)[1])
    with house.command(ANNA) as context:
        (task,) = find_tasks(context, TaskQuery(process_instance_id=second, activity_id="form"))
        claim_task(context, task.id, session.actor.user_id)
    assert mine(house, session.actor) == ["form"]
    assert mine(house, replace(session.actor, only_journey=second)) == ["form"]


# ---------------------------------------------------------------- who invites


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (STARTER, True),
        (ANNA, True),
        (OWNER, True),
        (Actor("fred", flows=frozenset({"joining"})), True),
        (HANNA, None),
        (IVAR, False),
        (Actor("stranger"), None),
    ],
)
def test_who_may_invite(house: ProcessEngine, who: Actor, may: bool | None) -> None:
    """None: they do not see the journey, so there is none for them."""
    journey = begin(house)
    with house.query(who) as context:
        assert may_invite(context, journey) is bool(may)
    if may:
        assert invite(house, journey, who)[1]
    else:
        with house.command(who) as context, pytest.raises(NotAllowed if may is False else NotFound):
            invite_guest(context, journey)
        with house.query(who) as context, pytest.raises(NotFound):
            find_invitations(context, journey)


def test_members_of_the_departments_that_the_flow_names_invite_where_they_have_a_part(house: ProcessEngine) -> None:
    journey = begin(house)
    with house.command(ANNA) as context:
        (task,) = find_tasks(context, TaskQuery(activity_id="tools"))
        claim_task(context, task.id, "hanna")
    assert invite(house, journey, HANNA)[0].created_by == "hanna"


def test_nobody_is_invited_who_has_an_account_or_to_what_is_over(house: ProcessEngine) -> None:
    taken, over = begin(house, newcomer="maria"), begin(house)
    with house.command(SYSTEM) as context:
        delete_instance(context, over, "changed their mind")
    for journey, why in ((taken, "has an account"), (over, "has ended")):
        with house.command(STARTER) as context, pytest.raises(Conflict, match=why):
            invite_guest(context, journey)
    deploy(house, bpmn(START + user_task("first") + END + flow("start", "first", "end"), "plain"))
    with house.command(STARTER) as context:
        plain = start_instance(context, key="plain").id
    with house.command(STARTER) as context, pytest.raises(Conflict, match="has no guests"):
        invite_guest(context, plain)


def test_nobody_takes_the_guest_of_another_journey_over_by_starting_one_in_their_name(house: ProcessEngine) -> None:
    first = begin(house)
    made, secret = invite(house, first)
    stolen = begin(house, newcomer=made.user_id)
    with house.command(STARTER) as context, pytest.raises(Conflict, match="guest of another journey"):
        invite_guest(context, stolen)
    assert holds(house, secret), "what was given out before is not ended"
    assert invite(house, first)[0].user_id == made.user_id, "their own journey invites them again"


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": 181}, {"language": "tlh"}])
def test_what_cannot_be_asked_for(house: ProcessEngine, wrong: dict[str, Any]) -> None:
    journey = begin(house)
    with house.command(STARTER) as context, pytest.raises(InvalidInput):
        invite_guest(context, journey, **wrong)
    with house.command(STARTER) as context, pytest.raises(Conflict, match="No mail server"):
        invite_guest(context, journey, email="astrid@example.org")


# ---------------------------------------------------------------- how long


def test_looking_at_a_link_opens_nothing_and_it_may_be_opened_again(house: ProcessEngine) -> None:
    journey = begin(house)
    _, secret = invite(house, journey)
    assert holds(house, secret)
    assert rows(house, "guest_session") == []
    come_in(house, secret)
    come_in(house, secret)
    assert len(rows(house, "guest_session")) == 2
    with house.query(STARTER) as context:
        (found,) = find_invitations(context, journey)
    assert found.opened_at is not None
    assert not holds(house, "x" * 43)


def test_a_link_and_its_sessions_hold_until_two_weeks_after_the_anchor_date(
    house: ProcessEngine, clock: TestClock
) -> None:
    made, secret = invite(house, begin(house))
    assert made.expires_at - clock.now() == timedelta(days=28)
    clock.advance(timedelta(days=28, seconds=-5))
    _, cookie = come_in(house, secret)
    assert session_of(house, cookie) is not None
    clock.advance(timedelta(seconds=6))
    assert session_of(house, cookie) is None
    assert not holds(house, secret)
    with house.command(SYSTEM) as context, pytest.raises(NotFound):
        open_guest_session(context, secret)


def test_a_session_lasts_half_a_day_and_until_signed_out(house: ProcessEngine, clock: TestClock) -> None:
    _, secret = invite(house, begin(house))
    _, left = come_in(house, secret)
    with house.command(SYSTEM) as context:
        close_guest_session(context, left)
    assert session_of(house, left) is None
    _, kept = come_in(house, secret)
    clock.advance(timedelta(hours=12, seconds=1))
    assert session_of(house, kept) is None


def test_revoking_ends_links_and_sessions_at_once(house: ProcessEngine) -> None:
    journey = begin(house)
    made, secret = invite(house, journey)
    _, cookie = come_in(house, secret)
    with house.command(STARTER) as context, pytest.raises(NotFound):
        revoke_invitation(context, journey, "another")
    with house.command(STARTER) as context:
        revoke_invitation(context, journey, made.id)
    assert session_of(house, cookie) is None
    assert not holds(house, secret)


def test_inviting_again_ends_what_was_given_out_and_keeps_the_guest(house: ProcessEngine) -> None:
    journey = begin(house)
    first, old = invite(house, journey)
    _, cookie = come_in(house, old)
    second, new = invite(house, journey, days=3)
    assert first.user_id == second.user_id
    assert (holds(house, old), holds(house, new), session_of(house, cookie)) == (False, True, None)


def test_a_guest_looks_on_for_a_week_after_the_end_and_then_is_gone(house: ProcessEngine, clock: TestClock) -> None:
    journey = begin(house)
    made, secret = invite(house, journey, days=100)
    with house.command(SYSTEM) as context:
        delete_instance(context, journey, "found another job")
    clock.advance(timedelta(days=7, seconds=-5))
    tidy(house)
    _, cookie = come_in(house, secret)
    clock.advance(timedelta(seconds=10))
    assert session_of(house, cookie) is None
    assert len(rows(house, "guest_link")) == 1
    tidy(house)
    assert rows(house, "guest_link") == rows(house, "guest_session") == []
    with house.query(SYSTEM) as context:
        assert not get_user(context, made.user_id).active


def test_variables_tell_the_flow_who_the_guest_is(house: ProcessEngine) -> None:
    journey = begin(house)
    made, _ = invite(house, journey)
    with house.query(SYSTEM) as context:
        assert get_variables(context, journey)["newcomer"] == made.user_id
        assert get_user(context, made.user_id).display_name == "Astrid Lund"
    with house.command(SYSTEM) as context:
        add_comment(context, journey, "hello")


def test_a_guest_who_was_given_an_account_keeps_it_after_the_journey(house: ProcessEngine, clock: TestClock) -> None:
    journey = begin(house)
    made, _ = invite(house, journey)
    with house.command(ANNA) as context:
        set_roles(context, made.user_id, [])
        delete_instance(context, journey, "done")
        set_retention(context, 30, key="joining")
    for days in (8, 30):
        clock.advance(timedelta(days=days))
        tidy(house)
        with house.query(SYSTEM) as context:
            assert get_user(context, made.user_id).active
    assert rows(house, "guest_invitation") == rows(house, "historic_process_instance") == []


def test_a_guest_who_goes_with_their_journey_is_named_nowhere_from_then_on(
    house: ProcessEngine, clock: TestClock
) -> None:
    journey = begin(house)
    made, _ = invite(house, journey)

    def named() -> list[str]:
        return [user.id for user in house.everybody.read(house)[0] if user.id == made.user_id]

    with house.command(ANNA) as context:
        delete_instance(context, journey, "done")
        set_retention(context, 0, key="joining")
    assert named() == [made.user_id]
    clock.advance(timedelta(seconds=1))
    with house.command(SYSTEM) as context:
        assert erase_kept_long_enough(context) == 1
    assert named() == []
