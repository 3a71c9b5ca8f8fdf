"""FEEL, the language of decision tables: expressions, and the unary tests of their cells.

What it has beyond the other languages: ranges (`[1..5]`), `in`, `between`, `if then else`, `for`, `some`, `every`,
filters (`orders[amount > 5]`) and names of several words. Named arguments, `instance of` and patterns are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bpmn.expressions import feel_values, nodes
from bpmn.expressions.errors import ExpressionError
from bpmn.expressions.feel_functions import FUNCTIONS, duration, named
from bpmn.expressions.kinds import as_date
from bpmn.expressions.nodes import Node
from bpmn.expressions.tokens import TokenReader, number_of

#: The name under which a cell's input value is known to its tests.
INPUT = "?"

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<moment>@"[^"]*")
      | (?P<name>date\ and\ time(?=\s*\()|[^\W\d]\w*|`[^`]*`)
      | (?P<operator>\.\.|\*\*|!=|<=|>=|[-+*/=<>()\[\]{}.,:?])
    )""",
    re.VERBOSE | re.DOTALL,
)
_KEYWORDS = {
    word: word
    for word in ("and", "or", "in", "between", "then", "else", "return", "satisfies", "if", "for", "some", "every")
}
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'"}

_Apply = Callable[..., Any]
_COMPARISONS: dict[str, _Apply] = {
    "=": feel_values.equal,
    "!=": feel_values.unequal,
    "<": feel_values.less,
    ">": feel_values.greater,
    "<=": feel_values.at_most,
    ">=": feel_values.at_least,
}
_LEVELS: tuple[dict[str, _Apply], ...] = (
    {"+": feel_values.add, "-": feel_values.subtract},
    {"*": feel_values.multiply, "/": feel_values.divide},
    {"**": feel_values.power},
)


@dataclass(frozen=True, slots=True)
class _Range:
    """`[lower..upper]`, with round or outward brackets where a bound is left out."""

    lower: Node
    upper: Node
    lower_included: bool
    upper_included: bool

    def test(self, value: Node) -> Node:
        return nodes.Operation(
            feel_values.within(self.lower_included, self.upper_included), (value, self.lower, self.upper)
        )


def parse(source: str) -> Node:
    """The tree of one expression. A leading `=`, as some modelers write it, is passed over."""
    parser = _Parser(source.strip().removeprefix("="))
    found = parser.expression()
    parser.need_end()
    if parser.uses_input:
        raise ExpressionError("? stands only in a cell of a decision table.")
    return found


def parse_unary_tests(source: str) -> Node:
    """The tree of a table's cell: whether the value known as `?` passes. An empty cell and `-` let everything pass."""
    if source.strip() in ("", "-"):
        return nodes.Literal(True)
    parser = _Parser(source)
    found = parser.unary_tests()
    parser.need_end()
    return found


