"""Writes down what an executor said happened: state, tasks, jobs, subscriptions, history; each kind in one statement.

Whatever began and ended within the command is one row and one insert. Facts for measuring (who, when, how long in the
queue and in hand, in wall and in office time) are written at the moment they are known and never worked out later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select, update

from bpmn import ProcessModel, type_of
from engine.context import CommandContext
from engine.database.fixed import Batch, Values, send_together
from engine.database.tables import (
    event_subscription,
    external_task,
    historic_activity_instance,
    historic_process_instance,
    historic_variable_instance,
    identity_link,
    incident,
    job,
    process_instance,
    task,
)
from engine.errors import OptimisticLocking
from engine.execution.protocol import InstanceChange, StartPutOff
from engine.folding import Folded, fold
from engine.ids import public_id
from engine.moves import write_moves
from engine.outgoing.webhooks import announce
from engine.recording_statements import (
    END_ACTIVITIES,
    LOG_OPERATION,
    STORE_INSTANCE,
    delete_row,
    delete_rows,
    insert_rows,
    keep_variables,
)
from engine.repository_models import executor_of, model_of, version_of
from engine.start_events import put_off_start
from engine.subjects import about, is_about


@dataclass(frozen=True, slots=True)
class ClosingTask:
    """The user task that the command completes, the columns of its history that are known now, and what the log of
    operations says of it."""

    id: str
    facts: Mapping[str, Any]
    logged: Sequence[Values]


#: Tables that rows are added to; what refers comes after what it refers to.
_ORDERED = (
    process_instance,
    historic_process_instance,
    historic_activity_instance,
    task,
    identity_link,
    external_task,
    job,
    event_subscription,
    incident,
)


class Recorder:
    """One command's changes, gathered over all its instances and then written."""

    def __init__(
        self,
        context: CommandContext,
        revisions: Mapping[str, int],
        suspended: Collection[str],
        source: str | None,
        closing: ClosingTask | None,
    ) -> None:
        self._context = context
        self._revisions = revisions
        self._suspended = suspended
        self._source = source
        self._closing = closing
        self._stored: list[dict[str, Any]] = []
        self._inserts: dict[Any, list[dict[str, Any]]] = {}
        self._deletes: dict[Any, list[str]] = {}
        self._ended_activities: list[dict[str, Any]] = []
        self._variables: list[dict[str, Any]] = []
        self._roots: dict[str, str] = {}

    def record(self, changes: Sequence[InstanceChange]) -> None:
        for change in changes:
            model = model_of(self._context, change.definition_id)
            folded = fold(self._context, model, change)
            self._instance(change, model, folded)
            self._rows(change, folded)
            if change.migrated_from is not None and change.ended is None:
                write_moves(self._context, change, model, folded.moved)
            announce(self._context, change, model.key, folded.incidents)
        self._write()

    # ------------------------------------------------------------ gathering

    def _instance(self, change: InstanceChange, model: ProcessModel, folded: Folded) -> None:
        if change.created:
            self._created(change, model, folded)
        elif change.ended is None:
            self._store(change)
        if change.ended is not None and not change.created:
            self._deletes.setdefault(process_instance, []).append(change.instance_id)
        if change.ended is not None:
            self._ended(change)
        if not change.created:
            self._about(change, model, folded)

    def _created(self, change: InstanceChange, model: ProcessModel, folded: Folded) -> None:
        context, caller = self._context, change.caller
        root = self._root_of(change)
        if change.ended is None:
            self._insert(
                process_instance,
                id=change.instance_id,
                definition_id=change.definition_id,
                definition_key=model.key,
                business_key=change.business_key,
                super_instance_id=caller.instance_id if caller else None,
                super_activity=caller.activity if caller else None,
                root_instance_id=root,
                state=change.state,
                revision=1,
                suspended=False,
            )
        known = about(context, model, folded.root_variables)
        self._insert(
            historic_process_instance,
            id=change.instance_id,
            definition_id=change.definition_id,
            definition_key=model.key,
            definition_name=model.process.name,
            definition_version=version_of(context, change.definition_id),
            business_key=change.business_key,
            subject=known.get("subject"),
            subject_user=known.get("subject_user"),
            anchor_date=known.get("anchor_date"),
            super_instance_id=caller.instance_id if caller else None,
            root_instance_id=root,
            start_activity_id=change.start_activity_id,
            started_by=context.actor.user_id,
            started_at=context.now,
            ended_at=context.now if change.ended else None,
            state=change.ended.value if change.ended else "ACTIVE",
            delete_reason=None,
            lead_s=0.0 if change.ended else None,
            lead_biz_s=0.0 if change.ended else None,
        )

    def _root_of(self, change: InstanceChange) -> str:
        if change.caller is None:
            root = change.instance_id
        else:
            root = self._roots.get(change.caller.instance_id) or self._stored_root(change.caller.instance_id)
        self._roots[change.instance_id] = root
        return root

    def _stored_root(self, instance_id: str) -> str:
        found = self._context.connection.execute(
            process_instance.select()
            .with_only_columns(process_instance.c.root_instance_id)
            .where(process_instance.c.id == instance_id)
        ).scalar_one()
        return str(found)

    def _store(self, change: InstanceChange) -> None:
        revision = self._revisions[change.instance_id]
        self._stored.append(
            {
                "row_id": change.instance_id,
                "row_revision": revision,
                "state": change.state,
                "revision": revision + 1,
            }
        )

    def _ended(self, change: InstanceChange) -> None:
        if change.created or change.ended is None:
            return
        context, columns = self._context, historic_process_instance.c
        started = context.connection.execute(
            historic_process_instance.select()
            .with_only_columns(columns.started_at)
            .where(columns.id == change.instance_id)
        ).scalar_one()
        context.connection.execute(
            update(historic_process_instance)
            .where(columns.id == change.instance_id)
            .values(
                ended_at=context.now,
                state=change.ended.value,
                lead_s=(context.now - started).total_seconds(),
                lead_biz_s=context.engine.calendar.office_seconds(started, context.now),
            )
        )

    def _about(self, change: InstanceChange, model: ProcessModel, folded: Folded) -> None:
        """Worked out again only if a variable that it reads was written."""
        written = folded.root_variables
        if not written or not is_about(model, written):
            return
        if change.state is not None:
            executor = self._context.engine.executors[executor_of(self._context, change.definition_id)]
            variables = executor.variables(model, change.state)
        else:
            variables = {**self._last_known(change.instance_id), **written}
        values = about(self._context, model, variables, written)
        if values:
            self._context.connection.execute(
                update(historic_process_instance)
                .where(historic_process_instance.c.id == change.instance_id)
                .values(values)
            )

    def _last_known(self, instance_id: str) -> dict[str, Any]:
        """The variables of an instance that has just ended, but for what this command wrote."""
        columns = historic_variable_instance.c
        rows = self._context.connection.execute(
            select(columns.name, columns.value).where(
                columns.process_instance_id == instance_id, columns.scope == 0, columns.state == "CREATED"
            )
        )
        return {row.name: msgspec.json.decode(row.value) for row in rows}

    def _rows(self, change: InstanceChange, folded: Folded) -> None:
        instance_id = change.instance_id
        open_still = change.ended is None
        if instance_id in self._suspended:
            for row in (*folded.tasks, *folded.external_tasks, *folded.jobs):
                row["suspended"] = True
        self._inserts.setdefault(historic_activity_instance, []).extend(folded.activities)
        self._ended_activities.extend(folded.ended_activities)
        for table, rows in (
            (task, folded.tasks),
            (identity_link, folded.identity_links),
            (external_task, folded.external_tasks),
            (job, folded.jobs),
            (event_subscription, folded.subscriptions),
            (incident, folded.incidents),
        ):
            if open_still:
                self._inserts.setdefault(table, []).extend(rows)
        self._starts_put_off(change)
        if open_still:
            for row in folded.jobs:
                self._context.wake(row["id"], row["due_at"], row["priority"])
            for table, numbers in folded.gone.items():
                ids = [public_id(instance_id, number) for number in numbers]
                self._deletes.setdefault(table, []).extend(ids)
        self._variables.extend(self._variable(change, folded, key) for key in folded.variables)

    def _starts_put_off(self, change: InstanceChange) -> None:
        for each in change.happenings:
            if isinstance(each, StartPutOff):
                put_off_start(self._context, each)

    def _variable(self, change: InstanceChange, folded: Folded, key: tuple[int, str]) -> dict[str, Any]:
        scope, name = key
        value = folded.variables[key]
        removed = key in folded.removed
        return {
            "process_instance_id": change.instance_id,
            "scope": scope,
            "name": name,
            "definition_key": folded.definition_key,
            "type": "Null" if removed else type_of(value),
            "value": "null" if removed else encoded(value),
            "state": "DELETED" if removed else "CREATED",
            "created_at": self._context.now,
            "updated_at": self._context.now,
            "updated_by": self._context.actor.user_id,
            "source_activity_id": self._source or folded.start_activity_id,
        }

    def _insert(self, table: Any, **values: Any) -> None:
        self._inserts.setdefault(table, []).append(values)

    # ------------------------------------------------------------ writing

    def _write(self) -> None:
        connection = self._context.connection
        first, others = self._stored[:1], self._stored[1:]
        for row in others:
            self._require_unchanged(row, STORE_INSTANCE.send(connection, row).rowcount)
        batches: list[Batch] = [(STORE_INSTANCE, first)] if first else []
        # Called instances before their callers: rows inside go with them.
        gone = {table: ids for table, ids in self._deletes.items() if ids}
        if all(len(ids) == 1 for ids in gone.values()):
            batches += [(delete_row(table), [{"row_id": ids[0]}]) for table, ids in gone.items()]
        else:
            delete_rows(connection, gone)
        batches += self._added()
        if batches:
            changed = send_together(connection, batches)
            if first:
                self._require_unchanged(first[0], changed)

    def _added(self) -> Iterator[Batch]:
        for table in _ORDERED:
            if rows := self._inserts.get(table):
                yield insert_rows(table), rows
        if self._ended_activities:
            self._complete()
            yield END_ACTIVITIES, self._ended_activities
        if self._variables:
            yield keep_variables(self._context.connection.dialect.name), self._variables
        if self._closing is not None and self._closing.logged:
            yield LOG_OPERATION, self._closing.logged

    def _complete(self) -> None:
        """The facts about the task that is completed join what is known of all that ended; what is not known now
        keeps what stands there."""
        if self._closing is not None:
            for row in self._ended_activities:
                if row["row_id"] == self._closing.id:
                    row.update({f"row_{name}": value for name, value in self._closing.facts.items()})

    @staticmethod
    def _require_unchanged(row: Values, changed: int) -> None:
        if changed != 1:
            raise OptimisticLocking(
                f"Process instance {row['row_id']} was changed meanwhile: load it again and try once more."
            )


def encoded(value: Any) -> str:
    """A stored variable as JSON text."""
    return msgspec.json.encode(value).decode()
