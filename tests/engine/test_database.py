"""The schema, the connections, and who may hold the file."""

from __future__ import annotations

import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, inspect, null, select, text

from engine import (
    SYSTEM,
    CommandContext,
    DatabaseUnusable,
    InvalidInput,
    NotFound,
    OptimisticLocking,
    ProcessEngine,
    Settings,
    start_instance,
    upgrade,
)
from engine.database import connect
from engine.database.connect import Database
from engine.database.schema import HEAD, require_current, revision
from engine.database.tables import metadata
from tests.engine.play import TWO_TASKS, deploy, rows


def test_the_migrations_make_just_the_tables_that_the_engine_works_on(database_url: str) -> None:
    database = Database(database_url)
    options = {"compare_type": True, "include_name": _ours}
    with database.read() as connection, warnings.catch_warnings():
        # One over an expression can be made, but not be read back.
        warnings.filterwarnings("ignore", message=".*expression-based index|.*[Ee]xpression.* index", category=Warning)
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
        assert revision(connection) == HEAD
        assert {index.name for table in metadata.tables.values() for index in table.indexes} <= _indexes(connection)
        assert set(metadata.tables) < set(inspect(connection).get_table_names())
    database.close()
    assert differences == []


def _indexes(connection: Connection) -> set[str]:
    listed = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index'",
        "postgresql": "SELECT indexname FROM pg_indexes",
    }
    return set(connection.execute(text(listed[connection.dialect.name])).scalars())


def _ours(name: str | None, kind: str, parents: object) -> bool:
    """Procrastinate brings the tables that it works on itself."""
    return kind != "table" or not str(name).startswith("procrastinate_")


def test_upgrading_twice_does_nothing_the_second_time(database_url: str) -> None:
    upgrade(database_url)
    require_current(database_url)


def test_an_empty_database_is_refused_and_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="onedoor db upgrade"):
        ProcessEngine(Settings(f"sqlite:///{tmp_path}/empty.db", tmp_path))


@pytest.mark.parametrize(("found", "told"), [("9999", "Install the release"), ("0000", "onedoor db upgrade")])
def test_a_schema_of_another_release_is_refused_and_told_what_to_do(
    database_url: str, tmp_path: Path, found: str, told: str
) -> None:
    database = Database(database_url)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": found})
    database.close()
    with pytest.raises(DatabaseUnusable, match=told):
        ProcessEngine(Settings(database_url, tmp_path))


def test_a_later_schema_is_never_upgraded_backwards(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(DatabaseUnusable, match="9999"):
        upgrade(database_url)


def test_a_database_of_another_kind_is_refused() -> None:
    with pytest.raises(DatabaseUnusable, match="SQLite and PostgreSQL"):
        Database("mysql://localhost/x")


def test_sqlite_writes_ahead_waits_for_the_disk_and_keeps_foreign_keys(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with database.write() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        }
    database.close()
    assert settings == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000, "secure_delete": 1,
    }  # fmt: skip


