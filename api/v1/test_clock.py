"""The test clock: only where the server was started with one."""

from __future__ import annotations

from datetime import UTC

from api.authentication import actor, the_engine
from api.dto import Dto
from api.openapi import Api, InvalidRequest
from bpmn import TimerError, TimerForm, schedule
from engine import Action, NotAllowed, TestClock, require, run_due


class ClockDto(Dto):
    """`advance`: an ISO 8601 duration; then every due job runs. `runJobs`: only jobs without a due date."""

    __test__ = False

    advance: str | None = None
    run_jobs: bool = False


def register(api: Api) -> None:
    @api.operation("PUT", "/test-clock")
    def move_clock(body: ClockDto) -> None:
        """Moves the clock and runs what is due, or runs asynchronous continuations only."""
        require(actor(), Action.ADMINISTER, what="move the clock")
        engine = the_engine()
        clock = engine.clock
        if not isinstance(clock, TestClock):
            raise NotAllowed("This server runs on real time.")
        if body.run_jobs:
            run_due(engine, continuations_only=True)
        if body.advance is not None:
            now = clock.now()
            try:
                later = schedule(TimerForm.DURATION, body.advance, now, UTC, engine.settings.site.opens).due
            except TimerError as error:
                raise InvalidRequest(str(error)) from error
            clock.set(max(later, now))
            run_due(engine)
