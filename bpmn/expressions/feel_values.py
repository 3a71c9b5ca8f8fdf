"""The operators of FEEL: three-valued logic, and null wherever an operation has no answer."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from bpmn.expressions.errors import ExpressionError
from bpmn.expressions.kinds import aligned, kind_of, shown


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def truth(value: Any) -> bool | None:
    """True, false, or for everything else null."""
    return value if isinstance(value, bool) else None


def both(values: list[Any]) -> bool | None:
    """What `and` makes of values none of which is false."""
    return True if all(value is True for value in values) else None


def either(values: list[Any]) -> bool | None:
    """What `or` makes of values none of which is true."""
    return False if all(value is False for value in values) else None


def negated(value: Any) -> bool | None:
    return None if truth(value) is None else not value


# ---------------------------------------------------------------- comparison


def equal(a: Any, b: Any) -> bool | None:
    """Null equals only null; values of different kinds have no answer. A text beside a date is read as a date."""
    if a is None or b is None:
        return a is b
    if isinstance(a, date) or isinstance(b, date):
        if not isinstance(a, (date, str)) or not isinstance(b, (date, str)):
            return None
        first, second = aligned(a, b)
        return first == second
    if is_number(a) and is_number(b):
        return bool(a == b)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(equal(*pair) is True for pair in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) is True for key in a)
    return bool(a == b) if type(a) is type(b) else None


def unequal(a: Any, b: Any) -> bool | None:
    return negated(equal(a, b))


def _ordering(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool | None]:
    def ordered(a: Any, b: Any) -> bool | None:
        if a is None or b is None:
            return None
        if (isinstance(a, date) and isinstance(b, (date, str))) or (isinstance(b, date) and isinstance(a, str)):
            return compare(*aligned(a, b))
        comparable = (is_number(a) and is_number(b)) or (type(a) is type(b) and isinstance(a, (str, timedelta)))
        return compare(a, b) if comparable else None

    return ordered


less = _ordering(operator.lt)
greater = _ordering(operator.gt)
at_most = _ordering(operator.le)
at_least = _ordering(operator.ge)


def within(lower_included: bool, upper_included: bool) -> Callable[[Any, Any, Any], bool | None]:
    """Whether a value lies in a range, given with its bounds."""
    above, below = at_least if lower_included else greater, at_most if upper_included else less

    def lies(value: Any, lower: Any, upper: Any) -> bool | None:
        answers = [above(value, lower), below(value, upper)]
        return False if False in answers else both(answers)

    return lies


def one_of(value: Any, wanted: Any) -> bool | None:
    """A cell of a table: the value equals what is wanted, or is in the list that is; a yes or no answers for itself."""
    if isinstance(wanted, list) and not isinstance(value, list):
        return any(equal(value, each) is True for each in wanted)
    if isinstance(wanted, bool) and not isinstance(value, bool):
        return wanted
    return equal(value, wanted)


# ---------------------------------------------------------------- arithmetic


def add(a: Any, b: Any) -> Any:
    if isinstance(a, str) and isinstance(b, str):
        return a + b
    return _calculated(operator.add, a, b, dates=True)


def subtract(a: Any, b: Any) -> Any:
    if isinstance(a, date) and isinstance(b, date) and isinstance(a, datetime) is not isinstance(b, datetime):
        a, b = aligned(a, b)
    return _calculated(operator.sub, a, b, dates=True)


def multiply(a: Any, b: Any) -> Any:
    return _calculated(operator.mul, a, b, durations=True)


def divide(a: Any, b: Any) -> Any:
    """Whole where it comes out even; null where it is by zero."""
    if is_number(b) and b == 0:
        return None
    if isinstance(a, int) and isinstance(b, int) and a % b == 0:
        return a // b
    return _calculated(operator.truediv, a, b, durations=True)


def power(a: Any, b: Any) -> Any:
    if is_number(a) and is_number(b) and (abs(b) > 256 or abs(a) > 1e18):
        raise ExpressionError("The power is too large.")
    if is_number(a) and is_number(b) and ((a == 0 and b < 0) or (a < 0 and b % 1)):
        return None
    return _calculated(operator.pow, a, b)


def negative(value: Any) -> Any:
    if is_number(value) or isinstance(value, timedelta):
        return -value
    return None


def _calculated(
    apply: Callable[[Any, Any], Any], a: Any, b: Any, *, dates: bool = False, durations: bool = False
) -> Any:
    if a is None or b is None:
        return None
    if is_number(a) and is_number(b):
        return apply(a, b)
    if (dates or durations) and isinstance(b if dates else a, (timedelta, date)) and not isinstance(b, str):
        try:
            return apply(a, b)
        except TypeError:
            return None
    return None


# ---------------------------------------------------------------- lists


def as_list(value: Any) -> list[Any]:
    """A list as it is, null as no item, anything else as the only item."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def span(lower: Any, upper: Any) -> list[int]:
    """The whole numbers of `for i in 1..5`, counted down if the second is less."""
    if not isinstance(lower, int) or not isinstance(upper, int):
        raise ExpressionError(f"From {shown(lower)} to {shown(upper)} cannot be counted: whole numbers are wanted.")
    step = 1 if upper >= lower else -1
    if abs(upper - lower) > 20_000:
        raise ExpressionError("The range is too long: at most 20000 numbers.")
    return list(range(lower, upper + step, step))


def at(values: Any, index: Any) -> Any:
    """The item of this number, from 1, or from the end with -1; null where there is none."""
    items = as_list(values)
    if not isinstance(index, int) or isinstance(index, bool):
        raise ExpressionError(f"{shown(index)} is {kind_of(index)}: items are chosen by number or by a condition.")
    if index == 0 or abs(index) > len(items):
        return None
    return items[index - 1 if index > 0 else index]


def filtered(pairs: list[Any]) -> Any:
    """Of items, each with the answer of a condition, those for which it is true. Where the answers are numbers, the one
    item of that number."""
    answers = [answer for _, answer in pairs]
    if answers and all(is_number(answer) for answer in answers):
        return at([item for item, _ in pairs], answers[0])
    return [item for item, answer in pairs if answer is True]


def some(answers: list[Any]) -> bool | None:
    return True if any(answer is True for answer in answers) else either(answers)


def every(answers: list[Any]) -> bool | None:
    return False if any(answer is False for answer in answers) else both(answers)


def matching(answers: Any) -> bool:
    """Whether a condition holds for sure: null does not."""
    return answers is True
