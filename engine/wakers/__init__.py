"""Who wakes up when a job is due. The row in `job` is the truth on either database; only the waker differs.

`embedded`: one server process on SQLite, woken by APScheduler. `distributed`: any number of servers and workers on one
PostgreSQL, woken by Procrastinate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.clock import Clock, TestClock
from engine.context import CommandContext
from engine.database.connect import Database

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

# Each waker is imported where it is used: both libraries take long to load, and no process needs both.


def deferral(database: Database, clock: Clock) -> Callable[[CommandContext], None]:
    """What passes a command's jobs on to other processes, in the command's own transaction."""
    if database.dialect == "postgresql" and not isinstance(clock, TestClock):
        from engine.wakers.deferral import Deferral

        return Deferral()
    return lambda context: None


def start_waker(engine: ProcessEngine) -> None:
    """Runs due jobs in the background of this process, until the engine is closed."""
    if engine.database.dialect == "postgresql":
        from engine.wakers.distributed import DistributedWaker

        DistributedWaker(engine).start()
    else:
        from engine.wakers.embedded import EmbeddedWaker

        EmbeddedWaker(engine).start()


def work_until_stopped(engine: ProcessEngine, concurrency: int) -> None:
    """Runs due jobs, up to `concurrency` at once, until SIGTERM or SIGINT; those that run then come to their end. For a
    process that does nothing else, on PostgreSQL."""
    from engine.wakers.distributed import DistributedWaker

    DistributedWaker(engine, concurrency).run()
