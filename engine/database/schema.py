"""The schema of the database: which revision this release works on, and how an older one is brought up to it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from engine.database.connect import Database
from engine.database.queue_schema import migrate_queue, queue_is_current
from engine.errors import DatabaseUnusable

#: The newest revision under migrations/versions.
HEAD = "0015"


#: Of the advisory lock that nodes which start together wait for: one upgrades, the others find nothing to do.
UPGRADING = 0x0D00_0001


def upgrade(database_url: str) -> None:
    """Brings the schema up to this release's, creating it in an empty database. Forward only; nothing to do is quick.

    Raises DatabaseUnusable if a later release has been here.
    """
    database = Database(database_url)
    try:
        with database.write() as connection:
            if database.dialect == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADING})"))
            found = revision(connection)
            if found is not None and found > HEAD:
                raise DatabaseUnusable(_newer(found))
            if found != HEAD:
                _migrate(connection)
            if database.dialect == "postgresql" and not queue_is_current(connection):
                migrate_queue(connection)
    finally:
        database.close()


def prepare(database_url: str) -> None:
    """Sets up an empty database. One of an older release is left as it is, for other nodes may be working on it:
    DatabaseUnusable then says what to do."""
    database = Database(database_url)
    try:
        with database.read() as connection:
            empty = revision(connection) is None
    finally:
        database.close()
    if empty:
        upgrade(database_url)
    require_current(database_url)


def _migrate(connection: Connection) -> None:
    # Alembic takes a third of a second to import, and almost every start finds nothing to do.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def require_current(database_url: str) -> None:
    """Raises DatabaseUnusable, saying what to do, unless the schema is this release's."""
    database = Database(database_url)
    try:
        with database.read() as connection:
            found = revision(connection)
            queue = database.dialect != "postgresql" or found != HEAD or queue_is_current(connection)
    finally:
        database.close()
    if found is None:
        raise DatabaseUnusable("The database is empty: run `onedoor db upgrade` first.")
    if found > HEAD:
        raise DatabaseUnusable(_newer(found))
    if found != HEAD:
        raise DatabaseUnusable(f"The database is at revision {found}, not {HEAD}: run `onedoor db upgrade` first.")
    if not queue:
        raise DatabaseUnusable("The tables of the job queue are of another release: run `onedoor db upgrade` first.")


def revision(connection: Connection) -> str | None:
    """The revision the database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def _newer(found: str) -> str:
    return f"The database is at revision {found}; this release knows up to {HEAD}. Install the release that wrote it."
