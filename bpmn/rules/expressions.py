"""Rules about expressions and scripts: what cannot be read is found before it is run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from bpmn.expressions import ExpressionError, compile_expression
from bpmn.model import Element, Expression, FlowNode, ProcessModel, Script, SequenceFlow
from bpmn.rules.finding import Findings, at
from bpmn.scripts import compile_script


def readable(model: ProcessModel) -> Findings:
    for element in [*model.nodes.values(), *model.flows.values()]:
        for found in _expressions(element):
            try:
                if isinstance(found, Script):
                    compile_script(found)
                else:
                    compile_expression(found)
            except ExpressionError as error:
                text = found.text if len(found.text) <= 80 else f"{found.text[:77]}…"
                yield at(
                    element,
                    f"“{element.name or element.id}” has an expression that cannot be used, “{text}”: {error}",
                    "Correct it; docs/expressions.md lists what may be written.",
                )


def _expressions(element: Element) -> Iterator[Expression | Script]:
    """Every expression and script right on an element; not those of the flows and elements it is connected to."""
    for each in fields(element):
        yield from _inside(getattr(element, each.name))


def _inside(value: Any) -> Iterator[Expression | Script]:
    if isinstance(value, Expression):
        if value.text:
            yield value
    elif isinstance(value, Script):
        yield value
    elif isinstance(value, FlowNode | SequenceFlow):
        return
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _inside(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from _inside(getattr(value, each.name))
    elif hasattr(value, "values") and hasattr(value, "keys"):
        for each in value.values():
            yield from _inside(each)
