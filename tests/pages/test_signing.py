"""Signing in and out, and who may send a form."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from api.authentication import COOKIE
from api.pages.entrance import URLENCODED
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
    hanna = Person(app)
    hanna.open("/tasks?view=late&q=två ord")
    hanna.send("/sign-in", {"user": "hanna", "password": "demo"})
    assert hanna.answer.request.path == "/tasks"
    assert hanna.answer.request.args.to_dict() == {"view": "late", "q": "två ord"}
    hanna.open("/sign-in?next=/journeys")
    assert hanna.answer.request.path == "/journeys"


def test_a_wrong_password_is_refused_in_words(app: Flask) -> None:
    found = app.test_client().post("/sign-in", data={"user": "hanna", "password": "wrong"})
    assert found.status_code == 401
    assert "The user name or the password is not right." in found.text


def test_what_was_written_while_the_session_ended_is_sent_after_signing_in(somebody: Somebody, journey: str) -> None:
    maria = somebody("maria")
    maria.open(journey)
    maria.client.delete_cookie(COOKIE)
    maria.send("/comment", {"message": "Ten minutes' work"}, status=401)
    assert "what you wrote is kept" in maria.says("//*[@role='status']")
    maria.send("/sign-in", {"user": "maria", "password": "wrong"}, status=401)
    maria.send("/sign-in", {"user": "maria", "password": "demo"})
    assert "Not sent yet" in maria.says("//h1")
    maria.send("/comment")
    assert maria.answer.request.path == journey
    assert maria.says("//ol[@class='timeline']").count("Ten minutes' work") == 1


def test_a_page_of_an_earlier_session_asks_again_and_loses_nothing(somebody: Somebody, journey: str) -> None:
    maria = somebody("maria")
    maria.open(journey)
    maria.sign_in("maria")
    maria.send("/comment", {"message": "From the old tab"})
    assert "From the old tab" not in maria.says()
    maria.send("/comment")
    assert "From the old tab" in maria.says("//ol[@class='timeline']")


def test_nothing_of_another_site_is_kept_or_sent_again(app: Flask, journey: str) -> None:
    elsewhere = {"Origin": "https://example.org"}
    stranger = app.test_client()
    found = stranger.post(f"{journey}/comment", data={"message": "x"}, headers=elsewhere)
    assert found.location == "/sign-in"
    maria = Person(app, "maria")
    found = maria.client.post(f"{journey}/comment", data={"message": "x"}, headers=elsewhere)
    assert found.status_code == 403
    assert "Send it now" not in found.text


def test_a_script_is_told_that_the_session_ended_and_may_ask_for_the_new_token(somebody: Somebody, app: Flask) -> None:
    found = app.test_client().post("/flows/onboarding/draft", json={"xml": "", "revision": 0})
    assert found.status_code == 401
    assert "Sign in in another tab" in found.json["detail"]
    olle = somebody("olle")
    answer = olle.client.get("/session")
    assert answer.json == {"csrf": olle.token()}


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://example.org/",
        "//example.org",
        "/\\example.org",
        "javascript:alert(1)",
        "/tasks\r\nX-Y: z",
        "//[example.org",
        "//example\u2100.org",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(app: Flask, elsewhere: str) -> None:
    found = app.test_client().post("/sign-in", data={"user": "hanna", "password": "demo", "next": elsewhere})
    assert found.location == "/"
    assert app.test_client().get("/sign-in", query_string={"next": elsewhere}).status_code == 200


def test_a_form_of_very_many_fields_is_not_taken_apart(app: Flask) -> None:
    """A stranger sends it, and a megabyte of them took seconds of everybody's time."""

    def sent(fields: int, kind: str = URLENCODED) -> int:
        body = "&".join(f"a{number}=b" for number in range(fields))
        return app.test_client().post("/sign-in", data=body, content_type=kind).status_code

    assert sent(2_000) == 401
    assert sent(2_001) == 413
    assert sent(2_001, f"{URLENCODED}; charset=utf-8") == 413


def test_a_form_of_a_stranger_is_small_and_one_of_somebody_known_is_not(app: Flask, somebody: Somebody) -> None:
    """Fifteen megabytes of half a multipart form took ten seconds of everybody's time, and nobody had signed in."""
    head = b'--x\r\nContent-Disposition: form-data; name="'
    bodies = {
        URLENCODED: b"user=" + b"%41" * 110_000,
        "multipart/form-data; boundary=x": head + b"a" * 310_000 + b'"\r\n\r\nb\r\n--x--\r\n',
    }
    maria = somebody("maria")
    for kind, body in bodies.items():
        for path in ("/sign-in", "/tasks", "/language", "/guest/link", "/set-up/x", "/sign-in/oidc"):
            found = app.test_client().post(path, data=body, content_type=kind, headers={"Cookie": "onedoor_session=x"})
            assert found.status_code in (302, 404, 405, 413), path
        assert app.test_client().post("/sign-in", data=body, content_type=kind).status_code == 413
        assert maria.client.post("/language", data=body, content_type=kind).status_code != 413
    small = app.test_client().post("/sign-in", data=b"user=" + b"%41" * 90_000, content_type=URLENCODED)
    assert small.status_code == 401
    large = b"user=" + b"a" * 4_100_000
    assert maria.client.post("/language", data=large, content_type=URLENCODED).status_code == 413


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
    for origin in ("https://example.org", "http://[", "null"):
        found = somebody("hanna").post("/tasks/claim", headers={"Origin": origin})
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


def test_choosing_a_language_after_a_form_was_refused_leads_to_a_page(somebody: Somebody) -> None:
    hanna = somebody("hanna")
    hanna.open("/tasks?view=late")
    hanna.send("/language", {"language": "sv"})
    assert hanna.answer.request.full_path == "/tasks?view=late"
    admin = somebody("admin")
    admin.open("/admin/people/hanna")
    admin.send("/password", {"password": "short"}, status=400)
    assert admin.answer.request.path == "/admin/people/hanna/password"
    admin.send("/language", {"language": "sv"})
    assert (admin.answer.request.path, admin.page.get("lang")) == ("/admin/people/hanna", "sv")


def test_demo_people_are_offered_in_the_demo_only(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Maria Lindqvist" in app.test_client().get("/sign-in").text
    monkeypatch.setitem(app.config, "ONEDOOR_DEMO", False)
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
