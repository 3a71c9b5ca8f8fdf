"""The sign-in page; and what somebody wrote while their session ended, carried through it until they send it again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import Response, current_app, request

from api.authentication import CSRF_FIELD
from api.pages.frame import inside, page
from workflows import DEMO_PEOPLE

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
    origin = request.headers.get("Origin")
    ours = origin is not None and urlsplit(origin).netloc == request.host
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
    status: int = 200, *, user_id: str = "", error: str | None = None, unsent: Unsent | None = None
) -> Response:
    return page(
        "sign_in.html",
        status,
        people=DEMO_PEOPLE if current_app.config["ONEDOOR_DEMO"] else (),
        user_id=user_id,
        error=error,
        unsent=unsent.packed() if unsent else None,
        next=inside(request.values.get("next"), "/"),
    )


def send_again(unsent: Unsent, csrf_token: str) -> Response:
    """Asks whether what was written is to be sent now; nothing is sent by itself."""
    return page("unsent.html", unsent=unsent, csrf=csrf_token)
