"""From an expression to its value, by way of a cache: an expression is read once, and then only run."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bpmn.expressions import feel, juel, nodes, python
from bpmn.expressions.budget import MAX_DEPTH, MAX_NODES, MAX_SOURCE, MAX_STEPS, Frame, settle
from bpmn.expressions.calls import Evaluate
from bpmn.expressions.closures import closure
from bpmn.expressions.errors import ExpressionError
from bpmn.expressions.functions import FUNCTIONS
from bpmn.expressions.kinds import kind_of, shown
from bpmn.expressions.methods import METHODS
from bpmn.expressions.names import Names
from bpmn.expressions.nodes import Node
from bpmn.model import Expression

_LANGUAGES: dict[str, Callable[[str], Node]] = {"juel": juel.parse, "python": python.parse, "feel": feel.parse}
_BEANS = frozenset(("execution", "task"))
#: Those of a bean that read the variable that they are given the name of, or all of them.
_READING_METHODS = frozenset(
    f"{verb}{what}{where}"
    for verb, what in itertools.product(("get", "has"), ("Variable", "Variables", "VariableNames"))
    for where in ("", "Local")
)
_CACHED = 4_000
#: What `free_names` holds beside names when a name is only computed while the expression runs.
ANY_NAME = "*"


@dataclass(frozen=True, slots=True, eq=False)
class CompiledExpression:
    """An expression, read and checked; call it with names.

    `free_names`: the variables it reads, those it only asks for (`has`, `variable`, `execution.getVariable`) included,
    and `*` if it computes a name. `required_names`: those without which it fails. `functions`: the functions it calls
    and the methods (`execution.getVariable`) that only the names can provide.
    """

    expression: Expression
    run: Evaluate
    free_names: frozenset[str]
    required_names: frozenset[str]
    functions: frozenset[str]

    def __call__(self, names: Names) -> Any:
        frame = Frame(names)
        try:
            found = self.run(frame)
            if frame.steps != MAX_STEPS:
                settle(frame)
            return found
        except ExpressionError as error:
            raise error.within(self.expression.text) from error.__cause__
        except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
            raise ExpressionError(f"{error}.", None).within(self.expression.text) from error


def compile_expression(expression: Expression) -> CompiledExpression:
    """Reads an expression. Raises ExpressionError for what shows without running it: syntax, unknown methods, size."""
    return compiled(expression.text, expression.language)


@lru_cache(_CACHED)
def compiled(text: str, language: str) -> CompiledExpression:
    """Kept by the two texts, which remember their hashes; an Expression would work out its own at every look."""
    expression = Expression(text, language)
    try:
        tree = _read(expression)
        return CompiledExpression(expression, closure(tree), *analysed(tree))
    except ExpressionError as error:
        raise error.within(expression.text) from None
    except RecursionError:
        raise ExpressionError("This is too complex: take it apart.").within(expression.text) from None


@lru_cache(_CACHED)
def compile_tests(text: str) -> Callable[[Any, Names], bool]:
    """Reads a cell of a decision table in FEEL; call the result with the input value and names for whether it passes.
    Raises ExpressionError."""
    try:
        tree = feel.parse_unary_tests(_within_limits(text))
        check_size(tree)
        run = closure(tree)
    except ExpressionError as error:
        raise error.within(text) from None

    def passes(value: Any, names: Names) -> bool:
        frame = Frame(names)
        frame.locals = {feel.INPUT: value}
        try:
            found = run(frame) is True
            if frame.steps != MAX_STEPS:
                settle(frame)
            return found
        except ExpressionError as error:
            raise error.within(text) from error.__cause__

    return passes


def evaluate(expression: Expression, names: Names) -> Any:
    """The value of an expression: plain data. Raises ExpressionError."""
    return compiled(expression.text, expression.language)(names)


def free_names(expression: Expression) -> frozenset[str]:
    """The variables it reads; `*` among them if it computes a name. Raises ExpressionError if it cannot be read."""
    return compile_expression(expression).free_names


def called_functions(expression: Expression) -> frozenset[str]:
    """The functions and methods it needs beside the languages' own: `workday`, `execution.getVariable`."""
    return compile_expression(expression).functions


def truth(value: Any) -> bool:
    """The answer of a condition, which must be true or false; nothing else counts as either."""
    if value is True or value is False:
        return bool(value)
    raise ExpressionError(f"A condition must be true or false; this one is {kind_of(value)}: {shown(value)}.")


def _read(expression: Expression) -> Node:
    parse = _LANGUAGES.get(expression.language)
    if parse is None:
        offered = " or ".join(sorted(_LANGUAGES))
        raise ExpressionError(f"Expressions in {expression.language} are not run: write it in {offered}.")
    tree = parse(_within_limits(expression.text))
    check_size(tree)
    return tree


def _within_limits(text: str) -> str:
    if len(text) > MAX_SOURCE:
        raise ExpressionError(f"The expression is too long: at most {MAX_SOURCE} characters.")
    return text


def check_size(tree: Node) -> None:
    waiting, size = [(tree, 1)], 0
    while waiting:
        node, depth = waiting.pop()
        size += 1
        if depth > MAX_DEPTH or size > MAX_NODES:
            raise ExpressionError("This is too complex: take it apart.")
        waiting.extend((child, depth + 1) for child in node.children)


def analysed(tree: Node) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The names a tree may read, those it cannot do without, and the functions and methods it needs from outside."""
    read: set[str] = set()
    required: set[str] = set()
    functions: set[str] = set()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        below = node.children
        match node:
            case nodes.Variable(name=name):
                required.add(name)
            case nodes.FunctionCall(name="has" | "variable"):
                read.add(_literal_name(node.arguments))
            case nodes.FunctionCall(name=name) if name not in FUNCTIONS:
                functions.add(name)
            case nodes.MethodCall(holder=nodes.Variable(name=holder), name=name, arguments=arguments):
                if holder in _BEANS or name not in METHODS:
                    functions.add(f"{holder}.{name}")
                    below = arguments
                if holder in _BEANS and name in _READING_METHODS:
                    read.add(_literal_name(arguments))
            case nodes.Field(holder=nodes.Variable(name=holder)) if holder in _BEANS:
                below = ()
        waiting.extend(below)
    return frozenset(read | required), frozenset(required), frozenset(functions)


def _literal_name(arguments: tuple[Node, ...]) -> str:
    first = arguments[0] if arguments else None
    return first.value if isinstance(first, nodes.Literal) and isinstance(first.value, str) else ANY_NAME
