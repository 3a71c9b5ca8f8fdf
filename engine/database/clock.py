"""The database's clock: the one that all nodes on one PostgreSQL agree on.

A node whose own clock is wrong must neither fire a timer early nor believe a lease to have run out. The database is
asked now and then; in between its time is carried on by the machine's monotonic clock, which no setting of the time
moves, so that reading the clock costs no statement.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from engine.database.connect import Database
from engine.errors import EngineError

log = logging.getLogger(__name__)

#: The monotonic clock stands still while a machine sleeps, and drifts: this is the longest that either can last.
ASK_EVERY_S = 10.0
_ASK = text("SELECT clock_timestamp()")


class DatabaseClock:
    """Implements `engine.clock.Clock`. Asks once when it is made; DatabaseUnusable if nobody answers then."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asking = threading.Lock()
        self._known = self._ask()

    def now(self) -> datetime:
        then, at = self._known
        if time.monotonic() - at > ASK_EVERY_S and self._asking.acquire(blocking=False):
            try:
                self._known = then, at = self._ask()
            except EngineError:
                log.warning("the database's clock cannot be asked; it is carried on from %s", then)
            finally:
                self._asking.release()
        return then + timedelta(seconds=time.monotonic() - at)

    def _ask(self) -> tuple[datetime, float]:
        """What time it was there, and what the monotonic clock said: halfway between question and answer."""
        with self._database.read() as connection:
            before = time.monotonic()
            found: datetime = connection.execute(_ASK).scalar_one()
            return found.astimezone(UTC), (before + time.monotonic()) / 2
