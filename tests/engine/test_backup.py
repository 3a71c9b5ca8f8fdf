"""A backup is one moment of everything, and goes into either database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from engine import (
    SYSTEM,
    DatabaseUnusable,
    ProcessEngine,
    Settings,
    SystemClock,
    backup,
    complete_task,
    restore,
    run_due,
)
from engine.database.connect import Database
from engine.database.tables import metadata
from tests.conftest import postgres_database
from tests.engine.play import (
    END,
    START,
    TWO_TASKS,
    bpmn,
    complete,
    deploy,
    flow,
    rows,
    start,
    tasks,
    user_task,
    waiting,
)

TIMER = bpmn(
    START
    + '<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
    + "</timerEventDefinition></intermediateCatchEvent>"
    + user_task("after")
    + END
    + flow("start", "wait", "after", "end"),
    "t",
)


def complete_any(engine: ProcessEngine, activity_id: str) -> None:
    with engine.command(SYSTEM) as context:
        complete_task(context, tasks(engine, activity_id=activity_id)[0].id)


@pytest.fixture(params=["to sqlite", pytest.param("to postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a backup goes: a database that nothing was ever in."""
    if request.param == "to sqlite":
        yield f"sqlite:///{tmp_path}/restored.db"
    else:
        with postgres_database(request.getfixturevalue("postgres_server")) as url:
            yield url


def test_what_was_backed_up_is_restored_to_the_last_row_and_goes_on(
    engine: ProcessEngine, empty_url: str, tmp_path: Path
) -> None:
    deploy(engine, TWO_TASKS)
    deploy(engine, TIMER, "t", "t.bpmn")
    for _ in range(3):
        start(engine, variables={"name": "Åsa", "n": 2**40, "list": [1, None, {"a": True}]})
    complete_any(engine, "first")
    start(engine, "t")
    counts = backup(engine.settings.database_url, tmp_path / "b.backup")
    assert restore(tmp_path / "b.backup", empty_url) == counts
    assert [path.name for path in tmp_path.glob("b.backup*")] == ["b.backup"]

    restored = ProcessEngine(Settings(empty_url, tmp_path), engine.clock)
    try:
        for table in metadata.sorted_tables:
            assert sorted(map(repr, rows(restored, table))) == sorted(map(repr, rows(engine, table))), table.name
        engine.clock.set(SystemClock().now().replace(year=2100))
        assert run_due(restored) == 1
        assert waiting(restored) == ["after", "first", "first", "second"]
        complete(restored, "second")
        complete(restored, "after")
        start(restored)  # rows that the database numbers are counted on
        assert waiting(restored) == ["first", "first", "first"]
    finally:
        restored.close()


def test_a_backup_taken_while_people_work_is_a_moment_between_two_commands(
    engine: ProcessEngine, tmp_path: Path
) -> None:
    """Every instance in it agrees with its rows: each has just one open task, and can be finished."""
    deploy(engine, TWO_TASKS)
    stop = threading.Event()
    done, allowed = 0, 0

    def work() -> None:
        nonlocal done
        while not stop.is_set():
            if done == allowed:
                stop.wait(0.001)
                continue
            start(engine)
            complete_any(engine, "first")
            done += 1

    working = threading.Thread(target=work)
    working.start()
    try:
        found = []
        for number in range(3):
            allowed += 20  # so that however fast it is, the next one finds more
            while done < 20 * number + 1:
                assert working.is_alive()
                stop.wait(0.01)
            file, url = tmp_path / f"{number}.backup", f"sqlite:///{tmp_path}/{number}.db"
            counts = backup(engine.settings.database_url, file)
            restore(file, url)
            restored = ProcessEngine(Settings(url, tmp_path), engine.clock)
            try:
                assert counts["process_instance"] == counts["task"] == len(waiting(restored)) > 0
                for activity_id in ("first", "second"):
                    for _ in tasks(restored, activity_id=activity_id):
                        complete_any(restored, activity_id)
                assert rows(restored, metadata.tables["process_instance"]) == []
            finally:
                restored.close()
            found.append(counts["historic_process_instance"])
    finally:
        stop.set()
        working.join(60)
    assert found[0] < found[1] < found[2]


def test_a_database_with_anything_in_it_is_not_restored_into(engine: ProcessEngine, tmp_path: Path) -> None:
    deploy(engine, TWO_TASKS)
    backup(engine.settings.database_url, tmp_path / "b.backup")
    with pytest.raises(DatabaseUnusable, match=r"not empty.*deployment"):
        restore(tmp_path / "b.backup", engine.settings.database_url)
    assert len(rows(engine, metadata.tables["deployment"])) == 1


def test_a_backup_never_replaces_a_file(engine: ProcessEngine, tmp_path: Path) -> None:
    (tmp_path / "b.backup").write_text("mine")
    with pytest.raises(DatabaseUnusable, match="there already"):
        backup(engine.settings.database_url, tmp_path / "b.backup")
    assert (tmp_path / "b.backup").read_text() == "mine"


def test_a_backup_that_cannot_be_written_leaves_nothing(engine: ProcessEngine, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable):
        backup(engine.settings.database_url, tmp_path / "no such folder" / "b.backup")
    assert not list(tmp_path.glob("**/*.part*"))


@pytest.mark.parametrize("damage", ["cut", "garbage", "empty", "foreign", "missing"])
def test_what_is_no_whole_backup_is_refused_and_leaves_the_database_alone(
    engine: ProcessEngine, tmp_path: Path, damage: str
) -> None:
    deploy(engine, TWO_TASKS)
    file = tmp_path / "b.backup"
    if damage == "foreign":
        database = Database(f"sqlite:///{file}")
        with database.write() as connection:
            connection.execute(text("CREATE TABLE x (n INTEGER)"))
        database.close()
    elif damage != "missing":
        backup(engine.settings.database_url, file)
        whole = file.read_bytes()
        file.write_bytes({"cut": whole[: len(whole) // 2], "garbage": b"PNG" * 2000, "empty": b""}[damage])
    url = f"sqlite:///{tmp_path}/fresh.db"
    with pytest.raises(DatabaseUnusable, match=r"no whole backup|There is no file"):
        restore(file, url)
    assert restored_tables(url) == []


def restored_tables(url: str) -> list[str]:
    database = Database(url)
    with database.read() as connection:
        found = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
    database.close()
    return list(found)


def test_a_backup_of_a_later_release_is_refused(engine: ProcessEngine, tmp_path: Path) -> None:
    file = tmp_path / "b.backup"
    backup(engine.settings.database_url, file)
    database = Database(f"sqlite:///{file}")
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(DatabaseUnusable, match="9999"):
        restore(file, f"sqlite:///{tmp_path}/fresh.db")


def test_a_database_that_a_server_holds_is_not_restored_into(engine: ProcessEngine, tmp_path: Path) -> None:
    file, url = tmp_path / "b.backup", f"sqlite:///{tmp_path}/held.db"
    backup(engine.settings.database_url, file)
    restore(file, url)
    server = ProcessEngine(Settings(url, tmp_path))
    server.hold_database()
    with pytest.raises(DatabaseUnusable, match="Another Onedoor server"):
        restore(file, url)
    server.close()
