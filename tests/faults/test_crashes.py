"""Processes and databases that die, at the small size."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.finding import Stage
from tests.faults.suite import SUITE, hold

CRASHES = (1, 2, 3, 4, 8)


@pytest.mark.postgres
@pytest.mark.parametrize("number", CRASHES, ids=lambda number: SUITE[number][0])
def test_whoever_dies_nothing_is_lost_and_nothing_comes_twice(
    number: int, tmp_path: Path, postgres_server: str
) -> None:
    hold(number, Stage(tmp_path, postgres_server, full=False))
