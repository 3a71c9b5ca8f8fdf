"""The log of what people did: who, when, for whom, to what. Append-only."""

from __future__ import annotations

from engine.context import CommandContext
from engine.recording_statements import LOG_OPERATION


def log_operation(
    context: CommandContext,
    operation: str,
    entity_type: str,
    *,
    process_instance_id: str | None = None,
    task_id: str | None = None,
    definition_key: str | None = None,
    on_behalf_of: str | None = None,
    details: str | None = None,
) -> None:
    """One line for one command of a person; what the engine does by itself stands in the history instead."""
    if context.actor.system:
        return
    LOG_OPERATION.send(
        context.connection,
        {
            "occurred_at": context.now,
            "user_id": context.actor.user_id,
            "on_behalf_of": on_behalf_of,
            "operation": operation,
            "entity_type": entity_type,
            "process_instance_id": process_instance_id,
            "task_id": task_id,
            "definition_key": definition_key,
            "details": details,
        },
    )
