"""Expressions of a model: read once, kept as functions, and unable to reach anything but the names they are given."""

from bpmn.expressions.budget import shared_budget
from bpmn.expressions.errors import ExpressionError, UnknownVariable
from bpmn.expressions.evaluation import (
    ANY_NAME,
    CompiledExpression,
    called_functions,
    compile_expression,
    compile_tests,
    evaluate,
    free_names,
    truth,
)
from bpmn.expressions.kinds import text
from bpmn.expressions.names import MutableNames, Names, PlainNames

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
    "compile_tests",
    "evaluate",
    "free_names",
    "shared_budget",
    "text",
    "truth",
]
