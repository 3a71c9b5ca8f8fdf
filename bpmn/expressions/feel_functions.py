"""The functions of FEEL, by their names. Null given, null comes back, but where null is what one asks about.

`matches`, `replace` and `split` take patterns in FEEL; patterns of strangers are not run here, so they are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from math import ceil, floor, sqrt
from typing import Any

from bpmn.expressions.budget import MAX_DIGITS
from bpmn.expressions.errors import ExpressionError
from bpmn.expressions.feel_values import as_list, equal, every, greater, is_number, less, some
from bpmn.expressions.kinds import as_date, kind_of, shown, text
from bpmn.iso8601 import parse_duration

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _texts(*values: Any) -> None:
    for value in values:
        if not isinstance(value, str):
            raise ExpressionError(f"{shown(value)} is {kind_of(value)}: a text is wanted.")


def _numbers(values: list[Any]) -> list[Any]:
    for value in values:
        if not is_number(value):
            raise ExpressionError(f"{shown(value)} is {kind_of(value)}: a number is wanted.")
    return values


def _items(values: tuple[Any, ...]) -> list[Any]:
    """`sum(1, 2)` is `sum([1, 2])`."""
    return as_list(values[0]) if len(values) == 1 else list(values)


# ---------------------------------------------------------------- conversion


def _number(value: Any) -> Any:
    if isinstance(value, str) and len(value) <= MAX_DIGITS:
        try:
            return float(value) if any(sign in value for sign in ".eE") else int(value)
        except ValueError:
            return None
    return value if is_number(value) else None


def _date(value: Any, month: Any = None, day: Any = None) -> date:
    if month is not None:
        return date(value, month, day)
    found = as_date(value)
    return found.date() if isinstance(found, datetime) else found


def _date_and_time(value: Any, clock: Any = None) -> datetime:
    found = as_date(value)
    if clock is not None:
        _texts(clock)
        return datetime.combine(_date(found), time.fromisoformat(clock))
    return found if isinstance(found, datetime) else datetime.combine(found, time())


def duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    _texts(value)
    found = parse_duration(value).exact
    if found is None:
        raise ExpressionError(f"{value} has months: write it in weeks, days and hours.")
    return found


# ---------------------------------------------------------------- texts and numbers


def _substring(value: Any, start: Any, length: Any = None) -> str:
    """From 1, or from the end with -1."""
    _texts(value)
    _numbers([start, *([] if length is None else [length])])
    begin = int(start) - 1 if start > 0 else max(len(value) + int(start), 0)
    return str(value[begin : None if length is None else begin + int(length)])


def _before(value: Any, mark: Any) -> str:
    _texts(value, mark)
    head, found, _ = value.partition(mark) if mark else ("", "", "")
    return head if found else ""


def _after(value: Any, mark: Any) -> str:
    _texts(value, mark)
    return str(value.partition(mark)[2]) if mark else str(value)


def _of_texts(apply: Callable[..., Any]) -> Callable[..., Any]:
    def function(*values: Any) -> Any:
        _texts(*values)
        return apply(*values)

    return function


def _rounded(value: Any, digits: Any = 0) -> Any:
    """Half to even, as FEEL's `decimal`."""
    _numbers([value, digits])
    return round(value, int(digits)) if digits else round(value)


def _modulo(dividend: Any, divisor: Any) -> Any:
    _numbers([dividend, divisor])
    return None if divisor == 0 else dividend % divisor


# ---------------------------------------------------------------- lists


def _extreme(better: Callable[[Any, Any], bool | None]) -> Callable[..., Any]:
    def function(*values: Any) -> Any:
        best, *others = _items(values) or [None]
        for each in others:
            answer = better(each, best)
            if answer is None:
                raise ExpressionError(f"{shown(each)} and {shown(best)} have no order.")
            best = each if answer else best
        return best

    return function


def _sum(*values: Any) -> Any:
    items = _numbers(_items(values))
    return sum(items) if items else None


def _mean(*values: Any) -> Any:
    items = _numbers(_items(values))
    return sum(items) / len(items) if items else None


