"""Process instances: started, looked at, changed, ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, exists, func, select, update

from bpmn import ProcessModel
from engine.context import CommandContext
from engine.database.tables import (
    historic_activity_instance,
    historic_process_instance,
    incident,
    process_instance,
)
from engine.errors import ExecutionFailed, InvalidInput, NotFound, RevisionChanged, Suspended
from engine.execution.protocol import ActivityView, Executor
from engine.ids import SHARED, number_of
from engine.operations import log_operation
from engine.policy import Action, InstanceFacts, require, require_ending, require_operating, visible_inside
from engine.policy.confidentiality import require_revealed, without_concealed
from engine.queries import Statement, count, equals, like, paged, within
from engine.repository import ProcessDefinition, get_definition, latest_definition
from engine.repository_models import executor_of, model_of, starters_of
from engine.variable_filters import VariableFilter, where_variables
from engine.work import execution, lock_instance


@dataclass(frozen=True, slots=True)
class ProcessInstance:
    """One that runs; `ended` only right after a start that came to its end at once. `revision` grows with every
    change."""

    id: str
    definition_id: str
    definition_key: str
    business_key: str | None
    suspended: bool = False
    ended: bool = False
    super_instance_id: str | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True)
class InstanceQuery:
    ids: tuple[str, ...] | None = None
    business_key: str | None = None
    business_key_like: str | None = None
    definition_id: str | None = None
    definition_key: str | None = None
    definition_keys: tuple[str, ...] | None = None
    super_instance_id: str | None = None
    root_only: bool = False
    active: bool = False
    suspended: bool = False
    with_incident: bool = False
    activity_ids: tuple[str, ...] | None = None
    variables: tuple[VariableFilter, ...] = ()
    sort: tuple[tuple[str, str], ...] = ()
    first_result: int = 0
    max_results: int | None = None


# ---------------------------------------------------------------- starting


def start_instance(
    context: CommandContext,
    *,
    key: str | None = None,
    definition_id: str | None = None,
    variables: Mapping[str, Any] | None = None,
    business_key: str | None = None,
    instructions: Sequence[Mapping[str, Any]] = (),
    start_event: str | None = None,
    skip_io_mappings: bool = False,
    skip_custom_listeners: bool = False,
) -> ProcessInstance:
    """Starts the newest version of `key`, or the definition `definition_id`, and runs it until every token rests.
    NotAllowed for a flow that others start, and for all but its operators to begin elsewhere than at the start, or
    without what the model does on the way."""
    if definition_id is not None:
        definition = get_definition(context, definition_id)
    else:
        definition = latest_definition(context, key or "")
    require_starting(context, definition.id)
    if instructions or skip_io_mappings or skip_custom_listeners:
        past = "start a process past its start event, its mappings or its listeners"
        require(context.actor, Action.OPERATE, InstanceFacts(frozenset((definition.key,))), past)
    if definition.suspended:
        raise Suspended(f"Process definition {definition.id} is suspended: activate it first.")
    model = model_of(context, definition.id)
    with execution(context, source=start_event or none_start(model)) as work:
        instance_id = work.start(
            definition.id,
            variables or {},
            business_key=business_key,
            start_event=start_event or (none_start(model) if not instructions else None),
            initiator=context.actor.user_id,
            instructions=instructions,
            skip_io_mappings=skip_io_mappings,
            skip_custom_listeners=skip_custom_listeners,
        )
    log_operation(context, "Start", "ProcessInstance", process_instance_id=instance_id, definition_key=definition.key)
    return _started(context, instance_id, definition, business_key)


def require_starting(context: CommandContext, definition_id: str) -> None:
    """NotAllowed for a flow that others start."""
    starters = starters_of(context, definition_id)
    require(context.actor, Action.START, starters, str(starters))


def none_start(model: ProcessModel) -> str:
    """The start event that a plain start uses. InvalidInput where only messages, signals or conditions start it."""
    start = model.first_start(model.process)
    if start is None:
        raise InvalidInput(f"Process {model.key} has no plain start event: start it by its message, signal or timer.")
    return start.id


#: Made once, as every start asks it.
_RUNNING = select(process_instance.c.id).where(process_instance.c.id == bindparam("wanted"))


def _started(
    context: CommandContext, instance_id: str, definition: ProcessDefinition, business_key: str | None
) -> ProcessInstance:
    ended = context.connection.execute(_RUNNING, {"wanted": instance_id}).first() is None
    return ProcessInstance(instance_id, definition.id, definition.key, business_key, ended=ended)


# ---------------------------------------------------------------- looking


def find_instances(context: CommandContext, query: InstanceQuery) -> list[ProcessInstance]:
    rows = context.connection.execute(paged(_instances(context, query), process_instance, query))
    return [_instance(row) for row in rows]


def count_instances(context: CommandContext, query: InstanceQuery) -> int:
    return count(context, _instances(context, query))


def get_instance(context: CommandContext, instance_id: str) -> ProcessInstance:
    found = find_instances(context, InstanceQuery(ids=(instance_id,)))
    if not found:
        raise NotFound("process instance", instance_id, f"Process instance with id {instance_id} does not exist")
    return found[0]


def require_revision(context: CommandContext, instance_id: str, revisions: Collection[int]) -> None:
    """RevisionChanged unless the instance is at one of these; it stays locked until the transaction ends. NotFound if
    it has ended or is not the actor's to see."""
    get_instance(context, instance_id)
    lock_instance(context, instance_id)
    if get_instance(context, instance_id).revision not in revisions:
        raise RevisionChanged


