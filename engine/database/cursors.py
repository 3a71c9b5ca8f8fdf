"""psycopg's cursor, but for what it makes of every answer and SQLAlchemy does not look at.

Of a statement that SQLAlchemy has met before it only asks whether the answer has columns; psycopg would make an object
of each of them all the same, for the 33 of a task and its instance a ninth of all function calls of a completion.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.pq.abc import PGresult


class Cursor(psycopg.Cursor[Any]):
    @property
    def description(self) -> list[psycopg.Column] | None:
        answer = self.pgresult
        return _Columns(self, answer) if answer is not None and answer.nfields else super().description


class _Columns(list[psycopg.Column]):
    """The columns of an answer, made when they are first looked at: by place, one after the other, or counted.
    InterfaceError if the cursor has gone on to another answer by then."""

    def __init__(self, cursor: Cursor, answer: PGresult) -> None:
        super().__init__()
        self._cursor = cursor
        self._answer = answer

    def _make(self) -> None:
        if super().__len__():
            return
        if self._cursor.pgresult is not self._answer:
            raise psycopg.InterfaceError("The answer whose columns are asked for is gone.")
        self.extend([psycopg.Column(self._cursor, place) for place in range(self._answer.nfields)])

    def __len__(self) -> int:
        return self._answer.nfields

    def __getitem__(self, place: Any) -> Any:
        self._make()
        return super().__getitem__(place)

    def __iter__(self) -> Iterator[psycopg.Column]:
        self._make()
        return super().__iter__()
