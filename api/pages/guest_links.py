"""Coming in by a link. Looking at it opens nothing, for mail scanners look too; the button does."""

from __future__ import annotations

from flask import Blueprint, request
from flask_babel import gettext
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import same_origin, the_engine
from api.cookies import set_private
from api.origin import origin
from api.pages.frame import page
from api.pages.guest_room import COOKIE, PATH, guest_problem, said, to_guest_home
from engine import SYSTEM, NotFound, link_holds, open_guest_session

guest_links = Blueprint("guest_links", __name__)
guest_links.register_error_handler(Exception, guest_problem)


@guest_links.get("/guest/link/<secret>")
def look(secret: str) -> AnyResponse:
    with the_engine().query(SYSTEM) as context:
        holds = link_holds(context, secret)
    return page("guest/link.html", secret=secret) if holds else _holds_no_more()


@guest_links.post("/guest/link")
def come_in() -> AnyResponse:
    if not same_origin():
        raise Forbidden("This form came from elsewhere: open the link in your mail.")
    try:
        with the_engine().command(SYSTEM, origin=origin()) as context:
            opened = open_guest_session(context, request.form.get("secret", ""))
    except NotFound:
        return _holds_no_more()
    answer = to_guest_home()
    set_private(answer, COOKIE, opened.secret, lasts_s=12 * 3600, path=PATH)
    return answer


def _holds_no_more() -> AnyResponse:
    return said(
        404,
        gettext("This link does not hold any more"),
        gettext("There may be a newer one in your mail. If not, ask whoever invited you."),
    )
