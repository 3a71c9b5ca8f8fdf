"""What a journey is about: the process's property `subject`, an expression over its variables, and `anchor`, the name of the
variable that holds its first day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bpmn import Expression, ExpressionError, PlainNames, ProcessModel, evaluate, free_names, plain, text
from engine.calendar import as_day
from engine.context import CommandContext


def subject_of(
    context: CommandContext,
    model: ProcessModel,
    variables: Mapping[str, Any],
    *,
    only_if: Collection[str] | None = None,
) -> tuple[str | None, str | None]:
    """Subject and anchor date (ISO text), each None if it is not known or `only_if` has none of what it reads. A subject
    whose variables are still missing is simply not known yet."""
    properties = model.process.properties
    return (
        _subject(context, properties.get("subject"), variables, only_if),
        _anchor(context, properties.get("anchor"), variables, only_if),
    )


def _subject(
    context: CommandContext, source: str | None, variables: Mapping[str, Any], only_if: Collection[str] | None
) -> str | None:
    if not source:
        return None
    expression = Expression(source)
    try:
        if only_if is not None and not free_names(expression) & set(only_if):
            return None
        found = evaluate(expression, PlainNames(variables, dict(context.engine.functions)))
    except ExpressionError:
        return None
    return text(found).strip()[:500] or None


def _anchor(
    context: CommandContext, name: str | None, variables: Mapping[str, Any], only_if: Collection[str] | None
) -> str | None:
    if not name or name not in variables or (only_if is not None and name not in only_if):
        return None
    try:
        return as_day(plain(variables[name]), context.engine.calendar).isoformat()
    except ValueError:
        return None
