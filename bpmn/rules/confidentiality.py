"""A confidential variable must not come to others by another way: in a text that people see, or under another name.

What is not known to keep it is held to show it. Conditions, timers and decisions may read it: they choose a way and
show no value; what they say when they fail, the engine tells to those who may know it. How often something is repeated
is a variable of its own, and how many tasks there are everybody sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from bpmn.confidentiality import confidential_variables
from bpmn.expressions import ANY_NAME, ExpressionError, free_names
from bpmn.model import (
    ConditionalDefinition,
    DecisionWork,
    Element,
    ErrorDefinition,
    Expression,
    ExpressionWork,
    FlowNode,
    FormField,
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

#: Fields of elements that choose a way and keep no value.
_CHOICES = frozenset({"condition", "completion_condition", "activation_condition", "retry_cycle", "job_priority"})
#: Functions that write under a name of their own choice.
_WRITING = frozenset({"setVariable", "setVariableLocal", "setVariables", "setVariablesLocal"})


@dataclass(frozen=True, slots=True)
class _Use:
    """`into`: the variables that take up what is read; none: it comes before people, or where nobody knows."""

    reads: frozenset[str]
    into: frozenset[str] = frozenset()


def leaks(model: ProcessModel) -> Findings:
    yield from _leaks(model, confidential_variables(model))


def leaks_of_promised(model: ProcessModel, promised: Mapping[str, frozenset[str]]) -> Findings:
    """The same, with what is confidential from elsewhere: marked by an earlier version, or by a process that calls this
    one."""
    yield from _leaks(model, _with(promised, model))


def leaks_by_decisions(
    model: ProcessModel, promised: Mapping[str, frozenset[str]], copied: Mapping[str, frozenset[str]]
) -> Findings:
    """Where a business rule task takes up a result that may be made of something confidential. `copied`: decision ->
    what its results may be made of; a decision that is worked out, or is not among them, is looked at when asked."""
    marks = _with(promised, model)
    for node in model.nodes.values():
        work = getattr(node, "work", None)
        if not isinstance(work, DecisionWork) or work.result_variable is None:
            continue
        reads = copied.get(work.decision.text, frozenset())
        use = _Use(reads, frozenset({work.result_variable}))
        for name in sorted(marks.keys() if ANY_NAME in reads else reads & marks.keys()):
            if not _kept(use, marks[name], marks):
                yield at(
                    node,
                    f"{called(node)} asks the decision {work.decision.text}, which would give “{name}”, which is only "
                    f"for {_listed(marks[name])}, to others: as “{work.result_variable}”.",
                    "Leave it out of the decision's results, or mark the field that takes them up as confidential too.",
                )


def _with(promised: Mapping[str, frozenset[str]], model: ProcessModel) -> dict[str, frozenset[str]]:
    marks = dict(confidential_variables(model))
    for name, departments in promised.items():
        marks[name] = marks.get(name, frozenset()) | departments
    return marks


def _leaks(model: ProcessModel, marks: Mapping[str, frozenset[str]]) -> Findings:
    if not marks:
        return
    for element in [*model.nodes.values(), *model.flows.values()]:
        told: set[str] = set()
        for use in _uses(element):
            read = marks.keys() if ANY_NAME in use.reads else use.reads & marks.keys()
            for name in sorted(read - told):
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
    if isinstance(element, UserTask):
        for text in (element.name, element.documentation):
            yield from _use(Expression(text) if text else None)
    if isinstance(element, Process) and "subject" in element.properties:
        yield from _use(Expression(element.properties["subject"]))
    if isinstance(element, ScriptTask):
        if element.script is not None:
            yield from _script(element.script, element.result_variable)
        skipped = _CHOICES | {"script"}
    else:
        skipped = _CHOICES
    for name, value in asdict(element).items():
        if name not in skipped:
            yield from _inside(value)


def _inside(value: Any) -> Iterator[_Use]:
    how = _HOW.get(type(value))
    if how is not None:
        yield from how(value)
    elif isinstance(value, FlowNode | SequenceFlow):
        return
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _inside(each)
    elif isinstance(value, Mapping):
        yield from _inside(tuple(value.values()))
    elif isinstance(value, Struct):
        yield from _inside(asdict(value))


def _parameter(parameter: Parameter) -> Iterator[_Use]:
    for use in _inside(parameter.value):
        yield _Use(use.reads, frozenset({parameter.name}))


def _mapping(mapping: VariableMapping) -> Iterator[_Use]:
    """Under the same name a called process keeps it: what is marked for a journey is marked for all that it calls."""
    if mapping.source is not None:
        yield _Use(frozenset({mapping.source}), frozenset({mapping.target or mapping.source}))
    yield from _use(mapping.source_expression, mapping.target)
    yield from _use(mapping.business_key)


def _payload(signal: SignalDefinition) -> Iterator[_Use]:
    """Whoever listens may be another journey, where no field is marked."""
    for mapping in signal.payload:
        yield from (_Use(use.reads) for use in _mapping(mapping))


def _use(expression: Expression | None, into: str | None = None) -> Iterator[_Use]:
    if expression is None:
        return
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


_HOW: Mapping[type, Callable[[Any], Iterable[_Use]]] = {
    Expression: _use,
    Script: lambda script: _script(script, None),
    Parameter: _parameter,
    VariableMapping: _mapping,
    FormField: lambda field: _use(field.default, field.id),
    SignalDefinition: _payload,
    MultiInstance: lambda loop: (*_use(loop.cardinality), *_use(loop.collection, loop.element_variable)),
    ExpressionWork: lambda work: _use(work.expression, work.result_variable),
    ErrorDefinition: lambda error: _use(error.message),
    # These choose a way, a moment or how often, and keep no value.
    ConditionalDefinition: lambda _: iter(()),
    DecisionWork: lambda _: iter(()),
    StandardLoop: lambda _: iter(()),
    TimerDefinition: lambda _: iter(()),
}