class _Parser(TokenReader):
    """`bound` holds the names of loops and, as an empty text, the filters around; `uses_input` whether `?` was read."""

    pattern = _TOKEN
    words = _KEYWORDS

    def __init__(self, source: str) -> None:
        self.bound: list[str] = []
        self.uses_input = False
        self.bounding = -1
        super().__init__(source)

    def need_end(self) -> None:
        if self.token.kind != "end":
            raise ExpressionError(f"The end is expected before {self.ahead()}.")

    # ------------------------------------------------------------ tests

    def unary_tests(self) -> Node:
        """Tests parted by commas, one of which must hold; `not(...)` turns them round."""
        if self.token.value == "not" and self.following().value == "(":
            self.advance()
            self.advance()
            inner = self.tests(nodes.Local(INPUT))
            self.need(")")
            return nodes.Operation(feel_values.negated, (inner,))
        return self.tests(nodes.Local(INPUT))

    def tests(self, value: Node) -> Node:
        found = [self.test(value, self.whole)]
        while self.next_is(","):
            found.append(self.test(value, self.whole))
        return found[0] if len(found) == 1 else nodes.Logic(tuple(found), True, feel_values.truth, feel_values.either)

    def test(self, value: Node, operand: Callable[[], Node | _Range]) -> Node:
        """One test of a value: `< 5`, a range, what it equals, a list that it is in, or a condition about `?`."""
        if symbol := self.next_is(*_COMPARISONS):
            return nodes.Operation(_COMPARISONS[symbol], (value, self.sum(0)))
        around, self.uses_input = self.uses_input, False
        wanted = self.bounds(self.sum(0), False) if self.next_is("]") else operand()
        asks, self.uses_input = self.uses_input, around or self.uses_input
        if isinstance(wanted, _Range):
            return wanted.test(value)
        if asks:
            return wanted
        same = feel_values.equal if isinstance(wanted, nodes.Literal) else feel_values.one_of
        return nodes.Operation(same, (value, wanted))

    def bounds(self, lower: Node, lower_included: bool) -> _Range:
        """The rest of a range, from its two dots on."""
        self.need("..")
        self.bounding = self.nesting  # the bracket behind the upper bound closes the range: it is no filter
        upper = self.sum(0)
        self.bounding = -1
        closing = self.next_is("]", ")", "[")
        if closing is None:
            raise ExpressionError(f"']' or ')' is expected before {self.ahead()}.")
        return _Range(lower, upper, lower_included, closing == "]")

    # ------------------------------------------------------------ expressions

    def expression(self) -> Node:
        return _node(self.whole())

    def whole(self) -> Node | _Range:
        """An expression, or a range."""
        with self.deeper():
            return self.joined("or", self.conjunction, True, feel_values.either)

    def conjunction(self) -> Node | _Range:
        return self.joined("and", self.comparison, False, feel_values.both)

    def joined(
        self, word: str, operand: Callable[[], Node | _Range], stop: bool, combine: Callable[[list[Any]], Any]
    ) -> Node | _Range:
        operands = [operand()]
        while self.next_is(word):
            operands.append(operand())
        if len(operands) == 1:
            return operands[0]
        return nodes.Logic(tuple(map(_node, operands)), stop, feel_values.truth, combine)

    def comparison(self) -> Node | _Range:
        left = self.sum_or_range(0)
        if symbol := self.next_is(*_COMPARISONS):
            return nodes.Operation(_COMPARISONS[symbol], (_node(left), self.sum(0)))
        if self.next_is("between"):
            lower = self.sum(0)
            self.need("and")
            return _Range(lower, self.sum(0), True, True).test(_node(left))
        if self.next_is("in"):
            return self.membership(_node(left))
        return left

    def membership(self, value: Node) -> Node:
        """`x in [1..5]`, `x in (< 3, 7)`, `x in list`."""
        if self.is_next("(") and not self.is_range_ahead():
            self.advance()
            found = self.tests(value)
            self.need(")")
            return found
        return self.test(value, lambda: self.sum_or_range(0))

    def is_range_ahead(self) -> bool:
        """Whether the bracket that comes next opens a range, `(1..5)`."""
        depth = 0
        for match in _TOKEN.finditer(self.source, self.token.end - 1):
            symbol = match["operator"] or ""
            depth += (symbol in ("(", "[", "{")) - (symbol in (")", "]", "}"))
            if depth < 1 or (depth == 1 and symbol in ("..", ",")):
                return symbol == ".."
        return False

    def sum(self, level: int) -> Node:
        return _node(self.sum_or_range(level))

    def sum_or_range(self, level: int) -> Node | _Range:
        if level == len(_LEVELS):
            return self.signed()
        left = self.sum_or_range(level + 1)
        while symbol := self.next_is(*_LEVELS[level]):
            left = nodes.Operation(_LEVELS[level][symbol], (_node(left), self.sum(level + 1)))
        return left

    def signed(self) -> Node | _Range:
        if self.next_is("-"):
            with self.deeper():
                return nodes.Operation(feel_values.negative, (_node(self.signed()),))
        found = self.primary()
        while isinstance(found, Node):
            if self.next_is("."):
                found = nodes.Field(found, self.need_name().strip("`"), strict=False)
            elif self.bounding != self.nesting and self.next_is("["):
                found = self.chosen(found)
            else:
                break
        return found

    def chosen(self, values: Node) -> Node:
        """`list[2]`, or `list[condition]`, in which each item is `item` and its fields are names."""
        self.bound.append(_FILTER)
        choice = self.expression()
        self.bound.pop()
        self.need("]")
        if isinstance(choice, nodes.Literal):
            return nodes.Operation(feel_values.at, (values, choice))
        items = nodes.Loop(("item",), nodes.Operation(feel_values.as_list, (values,)))
        answers = nodes.Comprehension(nodes.ListOf((nodes.Local("item"), choice)), (items,))
        return nodes.Operation(feel_values.filtered, (answers,))

    # ------------------------------------------------------------ primaries

    def primary(self) -> Node | _Range:
        token = self.token
        if read := _LITERALS.get(token.kind):
            self.advance()
            return nodes.Literal(read(token.value))
        if token.kind == "name":
            return self.named()
        opened = self.next_is("if", "for", "some", "every", "?", "(", "[", "{")
        if opened is None:
            raise ExpressionError(f"A value is expected before {self.ahead()}.")
        if opened == "?":
            self.uses_input = True
            return nodes.Local(INPUT)
        if opened in ("for", "some", "every"):
            return self.loop(opened)
        return {"if": self.choice, "(": self.parenthesis, "[": self.bracket, "{": self.context}[opened]()

    def parenthesis(self) -> Node | _Range:
        inner = self.expression()
        if self.is_next(".."):
            return self.bounds(inner, False)
        self.need(")")
        return inner

    def bracket(self) -> Node | _Range:
        if self.next_is("]"):
            return nodes.ListOf(())
        items = [self.expression()]
        if self.is_next(".."):
            return self.bounds(items[0], True)
        while self.next_is(","):
            items.append(self.expression())
        self.need("]")
        return nodes.ListOf(tuple(items))

    def context(self) -> Node:
        entries: list[tuple[Node, Node]] = []
        while not self.next_is("}"):
            if entries:
                self.need(",")
            key = _string(self.advance().value) if self.token.kind == "text" else self.words_of_name()
            self.need(":")
            entries.append((nodes.Literal(key), self.expression()))
        return nodes.MapOf(tuple(entries))

    def choice(self) -> Node:
        condition = self.expression()
        self.need("then")
        then = self.expression()
        self.need("else")
        return nodes.Choice(condition, feel_values.matching, then, self.expression())

    def loop(self, word: str) -> Node:
        """`for x in a, y in b return e`, `some x in a satisfies e`, `every ...`."""
        loops: list[nodes.Loop] = []
        around = len(self.bound)
        while not loops or self.next_is(","):
            name = self.words_of_name()
            self.need("in")
            source = self.sum(0)
            if self.next_is(".."):
                source = nodes.Operation(feel_values.span, (source, self.sum(0)))
            loops.append(nodes.Loop((name,), nodes.Operation(feel_values.as_list, (source,))))
            self.bound.append(name)
        self.need("return" if word == "for" else "satisfies")
        found = nodes.Comprehension(self.expression(), tuple(loops))
        del self.bound[around:]
        if word == "for":
            return found
        return nodes.Operation(feel_values.some if word == "some" else feel_values.every, (found,))

    # ------------------------------------------------------------ names

    def words_of_name(self) -> str:
        """A name of one word or several: `First Name`, `string length`."""
        words = [self.need_name()]
        while self.token.kind == "name" and not words[-1].startswith("`"):
            words.append(self.advance().value)
        return " ".join(words).strip("`")

    def named(self) -> Node:
        name = self.words_of_name()
        if name in _CONSTANTS:
            return nodes.Literal(_CONSTANTS[name])
        return self.call(name) if self.next_is("(") else self.meant(name, len(self.bound))

    def meant(self, name: str, around: int) -> Node:
        """What a name means inside so many loops and filters: the nearest of them that knows it, else a variable."""
        for place in reversed(range(around)):
            if self.bound[place] == name or (self.bound[place] == _FILTER and name == "item"):
                return nodes.Local(name)
            if self.bound[place] == _FILTER:
                return nodes.Member("item", name, self.meant(name, place))
        return nodes.Variable(name)

    def call(self, name: str) -> Node:
        arguments: list[Node] = []
        while not self.next_is(")"):
            if arguments:
                self.need(",")
            arguments.append(self.expression())
        if name == "not" and len(arguments) == 1:
            return nodes.Operation(feel_values.negated, tuple(arguments))
        if name in FUNCTIONS:
            return nodes.Operation(named(name), tuple(arguments))
        return nodes.FunctionCall(name, tuple(arguments))


