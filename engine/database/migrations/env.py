"""Runs migrations on the connection that `engine.database.schema` gives."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from engine.database.moments import Moment
from engine.database.tables import metadata


def render(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Our own column type by the name that every migration imports it by."""
    return "Moment()" if kind == "type" and isinstance(item, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=render,
    transaction_per_migration=False,
)
context.run_migrations()
