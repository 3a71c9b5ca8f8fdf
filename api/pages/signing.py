"""Signing in and out, language."""

from __future__ import annotations

from flask import jsonify, redirect, request
from flask_babel import gettext
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import COOKIE, current_session, same_origin, the_engine
from api.pages.entrance import send_again, sign_in_form, unpacked
from api.pages.frame import LANGUAGE_COOKIE, LANGUAGES, inside, session
from api.pages.room import room
from engine import SYSTEM, close_session, open_session, password_hash, set_language, verify_hash

signing = room("signing")
YEAR_S = 31_536_000


@signing.get("/sign-in")
def sign_in_page() -> AnyResponse:
    if current_session():
        return redirect(inside(request.args.get("next"), "/"))
    return sign_in_form()


@signing.post("/sign-in")
def sign_in() -> AnyResponse:
    """Checks the password outside the transaction: argon2 takes its time."""
    if not same_origin():
        raise Forbidden("This form came from elsewhere: open the sign-in page and try again.")
    user_id, password = request.form.get("user", "").strip(), request.form.get("password", "")
    unsent = unpacked(request.form.get("unsent"))
    engine = the_engine()
    with engine.query(SYSTEM) as context:
        stored = password_hash(context, user_id)
    if not verify_hash(stored, password):
        wrong = gettext("The user name or the password is not right.")
        return sign_in_form(401, user_id=user_id, error=wrong, unsent=unsent)
    with engine.command(SYSTEM) as context:
        opened = open_session(context, user_id)
    answer = send_again(unsent, opened.csrf_token) if unsent else redirect(inside(request.form.get("next"), "/"))
    answer.set_cookie(
        COOKIE, opened.secret, httponly=True, samesite="Lax", secure=request.is_secure, max_age=12 * 3600, path="/"
    )
    return answer


@signing.get("/session")
def token() -> AnyResponse:
    """For a page whose session ended and began anew in another tab: the token its next change must carry."""
    return jsonify({"csrf": session().csrf_token})


@signing.post("/sign-out")
def sign_out() -> AnyResponse:
    with the_engine().command(SYSTEM) as context:
        close_session(context, request.cookies.get(COOKIE, ""))
    answer = redirect("/sign-in")
    answer.delete_cookie(COOKIE, path="/")
    return answer


@signing.post("/language")
def choose_language() -> AnyResponse:
    chosen = request.form.get("language", "")
    answer = redirect(inside(request.form.get("next"), "/"))
    if chosen in LANGUAGES:
        signed_in = current_session()
        if signed_in is not None and signed_in.actor.user_id is not None:
            with the_engine().command(signed_in.actor) as context:
                set_language(context, signed_in.actor.user_id, chosen)
        answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR_S, samesite="Lax", path="/")
    return answer
