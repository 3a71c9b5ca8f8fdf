"""Hit policies: what a table answers when several of its rules match."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from bpmn.decisions.column_types import converted
from bpmn.decisions.model import Aggregation, DecisionTable, HitPolicy, Rule
from bpmn.expressions import ExpressionError, Names, evaluate
from bpmn.expressions.feel_values import equal, greater, less
from bpmn.expressions.kinds import shown

Row = dict[str, Any]
Found = list[tuple[Rule, Row]]


def chosen(
    table: DecisionTable, matching: Iterable[Rule], outputs: Callable[[Rule], Row], names: Names, decision_id: str
) -> Found:
    """The rules that the hit policy leaves, with their outputs, in its order. Only those that count are evaluated."""
    policy = table.hit_policy
    if policy is HitPolicy.FIRST:
        return [(rule, outputs(rule)) for rule in islice(matching, 1)]
    rules = list(matching)
    if policy is HitPolicy.UNIQUE and len(rules) > 1:
        listed = " and ".join(f"{rule.id} (line {rule.line})" for rule in rules[:5])
        raise ExpressionError(f"Decision {decision_id} is UNIQUE, but {listed} match: make them exclude each other.")
    found = [(rule, outputs(rule)) for rule in rules]
    if policy is HitPolicy.ANY:
        for rule, row in found[1:]:
            if equal(row, found[0][1]) is not True:
                raise ExpressionError(
                    f"Decision {decision_id} is ANY, but {found[0][0].id} and {rule.id} match with different outputs."
                )
        return found[:1]
    if policy in (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER):
        rank = _ranking(table, names, decision_id)
        found.sort(key=lambda each: rank(each[1]))
        return found[:1] if policy is HitPolicy.PRIORITY else found
    return found


def _ranking(table: DecisionTable, names: Names, decision_id: str) -> Callable[[Row], tuple[int, ...]]:
    """The place of a row by the order of the columns' possible values; unlisted values come last."""
    ordered = {
        column.name: [converted(column.type, evaluate(each, names)) for each in column.values]
        for column in table.outputs
        if column.values
    }
    if not ordered:
        raise ExpressionError(
            f"Decision {decision_id} is {table.hit_policy}: list the possible values of an output, best first."
        )

    def rank(row: Row) -> tuple[int, ...]:
        return tuple(
            next((place for place, value in enumerate(values) if equal(value, row.get(name)) is True), len(values))
            for name, values in ordered.items()
        )

    return rank


def aggregated(table: DecisionTable, rows: list[Row], decision_id: str) -> Row | None:
    """One row with the aggregate of the one output; None where there is nothing to aggregate, but a count of 0."""
    if len(table.outputs) != 1:
        raise ExpressionError(
            f"Decision {decision_id} has {len(table.outputs)} outputs: {table.aggregation} takes one."
        )
    name = table.outputs[0].name
    values = [row[name] for row in rows if row.get(name) is not None]
    if table.aggregation is Aggregation.COUNT:
        return {name: len(rows)}
    if not values:
        return None
    if table.aggregation is Aggregation.SUM:
        if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
            raise ExpressionError(f"Decision {decision_id}: SUM adds numbers, not {shown(values)}.")
        return {name: sum(values)}
    better = less if table.aggregation is Aggregation.MIN else greater
    best = values[0]
    for value in values[1:]:
        answer = better(value, best)
        if answer is None:
            raise ExpressionError(f"Decision {decision_id}: {shown(value)} and {shown(best)} have no order.")
        best = value if answer else best
    return {name: best}
