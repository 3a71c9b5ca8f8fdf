"""The types of a table's columns: what a value is turned into before it is compared or given out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from bpmn.expressions.errors import ExpressionError
from bpmn.expressions.kinds import as_date, shown, text
from bpmn.iso8601 import parse_duration


def converted(type: str | None, value: Any) -> Any:
    """The value as one of this type. Null stays null; a type unknown to us changes nothing. Raises ExpressionError."""
    convert = _CONVERSIONS.get(type or "")
    if convert is None or value is None:
        return value
    if isinstance(value, list):
        return [converted(type, each) for each in value]
    try:
        return convert(value)
    except (TypeError, ValueError, OverflowError):
        raise ExpressionError(f"{shown(value)} is no {type}.") from None


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ValueError


def _whole(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and value % 1):
        raise ValueError
    return int(value)


def _decimal(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _number(value: Any) -> int | float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    found = _decimal(value)
    return int(found) if isinstance(value, str) and value.strip().lstrip("-").isdecimal() else found


def _day(value: Any) -> date:
    found = as_date(value)
    return found.date() if isinstance(found, datetime) else found


def _moment(value: Any) -> datetime:
    found = as_date(value)
    return found if isinstance(found, datetime) else datetime.combine(found, time())


def _duration(value: Any) -> Any:
    return parse_duration(value).exact if isinstance(value, str) else value


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "boolean": _boolean,
    "integer": _whole,
    "long": _whole,
    "double": _decimal,
    "number": _number,
    "string": text,
    "date": _day,
    "dateTime": _moment,
    "date and time": _moment,
    "dayTimeDuration": _duration,
    "days and time duration": _duration,
}
