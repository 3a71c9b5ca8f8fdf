"""DMN 1.1 to 1.5 to `DecisionDefinitions`: decision tables and literal expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from bpmn.decisions.model import (
    Aggregation,
    Decision,
    DecisionDefinitions,
    DecisionTable,
    HitPolicy,
    Input,
    LiteralDecision,
    Output,
    Rule,
    UnsupportedLogic,
)
from bpmn.expressions import ExpressionError, compile_expression
from bpmn.expressions.feel import parts_of_list
from bpmn.model import Expression
from bpmn.xml import parse, refused

_Element = etree._Element
_DMN = ("http://www.omg.org/spec/DMN/", "https://www.omg.org/spec/DMN/")
_CAMUNDA = "{http://camunda.org/schema/1.0/dmn}"
_LOGIC = ("decisionTable", "literalExpression", "context", "invocation", "relation", "functionDefinition", "list")
_LANGUAGES = {"feel": "feel", "juel": "juel", "python": "python", "": "feel"}
#: What no attribute in the file says: a hit policy by its letter, as some tools write it.
_LETTERS = {
    "U": "UNIQUE",
    "F": "FIRST",
    "A": "ANY",
    "P": "PRIORITY",
    "R": "RULE ORDER",
    "O": "OUTPUT ORDER",
    "C": "COLLECT",
}


def read_decisions(source: bytes, cells: str = "feel") -> DecisionDefinitions:
    """What a DMN file means. Raises UnreadableModel where it is no DMN; what is wrong in it `check_decisions` says.

    `cells` is the language of what does not say its own: feel, or python, in which SpiffWorkflow's decisions are
    written (a cell is a value, a comparison without its left side, or an expression in which `?` is the input)."""
    root = parse(source)
    if _name(root) != "definitions" or not _namespace(root).startswith(_DMN):
        raise refused(
            "not-dmn",
            _line(root),
            f"This is XML but no DMN: its root is {_name(root)!r}.",
            "Save the decision as DMN 1.1 to 1.5 in your modeler; the root of such a file is <definitions>.",
        )
    default = "python" if cells == "python" else _language(root.get("expressionLanguage"), "feel")
    decisions = [_Reader(default).decision(each) for each in _children(root, "decision")]
    return DecisionDefinitions(
        source=source,
        id=root.get("id") or "definitions",
        name=root.get("name"),
        decisions={each.id: each for each in decisions},
    )


class _Reader:
    def __init__(self, language: str) -> None:
        self.language = language

    def decision(self, element: _Element) -> Decision:
        identifier = element.get("id") or element.get("name") or "decision"
        required = tuple(
            (each.get("href") or "").rpartition("#")[2]
            for requirement in _children(element, "informationRequirement")
            for each in _children(requirement, "requiredDecision")
        )
        return Decision(
            id=identifier,
            name=element.get("name"),
            logic=self.logic(element, identifier),
            required=required,
            version_tag=element.get(_CAMUNDA + "versionTag"),
            history_time_to_live=element.get(_CAMUNDA + "historyTimeToLive"),
            line=_line(element),
        )

    def logic(self, element: _Element, identifier: str) -> DecisionTable | LiteralDecision | UnsupportedLogic:
        for child in element.iterchildren():
            if _name(child) == "decisionTable":
                return self.table(child, identifier)
            if _name(child) == "literalExpression":
                variable = next(_children(element, "variable"), None)
                expression = self.expression(child) or Expression("null", "feel")
                if variable is None:
                    return LiteralDecision(expression, identifier, child.get("typeRef"))
                return LiteralDecision(expression, variable.get("name") or identifier, _type(variable))
            if _name(child) in _LOGIC:
                return UnsupportedLogic(_name(child))
        return UnsupportedLogic("nothing")

    def table(self, element: _Element, decision_id: str) -> DecisionTable | UnsupportedLogic:
        written = (element.get("hitPolicy") or "UNIQUE").strip().upper()
        aggregation = element.get("aggregation")
        try:
            hit_policy = HitPolicy(_LETTERS.get(written, written))
            aggregated = Aggregation(aggregation.upper()) if aggregation else None
        except ValueError:
            return UnsupportedLogic(f"decisionTable with hit policy {written} {aggregation or ''}".strip())
        return DecisionTable(
            inputs=tuple(self.input(each, number) for number, each in enumerate(_children(element, "input"), 1)),
            outputs=tuple(
                self.output(each, number, decision_id) for number, each in enumerate(_children(element, "output"), 1)
            ),
            rules=tuple(map(self.rule, _children(element, "rule"))),
            hit_policy=hit_policy,
            aggregation=aggregated,
        )

    def input(self, element: _Element, number: int) -> Input:
        expression = next(_children(element, "inputExpression"), None)
        read = self.expression(expression) if expression is not None else None
        return Input(
            id=element.get("id") or f"input_{number}",
            expression=read or Expression("null", "feel"),
            label=element.get("label"),
            type=_type(expression) if expression is not None else None,
            variable=element.get(_CAMUNDA + "inputVariable") or "cellInput",
            line=_line(element),
        )

    def output(self, element: _Element, number: int, decision_id: str) -> Output:
        """An output without a name goes by that of its decision."""
        return Output(
            id=element.get("id") or f"output_{number}",
            name=element.get("name") or (decision_id if number == 1 else f"{decision_id}_{number}"),
            label=element.get("label"),
            type=_type(element),
            values=tuple(
                Expression(part, "feel")
                for values in _children(element, "outputValues")
                for part in parts_of_list(_text(values))
            ),
            line=_line(element),
        )

    def rule(self, element: _Element) -> Rule:
        return Rule(
            id=element.get("id") or f"rule@{_line(element)}",
            inputs=tuple(self.cell(each) for each in _children(element, "inputEntry")),
            outputs=tuple(map(self.expression, _children(element, "outputEntry"))),
            line=_line(element),
        )

    def cell(self, element: _Element) -> Expression | None:
        read = self.expression(element)
        return python_cell(read) if read is not None and read.language == "python" else read

    def expression(self, element: _Element) -> Expression | None:
        text = _text(element).strip()
        if not text:
            return None
        language = _language(element.get("expressionLanguage"), self.language)
        if language == "juel" and "${" not in text and "#{" not in text:
            text = "${" + text + "}"
        return Expression(text, language)


#: The input in a cell: a question mark outside of quotes.
_INPUT = re.compile(r"""("[^"]*"|'[^']*')|\?""")


