"""The methods and fields that values have: tables by name and kind, under the names of Java and those of Python.

What is not here does not exist. None of them changes a value, and none takes a pattern, a format or a function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from bpmn.expressions.budget import MAX_LENGTH
from bpmn.expressions.coercion import number
from bpmn.expressions.errors import ExpressionError
from bpmn.expressions.kinds import aligned, kind_of, shown, text
from bpmn.iso8601 import Duration

Method = Callable[..., Any]


def _texts(*values: Any) -> None:
    for value in values:
        if not isinstance(value, str):
            raise ExpressionError(f"{shown(value)} is {kind_of(value)}: a text is wanted.")


def _whole(value: Any) -> int:
    found = number(value)
    if found % 1:
        raise ExpressionError(f"{shown(value)} is no whole number.")
    return int(found)


# ---------------------------------------------------------------- texts


def _substring(value: str, start: Any, end: Any = None) -> str:
    lower, upper = _whole(start), len(value) if end is None else _whole(end)
    if not 0 <= lower <= upper <= len(value):
        raise ExpressionError(f"{shown(value)} has {len(value)} characters, none from {lower} to {upper}.")
    return value[lower:upper]


def _replace(value: str, old: Any, new: Any) -> str:
    _texts(old, new)
    if len(value) + value.count(old) * max(len(new) - len(old), 0) > MAX_LENGTH:
        raise ExpressionError(f"The text becomes too long: at most {MAX_LENGTH} characters.")
    return value.replace(old, new)


def _join(value: str, parts: Any) -> str:
    if not isinstance(parts, list):
        raise ExpressionError(f"{shown(parts)} is {kind_of(parts)}: join takes a list of texts.")
    _texts(*parts)
    if sum(map(len, parts)) + len(value) * len(parts) > MAX_LENGTH:
        raise ExpressionError(f"The text becomes too long: at most {MAX_LENGTH} characters.")
    return value.join(parts)


def _split(value: str, separator: Any = None) -> list[str]:
    if separator is not None:
        _texts(separator)
    return value.split(separator)


def _taking_texts(apply: Callable[..., Any]) -> Method:
    def method(value: str, *arguments: Any) -> Any:
        _texts(*arguments)
        return apply(value, *arguments)

    return method


def _compare(a: Any, b: Any) -> int:
    if type(a) is not type(b) or isinstance(a, (list, dict)):
        raise ExpressionError(f"{shown(a)} and {shown(b)} have no order.")
    return int(a > b) - int(a < b)


_TEXT: dict[str, Method] = {
    "equals": lambda value, other: isinstance(other, str) and value == other,
    "equalsIgnoreCase": lambda value, other: isinstance(other, str) and value.lower() == other.lower(),
    "compareTo": _compare,
    "concat": lambda value, other: value + text(other),
    "substring": _substring,
    "contains": _taking_texts(lambda value, part: part in value),
    "startsWith": _taking_texts(lambda value, part: value.startswith(part)),
    "endsWith": _taking_texts(lambda value, part: value.endswith(part)),
    "indexOf": _taking_texts(lambda value, part: value.find(part)),
    "lastIndexOf": _taking_texts(lambda value, part: value.rfind(part)),
    "charAt": lambda value, index: _substring(value, index, _whole(index) + 1),
    "length": len,
    "isEmpty": lambda value: not value,
    "isBlank": lambda value: not value.strip(),
    "toLowerCase": lambda value: value.lower(),
    "toUpperCase": lambda value: value.upper(),
    "trim": lambda value: value.strip(),
    "replace": _replace,
    "split": _split,
    "toString": text,
    "intValue": lambda value: int(number(value)),
    "longValue": lambda value: int(number(value)),
    "doubleValue": lambda value: float(number(value)),
    "lower": lambda value: value.lower(),
    "upper": lambda value: value.upper(),
    "strip": lambda value: value.strip(),
    "title": lambda value: value.title(),
    "capitalize": lambda value: value.capitalize(),
    "startswith": _taking_texts(lambda value, part: value.startswith(part)),
    "endswith": _taking_texts(lambda value, part: value.endswith(part)),
    "find": _taking_texts(lambda value, part: value.find(part)),
    "count": _taking_texts(lambda value, part: value.count(part)),
    "isdigit": lambda value: value.isdigit(),
    "join": _join,
}

# ---------------------------------------------------------------- lists and maps


def _index(value: list[Any], wanted: Any) -> int:
    return next((index for index, item in enumerate(value) if equal_data(item, wanted)), -1)


def _get(value: list[Any], index: Any) -> Any:
    at = _whole(index)
    if not 0 <= at < len(value):
        raise ExpressionError(f"There is no item {at}: the list has {len(value)}.")
    return value[at]


def equal_data(a: Any, b: Any) -> bool:
    """Equal without coercion, but for dates: `1` is not `'1'`, and not `true`."""
    if isinstance(a, bool) is not isinstance(b, bool):
        return False
    if isinstance(a, date) and isinstance(b, date):
        first, second = aligned(a, b)
        return first == second
    return bool(a == b)


_LIST: dict[str, Method] = {
    "size": len,
    "isEmpty": lambda value: not value,
    "contains": lambda value, item: _index(value, item) >= 0,
    "containsAll": lambda value, items: all(_index(value, item) >= 0 for item in _listed(items)),
    "indexOf": _index,
    "get": _get,
    "toString": text,
    "equals": equal_data,
    "count": lambda value, item: sum(equal_data(each, item) for each in value),
}


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ExpressionError(f"{shown(value)} is {kind_of(value)}: a list is wanted.")
    return value


_MAP: dict[str, Method] = {
    "size": len,
    "isEmpty": lambda value: not value,
    "get": lambda value, key, default=None: value.get(text(key), default),
    "getOrDefault": lambda value, key, default: value.get(text(key), default),
    "containsKey": lambda value, key: text(key) in value,
    "containsValue": lambda value, item: _index(list(value.values()), item) >= 0,
    "keySet": list,
    "keys": list,
    "values": lambda value: list(value.values()),
    "items": lambda value: [[key, item] for key, item in value.items()],
    "toString": text,
    "equals": equal_data,
}

# ---------------------------------------------------------------- numbers, booleans, dates

_NUMBER: dict[str, Method] = {
    "intValue": int,
    "longValue": int,
    "doubleValue": float,
    "toString": text,
    "equals": equal_data,
    "compareTo": _compare,
}
_BOOLEAN: dict[str, Method] = {
    "booleanValue": bool,
    "toString": text,
    "equals": lambda value, other: value is other,
}


def _shift(sign: int, **unit: int) -> Method:
    months, days, seconds = (unit.get(name, 0) * sign for name in ("months", "days", "seconds"))

    def shift(value: date, count: Any) -> date:
        amount = Duration(months, days, timedelta(seconds=seconds)).times(_whole(count))
        if isinstance(value, datetime) and value.tzinfo:
            return amount.after(value, value.tzinfo).astimezone(value.tzinfo)
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        day = Duration(amount.months, amount.days).after_day(moment.date())
        moved = datetime.combine(day, moment.time()) + amount.time
        return moved if isinstance(value, datetime) or seconds else moved.date()

    return shift


def _before(value: Any, other: Any) -> bool:
    first, second = aligned(value, other)
    return first < second


_DATE: dict[str, Method] = {
    "before": _before,
    "after": lambda value, other: _before(other, value),
    "isBefore": _before,
    "isAfter": lambda value, other: _before(other, value),
    "equals": equal_data,
    "compareTo": lambda value, other: _before(other, value) - _before(value, other),
    "toString": text,
    "isoformat": text,
    "toDate": lambda value: value,
    "isoweekday": lambda value: value.isoweekday(),
    **{
        f"{word}{unit}": _shift(sign, **length)
        for word, sign in (("plus", 1), ("minus", -1))
        for unit, length in (
            ("Years", {"months": 12}),
            ("Months", {"months": 1}),
            ("Weeks", {"days": 7}),
            ("Days", {"days": 1}),
            ("Hours", {"seconds": 3600}),
            ("Minutes", {"seconds": 60}),
            ("Seconds", {"seconds": 1}),
        )
    },
}

_BY_KIND: tuple[tuple[tuple[type, ...], dict[str, Method]], ...] = (
    ((str,), _TEXT),
    ((bool,), _BOOLEAN),
    ((int, float), _NUMBER),
    ((list,), _LIST),
    ((dict,), _MAP),
    ((date, datetime), _DATE),
    ((timedelta,), {"toString": text}),
)

#: name -> kind of value -> what to call with the value and the arguments
METHODS: Mapping[str, Mapping[type, Method]] = {
    name: {kind: table[name] for kinds, table in _BY_KIND if name in table for kind in kinds}
    for name in sorted({name for _, table in _BY_KIND for name in table})
}

#: name -> kind of value -> its value
FIELDS: Mapping[str, Mapping[type, Callable[[Any], Any]]] = {
    "year": {date: lambda value: value.year, datetime: lambda value: value.year},
    "month": {date: lambda value: value.month, datetime: lambda value: value.month},
    "day": {date: lambda value: value.day, datetime: lambda value: value.day},
    "hour": {datetime: lambda value: value.hour},
    "minute": {datetime: lambda value: value.minute},
    "second": {datetime: lambda value: value.second},
    "days": {timedelta: lambda value: value.days},
    "seconds": {timedelta: lambda value: value.seconds},
}


def method_for(name: str, value: Any) -> Method:
    """The method of this name that this value has."""
    kinds = METHODS.get(name)
    if kinds is None:
        raise ExpressionError(f"There is no method {name}.")
    for kind in type(value).__mro__:
        if kind in kinds:
            return kinds[kind]
    if value is None:
        raise ExpressionError(f"{name} is asked of null: test the value first, != null.")
    raise ExpressionError(f"{shown(value)} is {kind_of(value)} and has no method {name}.")
