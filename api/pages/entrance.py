"""The sign-in page; and what somebody wrote while their session ended, carried through it until they send it again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Response, current_app, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from api.authentication import COOKIE, CSRF_FIELD, same_origin
from api.cookies import DEVICE_COOKIE, set_private
from api.pages.frame import inside, page
from engine import (
    KNOWN_FOR,
    SESSION_LIFETIME,
    CommandContext,
    OpenedSession,
    close_session,
    open_session,
    remember_device,
)
from workflows import DEMO_PEOPLE

if TYPE_CHECKING:
    from api.oidc.provider import Provider

URLENCODED = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form that could not be taken: where it was to go, and its fields without the token."""

    target: str
    fields: Sequence[tuple[str, str]]

    def packed(self) -> str:
        return json.dumps([self.target, self.fields])


def address_of_sign_in() -> str:
    """The sign-in page that leads back to the page that was asked for."""
    here = request.full_path.rstrip("?")
    return "/sign-in" if here == "/" else f"/sign-in?{urlencode({'next': here})}"


def unsent_form() -> Unsent | None:
    """The form of this request, if a page of ours sent it: browsers say so. Files are not carried."""
    ours = request.headers.get("Origin") is not None and same_origin()
    if request.method != "POST" or request.mimetype != URLENCODED or not ours or request.path == "/sign-out":
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != CSRF_FIELD]
    return Unsent(request.path, fields)


def unpacked(text: str | None) -> Unsent | None:
    try:
        target, fields = json.loads(text or "")
        return Unsent(inside(target, "/"), [(str(name), str(value)) for name, value in fields])
    except (ValueError, TypeError):
        return None


def sign_in_form(
    status: int = 200, *, name: str = "", error: str | None = None, unsent: Unsent | None = None
) -> Response:
    return page(
        "sign_in.html",
        status,
        people=DEMO_PEOPLE if current_app.config["ONEDOOR_DEMO"] else (),
        provider=provider_label(),
        name=name,
        error=error,
        unsent=unsent.packed() if unsent else None,
        next=inside(request.values.get("next"), "/"),
    )


def provider_label() -> str | None:
    """What the identity provider is called; None without one."""
    found: Provider | None = current_app.extensions["onedoor_oidc"]
    return found.settings.label if found is not None else None


def let_in(context: CommandContext, user_id: str, *, id_token: str | None = None) -> tuple[OpenedSession, str]:
    """A fresh session, whatever cookie the browser came with, and the secret by which the device is known from now
    on."""
    close_session(context, request.cookies.get(COOKIE, ""))
    opened = open_session(context, user_id, client=request.user_agent.string or None, id_token=id_token)
    return opened, remember_device(context, user_id, request.cookies.get(DEVICE_COOKIE))


def welcome(opened: OpenedSession, device: str, unsent: Unsent | None, target: str | None) -> AnyResponse:
    """On to the page that was asked for, or to the form that is not sent yet."""
    answer = send_again(unsent, opened.csrf_token) if unsent else redirect(inside(target, "/"))
    set_private(answer, COOKIE, opened.secret, lasts_s=int(SESSION_LIFETIME.total_seconds()))
    set_private(answer, DEVICE_COOKIE, device, lasts_s=int(KNOWN_FOR.total_seconds()))
    return answer


def send_again(unsent: Unsent, csrf_token: str) -> Response:
    """Asks whether what was written is to be sent now; nothing is sent by itself."""
    return page("unsent.html", unsent=unsent, csrf=csrf_token)
