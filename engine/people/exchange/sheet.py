"""A CSV file as rows of named cells, and back.

Spreadsheets take a cell that begins with `=`, `+`, `-` or `@` for a formula. Such a cell is written with an apostrophe
before it, which is taken off again when the file is read; one that begins with apostrophes and then so gets one more:
what was written is what is read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

LARGEST = 4_000_000
MOST_ROWS = 50_000
MOST_COLUMNS = 100
#: With those that are empty, and those that cells have inside.
MOST_LINES = 200_000
SEPARATORS = ",;"
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong with a line of a file; lines count from 1, the heading is one."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line below the heading: cells by column, without blanks around them."""

    line: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str | None:
        """None where the file has no such column."""
        return self.cells.get(column)


@dataclass
class Sheet:
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)


def read_sheet(content: bytes) -> Sheet:
    """Commas or semicolons, UTF-8 with or without a byte order mark; empty lines are passed over. What cannot be read
    is among the problems."""
    sheet = Sheet()
    if len(content) > LARGEST:
        sheet.problems.append(LineProblem(1, f"The file is larger than {LARGEST:,} bytes: split it."))
        return sheet
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        sheet.problems.append(LineProblem(line, "This is no UTF-8: save the file as “CSV UTF-8”."))
        return sheet
    heading = text.lstrip("\r\n").partition("\n")[0]
    separator = max(SEPARATORS, key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    began = 1
    try:
        for cells in reader:
            if reader.line_num > MOST_LINES:
                raise csv.Error(f"a file has at most {MOST_LINES:,} lines, empty ones too")
            if len(cells) > MOST_COLUMNS:
                raise csv.Error(f"a file has at most {MOST_COLUMNS} columns")
            _take(sheet, began, [_unguarded(cell.strip()) for cell in cells])
            began = reader.line_num + 1
    except csv.Error as error:
        sheet.problems.append(LineProblem(began, f"This line cannot be read: {error}."))
    if not sheet.columns and not sheet.problems:
        sheet.problems.append(LineProblem(1, "The file is empty: its first line names the columns."))
    return sheet


def _take(sheet: Sheet, line: int, cells: list[str]) -> None:
    if not any(cells):
        return
    if not sheet.columns:
        sheet.columns = tuple(cell.lower().replace(" ", "_") for cell in cells)
        for name in sorted({name for name in sheet.columns if sheet.columns.count(name) > 1}):
            sheet.problems.append(LineProblem(line, f"The column {name!r} is there more than once."))
    elif len(cells) != len(sheet.columns):
        sheet.problems.append(
            LineProblem(line, f"There are {len(cells)} cells where the heading names {len(sheet.columns)} columns.")
        )
    elif len(sheet.rows) == MOST_ROWS:
        raise csv.Error(f"a file has at most {MOST_ROWS:,} lines")
    else:
        sheet.rows.append(Row(line, dict(zip(sheet.columns, cells, strict=True))))


def write_sheet(columns: Sequence[str], rows: Iterable[Sequence[str | None]], separator: str = ",") -> str:
    """The file's text, heading first."""
    out = io.StringIO(newline="")
    # Of one column the heading does not say what separates: nothing may look as if it did.
    if len(columns) == 1:
        writer = csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL)
    else:
        writer = csv.writer(out, delimiter=separator)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_guarded(cell or "") for cell in row])
    return out.getvalue()


def write_line(cells: Sequence[str | None], separator: str = ",") -> str:
    """One line of such a file, for one that is too long to be held."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerow([_guarded(cell or "") for cell in cells])
    return out.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell
