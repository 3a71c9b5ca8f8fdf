"""What queries have in common: filters, sorting, paging, counting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, Protocol

from sqlalchemy import Column, ColumnElement, Select, Table, func, literal, select

from engine.context import Actor, CommandContext
from engine.errors import InvalidInput

#: A select of any columns.
Statement = Select[*tuple[Any, ...]]

#: Statements of so many people are kept; then all are built anew.
MOST_PEOPLE = 1_000


class Paged(Protocol):
    """`sort` are (name, asc or desc) pairs; `max_results` None: all."""

    @property
    def sort(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def first_result(self) -> int: ...
    @property
    def max_results(self) -> int | None: ...


def equals(statement: Statement, wanted: Mapping[Column[Any], Any]) -> Statement:
    """Those whose columns have these values; None is no filter."""
    for column, value in wanted.items():
        if value is not None:
            statement = statement.where(column == value)
    return statement


def like(statement: Statement, wanted: Mapping[Column[Any], str | None]) -> Statement:
    """SQL patterns: `%` is anything."""
    for column, pattern in wanted.items():
        if pattern is not None:
            statement = statement.where(column.like(pattern))
    return statement


def within(statement: Statement, wanted: Mapping[Column[Any], tuple[Any, ...] | None]) -> Statement:
    """Those whose columns have one of these values; None is no filter, an empty tuple matches nothing."""
    for column, values in wanted.items():
        if values is not None:
            statement = statement.where(column.in_(values))
    return statement


def paged(statement: Statement, table: Table, query: Paged, *, nulls_last: bool = True) -> Statement:
    """Sorted and cut; among equals the order in which they came to be decides, so that pages never overlap. What has no
    value comes last."""
    for name, direction in query.sort:
        column = table.c.get(name)
        if column is None:
            raise InvalidInput(f"Cannot sort by {name}.")
        ordered = column.desc() if direction == "desc" else column.asc()
        statement = statement.order_by(ordered.nulls_last() if nulls_last else ordered)
    # Ids inside an instance do not sort; its own does, and so do the numbers.
    inside = (table.c.process_instance_id, table.c.number) if "number" in table.c else ()
    statement = statement.order_by(*inside, *table.primary_key.columns).offset(query.first_result or None)
    if query.max_results is None:
        # SQLite knows no OFFSET without LIMIT; SQLAlchemy writes LIMIT -1 for it.
        return statement
    return statement.limit(query.max_results)


def among(column: ColumnElement[Any], values: Sequence[str | None]) -> ColumnElement[bool]:
    """`column IN (…)` for a handful of values. As parameters of their own: a list that is one parameter is written out
    anew each time the statement is sent."""
    return column.in_([literal(each) for each in values])


def count(context: CommandContext, statement: Statement) -> int:
    return int(context.connection.execute(select(func.count()).select_from(statement.subquery())).scalar_one())


def once_per_actor(build: Callable[[CommandContext], Statement]) -> Callable[[CommandContext], Statement]:
    """For a statement that depends on who acts and on nothing else; what else it asks for are parameters. Building one
    and finding its SQL again costs more than the database needs to run it."""
    built: dict[Actor, Statement] = {}

    @wraps(build)
    def kept(context: CommandContext) -> Statement:
        found = built.get(context.actor)
        if found is None:
            if len(built) >= MOST_PEOPLE:
                built.clear()
            found = built[context.actor] = build(context)
        return found

    return kept