_FILTER = ""


def _node(found: Node | _Range) -> Node:
    if isinstance(found, _Range):
        raise ExpressionError("A range stands only behind in, and in a cell of a decision table.")
    return found


def _string(quoted: str) -> str:
    def character(match: re.Match[str]) -> str:
        if match[1].startswith("u"):
            return chr(int(match[1][1:], 16))
        if match[1] not in _ESCAPES:
            raise ExpressionError(f"\\{match[1]} is no escape in a text.")
        return _ESCAPES[match[1]]

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", character, quoted[1:-1], flags=re.DOTALL)


def _moment(written: str) -> Any:
    """`@"2026-12-01"`, `@"P3D"`."""
    inner = written[2:-1]
    return duration(inner) if inner.lstrip("-").startswith("P") else as_date(inner)


_LITERALS: dict[str, Callable[[str], Any]] = {"number": number_of, "text": _string, "moment": _moment}


def parts_of_list(text: str) -> list[str]:
    """The expressions of a list parted by commas, as a column states its possible values."""
    found: list[str] = []
    start = depth = 0
    for match in _TOKEN.finditer(text):
        symbol = match["operator"] or ""
        depth += (symbol in ("(", "[", "{")) - (symbol in (")", "]", "}"))
        if symbol == "," and depth == 0:
            found.append(text[start : match.start()])
            start = match.end()
    return [part.strip() for part in (*found, text[start:]) if part.strip()]