def test_who_has_patience_for_so_long_waits_no_longer_for_the_one_writer(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with database.write():
            holding.set()
            done.wait(30)

    other = threading.Thread(target=hold)
    other.start()
    assert holding.wait(30)
    try:
        with pytest.raises(OptimisticLocking), database.write(patience_s=0.05):
            pass
    finally:
        done.set()
        other.join(30)
    with database.write(patience_s=0.05) as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    database.close()


def test_a_database_that_can_only_be_read_is_said_to_be_unusable(database_url: str) -> None:
    database = Database(database_url)
    only_reading = "SET TRANSACTION READ ONLY" if database.dialect == "postgresql" else "PRAGMA query_only=ON"

    def write() -> None:
        with database.write() as connection:
            connection.exec_driver_sql(only_reading)
            connection.exec_driver_sql("DELETE FROM draft")

    with pytest.raises(DatabaseUnusable):
        write()
    database.close()


def test_capitals_beyond_english_are_the_same_letters(database_url: str) -> None:
    database = Database(database_url)
    with database.read() as connection:
        assert connection.execute(select(func.lower("ÅSA ÖBERG"), func.lower(null()))).one() == ("åsa öberg", None)
    database.close()


def test_an_erasure_is_done_though_the_journal_cannot_be_cut(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while somebody reads for longer than it waits."""
    monkeypatch.setattr(connect, "_FOR_READERS_MS", 1)
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        database.forget_deleted()
    assert "until the next erasure or the end: somebody reads" in caplog.text
    database.close()


def test_what_was_deleted_stands_in_no_file_of_sqlite(tmp_path: Path) -> None:
    def stands() -> bool:
        return any(b"Stora Nygatan 4711" in each.read_bytes() for each in tmp_path.glob("x.db*"))

    database = Database(f"sqlite:///{tmp_path}/x.db")
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER PRIMARY KEY, said TEXT)")
        connection.exec_driver_sql("INSERT INTO t (said) VALUES ('Stora Nygatan 4711'), ('other')")
    database.forget_deleted()
    assert stands()
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM t WHERE id = 1")
    assert stands()  # in the journal, as it was before
    database.forget_deleted()
    assert not stands()
    database.close()


def test_no_commit_is_lost_when_many_threads_write_one_row(database_url: str) -> None:
    """Read, add one, write, from eight threads: SQLAlchemy's own set-up of SQLite loses a quarter of these."""
    database = Database(database_url)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    lock = "" if database.dialect == "sqlite" else " FOR UPDATE"

    def count() -> None:
        for _ in range(25):
            with database.write() as connection:
                found = connection.execute(text(f"SELECT n FROM counter{lock}")).scalar_one()
                connection.execute(text("UPDATE counter SET n = :n"), {"n": found + 1})

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with database.read() as connection:
        assert connection.execute(text("SELECT n FROM counter")).scalar_one() == 200
    database.close()


def test_a_command_inside_a_command_is_refused_instead_of_waiting_for_itself(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with database.write(), pytest.raises(RuntimeError, match="inside another"), database.write():
        pass
    with database.write() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    database.close()


def test_a_query_is_one_view_whatever_is_committed_meanwhile(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER)"))
    with database.read() as reading:
        assert reading.execute(text("SELECT count(*) FROM counter")).scalar_one() == 0
        with database.write() as writing:
            writing.execute(text("INSERT INTO counter VALUES (1)"))
        assert reading.execute(text("SELECT count(*) FROM counter")).scalar_one() == 0
    with database.read() as reading:
        assert reading.execute(text("SELECT count(*) FROM counter")).scalar_one() == 1
    database.close()


def test_a_database_that_is_not_there_is_told_in_our_words(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/no/such/folder/x.db")
    with pytest.raises(DatabaseUnusable, match="cannot be used"), database.write():
        pass
    database.close()


@pytest.mark.parametrize("value", ["\ud800", 10**40])
def test_a_value_that_no_row_can_hold_is_refused_and_leaves_no_trace(database_url: str, value: object) -> None:
    database = Database(database_url)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE kept (number BIGINT, word TEXT)"))
    column = "word" if isinstance(value, str) else "number"
    insert = text(f"INSERT INTO kept ({column}) VALUES (:value)")
    with pytest.raises(InvalidInput, match="cannot hold"), database.write() as connection:
        connection.execute(insert, [{"value": None}, {"value": value}])
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM kept")).scalar_one() == 0
    database.close()


def test_a_reader_is_not_held_up_by_a_writer(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    with engine.command(SYSTEM) as writing:
        start_instance(writing, key="p")
        with engine.query(SYSTEM) as reading:
            assert reading.connection.execute(text("SELECT count(*) FROM task")).scalar_one() == 0


#: Where a deployment leaves something.
DEPLOYED = {"department", "deployment", "resource", "process_definition", "definition_party", "user_operation_log"}


def test_an_exception_leaves_no_trace_of_the_command(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    told: list[str] = []

    def fail_at_last(context: CommandContext) -> None:
        start_instance(context, key="p")
        context.after_commit.append(lambda: told.append("committed"))
        raise RuntimeError

    with pytest.raises(RuntimeError), engine.command(SYSTEM) as context:
        fail_at_last(context)
    for table in metadata.sorted_tables:
        if table.name not in DEPLOYED:
            assert rows(engine, table) == [], table.name
    assert told == []


def test_what_waits_for_the_commit_is_called_after_it(engine: ProcessEngine) -> None:
    deploy(engine, TWO_TASKS)
    found: list[int] = []

    def look() -> None:
        with engine.query(SYSTEM) as context:
            found.append(context.connection.execute(text("SELECT count(*) FROM task")).scalar_one())

    with engine.command(SYSTEM) as context:
        start_instance(context, key="p")
        context.after_commit.append(look)
    assert found == [1]


def test_a_second_server_on_one_file_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    upgrade(url)
    first, second = (ProcessEngine(Settings(url, tmp_path)) for _ in range(2))
    first.hold_database()
    with pytest.raises(DatabaseUnusable, match="Another Onedoor server"):
        second.hold_database()
    first.close()
    second.hold_database()
    second.close()


def test_a_server_killed_without_warning_leaves_the_file_free(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    upgrade(url)
    holder = (
        "import sys; from engine.database.hold import hold; "
        "kept = hold(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", holder, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    assert server.stdout.readline() == "held\n"
    engine = ProcessEngine(Settings(url, tmp_path))
    with pytest.raises(DatabaseUnusable, match=str(server.pid)):
        engine.hold_database()
    server.kill()
    server.communicate(timeout=10)
    engine.hold_database()
    engine.close()


def test_nothing_is_found_is_an_error_that_names_it(engine: ProcessEngine) -> None:
    with pytest.raises(NotFound, match="unheard-of"), engine.command(SYSTEM) as context:
        start_instance(context, key="unheard-of")
