"""People: found, created, changed, made inactive."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from api.pages.admin.room import MOST, admin_room
from api.pages.flash import flash
from api.pages.frame import command, page, reading, session
from api.pages.titles import flow_names
from engine import (
    DEPARTMENT,
    GUESTS,
    ROLES,
    AbsenceQuery,
    CommandContext,
    Conflict,
    DefinitionQuery,
    EngineError,
    GroupQuery,
    InvalidInput,
    TaskQuery,
    User,
    UserQuery,
    count_tasks,
    count_users,
    create_user,
    departments_of,
    find_absences,
    find_definitions,
    find_groups,
    find_users,
    get_user,
    memberships,
    owned_flows,
    prepare_password,
    roles_of,
    save_person,
    set_password,
    update_user,
)

people = admin_room("people")

#: Address of a view -> whether those shown are active.
VIEWS = {"active": True, "inactive": False, "all": None}
FIELDS = ("user_name", "first_name", "last_name", "email", "language", "manager_id")


@people.get("/admin")
def admin_page() -> AnyResponse:
    return redirect("/admin/people")


@people.get("/admin/people")
def list_page() -> AnyResponse:
    view = request.args.get("view", "active")
    chosen = view if view in VIEWS else "active"
    words, department = request.args.get("q", "").strip(), request.args.get("department") or None
    first = max(request.args.get("from", 0, int), 0)
    query = UserQuery(text=words, member_of_group=department, active=VIEWS[chosen])
    with reading() as context:
        cut = replace(query, sort=(("last_name", "asc"), ("first_name", "asc")), first_result=first, max_results=MOST)
        found = find_users(context, cut)
        counts = {name: count_users(context, replace(query, active=active)) for name, active in VIEWS.items()}
        groups = memberships(context)
        departments = find_groups(context, GroupQuery(type=DEPARTMENT, sort=(("name", "asc"),)))
    kinds = {each.id for each in departments}
    belongs = {user.id: sorted(group for group in groups if user.id in groups[group]) for user in found}
    return page(
        "admin/people.html",
        people=found,
        departments=departments,
        belongs={key: [group for group in those if group in kinds] for key, those in belongs.items()},
        roles={key: [group for group in those if group in ROLES] for key, those in belongs.items()},
        asked=words,
        department=department,
        view=chosen,
        counts=counts,
        first=first,
        most=MOST,
    )


# ---------------------------------------------------------------- one person


@people.get("/admin/people/new")
def new_page() -> AnyResponse:
    with reading() as context:
        return _form(context, User(""), new=True)


@people.post("/admin/people/new")
def create() -> AnyResponse:
    given = request.form
    key = given.get("id", "").strip()
    try:
        password = prepare_password(session().actor, key, given["password"]) if given.get("password") else None
        with command() as context:
            create_user(context, key, password=password)
            _save(context, key, given)
    except (InvalidInput, Conflict) as refused:
        with reading() as context:
            return _form(context, _as_given(User(key), given), new=True, refused=refused, given=given)
    flash(gettext("%(name)s is here now.", name=_as_given(User(key), given).display_name))
    return redirect(url_for("people.person_page", id=key))


@people.get("/admin/people/<id>")
def person_page(id: str) -> AnyResponse:
    with reading() as context:
        return _form(context, get_user(context, id))


@people.post("/admin/people/<id>")
def save(id: str) -> AnyResponse:
    given = request.form
    try:
        with command() as context:
            _save(context, id, given)
    except (InvalidInput, Conflict) as refused:
        with reading() as context:
            return _form(context, _as_given(get_user(context, id), given), refused=refused, given=given)
    flash(gettext("Saved."))
    return redirect(url_for("people.person_page", id=id))


@people.post("/admin/people/<id>/active")
def activate(id: str) -> AnyResponse:
    active = request.form.get("active") == "yes"
    with command() as context:
        known = get_user(context, id)
        update_user(context, replace(known, active=active))
    if active:
        flash(gettext("%(name)s may sign in again.", name=known.display_name))
    else:
        flash(gettext("%(name)s is signed out and can no longer sign in. History stays.", name=known.display_name))
    return redirect(url_for("people.person_page", id=id))


@people.post("/admin/people/<id>/password")
def change_password(id: str) -> AnyResponse:
    password = prepare_password(session().actor, id, request.form.get("password", ""))
    with command() as context:
        set_password(context, id, password)
    flash(gettext("The password is set; all sessions have ended."))
    return redirect(url_for("people.person_page", id=id))


# ---------------------------------------------------------------- inside


def _save(context: CommandContext, key: str, given: MultiDict[str, str]) -> None:
    save_person(
        context,
        _as_given(get_user(context, key), given),
        departments=given.getlist("department"),
        roles=given.getlist("role"),
        flows=given.getlist("flow"),
    )


def _as_given(known: User, given: MultiDict[str, str]) -> User:
    values: dict[str, Any] = {name: given.get(name, "").strip() or None for name in FIELDS}
    return replace(known, **values)


def _form(
    context: CommandContext,
    user: User,
    *,
    new: bool = False,
    refused: EngineError | None = None,
    given: MultiDict[str, str] | None = None,
) -> AnyResponse:
    """The person as stored, or as somebody has just tried to store them."""
    flows = find_definitions(context, DefinitionQuery(latest_version=True, sort=(("name", "asc"),)))
    known = not new
    held = {
        "departments": departments_of(context, user.id) if known else frozenset(),
        "roles": roles_of(context, user.id) if known else frozenset(),
        "flows": owned_flows(context, user.id) if known else frozenset(),
    }
    if given is not None:
        held = {f"{name}s": frozenset(given.getlist(name)) for name in ("department", "role", "flow")}
    names = flow_names(context, (each.id for each in flows))
    return page(
        "admin/person.html",
        200 if refused is None else 409 if isinstance(refused, Conflict) else 400,
        person=user,
        new=new,
        refused=refused,
        departments=find_groups(context, GroupQuery(type=DEPARTMENT, sort=(("name", "asc"),))),
        roles=list(ROLES),
        guest=GUESTS in held["roles"],
        flows={each.key: names[each.id] for each in flows}
        | {key: key for key in held["flows"] - {f.key for f in flows}},
        held=held,
        absences=find_absences(context, AbsenceQuery(user_id=user.id, not_over=True)) if known else [],
        reports=find_users(context, UserQuery(manager=user.id, sort=(("first_name", "asc"),))) if known else [],
        open_tasks=count_tasks(context, TaskQuery(assignee=user.id)) if known else 0,
    )
