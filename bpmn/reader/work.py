"""Reads what a service, send or business rule task, or a throwing message event, does."""

from __future__ import annotations

from bpmn.model import (
    DecisionWork,
    ErrorDefinition,
    Expression,
    ExpressionWork,
    ExternalWork,
    HandlerWork,
    UnsupportedWork,
    Work,
)
from bpmn.reader.names import Element, extension, extension_children
from bpmn.reader.values import attribute, expression, fields, handler_name


def work_of(element: Element, errors: tuple[ErrorDefinition, ...] = ()) -> Work | None:
    """None where nothing is said to be done."""
    result = extension(element, "resultVariable") or extension(element, "resultVariableName")
    kind = extension(element, "type")
    if kind == "external":
        # Without a topic it is still external work; a rule says what is missing.
        return ExternalWork(attribute(element, "topic") or Expression(""), attribute(element, "taskPriority"), errors)
    if kind:
        return UnsupportedWork(f"camunda:type={kind!r}")
    if decision := expression(extension(element, "decisionRef")):
        return DecisionWork(
            decision,
            extension(element, "decisionRefBinding") or "latest",
            attribute(element, "decisionRefVersion"),
            result,
            extension(element, "mapDecisionResult") or "resultList",
        )
    if expressed := attribute(element, "expression"):
        return ExpressionWork(expressed, result)
    name = handler_name(extension(element, "class") or extension(element, "delegateExpression"))
    if name:
        return HandlerWork(name, fields(element), result)
    if next(extension_children(element, "connector"), None) is not None:
        return UnsupportedWork("a connector")
    return None
