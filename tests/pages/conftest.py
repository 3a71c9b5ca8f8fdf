"""The pages over a real engine on SQLite with the demo in it, and a clock that stands still."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from api.app import attach
from api.demo import seed_flows, seed_people
from engine import ProcessEngine, Settings, TestClock, upgrade
from tests.applications import application
from tests.pages.person import Person

#: A Monday, ten o'clock in Stockholm.
MONDAY = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
#: What a hiring manager writes when somebody begins on Monday 12 April 2027.
HIRE = {
    "employeeName": "Nils Ek",
    "firstDay": "2027-04-12",
    "position": "Controller",
    "manager": "maria",
    "newEmployee": "nils",
}


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo in it: hashing the passwords takes a second, so it is done once."""
    path = tmp_path_factory.mktemp("pages") / "template.db"
    url = f"sqlite:///{path}"
    upgrade(url)
    engine = ProcessEngine(Settings(url, path.parent), TestClock(MONDAY))
    seed_people(engine)
    seed_flows(engine)
    engine.close()
    return path


@pytest.fixture
def clock() -> TestClock:
    return TestClock(MONDAY)


@pytest.fixture
def engine(demo_template: Path, tmp_path: Path, clock: TestClock) -> Iterator[ProcessEngine]:
    shutil.copy(demo_template, tmp_path / "onedoor.db")
    made = ProcessEngine(Settings(f"sqlite:///{tmp_path}/onedoor.db", tmp_path, test_clock=True), clock)
    yield made
    made.close()


@pytest.fixture(scope="session")
def one_app(demo_template: Path) -> Iterator[Flask]:
    with application(demo_template, demo=True) as shared:
        yield shared


@pytest.fixture
def app(one_app: Flask, engine: ProcessEngine) -> Flask:
    attach(one_app, engine)
    return one_app


@pytest.fixture
def somebody(app: Flask) -> Callable[..., Person]:
    """Signs any of the demo people in."""
    return lambda user_id, **more: Person(app, user_id, **more)


@pytest.fixture
def journey(app: Flask) -> str:
    """The address of an onboarding that Maria has just started."""
    return Person(app, "maria").start("onboarding", HIRE)
