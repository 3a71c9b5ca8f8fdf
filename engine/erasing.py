"""Taking instances away with everything that was ever written about them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, delete, or_, select

from engine.context import CommandContext
from engine.database.tables import (
    comment,
    historic_activity_instance,
    historic_process_instance,
    historic_variable_instance,
    notification,
    process_instance,
)
from engine.work import execution


def erase_instances_of(context: CommandContext, definition_ids: Sequence[str]) -> None:
    """Ends every instance of these definitions, and what they called, and deletes their history."""
    running = select(process_instance.c.id).where(process_instance.c.definition_id.in_(definition_ids))
    for instance_id in context.connection.execute(running).scalars().all():
        still = select(process_instance.c.id).where(process_instance.c.id == instance_id)
        if context.connection.execute(still).first() is not None:
            with execution(context, even_suspended=True) as work:
                work.cancel(instance_id)
    erase_history_of(
        context,
        select(historic_process_instance.c.root_instance_id).where(
            historic_process_instance.c.definition_id.in_(definition_ids)
        ),
    )


def erase_history_of(context: CommandContext, roots: Select[tuple[str]] | Sequence[str]) -> None:
    """Deletes the history of these journeys; `roots` is a select of root instance ids, or a list of them."""
    columns = historic_process_instance.c
    found = (
        context.connection.execute(
            select(columns.id).where(or_(columns.root_instance_id.in_(roots), columns.id.in_(roots)))
        )
        .scalars()
        .all()
    )
    for table in (historic_activity_instance, historic_variable_instance, comment, notification):
        context.connection.execute(delete(table).where(table.c.process_instance_id.in_(found)))
    context.connection.execute(delete(historic_process_instance).where(columns.id.in_(found)))
