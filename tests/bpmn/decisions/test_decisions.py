"""Decision tables: read, checked, decided."""

from textwrap import dedent
from typing import Any

import pytest

from bpmn.decisions import check_decisions, decide, read_decisions
from bpmn.expressions import ExpressionError, PlainNames
from bpmn.problems import UnreadableModel

DMN_1_3 = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def cells(kind: str, texts: str) -> str:
    """`a | b` as two cells."""
    return "".join(f"<{kind}><text><![CDATA[{text.strip()}]]></text></{kind}>" for text in texts.split("|"))


def table(
    rules: str,
    *,
    inputs: str = "season:string",
    outputs: str = "dish:string",
    policy: str = "",
    values: str = "",
    id: str = "dish",
    requires: str = "",
) -> str:
    """A decision in XML. Each line of `rules` is a rule, `cell | cell -> cell | cell`."""
    columns = ""
    for column in inputs.split("|"):
        expression, _, kind = column.strip().rpartition(":")
        columns += f'<input><inputExpression typeRef="{kind}"><text>{expression}</text></inputExpression></input>'
    for column in outputs.split("|"):
        name, _, kind = column.strip().partition(":")
        possible = f"<outputValues><text>{values}</text></outputValues>" if values else ""
        columns += f'<output name="{name}" typeRef="{kind}">{possible}</output>'
    rows = ""
    for number, line in enumerate(dedent(rules).strip().splitlines(), 1):
        conditions, _, results = line.partition("->")
        rows += f'<rule id="r{number}">{cells("inputEntry", conditions)}{cells("outputEntry", results)}</rule>'
    required = (
        f'<informationRequirement><requiredDecision href="#{requires}"/></informationRequirement>' if requires else ""
    )
    logic = f"<decisionTable {policy}>{columns}{rows}</decisionTable>"
    return f'<decision id="{id}" name="{id.title()}">{required}{logic}</decision>'


def dmn(*decisions: str, namespace: str = DMN_1_3, attributes: str = "") -> bytes:
    return f'<definitions xmlns="{namespace}" id="d" name="n" {attributes}>{"".join(decisions)}</definitions>'.encode()


def rows(source: bytes, variables: dict[str, Any], decision: str = "dish") -> list[dict[str, Any]]:
    definitions = read_decisions(source)
    assert check_decisions(definitions) == ()
    return [dict(row) for row in decide(definitions, decision, PlainNames(variables)).rows]


SEASONS = """
    "Winter" | <= 8 -> "Roastbeef"
    "Winter" | > 8  -> "Stew"
    not("Winter") | - -> "Salad"
"""


@pytest.mark.parametrize(
    ("season", "guests", "dish"),
    [("Winter", 8, "Roastbeef"), ("Winter", "9", "Stew"), ("Summer", 3, "Salad"), ("Summer", None, "Salad")],
)
def test_the_rule_whose_cells_all_pass_gives_its_output(season: str, guests: Any, dish: str) -> None:
    source = dmn(table(SEASONS, inputs="season:string | guests:integer"))
    assert rows(source, {"season": season, "guests": guests}) == [{"dish": dish}]


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        DMN_1_3,
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_every_version_of_the_standard_is_read(namespace: str) -> None:
    source = dmn(table('"Winter" -> "Stew"'), namespace=namespace)
    assert rows(source, {"season": "Winter"}) == [{"dish": "Stew"}]
    assert rows(source, {"season": "Summer"}) == []


def test_a_unique_table_in_which_two_rules_match_names_both() -> None:
    source = dmn(table('"Winter" -> "Stew"\n- -> "Salad"'))
    with pytest.raises(ExpressionError, match=r"dish is UNIQUE, but r1 .* and r2 .* match"):
        rows(source, {"season": "Winter"})


MANY = """
    > 10 -> 3
    > 5  -> 1
    > 1  -> 2
"""


