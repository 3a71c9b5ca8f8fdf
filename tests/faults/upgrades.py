"""Instances that an earlier release saved go on in this one. `saved/` holds a database of each as SQL.

python -m tests.faults.upgrades writes that of this release; run it once when a release is made.
"""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from api.version import VERSION
from engine import (
    SYSTEM,
    Conflict,
    Correlation,
    EngineError,
    ProcessEngine,
    TestClock,
    Topic,
    complete_external_task,
    complete_task,
    correlate,
    fetch_and_lock,
    run_due,
    upgrade,
)
from engine.database.tables import historic_process_instance, process_instance
from engine.execution.native.state import FORMAT, UnknownFormat, load
from tests.engine.play import END, START, bpmn, deploy, flow, start, tasks, user_task
from tests.execution.test_state import STATES
from tests.faults.finding import Finding, Stage, opened
from workflows import bpmn_source, load_services

SAVED = Path(__file__).parent / "saved"
#: When the saved instances were started: a Monday.
MONDAY = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
#: Rounds of finishing whatever can be finished before an instance is held to be stuck.
ROUNDS = 120

#: Something of each that waits: a task with a timer, a message, an external task, several at once, a called process.
EVERYTHING = bpmn(
    START
    + '<parallelGateway id="fork"/><parallelGateway id="join"/>'
    + user_task("first")
    + '<boundaryEvent id="late" attachedToRef="first" cancelActivity="false"><timerEventDefinition>'
    + "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
    + user_task("escalated")
    + '<receiveTask id="hears" messageRef="m"/>'
    + '<serviceTask id="robot" camunda:type="external" camunda:topic="t"/>'
    + user_task(
        "many",
        inside="<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>",
    )
    + '<callActivity id="call" calledElement="called"/>'
    + '<serviceTask id="later" camunda:asyncBefore="true" camunda:expression="${1}" camunda:resultVariable="one"/>'
    + END
    + flow("start", "fork")
    + "".join(flow("fork", each, "join") for each in ("first", "hears", "robot", "many", "call"))
    + flow("late", "escalated", "end")
    + flow("join", "later", "end"),
    "everything",
    beside='<message id="m" name="arrived"/>',
)
CALLED = bpmn(START + user_task("inside") + END + flow("start", "inside", "end"), "called")
ASKED = {"forWhom": "Nils Ek", "needApproved": True, "privileged": True, "accessApproved": True}


def earlier_releases(stage: Stage) -> Finding:
    finding = Finding()
    releases = sorted(SAVED.glob("*.sql"))
    finding.expect(SAVED / f"{VERSION}.sql" in releases, f"there is no saved database of {VERSION}")
    states = sorted(STATES.glob("*.json"))
    finding.expect(len(states) == FORMAT, f"{len(states)} saved states of {FORMAT} formats")
    for each in states:
        load(each.read_bytes().strip())
    saved = 0
    for release in releases:
        with _restored(stage, release) as engine:
            ids = _instances(engine)
            saved += len(ids)
            finding.lost += len(ids) - _finish(engine, ids)
    finding.figures = (
        f"{saved} instances of {len(releases)} release(s), {len(states)} saved format(s): all load and finish, "
        f"lost {finding.lost}"
    )
    with _restored(stage, releases[-1]) as engine:
        ids = _instances(engine)
        with engine.database.write() as connection:
            later = b'{"format":%d,"a":[]}' % (FORMAT + 1)
            connection.execute(update(process_instance).where(process_instance.c.id == ids[-1]).values(state=later))
        lost = len(ids) - _finish(engine, ids)
    finding.expect(lost == 1, f"of one instance in an unknown format {lost} were missed")
    finding.control = f"one in a format of the future, lost {lost}"
    return finding


@contextlib.contextmanager
def _restored(stage: Stage, release: Path) -> Iterator[ProcessEngine]:
    file = stage.home / f"{release.stem}-{len(list(stage.home.iterdir()))}.db"
    with sqlite3.connect(file) as connection:
        connection.executescript(release.read_text())
    upgrade(f"sqlite:///{file}")
    with opened(f"sqlite:///{file}", stage.home, TestClock(MONDAY + timedelta(hours=3))) as engine:
        yield engine


def _instances(engine: ProcessEngine) -> list[str]:
    with engine.database.read() as connection:
        columns = process_instance.c
        whole = select(columns.id).where(columns.super_instance_id.is_(None)).order_by(columns.id)
        return list(connection.execute(whole).scalars())


def _finish(engine: ProcessEngine, ids: list[str]) -> int:
    """Does whatever can be done until nothing is left; how many have completed."""
    for _ in range(ROUNDS):
        for each in tasks(engine):
            with contextlib.suppress(EngineError, UnknownFormat), engine.command(SYSTEM) as context:
                complete_task(context, each.id)
        with contextlib.suppress(EngineError, UnknownFormat), engine.command(SYSTEM) as context:
            for robot in fetch_and_lock(context, "w", [Topic("t", 60_000)], 10):
                complete_external_task(context, robot.id, "w", {}, {})
        with contextlib.suppress(EngineError, Conflict, UnknownFormat), engine.command(SYSTEM) as context:
            correlate(context, Correlation("arrived", to_all=True))
        run_due(engine)
        if set(_instances(engine)).isdisjoint(ids):
            break
    columns = historic_process_instance.c
    with engine.database.read() as connection:
        ended = select(columns.id).where(columns.id.in_(ids), columns.state == "COMPLETED")
        return len(list(connection.execute(ended)))


# ---------------------------------------------------------------- saving


def save(place: Path) -> None:
    """Instances of a shipped flow and of EVERYTHING, at every stage of their way."""
    file = place / "onedoor.db"
    upgrade(f"sqlite:///{file}")
    with opened(f"sqlite:///{file}", place, TestClock(MONDAY)) as engine:
        deploy(engine, CALLED, "called", "called.bpmn")
        deploy(engine, EVERYTHING, "everything", "everything.bpmn")
        service = next(each for each in load_services() if each.key == "access_request")
        deploy(engine, bpmn_source(service), service.key, service.resource_name)
        for done in range(5):
            _advance(engine, start(engine, "everything").id, done)
        for done in range(4):
            _advance(engine, start(engine, "access_request", ASKED).id, done)
    with sqlite3.connect(file) as connection:
        SAVED.mkdir(exist_ok=True)
        (SAVED / f"{VERSION}.sql").write_text("\n".join(connection.iterdump()) + "\n")


def _advance(engine: ProcessEngine, instance_id: str, done: int) -> None:
    for _ in range(done):
        first = min(tasks(engine, root_instance_id=instance_id), key=lambda each: (each.activity_id, each.number))
        with engine.command(SYSTEM) as context:
            complete_task(context, first.id)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        save(Path(scratch))
    sys.stdout.write(f"{SAVED / VERSION}.sql\n")
