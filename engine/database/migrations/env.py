"""Runs migrations on the connection that `engine.database.schema` gives."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from engine.database.moments import Moment
from engine.database.tables import metadata


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """How a migration writes our own column type."""
    return "Moment()" if kind == "type" and isinstance(item, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=render_item,
    transaction_per_migration=False,
)
context.run_migrations()
