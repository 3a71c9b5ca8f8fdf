"""Runs migrations on the connection that `engine.database.schema` gives."""

from __future__ import annotations

from alembic import context

from engine.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
