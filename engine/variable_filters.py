"""Filtering by the value of variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Float, and_, case, cast, exists, not_

from engine.context import CommandContext
from engine.database.tables import historic_variable_instance
from engine.errors import InvalidInput
from engine.policy.confidentiality import revealed
from engine.queries import Statement
from engine.recording import encoded

_NUMBERS = ("Short", "Integer", "Long", "Double")


@dataclass(frozen=True, slots=True)
class VariableFilter:
    """`operator` is eq, neq, gt, gteq, lt, lteq, like or notLike. Numbers compare with numbers of any type."""

    name: str
    operator: str
    value: Any


def where_variables(
    context: CommandContext,
    statement: Statement,
    instance_column: Column[Any],
    filters: Sequence[VariableFilter],
    *,
    scope: int | Column[Any] | None = 0,
) -> Statement:
    """Those instances whose variables pass every filter. `scope` 0: of the instance itself. A variable that is
    concealed from the actor passes none: its value could be guessed by filters."""
    column = historic_variable_instance.c
    for each in filters:
        about = and_(column.process_instance_id == instance_column, column.name == each.name, column.state == "CREATED")
        if scope is not None:
            about = and_(about, column.scope == scope)
        known = revealed(context, instance_column, column.name)
        statement = statement.where(exists().where(about, known, holds(each)))
    return statement


def holds(wanted: VariableFilter) -> ColumnElement[bool]:
    """Of a row of historic_variable_instance: is its value what is wanted?"""
    column, value = historic_variable_instance.c, wanted.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        # In a CASE, so that no database ever tries to read a text as a number.
        number = case((column.type.in_(_NUMBERS), cast(column.value, Float)), else_=None)
        compared = {
            "eq": number == value,
            "neq": number != value,
            "gt": number > value,
            "gteq": number >= value,
            "lt": number < value,
            "lteq": number <= value,
        }.get(wanted.operator)
        if compared is not None:
            return compared
    text = encoded(value)
    match wanted.operator:
        case "eq":
            return column.value == text
        case "neq":
            return column.value != text
        case "gt":
            return and_(column.type == "String", column.value > text)
        case "gteq":
            return and_(column.type == "String", column.value >= text)
        case "lt":
            return and_(column.type == "String", column.value < text)
        case "lteq":
            return and_(column.type == "String", column.value <= text)
        case "like":
            return column.value.like(f'"{value}"')
        case "notLike":
            return not_(column.value.like(f'"{value}"'))
        case _:
            raise InvalidInput(
                f"Unknown variable operator {wanted.operator}: use eq, neq, gt, gteq, lt, lteq, like or notLike."
            )
