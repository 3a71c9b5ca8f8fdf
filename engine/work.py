"""One command's unit of work: what executors ask of the engine, and the writing down of what they did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from functools import partial
from typing import Any

from sqlalchemy import Row, bindparam, or_, select

from bpmn import DecisionDefinitions, ProcessModel, shared_budget
from engine.context import CommandContext
from engine.database.tables import event_subscription, process_definition, process_instance
from engine.decisions import decision_file
from engine.errors import BudgetExceeded, ExecutionFailed, NotFound, Suspended
from engine.execution.protocol import Caller, Execution, Handler, Receiver, StoredInstance
from engine.ids import new_id
from engine.policy.confidentiality import UNTOLD, conceals_any
from engine.promises import Promises
from engine.recording import ClosingTask, Recorder
from engine.repository_models import executor_of, model_of


@contextmanager
def execution(
    context: CommandContext,
    *,
    source: str | None = None,
    closing: ClosingTask | None = None,
    already: LoadedInstance | None = None,
    even_suspended: bool = False,
) -> Iterator[Execution]:
    """An execution on this transaction; when the block ends without an exception, what happened is written down.

    `source` is the activity id that variables set by the command come from; `closing` the user task it completes;
    `already` an instance that the caller has loaded and locked. A command on a suspended instance is refused unless it
    is one that is allowed `even_suspended`. What the model did wrong is told as far as the actor may know it.
    """
    world = UnitOfWork(context, already, even_suspended=even_suspended)
    begun = context.engine.executors[context.engine.settings.executor].begin(world)
    try:
        with shared_budget():
            yield begun
            written = begun.changes()
        Recorder(context, world.revisions, world.suspended, source, closing).record(written)
    except BudgetExceeded:
        raise
    except ExecutionFailed as error:
        # It quotes what it could not work with, and whoever hears of it need not be among those it is for.
        if conceals_any(context, world.revisions):
            raise type(error)(UNTOLD, error.element_id) from None
        raise


#: What is read of an instance to go on with it; labelled, because queries join tables that have some of the names too.
INSTANCE_COLUMNS = tuple(
    process_instance.c[name].label(f"instance_{name}")
    for name in (
        "definition_id", "state", "revision", "business_key", "super_instance_id", "super_activity", "suspended",
    )
)  # fmt: skip


_LOCKED = select(*INSTANCE_COLUMNS).where(process_instance.c.id == bindparam("wanted")).with_for_update()


@dataclass(frozen=True, slots=True)
class LoadedInstance:
    stored: StoredInstance
    revision: int


def loaded(instance_id: str, row: Row[Any]) -> LoadedInstance:
    """From a row with INSTANCE_COLUMNS."""
    caller = None
    if row.instance_super_instance_id is not None:
        caller = Caller(row.instance_super_instance_id, row.instance_super_activity)
    stored = StoredInstance(
        instance_id,
        row.instance_definition_id,
        row.instance_state,
        row.instance_business_key,
        caller,
        row.instance_suspended,
    )
    return LoadedInstance(stored, row.instance_revision)


def lock_instance(context: CommandContext, instance_id: str) -> None:
    """For a command that is going to change a row inside an instance and then the instance: the instance always comes
    first, or two commands wait for each other. NotFound if it has ended."""
    locking = select(process_instance.c.id).where(process_instance.c.id == instance_id).with_for_update()
    if context.connection.execute(locking).one_or_none() is None:
        raise NotFound("process instance", instance_id)


class UnitOfWork:
    """Implements `engine.execution.protocol.World` on one transaction."""

    def __init__(
        self, context: CommandContext, already: LoadedInstance | None = None, *, even_suspended: bool = False
    ) -> None:
        self._context = context
        self._already = already
        self._even_suspended = even_suspended
        self._promises = Promises(context)
        #: the instances loaded that are suspended: what opens in them is so too
        self.suspended: set[str] = set()
        #: revision of every instance loaded, for the assertion that nobody changed it meanwhile
        self.revisions: dict[str, int] = {}

    @property
    def now(self) -> datetime:
        return self._context.now

    @property
    def zone(self) -> tzinfo:
        return self._context.engine.settings.site.tz

    @property
    def opening(self) -> time:
        return self._context.engine.settings.site.opens

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        return self._context.engine.functions

    def model(self, definition_id: str) -> ProcessModel:
        return model_of(self._context, definition_id)

    def executor_of(self, definition_id: str) -> str:
        return executor_of(self._context, definition_id)

    def load(self, instance_id: str) -> StoredInstance:
        """Locks the instance until the transaction ends. NotFound if it has ended. Suspended if it is suspended and the
        one that the command is about, the first to be loaded: callers and called instances take part all the same."""
        already = self._already
        if already is None or already.stored.instance_id != instance_id:
            row = self._context.connection.execute(_LOCKED, {"wanted": instance_id}).one_or_none()
            if row is None:
                raise NotFound("process instance", instance_id)
            already = loaded(instance_id, row)
        if already.stored.suspended:
            if not self.revisions and not self._even_suspended:
                raise Suspended(f"Process instance {instance_id} is suspended: activate it first.")
            self.suspended.add(instance_id)
        self.revisions[instance_id] = already.revision
        self._promises.loaded(instance_id, already.stored.definition_id)
        return already.stored

    def called_definition(self, key: str, binding: str, version: str | None, caller_definition_id: str) -> str:
        columns = process_definition.c
        statement = select(columns.id, columns.suspended).where(columns.key == key)
        if binding == "version":
            statement = statement.where(columns.version == _whole(version, key))
        elif binding == "versionTag":
            statement = statement.where(columns.version_tag == version)
        elif binding == "deployment":
            own = select(columns.deployment_id).where(columns.id == caller_definition_id).scalar_subquery()
            statement = statement.where(columns.deployment_id == own)
        row = self._context.connection.execute(statement.order_by(columns.version.desc()).limit(1)).one_or_none()
        if row is None:
            what = f" with {binding} {version}" if version is not None else ""
            what = " in the deployment of its caller" if binding == "deployment" else what
            raise ExecutionFailed(f"no process {key}{what} is deployed: deploy it, or correct the call activity")
        if row.suspended:
            raise Suspended(f"Process definition {row.id} is suspended: activate it first.")
        self._promises.keep_when_called(str(row.id), caller_definition_id)
        return str(row.id)

    def signal_receivers(self, name: str) -> Sequence[Receiver]:
        return self._receivers("signal", name)

    def message_receivers(self, name: str) -> Sequence[Receiver]:
        return self._receivers("message", name)

    def _receivers(self, event_type: str, name: str) -> Sequence[Receiver]:
        columns = event_subscription.c
        rows = self._context.connection.execute(
            select(columns.definition_id, columns.activity_id, columns.process_instance_id, columns.number)
            .outerjoin(process_instance, process_instance.c.id == columns.process_instance_id)
            .outerjoin(process_definition, process_definition.c.id == columns.definition_id)
            .where(columns.event_type == event_type, columns.event_name == name)
            .where(process_instance.c.suspended.is_not(True))
            .where(or_(columns.process_instance_id.is_not(None), process_definition.c.suspended.is_(False)))
            .order_by(columns.created_at, columns.id)
        )
        return [Receiver(row.definition_id, row.activity_id, row.process_instance_id, row.number) for row in rows]

    def handler(self, name: str) -> Handler:
        found = self._context.engine.handlers.get(name)
        if found is None:
            known = ", ".join(sorted(self._context.engine.handlers)) or "none"
            raise ExecutionFailed(f"no handler is registered as {name!r}; registered are: {known}")
        return partial(found, self._context)

    def decision(self, key: str, binding: str, caller_definition_id: str) -> DecisionDefinitions:
        cells = "python" if self.model(caller_definition_id).dialect == "spiff" else "feel"
        found = decision_file(self._context, key, binding, caller_definition_id, cells)
        self._promises.keep_when_decided(found, key, caller_definition_id)
        return found

    def new_instance_id(self) -> str:
        return new_id()


def _whole(version: str | None, key: str) -> int:
    try:
        return int(version or "")
    except ValueError:
        raise ExecutionFailed(
            f"the version of the called process {key} is {version!r}: a whole number is needed"
        ) from None
