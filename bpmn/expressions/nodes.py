"""The syntax tree that every language is read into. What has no node here cannot be said in any of them.

Operators travel as functions, so that each language brings its own rules for values while the interpreter stays one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct


class Node(Struct, frozen=True):
    """A node of the tree; `children` are the nodes directly below it, in the order they are evaluated."""

    @property
    def children(self) -> tuple[Node, ...]:
        return ()


class Literal(Node, frozen=True):
    value: Any


class Variable(Node, frozen=True):
    name: str


class Local(Node, frozen=True):
    """A variable of a comprehension around this."""

    name: str


class Member(Node, frozen=True):
    """A name inside a filter: a field of the item at hand, if that is a map with such a field, else something else."""

    local: str
    name: str
    otherwise: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.otherwise,)


class Field(Node, frozen=True):
    """`holder.name`. Strict: an error where there is none; else null, as JUEL has it."""

    holder: Node
    name: str
    strict: bool

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.holder,)


class Item(Node, frozen=True):
    """`holder[key]`; strict as for a field."""

    holder: Node
    key: Node
    strict: bool

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.holder, self.key)


class Slice(Node, frozen=True):
    holder: Node
    lower: Node | None
    upper: Node | None

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.holder, *(bound for bound in (self.lower, self.upper) if bound is not None))


class FunctionCall(Node, frozen=True):
    name: str
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...] = ()

    @property
    def children(self) -> tuple[Node, ...]:
        return (*self.arguments, *(value for _, value in self.keywords))


class MethodCall(Node, frozen=True):
    holder: Node
    name: str
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.holder, *self.arguments)


class Operation(Node, frozen=True):
    """`apply` gets the values of the operands."""

    apply: Callable[..., Any]
    operands: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.operands


class Logic(Node, frozen=True):
    """Values from left to right until one whose `test` is `stop`; that one, or the last, is the result. With `combine`,
    what that makes of all values takes the place of the last."""

    operands: tuple[Node, ...]
    stop: bool | None
    test: Callable[[Any], bool | None]
    combine: Callable[[list[Any]], Any] | None = None

    @property
    def children(self) -> tuple[Node, ...]:
        return self.operands


class Comparison(Node, frozen=True):
    """A chain `a < b <= c`: every operand is evaluated once, and it ends at the first pair that does not hold."""

    first: Node
    others: tuple[tuple[Callable[[Any, Any], bool], Node], ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.first, *(operand for _, operand in self.others))


class Choice(Node, frozen=True):
    condition: Node
    test: Callable[[Any], bool]
    then: Node
    otherwise: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.condition, self.then, self.otherwise)


class ListOf(Node, frozen=True):
    items: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.items


class MapOf(Node, frozen=True):
    entries: tuple[tuple[Node, Node], ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return tuple(part for entry in self.entries for part in entry)


class TextOf(Node, frozen=True):
    """Texts and values joined: `kermit_${loopCounter}`."""

    parts: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.parts


class Loop(Struct, frozen=True):
    """`for targets in source if conditions`; several targets take each element apart."""

    targets: tuple[str, ...]
    source: Node
    conditions: tuple[Node, ...] = ()


class Comprehension(Node, frozen=True):
    """A list of `element`, or with `key` a map."""

    element: Node
    loops: tuple[Loop, ...]
    key: Node | None = None

    @property
    def children(self) -> tuple[Node, ...]:
        inner = tuple(part for loop in self.loops for part in (loop.source, *loop.conditions))
        return (*inner, self.element) if self.key is None else (*inner, self.key, self.element)
