"""Two nodes on one database whose own clocks are an hour fast and an hour slow: timers fire when it is time."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from engine import ProcessEngine
from tests.engine.play import END, START, bpmn, deploy, flow, start, tasks, user_task
from tests.faults import crowd
from tests.faults.finding import Finding, Stage, address, until
from tests.faults.nodes import STOP

HOURS = {"0": 1, "1": -1}
SOON_S = 6
AFTER = "PT30M"


def _waiting(key: str, duration: str) -> bytes:
    return bpmn(
        START
        + '<intermediateCatchEvent id="wait"><timerEventDefinition>'
        + f"<timeDuration>{duration}</timeDuration></timerEventDefinition></intermediateCatchEvent>"
        + user_task("after")
        + END
        + flow("start", "wait", "after", "end"),
        key,
    )


def an_hour_wrong(stage: Stage) -> Finding:
    finding = Finding()
    timers = stage.size(10, 200)
    early, missed = _played(stage, timers, own_clock=False)
    finding.expect(early == 0, f"{early} timers fired early")
    finding.lost = missed
    finding.figures = f"{2 * timers} timers, nodes an hour fast and slow: early {early}, missed {missed}"
    early, _ = _played(stage, timers, own_clock=True)
    finding.expect(early > 0, "nodes that trust their own clocks fired nothing early either")
    finding.control = f"each by its own clock, early {early}"
    return finding


def _played(stage: Stage, timers: int, *, own_clock: bool) -> tuple[int, int]:
    """Of timers that are due in seconds and others that are due in half an hour: how many fired early, and how many of
    the first did not fire."""
    with stage.engine("postgresql") as engine:
        deploy(engine, _waiting("later", AFTER), "later", "later.bpmn")
        deploy(engine, _waiting("soon", f"PT{SOON_S}S"), "soon", "soon.bpmn")
        for _ in range(timers):
            start(engine, "later")
        due = time.monotonic() + SOON_S
        for _ in range(timers):
            start(engine, "soon")
        watching = _Watching(engine, stage.home, timers, due)
        watching.start()
        crowd.play(
            "tests.faults.nodes:distributed_node",
            stage.home,
            2,
            limit_s=90,
            url=address(engine),
            hours=HOURS,
            own_clock=own_clock,
        )
        watching.join()
        (stage.home / STOP).unlink()
        early = watching.early + _fired(engine, "later")
        return early, timers - _fired(engine, "soon")


def _fired(engine: ProcessEngine, key: str) -> int:
    return len(tasks(engine, definition_key=key))


class _Watching(threading.Thread):
    """Looks what has fired just before the first are due, waits for those, and tells the nodes to stop."""

    def __init__(self, engine: ProcessEngine, home: Path, timers: int, due: float) -> None:
        super().__init__(daemon=True)
        self._engine, self._home, self._timers, self._due = engine, home, timers, due
        self.early = 0

    def run(self) -> None:
        time.sleep(max(self._due - time.monotonic() - 0.5, 0))
        fired = _fired(self._engine, "soon")
        if time.monotonic() < self._due:  # it did not take so long to look
            self.early = fired
        until(lambda: _fired(self._engine, "soon") == self._timers, 45)
        (self._home / STOP).touch()
