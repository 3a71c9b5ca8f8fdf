"""Every fault at its small size, in files that run side by side; `make faults` plays the same at full size."""

from __future__ import annotations

import pytest

from tests.faults.finding import Finding
from tests.faults.suite import SUITE
from tests.faults.test_crashes import CRASHES
from tests.faults.test_crowds import CROWDS
from tests.faults.test_hostile import HOSTILE


def test_there_are_all_seventeen() -> None:
    assert list(SUITE) == list(range(1, 18)) == sorted((*CRASHES, *CROWDS, *HOSTILE))


@pytest.mark.parametrize("bad", [Finding(lost=1), Finding(duplicated=1), Finding(wrong=["the control found nothing"])])
def test_a_finding_is_bad_for_a_loss_a_duplicate_or_a_control_that_finds_nothing(bad: Finding) -> None:
    assert not bad.ok
    assert "FAILED" in str(bad)
    assert Finding().ok
