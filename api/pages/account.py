"""A person's own account: the password, where they are signed in, and what else opens it."""

from __future__ import annotations

from flask import current_app, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import COOKIE, the_engine
from api.cookies import DEVICE_COOKIE, set_private
from api.limits import guessing
from api.pages.clients import client_in_words
from api.pages.entrance import provider_label
from api.pages.flash import flash
from api.pages.frame import command, page, reading, session
from api.pages.room import room
from engine import (
    KNOWN_FOR,
    LONGEST_PASSWORD,
    SESSION_LIFETIME,
    SHORTEST_PASSWORD,
    InvalidInput,
    end_other_sessions,
    end_session,
    find_sessions,
    id_of_session,
    identities_of,
    knows_device,
    password_hash,
    prepare_password,
    remember_device,
    set_password,
    verify_hash,
)

account = room("account")


@account.get("/account")
def show() -> AnyResponse:
    return _page()


@account.post("/account/password")
def change_password() -> AnyResponse:
    """Whoever sits at somebody's open session does not get their account: the old password is asked for."""
    user_id = _me()
    device = request.cookies.get(DEVICE_COOKIE, "")
    with reading() as context:
        stored = password_hash(context, user_id)
        known = knows_device(context, user_id, device)
    with guessing(user_id.lower(), device=device if known else None) as guess:
        guess.right = verify_hash(stored, request.form.get("old", ""))
    if not guess.right:
        return _page(wrong=gettext("The old password is not right."), about="old", status=422)
    try:
        password = prepare_password(session().actor, user_id, request.form.get("new", ""))
        with command() as context:
            set_password(context, user_id, password, keep=_this_session())
            device = remember_device(context, user_id, device)
    except InvalidInput as error:
        return _page(wrong=error, about="new", status=422)
    flash(gettext("The password is changed; wherever else you were signed in, you are not any more."))
    answer = redirect("/account")
    set_private(answer, DEVICE_COOKIE, device, lasts_s=int(KNOWN_FOR.total_seconds()))
    return answer


@account.post("/account/sessions/<id>/end")
def end(id: str) -> AnyResponse:
    with command() as context:
        end_session(context, id)
    flash(gettext("You are signed out there."))
    return redirect("/account")


@account.post("/account/sessions/end-others")
def end_others() -> AnyResponse:
    with command() as context:
        end_other_sessions(context, _this_session())
    flash(gettext("You are signed out everywhere else."))
    return redirect("/account")


def _page(*, wrong: InvalidInput | str | None = None, about: str = "", status: int = 200) -> AnyResponse:
    """`about` is the field with which something is wrong."""
    with reading() as context:
        sessions = find_sessions(context)
        identities = identities_of(context, _me())
        has_password = password_hash(context, _me()) is not None
    return page(
        "account.html",
        status,
        sessions=[(each, client_in_words(each.client), each.id == _this_session()) for each in sessions],
        lifetime=SESSION_LIFETIME,
        idle=the_engine().settings.session_idle,
        identities=identities,
        has_password=has_password,
        provider=provider_label(),
        issuer=current_app.extensions["onedoor_oidc"].settings.issuer if provider_label() else None,
        shortest=SHORTEST_PASSWORD,
        longest=LONGEST_PASSWORD,
        wrong=wrong,
        about=about,
    )


def _me() -> str:
    return session().actor.user_id or ""


def _this_session() -> str:
    return id_of_session(request.cookies.get(COOKIE, ""))
