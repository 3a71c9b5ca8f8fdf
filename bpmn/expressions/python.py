"""The Python-like form: `cost > 25000 and not remote`, with Python's own rules for values.

Python's parser only reads the text (`ast.parse` runs nothing); what the tables below do not name is refused.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from bpmn.expressions import nodes
from bpmn.expressions.budget import MAX_BITS, MAX_DEPTH, MAX_LENGTH, MAX_NESTING, MAX_NODES, number_within_limits
from bpmn.expressions.errors import ExpressionError
from bpmn.expressions.kinds import aligned, kind_of, shown
from bpmn.expressions.nodes import Node

_LITERALS = (type(None), bool, int, float, str)


def parse(source: str) -> Node:
    """The tree of one expression."""
    match statements(source.strip()):
        case [ast.Expr(value=value)]:
            return convert(value, frozenset())
    raise ExpressionError("This is no single expression: a script task runs statements.")


def statements(source: str) -> list[ast.stmt]:
    """Python's tree of a source, within the limits of nesting, depth and size."""
    nesting = 0
    for character in source:
        nesting += (character in "([{") - (character in ")]}")
        if nesting > MAX_NESTING:
            raise ExpressionError(f"Brackets lie more than {MAX_NESTING} levels inside each other.")
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise ExpressionError(f"{error.msg}.").at_line(error.lineno or 1) from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise ExpressionError(f"This cannot be read: {error or 'it is too complex'}.") from None
    waiting: list[tuple[ast.AST, int]] = [(tree, 1)]
    size = 0
    while waiting:
        node, depth = waiting.pop()
        size += 1
        if depth > MAX_DEPTH or size > MAX_NODES * 2:
            raise ExpressionError("This is too complex: take it apart.")
        waiting.extend((child, depth + 1) for child in ast.iter_child_nodes(node))
    return tree.body


# ---------------------------------------------------------------- operators


def _same_kind(symbol: str, apply: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def operation(a: Any, b: Any) -> Any:
        try:
            return apply(a, b)
        except TypeError:
            raise ExpressionError(f"{symbol} does not go with {kind_of(a)} and {kind_of(b)}.") from None
        except ZeroDivisionError:
            raise ExpressionError(f"{shown(a)} is divided by zero.") from None
        except OverflowError:
            raise ExpressionError("The number or date is too large.") from None

    return operation


def _multiply(a: Any, b: Any) -> Any:
    for value, count in ((a, b), (b, a)):
        if isinstance(value, (str, list)) and isinstance(count, int) and len(value) * max(count, 0) > MAX_LENGTH:
            raise ExpressionError(f"The text or list becomes too long: at most {MAX_LENGTH}.")
    return a * b


def _power(a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int) and (b < 0 or a.bit_length() * b > MAX_BITS):
        if b >= 0 and a in (-1, 0, 1):
            return a**b
        if b >= 0 or abs(b) > MAX_BITS:
            raise ExpressionError("The power is too large.")
    result = a**b
    if isinstance(result, complex):
        raise ExpressionError("The power of a negative number with decimals is no number.")
    return result


def _remainder(a: Any, b: Any) -> Any:
    if isinstance(a, str):
        raise ExpressionError("% does not format texts: use an f-text, f'{name}'.")
    return a % b


def _dates_first(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], bool]:
    """A comparison where a date beside a text or another date goes by the moments they mean."""

    def compared(a: Any, b: Any) -> bool:
        if isinstance(a, date) or isinstance(b, date):
            if not isinstance(a, (date, str)) or not isinstance(b, (date, str)):
                return bool(compare(a, b))
            return bool(compare(*aligned(a, b)))
        return bool(compare(a, b))

    return compared


def _contains(item: Any, holder: Any) -> bool:
    if not isinstance(holder, (str, list, dict)):
        raise ExpressionError(f"in looks into lists, maps and texts, not into {kind_of(holder)}.")
    if isinstance(holder, dict) and isinstance(item, (list, dict)):
        return False
    return item in holder


def _difference(a: Any, b: Any) -> Any:
    if isinstance(a, date) and isinstance(b, date) and isinstance(a, datetime) is not isinstance(b, datetime):
        a, b = aligned(a, b)
    return a - b


_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: _same_kind("+", operator.add),
    ast.Sub: _same_kind("-", _difference),
    ast.Mult: _same_kind("*", _multiply),
    ast.Div: _same_kind("/", operator.truediv),
    ast.FloorDiv: _same_kind("//", operator.floordiv),
    ast.Mod: _same_kind("%", _remainder),
    ast.Pow: _same_kind("**", _power),
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: _dates_first(operator.eq),
    ast.NotEq: _dates_first(operator.ne),
    ast.Lt: _same_kind("<", _dates_first(operator.lt)),
    ast.LtE: _same_kind("<=", _dates_first(operator.le)),
    ast.Gt: _same_kind(">", _dates_first(operator.gt)),
    ast.GtE: _same_kind(">=", _dates_first(operator.ge)),
    ast.In: _contains,
    ast.NotIn: lambda item, holder: not _contains(item, holder),
    ast.Is: lambda a, b: a is b,
    ast.IsNot: lambda a, b: a is not b,
}

# ---------------------------------------------------------------- from Python's tree to ours

_Bound = frozenset[str]  # the variables of the comprehensions around


