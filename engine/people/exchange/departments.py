"""Departments as a table: one line a department, with who answers for it and what of its calendar is its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from functools import partial

from engine.context import CommandContext
from engine.errors import InvalidInput
from engine.people.calendars import OwnCalendar, check_calendar
from engine.people.departments import create_group, find_groups, get_group, update_group
from engine.people.exchange.plan import Cells, ImportPlan, Problems, check_columns, once, planned, words
from engine.people.exchange.sheet import Row, read_sheet, write_sheet
from engine.people.guards import address, kept, require_administrator, short
from engine.people.identifiers import identifier
from engine.people.roles import DEPARTMENT, ROLES
from engine.people.users import find_users
from engine.people.values import Group, GroupQuery, UserQuery

COLUMNS = (
    "id", "name", "name_sv", "representative", "substitute", "email", "time_zone", "country", "opens", "closes",
    "days_off", "days_worked",
)  # fmt: skip


def export_departments(context: CommandContext, separator: str = ",") -> str:
    """All departments, by id. Formulas are guarded."""
    require_administrator(context)
    found = _known(context)
    return write_sheet(COLUMNS, ([cells[column] for column in COLUMNS] for cells in found.values()), separator)


def import_departments(context: CommandContext, content: bytes, *, write: bool) -> ImportPlan:
    """What the file would change, and, if asked to and nothing is wrong with it, the change."""
    require_administrator(context)
    sheet, problems = read_sheet(content), Problems()
    check_columns(sheet, COLUMNS, problems)
    if problems and "id" not in sheet.columns:
        return planned("departments", (), {}, problems)
    known = _known(context)
    roles = {group.id for group in find_groups(context, GroupQuery()) if group.type != DEPARTMENT} | ROLES.keys()
    people = {user.id for user in find_users(context, UserQuery())}
    rows = [_tidied(row) for row in once(sheet, problems)]
    after = {key: dict(cells) for key, cells in known.items()}
    for row in rows:
        after.setdefault(row.cells["id"], dict.fromkeys(COLUMNS, "")).update(row.cells)
        _check(context, row, known.get(row.cells["id"]), after[row.cells["id"]], people, roles, problems)
    plan = planned("departments", rows, known, problems)
    if write and not plan.problems:
        for change in plan.changes:
            _write(context, change.id, after[change.id], is_new=change.is_new)
    return plan


def _known(context: CommandContext) -> dict[str, Cells]:
    groups = find_groups(context, GroupQuery(type=DEPARTMENT, sort=(("id", "asc"),)))
    return {group.id: _cells(group) for group in groups}


def _cells(group: Group) -> Cells:
    own = group.calendar or OwnCalendar()
    return {
        "id": group.id,
        "name": group.name,
        "name_sv": group.name_sv or "",
        "representative": group.representative_id or "",
        "substitute": group.substitute_id or "",
        "email": group.email or "",
        "time_zone": own.zone or "",
        "country": own.country or "",
        "opens": f"{own.opens:%H:%M}" if own.opens else "",
        "closes": f"{own.closes:%H:%M}" if own.closes else "",
        "days_off": " ".join(day.isoformat() for day in sorted(own.extra_days_off)),
        "days_worked": " ".join(day.isoformat() for day in sorted(own.removed_days_off)),
    }


def _tidied(row: Row) -> Row:
    cells = dict(row.cells)
    for column in ("days_off", "days_worked"):
        if column in cells:
            cells[column] = " ".join(words(cells[column]))
    return Row(row.line, cells)


def _check(
    context: CommandContext,
    row: Row,
    known: Cells | None,
    after: Cells,
    people: set[str],
    roles: set[str],
    problems: Problems,
) -> None:
    """What is so already passes: a house can always take in what it gave out."""
    cells, before = row.cells, known or {}
    if known is None:
        problems.try_(row, lambda: identifier("department", cells["id"]))
    problems.try_(row, lambda: kept(address, cells.get("email"), before.get("email")))
    problems.try_(row, lambda: kept(partial(short, "name"), after["name"], before.get("name")))
    problems.try_(row, lambda: kept(partial(short, "Swedish name"), cells.get("name_sv"), before.get("name_sv")))
    if not after["name"]:
        problems.say(row, "A department needs a name.")
    if cells["id"] in roles:
        problems.say(row, f"{cells['id']} is a role, not a department.")
    for column in ("representative", "substitute"):
        if cells.get(column) and cells[column] not in people:
            problems.say(row, f"There is no user {cells[column]!r} who could be the {column}.")
    if after["representative"] and after["representative"] == after["substitute"]:
        problems.say(row, "The substitute is another person than the representative.")
    own = problems.try_(row, lambda: _calendar(after))
    if own is not None:
        problems.try_(row, lambda: check_calendar(context, own))


def _calendar(cells: Mapping[str, str]) -> OwnCalendar | None:
    """None where everything is as at the site. InvalidInput for what is no time or date."""
    own = OwnCalendar(
        zone=cells["time_zone"] or None,
        country=cells["country"] or None,
        opens=read_time(cells["opens"]),
        closes=read_time(cells["closes"]),
        extra_days_off=read_days(cells["days_off"]),
        removed_days_off=read_days(cells["days_worked"]),
    )
    return None if own == OwnCalendar() else own


def read_time(text: str) -> time | None:
    """`08:30`; None for nothing. InvalidInput for anything else."""
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(f"{text!r} is no time of day: write it as 08:30.") from None


def read_days(text: str) -> tuple[date, ...]:
    """`2027-12-31 2028-01-05`. InvalidInput for anything else."""
    try:
        return tuple(date.fromisoformat(day) for day in words(text))
    except ValueError:
        raise InvalidInput(f"{text!r} are no dates: write them as 2027-12-31, with blanks between.") from None


def _write(context: CommandContext, key: str, cells: Cells, *, is_new: bool) -> None:
    if is_new:
        create_group(context, key, cells["name"])
    update_group(
        context,
        replace(
            get_group(context, key),
            name=cells["name"],
            name_sv=cells["name_sv"] or None,
            representative_id=cells["representative"] or None,
            substitute_id=cells["substitute"] or None,
            email=cells["email"] or None,
            calendar=_calendar(cells),
        ),
    )
