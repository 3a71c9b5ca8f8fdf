"""People as a table: one line a person. Lists stand in one cell with blanks between. Who is not in the file stays as
they are; a column that is not in the file stays as it is for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from sqlalchemy import select

from engine.context import CommandContext
from engine.database.tables import department, flow_owner
from engine.people.departments import memberships
from engine.people.exchange.plan import Cells, ImportPlan, Problems, check_columns, once, planned, words
from engine.people.exchange.sheet import Row, read_sheet, write_sheet
from engine.people.guards import address, kept, require_administrator, short
from engine.people.identifiers import identifier
from engine.people.roles import (
    DEPARTMENT,
    ROLES,
)
from engine.people.saving import save_person
from engine.people.users import LANGUAGES, MOST_ABOVE, create_user, find_users, get_user, update_user
from engine.people.values import User, UserQuery
from engine.policy import ADMINISTRATORS

COLUMNS = (
    "id", "user_name", "first_name", "last_name", "email", "language", "manager", "departments", "roles", "flows",
    "active",
)  # fmt: skip
ACTIVE = {"yes": True, "no": False, "true": True, "false": False, "ja": True, "nej": False, "1": True, "0": False}


def export_people(context: CommandContext, separator: str = ",") -> str:
    """Everybody, by id; without passwords. Formulas are guarded."""
    require_administrator(context)
    people = _known(context)
    return write_sheet(COLUMNS, ([cells[column] for column in COLUMNS] for cells in people.values()), separator)


def import_people(context: CommandContext, content: bytes, *, write: bool) -> ImportPlan:
    """What the file would change, and, if asked to and nothing is wrong with it, the change."""
    require_administrator(context)
    sheet, problems = read_sheet(content), Problems()
    check_columns(sheet, COLUMNS, problems)
    if problems and "id" not in sheet.columns:
        return planned("people", (), {}, problems)
    known = _known(context)
    rows = [_tidied(row) for row in once(sheet, problems)]
    after = {key: dict(cells) for key, cells in known.items()}
    for row in rows:
        after.setdefault(row.cells["id"], dict.fromkeys(COLUMNS, "") | {"active": "yes"}).update(row.cells)
    _check(context, rows, known, after, problems)
    plan = planned("people", rows, known, problems)
    if write and not plan.problems:
        _write(context, plan, after)
    return plan


def _known(context: CommandContext) -> dict[str, Cells]:
    departments = set(
        context.connection.execute(select(department.c.id).where(department.c.type == DEPARTMENT)).scalars()
    )
    groups: dict[str, set[str]] = {}
    for group, people in memberships(context).items():
        for person in people:
            groups.setdefault(person, set()).add(group)
    flows: dict[str, set[str]] = {}
    for row in context.connection.execute(select(flow_owner)):
        flows.setdefault(row.user_id, set()).add(row.definition_key)
    return {
        user.id: {
            "id": user.id,
            "user_name": user.user_name or "",
            "first_name": user.first_name or "",
            "last_name": user.last_name or "",
            "email": user.email or "",
            "language": user.language or "",
            "manager": user.manager_id or "",
            "departments": " ".join(sorted(groups.get(user.id, set()) & departments)),
            "roles": " ".join(sorted(groups.get(user.id, set()) & ROLES.keys())),
            "flows": " ".join(sorted(flows.get(user.id, set()))),
            "active": "yes" if user.active else "no",
        }
        for user in find_users(context, UserQuery(sort=(("id", "asc"),)))
    }


def _tidied(row: Row) -> Row:
    """Lists in order, yes and no in one spelling: so that what says the same is the same."""
    cells = dict(row.cells)
    for column in ("departments", "roles", "flows"):
        if column in cells:
            cells[column] = " ".join(words(cells[column]))
    if "active" in cells:
        said = ACTIVE.get(cells["active"].lower() or "yes")
        cells["active"] = cells["active"] if said is None else ("yes" if said else "no")
    return Row(row.line, cells)


# ---------------------------------------------------------------- checking


def _check(
    context: CommandContext,
    rows: list[Row],
    known: Mapping[str, Cells],
    after: Mapping[str, Cells],
    problems: Problems,
) -> None:
    departments = set(
        context.connection.execute(select(department.c.id).where(department.c.type == DEPARTMENT)).scalars()
    )
    names: dict[str, set[str]] = {}
    for key, cells in after.items():
        for name in {key.lower(), cells["user_name"].lower()} - {""}:
            names.setdefault(name, set()).add(key)
    for row in rows:
        _check_cells(row, known.get(row.cells["id"]), departments, problems)
        _check_manager(row, after, problems)
        key = row.cells["id"]
        for name in sorted({key.lower(), row.cells.get("user_name", "").lower()} - {""}):
            others = sorted(names[name] - {key})
            if others:
                problems.say(row, f"{name} is the name of {', '.join(others)} already.")
    if any({"roles", "active"} & row.cells.keys() for row in rows) and not any(
        _is_administrator(cells) for cells in after.values()
    ):
        problems.say(rows[0], "Nobody would be an administrator any more.")


def _check_cells(row: Row, so_far: Cells | None, departments: set[str], problems: Problems) -> None:
    """What is so already passes: a house can always take in what it gave out."""
    cells, before = row.cells, so_far or {}
    if so_far is None:
        problems.try_(row, lambda: identifier("user", cells["id"]))
    problems.try_(row, lambda: kept(address, cells.get("email"), before.get("email")))
    for column in ("user_name", "first_name", "last_name"):
        check = partial(short, column.replace("_", " "))
        problems.try_(row, partial(kept, check, cells.get(column), before.get(column)))
    if cells.get("language") and cells["language"] not in LANGUAGES:
        problems.say(row, f"{cells['language']!r} is no language of the pages: {', '.join(LANGUAGES)} are.")
    if cells.get("active") and cells["active"] not in ("yes", "no"):
        problems.say(row, f"{cells['active']!r} is neither yes nor no.")
    for column, known, what in (("departments", departments, "department"), ("roles", set(ROLES), "role")):
        for name in words(cells.get(column)):
            if name not in known:
                problems.say(row, f"There is no {what} {name!r}.")


def _check_manager(row: Row, after: Mapping[str, Cells], problems: Problems) -> None:
    above, seen = row.cells.get("manager", ""), {row.cells["id"]}
    if above and above not in after:
        problems.say(row, f"There is no user {above!r} who could be the manager.")
    while above and above in after:
        if above in seen:
            problems.say(row, f"{row.cells['manager']} cannot be the manager: the line of managers leads back.")
            return
        if len(seen) > MOST_ABOVE:
            problems.say(row, f"There are more than {MOST_ABOVE} managers above {row.cells['id']}.")
            return
        seen.add(above)
        above = after[above]["manager"]


# ---------------------------------------------------------------- writing


def _write(context: CommandContext, plan: ImportPlan, after: Mapping[str, Cells]) -> None:
    """In an order in which no line stumbles over another: everybody is there before anybody is the manager, lines of
    managers are undone before they are made, and administrators come before those who cease to be one."""
    for change in plan.changes:
        if change.is_new:
            create_user(context, change.id)
        elif any(column == "manager" for column, _, _ in change.cells):
            update_user(context, replace(get_user(context, change.id), manager_id=None))
    for change in sorted(plan.changes, key=lambda each: not _is_administrator(after[each.id])):
        cells = after[change.id]
        save_person(
            context,
            _user(get_user(context, change.id), cells),
            departments=words(cells["departments"]),
            roles=words(cells["roles"]),
            flows=words(cells["flows"]),
        )


def _is_administrator(cells: Cells) -> bool:
    return cells["active"] == "yes" and ADMINISTRATORS in cells["roles"].split()


def _user(known: User, cells: Cells) -> User:
    return replace(
        known,
        user_name=cells["user_name"] or None,
        first_name=cells["first_name"] or None,
        last_name=cells["last_name"] or None,
        email=cells["email"] or None,
        language=cells["language"] or None,
        manager_id=cells["manager"] or None,
        active=cells["active"] == "yes",
    )
