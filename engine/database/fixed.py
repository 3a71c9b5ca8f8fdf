"""Statements that are sent again and again and of which only the values change: SQLAlchemy writes their SQL once.

Handed a statement, SQLAlchemy finds its SQL again by a key made from all its parts, each time; that costs more than the
database needs to carry it out. Here the SQL is kept beside what turns each value into the driver's. Errors, results and
events are SQLAlchemy's all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, CursorResult, Delete, Insert, Update
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault

_Convert = Callable[[Any], Any]
Values = Mapping[str, Any]
#: psycopg remembers how it reads a statement up to these, and reads a longer one anew each time.
_LONGEST_REMEMBERED, _MOST_PARAMETERS_REMEMBERED = 4_096, 50
#: Rows; more go to the driver as a batch for each statement.
_MOST_TOGETHER = 12


@dataclass(frozen=True, slots=True, eq=False)
class _Sql:
    """`names` are the parameters that the SQL asks for, in its order; `conversions` what makes of each what the driver
    wants; `defaults` those that the table itself says."""

    text: str
    names: tuple[str, ...]
    conversions: Mapping[str, _Convert]
    defaults: Values
    by_name: bool

    def parameters(self, values: Values) -> Any:
        found = {**self.defaults, **values}
        for name, convert in self.conversions.items():
            found[name] = convert(found[name])
        return found if self.by_name else tuple([found[name] for name in self.names])


class Fixed:
    """A statement that writes. Its parameters, or the columns of an insert, are those of the values that are sent."""

    def __init__(self, statement: Insert | Update | Delete) -> None:
        self.table = statement.table
        self._statement = statement
        self._written: dict[tuple[str, tuple[str, ...]], _Sql] = {}

    def send(self, connection: Connection, *rows: Values) -> CursorResult[Any]:
        """Once for each of the rows, which all have the same names. KeyError for a value that is missing,
        ValueError for one that the first row does not have: nothing is passed over."""
        sql = self.sql(connection.dialect, rows)
        if len(rows) == 1:
            return connection.exec_driver_sql(sql.text, sql.parameters(rows[0]))
        return connection.exec_driver_sql(sql.text, [sql.parameters(row) for row in rows])

    def sql(self, dialect: Dialect, rows: Sequence[Values]) -> _Sql:
        """For rows like these; ValueError as above."""
        first = rows[0].keys()
        if len(rows) > 1 and any(row.keys() != first for row in rows):
            raise ValueError(f"Rows of one statement have the same names: {', '.join(first)}.")
        names = tuple(first)
        found = self._written.get((dialect.name, names))
        if found is None:
            found = self._written[dialect.name, names] = _write(self._statement, dialect, names)
        return found


#: A statement and the rows that it is sent for, at least one.
Batch = tuple[Fixed, Sequence[Values]]


def send_together(connection: Connection, batches: Sequence[Batch]) -> int:
    """Writes of one command, of which none touches a row that another one touches: one statement after the other, or
    on PostgreSQL, where every statement is a journey, few rows in as few statements as possible. How many rows the
    first one changed. Errors as `Fixed.send`.

    Within one statement of PostgreSQL nothing sees what the others write, and what refers to it is checked at its end.
    """
    dialect = connection.dialect
    if dialect.name != "postgresql" or sum([len(rows) for _, rows in batches]) > _MOST_TOGETHER:
        first, *_ = [statement.send(connection, *rows).rowcount for statement, rows in batches]
        return first
    parts = [(sql, row) for statement, rows in batches for sql in (statement.sql(dialect, rows),) for row in rows]
    changed: list[int] = []
    for text, length in _joined(tuple([sql for sql, _ in parts])):
        now, parts = parts[:length], parts[length:]
        changed.append(connection.exec_driver_sql(text, _numbered([sql.parameters(row) for sql, row in now])).rowcount)
    return changed[0]


@lru_cache(maxsize=512)
def _joined(parts: tuple[_Sql, ...]) -> tuple[tuple[str, int], ...]:
    """Statements in their order, and how many of the parts are in each, whose first is its main one."""
    joined: list[list[_Sql]] = []
    for part in parts:
        if joined and _is_remembered([*joined[-1], part]):
            joined[-1].append(part)
        else:
            joined.append([part])
    return tuple((_join(each), len(each)) for each in joined)


def _is_remembered(parts: Sequence[_Sql]) -> bool:
    fits = sum(len(part.names) for part in parts) <= _MOST_PARAMETERS_REMEMBERED
    return fits and len(_join(parts).encode()) <= _LONGEST_REMEMBERED


def _join(parts: Sequence[_Sql]) -> str:
    main, *others = (
        part.text.replace("%%", "%%%%") % {name: f"%({number}{name})s" for name in part.names}
        for number, part in enumerate(parts)
    )
    beside = ", ".join(f"w{number} AS ({text})" for number, text in enumerate(others, 1))
    return f"WITH {beside} {main}" if others else main


def _numbered(values: Iterable[Values]) -> Values:
    """As `_join` names them."""
    return {f"{number}{name}": value for number, row in enumerate(values) for name, value in row.items()}


def _write(statement: Insert | Update | Delete, dialect: Dialect, names: Sequence[str]) -> _Sql:
    keys = list(names) if isinstance(statement, Insert) else None
    if isinstance(statement, Insert):
        statement = statement.inline()  # nobody asks which number a row was given
    compiled = statement.compile(dialect=dialect, column_keys=keys)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"{statement} is no statement that writes rows.")
    asked = tuple(compiled.positiontup or () if compiled.positional else compiled.binds)
    conversions = {name: compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in asked}
    return _Sql(
        compiled.string,
        asked,
        {name: convert for name, convert in conversions.items() if convert is not None},
        {column.key: _default(column) for column in compiled.insert_prefetch},
        by_name=not compiled.positional,
    )


def _default(column: Column[Any]) -> Any:
    if not isinstance(column.default, ScalarElementColumnDefault):
        raise TypeError(f"The default of {column} is worked out anew for each row: a fixed statement cannot.")
    return column.default.arg
