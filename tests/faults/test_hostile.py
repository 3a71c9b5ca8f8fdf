"""Whoever means harm, at the small size."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.finding import Stage
from tests.faults.suite import SUITE, hold

HOSTILE = (13, 14, 15)


#: Of a form that breaks off in the middle of a file, Werkzeug leaves what it had of it to the collector.
LEFT_OPEN = "ignore:.*(SpooledTemporaryFile|_io.FileIO):pytest.PytestUnraisableExceptionWarning"


@pytest.fixture
def swept() -> Iterator[None]:
    """What is left open is collected here, and not in the midst of another test."""
    yield
    gc.collect()


@pytest.mark.usefixtures("swept")
@pytest.mark.filterwarnings(LEFT_OPEN)
@pytest.mark.postgres
@pytest.mark.parametrize("number", HOSTILE, ids=lambda number: SUITE[number][0])
def test_nobody_gets_out_in_or_on_for_ever(number: int, tmp_path: Path, postgres_server: str) -> None:
    hold(number, Stage(tmp_path, postgres_server, full=False))
