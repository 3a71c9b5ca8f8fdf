"""Thousands of timers that are due at the same moment, behind a real server with people at work."""

from __future__ import annotations

from datetime import timedelta

from benchmarks.databases import copy_instance
from benchmarks.models import timer
from benchmarks.timers import Storm, storm
from engine import TestClock
from tests.engine.play import deploy, jobs, start
from tests.faults.finding import Finding, Stage

#: Of what a request takes at its slowest, while all fire; the goal is 3, and a busy machine measures badly.
MOST_SLOWED = 6.0


def due_at_once(stage: Stage) -> Finding:
    finding = Finding()
    timers = stage.size(100, 5_000)
    played: dict[str, Storm] = {}
    for dialect in ("sqlite", "postgresql") if stage.full else ("sqlite",):
        with stage.database(dialect) as url:
            ahead = timedelta(seconds=stage.size(4, 15))
            played[dialect] = found = storm(url, stage.home, timers, stage.size(60, 600), ahead)
        finding.lost += found.missed
        finding.expect(found.early == 0, f"{dialect}: {found.early} fired early")
        if stage.full:
            finding.expect(found.slowed <= MOST_SLOWED, f"{dialect}: requests took {found.slowed:.1f} times as long")
    finding.figures = f"{timers:,} timers: " + "; ".join(
        f"{dialect} p99 {found.late(0.99):.1f} s late, requests {found.slowed:.1f} x their quiet p99"
        for dialect, found in played.items()
    )
    asleep = _nobody_wakes(stage, timers)
    finding.expect(asleep == timers, f"{timers - asleep} fired although nobody woke")
    finding.control = f"where nobody wakes, missed {asleep}"
    return finding


def _nobody_wakes(stage: Stage, timers: int) -> int:
    """How many of so many due timers are missed by a process without a waker."""
    clock = TestClock()
    with stage.engine("sqlite", clock) as engine:
        deploy(engine, timer())
        copy_instance(engine, start(engine, "timer").id, timers - 1)
        clock.advance(timedelta(days=2))
        return len(jobs(engine, executable=True))
