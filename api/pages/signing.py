"""Signing in and out, language."""

from __future__ import annotations

from flask import g, jsonify, redirect, request
from flask_babel import gettext
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import COOKIE, current_session, same_origin, the_engine
from api.cookies import DEVICE_COOKIE
from api.limits import guessing
from api.origin import origin
from api.pages.entrance import let_in, sign_in_form, unpacked, welcome
from api.pages.frame import LANGUAGE_COOKIE, LANGUAGES, inside, session
from api.pages.room import room
from api.pages.single_sign_on import signed_out_there
from api.refused import log_refusal
from engine import (
    SYSTEM,
    close_session,
    knows_device,
    password_hash,
    person_named,
    set_language,
    verify_hash,
)

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
    name, password = request.form.get("user", "").strip(), request.form.get("password", "")
    unsent = unpacked(request.form.get("unsent"))
    device = request.cookies.get(DEVICE_COOKIE, "")
    engine = the_engine()
    with engine.query(SYSTEM) as context:
        user_id = person_named(context, name)
        stored = password_hash(context, user_id or "")
        known = knows_device(context, user_id or "", device)
    with guessing((user_id or name).lower(), device=device if known else None) as guess:
        guess.right = verify_hash(stored, password)
    if user_id is None or not guess.right:
        log_refusal(engine, user_id)
        wrong = gettext("The user name or the password is not right.")
        return sign_in_form(401, name=name, error=wrong, unsent=unsent)
    with engine.command(SYSTEM, origin=origin()) as context:
        opened, device = let_in(context, user_id)
    return welcome(opened, device, unsent, request.form.get("next"))


@signing.get("/session")
def token() -> AnyResponse:
    """For a page whose session ended and began anew in another tab: the token its next change must carry."""
    return jsonify({"csrf": session().csrf_token})


@signing.post("/sign-out")
def sign_out() -> AnyResponse:
    """Who came from the identity provider is taken there to sign out, by a page of ours: a form may not lead away."""
    with the_engine().command(SYSTEM, origin=origin()) as context:
        id_token = close_session(context, request.cookies.get(COOKIE, ""))
    g.session = None
    answer = signed_out_there(id_token) if id_token else redirect("/sign-in")
    answer.delete_cookie(COOKIE, path="/")
    return answer


@signing.post("/language")
def choose_language() -> AnyResponse:
    chosen = request.form.get("language", "")
    answer = redirect(inside(request.form.get("next"), "/"))
    if chosen in LANGUAGES:
        signed_in = current_session()
        if signed_in is not None and signed_in.actor.user_id is not None:
            with the_engine().command(signed_in.actor, origin=origin()) as context:
                set_language(context, signed_in.actor.user_id, chosen)
        answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR_S, samesite="Lax", path="/")
    return answer
