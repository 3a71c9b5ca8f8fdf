"""Values of variables. They are JSON values; one whose type JSON does not show travels as a map of its own:

    {"onedoor:type": "Date", "value": "2026-12-01T08:00:00.000+0000", "info": {}}

Types are Camunda's: Boolean, Short, Integer, Long, Double, String, Null, Date, Json, Xml, Object, File, Bytes.
Expressions see plain data (`plain`); what they make is turned back before it is stored (`stored`).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bpmn.iso8601 import duration_text, parse_date
from bpmn.strict_json import UnfitJson, read_json

TYPE_KEY = "onedoor:type"

_RANGES = {"Short": 15, "Integer": 31, "Long": 63}  # type -> bits of its size
_SERIALIZED = frozenset(("Json", "Xml", "Object"))
#: Lists and maps inside each other; what lies deeper, no JSON writer can be trusted with.
MAX_VALUE_DEPTH = 60
TYPES = frozenset((*_RANGES, *_SERIALIZED, "Boolean", "Double", "String", "Null", "Date", "File", "Bytes"))


def typed(type: str, value: Any, info: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {TYPE_KEY: type, "value": value, "info": dict(info or {})}


def is_typed(value: Any) -> bool:
    return isinstance(value, dict) and TYPE_KEY in value


def info_of(value: Any) -> dict[str, Any]:
    """What is known beside the value: a file's `filename` and `mimeType`, an object's `objectTypeName`."""
    return dict(value.get("info") or {}) if is_typed(value) else {}


def type_of(value: Any) -> str:
    """The type of a stored value: the one it was given, or the one its JSON shows (lists and maps: Object)."""
    if is_typed(value):
        return str(value[TYPE_KEY])
    if value is None:
        return "Null"
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int):
        return "Integer" if _fits(value, 31) else "Long"
    if isinstance(value, float):
        return "Double"
    return "String" if isinstance(value, str) else "Object"


def plain(value: Any) -> Any:
    """What an expression sees of a stored value: a Date is an aware moment, a Json or JSON Object what it contains, a
    File its facts without the content; every other type its value."""
    if not is_typed(value):
        return value
    kind, inner = value[TYPE_KEY], value.get("value")
    if inner is None and kind != "File":
        return None
    if kind == "Date":
        moment = parse_date(str(inner))
        return moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    if kind == "Json" or (kind == "Object" and _is_json(info_of(value))):
        return json.loads(inner) if isinstance(inner, str) else inner
    if kind == "File":
        return info_of(value)
    return inner


def stored(value: Any) -> Any:
    """A value that an expression made, as a variable keeps it: a moment becomes a Date, days and durations their ISO
    text; everything else is kept. Dates inside lists and maps become texts."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, datetime):
        return typed("Date", date_text(value))
    return _texts(value)


def date_text(moment: datetime) -> str:
    """A moment as Camunda writes it, with its own offset: `2026-12-01T08:00:00.000+0100`. Without zone: one of UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{aware:%Y-%m-%dT%H:%M:%S}.{aware.microsecond // 1000:03d}{aware:%z}"


def require_flat(value: Any) -> None:
    """ValueError for lists and maps that lie more than MAX_VALUE_DEPTH levels inside each other."""
    if _deeper_than(MAX_VALUE_DEPTH, value):
        raise ValueError(f"Lists and maps lie more than {MAX_VALUE_DEPTH} levels inside each other: make it flatter.")


def _deeper_than(levels: int, value: Any) -> bool:
    if not isinstance(value, (list, dict)):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_deeper_than(levels - 1, each) for each in inside)


def check_value(type: str, value: Any, info: Mapping[str, Any] | None = None) -> Any:
    """A value given with its type, as it is stored: plain JSON where that shows the type, else typed.

    Conversions are Camunda's: texts are read as numbers, booleans and dates; the first letter of the type may be small.
    Raises ValueError("Cannot convert value ...").
    """
    name = type[:1].upper() + type[1:]
    if name not in TYPES:
        raise ValueError(f"Unsupported value type '{type}': use one of {', '.join(sorted(TYPES))}.")
    if name == "Null" or (value is None and name != "File"):
        if value is not None:
            raise _unfit(value, name, "it must be null")
        return None if name in ("Null", "String", "Boolean", "Double", *_RANGES) else typed(name, None, info)
    converted = _CONVERSIONS[name](value, name)
    return converted if type_of(converted) == name and name != "Object" else typed(name, converted, info)


# ---------------------------------------------------------------- conversions, by type


def _boolean(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise _unfit(value, name, "write true or false")


def _whole(value: Any, name: str) -> int:
    bits = _RANGES[name]
    number: int | None = None
    if isinstance(value, str) and len(value) <= 20:
        try:
            number = int(value)
        except ValueError:
            number = None
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and value == value // 1:
        number = int(value)
    if number is None or not _fits(number, bits):
        raise _unfit(value, name, f"write a whole number from -2^{bits} to 2^{bits}-1")
    return number


def _double(value: Any, name: str) -> float:
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            number = float("inf")
        if abs(number) < float("inf"):
            return number
    raise _unfit(value, name, "write a number")


def _string(value: Any, name: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    raise _unfit(value, name, "write a text")


def _date(value: Any, name: str) -> str:
    try:
        found = parse_date(str(value).replace(" ", "+")) if isinstance(value, str) else value
    except ValueError:
        found = None
    if isinstance(found, datetime):
        return date_text(found)
    if isinstance(found, date):
        return date_text(datetime(found.year, found.month, found.day, tzinfo=UTC))
    raise _unfit(value, name, "write it as 2026-12-01T08:00:00.000+0000")


def _serialized(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"Must provide 'null' or String value for value of SerializableValue type '{name}'.")
    if name == "Xml":
        return value
    try:
        found = read_json(value)
    except UnfitJson as error:
        raise _unfit(value, name, f"it {error}") from None
    except ValueError:
        if name == "Json":
            raise _unfit(value, name, "it is no JSON document") from None
        return value
    require_flat(found)
    return value


def _octets(value: Any, name: str) -> str | None:
    if value is None:
        return None
    try:
        base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise _unfit(value, name, "write it in base64") from None
    return str(value)


_CONVERSIONS = {
    "Boolean": _boolean,
    "Short": _whole,
    "Integer": _whole,
    "Long": _whole,
    "Double": _double,
    "String": _string,
    "Date": _date,
    "Json": _serialized,
    "Xml": _serialized,
    "Object": _serialized,
    "File": _octets,
    "Bytes": _octets,
}


def _fits(number: int, bits: int) -> bool:
    return -(1 << bits) <= number < 1 << bits


def _unfit(value: Any, name: str, remedy: str) -> ValueError:
    given = type(value).__name__
    return ValueError(f"Cannot convert value '{str(value)[:80]}' of type '{given}' to type '{name}': {remedy}.")


def _is_json(info: Mapping[str, Any]) -> bool:
    return str(info.get("serializationDataFormat", "application/json")) == "application/json"


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return duration_text(value) if isinstance(value, timedelta) else value


def _texts(value: Any) -> Any:
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return {key: _texts(item) for key, item in value.items()} if isinstance(value, dict) else _text(value)