def _sublist(values: Any, start: Any, length: Any = None) -> list[Any]:
    begin = int(start) - 1 if start > 0 else max(len(values) + int(start), 0)
    return list(as_list(values)[begin : None if length is None else begin + int(length)])


def _distinct(*lists: Any) -> list[Any]:
    found: list[Any] = []
    for each in (each for values in lists for each in as_list(values)):
        if not _contains(found, each):
            found.append(each)
    return found


def _contains(values: Any, wanted: Any) -> bool:
    return any(equal(each, wanted) is True for each in as_list(values))


def _flat(values: Any) -> list[Any]:
    found: list[Any] = []
    for each in as_list(values):
        found += _flat(each) if isinstance(each, list) else [each]
    return found


def _joined(values: Any, delimiter: Any = "") -> str:
    _texts(delimiter)
    return str(delimiter).join(text(each) for each in as_list(values) if each is not None)


#: Functions that are asked about null itself.
ASKING_ABOUT_NULL: Mapping[str, Callable[..., Any]] = {
    "is defined": lambda value: value is not None,
    "list contains": _contains,
    "count": lambda values: len(as_list(values)),
    "append": lambda values, *others: [*as_list(values), *others],
    "concatenate": lambda *lists: [each for values in lists for each in as_list(values)],
    "union": _distinct,
    "distinct values": _distinct,
    "flatten": _flat,
    "index of": lambda values, wanted: [
        place for place, each in enumerate(as_list(values), 1) if equal(each, wanted) is True
    ],
    "all": lambda *values: every(_items(values)),
    "any": lambda *values: some(_items(values)),
    "string join": _joined,
}

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "number": _number,
    "string": text,
    "date": _date,
    "date and time": _date_and_time,
    "duration": duration,
    "substring": _substring,
    "string length": _of_texts(len),
    "upper case": _of_texts(lambda value: value.upper()),
    "lower case": _of_texts(lambda value: value.lower()),
    "trim": _of_texts(lambda value: value.strip()),
    "substring before": _before,
    "substring after": _after,
    "contains": _of_texts(lambda value, part: part in value),
    "starts with": _of_texts(lambda value, part: value.startswith(part)),
    "ends with": _of_texts(lambda value, part: value.endswith(part)),
    "abs": lambda value: abs(_numbers([value])[0]),
    "floor": lambda value: floor(_numbers([value])[0]),
    "ceiling": lambda value: ceil(_numbers([value])[0]),
    "decimal": _rounded,
    "round": _rounded,
    "modulo": _modulo,
    "sqrt": lambda value: sqrt(value) if _numbers([value])[0] >= 0 else None,
    "even": lambda value: _numbers([value])[0] % 2 == 0,
    "odd": lambda value: _numbers([value])[0] % 2 == 1,
    "min": _extreme(less),
    "max": _extreme(greater),
    "sum": _sum,
    "mean": _mean,
    "sublist": _sublist,
    "reverse": lambda values: as_list(values)[::-1],
    "remove": lambda values, place: [each for number, each in enumerate(as_list(values), 1) if number != place],
    "insert before": lambda values, place, each: [*values[: place - 1], each, *values[place - 1 :]],
    "get value": lambda context, key: context.get(key),
    "get entries": lambda context: [{"key": key, "value": value} for key, value in context.items()],
    "day of week": lambda value: _DAYS[_date(value).weekday()],
    "month of year": lambda value: _MONTHS[_date(value).month - 1],
    "day of year": lambda value: _date(value).timetuple().tm_yday,
    "week of year": lambda value: _date(value).isocalendar().week,
    **ASKING_ABOUT_NULL,
}


def named(name: str) -> Callable[..., Any]:
    """The function of this name, with its errors named."""
    apply, asks = FUNCTIONS[name], name in ASKING_ABOUT_NULL

    def function(*values: Any) -> Any:
        if not asks and any(value is None for value in values):
            return None
        try:
            return apply(*values)
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            raise ExpressionError(f"{name}: {error}") from error

    return function
