"""Pure BPMN: bytes in, values out. Reads models, says what is wrong with them, evaluates their expressions."""

from bpmn import forms
from bpmn.confidentiality import confidential_variables, departments
from bpmn.decisions import DecisionDefinitions, DecisionResult, check_decisions, copied_names, decide, read_decisions
from bpmn.drawing import drawing
from bpmn.duties import STARTER, not_by
from bpmn.expressions import (
    ANY_NAME,
    ExpressionError,
    MutableNames,
    Names,
    PlainNames,
    UnknownVariable,
    called_functions,
    compile_expression,
    evaluate,
    free_names,
    shared_budget,
    text,
    truth,
)
from bpmn.forms import FieldError, FieldView, FormResult, FormView
from bpmn.iso8601 import parse_duration
from bpmn.json_forms import UnfitSchemaError, form_files, schema_fields, with_form_schemas
from bpmn.model import *  # noqa: F403  (its front is taken over whole)
from bpmn.model import __all__ as _model
from bpmn.problems import Problem, Severity, UnreadableModel
from bpmn.reader import read
from bpmn.reader.names import key_of
from bpmn.rules import check, check_promises
from bpmn.scripts import compile_script, run_script
from bpmn.strict_json import UnfitJson, read_json
from bpmn.texts import documentation, label
from bpmn.timers import Schedule, TimerError, next_due, schedule
from bpmn.values import check_value, info_of, is_typed, plain, require_flat, stored, type_of, typed

__all__ = [
    "ANY_NAME", "STARTER", "DecisionDefinitions", "DecisionResult", "ExpressionError", "FieldError", "FieldView",
    "FormResult", "FormView", "MutableNames", "Names", "PlainNames", "Problem", "Schedule", "Severity", "TimerError",
    "UnfitJson", "UnfitSchemaError", "UnknownVariable", "UnreadableModel", "called_functions", "check",
    "check_decisions", "check_promises", "check_value", "compile_expression", "compile_script",
    "confidential_variables", "copied_names", "decide", "departments", "documentation", "drawing", "evaluate",
    "form_files", "forms", "free_names", "info_of", "is_typed", "key_of", "label", "next_due", "not_by",
    "parse_duration", "plain", "read", "read_decisions", "read_json", "require_flat", "run_script", "schedule",
    "schema_fields", "shared_budget", "stored", "text", "truth", "type_of", "typed", "with_form_schemas",
]  # fmt: skip
__all__ += _model
