"""The faults, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.faults import (
    broken,
    clocks,
    completing,
    cuts,
    expressions,
    kills,
    loops,
    pauses,
    poison,
    restarts,
    routes,
    timers,
    upgrades,
    uploads,
    writers,
)
from tests.faults.finding import Finding, Stage

SUITE: Mapping[int, tuple[str, Callable[[Stage], Finding]]] = {
    1: ("kill -9 at 5 points, PostgreSQL", kills.on_postgresql),
    2: ("kill -9 at 5 points, embedded", kills.embedded),
    3: ("stop past the lease", pauses.past_the_lease),
    4: ("database restarts under kills", restarts.database_restarts),
    5: ("duplicate completion", completing.duplicate_completion),
    6: ("idempotent replay", completing.idempotent_replay),
    7: ("SQLite, threads and scheduler", writers.one_file),
    8: ("poison jobs", poison.poison_jobs),
    9: ("timers due at once", timers.due_at_once),
    10: ("clocks an hour wrong", clocks.an_hour_wrong),
    11: ("disk full; database far away", broken.disk_and_distance),
    12: ("cut connections", cuts.cut_connections),
    13: ("expression payloads and random ones", expressions.payloads_and_fuzz),
    14: ("hostile uploads", uploads.hostile_uploads),
    15: ("every route for everybody", routes.every_route),
    16: ("a loop of 10,000 turns", loops.ten_thousand_turns),
    17: ("instances saved by earlier releases", upgrades.earlier_releases),
}


def hold(number: int, stage: Stage) -> None:
    """Plays one, and fails if anything was lost, came twice or is otherwise wrong."""
    finding = SUITE[number][1](stage)
    print(finding)  # noqa: T201  (shown with -rP)
    assert finding.ok, str(finding)
