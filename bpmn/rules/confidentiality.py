"""A confidential variable must not come to others by another way: in a text that people see, or under another name.

What is not known to keep it is held to show it. Conditions, timers, cardinalities and decisions may read it: they
choose a way and show no value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from bpmn.confidentiality import confidential_variables
from bpmn.expressions import ExpressionError, free_names
from bpmn.model import (
    ConditionalDefinition,
    DecisionWork,
    Element,
    ErrorDefinition,
    Expression,
    ExpressionWork,
    FlowNode,
    FormField,
    Listener,
    MultiInstance,
    Parameter,
    Process,
    ProcessModel,
    Script,
    ScriptTask,
    SequenceFlow,
    SignalDefinition,
    StandardLoop,
    TimerDefinition,
    UserTask,
    VariableMapping,
)
from bpmn.rules.finding import Findings, at, called
from bpmn.scripts import compile_script

#: They choose a way, a moment or how often, and keep no value.
_CHOOSING = (ConditionalDefinition, DecisionWork, StandardLoop, TimerDefinition)
#: Fields of elements that do the same.
_CHOICES = frozenset({"condition", "completion_condition", "activation_condition", "retry_cycle", "job_priority"})
#: Functions that write under a name of their own choice.
_WRITING = frozenset({"setVariable", "setVariableLocal", "setVariables", "setVariablesLocal"})


@dataclass(frozen=True, slots=True)
class _Use:
    """`into`: the variables that take up what is read; none: it comes before people, or where nobody knows."""

    reads: frozenset[str]
    into: frozenset[str] = frozenset()


def leaks(model: ProcessModel) -> Findings:
    marks = confidential_variables(model)
    if not marks:
        return
    for element in [*model.nodes.values(), *model.flows.values()]:
        told: set[str] = set()
        for use in _uses(element):
            for name in sorted(use.reads & marks.keys() - told):
                if not _kept(use, marks[name], marks):
                    told.add(name)
                    yield at(
                        element,
                        f"{called(element)} would give “{name}”, which is only for {_listed(marks[name])}, to others"
                        + (f": as “{'”, “'.join(sorted(use.into))}”." if use.into else "."),
                        "Leave it out here, or mark the field that takes it up as confidential too.",
                    )


def _kept(use: _Use, allowed: frozenset[str], marks: Mapping[str, frozenset[str]]) -> bool:
    return bool(use.into) and all(name in marks and marks[name] <= allowed for name in use.into)


def _listed(departments: frozenset[str]) -> str:
    return ", ".join(sorted(departments))


def _uses(element: Element) -> Iterator[_Use]:
    """Everything on an element that reads variables, and where that goes."""
    if isinstance(element, UserTask) and element.name:
        yield from _use(Expression(element.name))
    if isinstance(element, Process) and "subject" in element.properties:
        yield from _use(Expression(element.properties["subject"]))
    if isinstance(element, ScriptTask):
        if element.script is not None:
            yield from _script(element.script, element.result_variable)
        skipped = _CHOICES | {"script"}
    else:
        skipped = _CHOICES
    for each in fields(element):
        if each.name not in skipped:
            yield from _inside(getattr(element, each.name))


def _inside(value: Any) -> Iterator[_Use]:
    match value:
        case Expression():
            yield from _use(value)
        case Script():
            yield from _script(value, None)
        case FlowNode() | SequenceFlow():
            return
        case Parameter(name=name):
            for use in _inside(value.value):
                yield _Use(use.reads, frozenset({name}))
        case FormField(default=default):
            if default is not None:
                yield from _use(default, value.id)
        case VariableMapping():
            yield from _mapping(value)
        case SignalDefinition(payload=payload):
            # Whoever listens may be another journey, where no field is marked.
            for mapping in payload:
                yield from (_Use(use.reads) for use in _mapping(mapping))
        case MultiInstance(collection=collection):
            if collection is not None:
                yield from _use(collection, value.element_variable)
        case ExpressionWork(expression=expression):
            yield from _use(expression, value.result_variable)
        case ErrorDefinition(message=message):
            yield from _inside(message)
        case Listener():
            yield from _inside((value.expression, value.script, value.fields))
        case _ if isinstance(value, _CHOOSING):
            return
        case tuple() | list():
            for each in value:
                yield from _inside(each)
        case Mapping():
            for each in value.values():
                yield from _inside(each)
        case _ if is_dataclass(value) and not isinstance(value, type):
            for field in fields(value):
                yield from _inside(getattr(value, field.name))


def _mapping(mapping: VariableMapping) -> Iterator[_Use]:
    """Under the same name a called process keeps it: what is marked for a journey is marked for all that it calls."""
    if mapping.source is not None:
        yield _Use(frozenset({mapping.source}), frozenset({mapping.target or mapping.source}))
    if mapping.source_expression is not None:
        yield from _use(mapping.source_expression, mapping.target)
    if mapping.business_key is not None:
        yield from _use(mapping.business_key)


def _use(expression: Expression, into: str | None = None) -> Iterator[_Use]:
    try:
        read = free_names(expression)
    except ExpressionError:
        return  # that rule is another
    yield _Use(read, frozenset() if into is None else frozenset({into}))


def _script(script: Script, result: str | None) -> Iterator[_Use]:
    try:
        compiled = compile_script(script)
    except ExpressionError:
        return
    writes_anywhere = any(name.rpartition(".")[2] in _WRITING for name in compiled.functions)
    into = compiled.assigned_names | (frozenset() if result is None else {result})
    yield _Use(compiled.free_names, frozenset() if writes_anywhere else into)
