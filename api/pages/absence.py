"""My absence, and that of the people one is the manager of."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from flask import redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import the_engine
from api.pages.flash import flash
from api.pages.frame import command, page, reading, session
from api.pages.room import room
from engine import (
    AbsenceQuery,
    CommandContext,
    Conflict,
    EngineError,
    GroupQuery,
    InvalidInput,
    NotAllowed,
    UserQuery,
    departments_of,
    end_absence,
    find_absences,
    find_groups,
    find_users,
    get_user,
    may_set_absence,
    set_absence,
    substitutes_today,
)

absence = room("absence")


@absence.get("/absence")
def absence_page() -> AnyResponse:
    with reading() as context:
        return _page(context, request.args.get("for") or None)


@absence.post("/absence")
def set_it() -> AnyResponse:
    person = request.form.get("for") or session().actor.user_id or ""
    try:
        first, last = _day("first_day"), _day("last_day")
        with command() as context:
            set_absence(context, person, first, last, request.form.get("substitute", ""))
    except (InvalidInput, Conflict) as refused:
        with reading() as context:
            return _page(context, person, refused)
    flash(gettext("The absence is set. Both of you are told when it begins."))
    return redirect(_address(person))


@absence.post("/absence/<id>/end")
def end_it(id: str) -> AnyResponse:
    with command() as context:
        end_absence(context, id)
    flash(gettext("The absence has ended."))
    return redirect(_address(request.form.get("for") or ""))


def _address(person: str) -> str:
    return "/absence" if person in ("", session().actor.user_id) else f"/absence?{urlencode({'for': person})}"


def _day(name: str) -> date:
    text = request.form.get(name, "")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(gettext("Choose the first and the last day.")) from None


def _page(context: CommandContext, person_id: str | None, refused: EngineError | None = None) -> AnyResponse:
    me = session().actor.user_id or ""
    person = get_user(context, person_id or me)
    if not may_set_absence(context, person):
        raise NotAllowed(gettext("Only their manager or an administrator sets the absence of somebody else."))
    known = find_absences(context, AbsenceQuery(not_over=True))
    today = the_engine().calendar.local_day(context.now)
    return page(
        "absence.html",
        200 if refused is None else 409 if isinstance(refused, Conflict) else 400,
        person=person,
        own=person.id == me,
        refused=refused,
        given=request.form,
        today=today,
        absences=[each for each in known if each.user_id == person.id],
        others=[each for each in known if each.substitute_id == person.id],
        acting=substitutes_today(context),
        reports=find_users(context, UserQuery(manager=me, active=True, sort=(("first_name", "asc"),))),
        proposed=_proposed(context, person.id),
    )


def _proposed(context: CommandContext, person_id: str) -> str | None:
    """The substitute of a department that the person represents."""
    for group in find_groups(context, GroupQuery(ids=tuple(departments_of(context, person_id)), sort=(("id", "asc"),))):
        if group.representative_id == person_id and group.substitute_id:
            return group.substitute_id
    return None
