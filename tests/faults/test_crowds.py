"""Crowds, clocks, disks and lines, at the small size."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.finding import Stage
from tests.faults.suite import SUITE, hold

CROWDS = (5, 6, 7, 9, 10, 11, 12, 16, 17)


@pytest.mark.postgres
@pytest.mark.parametrize("number", CROWDS, ids=lambda number: SUITE[number][0])
def test_whatever_happens_nothing_is_lost_and_nothing_comes_twice(
    number: int, tmp_path: Path, postgres_server: str
) -> None:
    hold(number, Stage(tmp_path, postgres_server, full=False))
