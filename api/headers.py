"""The headers of every answer, whoever made it: added outside of Flask, where it is one step for all of them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from api.content_security import EVERYTHING_ELSE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUEST_ID = "onedoor.request_id"
#: For a year; only this host, for others may be somebody else's to decide.
STAY_SECURE = "max-age=31536000"
#: No view has a word in these.
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
)


class Headers:
    """A WSGI application around another one. What is asked gets an id, in `environ[REQUEST_ID]`."""

    def __init__(self, app: WSGIApplication) -> None:
        self.inside = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[REQUEST_ID] = secrets.token_hex(8)

        def begin(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            return start_response(status, [*headers, *_missing(headers, environ)], *exc_info)

        return self.inside(environ, begin)


def _missing(headers: list[tuple[str, str]], environ: WSGIEnvironment) -> Iterable[tuple[str, str]]:
    said = {name.lower() for name, _ in headers}
    yield from _ALWAYS
    yield "X-Request-Id", environ[REQUEST_ID]
    if "content-security-policy" not in said:
        yield "Content-Security-Policy", EVERYTHING_ELSE
    # Files that may be kept say so themselves. That none is there is told on a page with the name of who asks.
    if "cache-control" not in said:
        yield "Cache-Control", "no-store"
    if environ["wsgi.url_scheme"] == "https":
        yield "Strict-Transport-Security", STAY_SECURE
