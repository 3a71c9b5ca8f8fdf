"""A house whose people may sign in at a provider that says what it is told to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from api.app import attach
from api.authentication import COOKIE
from api.oidc.provider import Provider
from api.oidc.settings import OidcSettings
from engine import (
    SYSTEM,
    ProcessEngine,
    TestClock,
    get_user,
    update_user,
)
from tests.applications import application
from tests.pages.person import Person
from tests.provider.forger import CLIENT, SECRET, Forger, forging

CALLBACK = "/sign-in/oidc/callback"
HANNA = {"email": "Hanna@example.org", "email_verified": True}


@dataclass
class House:
    """A house whose people may sign in at the forger's; each visit is a new browser unless one is given."""

    app: Flask
    forger: Forger

    def leave(self, person: Person, **form: str) -> str:
        """Where the button leads."""
        headers = {"Origin": "http://localhost"}
        return self.led(person.client.post("/sign-in/oidc", data=form, headers=headers))

    @staticmethod
    def led(answer: TestResponse) -> str:
        assert answer.status_code == 200, answer.text
        return answer.headers["Refresh"].removeprefix("0; url=")

    def visit(self, person: Person | None = None, **lies: str | None) -> tuple[Person, TestResponse]:
        """There and back; `lies` replace what the browser brings, None leaves it out."""
        person = person or Person(self.app)
        brought: dict[str, str | None] = {**self.forger.consent(self.leave(person)), **lies}
        query = {name: value for name, value in brought.items() if value is not None}
        return person, person.client.get(CALLBACK, query_string=query)

    def nobody(self, answer: TestResponse, person: Person, status: int, said: str) -> None:
        assert answer.status_code == status, answer.text
        assert said in answer.text
        assert "Set-Cookie" not in answer.headers or COOKIE + "=" not in str(answer.headers.getlist("Set-Cookie"))
        assert person.client.get("/").location == "/sign-in"


Open = Callable[..., House]


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})


@pytest.fixture
def forger(key: RSAKey, clock: TestClock) -> Iterator[Forger]:
    with forging(key, int(clock.now().timestamp())) as made:
        made.userinfo = dict(HANNA)
        yield made


@pytest.fixture(scope="module")
def shared_app(demo_template: Path) -> Iterator[Flask]:
    with application(demo_template) as shared:
        yield shared


@pytest.fixture
def opened(shared_app: Flask, engine: ProcessEngine, forger: Forger) -> Open:
    def open_house(**settings: Any) -> House:
        usual = OidcSettings(forger.issuer, CLIENT, SECRET, label="Example ID")
        provider = Provider(replace(usual, **settings))
        attach(shared_app, engine)
        shared_app.extensions["onedoor_oidc"] = provider
        return House(shared_app, forger)

    return open_house


@pytest.fixture
def house(opened: Open) -> House:
    return opened()


def change(engine: ProcessEngine, user_id: str, **values: Any) -> None:
    with engine.command(SYSTEM) as context:
        update_user(context, replace(get_user(context, user_id), **values))
