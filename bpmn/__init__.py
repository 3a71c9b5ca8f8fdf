"""Pure BPMN: bytes in, values out. Reads models, says what is wrong with them, evaluates their expressions."""

from bpmn import forms
from bpmn.expressions import (
    ExpressionError,
    MutableNames,
    Names,
    PlainNames,
    UnknownVariable,
    called_functions,
    compile_expression,
    evaluate,
    free_names,
    text,
    truth,
)
from bpmn.forms import FieldError, FieldView, FormResult, FormView
from bpmn.model import *  # noqa: F403
from bpmn.model import __all__ as _model
from bpmn.problems import Problem, Severity, UnreadableModel
from bpmn.reader import read
from bpmn.rules import check
from bpmn.scripts import compile_script, run_script
from bpmn.texts import documentation, label
from bpmn.timers import Schedule, TimerError, next_due, schedule
from bpmn.values import check_value, info_of, is_typed, plain, stored, type_of, typed

__all__ = [
    "ExpressionError",
    "FieldError",
    "FieldView",
    "FormResult",
    "FormView",
    "MutableNames",
    "Names",
    "PlainNames",
    "Problem",
    "Schedule",
    "Severity",
    "TimerError",
    "UnknownVariable",
    "UnreadableModel",
    "called_functions",
    "check",
    "check_value",
    "compile_expression",
    "compile_script",
    "documentation",
    "evaluate",
    "forms",
    "free_names",
    "info_of",
    "is_typed",
    "label",
    "next_due",
    "plain",
    "read",
    "run_script",
    "schedule",
    "stored",
    "text",
    "truth",
    "type_of",
    "typed",
]
__all__ += _model
