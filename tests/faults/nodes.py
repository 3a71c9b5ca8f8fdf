"""The processes that run jobs in these tests, as `onedoor worker` and `onedoor serve` run them, but in a hurry: what
takes them ten seconds in earnest takes one here.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from engine import (
    SYSTEM,
    Clock,
    EngineError,
    JobQuery,
    ProcessEngine,
    Settings,
    SystemClock,
    count_jobs,
    work_until_stopped,
)
from tests.faults.crowd import Life
from tests.faults.effects import mark
from tests.faults.finding import until
from tests.faults.points import watch

#: After this silence a worker's jobs are given to others.
STALLED_S = 1.0
MOST_S = 1_200.0
STOP = "stop"


def distributed_node(life: Life) -> None:
    """One of many workers on PostgreSQL. It comes to its end when no job is left to run, or when there is a file
    "stop" in its home. `config["hours"]`: how wrong its own clock is; `config["own_clock"]`: whether it trusts that.
    """
    config = life.config
    own = WrongClock(config.get("hours", {}).get(str(life.number), 0))
    with (
        _hurrying(),
        mock.patch("engine.process_engine.SystemClock", return_value=own),
        _engine(config, own if config.get("own_clock") else None) as engine,
    ):
        watch(engine, life.reached())
        threading.Thread(target=_stop_when_done, args=(engine, Path(config["home"])), daemon=True).start()
        work_until_stopped(engine, config.get("concurrency", 2))


def embedded_node(life: Life) -> None:
    """The one server process of a SQLite file, without its HTTP."""
    with _engine(life.config) as engine:
        engine.hold_database()
        watch(engine, life.reached())
        engine.start_waker()
        until(lambda: not runnable(engine), MOST_S)


class WrongClock:
    def __init__(self, hours: float) -> None:
        self._by = timedelta(hours=hours)

    def now(self) -> datetime:
        return SystemClock().now() + self._by


def runnable(engine: ProcessEngine) -> int:
    """How many jobs wait that may be run, now or later."""
    with engine.query(SYSTEM) as context:
        return count_jobs(context, JobQuery(with_retries_left=True))


@contextlib.contextmanager
def _engine(config: dict[str, Any], clock: Clock | None = None) -> Iterator[ProcessEngine]:
    """Tries again where the database is not there at the moment."""
    deadline = time.monotonic() + 30
    while True:
        try:
            engine = ProcessEngine(Settings(config["url"], Path(config["home"])), clock)
            break
        except EngineError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    engine.register_handler("mark", mark)
    try:
        yield engine
    finally:
        engine.close()


@contextlib.contextmanager
def _hurrying() -> Iterator[None]:
    with (
        mock.patch.multiple(
            "engine.wakers.distributed",
            LOOK_EVERY_S=0.1,
            HEARTBEAT_S=0.2,
            STALLED_S=STALLED_S,
            SWEEP_EVERY_S=0.3,
            PAUSE_S=0.3,
        ),
        mock.patch.multiple("engine.wakers.sweeping", STALLED_S=STALLED_S),
    ):
        yield


def _stop_when_done(engine: ProcessEngine, home: Path) -> None:
    deadline = time.monotonic() + MOST_S
    while time.monotonic() < deadline:
        with contextlib.suppress(EngineError):
            if (home / STOP).exists() or not runnable(engine):
                break
        time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGTERM)
