"""The Python-like form by example."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bpmn.expressions import ExpressionError, PlainNames, compile_expression, evaluate
from bpmn.model import Expression

NAMES = PlainNames(
    {
        "cost": 26000,
        "remote": False,
        "systems": ["SAP", "Jira"],
        "person": {"name": "Kim", "scores": [1, 2, 3]},
        "nothing": None,
        "firstDay": "2027-01-11",
    },
    functions={"now": lambda: datetime(2026, 11, 24, 12, tzinfo=UTC)},
    beans={"execution": {"getVariable": {"cost": 1}.get}},
)


def value_of(text: str) -> Any:
    return evaluate(Expression(text, "python"), NAMES)


EXAMPLES: list[tuple[str, Any]] = [
    ("cost > 25000 and not remote", True),
    ("'high' if cost > 1e5 else 'low'", "low"),
    ("1 < 2 < 3", True),
    ("1 < 3 < 2", False),
    ("cost // 7 % 5", 4),
    ("2 ** 10", 1024),
    ("7 / 2", 3.5),
    ("-cost", -26000),
    ("cost or 5", 26000),
    ("nothing or 5", 5),
    ("'1' == 1", False),
    ("'SAP' in systems", True),
    ("'X' not in systems", True),
    ("'name' in person", True),
    ("'a' in 'cat'", True),
    ("nothing is None", True),
    ("nothing is not None", False),
    ("[x.lower() for x in systems if x != 'SAP']", ["jira"]),
    ("{k: len(k) for k in person}", {"name": 4, "scores": 6}),
    ("[a + b for a in [1, 2] for b in [10, 20]]", [11, 21, 12, 22]),
    ("[k for k, v in person.items() if v == 'Kim']", ["name"]),
    ("sum(x * 2 for x in person.scores)", 12),
    ("any(s == 'SAP' for s in systems)", True),
    ("all([])", True),
    ("max(1, 5, 3)", 5),
    ("min([4, 2])", 2),
    ("sorted([3, 1, 2], reverse=True)", [3, 2, 1]),
    ("len(systems) == 2", True),
    ("round(2.567, 1)", 2.6),
    ("round(2.6)", 3),
    ("int('7') + int(1.9)", 8),
    ("str(cost) + ' kr'", "26000 kr"),
    ("f'{person.name}: {cost}'", "Kim: 26000"),
    ("person['name'][0]", "K"),
    ("person.scores[-1]", 3),
    ("systems[0:1]", ["SAP"]),
    ("'abc'[1:]", "bc"),
    ("(1, 2)", [1, 2]),
    ("[1] + [2] * 2", [1, 2, 2]),
    ("', '.join(systems)", "SAP, Jira"),
    ("'a b'.split()", ["a", "b"]),
    ("person.get('age', 30)", 30),
    ("{'a': 1}['a']", 1),
    ("range(3)", [0, 1, 2]),
    ("bool(systems)", True),
    ("date(firstDay) - date('2027-01-01')", timedelta(days=10)),
    ("now() + timedelta(days=1)", datetime(2026, 11, 25, 12, tzinfo=UTC)),
    ("now() < firstDay", True),
    ("date(2026, 1, 31) == '2026-01-31'", True),
    ("duration('P1DT2H').days", 1),
    ("datetime(2026, 1, 1, 8).hour", 8),
    ("date(firstDay)", date(2027, 1, 11)),
    ("variable('limit', 100)", 100),
    ("has('limit')", False),
    ("execution.getVariable('cost')", 1),
    ("float('1.5') + abs(-1)", 2.5),
    ("'Kim'.contains('K')", True),
    ("(cost >\n  1)", True),
    # refused, or wrong
    ("person.age", ExpressionError),
    ("person['age']", ExpressionError),
    ("systems[7]", ExpressionError),
    ("nothing > 1", ExpressionError),
    ("'a' + 1", ExpressionError),
    ("1 / 0", ExpressionError),
    ("lambda: 1", ExpressionError),
    ("(x := 1)", ExpressionError),
    ("[*systems]", ExpressionError),
    ("{**person}", ExpressionError),
    ("f'{cost:>9}'", ExpressionError),
    ("b'a'", ExpressionError),
    ("1j", ExpressionError),
    ("...", ExpressionError),
    ("cost << 2", ExpressionError),
    ("systems[::2]", ExpressionError),
    ("{1: 2}", ExpressionError),
    ("{1, 2}", ExpressionError),
    ("a = 1", ExpressionError),
    ("1; 2", ExpressionError),
    ("", ExpressionError),
    ("'%s' % 1", ExpressionError),
    ("sorted([1, 'a'])", ExpressionError),
    ("[x for x.y in systems]", ExpressionError),
    ("[a for a, b in [1]]", ExpressionError),
    ("max([])", ExpressionError),
    ("await cost", ExpressionError),
]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES, ids=[text for text, _ in EXAMPLES])
def test_each_example_has_its_value(text: str, expected: Any) -> None:
    if expected is ExpressionError:
        with pytest.raises(ExpressionError):
            value_of(text)
    else:
        found = value_of(text)
        assert found == expected
        assert type(found) is type(expected)


def test_a_syntax_error_is_found_before_anything_runs_and_names_its_line() -> None:
    with pytest.raises(ExpressionError, match="Line 1"):
        compile_expression(Expression("cost >", "python"))


def test_a_comprehension_keeps_its_variable_to_itself() -> None:
    with pytest.raises(ExpressionError, match="Unknown variable x"):
        value_of("len([x for x in systems]) + x")


def test_the_variable_of_an_inner_comprehension_hides_the_outer_one_only_inside() -> None:
    assert value_of("[[x for x in [1, 2]] + [x] for x in systems]") == [[1, 2, "SAP"], [1, 2, "Jira"]]
