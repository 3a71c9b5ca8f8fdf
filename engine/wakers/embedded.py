"""Wakes the one server process of a SQLite file when the next job is due. APScheduler keeps one date; the rows of the
database are the truth.

It also looks every half minute, for what another process has written.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from engine.context import SYSTEM
from engine.job_execution import run_due
from engine.jobs import next_due_at
from engine.tidying import Tidying

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=30)
#: Between two rounds, so that a job which cannot run now is no busy loop.
SHORTEST = timedelta(milliseconds=200)
#: After a round that failed as a whole: the database was not there.
AFTER_TROUBLE = timedelta(seconds=5)


class EmbeddedWaker:
    """Runs due jobs in the background of one server process."""

    def __init__(self, engine: ProcessEngine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._wakes_at: datetime | None = None
        self._stopped = False
        self._tidying = Tidying(engine)
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(1)},
            # Two: one that runs and one that waits for the only thread. With one, a wake-up asked for while a round
            # runs would be passed over, and nobody would ever ask again.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 2},
        )

    def start(self) -> None:
        """What became overdue while no server ran is run at once."""
        self._scheduler.start()
        self._engine.on_due = self.wake_at
        self._engine.at_close(self.stop)
        self.wake_at(self._engine.clock.now())

    def stop(self) -> None:
        """Waits for a round that runs. No wake-up may be asked for any more: while the scheduler waits for the round,
        it holds the lock that the round would need for that."""
        self._engine.on_due = lambda due: None
        with self._lock:
            self._stopped = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def wake_at(self, due: datetime | None) -> None:
        """Makes sure that the process is awake at this moment; an earlier wake-up stays."""
        now = self._engine.clock.now()
        moment = now if due is None else max(due, now)
        with self._lock:
            if self._stopped or (self._wakes_at is not None and self._wakes_at <= moment):
                return
            self._wakes_at = moment
            self._scheduler.add_job(self._round, "date", run_date=moment, id="onedoor-waker", replace_existing=True)

    def _round(self) -> None:
        with self._lock:
            self._wakes_at = None
        now = self._engine.clock.now()
        following = now + LOOK_EVERY
        try:
            run_due(self._engine)
            self._tidying.if_time()
            with self._engine.query(SYSTEM) as context:
                due = next_due_at(context)
            if due is not None:
                following = max(min(due, following), self._engine.clock.now() + SHORTEST)
        except Exception:
            log.exception("the waker could not run the due jobs; it tries again in %s", AFTER_TROUBLE)
            following = now + AFTER_TROUBLE
        self.wake_at(following)
