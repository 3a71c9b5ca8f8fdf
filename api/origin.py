"""From where the request comes, as the log of operations tells it."""

from __future__ import annotations

from flask import g, request

from engine import Origin

#: Blueprint -> door; whatever else there is are pages.
DOORS = {"engine_rest": "rest", "api_v1": "api", "scim": "scim"}


def origin() -> Origin:
    """The address is that of whoever opened the connection: behind a proxy that is not trusted, the proxy's."""
    return Origin(
        door=DOORS.get(request.blueprint or "", "page"),
        address=request.remote_addr,
        token_id=g.get("token_id"),
        request_id=g.get("request_id"),
    )
