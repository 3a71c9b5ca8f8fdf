"""An engine with every shipped flow deployed, on a real database and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine import SYSTEM, ProcessEngine, Settings, TestClock, deploy_resources, upgrade
from workflows import bpmn_source, load_services

#: A Monday, ten o'clock in Stockholm.
MONDAY = datetime(2027, 2, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessEngine]:
    """One for all: no test counts what others started. `engine` puts its clock back."""
    home = tmp_path_factory.mktemp("workflows")
    url = f"sqlite:///{home}/onedoor.db"
    upgrade(url)
    engine = ProcessEngine(Settings(database_url=url, home=home), TestClock(MONDAY))
    with engine.command(SYSTEM) as context:
        for service in load_services():
            deploy_resources(context, service.key, [(service.resource_name, bpmn_source(service))])
    yield engine
    engine.close()


@pytest.fixture
def engine(shipped: ProcessEngine, clock: TestClock) -> ProcessEngine:
    clock.set(MONDAY)
    return shipped


@pytest.fixture
def clock(shipped: ProcessEngine) -> TestClock:
    assert isinstance(shipped.clock, TestClock)
    return shipped.clock


@pytest.fixture
def empty_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "leave_request"
    folder.mkdir()
    return folder
