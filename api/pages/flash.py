"""One line to say on the next page. It travels in a cookie for one request: nothing is kept on the server."""

from __future__ import annotations

import json
from urllib.parse import quote, unquote

from flask import Response, g, request

COOKIE = "flash"
KINDS = ("ok", "error", "info")


def flash(message: str, kind: str = "ok") -> None:
    g.flash = {"message": message[:500], "kind": kind}


def flashed() -> dict[str, str] | None:
    """What the request before wanted to say; templates escape it like everything else."""
    try:
        found = json.loads(unquote(request.cookies.get(COOKIE, "")))
        return {"message": str(found["message"]), "kind": found["kind"] if found["kind"] in KINDS else "info"}
    except (ValueError, KeyError, TypeError):
        return None


def carry(answer: Response) -> Response:
    """After every page: sets what was said now, clears what has been shown."""
    said = g.get("flash")
    if said is not None:
        answer.set_cookie(COOKIE, quote(json.dumps(said)), max_age=60, httponly=True, samesite="Lax", path="/")
    elif request.cookies.get(COOKIE) and answer.mimetype == "text/html" and answer.status_code < 300:
        answer.delete_cookie(COOKIE, path="/")
    return answer
