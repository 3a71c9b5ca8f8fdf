"""What an expression sees, what it says about itself, and what it costs."""

import json
from datetime import UTC, date, datetime, timedelta
from timeit import repeat
from types import MappingProxyType
from typing import Any

import pytest

from bpmn.expressions import (
    ANY_NAME,
    ExpressionError,
    PlainNames,
    called_functions,
    compile_expression,
    evaluate,
    free_names,
)
from bpmn.model import Expression


def juel(text: str) -> Expression:
    return Expression(text)


def python(text: str) -> Expression:
    return Expression(text, "python")


def test_free_names_are_the_variables_that_are_read() -> None:
    assert free_names(juel("${cost > limit && person.name == 'x'} for ${kind}")) == {"cost", "limit", "person", "kind"}
    assert free_names(python("[x for x in items if x != y]")) == {"items", "y"}
    assert free_names(juel("no expression")) == frozenset()


def test_free_names_hold_what_is_read_by_its_name_as_text() -> None:
    assert free_names(juel("${execution.getVariable('salary') > 1}")) == {"salary"}
    assert free_names(python("variable('salary', 0) > 1 or has('bonus')")) == {"salary", "bonus"}


def test_free_names_say_so_when_a_name_is_only_computed() -> None:
    assert free_names(juel("${execution.getVariable(which)}")) == {"which", ANY_NAME}


def test_required_names_leave_out_what_has_a_default() -> None:
    assert compile_expression(juel("${variable('limit', 1) < cost}")).required_names == {"cost"}


def test_called_functions_are_those_that_the_names_must_provide() -> None:
    assert called_functions(juel("${workday(firstDay, -5)}")) == {"workday"}
    assert called_functions(juel("${execution.setVariable('a', len(b))}")) == {"execution.setVariable"}
    assert called_functions(juel("${archive.store(document)}")) == {"archive.store"}
    assert called_functions(juel("${name.concat('x')}")) == frozenset()


def test_a_bean_is_reached_through_its_table_only() -> None:
    stored: dict[str, Any] = {}
    names = PlainNames({}, beans={"execution": MappingProxyType({"setVariable": stored.__setitem__, "id": "i1"})})
    assert evaluate(juel("${execution.setVariable('x', 1 + 1)}"), names) is None
    assert stored == {"x": 2}
    assert evaluate(juel("${execution.id}"), names) == "i1"
    with pytest.raises(ExpressionError, match="no method clear here, but setVariable"):
        evaluate(juel("${execution.clear()}"), names)
    with pytest.raises(ExpressionError, match="no property __class__ here, but id"):
        evaluate(juel("${execution.__class__}"), names)


def test_a_large_variable_is_read_but_not_made_larger() -> None:
    many = list(range(50_000))
    names = PlainNames(
        {"many": many, "holder": {"many": many}}, beans={"execution": {"getVariable": {"many": many}.get}}
    )
    for text in ("${many}", "${holder.get('many')}", "${execution.getVariable('many')}", "${variable('many')}"):
        assert evaluate(juel(text), names) is many
    with pytest.raises(ExpressionError, match="too large"):
        evaluate(python("many + [1]"), names)


def test_an_object_among_the_variables_is_refused_and_not_looked_into() -> None:
    class Account:
        secret = "s"

    for value in (Account(), Account, print, {1, 2}, 1j, b"x"):
        with pytest.raises(ExpressionError, match="no value that an expression can use"):
            evaluate(juel("${a}"), PlainNames({"a": value}))
    with pytest.raises(ExpressionError):
        evaluate(juel("${a.b.secret}"), PlainNames({"a": {"b": Account()}}))


def test_what_a_function_gives_is_held_to_plain_data_too() -> None:
    names = PlainNames({}, functions={"leak": object, "pair": lambda: (1, 2), "fail": lambda: [][0]})
    assert evaluate(juel("${pair()}"), names) == [1, 2]
    with pytest.raises(ExpressionError, match="A object is no value"):
        evaluate(juel("${leak()}"), names)
    with pytest.raises(ExpressionError, match="fail: list index out of range"):
        evaluate(juel("${fail()}"), names)


def test_an_error_that_a_function_means_comes_through_as_it_is() -> None:
    class BpmnError(Exception):
        pass

    def throw() -> None:
        raise BpmnError("code")

    with pytest.raises(BpmnError):
        evaluate(juel("${throw()}"), PlainNames({}, functions={"throw": throw}))


def test_a_wrong_number_of_arguments_is_an_expression_error() -> None:
    for text in ("${len()}", "${now(1)}", "${'a'.concat()}", "${'a'.length(1)}"):
        with pytest.raises(ExpressionError):
            evaluate(juel(text), PlainNames({}, functions={"now": lambda: 1}))


def test_days_and_moments_stand_beside_each_other_and_beside_texts() -> None:
    names = PlainNames({"day": date(2026, 12, 1), "moment": datetime(2026, 12, 1, 8, tzinfo=UTC), "text": "2026-12-01"})
    for expression in (juel("${day < moment}"), juel("${text < moment}"), python("day <= moment and day == text")):
        assert evaluate(expression, names) is True
    assert evaluate(python("moment - day"), names) == timedelta(hours=8)
    with pytest.raises(ExpressionError, match="is no ISO 8601 date"):
        evaluate(juel("${'tomorrow' < day}"), names)


@pytest.mark.parametrize(
    "expression",
    [
        juel("${" + "(" * 50 + "1" + ")" * 50 + "}"),
        juel("${" + "-" * 200 + "1}"),
        juel("${" + "+".join(["1"] * 500) + "}"),
        juel("${'" + "a" * 5000 + "'}"),
        juel("${1" + "0" * 90 + "}"),
        python("[" * 60 + "]" * 60),
        python("+".join(["1"] * 500)),
        python("not " * 900 + "1"),
        python("x" + ".a" * 500),
        python("9" * 100),
        python("{'a':" * 30 + "1" + "}" * 30 + "+" + "(" * 41 + "1" + ")" * 41),
    ],
    ids=lambda expression: expression.text[:30],
)
def test_an_expression_too_large_is_refused_before_anything_runs(expression: Expression) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(expression)


def test_a_long_list_of_alternatives_is_not_too_large() -> None:
    many = " || ".join(f"x == {number}" for number in range(100))
    assert evaluate(juel("${" + many + "}"), PlainNames({"x": 99})) is True


def test_values_made_by_an_expression_stay_within_what_json_can_hold() -> None:
    names = PlainNames({"a": [1, 2]})
    for _ in range(11):
        names = PlainNames({"a": evaluate(python("[a, a]"), names)})
    assert len(json.dumps(names["a"])) < 200_000
    names = PlainNames({"a": [names["a"]] * 4})
    with pytest.raises(ExpressionError, match="at most 20000 values"):
        evaluate(python("[a, a]"), names)


def test_lists_and_maps_lie_only_so_deep_inside_each_other() -> None:
    names = PlainNames({"a": 1})
    for _ in range(60):
        names = PlainNames({"a": evaluate(python("[a]"), names)})
    with pytest.raises(ExpressionError, match="levels inside each other"):
        evaluate(python("{'k': a}"), names)


def test_a_condition_is_fast_once_it_is_read() -> None:
    names = PlainNames({"cost": 26000, "approved": True})
    condition = juel("${approved && cost > 25000}")
    microseconds = min(repeat(lambda: evaluate(condition, names), number=2000, repeat=5)) / 2000 * 1e6
    print(f"a condition takes {microseconds:.2f} µs")  # noqa: T201
    assert microseconds < 50  # about 1.5 µs on a quiet machine; the rest is room for a busy one
