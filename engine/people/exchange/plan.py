"""What an import would do, before it does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from engine.errors import InvalidInput
from engine.people.exchange.sheet import LineProblem, Row, Sheet

Cells = dict[str, str]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Change:
    """One line that makes something new or changes it; `cells` are (column, before, after)."""

    line: int
    id: str
    is_new: bool
    cells: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """`what` is people or departments. With problems nothing is ever written; `unchanged` lines say what is so
    already."""

    what: str
    problems: tuple[LineProblem, ...]
    changes: tuple[Change, ...]
    unchanged: int


class Problems(list[LineProblem]):
    """What is wrong with a file, gathered line by line."""

    def say(self, row: Row, message: str) -> None:
        self.append(LineProblem(row.line, message))

    def try_(self, row: Row, check: Callable[[], Value]) -> Value | None:
        """What the check gives; None, and a problem of that line, where it refuses."""
        try:
            return check()
        except InvalidInput as error:
            self.say(row, str(error))
            return None


def check_columns(sheet: Sheet, known: Sequence[str], problems: Problems) -> None:
    problems.extend(sheet.problems)
    for name in sheet.columns:
        if name not in known:
            problems.append(LineProblem(1, f"There is no column {name!r}: {', '.join(known)} are known."))
    if sheet.columns and "id" not in sheet.columns:
        problems.append(LineProblem(1, "The column 'id' is missing."))


def once(sheet: Sheet, problems: Problems) -> list[Row]:
    """The rows with an id that no row before has."""
    first: dict[str, int] = {}
    rows = []
    for row in sheet.rows:
        key = row.cells.get("id", "")
        if key.lower() in first:
            problems.say(row, f"{key} stands on line {first[key.lower()]} already.")
            continue
        first[key.lower()] = row.line
        rows.append(row)
    return rows


def planned(what: str, rows: Iterable[Row], known: dict[str, Cells], problems: Problems) -> ImportPlan:
    """Each row against what is known by its id, column by column."""
    changes, unchanged = [], 0
    for row in rows:
        before = known.get(row.cells["id"], {})
        cells = tuple(
            (column, before.get(column, ""), after)
            for column, after in row.cells.items()
            if column != "id" and after != before.get(column, "")
        )
        if cells or not before:
            changes.append(Change(row.line, row.cells["id"], not before, cells))
        else:
            unchanged += 1
    return ImportPlan(what, tuple(sorted(problems, key=lambda each: each.line)), tuple(changes), unchanged)


def words(cell: str | None) -> tuple[str, ...]:
    """A list in a cell: blanks between."""
    return tuple(sorted(set((cell or "").split())))
