from __future__ import annotations

import pytest

from tests.execution.play import Play


@pytest.fixture(params=["native", "spiff"])
def play(request: pytest.FixtureRequest) -> Play:
    """The model of the test: `tests/bpmn_models/execution/`, named as the test is; on each executor."""
    return Play(request.function.__name__.removeprefix("test_"), request.param)
