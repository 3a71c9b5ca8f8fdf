"""An engine on a database of its own, once on SQLite and once on PostgreSQL, with a clock that stands still."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection

from engine import MailServer, ProcessEngine, Settings, TestClock, recording, upgrade
from engine.database.fixed import Batch
from tests.conftest import postgres_database
from tests.mailbox import Mailbox, mail_server

#: A Monday, ten o'clock in Stockholm.
MONDAY = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE onedoor_template")
    upgrade(postgres_server.replace("/postgres?", "/onedoor_template?"))
    return "onedoor_template"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with this release's schema and nothing in it."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "onedoor.db")
        yield f"sqlite:///{tmp_path}/onedoor.db"
    else:
        server = request.getfixturevalue("postgres_server")
        with postgres_database(server, request.getfixturevalue("postgres_template")) as url:
            yield url


@pytest.fixture
def clock() -> TestClock:
    return TestClock(MONDAY)


@pytest.fixture
def engine(database_url: str, tmp_path: Path, clock: TestClock) -> Iterator[ProcessEngine]:
    engine = ProcessEngine(Settings(database_url, tmp_path), clock)
    yield engine
    engine.close()


@pytest.fixture(autouse=True)
def _each_row_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL keeps one of two writes of a row within one statement, and says nothing of the other."""
    send = recording.send_together

    def watched(connection: Connection, batches: Sequence[Batch]) -> int:
        assert not (twice := written_twice(batches)), f"written twice in one statement: {twice}"
        return send(connection, batches)

    monkeypatch.setattr(recording, "send_together", watched)


def written_twice(batches: Sequence[Batch]) -> list[tuple[object, ...]]:
    """Table and primary key of what more than one part touches. A key that the database gives is nobody else's."""
    touched = Counter(
        (statement.table.name, *key)
        for statement, rows in batches
        for row in rows
        if None not in (key := [row.get("row_id", row.get(each.name)) for each in statement.table.primary_key])
    )
    return [key for key, times in touched.items() if times > 1]


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, MailServer]]:
    with mail_server() as found:
        yield found
