"""The functions every language has. What depends on a clock or a calendar (`now`, `workday`) comes with the names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cmp_to_key
from typing import Any

from bpmn.expressions.budget import MAX_DIGITS, MAX_LEAVES
from bpmn.expressions.errors import ExpressionError
from bpmn.expressions.kinds import aligned, as_date, kind_of, shown, text
from bpmn.iso8601 import parse_duration


def _size(value: Any) -> int:
    if not isinstance(value, (str, list, dict)):
        raise ExpressionError(f"{shown(value)} is {kind_of(value)} and has no length.")
    return len(value)


def _items(values: tuple[Any, ...], name: str) -> list[Any]:
    """The items of the one list given, or the arguments themselves."""
    items = values[0] if len(values) == 1 and isinstance(values[0], (list, dict)) else values
    if not items:
        raise ExpressionError(f"{name} of nothing: give at least one value.")
    return list(items)


def _order(a: Any, b: Any) -> int:
    if isinstance(a, date) or isinstance(b, date):
        a, b = aligned(a, b)
    if any(value is None or isinstance(value, (list, dict)) for value in (a, b)):
        raise ExpressionError(f"{shown(a)} and {shown(b)} have no order.")
    return bool(a > b) - bool(a < b)


def _sorted(values: Any, reverse: Any = False) -> list[Any]:
    return sorted(_many(values), key=cmp_to_key(_order), reverse=bool(reverse))


def _many(values: Any) -> list[Any]:
    if not isinstance(values, (list, dict)):
        raise ExpressionError(f"{shown(values)} is {kind_of(values)}: a list is wanted.")
    return list(values)


def _int(value: Any) -> int:
    if isinstance(value, (int, float)) or (isinstance(value, str) and len(value) <= MAX_DIGITS):
        return int(value)
    raise ExpressionError(f"{shown(value)} is no whole number.")


def _float(value: Any) -> float:
    if isinstance(value, (int, float)) or (isinstance(value, str) and len(value) <= MAX_DIGITS):
        return float(value)
    raise ExpressionError(f"{shown(value)} is no number.")


def _range(*bounds: Any) -> list[int]:
    found = range(*bounds)
    if len(found) > MAX_LEAVES:
        raise ExpressionError(f"The range is too long: at most {MAX_LEAVES} numbers.")
    return list(found)


def _sum(values: Iterable[Any]) -> Any:
    total: Any = 0
    for value in _many(values):
        if not isinstance(value, (int, float)):
            raise ExpressionError(f"{shown(value)} is {kind_of(value)}: sum adds numbers.")
        total += value
    return total


def _date(year: Any, month: Any = None, day: Any = None) -> date:
    if month is not None:
        return date(year, month, day)
    found = as_date(year)
    return found.date() if isinstance(found, datetime) else found


def _datetime(value: Any, *parts: Any) -> datetime:
    """Without a zone, unless the text has one."""
    if parts:
        return datetime.combine(date(value, *parts[:2]), time(*parts[2:]))
    found = as_date(value)
    return found if isinstance(found, datetime) else datetime.combine(found, time())


def _duration(value: str) -> timedelta:
    found = parse_duration(value).exact
    if found is None:
        raise ExpressionError(f"{value} has months: write it in weeks, days and hours.")
    return found


def _timedelta(days: Any = 0, **units: Any) -> timedelta:
    unknown = set(units) - {"weeks", "hours", "minutes", "seconds"}
    if unknown:
        raise ExpressionError(f"timedelta takes days, weeks, hours, minutes and seconds, not {', '.join(unknown)}.")
    return timedelta(days=days, **units)


def _rounded(value: Any, digits: int = 0) -> int | float:
    """Whole without digits."""
    found: int | float = round(value, digits) if digits else round(value)
    return found


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "len": _size,
    "abs": abs,
    "min": lambda *values: min(_items(values, "min"), key=cmp_to_key(_order)),
    "max": lambda *values: max(_items(values, "max"), key=cmp_to_key(_order)),
    "sum": _sum,
    "round": _rounded,
    "int": _int,
    "float": _float,
    "str": text,
    "bool": bool,
    "list": _many,
    "sorted": _sorted,
    "any": lambda values: any(_many(values)),
    "all": lambda values: all(_many(values)),
    "range": _range,
    "date": _date,
    "datetime": _datetime,
    "duration": _duration,
    "timedelta": _timedelta,
}
