"""Inserts that say what becomes of a row that is there already. Each database has its own words for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Table

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def insert_for(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert with `on_conflict_do_nothing`, `on_conflict_do_update` and `excluded`, in the words of the dialect of
    that name."""
    # A process speaks to one database, and the dialect of PostgreSQL takes a twentieth of a second to import.
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
