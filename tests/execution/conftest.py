from __future__ import annotations

import pytest

from tests.execution.play import Play


@pytest.fixture
def play(request: pytest.FixtureRequest) -> Play:
    """The model of the test: `tests/bpmn_models/execution/`, named as the test is."""
    return Play(request.function.__name__.removeprefix("test_"))
