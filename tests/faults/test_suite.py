"""Every fault at its small size; `make faults` plays the same at full size."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.finding import Finding, Stage
from tests.faults.suite import SUITE


@pytest.mark.postgres
@pytest.mark.parametrize("number", SUITE, ids=lambda number: SUITE[number][0])
def test_nothing_is_lost_and_nothing_comes_twice(number: int, tmp_path: Path, postgres_server: str) -> None:
    _, fault = SUITE[number]
    finding = fault(Stage(tmp_path, postgres_server, full=False))
    print(finding)  # noqa: T201  (shown with -rP)
    assert finding.ok, str(finding)


def test_there_are_all_seventeen() -> None:
    assert list(SUITE) == list(range(1, 18))


@pytest.mark.parametrize("bad", [Finding(lost=1), Finding(duplicated=1), Finding(wrong=["the control found nothing"])])
def test_a_finding_is_bad_for_a_loss_a_duplicate_or_a_control_that_finds_nothing(bad: Finding) -> None:
    assert not bad.ok
    assert "FAILED" in str(bad)
    assert Finding().ok
