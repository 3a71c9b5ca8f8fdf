"""Signing in, and out, at the company's identity provider.

Nothing leads there straight from a form: the content security policy keeps forms here, redirects included. A page of
ours goes on by itself instead (`Refresh`), and shows a link.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import current_app, redirect, request
from flask_babel import gettext
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import current_session, same_origin, the_engine
from api.cookies import public_address, set_private
from api.errors import request_id
from api.limits import open_door
from api.oidc.answers import Answer, OidcFailed, identity
from api.origin import origin
from api.pages.entrance import let_in, sign_in_form, unpacked, welcome
from api.pages.flash import flash
from api.pages.frame import command, inside, page, session
from api.pages.room import room
from api.refused import log_refusal
from engine import (
    PATIENCE,
    SYSTEM,
    Conflict,
    PendingSignIn,
    Refusal,
    SignInRefused,
    link_identity,
    new_secret,
    person_of_identity,
    remember_pending,
    take_pending,
    unlink_identity,
)

if TYPE_CHECKING:
    from api.oidc.provider import Provider

log = logging.getLogger(__name__)
single_sign_on = room("single_sign_on")

#: Of the browser that is on its way; sent to nothing but the two addresses here.
COOKIE = "onedoor_oidc"
HERE = "/sign-in/oidc"
CALLBACK = f"{HERE}/callback"
#: Characters of a form that is carried past the provider; a longer one is written again.
LONGEST_UNSENT = 20_000


@single_sign_on.post(HERE)
@open_door
def begin() -> AnyResponse:
    if not same_origin():
        raise Forbidden("This form came from elsewhere: open the sign-in page and try again.")
    unsent = request.form.get("unsent", "")
    carried = unsent if unpacked(unsent) and len(unsent) <= LONGEST_UNSENT else None
    return _on_our_way(inside(request.form.get("next"), "/"), unsent=carried)


@single_sign_on.post("/account/identities")
def connect() -> AnyResponse:
    """Somebody who is signed in shows who they are there."""
    return _on_our_way("/account", user_id=session().actor.user_id)


@single_sign_on.post("/account/identities/remove")
def disconnect() -> AnyResponse:
    with command() as context:
        unlink_identity(
            context, context.actor.user_id or "", request.form.get("issuer", ""), request.form.get("subject", "")
        )
    flash(gettext("That account does not open yours any more."))
    return redirect("/account")


@single_sign_on.get(CALLBACK)
@open_door
def callback() -> AnyResponse:
    provider, engine = _provider(), the_engine()
    with engine.command(SYSTEM, origin=origin()) as context:
        pending = take_pending(context, request.cookies.get(COOKIE, ""))
    if pending is None:
        return _refused(400, gettext("This took too long, or was finished already. Sign in again."))
    try:
        answer = provider.redeem(pending, request.args, public_address(CALLBACK), engine.clock.now())
    except OidcFailed as error:
        return _failed(error)
    if pending.user_id is not None:
        return _connected(provider, pending, answer)
    try:
        with engine.command(SYSTEM, origin=origin()) as context:
            user_id = person_of_identity(context, identity(provider.settings, answer), provider.settings.policy)
            opened, device = let_in(context, user_id, id_token=answer.id_token)
    except SignInRefused as error:
        log.warning("request %s: an account of %s opens none here: %s", request_id(), answer.issuer, error.reason)
        log_refusal(engine, None, error.reason)
        return _refused(403, _why(error.reason))
    return _without_cookie(welcome(opened, device, unpacked(pending.unsent), pending.next))


def signed_out_there(id_token: str) -> AnyResponse:
    """After the session here has ended: on to where the provider ends its own, if it says where."""
    provider: Provider | None = current_app.extensions["onedoor_oidc"]
    address = provider.sign_out_address(id_token, public_address("/sign-in")) if provider is not None else None
    return _leading(address, gettext("You are signed out here")) if address else redirect("/sign-in")


# ---------------------------------------------------------------- inside


def _provider() -> Provider:
    found: Provider | None = current_app.extensions["onedoor_oidc"]
    if found is None:
        raise NotFound
    return found


def _on_our_way(going_on: str, *, unsent: str | None = None, user_id: str | None = None) -> AnyResponse:
    provider, secret = _provider(), new_secret()
    try:
        address, pending = provider.begin(public_address(CALLBACK), going_on, unsent=unsent, user_id=user_id)
    except OidcFailed as error:
        return _failed(error)
    with the_engine().command(SYSTEM, origin=origin()) as context:
        remember_pending(context, secret, pending)
    answer = _leading(address, gettext("On to %(name)s", name=provider.settings.label))
    set_private(answer, COOKIE, secret, lasts_s=int(PATIENCE.total_seconds()), path=HERE)
    return answer


def _leading(address: str, title: str) -> AnyResponse:
    answer = page("leading.html", address=address, title=title, label=_provider().settings.label)
    answer.headers["Refresh"] = f"0; url={address}"
    return answer


def _connected(provider: Provider, pending: PendingSignIn, answer: Answer) -> AnyResponse:
    signed_in = current_session()
    if signed_in is None or signed_in.actor.user_id != pending.user_id:
        return _refused(403, gettext("You are signed out. Sign in, then connect the account again."))
    try:
        with the_engine().command(signed_in.actor, origin=origin()) as context:
            link_identity(context, identity(provider.settings, answer))
    except Conflict:
        flash(gettext("That account opens somebody else's here, or another one opens yours already."), "error")
    else:
        flash(gettext("From now on you may sign in with %(name)s.", name=provider.settings.label))
    return _without_cookie(redirect("/account"))


def _failed(error: OidcFailed) -> AnyResponse:
    log.warning("request %s: signing in elsewhere failed: %s", request_id(), error)
    return _refused(
        502,
        gettext(
            "Signing in with %(name)s did not work. Try again, or tell an administrator this number: %(id)s",
            name=_provider().settings.label,
            id=request_id(),
        ),
    )


def _refused(status: int, said: str) -> AnyResponse:
    return _without_cookie(sign_in_form(status, error=said))


def _why(reason: str) -> str:
    match reason:
        case Refusal.INACTIVE:
            return gettext("Your account here is not active. Ask an administrator.")
        case Refusal.ADMINISTRATOR:
            return gettext("Sign in as administrator with your password, then connect the two accounts on your page.")
        case Refusal.OTHER_IDENTITY:
            return gettext("Another account there opens yours here. Ask an administrator.")
        case Refusal.NAME | Refusal.ADDRESS:
            return gettext("Your name or mail address there cannot be that of an account here. Ask an administrator.")
        case _:
            return gettext("Nobody here is known by that account. Ask an administrator.")


def _without_cookie(answer: AnyResponse) -> AnyResponse:
    answer.delete_cookie(COOKIE, path=HERE)
    return answer
