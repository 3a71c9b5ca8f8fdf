"""What the clock does besides jobs. What has run out is thrown away, an hour at a time: sessions of browsers, answers
kept for a repeated request, ways in for guests whose journey is over, journeys that have been kept long enough.
Absences that have begun are told of."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from engine.context import SYSTEM
from engine.guests.invitations import close_over
from engine.idempotency import forget_expired
from engine.people.absences import announce_absences, is_there_to_announce
from engine.retention import BATCH, erase_kept_long_enough
from engine.sessions import close_expired
from engine.signing_in.pending import forget_pending

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

EVERY_S = 3_600.0
MOST_BATCHES = 40


class Tidying:
    """Of one process; whoever wakes up for jobs asks it now and then."""

    def __init__(self, engine: ProcessEngine) -> None:
        self._engine = engine
        self._next = 0.0

    def if_time(self) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_S
        tidy(self._engine)


def tidy(engine: ProcessEngine) -> int:
    """How many rows and journeys went. Journeys go a few in a transaction, and at most so many an hour: nobody waits
    for it, and the next hour goes on."""
    with engine.command(SYSTEM) as context:
        gone = forget_expired(context) + close_expired(context) + close_over(context) + forget_pending(context)
    for _ in range(MOST_BATCHES):
        with engine.command(SYSTEM) as context:
            erased = erase_kept_long_enough(context)
        gone += erased
        if erased < BATCH:
            break
    return gone


def tell_of_absences(engine: ProcessEngine) -> None:
    """Whoever looks for due jobs asks this too: most often it is one query that finds nothing."""
    with engine.query(SYSTEM) as context:
        if not is_there_to_announce(context):
            return
    with engine.command(SYSTEM) as context:
        announce_absences(context)
