"""The syntax tree that every language is read into. What has no node here cannot be said in any of them.

Operators travel as functions, so that each language brings its own rules for values while the interpreter stays one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Variable:
    name: str


@dataclass(frozen=True, slots=True)
class Local:
    """A variable of a comprehension around this."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """`holder.name`. Strict: an error where there is none; else null, as JUEL has it."""

    holder: Node
    name: str
    strict: bool


@dataclass(frozen=True, slots=True)
class Item:
    """`holder[key]`; strict as for a field."""

    holder: Node
    key: Node
    strict: bool


@dataclass(frozen=True, slots=True)
class Slice:
    holder: Node
    lower: Node | None
    upper: Node | None


@dataclass(frozen=True, slots=True)
class FunctionCall:
    name: str
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...] = ()


@dataclass(frozen=True, slots=True)
class MethodCall:
    holder: Node
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """`apply` gets the values of the operands."""

    apply: Callable[..., Any]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Logic:
    """Values from left to right until one whose `test` is `stop`; that one, or the last, is the result."""

    operands: tuple[Node, ...]
    stop: bool
    test: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A chain `a < b <= c`: every operand is evaluated once, and it ends at the first pair that does not hold."""

    first: Node
    others: tuple[tuple[Callable[[Any, Any], bool], Node], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    condition: Node
    test: Callable[[Any], bool]
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MapOf:
    entries: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class TextOf:
    """Texts and values joined: `kermit_${loopCounter}`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """`for targets in source if conditions`; several targets take each element apart."""

    targets: tuple[str, ...]
    source: Node
    conditions: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Comprehension:
    """A list of `element`, or with `key` a map."""

    element: Node
    loops: tuple[Loop, ...]
    key: Node | None = None


Node = (
    Literal
    | Variable
    | Local
    | Field
    | Item
    | Slice
    | FunctionCall
    | MethodCall
    | Operation
    | Logic
    | Comparison
    | Choice
    | ListOf
    | MapOf
    | TextOf
    | Comprehension
)


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Field(holder=holder):
            return (holder,)
        case Item(holder=holder, key=key):
            return (holder, key)
        case Slice(holder=holder, lower=lower, upper=upper):
            return (holder, *(bound for bound in (lower, upper) if bound is not None))
        case FunctionCall(arguments=arguments, keywords=keywords):
            return (*arguments, *(value for _, value in keywords))
        case MethodCall(holder=holder, arguments=arguments):
            return (holder, *arguments)
        case Operation(operands=operands) | Logic(operands=operands):
            return operands
        case Comparison(first=first, others=others):
            return (first, *(operand for _, operand in others))
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case ListOf(items=items):
            return items
        case MapOf(entries=entries):
            return tuple(part for entry in entries for part in entry)
        case TextOf(parts=parts):
            return parts
        case Comprehension(element=element, loops=loops, key=key):
            inner = tuple(part for loop in loops for part in (loop.source, *loop.conditions))
            return (*inner, element) if key is None else (*inner, key, element)
        case _:
            return ()
