"""API tokens: a person's own, made and taken back."""

from __future__ import annotations

from flask import redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from api.pages.flash import flash
from api.pages.frame import command, page, reading
from api.pages.room import room
from engine import InvalidInput, Scope, create_api_token, find_api_tokens, revoke_api_token

tokens = room("tokens")

LIFETIMES = (7, 30, 90, 365)


@tokens.get("/account/tokens")
def list_page() -> AnyResponse:
    return _page()


@tokens.post("/account/tokens")
def make() -> AnyResponse:
    """The secret is on the page that answers, and on no other: going back does not bring it again."""
    try:
        scope, days = Scope(request.form.get("scope", "")), int(request.form.get("days", ""))
    except ValueError:
        return _page(wrong=gettext("Choose what the token may do and how long it lives."), status=422)
    try:
        with command() as context:
            _, secret = create_api_token(context, request.form.get("name", ""), scope, days)
    except InvalidInput as wrong:
        return _page(wrong=str(wrong), status=422)
    return _page(secret=secret)


@tokens.post("/account/tokens/<id>/revoke")
def revoke(id: str) -> AnyResponse:
    with command() as context:
        revoke_api_token(context, id)
    flash(gettext("The token is revoked: it is worth nothing any more."))
    return redirect("/account/tokens")


def _page(*, secret: str | None = None, wrong: str | None = None, status: int = 200) -> AnyResponse:
    with reading() as context:
        found = find_api_tokens(context)
    scopes = {
        Scope.READ: gettext("Read only"),
        Scope.WORKER: gettext("External tasks only"),
        Scope.WRITE: gettext("All that I may do"),
    }
    return page(
        "tokens.html", status, tokens=found, secret=secret, wrong=wrong, scopes=scopes, lifetimes=LIFETIMES,
        given=request.form,
    )  # fmt: skip
