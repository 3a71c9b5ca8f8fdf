"""The syntax tree that every language is read into. What has no node here cannot be said in any of them.

Operators travel as functions, so that each language brings its own rules for values while the interpreter stays one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Node:
    """A node of the tree; `children` are the nodes directly below it, in the order they are evaluated."""

    __slots__ = ()

    @property
    def children(self) -> tuple[Node, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Literal(Node):
    value: Any


@dataclass(frozen=True, slots=True)
class Variable(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Local(Node):
    """A variable of a comprehension around this."""

    name: str


@dataclass(frozen=True, slots=True)
class Member(Node):
    """A name inside a filter: a field of the item at hand, if that is a map with such a field, else something else."""

    local: str
    name: str
    otherwise: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.otherwise,)


@dataclass(frozen=True, slots=True)
class Field(Node):
    """`holder.name`. Strict: an error where there is none; else null, as JUEL has it."""

    holder: Node
    name: str
    strict: bool

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.holder,)


@dataclass(frozen=True, slots=True)
class Item(Node):
    """`holder[key]`; strict as for a field."""

    holder: Node
    key: Node
    strict: bool

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.holder, self.key)


@dataclass(frozen=True, slots=True)
class Slice(Node):
    holder: Node
    lower: Node | None
    upper: Node | None

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.holder, *(bound for bound in (self.lower, self.upper) if bound is not None))


@dataclass(frozen=True, slots=True)
class FunctionCall(Node):
    name: str
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...] = ()

    @property
    def children(self) -> tuple[Node, ...]:
        return (*self.arguments, *(value for _, value in self.keywords))


@dataclass(frozen=True, slots=True)
class MethodCall(Node):
    holder: Node
    name: str
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.holder, *self.arguments)


@dataclass(frozen=True, slots=True)
class Operation(Node):
    """`apply` gets the values of the operands."""

    apply: Callable[..., Any]
    operands: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.operands


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """Values from left to right until one whose `test` is `stop`; that one, or the last, is the result. With `combine`,
    what that makes of all values takes the place of the last."""

    operands: tuple[Node, ...]
    stop: bool | None
    test: Callable[[Any], bool | None]
    combine: Callable[[list[Any]], Any] | None = None

    @property
    def children(self) -> tuple[Node, ...]:
        return self.operands


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """A chain `a < b <= c`: every operand is evaluated once, and it ends at the first pair that does not hold."""

    first: Node
    others: tuple[tuple[Callable[[Any, Any], bool], Node], ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.first, *(operand for _, operand in self.others))


@dataclass(frozen=True, slots=True)
class Choice(Node):
    condition: Node
    test: Callable[[Any], bool]
    then: Node
    otherwise: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.condition, self.then, self.otherwise)


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    items: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.items


@dataclass(frozen=True, slots=True)
class MapOf(Node):
    entries: tuple[tuple[Node, Node], ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return tuple(part for entry in self.entries for part in entry)


@dataclass(frozen=True, slots=True)
class TextOf(Node):
    """Texts and values joined: `kermit_${loopCounter}`."""

    parts: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.parts


@dataclass(frozen=True, slots=True)
class Loop:
    """`for targets in source if conditions`; several targets take each element apart."""

    targets: tuple[str, ...]
    source: Node
    conditions: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Comprehension(Node):
    """A list of `element`, or with `key` a map."""

    element: Node
    loops: tuple[Loop, ...]
    key: Node | None = None

    @property
    def children(self) -> tuple[Node, ...]:
        inner = tuple(part for loop in self.loops for part in (loop.source, *loop.conditions))
        return (*inner, self.element) if self.key is None else (*inner, self.key, self.element)
