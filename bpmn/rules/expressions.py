"""Rules about expressions and scripts: what cannot be read is found before it is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from bpmn.expressions import ExpressionError, called_functions, compile_expression
from bpmn.model import Element, Expression, FlowNode, ProcessModel, Script, SequenceFlow, TimerDefinition, UserTask
from bpmn.rules.finding import Findings, at, definition_of
from bpmn.scripts import compile_script
from bpmn.timers import TimerError, schedule

#: Functions that the engine gives beside the languages' own; a test holds this to what it has.
SITE_FUNCTIONS = frozenset({"now", "dateTime", "today", "workday", "latest", "earliest"})

_EVALUATED = re.compile(r"[$#]\{")
#: Any day: only whether a timer can be read matters, not when it is due.
_A_DAY = datetime(2026, 1, 1, tzinfo=UTC)


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


def functions_known(model: ProcessModel) -> Findings:
    for element in [*model.nodes.values(), *model.flows.values()]:
        for found in _expressions(element):
            try:
                called_here = compile_script(found).functions if isinstance(found, Script) else called_functions(found)
            except ExpressionError:
                continue  # that rule is another
            for name in sorted(called_here - SITE_FUNCTIONS):
                if "." not in name:
                    yield at(
                        element,
                        f"“{element.name or element.id}” calls the function “{name}”, which does not exist.",
                        "Use one of those that docs/expressions.md lists.",
                    )


def timers_readable(model: ProcessModel) -> Findings:
    """Dates, durations and cycles that are written out; what an expression gives is known only when it runs."""
    for node in model.nodes.values():
        own = definition_of(node)
        timeouts = node.task_timeouts if isinstance(node, UserTask) else ()
        for timer in [*([own] if isinstance(own, TimerDefinition) else []), *timeouts]:
            if timer.form is None or timer.expression is None or not timer.expression.is_written_out:
                continue
            try:
                schedule(timer.form, timer.expression.text, _A_DAY, UTC, time(8))
            except TimerError as error:
                yield at(
                    node,
                    f"The timer of “{node.name or node.id}” cannot be read: {error}",
                    "Write a date (2026-12-01T08:00), a duration (P3D, PT2H) or a cycle (R3/P1D, or a Quartz cron).",
                    line=timer.line,
                )


def dates_readable(model: ProcessModel) -> Findings:
    """Due and follow-up dates that are written out. One that cannot be read would refuse whoever finishes the task
    before, and them alone."""
    for node in model.nodes.values():
        if not isinstance(node, UserTask):
            continue
        for what, written in (("due date", node.due_date), ("follow-up date", node.follow_up_date)):
            if written is None or not written.is_written_out:
                continue
            text = written.text.strip()
            try:
                (date if len(text) <= 10 else datetime).fromisoformat(text)
            except ValueError:
                dated = f"The {what} of “{node.name or node.id}”"
                yield at(
                    node,
                    f"{dated} is “{text}”, which is no date.",
                    "Write a day (2026-12-01), a moment (2026-12-01T12:00) or an expression (${workday(now(), 2)}).",
                )


def _expressions(element: Element) -> Iterator[Expression | Script]:
    """Every expression and script right on an element; not those of the flows and elements it is connected to. The
    name and the documentation of a user task are composite text."""
    if isinstance(element, UserTask):
        texts = [each for each in (element.name, element.documentation) if each]
        yield from (Expression(each) for each in texts if _EVALUATED.search(each))
    yield from _inside(astuple(element))


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
    elif isinstance(value, Struct):
        yield from _inside(astuple(value))
    elif hasattr(value, "values") and hasattr(value, "keys"):
        for each in value.values():
            yield from _inside(each)
