"""Whoever means harm, at the small size."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.finding import Stage
from tests.faults.suite import SUITE, hold

HOSTILE = (13, 14, 15)


@pytest.mark.postgres
@pytest.mark.parametrize("number", HOSTILE, ids=lambda number: SUITE[number][0])
def test_nobody_gets_out_in_or_on_for_ever(number: int, tmp_path: Path, postgres_server: str) -> None:
    hold(number, Stage(tmp_path, postgres_server, full=False))
