"""What a guest finds: their journey, and their own tasks in it. Everything else is not here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import request
from flask_babel import gettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import the_engine
from api.origin import origin
from api.pages.facts import grouped
from api.pages.flash import carry, flash
from api.pages.frame import Names, language, names, page
from api.pages.guest_room import COOKIE, PATH, guest_room, guest_session, to_guest_home
from api.pages.tasks import submitted
from api.pages.titles import task_title
from bpmn import documentation, label
from engine import (
    CommandContext,
    FormRefused,
    close_guest_session,
    definition_model,
    get_task,
    guest_journey,
    open_task,
    submit_form,
)

guest = guest_room("guest")
guest.after_request(carry)


@contextmanager
def _command() -> Iterator[CommandContext]:
    with the_engine().command(guest_session().actor, origin=origin()) as context:
        yield context


@contextmanager
def _reading() -> Iterator[CommandContext]:
    with the_engine().query(guest_session().actor) as context:
        yield context


def _shown(template: str, status: int = 200, **values: Any) -> AnyResponse:
    """In the frame of guests. Of the people of the house they get the names that their pages tell, and no list to
    choose from."""
    engine = the_engine()
    return page(
        template,
        status,
        csrf=guest_session().csrf_token,
        guest=guest_session(),
        now=engine.clock.now(),
        zone=engine.settings.site.tz,
        names=_NoChoice(names()),
        **values,
    )


class _NoChoice(Names):
    def __init__(self, known: Names) -> None:
        self.people, self.active, self.departments = known.people, {}, known.departments


@guest.get("/guest")
def home() -> AnyResponse:
    with _reading() as context:
        journey = guest_journey(context)
    return _shown(
        "guest/home.html",
        journey=journey,
        summary=journey.summary,
        flow_name=label(journey.model.process, language()) or journey.summary.definition_name,
        known=grouped(journey.facts, journey.model, names(), language()),
    )


@guest.get("/guest/tasks/<id>")
def task_page(id: str) -> AnyResponse:
    with _reading() as context:
        return _task(context, id)


@guest.post("/guest/tasks/<id>/complete")
def complete(id: str) -> AnyResponse:
    given = submitted(request.form)
    try:
        with _command() as context:
            title = task_title(context, get_task(context, id))
            submit_form(context, id, given)
    except FormRefused as refused:
        with _reading() as context:
            return _task(context, id, given=given, errors={each.field_id: each for each in refused.fields})
    flash(gettext("Done: %(task)s", task=title))
    return to_guest_home()


@guest.post("/guest/sign-out")
def sign_out() -> AnyResponse:
    with the_engine().command(guest_session().actor, origin=origin()) as context:
        close_guest_session(context, request.cookies.get(COOKIE, ""))
    answer = page("guest/left.html")
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


@guest.route("/guest/<path:_>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def nothing_else(_: str) -> AnyResponse:
    """Said by the guests' own page, not by that of the house."""
    raise NotFound()


def _task(
    context: CommandContext, id: str, *, given: Mapping[str, Any] | None = None, errors: Mapping[str, Any] | None = None
) -> AnyResponse:
    opened = open_task(context, id, language())
    task = opened.task
    node = definition_model(context, task.definition_id).nodes[task.activity_id]
    return _shown(
        "guest/task.html",
        200 if not errors else 422,
        task=task,
        title=task_title(context, task),
        guidance=documentation(node, language()),
        form=opened.form,
        given=given,
        errors=errors or {},
    )
