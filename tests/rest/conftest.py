"""The application over a real engine on SQLite, with the demo people in it and a clock that stands still."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from werkzeug.serving import make_server

from api.app import attach, create_app
from api.demo import PASSWORD, seed_people
from engine import ProcessEngine, Settings, TestClock, upgrade
from tests.applications import application
from tests.conftest import postgres_database
from tests.rest.client import Client

#: A Monday, ten o'clock in Stockholm.
MONDAY = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)

MakeEngine = Callable[..., ProcessEngine]


@pytest.fixture(scope="session")
def people_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the schema and the demo people: hashing their passwords takes a second, so it is done once."""
    path = tmp_path_factory.mktemp("rest") / "template.db"
    url = f"sqlite:///{path}"
    upgrade(url)
    engine = ProcessEngine(Settings(url, path.parent), TestClock(MONDAY))
    seed_people(engine)
    engine.close()
    return path


@pytest.fixture
def clock() -> TestClock:
    return TestClock(MONDAY)


@pytest.fixture
def make_engine(people_template: Path, tmp_path: Path, clock: TestClock) -> Iterator[MakeEngine]:
    made: list[ProcessEngine] = []

    def make(*, test_clock: bool = True) -> ProcessEngine:
        file = tmp_path / f"onedoor{len(made)}.db"
        shutil.copy(people_template, file)
        made.append(ProcessEngine(Settings(f"sqlite:///{file}", tmp_path, test_clock=test_clock), clock))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture
def engine(make_engine: MakeEngine) -> ProcessEngine:
    return make_engine()


@pytest.fixture(scope="session")
def people_postgres(postgres_server: str) -> str:
    """The name of a PostgreSQL database with the same in it."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE onedoor_people")
    url = postgres_server.replace("/postgres?", "/onedoor_people?")
    upgrade(url)
    engine = ProcessEngine(Settings(url, Path()), TestClock(MONDAY))
    seed_people(engine)
    engine.close()
    return "onedoor_people"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either_engine(request: pytest.FixtureRequest, clock: TestClock, tmp_path: Path) -> Iterator[ProcessEngine]:
    """For modules whose `engine` is to be on both databases."""
    if request.param == "sqlite":
        yield request.getfixturevalue("make_engine")()
        return
    server, template = request.getfixturevalue("postgres_server"), request.getfixturevalue("people_postgres")
    with postgres_database(server, template) as url:
        engine = ProcessEngine(Settings(url, tmp_path, test_clock=True), clock)
        yield engine
        engine.close()


@pytest.fixture(scope="session")
def one_app(people_template: Path) -> Iterator[Flask]:
    with application(people_template, demo=True) as shared:
        yield shared


@pytest.fixture
def app(one_app: Flask, engine: ProcessEngine) -> Flask:
    attach(one_app, engine)
    return one_app


@pytest.fixture
def admin(app: Flask) -> Client:
    return Client(app, "admin", PASSWORD)


@pytest.fixture
def somebody(app: Flask) -> Callable[[str], Client]:
    """Signs any of the demo people in."""
    return lambda user_id: Client(app, user_id, PASSWORD)


@pytest.fixture(scope="session")
def server(people_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server on loopback, for clients that bring their own HTTP."""
    home = tmp_path_factory.mktemp("server")
    shutil.copy(people_template, home / "onedoor.db")
    engine = ProcessEngine(Settings(f"sqlite:///{home}/onedoor.db", home, test_clock=True), TestClock(MONDAY))
    listening = make_server("127.0.0.1", 0, create_app(engine), threaded=True)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join(10)
    listening.server_close()
    engine.close()
