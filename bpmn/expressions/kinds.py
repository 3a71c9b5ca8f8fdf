"""Words for kinds of values in messages, and the one rule all languages share: how dates stand beside each other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from bpmn.expressions.errors import ExpressionError
from bpmn.iso8601 import duration_text, parse_date

_WORDS: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (int, "a number"),
    (float, "a number"),
    (str, "a text"),
    (list, "a list"),
    (dict, "a map"),
    (datetime, "a moment"),
    (date, "a date"),
    (timedelta, "a duration"),
)


def kind_of(value: Any) -> str:
    if value is None:
        return "null"
    return next((word for kind, word in _WORDS if isinstance(value, kind)), type(value).__name__)


def shown(value: Any) -> str:
    """A value in a message: short, and never more than it takes to recognise it."""
    if isinstance(value, (list, dict)):
        return f"{kind_of(value)} of {len(value)}"
    written = repr(value) if isinstance(value, str) else text(value) or "null"
    return written if len(written) <= 40 else written[:39] + "…"


def text(value: Any) -> str:
    """A value as text, as composite text and `concat` write it: null is empty, dates are ISO 8601, lists `[a, b]`."""
    if value.__class__ is str:
        return str(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, list):
        return "[" + ", ".join("null" if item is None else text(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={'null' if item is None else text(item)}" for key, item in value.items()) + "}"
    return str(value)


def as_date(value: Any) -> date | datetime:
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return parse_date(value)
        except ValueError as error:
            raise ExpressionError(str(error)) from None
    raise ExpressionError(f"{shown(value)} is no date.")


def aligned(a: Any, b: Any) -> tuple[datetime, datetime]:
    """Two values, at least one of them a date, as moments that compare: a text is read as ISO 8601; a day is its
    midnight and a moment without zone stands in the zone of the other, or in UTC."""
    first, second = as_date(a), as_date(b)
    zone = getattr(first, "tzinfo", None) or getattr(second, "tzinfo", None) or UTC
    return _moment(first, zone), _moment(second, zone)


def _moment(value: date | datetime, zone: Any) -> datetime:
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=zone)
    return value if value.tzinfo else value.replace(tzinfo=zone)
