"""A room: the pages of one noun, behind sign-in, with its guard before everything of its own."""

from __future__ import annotations

import json

from flask import Blueprint, Response, redirect, request
from flask_babel import gettext
from werkzeug.exceptions import Forbidden, HTTPException
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import check_csrf, current_session
from api.errors import request_id
from api.openapi import InvalidRequest
from api.pages.entrance import address_of_sign_in, send_again, sign_in_form, unsent_form
from api.pages.flash import carry
from api.pages.problems import problem_page
from api.pages.refusals import refusal_in_words
from engine import EngineError

#: Open to who has not signed in.
OPEN = frozenset(
    (
        "signing.sign_in_page", "signing.sign_in", "signing.choose_language", "single_sign_on.begin",
        "single_sign_on.callback", "set_up.show", "set_up.make",
    )
)  # fmt: skip
#: Where a session that is there already does not matter: a new one begins.
BEGINNING = frozenset(("signing.sign_in", "single_sign_on.begin", "set_up.make"))
#: What the studio's script sends, and expects JSON for.
FOR_SCRIPTS = ("application/json", "application/xml")


def room(name: str) -> Blueprint:
    """A blueprint that lets nobody in who has not signed in, and takes no form that its own pages did not give out."""
    made = Blueprint(name, f"api.pages.{name}")
    made.before_request(_guard)
    made.after_request(carry)
    made.register_error_handler(Exception, _problem)
    return made


def _guard() -> AnyResponse | None:
    session = current_session()
    if session is None:
        return None if request.endpoint in OPEN else _sign_in_first()
    if request.endpoint in BEGINNING:
        return None
    try:
        check_csrf(session)
    except Forbidden:
        # The form of a page that an earlier session gave out; what another site sends is refused.
        unsent = unsent_form()
        if unsent is None:
            raise
        return send_again(unsent, session.csrf_token)
    return None


def _sign_in_first() -> AnyResponse:
    if request.mimetype in FOR_SCRIPTS:
        return _told(401, gettext("You are signed out. Sign in in another tab, then try again here."))
    if request.method == "GET":
        return redirect(address_of_sign_in())
    unsent = unsent_form()
    return sign_in_form(401, unsent=unsent) if unsent else redirect("/sign-in")


def _problem(error: Exception) -> Response:
    """JSON for the studio's script, a page for people. A failure of ours is shown to neither."""
    if request.mimetype not in FOR_SCRIPTS:
        return problem_page(error)
    if isinstance(error, HTTPException):
        status, detail = error.code or 500, error.description or error.name
    elif isinstance(error, InvalidRequest):
        status, detail = 400, str(error)
    elif isinstance(error, EngineError):
        status, detail = problem_page(error).status_code, refusal_in_words(error)
    else:
        status = problem_page(error).status_code
        detail = gettext("Something went wrong here; nothing was changed. Number: %(id)s", id=request_id())
    return _told(status, detail)


def _told(status: int, detail: str) -> Response:
    return Response(json.dumps({"detail": detail}), status=status, mimetype="application/json")
