"""Wakes any number of processes on one PostgreSQL. Procrastinate tells one of them which job is due; the row in `job`
is the truth, and whoever deletes it has run it.

A notification wakes a worker for what is due at once, and it looks for what has become due every half second.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from procrastinate import App, PsycopgConnector

from engine.context import SYSTEM
from engine.errors import OptimisticLocking
from engine.job_execution import execute_if_due
from engine.jobs import JobGone
from engine.tidying import Tidying, tell_of_absences
from engine.wakers.deferral import QUEUE, RUN_JOB
from engine.wakers.sweeping import HEARTBEAT_S, STALLED_S, SWEEP_EVERY_S, sweep

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

log = logging.getLogger(__name__)

#: Jobs at once beside the requests of a server.
BESIDE_REQUESTS = 4
LOOK_EVERY_S = 0.5
#: After a job had to give way to somebody else on its instance.
ASIDE = timedelta(seconds=0.5)
#: After trouble with the database as a whole.
PAUSE_S = 2.0
#: How long a process that is told to stop waits for its jobs; others take over what is left then.
GRACE_S = 30.0


class DistributedWaker:
    """Runs due jobs in one process, beside all others on the same database. Used once."""

    def __init__(self, engine: ProcessEngine, concurrency: int = BESIDE_REQUESTS) -> None:
        self._engine = engine
        self._concurrency = concurrency
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """In a thread of its own, until the engine is closed."""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="onedoor-jobs", daemon=True)
        self._thread.start()
        self._engine.at_close(self.stop)

    def stop(self) -> None:
        """Waits for the jobs that run."""
        self._end()
        if self._thread is not None:
            self._thread.join(GRACE_S + PAUSE_S)

    def run(self) -> None:
        """In this thread, until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._end())
        asyncio.run(self._main())

    def _end(self) -> None:
        self._stopping.set()
        if self._loop is not None and self._work is not None:
            self._loop.call_soon_threadsafe(self._work.cancel)

    # ------------------------------------------------------------ in the loop

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        # A thread for each job and one for the sweep; by itself a loop has as many as the machine has cores, and four.
        self._loop.set_default_executor(ThreadPoolExecutor(self._concurrency + 1, "onedoor-job"))
        while not self._stopping.is_set():
            self._work = asyncio.create_task(self._once())
            if self._stopping.is_set():
                self._work.cancel()
            try:
                await self._work
            except asyncio.CancelledError:
                return
            except Exception:  # whatever it was: without this loop no job of this process would ever run again
                log.exception("the jobs cannot be got at; another try in %s s", PAUSE_S)
            await asyncio.sleep(PAUSE_S)

    async def _once(self) -> None:
        """Until it is cancelled, or the database is not there."""
        address = self._engine.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        app = App(connector=PsycopgConnector(conninfo=address, min_size=1, max_size=self._concurrency + 2))
        app.task(name=RUN_JOB, queue=QUEUE)(self._run_job)
        async with app.open_async():
            sweeping = asyncio.create_task(self._sweep())
            try:
                await app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=self._concurrency,
                    fetch_job_polling_interval=LOOK_EVERY_S,
                    update_heartbeat_interval=HEARTBEAT_S,
                    stalled_worker_timeout=STALLED_S,
                    shutdown_graceful_timeout=GRACE_S,
                    install_signal_handlers=False,
                    delete_jobs="always",
                )
            finally:
                sweeping.cancel()

    async def _sweep(self) -> None:
        tidying = Tidying(self._engine)
        while True:
            try:
                await asyncio.to_thread(sweep, self._engine)
                await asyncio.to_thread(tell_of_absences, self._engine)
                await asyncio.to_thread(tidying.if_time)
            except Exception:  # the next one is as good: it looks at all that stands
                log.exception("the sweep failed; another one in %s s", SWEEP_EVERY_S)
            await asyncio.sleep(SWEEP_EVERY_S)

    def _run_job(self, job_id: str) -> None:
        """Never raises: what failed stands on the row of the job, and the sweep finds whatever is left."""
        try:
            execute_if_due(self._engine, job_id)
        except JobGone:
            pass  # done already, or ended with what it belonged to
        except OptimisticLocking:
            # Somebody else is at work on its instance. Nobody is to blame, and this worker has other things to do.
            with self._engine.command(SYSTEM) as context:
                context.wake(job_id, context.now + ASIDE)
        except Exception:
            log.exception("job %s failed", job_id)