def stored_state(context: CommandContext, instance_id: str) -> tuple[Executor, ProcessModel, bytes]:
    """The executor, the model and the executor's document of a running instance. NotFound if it has ended."""
    columns = process_instance.c
    statement: Statement = select(columns.definition_id, columns.state).where(columns.id == instance_id)
    row = context.connection.execute(visible_inside(context, statement, columns.id)).one_or_none()
    if row is None:
        raise NotFound("process instance", instance_id, f"Process instance with id {instance_id} does not exist")
    executor = context.engine.executors[executor_of(context, row.definition_id)]
    return executor, model_of(context, row.definition_id), row.state


def activity_tree(context: CommandContext, instance_id: str) -> ActivityView:
    executor, model, state = stored_state(context, instance_id)
    return executor.activity_tree(model, state)


def instance_of(context: CommandContext, public: str) -> tuple[str, int]:
    """The running instance that an execution or activity id belongs to, and its number there. NotFound if none does."""
    row = context.connection.execute(
        select(process_instance.c.id).where(process_instance.c.id.like(f"{_escaped(public[:SHARED])}%", escape="\\"))
    ).first()
    number = None if row is None else number_of(row.id, public)
    if row is None or number is None:
        raise NotFound("execution", public, f"Execution with id {public} does not exist")
    return row.id, number


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# ---------------------------------------------------------------- variables


def get_variables(context: CommandContext, instance_id: str, number: int = 0, *, local: bool = False) -> dict[str, Any]:
    """What the activity of this number sees (0: the instance), or only what it holds itself; as far as the actor may
    know it."""
    return without_concealed(context, instance_id, all_variables(context, instance_id, number, local=local))


def all_variables(context: CommandContext, instance_id: str, number: int = 0, *, local: bool = False) -> dict[str, Any]:
    """The same with what is concealed from the actor: for expressions, never to be shown."""
    executor, model, state = stored_state(context, instance_id)
    return stored_variables(executor, instance_id, model, state, number, local=local)


def stored_variables(
    executor: Executor, instance_id: str, model: ProcessModel, state: bytes, number: int, *, local: bool = False
) -> dict[str, Any]:
    """The same of an instance that the caller has read."""
    try:
        return executor.variables(model, state, number, local=local)
    except LookupError:
        raise NotFound("activity", str(number), f"Activity {number} of {instance_id} is not there any more") from None


def set_variables(
    context: CommandContext,
    instance_id: str,
    modifications: Mapping[str, Any],
    deletions: Sequence[str] = (),
    *,
    number: int = 0,
    local: bool = False,
) -> None:
    """Sets, then deletes; a name in both is deleted. Conditions that wait for them are looked at again."""
    require_operating(context, "set the variables of an instance", instance_id)
    require_revealed(context, instance_id, (*modifications, *deletions))
    with execution(context, even_suspended=True) as work:
        work.set_variables(instance_id, number, modifications, local=local)
        if deletions:
            work.remove_variables(instance_id, number, deletions)
    _log(context, "SetVariable", instance_id, entity_type="Variable", variables=[*modifications, *deletions])


# ---------------------------------------------------------------- moving and ending


