"""The Flask application: rooms, guards, headers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, has_request_context, jsonify, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse

from api import logs
from api.assets import Assets
from api.authentication import VerifiedCredentials, current_session, rest_actor, unauthenticated
from api.engine_name import EngineName
from api.errors import contract_answer, own_answer
from api.headers import REQUEST_ID, Headers
from api.health import register_health
from api.late_rules import LateRule
from api.limits import Counts
from api.oidc.settings import OidcSettings
from api.pages import problem_page, register_pages
from api.pages.entrance import URLENCODED
from api.rest import REST
from api.v1 import V1
from engine import Actor, ProcessEngine

if TYPE_CHECKING:
    from api.oidc.provider import Provider

log = logging.getLogger(__name__)

#: A request may carry several models and forms; one file alone is refused above 2 MB by the reader.
MAX_REQUEST_BYTES = 16_000_000
#: Of the fields of a form, files apart. Taking one apart holds up everybody: 4 MB of a broken one take two seconds.
MAX_FORM_BYTES = 4_000_000
#: Of a form from whom nobody knows: what somebody wrote while their session ended fits.
STRANGERS_BYTES = 300_000
#: Of a form.
MOST_FIELDS = 2_000
FORMS = (URLENCODED, "multipart/form-data")
REST_PREFIX = "/engine-rest"
V1_PREFIX = "/api/v1"


class KeysAsTheyCome(DefaultJSONProvider):
    """Answers keep the order in which they were made, which is the contract's."""

    sort_keys = False


