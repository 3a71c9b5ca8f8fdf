"""What every answer carries, whatever its route; and no change without the token of its own page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from api.app import create_app
from api.authentication import COOKIE, CSRF_HEADER
from api.headers import Headers
from engine import ProcessEngine
from tests.pages.person import Person

Somebody = Callable[..., Person]
#: Of files that may be kept: their names change with what is in them.
KEPT = re.compile(r"^/static/")
#: Of nobody and nothing.
NONE = "nothing-of-this-id"
#: How a session begins: whoever sends these has none yet.
WITHOUT_TOKEN = {("POST", "/sign-in"), ("POST", "/sign-in/oidc"), ("POST", f"/set-up/{NONE}")}


def addresses(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield method, re.sub(r"<(?:int:)\w+>", "1", re.sub(r"<(?:path:|string:)?\w+>", NONE, rule.rule)), rule


def wrong_with(answer: TestResponse, path: str) -> list[str]:
    headers, found = answer.headers, []
    policy = headers.get("Content-Security-Policy", "")
    strict = "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    if not strict or "unsafe" in policy or "*" in policy:
        found.append(f"policy {policy!r}")
    wanted = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
              "Cross-Origin-Opener-Policy": "same-origin"}  # fmt: skip
    found += [name for name, value in wanted.items() if headers.get(name) != value]
    kept = KEPT.search(path) and answer.status_code == 200
    if not kept and "no-store" not in headers.get("Cache-Control", ""):
        found.append(f"Cache-Control {headers.get('Cache-Control')!r}")
    if not headers.get("X-Request-Id"):
        found.append("X-Request-Id")
    return found


@pytest.mark.parametrize("person", [None, "admin"])
def test_every_answer_of_every_route_carries_the_headers(app: Flask, person: str | None) -> None:
    """Pages, files, refusals, redirects and errors alike; over https, browsers are told to stay there."""
    client = Person(app, person).client
    looked = 0
    for method, path, _ in addresses(app):
        for base in ("http://localhost", "https://localhost"):
            answer = client.open(path, method=method, json={} if method != "GET" else None, base_url=base)
            assert wrong_with(answer, path) == [], (method, path, answer.status_code)
            stays = answer.headers.get("Strict-Transport-Security", "")
            assert ("max-age=" in stays) == base.startswith("https"), (method, path)
            looked += 1
    assert looked > 600


def test_no_page_is_kept_as_if_it_were_a_file(app: Flask) -> None:
    """What is no file is told with the name and the token of who asks, under an address that caches like to keep."""
    client = Person(app, "admin").client
    for method, path in (("GET", "/static/app.css"), ("GET", "/static/../tasks"), ("POST", "/static/x.js")):
        answer = client.open(path, method=method)
        assert "csrf_token" in answer.text
        assert answer.headers.getlist("Cache-Control") == ["no-store"]


def test_the_look_finds_an_answer_without_them(engine: ProcessEngine) -> None:
    app = create_app(engine)
    assert isinstance(app.wsgi_app, Headers)
    app.wsgi_app = app.wsgi_app.inside  # type: ignore[method-assign]
    assert len(wrong_with(app.test_client().get("/sign-in"), "/sign-in")) >= 5


def test_no_route_changes_anything_by_the_cookie_alone(app: Flask, somebody: Somebody) -> None:
    """Each is asked three times: without the token, with it from another site, and, the control, as its own page."""
    admin = somebody("admin")
    token = admin.token()
    walked = 0
    for method, path, rule in addresses(app):
        if method == "GET" or rule.rule.startswith("/scim") or (method, path) in WITHOUT_TOKEN:
            continue
        if rule.rule == "/sign-out" or rule.rule.startswith("/guest"):
            continue  # the one comes last, for it ends the session; the others know a guest's session only
        ours = {CSRF_HEADER: token, "Origin": "http://localhost"}
        foreign = {CSRF_HEADER: token, "Origin": "http://evil.example"}
        kind = "application/json" if path.startswith(("/engine-rest", "/api/")) else "application/x-www-form-urlencoded"
        send = {"data": "{}" if kind.endswith("json") else "", "content_type": kind}
        for headers in ({"Origin": "http://evil.example"}, {}, foreign):
            answer = admin.client.open(path, method=method, headers=headers, **send)
            assert answer.status_code == 403, (method, path, headers, answer.status_code)
        mine = admin.client.open(path, method=method, headers=ours, **send)
        assert mine.status_code != 403 or "expired" not in mine.text, (method, path)
        walked += 1
    assert walked > 150
    assert admin.client.post("/sign-out").status_code == 403
    assert admin.client.post("/sign-out", headers={CSRF_HEADER: token}).status_code == 302


def test_the_cookie_is_for_the_server_alone(app: Flask) -> None:
    for base, secure in (("http://localhost", False), ("https://localhost", True)):
        answer = app.test_client().post("/sign-in", data={"user": "hanna", "password": "demo"}, base_url=base)
        (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith(COOKIE)]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert ("Secure" in cookie) == secure
