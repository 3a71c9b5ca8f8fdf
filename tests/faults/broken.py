"""A disk that is full, a database that is far away and then gone: what was acknowledged stands, nothing is corrupt."""

from __future__ import annotations

import resource
import sqlite3
import threading
import time
from pathlib import Path

from sqlalchemy import make_url, select

from engine import SYSTEM, Conflict, DatabaseUnusable, ProcessEngine, complete_task
from engine.database.tables import historic_activity_instance
from tests.engine.play import TWO_TASKS, deploy, start, tasks
from tests.faults import crowd
from tests.faults.crowd import Life
from tests.faults.finding import Finding, Stage, address, opened
from tests.faults.people import at_once
from tests.faults.proxy import slow_wire

#: Bytes that the database may still grow once the disk is “full”.
ROOM = 200_000
DELAY_S = 0.1
PEOPLE = 4


def disk_and_distance(stage: Stage) -> Finding:
    finding = Finding()
    full = _disk_full(stage, finding)
    far = _far_away(stage, finding)
    finding.figures = f"disk full {full[0]}; database + {2000 * DELAY_S:.0f} ms, cut twice {far[0]}"
    finding.control = f"told before the commit, lost {full[1]} and {far[1]}"
    return finding


class Told:
    """What people were told, by file, so that it outlives whoever wrote it: `done` after the commit as the product
    does it, `early` before it as one must not."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._lock = threading.Lock()

    def tell(self, when: str, task_id: str) -> None:
        with self._lock, (self._place / when).open("a") as file:
            file.write(f"{task_id}\n")

    def told(self, when: str) -> set[str]:
        file = self._place / when
        return set(file.read_text().split()) if file.exists() else set()

    def complete(self, engine: ProcessEngine, task_id: str) -> None:
        with engine.command(SYSTEM) as context:
            complete_task(context, task_id)
            self.tell("early", task_id)
        self.tell("done", task_id)


def _done(engine: ProcessEngine) -> set[str]:
    columns = historic_activity_instance.c
    with engine.database.read() as connection:
        return set(
            connection.execute(select(columns.id).where(columns.is_task, columns.ended_at.is_not(None))).scalars()
        )


# ---------------------------------------------------------------- disk full


def _disk_full(stage: Stage, finding: Finding) -> tuple[str, int]:
    place = stage.home / "disk"
    place.mkdir()
    with stage.engine("sqlite") as engine:
        url = address(engine)
        deploy(engine, TWO_TASKS)
        for _ in range(stage.size(60, 400)):
            start(engine)
    story = crowd.play("tests.faults.broken:filling", place, 1, limit_s=60, url=url)
    finding.expect(story.in_time and story.failures == 0, f"the worker failed: {story}")
    with sqlite3.connect(make_url(url).database or "") as connection:
        checked = connection.execute("PRAGMA integrity_check").fetchone()[0]
    finding.expect(checked == "ok", f"corrupt: {checked}")
    told = Told(place)
    with opened(url, place) as engine:
        done = _done(engine)
        lost, lost_early = told.told("done") - done, told.told("early") - done
        finding.lost += len(lost)
        finding.expect(bool(lost_early), "the disk was never full")
        for _ in range(2):  # there is room again: all goes on to its end
            for each in tasks(engine):
                told.complete(engine, each.id)
        finding.expect(not tasks(engine), "not all could be finished afterwards")
    return f"{len(done)} acknowledged, lost {len(lost)}, corrupt 0", len(lost_early)


def filling(life: Life) -> None:
    """Completes tasks on a disk that takes only a little more; tries some more when it is full."""
    home = Path(life.config["home"])
    with opened(life.config["url"], home) as engine:
        waiting = [each.id for each in tasks(engine)]
        database = Path(engine.database.url.database or "")
        size = max(each.stat().st_size for each in database.parent.glob(f"{database.name}*"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + ROOM, resource.RLIM_INFINITY))
        told, refused = Told(home), 0
        for each in waiting:
            try:
                told.complete(engine, each)
            except DatabaseUnusable:
                refused += 1
                if refused == 3:
                    break
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


# ---------------------------------------------------------------- far away


def _far_away(stage: Stage, finding: Finding) -> tuple[str, int]:
    place = stage.home / "distance"
    place.mkdir()
    told = Told(place)
    with stage.engine("postgresql") as near:
        deploy(near, TWO_TASKS)
        for _ in range(stage.size(14, 80)):
            start(near)
        waiting = [each.id for each in tasks(near)]
        with slow_wire(address(near), DELAY_S) as (url, wire), opened(url, place) as engine:
            at_once(range(PEOPLE), lambda _: tasks(engine), PEOPLE)  # each has a connection to be cut
            taken: list[float] = []

            def complete(task_id: str) -> None:
                began = time.perf_counter()
                try:
                    told.complete(engine, task_id)
                except (DatabaseUnusable, Conflict):
                    return
                taken.append(time.perf_counter() - began)

            cuts = [threading.Timer(moment, wire.cut) for moment in (3.0, 7.5)]
            for each in cuts:
                each.start()
            at_once(waiting, complete, PEOPLE)
            for each in cuts:
                each.join()
        done = _done(near)
        lost, lost_early = told.told("done") - done, told.told("early") - done
        finding.lost += len(lost)
        refused = len(waiting) - len(told.told("done"))
        finding.expect(0 < refused < len(waiting), f"{refused} of {len(waiting)} were cut")
        for each in tasks(near):
            if each.activity_id == "first":
                told.complete(near, each.id)
        finding.expect(set(waiting) <= _done(near), "not all could be finished afterwards")
    slowest = max(taken) if taken else 0.0
    return f"{len(taken)} acknowledged, lost {len(lost)}, {refused} refused, slowest {slowest:.1f} s", len(lost_early)
