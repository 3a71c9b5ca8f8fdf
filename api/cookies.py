"""Cookies that only we read: from no script, with no form of another site, and only encrypted where people come so."""

from __future__ import annotations

from flask import current_app, request
from werkzeug.wrappers import Response

from engine import ProcessEngine

#: A browser in which its person has signed in before.
DEVICE_COOKIE = "onedoor_device"


def set_private(answer: Response, name: str, value: str, *, lasts_s: int, path: str = "/") -> None:
    answer.set_cookie(name, value, httponly=True, samesite="Lax", secure=_encrypted(), max_age=lasts_s, path=path)


def public_address(path: str) -> str:
    """The address of a page as people open it."""
    engine: ProcessEngine = current_app.extensions["onedoor"]
    return (engine.settings.outgoing.public_url or request.host_url.rstrip("/")) + path


def _encrypted() -> bool:
    return request.is_secure or public_address("").startswith("https://")
