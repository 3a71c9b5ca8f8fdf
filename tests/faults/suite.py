"""The faults, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.faults import kills
from tests.faults.finding import Finding, Stage

SUITE: Mapping[str, Callable[[Stage], Finding]] = {
    "kill -9 at 5 points, PostgreSQL": kills.on_postgresql,
    "kill -9 at 5 points, embedded": kills.embedded,
}
