"""Finished journeys are kept as long as their flow says, and then go whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import (
    SYSTEM,
    Actor,
    InvalidInput,
    MailServer,
    NotAllowed,
    NotFound,
    Outgoing,
    ProcessEngine,
    Settings,
    TaskQuery,
    TestClock,
    add_comment,
    complete_task,
    days_kept,
    find_tasks,
    invite_guest,
    kept_until,
    latest_definition,
    notify,
    read_retention,
    set_retention,
    start_instance,
)
from engine.database.metadata import metadata
from engine.retention import erase_kept_long_enough
from engine.tidying import tidy
from tests.engine.guests import JOINING
from tests.engine.play import ANNA, END, HANNA, OWNER, START, bpmn, deploy, flow, start, user_task

#: Where databases do not differ.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DAY = timedelta(days=1)
CALLED = bpmn(START + user_task("inner") + END + flow("start", "inner", "end"), "called")
CALLING = bpmn(
    START + '<callActivity id="call" calledElement="called"/>' + END + flow("start", "call", "end"),
    "calling",
    attributes='camunda:historyTimeToLive="P10D"',
)


def plain(key: str, kept: str | None) -> bytes:
    said = f'camunda:historyTimeToLive="{kept}"' if kept else ""
    return bpmn(START + user_task("first") + END + flow("start", "first", "end"), key, attributes=said)


def counts(engine: ProcessEngine) -> Mapping[str, int]:
    """Rows by table, where there are any."""
    with engine.database.read() as connection:
        found = {
            table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in metadata.sorted_tables
        }
    return {name: number for name, number in found.items() if number}


def finished(engine: ProcessEngine, key: str) -> str:
    journey = start(engine, key).id
    work_through(engine, journey)
    return journey


def work_through(engine: ProcessEngine, journey: str) -> None:
    while True:
        with engine.command(SYSTEM) as context:
            found = find_tasks(context, TaskQuery(root_instance_id=journey))
            if not found:
                return
            complete_task(context, found[0].id)


def left(engine: ProcessEngine) -> set[str]:
    with engine.database.read() as connection:
        return set(connection.execute(select(metadata.tables["historic_process_instance"].c.id)).scalars())


def test_each_flow_keeps_its_journeys_as_long_as_it_says(engine: ProcessEngine, clock: TestClock) -> None:
    for key, kept in (("short", "P5D"), ("long", "30"), ("open", None)):
        deploy(engine, plain(key, kept))
    short, long, unsaid = (finished(engine, key) for key in ("short", "long", "open"))
    running = start(engine, "short").id
    for days, there in (
        (5, {short, long, unsaid, running}),
        (6, {long, unsaid, running}),
        (31, {unsaid, running}),
        (9_999, {unsaid, running}),
    ):
        clock.set(clock.now().replace(year=2027, month=3, day=1) + days * DAY - timedelta(seconds=1))
        tidy(engine)
        assert left(engine) == there, days


def test_a_journey_goes_whole_with_all_that_was_written_about_it(
    database_url: str, tmp_path: Any, clock: TestClock
) -> None:
    mail = Outgoing(mail=MailServer("127.0.0.1", 9, "x@example.org"), public_url="https://door.example.org")
    engine = ProcessEngine(Settings(database_url, tmp_path, outgoing=mail), clock)
    for model in (CALLED, CALLING, JOINING):
        deploy(engine, model)
    with engine.command(ANNA) as context:
        set_retention(context, 10, key="joining")
    before = counts(engine)
    journey = finished(engine, "calling")
    with engine.command(HANNA) as context:
        joining = start_instance(context, key="joining", variables={"name": "Nora"}).id
        made, _ = invite_guest(context, joining, email="nora@example.org")
        add_comment(context, journey, "well done")
        add_comment(context, joining, "welcome")
        notify(context, user_id="hanna", message={"en": "Done"}, process_instance_id=joining)
        notify(context, user_id=made.user_id, message={"en": "Hello"}, process_instance_id=joining)
    work_through(engine, joining)
    assert counts(engine)["historic_process_instance"] == 3
    clock.advance(10 * DAY - timedelta(seconds=1))
    tidy(engine)
    assert left(engine) >= {journey, joining}
    clock.advance(timedelta(seconds=2))
    tidy(engine)
    after = dict(counts(engine))
    for kept in ("membership", "department"):  # the role of guests is there now
        after.pop(kept, None)
    assert after == {name: number for name, number in before.items() if name not in ("membership", "department")}
    engine.close()


@ON_SQLITE
def test_nothing_goes_while_anything_below_still_runs(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, plain("short", "0"))
    ended, running = finished(engine, "short"), start(engine, "short").id
    runs = metadata.tables["process_instance"]
    with engine.database.write() as connection:
        connection.execute(runs.update().where(runs.c.id == running).values(root_instance_id=ended))
    with engine.command(SYSTEM) as context:
        assert erase_kept_long_enough(context) == 0
    with engine.database.write() as connection:
        connection.execute(runs.update().where(runs.c.id == running).values(root_instance_id=running))
    with engine.command(SYSTEM) as context:
        assert erase_kept_long_enough(context) == 1
    assert left(engine) == {running}


def test_they_go_a_few_at_a_time_the_oldest_first(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, plain("short", "1"))
    journeys = []
    for _ in range(5):
        journeys.append(finished(engine, "short"))
        clock.advance(timedelta(minutes=1))
    clock.advance(DAY)
    for gone in (2, 4, 5):
        with engine.command(SYSTEM) as context:
            assert erase_kept_long_enough(context, 2) == (2 if gone < 5 else 1)
        assert left(engine) == set(journeys[gone:])


@ON_SQLITE
def test_the_setting_of_the_site_holds_where_no_flow_says(database_url: str, tmp_path: Any, clock: TestClock) -> None:
    engine = ProcessEngine(Settings(database_url, tmp_path, history_days=3), clock)
    deploy(engine, plain("open", None))
    deploy(engine, plain("long", "30"))
    unsaid, long = finished(engine, "open"), finished(engine, "long")
    clock.advance(3 * DAY)
    tidy(engine)
    assert left(engine) == {long}
    assert unsaid not in left(engine)
    engine.close()


@ON_SQLITE
def test_a_new_version_that_says_nothing_keeps_as_the_one_before(engine: ProcessEngine) -> None:
    deploy(engine, plain("flow", "30"))
    deploy(engine, plain("flow", None).replace(b'id="first"', b'id="first" camunda:priority="7"'))
    with engine.query(SYSTEM) as context:
        newest = latest_definition(context, "flow")
    assert (newest.version, newest.history_time_to_live) == (2, 30)


@ON_SQLITE
def test_owners_set_it_for_a_version_or_for_all(engine: ProcessEngine, clock: TestClock) -> None:
    deploy(engine, plain("flow", "30"))
    deploy(engine, plain("flow", None).replace(b'id="first"', b'id="first" camunda:priority="7"'))
    with engine.query(SYSTEM) as context:
        newest = latest_definition(context, "flow").id
    with engine.command(Actor("fred", flows=frozenset({"flow"}))) as context:
        set_retention(context, 7, definition_id=newest)
        assert kept_until(context, newest, clock.now()) == clock.now() + 7 * DAY
        assert kept_until(context, newest, None) is None
    with engine.command(OWNER) as context:
        set_retention(context, None, key="flow")
        assert days_kept(context, newest) is None
    for who, error, more in (
        (HANNA, NotAllowed, {"key": "flow"}),
        (Actor("eve", flows=frozenset({"other"})), NotAllowed, {"key": "flow"}),
        (HANNA, NotFound, {"key": "no"}),
        (OWNER, NotFound, {"key": "no"}),
        (OWNER, InvalidInput, {"key": "flow"}),
    ):
        with engine.command(who) as context, pytest.raises(error):
            set_retention(context, -1, **more)


@pytest.mark.parametrize(
    ("text", "days"),
    [("30", 30), ("P30D", 30), ("p1y", 365), ("P2Y6M", 910), ("P2W", 14), ("0", 0), ("", None), (None, None)],
)
def test_lengths_are_read(text: str | None, days: int | None) -> None:
    assert read_retention(text) == days


@pytest.mark.parametrize("text", ["P", "soon", "-1", "PT5H", "36501", "1.5", "P1D2"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_retention(text)
