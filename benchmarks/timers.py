"""Five thousand timers that are due at the same moment: how late they are, and what people who work meanwhile feel.

python -m benchmarks.timers
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from benchmarks.databases import DATABASES, copy_instance, empty, postgresql
from benchmarks.models import eight_tasks, timer
from benchmarks.requests import ADMINISTRATOR, TASK_LIST, environment, onedoor, rest, start
from benchmarks.servers import Load, Request, Server, serving
from engine import SYSTEM, ProcessEngine, Settings, deploy_resources, start_instance, upgrade
from engine.database.connect import Database
from engine.database.tables import historic_activity_instance, job

TIMERS = 5_000
#: People who look and start all the time, with a breath between: the machine is at work and not choked.
CLIENTS, BREATH_S = 4, 0.05
QUIET = 600
#: Until the timers are due: long enough for a sweep to find them.
AHEAD = timedelta(seconds=15)
PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True)
class Storm:
    """Seconds between due and done, of each timer that fired; what clients saw before and meanwhile."""

    timers: int
    late_s: list[float]
    early: int
    quiet: Load
    meanwhile: Load

    @property
    def missed(self) -> int:
        return self.timers - len(self.late_s)

    @property
    def slowed(self) -> float:
        """p99 meanwhile, as a multiple of the quiet one."""
        return self.meanwhile.percentile(0.99) / self.quiet.percentile(0.99)

    def late(self, share: float) -> float:
        return self.late_s[min(int(len(self.late_s) * share), len(self.late_s) - 1)]


def storm(url: str, home: Path, timers: int, quiet: int = QUIET, ahead: timedelta = AHEAD) -> Storm:
    """On an empty database: so many requests first, then so many timers that are all due so far ahead."""
    _prepare(url, home, timers)
    database = Database(url)
    try:
        with serving(onedoor, environment(url, home)) as server:
            server.under_load(itertools.islice(_work(), 40), CLIENTS, BREATH_S)
            before = server.under_load(itertools.islice(_work(), quiet), CLIENTS, BREATH_S)
            due = _all_due(database, server, ahead)
            time.sleep(max((due - datetime.now(UTC)).total_seconds(), 0))
            meanwhile = server.under_load(_work_until_done(database, due), CLIENTS, BREATH_S)
        with database.read() as connection:
            columns = historic_activity_instance.c
            done = select(columns.ended_at).where(columns.activity_id == "wait", columns.ended_at.is_not(None))
            late = sorted((each - due).total_seconds() for each in connection.execute(done).scalars())
    finally:
        database.close()
    return Storm(timers, late, sum(each < 0 for each in late), before, meanwhile)


def _prepare(url: str, home: Path, timers: int) -> None:
    upgrade(url)
    engine = ProcessEngine(Settings(url, home))
    try:
        with engine.command(SYSTEM) as context:
            deploy_resources(context, "bench", [("timer.bpmn", timer()), ("eight.bpmn", eight_tasks())])
            instance = start_instance(context, key="timer")
        copy_instance(engine, instance.id, timers - 1)
    finally:
        engine.close()


def _work() -> Iterator[Request]:
    """What people do: look, start, look again."""
    return itertools.cycle([TASK_LIST, start("eight"), TASK_LIST])


def _all_due(database: Database, server: Server, ahead: timedelta) -> datetime:
    """Makes all timers due at one moment and lets the server know of it by one of them."""
    due = (datetime.now(UTC) + ahead).replace(microsecond=0)
    with database.write() as connection:
        connection.execute(update(job).values(due_at=due))
        one = connection.execute(select(job.c.id).limit(1)).scalar_one()
    moved = {"duedate": due.strftime("%Y-%m-%dT%H:%M:%S.000+0000")}
    status, content = server.ask(rest("PUT", f"/job/{one}/duedate", moved, ADMINISTRATOR))
    if status != 204:
        raise RuntimeError(f"the timer was not moved: {content!r}")
    return due


def _work_until_done(database: Database, due: datetime) -> Iterator[Request]:
    end = time.monotonic() + PATIENCE_S
    for number, each in enumerate(_work()):
        if number % 20 == 0:
            with database.read() as connection:
                left = connection.execute(select(func.count()).where(job.c.due_at <= due)).scalar_one()
            if (number and not left) or time.monotonic() > end:
                return
        yield each


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="onedoor-bench-") as scratch, postgresql(Path(scratch)) as server:
        for database in DATABASES:
            with empty(database, Path(scratch), server) as (url, home):
                found = storm(url, home, TIMERS)
            quiet, meanwhile = (each.percentile(0.99) for each in (found.quiet, found.meanwhile))
            print(
                f"{TIMERS:,} timers due at once on {database}: late p50 {found.late(0.5):.1f} s, "
                f"p99 {found.late(0.99):.1f} s, missed {found.missed}; "
                f"API p99 {quiet:.0f} ms quiet, {meanwhile:.0f} ms meanwhile: {found.slowed:.1f} x"
            )


if __name__ == "__main__":
    main()
