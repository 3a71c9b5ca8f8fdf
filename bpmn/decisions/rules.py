"""What is wrong with a DMN file, all of it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter

from bpmn.decisions.model import (
    Decision,
    DecisionDefinitions,
    DecisionTable,
    HitPolicy,
    LiteralDecision,
    UnsupportedLogic,
)
from bpmn.expressions import ExpressionError, compile_expression, compile_tests
from bpmn.model import Expression
from bpmn.problems import Problem, Severity


def check_decisions(definitions: DecisionDefinitions) -> tuple[Problem, ...]:
    """Every problem, by line."""
    found: list[Problem] = []
    if not definitions.decisions:
        found.append(_problem("no-decision", definitions.id, 0, "There is no decision.", "Draw one and save again."))
    circle = _circle(definitions)
    for decision in definitions.decisions.values():
        found.extend(_required(definitions, decision, circle))
        match decision.logic:
            case UnsupportedLogic(description=description):
                message = f"The logic of this decision is {description}: only tables and literal expressions are run."
                found.append(_at(decision, "decision-logic", message, "Write it as a decision table."))
            case LiteralDecision(expression=expression):
                found.extend(_expression(expression, decision.id, decision.line, compile_expression))
            case DecisionTable() as table:
                found.extend(_table(decision, table))
    return tuple(sorted(found, key=lambda problem: problem.line))


def _circle(definitions: DecisionDefinitions) -> frozenset[str]:
    """The decisions of one circle of requirements, if there is any; in one walk, however many there are."""
    graph = {
        each.id: [to for to in each.required if to in definitions.decisions] for each in definitions.decisions.values()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return frozenset(error.args[1])
    return frozenset()


def _required(definitions: DecisionDefinitions, decision: Decision, circle: frozenset[str]) -> Iterator[Problem]:
    for each in decision.required:
        if each not in definitions.decisions:
            message = f"It requires the decision {each}, which this file does not have."
            yield _at(decision, "required-decision", message, "Draw it, or remove the requirement.")
    if decision.id in circle:
        yield _at(decision, "decision-cycle", "It requires itself.", "Remove one of the requirements of the circle.")


def _table(decision: Decision, table: DecisionTable) -> Iterator[Problem]:
    yield from _columns(decision, table)
    for column in table.inputs:
        yield from _expression(column.expression, column.id, column.line, compile_expression)
    for output in table.outputs:
        for value in output.values:
            yield from _expression(value, output.id, output.line, compile_expression)
    for rule in table.rules:
        if (len(rule.inputs), len(rule.outputs)) != (len(table.inputs), len(table.outputs)):
            has = f"{len(rule.inputs)} + {len(rule.outputs)} cells"
            columns = f"{len(table.inputs)} + {len(table.outputs)} columns"
            message = f"The rule has {has}, the table {columns}."
            yield _problem("cells", rule.id, rule.line, message, "Open the table in a modeler; save it again.")
        for compile_, cells in ((_compile_cell, rule.inputs), (compile_expression, rule.outputs)):
            for cell in cells:
                if cell is not None:
                    yield from _expression(cell, rule.id, rule.line, compile_)


def _columns(decision: Decision, table: DecisionTable) -> Iterator[Problem]:
    if not table.outputs:
        yield _at(decision, "no-output", "The table has no output.", "Add a column for the result.")
    names = [each.name for each in table.outputs]
    if len(set(names)) < len(names):
        yield _at(decision, "output-name", "Two outputs have one name.", "Name each output differently.")
    if table.aggregation and (table.hit_policy is not HitPolicy.COLLECT or len(table.outputs) > 1):
        message = f"{table.aggregation} is for a COLLECT table with one output."
        yield _at(decision, "aggregation", message, "Remove the aggregation or the other outputs.")
    ordering = (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER)
    if table.hit_policy in ordering and not any(each.values for each in table.outputs):
        message = f"{table.hit_policy} needs the possible values of an output, best first."
        yield _at(decision, "output-values", message, "List them at the output column.")


def _compile_cell(cell: Expression) -> object:
    return compile_tests(cell.text) if cell.language == "feel" else compile_expression(cell)


def _expression(
    expression: Expression, element_id: str, line: int, compile_: Callable[[Expression], object]
) -> Iterator[Problem]:
    try:
        compile_(expression)
    except ExpressionError as error:
        yield _problem("expression", element_id, line, str(error), "Mend the expression.")


def _at(decision: Decision, rule: str, message: str, remedy: str) -> Problem:
    return Problem(rule, Severity.ERROR, decision.id, decision.line, message, remedy, decision.name)


def _problem(rule: str, element_id: str, line: int, message: str, remedy: str) -> Problem:
    return Problem(rule, Severity.ERROR, element_id, line, message, remedy)
