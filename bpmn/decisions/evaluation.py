"""Deciding: which rules of a table match, and what the hit policy makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bpmn.decisions.column_types import converted
from bpmn.decisions.hit_policies import aggregated, chosen
from bpmn.decisions.model import Decision, DecisionDefinitions, DecisionTable, LiteralDecision, Rule
from bpmn.expressions import ExpressionError, Names, compile_tests, evaluate, free_names
from bpmn.model import Expression

#: How deep decisions may require each other.
_DEEPEST = 30


@dataclass(frozen=True, slots=True)
class MatchedRule:
    rule_id: str
    outputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """What one decision came to. `rows`: the result by output name, a row for each rule; one row if it is an aggregate
    or a literal. `inputs`: the input values by the input's id. `matched`: the rules that the hit policy left, in its
    order. `required`: the results of the decisions that this one required."""

    decision_id: str
    rows: tuple[Mapping[str, Any], ...]
    matched: tuple[MatchedRule, ...] = ()
    inputs: Mapping[str, Any] | None = None
    required: tuple[DecisionResult, ...] = ()

    def single_entry(self) -> Any:
        """The one value of the one row; null if there is no row. Raises ExpressionError for more."""
        row = self.single_row()
        if row is None:
            return None
        if len(row) != 1:
            raise ExpressionError(f"Decision {self.decision_id} gives {len(row)} values; singleEntry takes one.")
        return next(iter(row.values()))

    def single_row(self) -> Mapping[str, Any] | None:
        if len(self.rows) > 1:
            raise ExpressionError(f"Decision {self.decision_id} gives {len(self.rows)} rows where one is taken.")
        return self.rows[0] if self.rows else None

    def mapped(self, how: str) -> Any:
        """As a business rule task maps it: singleEntry, singleResult, collectEntries, resultList or variables."""
        if how == "singleEntry":
            return self.single_entry()
        if how == "singleResult":
            row = self.single_row()
            return None if row is None else dict(row)
        if how == "collectEntries":
            if any(len(row) != 1 for row in self.rows):
                raise ExpressionError(f"Decision {self.decision_id} gives several outputs; collectEntries takes one.")
            return [next(iter(row.values())) for row in self.rows]
        if how == "resultList":
            return [dict(row) for row in self.rows]
        if how == "variables":
            return _as_variables(self)
        raise ExpressionError(
            f"{how} is no way to map a result: use singleEntry, singleResult, collectEntries, resultList."
        )


class _Layer:
    """Names with some variables before them."""

    def __init__(self, names: Names, variables: Mapping[str, Any]) -> None:
        self.names = names
        self.variables = variables

    def __contains__(self, name: str, /) -> bool:
        return name in self.variables or name in self.names

    def __getitem__(self, name: str, /) -> Any:
        return self.variables[name] if name in self.variables else self.names[name]

    def function(self, name: str) -> Callable[..., Any] | None:
        return self.names.function(name)

    def bean(self, name: str) -> Mapping[str, Any] | None:
        return self.names.bean(name)


def decide(definitions: DecisionDefinitions, decision_id: str, names: Names) -> DecisionResult:
    """Evaluates a decision, first those that it requires; each of them once. Raises ExpressionError, LookupError."""
    return _decided(definitions, decision_id, names, {}, ())


def copied_names(definitions: DecisionDefinitions, decision_id: str) -> frozenset[str]:
    """The variables that the results of a decision, or of one that it requires, may be made of; not those that only
    choose among them."""
    found: set[str] = set()
    todo, seen = [decision_id], set[str]()
    while todo:
        decision = definitions.decisions.get(todo.pop())
        if decision is None or decision.id in seen:
            continue
        seen.add(decision.id)
        todo.extend(decision.required)
        for expression in _results(decision):
            with suppress(ExpressionError):  # it fails when it is evaluated, too
                found |= free_names(expression)
    return frozenset(found)


def _results(decision: Decision) -> Iterator[Expression]:
    match decision.logic:
        case LiteralDecision(expression=expression):
            yield expression
        case DecisionTable() as table:
            yield from (cell for rule in table.rules for cell in rule.outputs if cell is not None)


def _decided(
    definitions: DecisionDefinitions,
    decision_id: str,
    names: Names,
    known: dict[str, DecisionResult],
    path: tuple[str, ...],
) -> DecisionResult:
    if decision_id in known:
        return known[decision_id]
    if len(path) > _DEEPEST and decision_id not in path:
        raise ExpressionError(f"Decisions require each other more than {_DEEPEST} deep: have one ask for less.")
    if decision_id in path:
        raise ExpressionError(f"Decision {decision_id} requires itself, by way of {' and '.join(path)}.")
    decision = definitions.decisions.get(decision_id)
    if decision is None:
        offered = ", ".join(definitions.decisions) or "none"
        raise LookupError(f"There is no decision {decision_id}; there are: {offered}.")
    required = tuple(_decided(definitions, each, names, known, (*path, decision_id)) for each in decision.required)
    results: dict[str, Any] = {}
    for each in required:  # what an earlier one is called stays, what one gives takes the place of what another gave
        for name, value in _by_decision(definitions.decisions[each.decision_id], each).items():
            results.setdefault(name, value)
        results.update(_as_variables(each))
    known[decision_id] = _evaluated(decision, _Layer(names, results) if results else names, required)
    return known[decision_id]


def _as_variables(result: DecisionResult) -> dict[str, Any]:
    """What the decisions that require it see: the values of one row by output, of several rows a list of each."""
    if len(result.rows) == 1:
        return dict(result.rows[0])
    names = dict.fromkeys(name for row in result.rows for name in row)
    return {name: [row.get(name) for row in result.rows] for name in names}


def _by_decision(decision: Decision, result: DecisionResult) -> dict[str, Any]:
    """The value of a decision with one output under the decision's own name, as the standard has it."""
    if decision.name is None or any(len(row) != 1 for row in result.rows):
        return {}
    values = [next(iter(row.values())) for row in result.rows]
    return {decision.name: values[0] if len(values) == 1 else values or None}


