"""No lie of an identity provider, and no answer that belongs elsewhere, lets anybody in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from api.pages.single_sign_on import COOKIE as WAY
from engine import (
    TestClock,
)
from tests.pages.person import Person
from tests.pages.provided import CALLBACK, House, forger, house, key, opened, shared_app
from tests.provider.forger import CLIENT, SECRET, Forger, unsigned

__all__ = ["forger", "house", "key", "opened", "shared_app"]


def other_key(forger: Forger) -> None:
    forger.published, forger.key = forger.key, RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})


def by_our_secret(forger: Forger) -> None:
    """HS256, with the secret that the client knows as well."""
    claims = {"iss": forger.issuer, "sub": "s-1", "aud": CLIENT, "iat": forger.now, "exp": forger.now + 300}
    forger.token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))


LIES: Mapping[str, Callable[[Forger], None]] = {
    "wrong nonce": lambda forger: forger.claims.update(nonce="another"),
    "no nonce": lambda forger: forger.claims.update(nonce=None),
    "another audience": lambda forger: forger.claims.update(aud="somebody-else"),
    "for us and for others, given to others": lambda forger: forger.claims.update(aud=[CLIENT, "x"], azp="x"),
    "run out": lambda forger: forger.claims.update(exp=forger.now - 61, iat=forger.now - 400),
    "without an end": lambda forger: forger.claims.update(exp=None),
    "not yet": lambda forger: forger.claims.update(nbf=forger.now + 120),
    "a foreign issuer": lambda forger: forger.claims.update(iss="https://accounts.example.org"),
    "no subject": lambda forger: forger.claims.update(sub=None),
    "an empty subject": lambda forger: forger.claims.update(sub=""),
    "another access token": lambda forger: forger.claims.update(at_hash="AAAA"),
    "signed by another key": other_key,
    "alg none": lambda forger: setattr(
        forger, "token", unsigned({"iss": forger.issuer, "sub": "s-1", "aud": CLIENT, "exp": forger.now + 300})
    ),
    "signed with our own secret": by_our_secret,
    "no token at all": lambda forger: setattr(forger, "token", "x"),
    "somebody else in userinfo": lambda forger: forger.userinfo.update(sub="s-9"),
    "the document of another issuer": lambda forger: forger.metadata.update(issuer="https://accounts.example.org"),
}


@pytest.mark.parametrize("lie", LIES)
def test_no_lie_of_a_token_lets_anybody_in(house: House, lie: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="api.pages.single_sign_on")
    LIES[lie](house.forger)
    person = Person(house.app)
    begun = person.client.post("/sign-in/oidc", headers={"Origin": "http://localhost"})
    if begun.status_code == 200:
        brought = house.forger.consent(house.led(begun))
        begun = person.client.get(CALLBACK, query_string=brought)
        assert brought["code"] not in caplog.text
    house.nobody(begun, person, 502, "Signing in with Example ID did not work")
    assert "signing in elsewhere failed" in caplog.text
    for secret in (SECRET, "eyJ", "access_token"):
        assert secret not in caplog.text


def test_the_same_tokens_told_truly_let_in(house: House) -> None:
    """The control of all lies: each changes one thing of this."""
    house.forger.claims = {"aud": [CLIENT], "azp": CLIENT, "exp": house.forger.now + 1, "nbf": house.forger.now}
    assert house.visit()[1].location == "/"


@pytest.mark.parametrize(
    "brought",
    [
        {"state": "another"},
        {"state": None},
        {"code": "made-up"},
        {"code": None},
        {"iss": "https://other.example"},
        {"iss": None},
    ],
)
def test_an_answer_that_does_not_fit_this_browser_lets_nobody_in(house: House, brought: dict[str, str | None]) -> None:
    person, answer = house.visit(**brought)
    house.nobody(answer, person, 502, "did not work")


def test_an_answer_works_once(house: House) -> None:
    hanna = Person(house.app)
    brought = house.forger.consent(house.leave(hanna))
    way = hanna.client.get_cookie(WAY, path="/sign-in/oidc")
    assert way is not None
    assert hanna.client.get(CALLBACK, query_string=brought).location == "/"
    for value in (way.value, "made up"):
        thief = Person(house.app)
        thief.client.set_cookie(WAY, value, path="/sign-in/oidc")
        house.nobody(thief.client.get(CALLBACK, query_string=brought), thief, 400, "finished already")


def test_an_answer_in_another_browser_lets_nobody_in(house: House) -> None:
    """Somebody sends a colleague the end of their own sign-in, so that the colleague works in their account."""
    attacker, victim = Person(house.app), Person(house.app)
    brought = house.forger.consent(house.leave(attacker))
    house.nobody(victim.client.get(CALLBACK, query_string=brought), victim, 400, "finished already")
    house.leave(victim)
    house.nobody(victim.client.get(CALLBACK, query_string=brought), victim, 502, "did not work")


def test_who_takes_too_long_begins_again(house: House, clock: TestClock) -> None:
    hanna = Person(house.app)
    brought = house.forger.consent(house.leave(hanna))
    clock.advance(timedelta(minutes=16))
    house.nobody(hanna.client.get(CALLBACK, query_string=brought), hanna, 400, "took too long")


def test_a_refusal_of_the_provider_is_told_without_its_words(house: House) -> None:
    person = Person(house.app)
    state = house.forger.consent(house.leave(person))["state"]
    brought = {
        "error": "access_denied",
        "error_description": "<b>secret</b>",
        "state": state,
        "iss": house.forger.issuer,
    }
    answer = person.client.get(CALLBACK, query_string=brought)
    house.nobody(answer, person, 502, "did not work")
    assert "secret" not in answer.text


def test_a_form_of_another_site_leads_nowhere(house: House) -> None:
    answer = house.app.test_client().post("/sign-in/oidc", headers={"Origin": "https://example.org"})
    assert answer.status_code == 403


# ---------------------------------------------------------------- how we call out


@pytest.mark.parametrize(
    "document",
    [
        {"token_endpoint": "http://accounts.example.org/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"end_session_endpoint": "http://accounts.example.org/bye"},
        {"jwks_uri": None},
        {"jwks_uri": "https://10.0.0.5/keys"},
        {"token_endpoint": "https://169.254.169.254/token"},
        {"userinfo_endpoint": "https://192.168.1.1/me"},
    ],
)
def test_a_document_that_leads_astray_is_refused(house: House, document: dict[str, str | None]) -> None:
    house.forger.metadata = document
    person = Person(house.app)
    answer = person.client.post("/sign-in/oidc", headers={"Origin": "http://localhost"})
    house.nobody(answer, person, 502, "did not work")


@pytest.mark.parametrize("place", ["elsewhere", "endless", "nowhere"])
def test_a_redirect_an_endless_answer_and_none_are_refused(house: House, place: str) -> None:
    house.forger.metadata = {"jwks_uri": f"{house.forger.issuer}/{place}"}
    person, answer = house.visit()
    house.nobody(answer, person, 502, "did not work")
    assert f"/{place}" in house.forger.asked


def test_the_document_and_the_keys_are_read_once(house: House) -> None:
    for _ in range(3):
        house.visit()
    assert house.forger.asked.count("/.well-known/openid-configuration") == 1
    assert house.forger.asked.count("/keys") == 1
