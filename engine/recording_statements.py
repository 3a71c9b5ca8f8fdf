"""The statements that writing down repeats, built once: building one costs more than the database needs to run it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Delete, Table, Update, bindparam, delete, func, insert, update

from engine.database.fixed import Fixed
from engine.database.tables import (
    historic_activity_instance,
    historic_variable_instance,
    process_instance,
    user_operation_log,
)
from engine.database.upserts import insert_for
from engine.folding import CLOSING_COLUMNS

#: Parameters: row_id, row_revision (as it was loaded), state, revision.
STORE_INSTANCE = Fixed(
    update(process_instance)
    .where(process_instance.c.id == bindparam("row_id"), process_instance.c.revision == bindparam("row_revision"))
    .values(state=bindparam("state"), revision=bindparam("revision"))
)
LOG_OPERATION = Fixed(insert(user_operation_log))


def _end_activities() -> Update:
    columns = historic_activity_instance.c
    known: dict[str, Any] = {
        name: func.coalesce(bindparam(f"row_{name}", type_=columns[name].type), columns[name])
        for name in CLOSING_COLUMNS
    }
    return (
        update(historic_activity_instance)
        .where(columns.id == bindparam("row_id"))
        .values(ended_at=bindparam("row_ended_at"), canceled=bindparam("row_canceled"), **known)
    )


#: Parameters: row_id, row_ended_at, row_canceled, and the closing columns with `row_` before them; what is None there
#: keeps what stands.
END_ACTIVITIES = Fixed(_end_activities())


def delete_rows(connection: Connection, ids: Mapping[Table, Sequence[str]]) -> None:
    """PostgreSQL takes all tables in one statement."""
    for statement in _delete_several(connection.dialect.name, tuple(ids)):
        connection.execute(statement, {table.name: each for table, each in ids.items()})


@cache
def _delete_several(dialect: str, tables: tuple[Table, ...]) -> tuple[Delete, ...]:
    statements = [delete(each).where(each.c.id.in_(bindparam(each.name, expanding=True))) for each in tables]
    if dialect != "postgresql":
        return tuple(statements)
    *others, last = statements
    return (last.add_cte(*(each.cte(f"gone_{number}") for number, each in enumerate(others))),)


@cache
def delete_row(table: Table) -> Fixed:
    """Parameter: row_id."""
    return Fixed(delete(table).where(table.c.id == bindparam("row_id")))


@cache
def insert_rows(table: Table) -> Fixed:
    return Fixed(insert(table))


@cache
def keep_variables(dialect: str) -> Fixed:
    """Rows of historic_variable_instance, new or written over; when it first was, it stays."""
    statement = insert_for(dialect, historic_variable_instance)
    changed = statement.excluded
    return Fixed(
        statement.on_conflict_do_update(
            index_elements=["process_instance_id", "scope", "name"],
            set_={
                name: changed[name]
                for name in ("type", "value", "state", "updated_at", "updated_by", "source_activity_id")
            },
        )
    )
