"""The pages: Flask blueprints that parse, call one engine verb and render. They never call our own REST."""

from __future__ import annotations

import json

from flask import Flask, Response, g, redirect, request
from flask_babel import Babel
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import check_csrf, current_session, the_engine
from api.errors import request_id
from api.openapi import InvalidRequest
from api.pages.flash import carry, flashed
from api.pages.flows import flows
from api.pages.frame import frame_values, language
from api.pages.home import home
from api.pages.journeys import journeys
from api.pages.problems import problem_page
from api.pages.signing import signing
from api.pages.start import start
from api.pages.studio import studio
from api.pages.tasks import tasks

__all__ = ["problem_page", "register_pages"]

ROOMS = (home, tasks, start, journeys, studio, flows, signing)
OPEN = frozenset(("signing.sign_in_page", "signing.sign_in", "signing.choose_language"))


def register_pages(app: Flask) -> None:
    """All pages behind sign-in, in the person's language and the site's time."""
    Babel(app, locale_selector=language, timezone_selector=lambda: the_engine().settings.site.zone)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.context_processor(_values)
    for room in ROOMS:
        app.register_blueprint(room)


def _values() -> dict[str, object]:
    return {**frame_values(), "flashed": g.get("flash_shown") or flashed()}


def _guard() -> AnyResponse | None:
    session = current_session()
    if session is None:
        if request.endpoint in OPEN:
            return None
        if request.method == "GET":
            return redirect("/sign-in" if request.path == "/" else f"/sign-in?next={request.path}")
        return redirect("/sign-in")
    if request.endpoint != "signing.sign_in":
        check_csrf(session)
    return None


def _problem(error: Exception) -> Response:
    """JSON for the studio's script, a page for people."""
    if request.content_type and request.content_type.startswith(("application/json", "application/xml")):
        detail = str(error) if isinstance(error, InvalidRequest) else problem_text(error)
        status = error.code if isinstance(error, HTTPException) and error.code else 400
        return Response(json.dumps({"detail": detail}), status=status, mimetype="application/json")
    return problem_page(error)


def problem_text(error: Exception) -> str:
    return error.description or error.name if isinstance(error, HTTPException) else f"{error} ({request_id()})"


for each in ROOMS:  # once, not with every app that is made
    each.before_request(_guard)
    each.after_request(carry)
    each.register_error_handler(Exception, _problem)
