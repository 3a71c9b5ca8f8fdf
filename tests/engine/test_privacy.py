"""Erasing a person leaves no trace in any table and every measure as it was; what is kept about one is given out."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import (
    SYSTEM,
    Actor,
    Conflict,
    HistoricVariableQuery,
    NotAllowed,
    NotFound,
    OptimisticLocking,
    ProcessEngine,
    TaskQuery,
    actor_of,
    add_comment,
    close_account,
    complete_task,
    create_user,
    delete_instance,
    erase_person,
    export_person,
    find_historic_variables,
    find_tasks,
    get_journey,
    get_variables,
    preview_erasure,
    set_roles,
    start_instance,
    task_variables,
)
from engine.database.metadata import metadata
from engine.privacy import places
from engine.privacy.export import BY_HAND, NOT_GIVEN_OUT, SECTIONS
from engine.privacy.needles import Needles, needles_of
from tests.engine.play import ANNA, HANNA
from tests.engine.privacy import HIRE, WORDS, YLVA, furnish, measures, traces

#: Where databases do not differ.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
#: What the search must find before: a trace in each of these.
MARKED = (
    "user_account.id", "user_account.email", "user_account.manager_id", "membership.user_id", "flow_owner.user_id",
    "absence.user_id", "absence.substitute_id", "web_session.user_id", "api_token.user_id", "department.email",
    "department.representative_id", "deployment.deployed_by", "deployment.name", "draft.updated_by", "task.assignee",
    "historic_process_instance.started_by", "historic_process_instance.subject",
    "historic_process_instance.business_key", "historic_activity_instance.assignee",
    "historic_activity_instance.completed_by", "historic_activity_instance.task_name",
    "historic_variable_instance.value", "historic_variable_instance.updated_by", "user_operation_log.user_id",
    "user_operation_log.details", "comment.message", "notification.user_id", "notification.message",
    "idempotency_key.user_id", "idempotency_key.body", "process_instance.state",
)  # fmt: skip


def erase(engine: ProcessEngine, user_id: str = YLVA, **more: Any) -> Any:
    with engine.command(ANNA) as context:
        close_account(context, user_id)
    with engine.command(ANNA) as context:
        return erase_person(context, user_id, **more)


def test_no_trace_is_left_in_any_table_and_every_measure_is_as_it_was(engine: ProcessEngine) -> None:
    journeys = furnish(engine)
    before = traces(engine)
    assert [place for place in MARKED if place not in before] == [], "the control: the search finds what is there"
    measured = measures(engine)
    assert sum(row[4] for row in measured if len(row) == 9) > 3
    preview = erase(engine)
    assert traces(engine) == {}
    assert measures(engine) == measured
    assert (preview.tasks, preview.tasks_of_nobody, preview.done) == (2, 0, 3)
    assert [(each.id, each.by_name) for each in preview.journeys] == [(journeys["hired"], False)]
    with engine.database.read() as connection:
        log = metadata.tables["user_operation_log"]
        lines = connection.execute(select(log.c.operation, log.c.user_id, log.c.details)).all()
    assert ("ErasePerson", "anna", "1 journeys, 3 tasks done") in [tuple(each) for each in lines]
    pseudonyms = {each.user_id for each in lines if each.user_id.startswith("erased-")}
    assert len(pseudonyms) == 1, "what one person did is still known to be of one"


@ON_SQLITE
def test_no_byte_of_them_is_left_in_the_files_of_sqlite(engine: ProcessEngine, tmp_path: Path) -> None:
    def standing() -> set[str]:
        files = [each.read_bytes() for each in tmp_path.glob("onedoor.db*")]
        return {word for word in WORDS if any(word.encode() in each for each in files)}

    furnish(engine)
    assert standing() == set(WORDS), "the control: they are there before"
    erase(engine)
    assert standing() == set()


def test_what_ran_goes_on_without_them(engine: ProcessEngine) -> None:
    journeys = furnish(engine)
    erase(engine)
    with engine.query(SYSTEM) as context:
        tasks = {each.process_instance_id: each for each in find_tasks(context, TaskQuery())}
        mine, theirs = tasks[journeys["running"]], tasks[journeys["other"]]
        known = get_variables(context, journeys["running"])
    assert (mine.assignee, mine.claimed_at) == (None, None)
    assert (theirs.assignee, theirs.owner, theirs.delegation_state) == ("hanna", None, None)
    assert known["builder"] is None
    assert known["title"] == "Desk"
    assert known["note"].startswith("call erased-")
    with engine.query(HANNA) as context:
        assert mine.id in [each.id for each in find_tasks(context, TaskQuery(claimable=True))]
    with engine.command(SYSTEM) as context:
        complete_task(context, mine.id)
    with engine.query(SYSTEM) as context:
        (build,) = find_tasks(context, TaskQuery(process_instance_id=journeys["running"]))
        assert (build.activity_id, build.assignee) == ("build", None), "what comes next waits for its queue"
        assert task_variables(context, build.id)["builder"] is None


@ON_SQLITE
def test_a_journey_about_them_keeps_how_it_came_out_and_loses_their_answers(engine: ProcessEngine) -> None:
    hired = furnish(engine)["hired"]
    erase(engine)
    with engine.query(SYSTEM) as context:
        left = {each.name: each.value for each in find_historic_variables(context, HistoricVariableQuery())
                if each.process_instance_id == hired}  # fmt: skip
        journey = get_journey(context, hired)
    assert {name: value for name, value in left.items() if value is not None} == {
        "bundle": "office", "cost": 900, "approved": True, "answered": True,
    }  # fmt: skip
    assert set(HIRE) <= set(left), "which questions there were is no secret"
    assert journey.summary.subject.startswith("erased-")
    assert "born" not in str([entry.text for entry in journey.timeline])


@ON_SQLITE
def test_a_journey_about_them_that_runs_is_in_the_way(engine: ProcessEngine) -> None:
    furnish(engine)
    with engine.command(ANNA) as context:
        running = start_instance(context, key="hiring", variables=dict(HIRE)).id
        assert [each.id for each in preview_erasure(context, YLVA).in_the_way] == [running]
    before = traces(engine)
    with pytest.raises(Conflict, match="still run: Ylva Törnkvist-Sjö"), engine.command(ANNA) as context:
        erase_person(context, YLVA)
    assert traces(engine) == before
    with engine.command(ANNA) as context:
        delete_instance(context, running, f"{WORDS[1]} has left")
    erase(engine)
    assert traces(engine) == {}


@ON_SQLITE
def test_a_journey_about_somebody_else_of_that_name_stays_as_it_is(engine: ProcessEngine) -> None:
    furnish(engine)
    with engine.command(ANNA) as context:
        namesake = start_instance(context, key="hiring", variables={**HIRE, "who": "other.ylva"}).id
        (named,) = [each for each in preview_erasure(context, YLVA).journeys if each.by_name]
    assert (named.id, named.running) == (namesake, True)
    erase(engine, others=[namesake])
    with engine.query(SYSTEM) as context:
        assert get_variables(context, namesake)["name"] == WORDS[1]
    assert set(traces(engine)) <= {
        "process_instance.state", "historic_process_instance.subject", "historic_variable_instance.value",
        "historic_activity_instance.task_name", "task.name", "historic_process_instance.subject_user",
    }  # fmt: skip
    assert traces(engine, [YLVA, WORDS[2]]) == {}


@ON_SQLITE
def test_it_may_be_done_again_and_finds_what_is_left(engine: ProcessEngine) -> None:
    furnish(engine)
    erase(engine)
    with pytest.raises(NotFound), engine.command(ANNA) as context:
        erase_person(context, YLVA)
    comments = metadata.tables["comment"]
    with engine.database.write() as connection:
        connection.execute(comments.update().values(user_id=YLVA))
    assert traces(engine) == {"comment.user_id": 3}
    erase(engine)
    assert traces(engine) == {}


def test_two_who_erase_at_once_do_it_once(engine: ProcessEngine) -> None:
    furnish(engine)
    came_out: list[str] = []
    begin = threading.Barrier(2)

    def one() -> None:
        begin.wait(10)
        try:
            with engine.command(ANNA, patience_s=20) as context:
                erase_person(context, YLVA)
            came_out.append("done")
        except (NotFound, OptimisticLocking) as error:
            came_out.append(type(error).__name__)

    both = [threading.Thread(target=one) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join(60)
    assert came_out.count("done") == 1
    assert len(came_out) == 2
    assert traces(engine) == {}


def test_what_they_asked_for_just_before_they_were_erased_comes_to_nothing(engine: ProcessEngine) -> None:
    """Who asks is read before the command begins; PostgreSQL lets it begin, and write, after the erasure."""
    journeys = furnish(engine)
    with engine.query(SYSTEM) as context:
        ylva = actor_of(context, YLVA)
    begun = engine.database.dialect == "postgresql"
    if not begun:
        erase(engine)

    def ask() -> None:
        with engine.command(ylva) as context:
            if begun:
                erase(engine)
            add_comment(context, journeys["done"], f"{WORDS[1]} was here")

    with pytest.raises(NotAllowed, match="just been closed"):
        ask()
    assert traces(engine) == {}
    with engine.command(SYSTEM) as context:
        create_user(context, YLVA)
    with engine.command(ylva) as context:
        add_comment(context, journeys["done"], "again, by a new account of that id")
    assert traces(engine, [YLVA])["comment.user_id"] == 1, "the control: it would have been there"


@ON_SQLITE
def test_who_may_not_erase_or_be_erased(engine: ProcessEngine) -> None:
    furnish(engine)
    with engine.command(SYSTEM) as context:
        create_user(context, "root")
        set_roles(context, "root", ["camunda-admin"])
    for who, whom, error in (
        (HANNA, YLVA, NotAllowed),
        (Actor(YLVA), YLVA, NotAllowed),
        (ANNA, "anna", Conflict),
        (ANNA, "root", Conflict),
        (ANNA, "nobody.at.all", NotFound),
    ):
        with pytest.raises(error), engine.command(who) as context:
            erase_person(context, whom)


# ---------------------------------------------------------------- nothing is forgotten


def test_of_every_column_somebody_has_said_whether_it_tells_of_people() -> None:
    assert places.unlisted() == []
    assert places.NOTHING_PERSONAL.keys() <= {
        f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns
    }


def test_a_new_column_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "TEXTS", {**places.TEXTS, "comment": ()})
    assert places.unlisted() == ["comment.message"]


def test_every_table_is_given_out_or_it_is_said_why_not() -> None:
    given = {each.table for each in SECTIONS.values()} | BY_HAND.keys()
    assert given | NOT_GIVEN_OUT.keys() == {table.name for table in metadata.sorted_tables}
    assert given.isdisjoint(NOT_GIVEN_OUT)
    personal = {table for places_ in (places.IDS, places.EMPTIED, places.OWN) for table in places_}
    assert sorted(personal - given - {"idempotency_key"}) == []


def test_what_is_kept_about_somebody_is_given_out(engine: ProcessEngine) -> None:
    journeys = furnish(engine)
    with engine.query(Actor(YLVA)) as context:
        found = export_person(context, YLVA)
    empty = [name for name in SECTIONS if not found[name]]
    assert empty == ["startsFlows", "invitations", "candidateFor"]
    assert found["account"][0]["email"] == WORDS[2]
    assert "password_hash" not in found["account"][0]
    assert "digest" not in found["apiTokens"][0]
    assert "csrf_token" not in found["sessions"][0]
    (about,) = found["journeysAbout"]
    assert about["id"] == journeys["hired"]
    assert {each["name"]: each["value"] for each in about["answers"]}["address"] == "Storgatan 1"
    assert about["withheld"] == 1, "her salary is for hr to give out"
    with engine.query(Actor(YLVA, frozenset({"hr"}))) as context:
        assert export_person(context, YLVA)["journeysAbout"][0]["withheld"] == 0
    with engine.query(HANNA) as context, pytest.raises(NotAllowed):
        export_person(context, YLVA)
    with engine.query(ANNA) as context, pytest.raises(NotFound):
        export_person(context, "nobody")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see b.7.", "see X."),
        ("b.7, ab.7, b.71, b.7.x and b.7@x", "X, ab.7, b.71, b.7.x and b.7@x"),
        ("BO EK and Ek, Bo", "X and X"),
        ('["b.7","b"]', '["X","b"]'),
        ("b@example.org", "X"),
        ("bob@example.org and b@example.org.uk", "bob@example.org and b@example.org.uk"),
    ],
)
def test_words_are_found_whole(text: str, left: str) -> None:
    assert needles_of("b.7", None, "b@example.org", "Bo", "Ek").replaced(text, "X") == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("flats to bo in", "flats to bo in"),
        ("bo", "X"),
        ('{"who":"bo","what":"bo in"}', '{"who":"X","what":"bo in"}'),
        ("ask @bo, not @bob", "ask @X, not @bob"),
    ],
)
def test_an_id_that_is_a_word_is_left_in_what_people_wrote(text: str, left: str) -> None:
    needles = needles_of("bo", None, None, None, None)
    assert needles.replaced(text, "X") == left
    assert needles.replaced("bo: hr, it", "X", everywhere=True) == "X: hr, it"


def test_nothing_to_look_for_replaces_nothing() -> None:
    assert Needles(()).replaced("anything", "X") == "anything"
