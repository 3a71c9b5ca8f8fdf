"""Calls: functions, methods of values, and the tables behind `execution` and `task`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpmn.expressions import nodes
from bpmn.expressions.budget import Frame, made, read, weigh
from bpmn.expressions.errors import ExpressionError
from bpmn.expressions.functions import FUNCTIONS
from bpmn.expressions.kinds import shown
from bpmn.expressions.methods import method_for
from bpmn.expressions.nodes import Node

Evaluate = Callable[[Frame], Any]
Bean = Callable[[Frame], Mapping[str, Any] | None]

#: Methods whose result is a part of the value itself, and not made anew.
_GIVING_PARTS = frozenset(("get", "getOrDefault"))


def function(name: str, arguments: tuple[Evaluate, ...], keywords: tuple[tuple[str, Evaluate], ...]) -> Evaluate:
    own = FUNCTIONS.get(name)

    def function_call(frame: Frame) -> Any:
        apply = own or frame.names.function(name)
        if apply is None:
            raise ExpressionError(f"There is no function {name}.")
        values = [argument(frame) for argument in arguments]
        options = {key: value(frame) for key, value in keywords}
        for value in values:
            weigh(frame, value)
        return made(frame, _called(name, apply, values, options))

    return function_call


def lookup(name: str, arguments: tuple[Evaluate, ...]) -> Evaluate:
    """`has('name')`, and `variable('name', default)`, which gives the default where the variable is unknown or null."""
    asks = name == "has"
    if not 1 <= len(arguments) <= (1 if asks else 2):
        raise ExpressionError(f"{name} takes the name of a variable{'' if asks else ' and a default'}.")
    of_name, *of_default = arguments

    def lookup_call(frame: Frame) -> Any:
        frame.spend(1)
        wanted = of_name(frame)
        if not isinstance(wanted, str):
            raise ExpressionError(f"{shown(wanted)} is no name of a variable: write it as a text, 'cost'.")
        if asks:
            return wanted in frame.names
        value = read(frame.names[wanted]) if wanted in frame.names else None
        return of_default[0](frame) if value is None and of_default else value

    return lookup_call


def method(name: str, holder: Evaluate, of_bean: Bean, arguments: tuple[Evaluate, ...]) -> Evaluate:
    finished = _as_read if name in _GIVING_PARTS else made

    def method_call(frame: Frame) -> Any:
        table = of_bean(frame)
        if table is not None:
            apply = table.get(name)
            if not callable(apply):
                raise ExpressionError(f"There is no method {name} here, but {offered(table, callable_=True)}.")
            frame.spend(1)
            return read(_called(name, apply, [argument(frame) for argument in arguments], {}))
        value = holder(frame)
        apply = method_for(name, value)
        values = [value, *[argument(frame) for argument in arguments]]
        for each in values:
            weigh(frame, each)
        return finished(frame, _called(name, apply, values, {}))

    return method_call


def bean(node: Node) -> Bean:
    """Where a bare name may stand for a table of methods rather than for a variable."""
    if isinstance(node, nodes.Variable):
        name = node.name
        return lambda frame: frame.names.bean(name)
    return lambda _: None


def offered(table: Mapping[str, Any], callable_: bool | None = None) -> str:
    """The names a table has, for a message."""
    names = [key for key, value in table.items() if callable_ is None or callable(value) == callable_]
    return ", ".join(sorted(names)[:12]) or "none"


def _as_read(_frame: Frame, value: Any) -> Any:
    return read(value)


def _called(name: str, apply: Callable[..., Any], values: list[Any], options: dict[str, Any]) -> Any:
    try:
        return apply(*values, **options)
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise ExpressionError(f"{name}: {error}") from error