def python_cell(cell: Expression, variable: str = "cellInput") -> Expression:
    """A cell as SpiffWorkflow means it, as a whole expression over its input."""
    text = _INPUT.sub(lambda found: found.group(1) or variable, cell.text)
    if text != cell.text:
        return Expression(text, "python")
    whole = Expression(f"{variable} == ({text})", "python")
    try:
        compile_expression(Expression(text, "python"))
    except ExpressionError:
        return Expression(f"{variable} {text}", "python")
    return whole


def _language(written: str | None, default: str) -> str:
    """`feel`, also by the address of its specification; other languages by their name in small letters."""
    if written is None:
        return default
    if "/FEEL/" in written.upper():
        return "feel"
    return _LANGUAGES.get(written.strip().lower(), written.strip().lower())


def _line(element: Any) -> int:
    """The source line; the stubs of lxml do not know its type."""
    return int(element.sourceline or 0)


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _namespace(element: _Element) -> str:
    return str(element.tag).rpartition("}")[0].lstrip("{")


def _children(element: _Element, name: str) -> Iterator[_Element]:
    """The DMN children of this name, whatever the version of their namespace."""
    return (each for each in element.iterchildren() if _name(each) == name and _namespace(each).startswith(_DMN))


def _text(element: _Element) -> str:
    return next((each.text or "" for each in _children(element, "text")), "")


def _type(element: _Element) -> str | None:
    """`typeRef`, without the prefix that DMN 1.1 puts before it."""
    return (element.get("typeRef") or "").rpartition(":")[2] or None
