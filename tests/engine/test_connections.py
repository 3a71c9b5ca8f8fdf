"""What a connection to PostgreSQL is told for one use does not outlive it, whoever uses it next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import ProgrammingError

from engine import DatabaseUnusable
from engine.database.connect import Database
from engine.database.cursors import Cursor

pytestmark = pytest.mark.postgres
_COUNT = text("SELECT count(*) FROM t")
_ADD = text("INSERT INTO t VALUES (1)")


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    made = Database(postgres_url)
    with made.write() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
    yield made
    made.close()


def rows(database: Database) -> int:
    with database.glance() as connection:
        return int(connection.execute(_COUNT).scalar_one())


def driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def fail(database: Database, using: Any) -> None:
    with database.write() as connection:
        assert driver(connection) is using
        connection.execute(_ADD)
        raise ZeroDivisionError


def test_a_glance_is_no_transaction(database: Database) -> None:
    with database.glance() as connection:
        connection.execute(_COUNT)
        assert driver(connection).info.transaction_status == psycopg.pq.TransactionStatus.IDLE


@pytest.mark.parametrize("statement", ["SELECT 1", "SELECT nothing"])
def test_after_a_glance_the_same_connection_takes_back_what_fails(database: Database, statement: str) -> None:
    try:
        with database.glance() as connection:
            glanced = driver(connection)
            connection.execute(text(statement))
    except ProgrammingError:
        assert statement == "SELECT nothing"
    with pytest.raises(ZeroDivisionError):
        fail(database, glanced)
    assert rows(database) == 0


@pytest.mark.parametrize("statement", ["SELECT 1", "SELECT nothing"])
def test_after_a_view_the_same_connection_writes_and_looks_anew(database: Database, statement: str) -> None:
    try:
        with database.read() as connection:
            viewed = driver(connection)
            assert connection.execute(text("SHOW transaction_isolation")).scalar_one() == "repeatable read"
            assert connection.execute(text("SHOW transaction_read_only")).scalar_one() == "on"
            connection.execute(text(statement))
    except ProgrammingError:
        assert statement == "SELECT nothing"
    with database.write() as connection:
        assert driver(connection) is viewed
        assert connection.execute(text("SHOW transaction_isolation")).scalar_one() == "read committed"
        connection.execute(_ADD)
    assert rows(database) == 1


def test_a_connection_that_comes_back_amid_a_transaction_keeps_nothing_of_it(database: Database) -> None:
    with database.engine.connect() as connection:
        left = driver(connection)
        connection.execute(_ADD)
    with database.glance() as connection:
        assert driver(connection) is left
        left.execute("BEGIN")
        left.execute("INSERT INTO t VALUES (1)")
    assert rows(database) == 0


def test_a_connection_that_was_cut_is_told_in_our_words_and_replaced(database: Database) -> None:
    for use in (database.glance, database.read):
        with pytest.raises(DatabaseUnusable, match="terminat"), use() as connection:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        assert rows(database) == 0


def test_the_columns_of_an_answer_are_made_when_they_are_looked_at(database: Database) -> None:
    with database.glance() as connection:
        cursor = driver(connection).cursor()
        assert isinstance(cursor, Cursor)
        columns = cursor.execute("SELECT 1 AS one, 'x' AS two").description
        assert len(columns) == 2
        assert [columns[1].name, *(each.name for each in columns)] == ["two", "one", "two"]
        assert columns[0].type_code != columns[1].type_code
        unseen = cursor.description
        assert cursor.execute("SET application_name = 'onedoor'").description is None
        with pytest.raises(psycopg.InterfaceError, match="is gone"):
            unseen[0]
        assert connection.execute(text("SELECT 1 AS one, 2 AS two")).one()._asdict() == {"one": 1, "two": 2}


def test_a_statement_that_is_known_asks_for_no_columns(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = select(text("n")).select_from(text("t"))
    with database.glance() as connection:
        connection.execute(asked).all()

        def column(*_: object) -> None:
            raise AssertionError("a column was made")

        monkeypatch.setattr(psycopg, "Column", column)
        assert connection.execute(asked).all() == []
