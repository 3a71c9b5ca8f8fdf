"""What a journey is about: the process's property `subject`, an expression over its variables, `subjectUser`, the name
of the variable that holds the id of the user it is about, and `anchor`, that of the one that holds its first day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bpmn import Expression, ExpressionError, PlainNames, ProcessModel, evaluate, free_names, plain, text
from engine.calendar import as_day
from engine.context import CommandContext

LONGEST_SUBJECT = 500
LONGEST_ID = 64


def about(
    context: CommandContext, model: ProcessModel, variables: Mapping[str, Any], names: Collection[str] | None = None
) -> dict[str, str]:
    """`subject`, `subject_user` and `anchor_date` (ISO text), as columns of the history; what is not known (yet) is
    left out, as is what none of `names` has a part in."""
    properties = model.process.properties
    subject, person, anchor = properties.get("subject"), properties.get("subjectUser"), properties.get("anchor")
    found: dict[str, str | None] = {}
    if subject and (names is None or not _reads(subject).isdisjoint(names)):
        found["subject"] = _subject(context, subject, variables)
    if person and (names is None or person in names):
        found["subject_user"] = _user(variables.get(person))
    if anchor and (names is None or anchor in names):
        found["anchor_date"] = _day(context, variables.get(anchor))
    return {column: value for column, value in found.items() if value is not None}


def is_about(model: ProcessModel, names: Collection[str]) -> bool:
    """Whether one of these variables has a part in what instances are about."""
    properties = model.process.properties
    subject = properties.get("subject")
    if properties.get("anchor") in names or properties.get("subjectUser") in names:
        return True
    return bool(subject and not _reads(subject).isdisjoint(names))


def _reads(source: str) -> frozenset[str]:
    try:
        return frozenset(free_names(Expression(source)))
    except ExpressionError:
        return frozenset()


def _subject(context: CommandContext, source: str, variables: Mapping[str, Any]) -> str | None:
    try:
        found = evaluate(Expression(source), PlainNames(variables, dict(context.engine.functions)))
    except ExpressionError:
        return None  # a variable that it reads is still missing
    return text(found).strip()[:LONGEST_SUBJECT] or None


def _user(value: Any) -> str | None:
    found = plain(value)
    return found if isinstance(found, str) and 0 < len(found) <= LONGEST_ID else None


def _day(context: CommandContext, value: Any) -> str | None:
    if value is None:
        return None
    try:
        return as_day(plain(value), context.engine.calendar).isoformat()
    except ValueError:
        return None
