"""Departments: who answers for them, who belongs to them, when they work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import the_engine
from api.pages.admin.room import admin_room
from api.pages.flash import flash
from api.pages.frame import command, page, reading
from bpmn import key_of
from engine import (
    DEPARTMENT,
    CommandContext,
    Conflict,
    EngineError,
    Group,
    GroupQuery,
    InvalidInput,
    NotFound,
    OwnCalendar,
    TaskQuery,
    UserQuery,
    add_member,
    count_tasks,
    create_group,
    delete_group,
    find_groups,
    find_users,
    get_group,
    memberships,
    read_days,
    read_time,
    remove_member,
    unstaffed_departments,
    update_group,
)

departments = admin_room("departments")

FIELDS = ("name", "name_sv", "email", "representative_id", "substitute_id")


@departments.get("/admin/departments")
def list_page() -> AnyResponse:
    words = request.args.get("q", "").strip()
    with reading() as context:
        found = find_groups(context, GroupQuery(type=DEPARTMENT, text=words, sort=(("name", "asc"),)))
        members = memberships(context)
        unstaffed = unstaffed_departments(context)
    return page(
        "admin/departments.html",
        departments=found,
        sizes={group.id: len(members.get(group.id, ())) for group in found},
        missing={group.id: missing(group, unstaffed=group.id in unstaffed) for group in found},
        unstaffed=sum(1 for group in found if group.id in unstaffed),
        asked=words,
    )


def missing(group: Group, *, unstaffed: bool) -> list[str]:
    """What keeps a department from doing its part, in words."""
    found = []
    if unstaffed:
        found.append(gettext("Unstaffed: only administrators see its tasks"))
    if group.representative_id is None:
        found.append(gettext("No representative"))
    if group.substitute_id is None:
        found.append(gettext("No substitute"))
    return found


# ---------------------------------------------------------------- one department


@departments.get("/admin/departments/new")
def new_page() -> AnyResponse:
    with reading() as context:
        return _form(context, Group("", "", DEPARTMENT), new=True)


@departments.post("/admin/departments/new")
def create() -> AnyResponse:
    """The id is made of the name, as that of a lane is, unless another is wanted."""
    given = request.form
    key = given.get("id", "").strip() or key_of(given.get("name", ""))
    try:
        with command() as context:
            create_group(context, key, given.get("name", "").strip())
            update_group(context, _as_given(get_group(context, key), given))
    except (InvalidInput, Conflict, NotFound) as refused:
        with reading() as context:
            return _form(context, Group(key, given.get("name", ""), DEPARTMENT), new=True, refused=refused, given=given)
    flash(gettext("The department is there now."))
    return redirect(url_for("departments.department_page", id=key))


@departments.get("/admin/departments/<id>")
def department_page(id: str) -> AnyResponse:
    with reading() as context:
        return _form(context, _department(context, id))


@departments.post("/admin/departments/<id>")
def save(id: str) -> AnyResponse:
    given = request.form
    try:
        with command() as context:
            update_group(context, _as_given(_department(context, id), given))
    except (InvalidInput, Conflict) as refused:
        with reading() as context:
            return _form(context, _department(context, id), refused=refused, given=given)
    flash(gettext("Saved."))
    return redirect(url_for("departments.department_page", id=id))


@departments.post("/admin/departments/<id>/members")
def join(id: str) -> AnyResponse:
    with command() as context:
        _department(context, id)
        add_member(context, id, request.form.get("user", ""))
    return redirect(url_for("departments.department_page", id=id, _anchor="members"))


@departments.post("/admin/departments/<id>/members/remove")
def leave(id: str) -> AnyResponse:
    with command() as context:
        _department(context, id)
        remove_member(context, id, request.form.get("user", ""))
    return redirect(url_for("departments.department_page", id=id, _anchor="members"))


@departments.post("/admin/departments/<id>/delete")
def delete(id: str) -> AnyResponse:
    with command() as context:
        delete_group(context, _department(context, id).id)
    flash(gettext("The department is gone. What it did stays in the history."))
    return redirect("/admin/departments")


# ---------------------------------------------------------------- inside


def _department(context: CommandContext, group_id: str) -> Group:
    found = get_group(context, group_id)
    if found.type != DEPARTMENT:
        raise NotFound("department", group_id)
    return found


def _as_given(known: Group, given: MultiDict[str, str]) -> Group:
    values: dict[str, Any] = {name: given.get(name, "").strip() or None for name in FIELDS}
    values["name"] = values["name"] or ""
    return replace(known, calendar=_calendar(given), **values)


def _calendar(given: Mapping[str, str]) -> OwnCalendar | None:
    own = OwnCalendar(
        zone=given.get("zone", "").strip() or None,
        country=given.get("country", "").strip().upper() or None,
        opens=read_time(given.get("opens", "").strip()),
        closes=read_time(given.get("closes", "").strip()),
        extra_days_off=read_days(given.get("days_off", "")),
        removed_days_off=read_days(given.get("days_worked", "")),
    )
    return None if own == OwnCalendar() else own


def _shown(group: Group) -> dict[str, str]:
    """The fields of the form, as text."""
    own = group.calendar or OwnCalendar()
    return {
        **{name: getattr(group, name) or "" for name in FIELDS},
        "zone": own.zone or "",
        "country": own.country or "",
        "opens": f"{own.opens:%H:%M}" if own.opens else "",
        "closes": f"{own.closes:%H:%M}" if own.closes else "",
        "days_off": " ".join(day.isoformat() for day in own.extra_days_off),
        "days_worked": " ".join(day.isoformat() for day in own.removed_days_off),
    }


def _form(
    context: CommandContext,
    group: Group,
    *,
    new: bool = False,
    refused: EngineError | None = None,
    given: MultiDict[str, str] | None = None,
) -> AnyResponse:
    shown = _shown(group) if given is None else given.to_dict()
    known = not new
    return page(
        "admin/department.html",
        200 if refused is None else 409 if isinstance(refused, Conflict) else 400,
        department=group,
        shown=shown,
        new=new,
        refused=refused,
        site=the_engine().settings.site,
        members=find_users(context, UserQuery(member_of_group=group.id, sort=(("first_name", "asc"),)))
        if known
        else [],
        missing=missing(group, unstaffed=group.id in unstaffed_departments(context)) if known else [],
        open_tasks=count_tasks(context, TaskQuery(candidate_group=group.id)) if known else 0,
    )
