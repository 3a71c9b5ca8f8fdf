"""What a person is known by in texts, and how it is taken out of them.

Names are found as whole words in any letters, ids and addresses as they are written. A first or a last name alone says
too little anywhere but in a journey that is about the person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, or_

#: Not inside a longer word, address or id.
_BEFORE, _AFTER = r"(?<![\w@.-])", r"(?![\w@-]|\.\w)"
_ALONE = r"(?:(?<=\")|\A){0}(?=\"|\Z)|(?<=@){0}(?!\w)"


def _any(parts: Iterable[str]) -> str:
    """The longest that fits; nothing at all where there are none."""
    return "|".join(sorted(parts, key=len, reverse=True)) or r"(?!)"


@dataclass(frozen=True, slots=True)
class Needles:
    """`exact` are written in one way only; `names` in any letters. `words` are ids that could be a word of any text
    (bo, admin): they are found where they are all there is, in quotes or after an @, and anywhere with
    `everywhere`."""

    exact: tuple[str, ...]
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = field(init=False)
    pattern: re.Pattern[str] = field(init=False)
    everywhere: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        words = tuple(each for each in self.exact if each.isalpha())
        telling = [each for each in self.exact if not each.isalpha()]
        escaped = {_as_json(each) for each in (*self.exact, *self.names)} - {*self.exact, *self.names}
        parts = [re.escape(each) for each in (*telling, *escaped)]
        parts += [f"(?i:{re.escape(each)})" for each in self.names]
        whole = [f"{_BEFORE}(?:{_any(parts)}){_AFTER}"] if parts else []
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "pattern", re.compile(_any([*whole, *(_ALONE.format(each) for each in words)])))
        plain = [f"{_BEFORE}(?:{_any(words)}){_AFTER}"] if words else []
        object.__setattr__(self, "everywhere", re.compile(_any([*whole, *plain])))

    def replaced(self, text: str, by: str, *, everywhere: bool = False) -> str:
        return (self.everywhere if everywhere else self.pattern).sub(by, text)

    def spellings(self) -> list[str]:
        """As they may stand in a column, for the database to look for; what is found is then looked at word by word."""
        found: dict[str, None] = {}
        for each in self.exact:
            found |= dict.fromkeys((each, _as_json(each)))
        for each in self.names:
            for spelt in (each, each.lower(), each.upper(), each.title()):
                found |= dict.fromkeys((spelt, _as_json(spelt)))
        return list(found)

    def may_be_in(self, column: ColumnElement[str]) -> ColumnElement[bool]:
        lowered = func.lower(column)
        return or_(
            *(column.contains(each, autoescape=True) for each in self.spellings()),
            *(lowered.contains(each.lower(), autoescape=True) for each in self.names),
        )

    def with_names(self, names: Iterable[str]) -> Needles:
        return Needles(self.exact, tuple(dict.fromkeys((*self.names, *names))))


def _as_json(text: str) -> str:
    """Some of our JSON is written in ASCII alone."""
    return json.dumps(text)[1:-1]


def needles_of(
    user_id: str, user_name: str | None, email: str | None, first_name: str | None, last_name: str | None
) -> Needles:
    exact = tuple(dict.fromkeys(each for each in (user_id, user_name, email) if each))
    first, last = (first_name or "").strip(), (last_name or "").strip()
    # A guest has their whole name as the first.
    names = [f"{first} {last}", f"{last} {first}", f"{last}, {first}"] if first and last else []
    if not last and " " in first:
        names = [first]
    return Needles(exact, tuple(names))
