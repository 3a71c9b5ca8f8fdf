"""The room of guests. Its cookie is sent to these pages only and opens no others; whoever has a session of the house
is nobody here."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, g, redirect, request
from flask_babel import gettext
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import CSRF_FIELD, SAFE_METHODS, same_origin, the_engine
from api.errors import request_id
from api.pages.frame import page
from api.pages.problems import problem_page
from engine import SYSTEM, ExecutionFailed, GuestSession, read_guest_session

COOKIE = "onedoor_guest"
PATH = "/guest"


def guest_room(name: str) -> Blueprint:
    """Pages for who came in by a link."""
    made = Blueprint(name, f"api.pages.{name}")
    made.before_request(_guard)
    made.register_error_handler(Exception, guest_problem)
    return made


def guest_session() -> GuestSession:
    """Of the guest who asks; the guard lets nobody else near."""
    found = g.guest
    assert isinstance(found, GuestSession)  # noqa: S101  (the guard before the view puts it there)
    return found


def guest_problem(error: Exception) -> Response:
    """Nothing of the flow's inside is told, and no way is shown that a guest cannot go."""
    if isinstance(error, ExecutionFailed):
        return said(422, gettext("This cannot be done now"), gettext("Nothing was changed. Tell your contact."))
    status = problem_page(error).status_code
    if status == 404:
        return said(404, gettext("This is not here"), gettext("It may be finished, or it is not yours to see."))
    return said(status, gettext("This cannot be done now"), gettext("Nothing was changed. Tell your contact."))


def said(status: int, title: str, detail: str) -> Response:
    return page("guest/problem.html", status, status=status, title=title, detail=detail, request_id=request_id(),
                home="guest" in g)  # fmt: skip


def _guard() -> AnyResponse | None:
    secret = request.cookies.get(COOKIE)
    found = None
    if secret:
        with the_engine().query(SYSTEM) as context:
            found = read_guest_session(context, secret)
    if found is None:
        return _over()
    g.guest = found
    if request.method not in SAFE_METHODS:
        given = request.form.get(CSRF_FIELD, "")
        if not hmac.compare_digest(given.encode(), found.csrf_token.encode()) or not same_origin():
            raise Forbidden("This form has expired or came from elsewhere: reload the page and try again.")
    return None


def _over() -> AnyResponse:
    answer = said(
        404 if request.path != PATH else 401,
        gettext("Open the link in your mail"),
        gettext("You are signed out here. Open the newest link that you got; if it no longer works, ask for another."),
    )
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


def to_guest_home() -> AnyResponse:
    return redirect(PATH)
