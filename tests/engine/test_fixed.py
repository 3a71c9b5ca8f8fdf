"""Statements that are written as SQL once, alone and several together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    event,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from engine.database.connect import Database
from engine.database.fixed import Batch, Fixed, send_together
from tests.engine.conftest import written_twice

TABLE = Table("noted", MetaData(), Column("id", Integer, primary_key=True), Column("said", String))
WIDE = Table(
    "wide", TABLE.metadata, Column("id", Integer, primary_key=True), *(Column(f"c{n}", String) for n in range(29))
)
PUT = Fixed(insert(TABLE))
SAY = Fixed(update(TABLE).where(TABLE.c.id == bindparam("row_id")).values(said=bindparam("said")))
DROP = Fixed(delete(TABLE).where(TABLE.c.id == bindparam("row_id")))


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """Within a transaction, with 1 and 2 noted."""
    database = Database(database_url)
    with database.write() as made:
        TABLE.metadata.create_all(made)
        PUT.send(made, {"id": 1, "said": "a"}, {"said": "b", "id": 2})
        yield made
    database.close()


@contextmanager
def sent(connection: Connection) -> Iterator[list[str]]:
    """The SQL that is sent meanwhile."""
    found: list[str] = []

    def hear(*given: object) -> None:
        found.append(str(given[2]))

    event.listen(connection, "before_cursor_execute", hear)
    yield found
    event.remove(connection, "before_cursor_execute", hear)


def noted(connection: Connection) -> list[tuple[int, str]]:
    return [(row.id, row.said) for row in connection.execute(select(TABLE).order_by(TABLE.c.id))]


def test_a_row_with_other_names_than_the_first_is_refused(connection: Connection) -> None:
    for other in ({"id": 3}, {"id": 3, "said": "c", "more": 1}):
        with pytest.raises(ValueError, match="the same names: id, said"):
            PUT.send(connection, {"id": 4, "said": "d"}, other)
        with pytest.raises(ValueError, match="the same names: id, said"):
            send_together(connection, [(PUT, [{"id": 4, "said": "d"}, other])])
    assert noted(connection) == [(1, "a"), (2, "b")]


@pytest.mark.parametrize(("row_id", "changed"), [(1, 1), (7, 0)])
def test_writes_together_all_happen_and_tell_what_the_first_changed(
    connection: Connection, row_id: int, changed: int
) -> None:
    batches: Sequence[Batch] = [
        (SAY, [{"row_id": row_id, "said": "aa"}]),
        (DROP, [{"row_id": 2}]),
        (PUT, [{"id": 3, "said": "c"}, {"id": 4, "said": None}]),
    ]
    with sent(connection) as statements:
        assert send_together(connection, batches) == changed
    assert len(statements) == {"sqlite": 3, "postgresql": 1}[connection.dialect.name]
    assert noted(connection) == [(1, "aa" if changed else "a"), (3, "c"), (4, None)]


def test_a_percent_sign_stays_one_alone_and_together(connection: Connection) -> None:
    all_of_it = Fixed(update(TABLE).where(TABLE.c.id == bindparam("row_id")).values(said=literal_column("'100%'")))
    all_of_it.send(connection, {"row_id": 1})
    send_together(connection, [(all_of_it, [{"row_id": 2}]), (PUT, [{"id": 3, "said": "5%"}])])
    assert noted(connection) == [(1, "100%"), (2, "100%"), (3, "5%")]


def test_what_the_driver_would_read_anew_each_time_is_sent_as_several(connection: Connection) -> None:
    """psycopg remembers how it reads a statement of 50 parameters and 4,096 bytes."""
    put = Fixed(insert(WIDE))
    rows = [{"id": n, **{f"c{each}": "x" for each in range(29)}} for n in range(3)]
    with sent(connection) as statements:
        send_together(connection, [(SAY, [{"row_id": 1, "said": "aa"}]), (put, rows)])
    if connection.dialect.name == "postgresql":
        assert [each.count("INSERT INTO") for each in statements] == [1, 1, 1]
        assert all(each.count("%(") <= 50 and len(each.encode()) <= 4_096 for each in statements)
    assert len(connection.execute(select(WIDE)).all()) == 3
    assert noted(connection)[0] == (1, "aa")


def test_many_rows_go_as_one_batch_for_each_statement(connection: Connection) -> None:
    rows = [{"id": n, "said": "x"} for n in range(3, 43)]
    with sent(connection) as statements:
        assert send_together(connection, [(SAY, [{"row_id": 1, "said": "aa"}]), (PUT, rows)]) == 1
    assert len(statements) == 2
    assert len(noted(connection)) == 42


def test_a_number_that_is_taken_undoes_all_that_was_sent_with_it(connection: Connection) -> None:
    savepoint = connection.begin_nested()
    with pytest.raises(IntegrityError):
        send_together(connection, [(SAY, [{"row_id": 1, "said": "aa"}]), (PUT, [{"id": 2, "said": "again"}])])
    savepoint.rollback()
    assert noted(connection) == [(1, "a"), (2, "b")]


def test_the_watch_over_all_tests_sees_a_row_that_is_written_twice() -> None:
    batches: list[Batch] = [(SAY, [{"row_id": 1, "said": "aa"}]), (PUT, [{"id": 2, "said": "b"}])]
    assert written_twice(batches) == []
    assert written_twice([*batches, (DROP, [{"row_id": 2}])]) == [("noted", 2)]
