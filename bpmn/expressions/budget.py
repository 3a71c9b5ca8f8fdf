"""What an expression may cost: every limit, and the checks that hold values to them.

An expression without a comprehension takes no more steps than it has nodes, so only comprehensions, functions and
newly made values are charged. Sizes are counted as if shared parts were written out, because JSON does just that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any

from bpmn.expressions.errors import ExpressionError
from bpmn.expressions.names import Names
from bpmn.values import MAX_VALUE_DEPTH, TYPE_KEY, plain

MAX_SOURCE = 4_000  # characters of an expression
MAX_SCRIPT = 20_000  # characters of a script
MAX_NODES = 2_000  # nodes of its syntax tree
MAX_NESTING = 30  # brackets inside brackets
MAX_DEPTH = 120  # levels of its syntax tree: a chain of additions is as deep as it is long
MAX_STEPS = 100_000  # turns, elements and characters handled (64 characters count as one)
MAX_STEPS_TOGETHER = 1_000_000  # of everything that one command works out: seconds, not minutes
MAX_LENGTH = 100_000  # characters of a text, entries of a list or map
MAX_LEAVES = 20_000  # values in one structure, written out
MAX_BITS = 256  # of a whole number
MAX_DIGITS = 80  # of a text read as a number

_SCALARS = frozenset((type(None), bool, date, datetime, timedelta))
_BASES = (str, bool, int, float, list, dict, datetime, date, timedelta)


class Frame:
    """One evaluation: the names it sees, the variables of its comprehensions, the steps it has left."""

    __slots__ = ("locals", "names", "steps")

    def __init__(self, names: Names) -> None:
        self.names = names
        self.locals: dict[str, Any] = {}
        self.steps = MAX_STEPS

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise ExpressionError(f"This takes more than {MAX_STEPS} steps: do less in one expression.")


#: What is left for all evaluations of a command; None outside of one.
_purse: ContextVar[list[int] | None] = ContextVar("purse", default=None)


@contextmanager
def shared_budget() -> Iterator[None]:
    """Everything that is worked out inside takes MAX_STEPS_TOGETHER steps at most: a table of a thousand rules may not
    take a thousand times what one expression may."""
    token = _purse.set([MAX_STEPS_TOGETHER])
    try:
        yield
    finally:
        _purse.reset(token)


def settle(frame: Frame) -> None:
    """Charges what an evaluation took, at its end, to what all of them have."""
    purse = _purse.get()
    if purse is None:
        return
    purse[0] -= MAX_STEPS - frame.steps
    if purse[0] < 0:
        raise ExpressionError(f"Together this takes more than {MAX_STEPS_TOGETHER} steps: do less in one command.")


def read(value: Any) -> Any:
    """A value from a variable, a record or a function: plain data, or an error. Typed values are unwrapped."""
    kind = value.__class__
    if kind is str or kind is int or kind is float or kind is list or kind in _SCALARS:
        return value
    if kind is dict:
        return plain(value) if TYPE_KEY in value else value
    if kind is tuple:
        return list(value)
    for base in _BASES:
        if isinstance(value, base):
            return value
    raise ExpressionError(f"A {kind.__name__} is no value that an expression can use.")


def number_within_limits(value: int | float) -> int | float:
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise ExpressionError(f"The number is too large: at most {MAX_BITS} bits.")
    if isinstance(value, float) and not isfinite(value):
        raise ExpressionError("The number is too large.")
    return value


def made(frame: Frame, value: Any) -> Any:
    """A value that an operation or a function has just made, held to the limits of size."""
    kind = value.__class__
    if kind in _SCALARS:
        return value
    if kind is int or kind is float:
        return number_within_limits(value)
    if kind is str:
        if len(value) > MAX_LENGTH:
            raise ExpressionError(f"The text is too long: at most {MAX_LENGTH} characters.")
        frame.spend(len(value) >> 6)
        return value
    value = read(value)
    if isinstance(value, (list, dict)):
        measure(frame, value)
    return value


def measure(frame: Frame, value: list[Any] | dict[Any, Any]) -> None:
    """Charges for a newly made structure, and refuses one that is too large or too deep."""
    leaves = 0
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        part, depth = waiting.pop()
        if depth > MAX_VALUE_DEPTH:
            raise ExpressionError(f"Lists and maps lie more than {MAX_VALUE_DEPTH} levels inside each other.")
        leaves += len(part)
        for item in _entries(part):
            if item.__class__ is str:
                leaves += len(item) >> 6
            elif isinstance(item, (list, dict)):
                waiting.append((item, depth + 1))
        if leaves > MAX_LEAVES:
            raise ExpressionError(f"The list or map is too large: at most {MAX_LEAVES} values, written out.")
    frame.spend(leaves)


def weigh(frame: Frame, value: Any) -> None:
    """Charges for handling a value once more, as each turn of a comprehension does."""
    if isinstance(value, str):
        frame.spend(len(value) >> 6)
    elif isinstance(value, (list, dict)):
        waiting: list[Any] = [value]
        while waiting:
            part = waiting.pop()
            frame.spend(len(part) + 1)
            for item in _entries(part):
                if item.__class__ is str:
                    frame.steps -= len(item) >> 6
                elif isinstance(item, (list, dict)):
                    waiting.append(item)


def _entries(part: list[Any] | dict[Any, Any]) -> Any:
    if isinstance(part, list):
        return part
    for key in part:
        if not isinstance(key, str):
            raise ExpressionError(f"{key!r} is no key of a map: keys are texts.")
    return part.values()