def convert(node: ast.expr, bound: _Bound) -> Node:
    """Our tree of a Python expression, or an error that names what is refused."""
    converter = _CONVERTERS.get(type(node))
    if converter is None:
        raise ExpressionError(f"{type(node).__name__} is not allowed.")
    return converter(node, bound)


def _constant(node: ast.Constant, _bound: _Bound) -> Node:
    if not isinstance(node.value, _LITERALS):
        raise ExpressionError(f"A {type(node.value).__name__} is no value that an expression can use.")
    return nodes.Literal(number_within_limits(node.value) if isinstance(node.value, (int, float)) else node.value)


def _name(node: ast.Name, bound: _Bound) -> Node:
    return nodes.Local(node.id) if node.id in bound else nodes.Variable(node.id)


def _attribute(node: ast.Attribute, bound: _Bound) -> Node:
    return nodes.Field(convert(node.value, bound), node.attr, strict=True)


def _subscript(node: ast.Subscript, bound: _Bound) -> Node:
    holder = convert(node.value, bound)
    if not isinstance(node.slice, ast.Slice):
        return nodes.Item(holder, convert(node.slice, bound), strict=True)
    if node.slice.step is not None:
        raise ExpressionError("A part is taken without a step: [from:to].")
    lower, upper = (convert(part, bound) if part else None for part in (node.slice.lower, node.slice.upper))
    return nodes.Slice(holder, lower, upper)


def operation(symbol: ast.operator, left: Node, right: Node) -> Node:
    apply = _BINARY.get(type(symbol))
    if apply is None:
        raise ExpressionError(f"The operator {type(symbol).__name__} is not allowed.")
    return nodes.Operation(apply, (left, right))


def _binary(node: ast.BinOp, bound: _Bound) -> Node:
    return operation(node.op, convert(node.left, bound), convert(node.right, bound))


def _unary(node: ast.UnaryOp, bound: _Bound) -> Node:
    apply = _UNARY.get(type(node.op))
    if apply is None:
        raise ExpressionError(f"The operator {type(node.op).__name__} is not allowed.")
    return nodes.Operation(apply, (convert(node.operand, bound),))


def _logic(node: ast.BoolOp, bound: _Bound) -> Node:
    return nodes.Logic(tuple(convert(value, bound) for value in node.values), isinstance(node.op, ast.Or), bool)


def _compare(node: ast.Compare, bound: _Bound) -> Node:
    others = zip(node.ops, node.comparators, strict=True)
    return nodes.Comparison(
        convert(node.left, bound), tuple((_COMPARISONS[type(op)], convert(other, bound)) for op, other in others)
    )


def _choice(node: ast.IfExp, bound: _Bound) -> Node:
    return nodes.Choice(convert(node.test, bound), bool, convert(node.body, bound), convert(node.orelse, bound))


def _sequence(node: ast.List | ast.Tuple, bound: _Bound) -> Node:
    return nodes.ListOf(tuple(convert(item, bound) for item in node.elts))


def _map(node: ast.Dict, bound: _Bound) -> Node:
    entries = []
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            raise ExpressionError("** is not allowed: write the entries.")
        entries.append((convert(key, bound), convert(value, bound)))
    return nodes.MapOf(tuple(entries))


def _call(node: ast.Call, bound: _Bound) -> Node:
    arguments = tuple(convert(argument, bound) for argument in node.args)
    keywords = []
    for keyword in node.keywords:
        if keyword.arg is None:
            raise ExpressionError("** is not allowed: write the arguments.")
        keywords.append((keyword.arg, convert(keyword.value, bound)))
    if isinstance(node.func, ast.Name):
        return nodes.FunctionCall(node.func.id, arguments, tuple(keywords))
    if isinstance(node.func, ast.Attribute) and not keywords:
        return nodes.MethodCall(convert(node.func.value, bound), node.func.attr, arguments)
    raise ExpressionError("Only functions and methods with a name can be called; methods without keywords.")


def _comprehension(node: ast.ListComp | ast.GeneratorExp | ast.DictComp, bound: _Bound) -> Node:
    loops = []
    for generator in node.generators:
        source = convert(generator.iter, bound)
        targets = generator.target.elts if isinstance(generator.target, ast.Tuple) else [generator.target]
        names = tuple(target.id for target in targets if isinstance(target, ast.Name))
        if len(names) != len(targets) or generator.is_async:
            raise ExpressionError("A for takes plain names: [x for x in items].")
        bound = bound | set(names)
        loops.append(nodes.Loop(names, source, tuple(convert(test, bound) for test in generator.ifs)))
    if isinstance(node, ast.DictComp):
        return nodes.Comprehension(convert(node.value, bound), tuple(loops), convert(node.key, bound))
    return nodes.Comprehension(convert(node.elt, bound), tuple(loops))


def _formatted(node: ast.JoinedStr, bound: _Bound) -> Node:
    parts = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            if part.format_spec is not None or part.conversion != -1:
                raise ExpressionError("An f-text takes plain values: f'{name}', without a format.")
            parts.append(convert(part.value, bound))
        else:
            parts.append(convert(part, bound))
    return nodes.TextOf(tuple(parts))


_CONVERTERS: dict[type, Callable[[Any, _Bound], Node]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _logic,
    ast.Compare: _compare,
    ast.IfExp: _choice,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Dict: _map,
    ast.Call: _call,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.JoinedStr: _formatted,
}