def trigger(context: CommandContext, instance_id: str, number: int, variables: Mapping[str, Any] | None = None) -> None:
    """Lets a waiting activity go on: a receive task without a message, say. ExecutionFailed if it waits for an
    event."""
    require_operating(context, "let a waiting activity go on", instance_id)
    if number == 0:
        number = only_leaf(activity_tree(context, instance_id)).number
    with execution(context) as work:
        work.trigger(instance_id, number, variables or {})
    _log(context, "Trigger", instance_id)


def only_leaf(tree: ActivityView) -> ActivityView:
    """Where an instance with one token stands: its root execution stands for that token."""
    while tree.children:
        if len(tree.children) > 1:
            raise ExecutionFailed("the instance waits in several places: give the execution id of one")
        tree = tree.children[0]
    return tree


def modify_instance(
    context: CommandContext,
    instance_id: str,
    instructions: Sequence[Mapping[str, Any]],
    *,
    skip_io_mappings: bool = False,
    skip_custom_listeners: bool = False,
) -> None:
    """Cancels and starts activities, as the REST contract's instructions say."""
    require_operating(context, "modify an instance", instance_id)
    with execution(context, even_suspended=True) as work:
        work.modify(
            instance_id,
            instructions,
            skip_io_mappings=skip_io_mappings,
            skip_custom_listeners=skip_custom_listeners,
        )
    _log(context, "ModifyProcessInstance", instance_id)


def _log(context: CommandContext, operation: str, instance_id: str, *, entity_type: str = "ProcessInstance",
         variables: Sequence[str] = (), details: str | None = None) -> None:  # fmt: skip
    log_operation(
        context, operation, entity_type, process_instance_id=instance_id, variables=variables, details=details
    )


def delete_instance(
    context: CommandContext,
    instance_id: str,
    reason: str | None = None,
    *,
    skip_io_mappings: bool = False,
    skip_custom_listeners: bool = False,
) -> None:
    """Ends an instance and all it called; its history stays. NotAllowed but for who started it, owners,
    administrators."""
    require_ending(context, instance_id)
    with execution(context, even_suspended=True) as work:
        work.cancel(instance_id, skip_io_mappings=skip_io_mappings, skip_custom_listeners=skip_custom_listeners)
    columns = historic_process_instance.c
    if reason:
        context.connection.execute(
            update(historic_process_instance).where(columns.id == instance_id).values(delete_reason=reason)
        )
    _log(context, "Delete", instance_id, details=reason)


# ---------------------------------------------------------------- inside


def _instance(row: Row[Any]) -> ProcessInstance:
    return ProcessInstance(
        row.id,
        row.definition_id,
        row.definition_key,
        row.business_key,
        row.suspended,
        super_instance_id=row.super_instance_id,
        revision=row.revision,
    )


def _instances(context: CommandContext, query: InstanceQuery) -> Statement:
    columns = process_instance.c
    statement: Statement = select(
        columns.id,
        columns.definition_id,
        columns.definition_key,
        columns.business_key,
        columns.suspended,
        columns.super_instance_id,
        columns.revision,
    )
    statement = equals(
        statement,
        {
            columns.business_key: query.business_key,
            columns.definition_id: query.definition_id,
            columns.definition_key: query.definition_key,
            columns.super_instance_id: query.super_instance_id,
        },
    )
    statement = like(statement, {columns.business_key: query.business_key_like})
    statement = within(statement, {columns.id: query.ids, columns.definition_key: query.definition_keys})
    if query.root_only:
        statement = statement.where(columns.super_instance_id.is_(None))
    if query.active:
        statement = statement.where(columns.suspended.is_(False))
    if query.suspended:
        statement = statement.where(columns.suspended.is_(True))
    if query.with_incident:
        statement = statement.where(exists().where(incident.c.process_instance_id == columns.id))
    if query.activity_ids is not None:
        history = historic_activity_instance.c
        statement = statement.where(
            exists().where(
                history.process_instance_id == columns.id,
                history.ended_at.is_(None),
                history.activity_id.in_(query.activity_ids),
            )
        )
    statement = where_variables(context, statement, columns.id, query.variables)
    return visible_inside(context, statement, columns.id)


def count_running(context: CommandContext, definition_key: str) -> dict[str, int]:
    """How many instances that the actor may see run on each version of a process: definition id -> number."""
    statement: Statement = (
        select(process_instance.c.definition_id, func.count())
        .where(process_instance.c.definition_key == definition_key)
        .group_by(process_instance.c.definition_id)
    )
    rows = context.connection.execute(visible_inside(context, statement, process_instance.c.id))
    return {row[0]: row[1] for row in rows}
