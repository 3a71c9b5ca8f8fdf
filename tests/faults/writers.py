"""Many threads and the waker on one SQLite file: nobody is turned away, and what was committed stays."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, func, insert, select, update
from sqlalchemy.exc import OperationalError

from engine import SYSTEM, Conflict, NotFound, ProcessEngine, SystemClock, TaskQuery, complete_task, find_tasks
from engine.database.tables import historic_activity_instance, process_instance
from tests.engine.play import START, bpmn, deploy, flow, jobs, start, user_task
from tests.faults.effects import TURNS, begin, count, mark
from tests.faults.finding import Finding, Stage, percentile, until
from tests.faults.people import at_once

WRITERS, INSTANCES = 12, 6
#: A task that comes again for ever.
LOOP = bpmn(
    START + '<exclusiveGateway id="merge"/>' + user_task("again") + flow("start", "merge", "again", "merge"), "loop"
)


def one_file(stage: Stage) -> Finding:
    """Twelve threads complete the tasks of six instances while the waker runs jobs on the same file."""
    finding = Finding()
    tries, marking = stage.size(200, 4_000), stage.size(40, 800)
    with stage.engine("sqlite", SystemClock()) as engine:
        engine.register_handler("mark", mark)
        begin(engine, marking)
        deploy(engine, LOOP, "loop", "loop.bpmn")
        ids = [start(engine, "loop").id for _ in range(INSTANCES)]
        engine.start_waker()
        outcomes, taken = _complete(engine, stage, ids, tries)
        finding.expect(until(lambda: not jobs(engine)), "the waker did not come to an end")
        counted = count(engine, marking // TURNS * TURNS)
        kept, revisions = _kept(engine, ids)
    done = outcomes.pop("done")
    turned_away = {name: times for name, times in outcomes.items() if name not in ("NotFound", "OptimisticLocking")}
    finding.lost = counted.lost + max(done - kept, 0)
    finding.duplicated = counted.duplicated + max(kept - done, 0)
    finding.expect(revisions == done + INSTANCES, f"revisions {revisions}, done {done}")
    finding.expect(not turned_away, f"turned away: {turned_away}")
    finding.figures = (
        f"{done:,} completions by {WRITERS} threads beside {marking} jobs: locked 0, lost {finding.lost}, "
        f"p99 {percentile(taken, 0.99):.0f} ms"
    )
    lost, locked = by_default(stage.home / "default.db", stage.size(40, 60))
    finding.expect(lost + locked > 0, "SQLAlchemy's default set-up lost nothing")
    finding.control = f"SQLAlchemy's default set-up, lost {lost}, locked {locked} of {8 * stage.size(40, 60)}"
    return finding


def _complete(engine: ProcessEngine, stage: Stage, ids: list[str], tries: int) -> tuple[Counter[str], list[float]]:
    """Outcomes by name, and milliseconds of each that was done."""
    dice, taken = stage.random(), list[float]()

    def complete(instance_id: str) -> str:
        began = time.perf_counter()
        try:
            with engine.query(SYSTEM) as context:
                (found,) = find_tasks(context, TaskQuery(process_instance_id=instance_id))
            with engine.command(SYSTEM) as context:
                complete_task(context, found.id)
        except (NotFound, Conflict) as error:
            return type(error).__name__
        except Exception as error:  # shown in the finding
            return repr(error)
        taken.append((time.perf_counter() - began) * 1000)
        return "done"

    outcomes = Counter(at_once((dice.choice(ids) for _ in range(tries)), complete, WRITERS))
    return outcomes, taken


def _kept(engine: ProcessEngine, ids: list[str]) -> tuple[int, int]:
    """Tasks that the history holds as done, and the sum of the revisions."""
    done, columns = historic_activity_instance.c, process_instance.c
    with engine.database.read() as connection:
        kept = select(func.count()).where(done.activity_id == "again", done.ended_at.is_not(None))
        revisions = select(func.sum(columns.revision)).where(columns.id.in_(ids))
        return connection.execute(kept).scalar_one(), connection.execute(revisions).scalar_one()


def by_default(file: Path, times: int) -> tuple[int, int]:
    """Eight threads that each read a number, write it one higher and note that they did, so many times, with what
    SQLAlchemy does if nobody tells it otherwise: how many notes no number stands for, and how often it was locked."""
    metadata = MetaData()
    number = Table("number", metadata, Column("id", Integer, primary_key=True), Column("n", Integer))
    note = Table("note", metadata, Column("id", Integer, primary_key=True), Column("by", String(8)))
    database = create_engine(f"sqlite:///{file}")
    metadata.create_all(database)
    with database.begin() as connection:
        connection.execute(insert(number), [{"id": each, "n": 0} for each in range(4)])
    locked, lock = Counter[str](), threading.Lock()

    def write(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(times):
            row = dice.randrange(4)
            try:
                with database.begin() as connection:
                    found = connection.execute(select(number.c.n).where(number.c.id == row)).scalar_one()
                    time.sleep(0.002)  # stands for the work between reading and writing
                    connection.execute(update(number).where(number.c.id == row).values(n=found + 1))
                    connection.execute(insert(note).values(by=str(seed)))
            except OperationalError:
                with lock:
                    locked["locked"] += 1

    at_once(range(8), write, 8)
    with database.connect() as connection:
        notes = connection.execute(select(func.count()).select_from(note)).scalar_one()
        written = connection.execute(select(func.sum(number.c.n))).scalar_one()
    database.dispose()
    return notes - written, locked["locked"]
