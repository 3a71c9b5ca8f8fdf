"""JUEL as Camunda models write it: `${approved && level >= 2}`, `#{...}` alike, and text with expressions in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bpmn.expressions import coercion, nodes
from bpmn.expressions.errors import ExpressionError
from bpmn.expressions.nodes import Node
from bpmn.expressions.tokens import TokenReader, number_of

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<name>[^\W\d][\w$]*|\$[\w$]+)
      | (?P<operator>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:()\[\].,}])
    )""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "gt": ">",
    "le": "<=",
    "ge": ">=",
    "div": "/",
    "mod": "%",
}
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}

_Apply = Callable[..., Any]
_COMPARISONS: dict[str, _Apply] = {
    "==": coercion.equal,
    "!=": coercion.unequal,
    "<": coercion.less,
    ">": coercion.greater,
    "<=": coercion.at_most,
    ">=": coercion.at_least,
}
_SUMS: dict[str, _Apply] = {"+": coercion.add, "-": coercion.subtract}
_PRODUCTS: dict[str, _Apply] = {"*": coercion.multiply, "/": coercion.divide, "%": coercion.remainder}
#: Operators from the loosest to the tightest; "||" and "&&" come before them.
_LEVELS: tuple[tuple[str, ...], ...] = (("==", "!="), ("<", ">", "<=", ">="), tuple(_SUMS), tuple(_PRODUCTS))


def parse(source: str) -> Node:
    """The tree of a whole text. One expression alone keeps the type of its value; with text around it, it makes a text.

    `\\${` is the text `${`. Text without any expression stands for itself.
    """
    match _parts(source.strip()):
        case [nodes.Node() as alone]:
            return alone
    parts = _parts(source)
    if not any(isinstance(part, nodes.Node) for part in parts):
        return nodes.Literal("".join(map(str, parts)))
    return nodes.TextOf(tuple(nodes.Literal(part) if isinstance(part, str) else part for part in parts))


def _parts(source: str) -> list[Node | str]:
    """The expressions of a text, and the texts between them."""
    parts: list[Node | str] = []
    written: list[str] = []
    at = 0
    while at < len(source):
        character = source[at]
        if character == "\\" and source[at + 1 : at + 2] == "\\":
            written.append("\\")
            at += 2
        elif character == "\\" and source[at + 2 : at + 3] == "{" and source[at + 1] in "$#":
            written.append(source[at + 1])
            at += 2
        elif character in "$#" and source[at + 1 : at + 2] == "{":
            if written:
                parts.append("".join(written))
                written = []
            parser = _Parser(source, at + 2)
            parts.append(parser.whole())
            at = parser.token.end
        else:
            written.append(character)
            at += 1
    if written:
        parts.append("".join(written))
    return parts


class _Parser(TokenReader):
    """One expression, from behind its `${` to its `}`."""

    pattern = _TOKEN
    words = _WORDS

    def whole(self) -> Node:
        found = self.choice()
        if not self.is_next("}"):
            raise ExpressionError(f"'}}' is expected before {self.ahead()}.")
        return found

    def choice(self) -> Node:
        with self.deeper():
            found = self.alternatives()
            if self.next_is("?"):
                then = self.choice()
                self.need(":")
                found = nodes.Choice(found, coercion.boolean, then, self.choice())
            return found

    def alternatives(self) -> Node:
        return self.joined("||", lambda: self.joined("&&", lambda: self.operation(0), False), True)

    def joined(self, symbol: str, operand: Callable[[], Node], stop: bool) -> Node:
        """`and`, `or`: every operand becomes a boolean, the result too."""
        operands = [operand()]
        while self.next_is(symbol):
            operands.append(operand())
        if len(operands) == 1:
            return operands[0]
        return nodes.Logic(tuple(_as_boolean(each) for each in operands), stop, bool)

    def operation(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self.unary()
        left = self.operation(level + 1)
        while symbol := self.next_is(*_LEVELS[level]):
            right = self.operation(level + 1)
            if symbol in _COMPARISONS:
                left = nodes.Comparison(left, ((_COMPARISONS[symbol], right),))
            else:
                left = nodes.Operation((_SUMS.get(symbol) or _PRODUCTS[symbol]), (left, right))
        return left

    def unary(self) -> Node:
        apply = None
        if symbol := self.next_is("!", "-"):
            apply = coercion.negated if symbol == "!" else coercion.negate
        elif self.token.kind == "name" and self.token.value == "empty":
            self.advance()
            apply = coercion.empty
        if apply is None:
            return self.value()
        with self.deeper():
            return nodes.Operation(apply, (self.unary(),))

    def value(self) -> Node:
        found = self.primary()
        while True:
            if self.next_is("."):
                name = self.need_name()
                if self.next_is("("):
                    found = nodes.MethodCall(found, name, self.arguments())
                else:
                    found = nodes.Field(found, name, strict=False)
            elif self.next_is("["):
                found = nodes.Item(found, self.choice(), strict=False)
                self.need("]")
            else:
                return found

    def arguments(self) -> tuple[Node, ...]:
        found: list[Node] = []
        if self.next_is(")"):
            return ()
        while True:
            found.append(self.choice())
            if not self.next_is(","):
                self.need(")")
                return tuple(found)

    def primary(self) -> Node:
        token = self.token
        if token.kind == "number":
            self.advance()
            return nodes.Literal(number_of(token.value))
        if token.kind == "text":
            self.advance()
            return nodes.Literal(_unescaped(token.value))
        if token.kind == "name":
            self.advance()
            if token.value in _CONSTANTS:
                return nodes.Literal(_CONSTANTS[token.value])
            if self.next_is("("):
                return nodes.FunctionCall(token.value, self.arguments())
            return nodes.Variable(token.value)
        if self.next_is("("):
            found = self.choice()
            self.need(")")
            return found
        raise ExpressionError(f"A value is expected before {self.ahead()}.")


def _as_boolean(node: Node) -> Node:
    """The operand itself where it is one already: a comparison, `!`, `empty`, `and`, `or`."""
    if isinstance(node, (nodes.Comparison, nodes.Logic)):
        return node
    if isinstance(node, nodes.Operation) and node.apply in (coercion.negated, coercion.empty):
        return node
    return nodes.Operation(coercion.boolean, (node,))


def _unescaped(quoted: str) -> str:
    """A quoted text's content. Only the quote and the backslash are escaped, as the specification has it."""
    if "\\" not in quoted:
        return quoted[1:-1]
    mark = quoted[0]

    def character(match: re.Match[str]) -> str:
        if match[1] not in (mark, "\\"):
            raise ExpressionError(f"\\{match[1]} is no escape in a text: use \\{mark} or \\\\.")
        return match[1]

    return re.sub(r"\\(.)", character, quoted[1:-1], flags=re.DOTALL)
