"""Statements that are sent again and again and of which only the values change: SQLAlchemy writes their SQL once.

Handed a statement, SQLAlchemy finds its SQL again by a key made from all its parts, each time; that costs more than the
database needs to carry it out. Here the SQL is kept beside what turns each value into the driver's. Errors, results and
events are SQLAlchemy's all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, CursorResult, Delete, Insert, Update
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault

_Convert = Callable[[Any], Any]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
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
        self._statement = statement
        self._written: dict[tuple[str, tuple[str, ...]], _Sql] = {}

    def send(self, connection: Connection, *rows: Values) -> CursorResult[Any]:
        """Once for each of the rows, which all have the same names. KeyError for a value that is missing,
        ValueError for one that the first row does not have: nothing is passed over."""
        names = rows[0].keys()
        if any(row.keys() != names for row in rows):
            raise ValueError(f"Rows of one statement have the same names: {', '.join(names)}.")
        sql = self._sql(connection.dialect, tuple(rows[0]))
        if len(rows) == 1:
            return connection.exec_driver_sql(sql.text, sql.parameters(rows[0]))
        return connection.exec_driver_sql(sql.text, [sql.parameters(row) for row in rows])

    def _sql(self, dialect: Dialect, names: tuple[str, ...]) -> _Sql:
        found = self._written.get((dialect.name, names))
        if found is None:
            found = self._written[dialect.name, names] = _write(self._statement, dialect, names)
        return found


def _write(statement: Insert | Update | Delete, dialect: Dialect, names: Sequence[str]) -> _Sql:
    keys = list(names) if isinstance(statement, Insert) else None
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
