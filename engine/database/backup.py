"""Backups: one SQLite file with every row, taken from SQLite or PostgreSQL while work goes on, and put back into
either.

The rows are read in one view of the database, so a backup is the state between two commands. It is written beside its
place and moved there at the end: a backup that exists is whole.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from pathlib import Path

from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import DatabaseError

from engine.database.connect import Database
from engine.database.hold import hold
from engine.database.schema import require_current, revision, upgrade
from engine.database.tables import metadata
from engine.errors import DatabaseUnusable

#: Rows that are held in memory at a time.
BATCH = 500


def backup(database_url: str, file: Path) -> dict[str, int]:
    """Writes everything to a new file; how many rows of which table. A server may go on working meanwhile.

    Raises DatabaseUnusable if the file is there already, cannot be written, or the schema is not this release's.
    """
    if file.exists():
        raise DatabaseUnusable(f"{file} is there already: a backup replaces nothing. Name a new file.")
    require_current(database_url)
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        upgrade(_address(part))
        counts = _copy(database_url, _address(part))
        with contextlib.closing(sqlite3.connect(part)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")  # all in the one file, no log beside it
        part.rename(file)
    except OSError as error:
        raise DatabaseUnusable(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        for left in file.parent.glob(f"{part.name}*"):
            left.unlink()
    return counts


def restore(file: Path, database_url: str) -> dict[str, int]:
    """Puts a backup of this or an earlier release into an empty database; how many rows of which table.

    Raises DatabaseUnusable if the file is no backup or of a later release, if the database holds anything, or if a
    server holds it. Then the database is as it was.
    """
    if not file.is_file():
        raise DatabaseUnusable(f"There is no file {file}.")
    held = hold(database_url)
    try:
        with tempfile.TemporaryDirectory(prefix="onedoor-restore-") as scratch:
            copied = Path(scratch) / "backup.db"
            shutil.copyfile(file, copied)
            _require_backup(copied, file)
            upgrade(_address(copied))
            upgrade(database_url)
            return _copy(_address(copied), database_url)
    finally:
        if held is not None:
            held.close()


def _address(file: Path) -> str:
    return f"sqlite:///{file}"


def _copy(source_url: str, target_url: str) -> dict[str, int]:
    """All rows, in the order in which tables refer to each other, in one transaction."""
    source, target = Database(source_url), Database(target_url)
    counts: dict[str, int] = {}
    try:
        with source.read() as reading, target.write() as writing:
            _require_empty(writing, target)
            for table in metadata.sorted_tables:
                counts[table.name] = 0
                rows = reading.execution_options(yield_per=BATCH).execute(select(table)).mappings()
                for batch in rows.partitions():
                    writing.execute(insert(table), [dict(row) for row in batch])
                    counts[table.name] += len(batch)
            if target.dialect == "postgresql":
                _count_on(writing)
    finally:
        source.close()
        target.close()
    return counts


def _require_empty(connection: Connection, database: Database) -> None:
    filled = [
        table.name
        for table in metadata.sorted_tables
        if connection.execute(select(select(table).exists())).scalar_one()
    ]
    if filled:
        raise DatabaseUnusable(
            f"{database.url.render_as_string()} is not empty: it has rows in {', '.join(filled)}. A backup is "
            "restored into an empty database: choose another ONEDOOR_HOME or ONEDOOR_DATABASE_URL."
        )


def _count_on(connection: Connection) -> None:
    """PostgreSQL numbers rows by sequences, which know nothing of rows that came with their numbers."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            highest = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
            connection.execute(select(func.setval(sequence, highest, False)))


def _require_backup(copied: Path, file: Path) -> None:
    database = Database(_address(copied))
    try:
        with database.read() as connection:
            whole = connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
            found = revision(connection)
    except (DatabaseError, DatabaseUnusable):
        whole, found = False, None
    finally:
        database.close()
    if not whole or found is None:
        raise DatabaseUnusable(f"{file} is no whole backup of Onedoor: take one with `onedoor backup FILE`.")
