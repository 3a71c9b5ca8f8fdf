"""JUEL by example: what models written for Camunda rely on, one row each."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bpmn.expressions import ExpressionError, PlainNames, compile_expression, evaluate, truth
from bpmn.model import Expression

VARIABLES: dict[str, Any] = {
    "approved": True,
    "answer": "true",
    "level": 3,
    "cost": 25000.5,
    "name": "Kim",
    "nothing": None,
    "blank": "",
    "digits": "42",
    "items": ["desk", "lamp"],
    "person": {"name": "Kim", "address": {"city": "Lund"}, "tags": ["a", "b"]},
    "nrOfInstances": 5,
    "nrOfCompletedInstances": 3,
    "loopCounter": 2,
    "firstDay": "2027-01-11",
    "deadline": {"onedoor:type": "Date", "value": "2027-01-11T08:00:00.000+0000", "info": {}},
    "json": {"onedoor:type": "Json", "value": '{"size": 7}', "info": {}},
    "Å_ö": 1,
    "$price": 9,
}
NAMES = PlainNames(
    VARIABLES,
    functions={"now": lambda: datetime(2026, 11, 24, 12, tzinfo=UTC), "workday": lambda day, count: f"{day}{count:+}"},
    beans={"execution": {"getVariable": VARIABLES.get, "processBusinessKey": "emp-7", "id": "i1"}},
)


def value_of(text: str) -> Any:
    return evaluate(Expression(text), NAMES)


EXAMPLES: list[tuple[str, Any]] = [
    # text with and without expressions
    ("plain text", "plain text"),
    ("", ""),
    ("kermit_${loopCounter}", "kermit_2"),
    ("#{name}", "Kim"),
    ("${name}${level}", "Kim3"),
    ("\n  ${level}\n ", 3),
    ("a ${nothing} b", "a  b"),
    (r"\${name}", "${name}"),
    (r"\\${name}", r"\Kim"),
    ("5 $ and #", "5 $ and #"),
    ("${'}'}", "}"),
    ("${approved}!", "true!"),
    ("${items}.", "[desk, lamp]."),
    # literals and types
    ("${1 + 1}", 2),
    ("${5}", 5),
    ("${1.5}", 1.5),
    ("${.5}", 0.5),
    ("${1e3}", 1000.0),
    ("${true}", True),
    ("${null}", None),
    ("${'it''s'}", ExpressionError),
    (r"${'it\'s'}", "it's"),
    (r'${"a\\b"}', r"a\b"),
    ('${"Kim"}', "Kim"),
    # equality coerces
    ("${answer == true}", True),
    ("${true == 'TRUE'}", True),
    ("${approved == 'yes'}", False),
    ("${digits == 42}", True),
    ("${3 == 3.0}", True),
    ("${level == '3'}", True),
    ("${name == 'Kim'}", True),
    ("${name eq 'kim'}", False),
    ("${null == true}", False),
    ("${null == null}", True),
    ("${nothing == ''}", False),
    ("${'' == null}", False),
    ("${0 == ''}", True),
    ("${level == 'high'}", ExpressionError),
    ("${true == 1}", ExpressionError),
    ("${name != null}", True),
    ("${nothing ne null}", False),
    ("${items == items}", True),
    ("${approved != false}", True),
    # order
    ("${null < 1}", False),
    ("${1 > null}", False),
    ("${null <= null}", True),
    ("${null < null}", False),
    ("${'10' < '9'}", True),
    ("${'10' < 9}", False),
    ("${level ge 3}", True),
    ("${level lt 3}", False),
    ("${cost gt 25000}", True),
    ("${level le 2.5}", False),
    ("${'b' > 'a'}", True),
    ("${items < 3}", ExpressionError),
    ("${items < items}", ExpressionError),
    # arithmetic
    ("${nrOfCompletedInstances/nrOfInstances >= 0.6}", True),
    ("${6 / 2}", 3.0),
    ("${7 div 2}", 3.5),
    ("${7 mod 4}", 3),
    ("${-7 % 3}", -1),
    ("${7.5 % 2}", 1.5),
    ("${null + 1}", 1),
    ("${null + null}", 0),
    ("${'2' + 3}", 5),
    ("${'2.5' * 2}", 5.0),
    ("${2 - '1'}", 1),
    ("${1 / 0}", ExpressionError),
    ("${1 % 0}", ExpressionError),
    ("${null / null}", 0),
    ("${-level}", -3),
    ("${-'4'}", -4),
    ("${- -2}", 2),
    ("${'a' + 'b'}", ExpressionError),
    ("${true + 1}", ExpressionError),
    ("${2 + 3 * 4}", 14),
    ("${(2 + 3) * 4}", 20),
    ("${10 - 3 - 2}", 5),
    # logic
    ("${approved && level > 2}", True),
    ("${approved and not approved}", False),
    ("${false or answer}", True),
    ("${!approved}", False),
    ("${not cancelTx}", ExpressionError),
    ("${blank || approved}", True),
    ("${approved || unknown}", True),
    ("${false && unknown}", False),
    ("${level && true}", ExpressionError),
    ("${true || false && false}", True),
    ("${!nothing}", True),
    ("${empty nothing}", True),
    ("${empty blank}", True),
    ("${empty items}", False),
    ("${not empty items}", True),
    ("${empty 0}", False),
    ("${level > 2 ? 'high' : 'low'}", "high"),
    ("${false ? 1 : true ? 2 : 3}", 2),
    ("${nothing ? 1 : 2}", 2),
    ("${approved ? level : unknown}", 3),
    ("${level > 1 == true}", True),
    # parts of values
    ("${person.name}", "Kim"),
    ("${person.address.city}", "Lund"),
    ("${person['name']}", "Kim"),
    ("${person.tags[1]}", "b"),
    ("${items[0]}", "desk"),
    ("${items['1']}", "lamp"),
    ("${items[9]}", None),
    ("${items[-1]}", None),
    ("${person.missing}", None),
    ("${person.missing.deeper}", None),
    ("${nothing.field}", None),
    ("${name.field}", ExpressionError),
    ("${level[0]}", ExpressionError),
    ("${json.size}", 7),
    ("${Å_ö + $price}", 10),
    ("${person.empty}", None),
    # methods
    ("${name.equals('Kim')}", True),
    ("${name.equalsIgnoreCase('KIM')}", True),
    ("${name.concat('-').concat(level)}", "Kim-3"),
    ("${name.substring(1)}", "im"),
    ("${name.substring(0, 2)}", "Ki"),
    ("${name.substring(9)}", ExpressionError),
    ("${name.contains('i')}", True),
    ("${items.contains('desk')}", True),
    ("${name.startsWith('K')}", True),
    ("${name.endsWith('K')}", False),
    ("${name.indexOf('m')}", 2),
    ("${items.indexOf('lamp')}", 1),
    ("${name.length()}", 3),
    ("${items.size() > 1}", True),
    ("${items.isEmpty()}", False),
    ("${items.get(1)}", "lamp"),
    ("${items.get(5)}", ExpressionError),
    ("${person.get('name')}", "Kim"),
    ("${person.containsKey('age')}", False),
    ("${name.toLowerCase()}${name.toUpperCase()}", "kimKIM"),
    ("${' x '.trim()}", "x"),
    ("${'a.b'.replace('.', '-')}", "a-b"),
    ("${level.toString().concat('!')}", "3!"),
    ("${cost.intValue()}", 25000),
    ("${digits.intValue() + 1}", 43),
    ("${level.doubleValue()}", 3.0),
    ("${nothing.equals(1)}", ExpressionError),
    ("${level.startsWith('3')}", ExpressionError),
    # functions, beans, dates
    ("${workday(firstDay, -5)}", "2027-01-11-5"),
    ("${execution.getVariable('level') + 1}", 4),
    ("${execution.processBusinessKey}", "emp-7"),
    ("${execution.getVariable(name) == null}", True),
    ("${execution.destroy()}", ExpressionError),
    ("${execution.secret}", ExpressionError),
    ("${execution.getVariable}", ExpressionError),
    ("${has('level') && !has('lovel')}", True),
    ("${variable('limit', 25000) < cost}", True),
    ("${variable('nothing', 5)}", 5),
    ("${now() < firstDay}", True),
    ("${deadline > firstDay}", True),
    ("${deadline.isAfter(now())}", True),
    ("${now().plusDays(2)}", datetime(2026, 11, 26, 12, tzinfo=UTC)),
    ("${date(firstDay).minusMonths(1).toString()}", "2026-12-11"),
    ("${date(firstDay)}", date(2027, 1, 11)),
    ("${date(firstDay).year}", 2027),
    ("${nobody(1)}", ExpressionError),
]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES, ids=[text for text, _ in EXAMPLES])
def test_each_example_has_the_value_that_juel_gives_it(text: str, expected: Any) -> None:
    if expected is ExpressionError:
        with pytest.raises(ExpressionError):
            value_of(text)
    else:
        found = value_of(text)
        assert found == expected
        assert type(found) is type(expected)


def test_an_unknown_variable_is_an_error_that_names_it() -> None:
    with pytest.raises(ExpressionError, match="Unknown variable levle") as caught:
        value_of("${levle > 2}")
    assert "${levle > 2}" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "${",
        "${}",
        "${a b}",
        "${a +}",
        "${a.}",
        "${(a}",
        "${a ? b}",
        "${f(a,)}",
        "${a[1}",
        "${a & b}",
        "${'open}",
        "${a; b}",
    ],
)
def test_what_cannot_be_read_is_refused_before_anything_runs(text: str) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(Expression(text))


def test_an_unknown_method_of_a_value_is_refused_before_anything_runs() -> None:
    with pytest.raises(ExpressionError, match="no method getClass"):
        compile_expression(Expression("${''.getClass()}"))


def test_text_in_another_script_and_emoji_are_texts() -> None:
    assert value_of("${'日本'.length()} 👋 ${name}") == "2 👋 Kim"


def test_an_expression_in_an_unknown_language_says_which_ones_there_are() -> None:
    with pytest.raises(ExpressionError, match=r"groovy.*juel or python"):
        compile_expression(Expression("x", "groovy"))


@pytest.mark.parametrize("value", [None, 1, "true", [], {}, 0.0])
def test_a_condition_that_is_neither_true_nor_false_is_an_error(value: Any) -> None:
    with pytest.raises(ExpressionError, match="must be true or false"):
        truth(value)


def test_a_condition_that_is_true_or_false_is_taken_as_it_is() -> None:
    assert truth(True)
    assert not truth(False)
