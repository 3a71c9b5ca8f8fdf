"""The first administrator of an empty house: the page behind the link that the server printed."""

from __future__ import annotations

from flask import request
from flask_babel import gettext
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import same_origin, the_engine
from api.limits import open_door
from api.origin import origin
from api.pages.entrance import let_in, welcome
from api.pages.frame import page
from api.pages.room import room
from engine import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    SYSTEM,
    Conflict,
    InvalidInput,
    NotFound,
    create_first_administrator,
    is_set_up_link,
    prepare_password,
    require_good_password,
)

set_up = room("set_up")
#: What a password must not be made of.
NAMES = ("first_name", "last_name", "email")


@set_up.get("/set-up/<secret>")
@open_door
def show(secret: str) -> AnyResponse:
    with the_engine().query(SYSTEM) as context:
        return _page() if is_set_up_link(context, secret) else _dead()


@set_up.post("/set-up/<secret>")
@open_door
def make(secret: str) -> AnyResponse:
    """Whoever made the account is signed in to it."""
    if not same_origin():
        raise Forbidden("This form came from elsewhere: open the link again.")
    given = request.form
    user_id = given.get("id", "").strip()
    with the_engine().query(SYSTEM) as context:
        if not is_set_up_link(context, secret):
            return _dead()
    about = "password"
    try:
        require_good_password(given.get("password", ""), user_id, *(given.get(name) for name in NAMES))
        about = ""
        password = prepare_password(SYSTEM, user_id, given.get("password", ""))
        with the_engine().command(SYSTEM, origin=origin()) as context:
            create_first_administrator(
                context,
                secret,
                user_id,
                password,
                first_name=given.get("first_name"),
                last_name=given.get("last_name"),
                email=given.get("email"),
            )
            opened, device = let_in(context, user_id)
    except (InvalidInput, Conflict) as error:
        return _page(wrong=error, about=about, status=422)
    except NotFound:
        return _dead()
    return welcome(opened, device, None, "/")


def _page(*, wrong: InvalidInput | Conflict | None = None, about: str = "", status: int = 200) -> AnyResponse:
    """`about` is the field with which something is wrong, where that is known."""
    return page(
        "set_up.html",
        status,
        wrong=wrong,
        about=about,
        given=request.form,
        shortest=SHORTEST_PASSWORD,
        longest=LONGEST_PASSWORD,
    )


def _dead() -> AnyResponse:
    return page(
        "problem_outside.html",
        404,
        status=404,
        title=gettext("This link is used up"),
        detail=gettext(
            "It works once, for a day, and only while nobody is an administrator. A restart prints a new one."
        ),
        request_id="",
    )