def _evaluated(decision: Decision, names: Names, required: tuple[DecisionResult, ...]) -> DecisionResult:
    match decision.logic:
        case LiteralDecision(expression=expression, name=name, type=type):
            row = {name: converted(type, evaluate(expression, names))}
            return DecisionResult(decision.id, (row,), required=required)
        case DecisionTable() as table:
            return _table(decision.id, table, names, required)
    raise ExpressionError(
        f"Decision {decision.id} holds {decision.logic.description}: only tables and expressions are run."
    )


def _table(
    decision_id: str, table: DecisionTable, names: Names, required: tuple[DecisionResult, ...]
) -> DecisionResult:
    values = tuple(converted(each.type, evaluate(each.expression, names)) for each in table.inputs)
    inputs = {each.id: value for each, value in zip(table.inputs, values, strict=True)}
    matching = (rule for rule in table.rules if _matches(table, rule, values, names))

    def outputs(rule: Rule) -> dict[str, Any]:
        return {
            column.name: None if cell is None else converted(column.type, evaluate(cell, names))
            for column, cell in zip(table.outputs, rule.outputs, strict=False)
        }

    found = chosen(table, matching, outputs, names, decision_id)
    matched = tuple(MatchedRule(rule.id, row) for rule, row in found)
    if table.aggregation is None:
        return DecisionResult(decision_id, tuple(each.outputs for each in matched), matched, inputs, required)
    total = aggregated(table, [row for _, row in found], decision_id)
    return DecisionResult(decision_id, () if total is None else (total,), matched, inputs, required)


def _matches(table: DecisionTable, rule: Rule, values: tuple[Any, ...], names: Names) -> bool:
    columns = zip(table.inputs, rule.inputs, values, strict=False)
    return all(cell is None or _passes(cell, value, column.variable, names) for column, cell, value in columns)


def _passes(cell: Expression, value: Any, variable: str, names: Names) -> bool:
    if cell.language == "feel":
        return compile_tests(cell.text)(value, _Layer(names, {variable: value}))
    found = evaluate(cell, _Layer(names, {variable: value}))
    if not isinstance(found, bool):
        raise ExpressionError(f"A cell in {cell.language} is true or false; {cell.text} gives something else.")
    return found
