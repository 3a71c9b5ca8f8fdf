"""Reading the log of operations: found, counted, exported.

Administrators read every line, the owners of flows those of their flows. Who sees a journey may read what was done to
its instances. The name of a variable that is confidential is told to nobody whom it is kept from, and no text that is
searched holds one; values of variables are not in the log at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, and_, case, func, literal, or_, select, tuple_

from engine.context import Actor, CommandContext
from engine.database.moments import Moment
from engine.database.tables import historic_activity_instance, historic_process_instance, user_operation_log
from engine.people.exchange.sheet import write_line
from engine.policy import Action, can, require, visible_inside
from engine.policy.confidentiality import revealed
from engine.queries import Statement, count, equals, within

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

_log = user_operation_log.c
#: Text is looked for in so many lines at most: the newest of those that fit otherwise. No index finds a piece of a
#: word, and nobody is to wait for a million lines; whoever looks further back says until when.
SEARCHED = 100_000
#: Of an export, lines are read so many at a time.
BATCH = 2_000
_TEXTS = (
    _log.operation, _log.entity_type, _log.entity_id, _log.user_id, _log.on_behalf_of, _log.definition_key,
    _log.property, _log.old_value, _log.new_value, _log.details,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operation:
    """One line. `operation_id` joins those of one command; `address` and `token_id` are None for all but
    administrators; `hides_variable`: the name of what was set is not the reader's to know. `subject` and
    `task_name` are what the instance and the task are called that it is about."""

    id: int
    operation_id: str | None
    occurred_at: datetime
    user_id: str | None
    on_behalf_of: str | None
    operation: str
    entity_type: str
    entity_id: str | None
    process_instance_id: str | None
    task_id: str | None
    definition_key: str | None
    property: str | None
    old_value: str | None
    new_value: str | None
    variable: str | None
    hides_variable: bool
    details: str | None
    door: str | None
    address: str | None
    token_id: str | None
    subject: str | None
    task_name: str | None


#: Columns of an export, in order.
COLUMNS = tuple(each.name for each in fields(Operation) if each.name not in ("hides_variable", "subject", "task_name"))


@dataclass(frozen=True, slots=True)
class OperationQuery:
    """`after` and `before` are moments, both included; `older_than` is the last line of the page before. `text`: all
    of these words, in any column that names no variable."""

    user_id: str | None = None
    on_behalf_of: str | None = None
    operation: str | None = None
    operation_id: str | None = None
    entity_type: str | None = None
    entity_types: tuple[str, ...] | None = None
    entity_id: str | None = None
    process_instance_id: str | None = None
    task_id: str | None = None
    definition_key: str | None = None
    property: str | None = None
    after: datetime | None = None
    before: datetime | None = None
    text: str | None = None
    older_than: tuple[datetime, int] | None = None
    oldest_first: bool = False
    first_result: int = 0
    max_results: int | None = None


def find_operations(context: CommandContext, query: OperationQuery) -> list[Operation]:
    """Newest first, unless asked otherwise. NotAllowed for who owns no flow and asks for more than one instance."""
    newest = _in_order(_fitting(context, query, *user_operation_log.c), query)
    cut = newest.offset(query.first_result or None).limit(query.max_results).subquery("found")
    known = or_(cut.c.variable.is_(None), revealed(context, cut.c.process_instance_id, cut.c.variable))
    columns = [case((known, each), else_=None).label("variable") if each.name == "variable" else each for each in cut.c]
    hides = case((known, literal(value=False)), else_=literal(value=True)).label("hides_variable")
    about, done = historic_process_instance, historic_activity_instance
    named = cut.outerjoin(about, about.c.id == cut.c.process_instance_id).outerjoin(done, done.c.id == cut.c.task_id)
    found = select(*columns, hides, about.c.subject, done.c.task_name).select_from(named)
    statement = _in_order(found, query, cut.c)
    return [_operation(context, row) for row in context.connection.execute(statement)]


def count_operations(context: CommandContext, query: OperationQuery) -> int:
    return count(context, _fitting(context, query, _log.id))


def export_operations(engine: ProcessEngine, actor: Actor, query: OperationQuery, form: str) -> Iterator[str]:
    """All that fit, newest first, line by line and never all at once. `form` is csv (with a heading; cells that a
    spreadsheet would take for a formula are guarded) or jsonl."""
    if form == "csv":
        yield write_line(COLUMNS)
    while True:
        with engine.query(actor) as context:
            found = find_operations(context, replace(query, max_results=BATCH))
        for each in found:
            yield _exported(each, form)
        if len(found) < BATCH:
            return
        query = replace(query, older_than=(found[-1].occurred_at, found[-1].id))


def require_reader_of_log(actor: Actor) -> None:
    """NotAllowed for who owns no flow and is no administrator."""
    require(actor, Action.READ_LOG)


def _exported(each: Operation, form: str) -> str:
    values = {name: getattr(each, name) for name in COLUMNS}
    values["occurred_at"] = each.occurred_at.isoformat()
    if form == "csv":
        return write_line([None if value is None else str(value) for value in values.values()])
    return json.dumps(values) + "\n"


# ---------------------------------------------------------------- inside


def _fitting(context: CommandContext, query: OperationQuery, *columns: Any) -> Statement:
    statement = _readable(context, query, select(*columns))
    statement = equals(
        statement,
        {
            _log.user_id: query.user_id,
            _log.on_behalf_of: query.on_behalf_of,
            _log.operation: query.operation,
            _log.operation_id: query.operation_id,
            _log.entity_type: query.entity_type,
            _log.entity_id: query.entity_id,
            _log.process_instance_id: query.process_instance_id,
            _log.task_id: query.task_id,
            _log.definition_key: query.definition_key,
            _log.property: query.property,
        },
    )
    statement = within(statement, {_log.entity_type: query.entity_types})
    if query.after is not None:
        statement = statement.where(_log.occurred_at >= query.after)
    if query.before is not None:
        statement = statement.where(_log.occurred_at <= query.before)
    if query.older_than is not None:
        moment, line = query.older_than
        key = tuple_(literal(moment, Moment()), literal(line))
        statement = statement.where(_log.occurred_at <= moment, tuple_(_log.occurred_at, _log.id) < key)
    words = (query.text or "").lower().split()
    if not words:
        return statement
    searched = _in_order(statement.with_only_columns(_log.id), query).limit(SEARCHED).subquery("searched")
    says: list[ColumnElement[bool]] = [
        or_(*(func.lower(each).contains(word, autoescape=True) for each in _TEXTS)) for word in words
    ]
    return select(*columns).where(_log.id == searched.c.id, and_(*says))


def _in_order(statement: Statement, query: OperationQuery, columns: Any = _log) -> Statement:
    order = (columns.occurred_at, columns.id)
    return statement.order_by(*order if query.oldest_first else (each.desc() for each in order))


def _readable(context: CommandContext, query: OperationQuery, statement: Statement) -> Statement:
    actor = context.actor
    if can(actor, Action.ADMINISTER):
        return statement
    if query.process_instance_id is not None:
        return visible_inside(context, statement, _log.process_instance_id)
    require_reader_of_log(actor)
    if can(actor, Action.OPERATE_EVERYTHING):
        return statement.where(_log.definition_key.is_not(None))
    return statement.where(_log.definition_key.in_(sorted(actor.flows)))


def _operation(context: CommandContext, row: Row[Any]) -> Operation:
    found = Operation(**{each.name: getattr(row, each.name) for each in fields(Operation)})
    found = replace(found, hides_variable=bool(found.hides_variable))
    return found if can(context.actor, Action.ADMINISTER) else replace(found, address=None, token_id=None)
