"""The table of the log of operations, and what opens it for the law."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from engine.database.metadata import ID, KEY, metadata
from engine.database.moments import Moment

#: Who did what, when, for whom, from where: a row for each property that a command changed, one for a command that
#: changed none. Triggers refuse to change or delete a row (see `engine.operations`). `variable` is the name of one that
#: was set: it may be confidential, so it stands in no other column, and its value in none.
user_operation_log = Table(
    "user_operation_log",
    metadata,
    Column("id", Integer, primary_key=True),
    #: what was written by one request, or one command where there was no request
    Column("operation_id", ID),
    Column("occurred_at", Moment, nullable=False, index=True),
    Column("user_id", ID),
    Column("on_behalf_of", ID),
    Column("operation", String(64), nullable=False),
    Column("entity_type", String(32), nullable=False),
    Column("entity_id", KEY),
    Column("process_instance_id", ID, index=True),
    Column("task_id", ID, index=True),
    Column("definition_key", KEY),
    Column("property", KEY),
    Column("old_value", Text),
    Column("new_value", Text),
    Column("variable", KEY),
    Column("details", Text),
    Column("door", String(16)),
    Column("address", String(64)),
    Column("token_id", ID),
    Index("ix_user_operation_log_user_id", "user_id", "occurred_at"),
    Index("ix_user_operation_log_operation", "operation", "occurred_at"),
    Index("ix_user_operation_log_definition_key", "definition_key", "occurred_at"),
    # Migration 0014 makes it WHERE on_behalf_of IS NOT NULL. To say so here would load the dialects of both databases.
    Index("ix_user_operation_log_on_behalf_of", "on_behalf_of", "occurred_at"),
)

#: A row is here only within the transaction that erases from the log: the triggers look for it.
log_erasure = Table("log_erasure", metadata, Column("id", Integer, primary_key=True, autoincrement=False))
