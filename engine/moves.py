"""Writing down that an instance has moved to another version: its rows are of that version now, and keep their ids."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, Update, bindparam, func, update

from bpmn import ProcessModel, is_external
from engine.context import CommandContext
from engine.database.tables import (
    event_subscription,
    external_task,
    historic_activity_instance,
    historic_process_instance,
    historic_variable_instance,
    incident,
    job,
    process_instance,
    task,
)
from engine.execution.protocol import (
    ActivityMoved,
    IncidentMoved,
    InstanceChange,
    JobMoved,
    Moved,
    SubscriptionMoved,
    TaskMoved,
)
from engine.history_types import history_type
from engine.ids import public_id
from engine.repository_models import version_of

#: Rows to write over, by table; one kind of row has the same columns throughout.
Moves = dict[tuple[Table, tuple[str, ...]], list[dict[str, Any]]]

#: Rows of a running instance that say which definition they are of.
_INSIDE = (task, external_task, job, event_subscription, incident)


def note_move(moves: Moves, each: Moved, change: InstanceChange, model: ProcessModel) -> None:
    number, node = each.number, model.nodes[each.element_id]
    match each:
        case ActivityMoved():
            _add(
                moves,
                historic_activity_instance,
                change,
                number,
                activity_id=node.id,
                activity_name=node.name,
                activity_type="multiInstanceBody" if each.body else history_type(node),
                parent=each.parent,
                iteration=each.iteration,
                definition_id=change.definition_id,
                definition_key=model.key,
            )
            if is_external(node):
                _add(moves, external_task, change, number, activity_id=node.id)
        case TaskMoved():
            words = {"name": each.name, "description": each.description, "form_key": each.form_key}
            _add(moves, task, change, number, activity_id=node.id, **words)
            _add(moves, historic_activity_instance, change, number, task_name=each.name)
        case JobMoved():
            _add(moves, job, change, number, activity_id=node.id, due_at=each.due)
        case SubscriptionMoved():
            _add(
                moves,
                event_subscription,
                change,
                number,
                activity_id=node.id,
                activity_number=each.activity,
                event_name=each.event_name,
            )
        case IncidentMoved():
            _add(moves, incident, change, number, activity_id=node.id)


def _add(moves: Moves, table: Table, change: InstanceChange, number: int, **values: Any) -> None:
    row = {"row_id": public_id(change.instance_id, number)}
    row.update({f"row_{name}": value for name, value in values.items()})
    moves.setdefault((table, tuple(values)), []).append(row)


def write_moves(context: CommandContext, change: InstanceChange, model: ProcessModel, moves: Moves) -> None:
    """One statement for each kind of row, however many there are."""
    connection, instance_id = context.connection, change.instance_id
    now = {"definition_id": change.definition_id, "definition_key": model.key}
    for table in _INSIDE:
        values = {name: value for name, value in now.items() if name in table.c}
        connection.execute(update(table).where(table.c.process_instance_id == instance_id).values(values))
    connection.execute(update(process_instance).where(process_instance.c.id == instance_id).values(now))
    connection.execute(
        update(historic_process_instance)
        .where(historic_process_instance.c.id == instance_id)
        .values(
            **now,
            definition_name=model.process.name,
            definition_version=version_of(context, change.definition_id),
        )
    )
    connection.execute(
        update(historic_variable_instance)
        .where(historic_variable_instance.c.process_instance_id == instance_id)
        .values(definition_key=model.key)
    )
    for (table, names), rows in moves.items():
        connection.execute(_written_over(table, names), rows)
    for row in (row for (table, _), rows in moves.items() if table is job for row in rows):
        if row["row_due_at"] is not None:
            context.wake(row["row_id"], row["row_due_at"])


@cache
def _written_over(table: Table, names: Sequence[str]) -> Update:
    """Parameters: row_id, and each column with `row_` before it. A date that is not given stays."""
    values: dict[str, Any] = {}
    for name in names:
        given = bindparam(f"row_{name}", type_=table.c[name].type)
        values[name] = func.coalesce(given, table.c[name]) if name == "due_at" else given
    return update(table).where(table.c.id == bindparam("row_id")).values(values)
