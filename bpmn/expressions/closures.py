"""The interpreter: a syntax tree becomes functions inside functions, once; running it is calling the outermost.

Nothing here touches an attribute of a value. Fields and items are those of maps and lists, methods come from tables.
Inside a comprehension every operation charges for the values it handles, since it may run many times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpmn.expressions import calls, nodes
from bpmn.expressions.budget import Frame, made, read, weigh
from bpmn.expressions.calls import Evaluate
from bpmn.expressions.coercion import number
from bpmn.expressions.errors import ExpressionError, UnknownVariable
from bpmn.expressions.kinds import kind_of, shown, text
from bpmn.expressions.methods import FIELDS, METHODS
from bpmn.expressions.nodes import Node

_Gather = Callable[[Frame, list[Any]], None]


def closure(node: Node, looping: bool = False) -> Evaluate:
    """The function that evaluates this node. `looping`: it stands in a comprehension."""
    build = _BUILDERS[type(node)]
    return build(node, looping)


def _literal(node: nodes.Literal, _looping: bool) -> Evaluate:
    value = node.value
    return lambda _: value


def _variable(node: nodes.Variable, _looping: bool) -> Evaluate:
    name = node.name

    def variable(frame: Frame) -> Any:
        try:
            value = frame.names[name]
        except KeyError:
            raise UnknownVariable(name) from None
        return read(value)

    return variable


def _local(node: nodes.Local, _looping: bool) -> Evaluate:
    name = node.name
    return lambda frame: read(frame.locals[name])


def _member(node: nodes.Member, looping: bool) -> Evaluate:
    local, name, otherwise = node.local, node.name, closure(node.otherwise, looping)

    def member(frame: Frame) -> Any:
        item = read(frame.locals[local])
        return read(item[name]) if isinstance(item, dict) and name in item else otherwise(frame)

    return member


# ---------------------------------------------------------------- parts of values


def _field(node: nodes.Field, looping: bool) -> Evaluate:
    holder, bean, name, strict = closure(node.holder, looping), calls.bean(node.holder), node.name, node.strict
    of_date = FIELDS.get(name, {})

    def field(frame: Frame) -> Any:
        table = bean(frame)
        if table is not None:
            if name not in table or callable(table[name]):
                raise ExpressionError(f"There is no property {name} here, but {calls.offered(table, callable_=False)}.")
            return read(table[name])
        value = holder(frame)
        if isinstance(value, dict):
            if name in value:
                return read(value[name])
            if strict:
                raise ExpressionError(f"There is no field {name}: the map has {calls.offered(value)}.")
            return None
        if value is None and not strict:
            return None
        apply = of_date.get(value.__class__)
        if apply is None:
            raise ExpressionError(f"{shown(value)} is {kind_of(value)} and has no field {name}.")
        return apply(value)

    return field


def _item(node: nodes.Item, looping: bool) -> Evaluate:
    holder, key, strict = closure(node.holder, looping), closure(node.key, looping), node.strict

    def item(frame: Frame) -> Any:
        value, at = holder(frame), key(frame)
        if isinstance(value, dict):
            if isinstance(at, (list, dict)):
                raise ExpressionError(f"{kind_of(at)} is no key of a map.")
            found = at if at in value or isinstance(at, str) else text(at)
            if found in value:
                return read(value[found])
        elif isinstance(value, list) or (strict and isinstance(value, str)):
            index = at if strict and isinstance(at, int) else int(number(at))
            if (-len(value) if strict else 0) <= index < len(value):
                return read(value[index])
        elif strict or value is not None:
            raise ExpressionError(f"{shown(value)} is {kind_of(value)} and has no items.")
        if strict:
            raise ExpressionError(f"There is no item {shown(at)} in {shown(value)}.")
        return None

    return item


def _slice(node: nodes.Slice, looping: bool) -> Evaluate:
    holder = closure(node.holder, looping)
    lower, upper = (closure(bound, looping) if bound else None for bound in (node.lower, node.upper))

    def part(frame: Frame) -> Any:
        value = holder(frame)
        if not isinstance(value, (str, list)):
            raise ExpressionError(f"{shown(value)} is {kind_of(value)}: only lists and texts have parts.")
        bounds = [None if bound is None else bound(frame) for bound in (lower, upper)]
        if not all(bound is None or isinstance(bound, int) for bound in bounds):
            raise ExpressionError("The bounds of a part are whole numbers.")
        return made(frame, value[slice(*bounds)])

    return part


# ---------------------------------------------------------------- calls


def _function_call(node: nodes.FunctionCall, looping: bool) -> Evaluate:
    arguments = tuple(closure(argument, looping) for argument in node.arguments)
    if node.name in ("has", "variable"):
        return calls.lookup(node.name, arguments)
    keywords = tuple((key, closure(value, looping)) for key, value in node.keywords)
    return calls.function(node.name, arguments, keywords)


def _method_call(node: nodes.MethodCall, looping: bool) -> Evaluate:
    if node.name not in METHODS and not isinstance(node.holder, nodes.Variable):
        raise ExpressionError(f"There is no method {node.name}.")
    arguments = tuple(closure(argument, looping) for argument in node.arguments)
    return calls.method(node.name, closure(node.holder, looping), calls.bean(node.holder), arguments)


# ---------------------------------------------------------------- operators


def _operation(node: nodes.Operation, looping: bool) -> Evaluate:
    apply = node.apply
    operands = tuple(closure(operand, looping) for operand in node.operands)
    if looping:

        def weighed(frame: Frame) -> Any:
            values = [operand(frame) for operand in operands]
            for value in values:
                weigh(frame, value)
            return made(frame, apply(*values))

        return weighed
    if len(operands) == 1:
        (only,) = operands
        return lambda frame: made(frame, apply(only(frame)))
    if len(operands) == 2:
        left, right = operands
        return lambda frame: made(frame, apply(left(frame), right(frame)))
    return lambda frame: made(frame, apply(*[operand(frame) for operand in operands]))


def _logic(node: nodes.Logic, looping: bool) -> Evaluate:
    *early, last = (closure(operand, looping) for operand in node.operands)
    stop, test, combine = node.stop, node.test, node.combine
    if combine is not None:

        def combined(frame: Frame) -> Any:
            values = []
            for operand in (*early, last):
                value = operand(frame)
                if test(value) is stop:
                    return value
                values.append(value)
            return combine(values)

        return combined

    def logic(frame: Frame) -> Any:
        for operand in early:
            value = operand(frame)
            if test(value) is stop:
                return value
        return last(frame)

    return logic


def _comparison(node: nodes.Comparison, looping: bool) -> Evaluate:
    first = closure(node.first, looping)
    others = tuple((compare, closure(operand, looping)) for compare, operand in node.others)
    if len(others) == 1 and not looping:
        ((compare, other),) = others
        return lambda frame: compare(first(frame), other(frame))

    def comparison(frame: Frame) -> Any:
        left = first(frame)
        for compare, operand in others:
            right = operand(frame)
            if looping:
                weigh(frame, left)
                weigh(frame, right)
            if not compare(left, right):
                return False
            left = right
        return True

    return comparison


def _choice(node: nodes.Choice, looping: bool) -> Evaluate:
    condition, then, otherwise = (closure(part, looping) for part in (node.condition, node.then, node.otherwise))
    test = node.test
    return lambda frame: then(frame) if test(condition(frame)) else otherwise(frame)


# ---------------------------------------------------------------- new values


def _list_of(node: nodes.ListOf, looping: bool) -> Evaluate:
    items = tuple(closure(item, looping) for item in node.items)
    return lambda frame: made(frame, [item(frame) for item in items])


def _map_of(node: nodes.MapOf, looping: bool) -> Evaluate:
    entries = tuple((closure(key, looping), closure(value, looping)) for key, value in node.entries)
    return lambda frame: made(frame, {_key(key(frame)): value(frame) for key, value in entries})


def _key(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise ExpressionError(f"{shown(value)} is no key of a map: keys are texts.")


def _text_of(node: nodes.TextOf, looping: bool) -> Evaluate:
    parts = tuple(closure(part, looping) for part in node.parts)

    def joined(frame: Frame) -> str:
        values = [part(frame) for part in parts]
        for value in values:
            weigh(frame, value)
        return str(made(frame, "".join(map(text, values))))

    return joined


def _comprehension(node: nodes.Comprehension, _looping: bool) -> Evaluate:
    element = closure(node.element, True)
    key = closure(node.key, True) if node.key else None
    cost = 1 + _size(node)

    def innermost(frame: Frame, into: list[Any]) -> None:
        into.append(element(frame) if key is None else (_key(key(frame)), element(frame)))

    gather: _Gather = innermost
    for loop in reversed(node.loops):
        gather = _turns(loop, gather, cost)

    def comprehension(frame: Frame) -> Any:
        outer = frame.locals
        frame.locals = dict(outer)
        found: list[Any] = []
        gather(frame, found)
        frame.locals = outer
        return made(frame, found if key is None else dict(found))

    return comprehension


def _turns(loop: nodes.Loop, inner: _Gather, cost: int) -> _Gather:
    source = closure(loop.source, True)
    conditions = tuple(closure(condition, True) for condition in loop.conditions)
    targets = loop.targets

    def turns(frame: Frame, into: list[Any]) -> None:
        values = source(frame)
        if not isinstance(values, (list, dict)):
            raise ExpressionError(f"{shown(values)} is {kind_of(values)}: for goes through lists and the keys of maps.")
        for value in values:
            frame.spend(cost)
            if len(targets) == 1:
                frame.locals[targets[0]] = value
            elif isinstance(value, (list, tuple)) and len(value) == len(targets):
                frame.locals.update(zip(targets, value, strict=True))
            else:
                raise ExpressionError(f"{shown(value)} cannot be taken apart into {', '.join(targets)}.")
            if all(condition(frame) for condition in conditions):
                inner(frame, into)

    return turns


def _size(node: Node) -> int:
    waiting, size = [node], 0
    while waiting:
        size += 1
        waiting.extend(waiting.pop().children)
    return size


_BUILDERS: dict[type, Callable[[Any, bool], Evaluate]] = {
    nodes.Literal: _literal,
    nodes.Variable: _variable,
    nodes.Local: _local,
    nodes.Member: _member,
    nodes.Field: _field,
    nodes.Item: _item,
    nodes.Slice: _slice,
    nodes.FunctionCall: _function_call,
    nodes.MethodCall: _method_call,
    nodes.Operation: _operation,
    nodes.Logic: _logic,
    nodes.Comparison: _comparison,
    nodes.Choice: _choice,
    nodes.ListOf: _list_of,
    nodes.MapOf: _map_of,
    nodes.TextOf: _text_of,
    nodes.Comprehension: _comprehension,
}
