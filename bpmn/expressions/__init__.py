"""Expressions of a model: read once, kept as functions, and unable to reach anything but the names they are given."""

from .errors import ExpressionError, UnknownVariable
from .evaluation import (
    ANY_NAME,
    CompiledExpression,
    called_functions,
    compile_expression,
    evaluate,
    free_names,
    truth,
)
from .kinds import text
from .names import MutableNames, Names, PlainNames

__all__ = [
    "ANY_NAME",
    "CompiledExpression",
    "ExpressionError",
    "MutableNames",
    "Names",
    "PlainNames",
    "UnknownVariable",
    "called_functions",
    "compile_expression",
    "evaluate",
    "free_names",
    "text",
    "truth",
]
