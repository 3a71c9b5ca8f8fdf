"""The log of what people did: who, when, for whom, from where, to what, and what changed. Append-only.

Every verb that changes something writes here in its own transaction; `tests/engine/test_audit.py` calls each and fails
for one that does not. The database itself refuses to change or delete a line; only `erasing` opens it, for the law.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import is_dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select

from engine.context import CommandContext
from engine.database.fixed import Values
from engine.database.tables import historic_process_instance, log_erasure
from engine.ids import new_id
from engine.recording_statements import LOG_OPERATION

#: (property, before, after)
Changed = tuple[str, Any, Any]
LONGEST_VALUE = 2_000


def log_operation(
    context: CommandContext,
    operation: str,
    entity_type: str,
    *,
    entity_id: str | None = None,
    process_instance_id: str | None = None,
    task_id: str | None = None,
    definition_key: str | None = None,
    on_behalf_of: str | None = None,
    changes: Sequence[Changed] = (),
    variables: Iterable[str] = (),
    details: str | None = None,
    user_id: str | None = None,
    unsent: list[Values] | None = None,
) -> None:
    """One command of a person, in one statement: a row for each of `changes` and of the names in `variables`, one if
    there are neither. Values of variables are never written here. What the engine does by itself stands in the history
    instead. `user_id` is given where somebody is about to become the actor: when they sign in. The rows are added to
    `unsent` where the caller sends them with its own."""
    if context.actor.system and user_id is None and context.origin.door == "engine":
        return
    if process_instance_id is not None and definition_key is None:
        definition_key = _key_of(context, process_instance_id)
    origin = context.origin
    common = {
        "operation_id": origin.request_id or new_id(),
        "occurred_at": context.now,
        "user_id": user_id or context.actor.user_id,
        "on_behalf_of": on_behalf_of,
        "operation": operation,
        "entity_type": entity_type,
        "entity_id": entity_id,
        "process_instance_id": process_instance_id,
        "task_id": task_id,
        "definition_key": definition_key,
        "details": details,
        "door": origin.door,
        "address": origin.address,
        "token_id": origin.token_id,
        "property": None,
        "old_value": None,
        "new_value": None,
        "variable": None,
    }
    rows = [
        {**common, "property": name, "old_value": _text(before), "new_value": _text(after)}
        for name, before, after in changes
    ]
    rows += [{**common, "variable": name[:255]} for name in variables]
    if unsent is None:
        LOG_OPERATION.send(context.connection, *(rows or [common]))
    else:
        unsent += rows or [common]


def _key_of(context: CommandContext, process_instance_id: str) -> str | None:
    columns = historic_process_instance.c
    return context.connection.execute(
        select(columns.definition_key).where(columns.id == process_instance_id)
    ).scalar_one_or_none()


def _text(value: Any) -> str | None:
    """As a person reads it: several in order, a moment in ISO 8601."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):  # a moment is one too
        return value.isoformat()
    if isinstance(value, (set, frozenset, tuple, list)):
        return ", ".join(sorted(str(each) for each in value))[:LONGEST_VALUE] or None
    if is_dataclass(value):
        return msgspec.json.encode(value).decode()[:LONGEST_VALUE]
    return str(value)[:LONGEST_VALUE]


@contextmanager
def erasing(context: CommandContext) -> Iterator[None]:
    """Within it, and in this transaction alone, rows of the log may be changed and deleted: for erasing a person, and
    for what has been kept long enough. Whoever erases logs that they did."""
    context.connection.execute(insert(log_erasure).values(id=1))
    yield
    context.connection.execute(delete(log_erasure))
