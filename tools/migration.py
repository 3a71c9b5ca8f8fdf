"""Writes the next migration: what differs between the tables and the newest revision. Read it before you commit it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from engine.database.connect import Database
from engine.database.schema import HEAD

MIGRATIONS = Path(__file__).resolve().parent.parent / "engine" / "database" / "migrations"


def main(message: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    with tempfile.TemporaryDirectory() as scratch:
        database = Database(f"sqlite:///{scratch}/scratch.db")
        with database.write() as connection:
            config.attributes["connection"] = connection
            if any((MIGRATIONS / "versions").glob(f"{HEAD}_*.py")):
                command.upgrade(config, "head")
            command.revision(config, message, autogenerate=True, rev_id=revision)
        database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
