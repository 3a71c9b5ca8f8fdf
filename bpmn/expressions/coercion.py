"""The operators of JUEL, with the coercions of the Expression Language specification (1.17 to 1.19 of JSR 245).

Where Java would go on with infinity or an overflow, this raises an error: nobody means either in a process.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date
from math import fmod
from typing import Any

from bpmn.expressions.budget import MAX_DIGITS
from bpmn.expressions.errors import ExpressionError
from bpmn.expressions.kinds import aligned, shown, text

_PLAIN = frozenset((int, float, str, bool))


def number(value: Any) -> int | float:
    """Null and the empty text count as 0; a text is read as a number; a boolean is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if value is None or value == "":
        return 0
    if isinstance(value, str) and len(value) <= MAX_DIGITS:
        try:
            return float(value) if any(sign in value for sign in ".eE") else int(value)
        except ValueError:
            pass
    raise ExpressionError(f"{shown(value)} is no number.")


def boolean(value: Any) -> bool:
    """Null and the empty text are false; of other texts only `true` is true."""
    if value is True or value is False:
        return bool(value)
    if value is None or value == "":
        return False
    if isinstance(value, str):
        return value.lower() == "true"
    raise ExpressionError(f"{shown(value)} is neither true nor false.")


def equal(a: Any, b: Any) -> bool:
    kind = a.__class__
    if kind is b.__class__ and kind in _PLAIN:
        return bool(a == b)
    if a is None or b is None:
        return a is b
    if _is_number(a) or _is_number(b):
        return number(a) == number(b)
    if isinstance(a, bool) or isinstance(b, bool):
        return boolean(a) == boolean(b)
    if isinstance(a, date) or isinstance(b, date):
        first, second = aligned(a, b)
        return first == second
    if isinstance(a, str) or isinstance(b, str):
        return text(a) == text(b)
    return bool(a == b)


def unequal(a: Any, b: Any) -> bool:
    return not equal(a, b)


def _ordering(compare: Callable[[Any, Any], bool], same: bool) -> Callable[[Any, Any], bool]:
    def ordered(a: Any, b: Any) -> bool:
        kind = a.__class__
        if kind is b.__class__ and kind in _PLAIN:
            return compare(a, b)
        if a is None or b is None:
            return same and a is b
        if _is_number(a) or _is_number(b):
            return compare(number(a), number(b))
        if isinstance(a, date) or isinstance(b, date):
            return compare(*aligned(a, b))
        if isinstance(a, str) or isinstance(b, str):
            return compare(text(a), text(b))
        if type(a) is not type(b) or isinstance(a, (list, dict)):
            raise ExpressionError(f"{shown(a)} and {shown(b)} have no order.")
        return compare(a, b)

    return ordered


less = _ordering(operator.lt, False)
greater = _ordering(operator.gt, False)
at_most = _ordering(operator.le, True)
at_least = _ordering(operator.ge, True)


def add(a: Any, b: Any) -> int | float:
    if isinstance(a, str) and isinstance(b, str) and not _numeric(a, b):
        raise ExpressionError(f"+ adds numbers; join texts with concat: {shown(a)}.concat({shown(b)}).")
    return number(a) + number(b)


def subtract(a: Any, b: Any) -> int | float:
    return number(a) - number(b)


def multiply(a: Any, b: Any) -> int | float:
    return number(a) * number(b)


def divide(a: Any, b: Any) -> int | float:
    """Always decimal; null divided by null is 0."""
    if a is None and b is None:
        return 0
    divisor = number(b)
    if divisor == 0:
        raise ExpressionError(f"{shown(a)} is divided by zero.")
    return number(a) / divisor


def remainder(a: Any, b: Any) -> int | float:
    """With the sign of the first number, as in Java."""
    if a is None and b is None:
        return 0
    dividend, divisor = number(a), number(b)
    if divisor == 0:
        raise ExpressionError(f"{shown(a)} is divided by zero.")
    if isinstance(dividend, float) or isinstance(divisor, float):
        return fmod(dividend, divisor)
    rest = abs(dividend) % abs(divisor)
    return -rest if dividend < 0 else rest


def negate(value: Any) -> int | float:
    return -number(value)


def negated(value: Any) -> bool:
    return not boolean(value)


def empty(value: Any) -> bool:
    return value is None or (isinstance(value, (str, list, dict)) and not value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _numeric(a: str, b: str) -> bool:
    try:
        number(a)
        number(b)
    except ExpressionError:
        return False
    return True