class Application(Flask):
    url_rule_class = LateRule

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing here is asynchronous, so nothing is asked about that, five times with every request."""
        return func


def create_app(
    engine: ProcessEngine,
    *,
    demo: bool = False,
    scim_token: str | None = None,
    oidc: OidcSettings | None = None,
    trusted_proxies: int = 0,
) -> Flask:
    """The application over one engine. `demo` offers the demo people on the sign-in page; `scim_token` lets a directory
    in that knows it; `oidc` is where people may sign in elsewhere. As many `trusted_proxies` stand before us, each of
    which adds to X-Forwarded-For; whoever else sends that is not believed."""
    app = Application(__name__, static_folder="static", static_url_path="/static")
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        MAX_FORM_PARTS=MOST_FIELDS,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,
        ONEDOOR_DEMO=demo,
    )
    app.json = KeysAsTheyCome(app)
    attach(app, engine)
    app.extensions["onedoor_oidc"] = _provider(oidc) if oidc is not None else None
    app.extensions["onedoor_assets"] = Assets(Path(app.root_path) / "static" / "dist")
    logs.request_facts = _facts_of_request
    app.before_request(_begin)
    if demo:
        app.before_request(partial(_require_host, _hosts_of_demo(engine)))
    app.after_request(_when_to_come_back)
    app.wsgi_app = Headers(EngineName(app.wsgi_app, REST_PREFIX))  # type: ignore[method-assign]  # Flask's own way
    if trusted_proxies:
        n = trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]  # the same
    else:
        app.before_request(partial(_warn_of_proxy, Event()))
    _rest(app, engine)
    register_health(app)
    app.add_url_rule("/.well-known/camunda-automation-platform/webapps", "webapps", _webapps)
    register_pages(app)
    if scim_token:
        from api.scim import SCIM_PREFIX, scim_blueprint  # a third of the time to start, and most start without it

        app.register_blueprint(scim_blueprint(scim_token), url_prefix=SCIM_PREFIX)
    return app


def attach(app: Flask, engine: ProcessEngine) -> None:
    """Puts the engine behind the application, in the place of the one it had, whose settings it must have; what was
    remembered and counted for that one is forgotten. Making another application takes half a second."""
    app.extensions["onedoor"] = engine
    app.extensions["onedoor_verified"] = VerifiedCredentials()
    app.extensions["onedoor_counts"] = Counts()


def _warn_of_proxy(warned: Event) -> None:
    """Once: behind a proxy that we were not told of, everybody has its address and shares its attempts."""
    if "X-Forwarded-For" in request.headers and not warned.is_set():
        warned.set()
        log.warning(
            "A request came with X-Forwarded-For, which is not believed: set ONEDOOR_TRUSTED_PROXIES to the number of "
            "proxies before this server. If there are none, whoever sent it made it up."
        )


def _provider(settings: OidcSettings) -> Provider:
    from api.oidc.provider import Provider  # a quarter of a second to start, and most start without it

    return Provider(settings)


def _hosts_of_demo(engine: ProcessEngine) -> frozenset[str]:
    """Everybody knows the password of the demo people. So only pages under these names come to it: another name that
    is made to lead to this machine (DNS rebinding) would let any page that is open in the browser speak for them."""
    public = urlsplit(engine.settings.outgoing.public_url or "").hostname
    return frozenset(("localhost", "127.0.0.1", "::1", *([public] if public else [])))


def _require_host(hosts: frozenset[str]) -> Response | None:
    # Not Flask's TRUSTED_HOSTS: no page can be shown for its refusal, and it knows no IPv6.
    if urlsplit(f"//{request.host}").hostname in hosts:
        return None
    return Response(
        "The demo answers under localhost, 127.0.0.1 and the host of ONEDOOR_PUBLIC_URL only.\n",
        400,
        mimetype="text/plain",
    )


def _begin() -> None:
    g.request_id = request.environ[REQUEST_ID]
    if request.mimetype in FORMS and not request.path.startswith((REST_PREFIX, V1_PREFIX)):
        _bound_form()


def _bound_form() -> None:
    """At REST, where JSON comes under that name too, only who has signed in has one read."""
    if current_session() is None:
        request.max_content_length = request.max_form_memory_size = STRANGERS_BYTES
    elif request.mimetype == URLENCODED:
        request.max_content_length = MAX_FORM_BYTES
    # Nobody else counts the fields of such a form.
    if request.mimetype == URLENCODED and request.get_data().count(b"&") >= MOST_FIELDS:
        raise RequestEntityTooLarge


def _facts_of_request() -> dict[str, str]:
    """For the log; nothing is looked up for it."""
    if not has_request_context():
        return {}
    session, acting = g.get("session"), g.get("actor")
    actor = acting if isinstance(acting, Actor) else session.actor if session is not None else None
    facts = {"request_id": g.get("request_id"), "user_id": actor.user_id if actor is not None else None}
    return {name: value for name, value in facts.items() if value is not None}


def _when_to_come_back(answer: Response) -> Response:
    if answer.status_code in (429, 503):
        answer.headers.setdefault("Retry-After", str(g.get("retry_after", 2)))
    return answer


# ---------------------------------------------------------------- REST


def _rest(app: Flask, engine: ProcessEngine) -> None:
    v1 = V1(test_clock=engine.settings.test_clock)
    rooms = [
        (REST, "engine_rest", REST_PREFIX),
        (v1, "api_v1", V1_PREFIX),
    ]
    for api, name, prefix in rooms:
        blueprint = api.blueprint(name)
        blueprint.before_request(partial(_guard, api.reading_endpoints()))
        blueprint.register_error_handler(Exception, own_answer if prefix == V1_PREFIX else contract_answer)
        app.register_blueprint(blueprint, url_prefix=prefix)
    app.add_url_rule(f"{REST_PREFIX}/openapi.json", "rest_document", cache(lambda: REST.document(REST_PREFIX)))
    app.add_url_rule(f"{V1_PREFIX}/openapi.json", "v1_document", cache(lambda: v1.document(V1_PREFIX)))
    app.register_error_handler(HTTPException, _elsewhere)


def _guard(reading: frozenset[str]) -> Response | None:
    """Nobody gets past without having said who they are."""
    found = rest_actor(reads=(request.endpoint or "").rpartition(".")[2] in reading)
    if found is None:
        return unauthenticated()
    g.actor = found
    return None


def _elsewhere(error: HTTPException) -> AnyResponse:
    """Errors outside every room: an unknown path, a body that is too large."""
    if request.path.startswith(REST_PREFIX):
        return contract_answer(error)
    if request.path.startswith(V1_PREFIX):
        return own_answer(error)
    return problem_page(error)


# ---------------------------------------------------------------- for machines


def _webapps() -> Response:
    """Where Camunda Modeler finds the pages behind its links."""
    root = request.host_url
    return jsonify({"adminUrl": f"{root}admin", "cockpitUrl": f"{root}journeys", "tasklistUrl": f"{root}tasks"})
