"""`/scim/v2`: the company's directory (Entra ID, Okta, …) keeps people and departments up to date. SCIM 2.0, RFC 7643
and 7644. The protocol is `scim2-server`'s; ours are who may speak it, what is kept, and where.

It is off unless a secret is given: whoever knows it may change everybody but give nobody a role.
"""

from __future__ import annotations

import hmac
import logging
from http import HTTPStatus

from flask import Blueprint, Response, json, request
from scim2_models import InvalidFilterException, PayloadTooLargeException, SCIMException, UnauthorizedException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService

from api.authentication import the_engine
from api.origin import origin
from api.scim.directory import Directory
from api.scim.resources import PROVIDER
from engine import ADMINISTRATORS, Actor

__all__ = ["SCIM_PREFIX", "scim_blueprint"]

log = logging.getLogger(__name__)

SCIM_PREFIX = "/scim/v2"
#: As the log of operations names it.
DIRECTORY = Actor("scim", frozenset((ADMINISTRATORS,)), administrator=True)
SERVICE = ScimService(PROVIDER)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: May be read by who has not said who they are: RFC 7643, section 5.
OPEN = "ServiceProviderConfig"
#: What one request may ask for. A filter is asked of everybody, term by term; a change holds up everybody's writing.
LARGEST_BODY = 1_000_000
LONGEST_FILTER = 1_000
MOST_CHANGES = 500


def scim_blueprint(token: str) -> Blueprint:
    """All of SCIM behind this bearer secret."""
    made = Blueprint("scim", __name__)

    def serve(path: str = "") -> Response:
        asked = ScimRequest(
            method=request.method,
            base_url=request.host_url.rstrip("/") + SCIM_PREFIX,
            path=f"/{path}",
            query=request.args.to_dict(),
            headers=list(request.headers.items()),
            body=request.get_data(),
        )
        try:
            if path != OPEN:
                _require_secret(token)
            _require_bounded(asked)
            return _sent(_served(asked))
        except SCIMException as refused:
            return _sent(SERVICE.error_response(refused))
        except Exception as error:
            log.exception("SCIM %s %s failed", request.method, path)
            return _sent(SERVICE.error_response(error))

    for rule in ("/", "/<path:path>"):
        made.add_url_rule(rule, view_func=serve, methods=METHODS, endpoint="serve", provide_automatic_options=False)
    return made


def _require_secret(token: str) -> None:
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise UnauthorizedException(detail="Send the secret of ONEDOOR_SCIM_TOKEN as a bearer token.")


def _require_bounded(asked: ScimRequest) -> None:
    if len(asked.body) > LARGEST_BODY:
        raise PayloadTooLargeException(detail=f"A request has {LARGEST_BODY:,} bytes at most: send less at a time.")
    try:
        body = json.loads(asked.body) if asked.body else None
    except (ValueError, RecursionError):
        return  # whoever reads it says so
    given = {name.lower(): value for name, value in body.items()} if isinstance(body, dict) else {}
    for asking in (asked.query.get("filter"), given.get("filter")):
        if isinstance(asking, str) and len(asking) > LONGEST_FILTER:
            raise InvalidFilterException(detail=f"A filter has {LONGEST_FILTER:,} characters at most.")
    changes = given.get("operations")
    if isinstance(changes, list) and len(changes) > MOST_CHANGES:
        raise PayloadTooLargeException(
            detail=f"A request has {MOST_CHANGES} operations at most: send the others after it."
        )


def _served(asked: ScimRequest) -> ScimResponse:
    """In one transaction, whatever the request does; nothing of it stays if it fails."""
    reads = asked.method in ("GET", "HEAD") or asked.path.endswith("/.search")
    engine = the_engine()
    with engine.query(DIRECTORY) if reads else engine.command(DIRECTORY, origin=origin()) as context:
        return ScimHandler(SERVICE, Directory(context, only_reads=reads)).handle(asked)


def _sent(answer: ScimResponse) -> Response:
    body = "" if answer.body is None else json.dumps(answer.body)
    sent = Response(body, status=answer.status.value, headers=answer.headers)
    if answer.status is HTTPStatus.NO_CONTENT:
        del sent.headers["Content-Type"]
    return sent
