"""The database server is stopped dead and started again while workers are killed."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import psycopg
from sqlalchemy import func, select

from engine import ProcessEngine
from engine.database.tables import process_instance
from tests.faults import crowd
from tests.faults.effects import TURNS, begin, count
from tests.faults.finding import Finding, Stage, address
from tests.faults.kills import CONTROL_JOBS, unfenced_count
from tests.faults.postgres import Postgres, running

#: Between two restarts.
QUIET_S = 1.5


def database_restarts(stage: Stage) -> Finding:
    finding = Finding()
    jobs, times = stage.size(160, 4_800), stage.size(1, 8)
    with running() as server, replace(stage, postgres=server.address).engine("postgresql") as engine:
        begin(engine, jobs)
        restarting = Restarting(server, address(engine), times)
        restarting.start()
        story = crowd.play(
            "tests.faults.nodes:distributed_node",
            stage.home,
            stage.size(2, 3),
            limit_s=stage.size(100, 900),
            url=address(engine),
            deaths=stage.size(3, 1) * 0.006,
            seed=stage.seed,
        )
        restarting.join()
        engine.database.engine.dispose()  # its connections are those of the server that was
        counted = count(engine, jobs)
        revisions = _revisions(engine)
    finding.lost, finding.duplicated = counted.lost, counted.duplicated
    finding.expect(story.in_time, f"the workers did not come to an end: {story}")
    finding.expect(restarting.done == times, f"{restarting.done} of {times} restarts")
    finding.expect(restarting.met_work == times, f"only {restarting.met_work} of {times} restarts met work")
    finding.expect(revisions == jobs + jobs // TURNS, f"revisions {revisions}, effects {jobs}")
    finding.figures = (
        f"{restarting.done} restarts and {story.kills} kills / {jobs:,} jobs: lost {counted.lost}, "
        f"duplicated {counted.duplicated}, revisions = effects"
    )
    doubled = unfenced_count(stage, "postgresql", "effect")
    finding.expect(doubled.duplicated > 0, "the control found nothing")
    finding.control = f"in two transactions, duplicated {doubled.duplicated} of {CONTROL_JOBS}"
    return finding


class Restarting(threading.Thread):
    """Restarts the server so often while there is work; `met_work` counts the restarts that did."""

    def __init__(self, server: Postgres, url: str, times: int) -> None:
        super().__init__(daemon=True)
        self._server, self._url, self._times = server, url, times
        self.done = self.met_work = 0

    def run(self) -> None:
        for _ in range(self._times):
            time.sleep(QUIET_S)
            with psycopg.connect(self._url) as connection:
                left = connection.execute("SELECT count(*) FROM job").fetchone()
            self._server.restart()
            self.done += 1
            self.met_work += bool(left and left[0])


def _revisions(engine: ProcessEngine) -> int:
    with engine.database.read() as connection:
        return int(connection.execute(select(func.sum(process_instance.c.revision))).scalar_one())
