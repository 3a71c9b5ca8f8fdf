"""FEEL by example: expressions, and the cells of decision tables."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bpmn.expressions import ExpressionError, PlainNames, compile_expression, compile_tests, evaluate, free_names
from bpmn.model import Expression

NAMES = PlainNames(
    {
        "x": 5,
        "price": 2.5,
        "season": "Winter",
        "First Name": "Kim",
        "orders": [{"id": 1, "amount": 3}, {"id": 2, "amount": 9}, {"id": 3}],
        "day": "2026-12-01",
        "nothing": None,
        "flag": True,
        "limit": 4,
    },
    functions={"today": lambda: date(2026, 11, 24), "workday": lambda day, count: f"{day}{count:+}"},
    beans={"execution": {"processBusinessKey": "emp-7"}},
)

EXAMPLES: list[tuple[str, Any]] = [
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("10 / 4", 2.5),
    ("10 / 5", 2),
    ("1 / 0", None),
    ("2 ** 3", 8),
    ("-x + 1", -4),
    ("1 + null", None),
    ('"a" + "b"', "ab"),
    ('"a" + 1', None),
    ("= x + 1", 6),
    ("x = 5", True),
    ("x != 5", False),
    ('x = "5"', None),
    ("null = nothing", True),
    ("x = null", False),
    ('season = "Winter" and x > 3', True),
    ("true and null", None),
    ("false and null", False),
    ("null or true", True),
    ("false and unknown", False),
    ("not(flag)", False),
    ("not(null)", None),
    ('if x > 3 then "high" else "low"', "high"),
    ("if null then 1 else 2", 2),
    ("x in [1..5]", True),
    ("x in [1..5)", False),
    ("x in ]5..9]", False),
    ("x in (4..9)", True),
    ("x in (1, 5, 9)", True),
    ("x in (< 3, > 4)", True),
    ("x in [1, 5]", True),
    ("x in > 7", False),
    ("x in [1..5] and flag", True),
    ("x between 1 and 5", True),
    ("x between 6 and 9 or flag", True),
    ("nothing in [1..2]", None),
    ("First Name", "Kim"),
    ("`First Name`", "Kim"),
    ('string length("abc")', 3),
    ('substring("foobar", 3)', "obar"),
    ('substring("foobar", 3, 3)', "oba"),
    ('substring("foobar", -2, 1)', "a"),
    ('upper case("a") + lower case("B")', "Ab"),
    ('substring before("foobar", "bar")', "foo"),
    ('substring after("foobar", "ob")', "ar"),
    ('contains("foobar", "ob")', True),
    ('starts with("foobar", "fo")', True),
    ('ends with("foobar", "r")', True),
    ('string join(["a", null, "b"], "-")', "a-b"),
    ('number("1.5") + 1', 2.5),
    ("string(1.5)", "1.5"),
    ('"\\"\\u00e5\\n"', '"å\n'),
    ("[1, 2, 3][2]", 2),
    ("[1, 2, 3][-1]", 3),
    ("[1, 2, 3][9]", None),
    ("[1, 2, 3][item > 1]", [2, 3]),
    ("orders[amount > limit].id", ExpressionError),
    ("orders[is defined(item.amount) and item.amount > limit]", [{"id": 2, "amount": 9}]),
    ("orders[id = 2][1].amount", 9),
    ("[1, 2, 3, 4, 5][limit]", 4),
    ("for i in 1..3 return i * x", [5, 10, 15]),
    ("for i in 3..1 return i", [3, 2, 1]),
    ("for a in [1, 2], b in [10, 20] return a + b", [11, 21, 12, 22]),
    ("some o in orders satisfies o.amount > 8", True),
    ("every o in orders satisfies o.amount > 2", None),
    ("every i in [1, 2] satisfies i > 0", True),
    ("for o in orders return if o.amount = null then 0 else o.amount", [3, 9, 0]),
    ("sum(for i in 1..4 return i)", 10),
    ("count(orders)", 3),
    ("min(3, 1, 2)", 1),
    ("max([3, 1, 2])", 3),
    ("mean([1, 2, 3])", 2.0),
    ("sum([])", None),
    ("list contains([1, null], null)", True),
    ("append([1], 2, 3)", [1, 2, 3]),
    ("concatenate([1], [2])", [1, 2]),
    ("distinct values([1, 2, 1])", [1, 2]),
    ("union([1, 2], [2, 3])", [1, 2, 3]),
    ("flatten([1, [2, [3]]])", [1, 2, 3]),
    ("index of([1, 2, 1], 1)", [1, 3]),
    ("reverse([1, 2])", [2, 1]),
    ("sublist([1, 2, 3, 4], 2, 2)", [2, 3]),
    ("insert before([1, 3], 2, 2)", [1, 2, 3]),
    ("remove([1, 2, 3], 2)", [1, 3]),
    ("all([true, true])", True),
    ("any([false, null])", None),
    ("floor(1.7) + ceiling(1.2)", 3),
    ("decimal(2.567, 2)", 2.57),
    ("round(2.4)", 2),
    ("modulo(7, 3)", 1),
    ("modulo(-7, 3)", 2),
    ("abs(-3)", 3),
    ("even(4)", True),
    ("sqrt(9)", 3.0),
    ('{a: 1, "b c": [1, 2]}', {"a": 1, "b c": [1, 2]}),
    ("{a: 1}.a", 1),
    ("{a: 1}.b", None),
    ("nothing.b", None),
    ('get value({a: 1}, "a")', 1),
    ("get entries({a: 1})", [{"key": "a", "value": 1}]),
    ('date("2026-12-01")', date(2026, 12, 1)),
    ("date(2026, 12, 1)", date(2026, 12, 1)),
    ('@"2026-12-01"', date(2026, 12, 1)),
    ('@"P1D"', timedelta(days=1)),
    ('date and time("2026-12-01T10:00:00Z")', datetime(2026, 12, 1, 10, tzinfo=UTC)),
    ('date("2026-12-01") + duration("P2D")', date(2026, 12, 3)),
    ('(date("2026-12-03") - date("2026-12-01")).days', 2),
    ('day < date("2027-01-01")', True),
    ("date(day) > today()", True),
    ('date("2026-12-01").year', 2026),
    ('day of week(date("2026-11-24"))', "Tuesday"),
    ("workday(day, -5)", "2026-12-01-5"),
    ("execution.processBusinessKey", "emp-7"),
    ('variable("missing", 7)', 7),
    ("is defined(nothing)", False),
    # refused, or wrong
    ("unknown", ExpressionError),
    ("[1..3]", ExpressionError),
    ("?", ExpressionError),
    ("x instance of number", ExpressionError),
    ("1 +", ExpressionError),
    ("if x then 1", ExpressionError),
    ("(1", ExpressionError),
    ("[1", ExpressionError),
    ("{a 1}", ExpressionError),
    ('"\\x"', ExpressionError),
    ("'single'", ExpressionError),
    ("upper case(1)", ExpressionError),
    ("for i in 1..99999999 return i", ExpressionError),
    ("string length()", ExpressionError),
    ("9 ** 999", ExpressionError),
    ('@"tomorrow"', ExpressionError),
    ("", ExpressionError),
    ('matches("a", "(a+)+$")', ExpressionError),
]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES, ids=[text for text, _ in EXAMPLES])
def test_each_example_has_its_value(text: str, expected: Any) -> None:
    if expected is ExpressionError:
        with pytest.raises(ExpressionError):
            evaluate(Expression(text, "feel"), NAMES)
    else:
        found = evaluate(Expression(text, "feel"), NAMES)
        assert found == expected
        assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("cell", "passing", "failing"),
    [
        ("-", [None, 1, "a"], []),
        ("", [None, 1, "a"], []),
        ('"gold"', ["gold"], ["silver", None, 1]),
        ('"gold", "silver"', ["gold", "silver"], ["tin"]),
        ('not("gold", "silver")', ["tin"], ["gold", "silver"]),
        ("5", [5, 5.0], [4, "5", None]),
        ("< 5", [4.9, -1], [5, None, "a"]),
        (">= limit", [4, 5], [3]),
        ("[1..5]", [1, 5], [0, 6, None]),
        ("(1..5)", [2], [1, 5]),
        ("]1..5[", [2], [1, 5]),
        ("[1..count(orders[id > 1])]", [2], [3]),
        ("[1..5), > 9", [1, 10], [5, 9]),
        ("not([1..5])", [6], [3]),
        ("-3", [-3], [3]),
        ("< -3", [-4], [-3]),
        ("true", [True], [False, None]),
        ("false", [False], [True]),
        ("null", [None], [1, ""]),
        ("x", [5], [6]),
        ("x + 1", [6], [5]),
        ("[2, 4]", [2, 4, [2, 4]], [3]),
        ("orders[1].amount", [3], [9]),
        ("? > 3 and ? < 6", [4], [3, 6]),
        ('contains(?, "ob")', ["foobar"], ["bar"]),
        ("even(?)", [2], [3]),
        ("flag", [True, 1, "anything"], [False]),
        ('< date("2027-01-01")', ["2026-12-01", date(2026, 1, 1)], ["2027-01-01", None]),
        ('[date("2026-01-01")..date("2026-12-31")]', ["2026-06-01"], ["2027-06-01"]),
        ("!= 5", [4], [5]),
        ("= 5", [5], [4]),
        ("some i in [1, 2] satisfies i = ?", [1, 2], [3]),
    ],
)
def test_a_cell_lets_pass_what_it_says(cell: str, passing: list[Any], failing: list[Any]) -> None:
    passes = compile_tests(cell)
    assert [value for value in passing if not passes(value, NAMES)] == []
    assert [value for value in failing if passes(value, NAMES)] == []


@pytest.mark.parametrize("cell", ["<", "[1..", "[1..5", '"gold" "silver"', "not(1", "1,", "< 5)", "a b < 3 4"])
def test_a_cell_that_cannot_be_read_is_refused_before_anything_runs(cell: str) -> None:
    with pytest.raises(ExpressionError, match="In: "):
        compile_tests(cell)


def test_free_names_leave_out_what_loops_and_filters_name_themselves() -> None:
    assert free_names(Expression("for o in orders return o.amount + x", "feel")) == {"orders", "x"}
    assert free_names(Expression("orders[item.amount > limit]", "feel")) == {"orders", "limit"}


@pytest.mark.parametrize(
    "text", ["(" * 60 + "1" + ")" * 60, "-" * 100 + "1", "+".join(["1"] * 400), "[" * 60 + "]" * 60]
)
def test_an_expression_too_large_is_refused_before_anything_runs(text: str) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(Expression(text, "feel"))


@pytest.mark.parametrize(
    "text",
    [
        "for a in 1..9999 return for b in 1..9999 return for c in 1..9999 return 0",
        "for a in 1..20000 return for b in 1..20000 return a * b",
        'for a in 1..20000 return string join(for b in 1..2000 return "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")',
        "some a in 1..20000 satisfies some b in 1..20000 satisfies a * b = 0",
    ],
)
def test_loops_in_loops_are_stopped(text: str) -> None:
    with pytest.raises(ExpressionError, match="steps"):
        evaluate(Expression(text, "feel"), NAMES)
