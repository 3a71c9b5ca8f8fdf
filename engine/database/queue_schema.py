"""The tables of Procrastinate, which wakes the workers on PostgreSQL. They are the library's own: it brings the SQL
that makes them and the SQL that brings older ones up to date, and both are applied here, beside our migrations.

They hold no truth: whatever is in them can be worked out again from the table `job`.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from sqlalchemy import Connection, inspect, text

#: Which of the library's migrations was the last to be applied.
_MARK = "procrastinate_onedoor_migration"


def migrate_queue(connection: Connection) -> None:
    """Makes the tables, or brings them to what the installed Procrastinate works on."""
    from procrastinate.schema import SchemaManager  # the library is asked for on PostgreSQL alone

    scripts = _scripts()
    if not inspect(connection).has_table("procrastinate_jobs"):
        _run(connection, SchemaManager.get_schema())
        connection.execute(text(f"CREATE TABLE {_MARK} (name VARCHAR(255) NOT NULL)"))
    else:
        applied = _applied(connection) or ""
        for script in scripts:
            if script.name > applied:
                _run(connection, script.read_text())
    connection.execute(text(f"DELETE FROM {_MARK}"))
    connection.execute(text(f"INSERT INTO {_MARK} VALUES (:name)"), {"name": scripts[-1].name})


def queue_is_current(connection: Connection) -> bool:
    return inspect(connection).has_table(_MARK) and _applied(connection) == _scripts()[-1].name


def _applied(connection: Connection) -> str | None:
    found: str | None = connection.execute(text(f"SELECT name FROM {_MARK}")).scalar_one_or_none()
    return found


def _scripts() -> list[Path]:
    """In the order in which they are to be applied: the names begin with the version."""
    from procrastinate.schema import SchemaManager

    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _run(connection: Connection, script: str) -> None:
    """A whole script at once, within the transaction: the driver takes several statements only without parameters."""
    with contextlib.closing(connection.connection.cursor()) as cursor:
        cursor.execute(script)