@pytest.mark.parametrize(
    ("policy", "amount", "expected"),
    [
        ('hitPolicy="FIRST"', 7, [1]),
        ('hitPolicy="FIRST"', 0, []),
        ('hitPolicy="RULE ORDER"', 20, [3, 1, 2]),
        ('hitPolicy="COLLECT"', 20, [3, 1, 2]),
        ('hitPolicy="COLLECT"', 0, []),
        ('hitPolicy="COLLECT" aggregation="SUM"', 20, [6]),
        ('hitPolicy="COLLECT" aggregation="SUM"', 0, []),
        ('hitPolicy="COLLECT" aggregation="MIN"', 20, [1]),
        ('hitPolicy="COLLECT" aggregation="MAX"', 20, [3]),
        ('hitPolicy="COLLECT" aggregation="COUNT"', 20, [3]),
        ('hitPolicy="COLLECT" aggregation="COUNT"', 0, [0]),
        ('hitPolicy="PRIORITY"', 20, [2]),
        ('hitPolicy="OUTPUT ORDER"', 20, [2, 3, 1]),
    ],
)
def test_a_hit_policy_makes_one_answer_of_several_rules(policy: str, amount: int, expected: list[int]) -> None:
    source = dmn(table(MANY, inputs="amount:integer", outputs="points:integer", policy=policy, values="2, 3, 1"))
    assert rows(source, {"amount": amount}) == [{"points": each} for each in expected]


def test_an_any_table_takes_rules_that_agree_and_refuses_others() -> None:
    agreeing = dmn(table("> 1 -> 5\n> 2 -> 5", inputs="n:integer", outputs="x:integer", policy='hitPolicy="ANY"'))
    assert rows(agreeing, {"n": 3}) == [{"x": 5}]
    differing = dmn(table("> 1 -> 5\n> 2 -> 6", inputs="n:integer", outputs="x:integer", policy='hitPolicy="ANY"'))
    with pytest.raises(ExpressionError, match="dish is ANY, but r1 and r2 match with different outputs"):
        rows(differing, {"n": 3})


def test_several_outputs_make_a_row_of_several_values() -> None:
    source = dmn(
        table(
            '"gold" -> 0.2 | "yes"\n- -> null | "no"',
            inputs="level:string",
            outputs="discount:double | gift:string",
            policy='hitPolicy="FIRST"',
        )
    )
    assert rows(source, {"level": "gold"}) == [{"discount": 0.2, "gift": "yes"}]
    assert rows(source, {"level": "tin"}) == [{"discount": None, "gift": "no"}]


def test_a_result_is_mapped_as_a_business_rule_task_asks() -> None:
    collecting = dmn(table(MANY, inputs="amount:integer", outputs="points:integer", policy='hitPolicy="COLLECT"'))
    result = decide(read_decisions(collecting), "dish", PlainNames({"amount": 7}))
    assert result.mapped("collectEntries") == [1, 2]
    assert result.mapped("resultList") == [{"points": 1}, {"points": 2}]
    for how in ("singleEntry", "singleResult"):
        with pytest.raises(ExpressionError, match="2 rows"):
            result.mapped(how)
    one = decide(read_decisions(collecting), "dish", PlainNames({"amount": 2}))
    assert one.mapped("singleEntry") == 2
    assert one.mapped("singleResult") == {"points": 2}
    none = decide(read_decisions(collecting), "dish", PlainNames({"amount": 0}))
    assert (none.mapped("singleEntry"), none.mapped("singleResult"), none.mapped("resultList")) == (None, None, [])


def test_a_result_says_which_rules_matched_and_on_what() -> None:
    source = dmn(table(SEASONS, inputs="season:string | guests:integer"))
    result = decide(read_decisions(source), "dish", PlainNames({"season": "Winter", "guests": 9}))
    assert [each.rule_id for each in result.matched] == ["r2"]
    assert list((result.inputs or {}).values()) == ["Winter", 9]


def test_a_decision_sees_the_results_of_those_it_requires() -> None:
    season = table(
        '< 10 -> "Winter"\n>= 10 -> "Summer"', inputs="degrees:integer", outputs="season:string", id="weather"
    )
    dish = table('"Winter" -> "Stew"\n"Summer" -> "Salad"', requires="weather")
    result = decide(read_decisions(dmn(dish, season)), "dish", PlainNames({"degrees": 3}))
    assert result.single_entry() == "Stew"
    assert [each.decision_id for each in result.required] == ["weather"]
    by_name = table('"Winter" -> "Stew"', inputs="Weather:string", requires="weather")
    assert rows(dmn(by_name, season), {"degrees": 3}) == [{"dish": "Stew"}]


