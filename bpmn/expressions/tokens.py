"""Reading a source token by token: what the parsers of JUEL and FEEL have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import ClassVar, NamedTuple

from bpmn.expressions.budget import MAX_DIGITS, MAX_NESTING, number_within_limits
from bpmn.expressions.errors import ExpressionError


class Token(NamedTuple):
    kind: str  # number, text, name, operator, end
    value: str
    end: int


class TokenReader:
    """One pass over a source. `token` is the one to look at next; `pattern` has a named group for each kind, and skips
    the white space before it; `words` are the names that are operators."""

    pattern: ClassVar[re.Pattern[str]]
    words: ClassVar[Mapping[str, str]]

    def __init__(self, source: str, start: int = 0) -> None:
        self.source = source
        self.nesting = 0
        self.token = Token("", "", start)
        self.advance()

    def advance(self) -> Token:
        """Moves on, and gives the token that was passed."""
        passed = self.token
        self.token = self._read(passed.end, passed)
        return passed

    def _read(self, start: int, passed: Token) -> Token:
        match = self.pattern.match(self.source, start)
        if match is None:
            rest = self.source[start:].strip()
            if rest:
                raise ExpressionError(f"{rest[:20]!r} cannot be read here.")
            return Token("end", "", start)
        kind = match.lastgroup or ""
        value = match[kind]
        if kind == "name" and value in self.words and passed.value != ".":
            return Token("operator", self.words[value], match.end())
        return Token(kind, value, match.end())

    def following(self) -> Token:
        """The token after the next one."""
        return self._read(self.token.end, self.token)

    def ahead(self) -> str:
        return "the end" if self.token.kind == "end" else repr(self.token.value)

    def is_next(self, *symbols: str) -> bool:
        return self.token.kind == "operator" and self.token.value in symbols

    def next_is(self, *symbols: str) -> str | None:
        """Passes one of these operators, if it is the next token."""
        return self.advance().value if self.is_next(*symbols) else None

    def need(self, symbol: str) -> None:
        if not self.next_is(symbol):
            raise ExpressionError(f"{symbol!r} is expected before {self.ahead()}.")

    def need_name(self) -> str:
        if self.token.kind != "name":
            raise ExpressionError(f"A name is expected, not {self.ahead()}.")
        return self.advance().value

    @contextmanager
    def deeper(self) -> Iterator[None]:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise ExpressionError(f"Brackets lie more than {MAX_NESTING} levels inside each other.")
        yield
        self.nesting -= 1


def number_of(written: str) -> int | float:
    """A number as it is written."""
    if len(written) > MAX_DIGITS:
        raise ExpressionError(f"A number has at most {MAX_DIGITS} digits.")
    return number_within_limits(int(written) if written.isdecimal() else float(written))
