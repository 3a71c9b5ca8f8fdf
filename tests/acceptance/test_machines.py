"""Three servers and two workers on one PostgreSQL, as the README runs them, killed at random while people work."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.acceptance.cluster import Cluster

SEED = int(os.environ.get("ONEDOOR_TEST_SEED", "4"))


@pytest.mark.postgres
@pytest.mark.slow
def test_three_servers_and_two_workers_lose_nothing_and_repeat_nothing_when_they_are_killed(
    tmp_path: Path, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Cluster(tmp_path, postgres_url, seed=SEED) as cluster:
        tally = cluster.survive(instances=30, kills=8)
    with capsys.disabled():
        sys.stdout.write(f"\nseed {SEED}: {tally} ")
    assert (tally.kills, tally.lost, tally.duplicated, tally.incidents) == (8, 0, 0, 0)
    assert tally.unfenced > 0, "no kill hit between a job's work and its commit: this run shows nothing"
