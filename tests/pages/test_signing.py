"""Signing in and out, and who may send a form."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.pages.person import Person

Somebody = Callable[..., Person]
CHANGES = (
    "/tasks/claim",
    "/tasks/1/complete",
    "/start/onboarding",
    "/flows",
    "/flows/new",
    "/journeys/1/withdraw",
    "/sign-out",
)


def test_who_is_not_signed_in_is_asked_to_and_comes_back_to_the_page(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/tasks").location == "/sign-in?next=/tasks"
    found = client.post("/sign-in", data={"user": "hanna", "password": "demo", "next": "/tasks"})
    assert found.location == "/tasks"


def test_a_wrong_password_is_refused_in_words(app: Flask) -> None:
    found = app.test_client().post("/sign-in", data={"user": "hanna", "password": "wrong"})
    assert found.status_code == 401
    assert "The user name or the password is not right." in found.text


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere_after_signing_in(app: Flask, elsewhere: str) -> None:
    found = app.test_client().post("/sign-in", data={"user": "hanna", "password": "demo", "next": elsewhere})
    assert found.location == "/"


def test_the_session_is_kept_from_scripts_and_other_sites(app: Flask) -> None:
    found = app.test_client().post("/sign-in", data={"user": "hanna", "password": "demo"})
    cookie = found.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("path", CHANGES)
def test_a_form_without_the_token_of_the_session_is_refused(somebody: Somebody, path: str) -> None:
    found = somebody("admin").client.post(path, data={"file": "x"})
    assert found.status_code == 403
    assert "reload the page" in found.text


def test_a_form_from_another_site_is_refused(somebody: Somebody) -> None:
    found = somebody("hanna").post("/tasks/claim", headers={"Origin": "https://example.org"})
    assert found.status_code == 403


def test_who_signs_out_is_out(somebody: Somebody) -> None:
    hanna = somebody("hanna")
    hanna.open("/")
    hanna.send("/sign-out")
    assert hanna.client.get("/").location == "/sign-in"


def test_the_language_is_kept(somebody: Somebody) -> None:
    hanna = somebody("hanna")
    hanna.open("/")
    hanna.send("/language", {"language": "sv"})
    assert hanna.page.get("lang") == "sv"
    hanna.open("/tasks")
    assert "Mitt arbete" in hanna.says("//h1")


def test_demo_people_are_offered_in_the_demo_only(app: Flask) -> None:
    assert "Maria Lindqvist" in app.test_client().get("/sign-in").text
    app.config["ONEDOOR_DEMO"] = False
    assert "Maria Lindqvist" not in app.test_client().get("/sign-in").text


def test_every_page_forbids_inline_scripts_and_styles(somebody: Somebody, journey: str) -> None:
    admin = somebody("admin")
    for path in ("/", "/tasks", "/start", "/journeys", journey, "/flows", "/flows/onboarding/edit", "/nowhere"):
        found = admin.client.get(path)
        policy = found.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        page = admin.open(path, found.status_code)
        assert (
            page.xpath("//script[not(@src) and not(@type='application/json')] | //style | //*[@style] | //*[@onclick]")
            == []
        )