def test_a_literal_expression_is_a_decision_too() -> None:
    source = dmn(
        '<decision id="total"><variable name="sum" typeRef="integer"/>'
        "<literalExpression><text>price * count</text></literalExpression></decision>"
    )
    assert rows(source, {"price": 3, "count": "4"}, "total") == [{"sum": None}]
    assert rows(source, {"price": 3, "count": 4}, "total") == [{"sum": 12}]


def test_juel_and_python_stand_in_tables_where_the_file_says_so() -> None:
    source = dmn(
        '<decision id="dish"><decisionTable><input><inputExpression expressionLanguage="juel"><text>${n + 1}</text>'
        '</inputExpression></input><output name="dish"/><rule id="r1"><inputEntry expressionLanguage="juel">'
        '<text>cellInput &gt; 5</text></inputEntry><outputEntry expressionLanguage="python"><text>n * 2</text>'
        "</outputEntry></rule></decisionTable></decision>"
    )
    assert rows(source, {"n": 5}) == [{"dish": 10}]
    assert rows(source, {"n": 4}) == []


def test_values_are_turned_into_the_type_of_their_column() -> None:
    source = dmn(table('< date("2027-01-01") -> 1', inputs="day:date", outputs="x:double"))
    assert rows(source, {"day": "2026-12-01T10:00:00"}) == [{"x": 1.0}]
    with pytest.raises(ExpressionError, match="'soon' is no ISO 8601 date"):
        rows(source, {"day": "soon"})
    whole = dmn(table("1 -> true", inputs="n:integer", outputs="x:boolean"))
    with pytest.raises(ExpressionError, match=r"1\.5 is no integer"):
        rows(whole, {"n": 1.5})


def test_an_unknown_variable_is_an_error_that_names_it() -> None:
    with pytest.raises(ExpressionError, match="Unknown variable season"):
        rows(dmn(table('"Winter" -> "Stew"')), {})


def test_an_unknown_decision_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(LookupError, match="no decision drink; there are: dish"):
        decide(read_decisions(dmn(table('- -> "Stew"'))), "drink", PlainNames({}))


def test_every_problem_is_told_at_once() -> None:
    broken = table(
        "< -> 1 +\n1 | 2 -> 3", inputs="n +:integer", outputs="a:integer | a:integer", policy='hitPolicy="PRIORITY"'
    )
    logic = '<decision id="c"><context/></decision><decision id="e"/>'
    circle = table("- -> 1", id="p", requires="q") + table("- -> 1", id="q", requires="p")
    lost = table("- -> 1", id="l", requires="nobody")
    sums = table("- -> 1", id="s", policy='hitPolicy="UNIQUE" aggregation="SUM"')
    found = check_decisions(read_decisions(dmn(broken, logic, circle, lost, sums)))
    assert {(each.rule, each.element_id) for each in found} == {
        ("output-name", "dish"),
        ("output-values", "dish"),
        ("expression", "input_1"),
        ("expression", "r1"),
        ("cells", "r1"),
        ("cells", "r2"),
        ("decision-logic", "c"),
        ("decision-logic", "e"),
        ("decision-cycle", "p"),
        ("decision-cycle", "q"),
        ("required-decision", "l"),
        ("aggregation", "s"),
    }
    assert all(each.message and each.remedy for each in found)


def test_decisions_that_require_each_other_are_stopped() -> None:
    circle = table("- -> 1", id="p", requires="q") + table("- -> 1", id="q", requires="p")
    with pytest.raises(ExpressionError, match="requires itself"):
        decide(read_decisions(dmn(circle)), "p", PlainNames({"season": 1}))


@pytest.mark.parametrize("source", [b"", b"<a/>", b"<definitions/>", b"not xml", b"\x89PNG"])
def test_what_is_no_dmn_is_refused_with_a_remedy(source: bytes) -> None:
    with pytest.raises(UnreadableModel):
        read_decisions(source)


def test_a_file_without_a_decision_is_a_problem() -> None:
    assert [each.rule for each in check_decisions(read_decisions(dmn()))] == ["no-decision"]
