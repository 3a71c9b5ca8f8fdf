"""What a request says of where it goes is believed only as far as it has to be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from api.app import create_app
from api.demo import PASSWORD
from engine import Outgoing, ProcessEngine
from engine.people import passwords


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example"]
)
@pytest.mark.parametrize("path", ["/", "/sign-in", "/engine-rest/task", "/api/v1/services", "/health/ready"])
def test_the_demo_answers_to_no_name_that_another_site_could_lead_here(app: Flask, host: str, path: str) -> None:
    found = app.test_client().get(path, headers={"Host": host}, auth=("admin", PASSWORD))
    assert found.status_code == 400
    assert "evil" not in found.text


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:9", "[::1]:8080", "[::1]"])
def test_the_demo_answers_to_the_names_of_this_machine(app: Flask, host: str) -> None:
    assert app.test_client().get("/sign-in", headers={"Host": host}).status_code == 200


def test_the_demo_answers_to_its_public_name_and_a_house_to_every_name(engine: ProcessEngine) -> None:
    engine.settings = replace(engine.settings, outgoing=Outgoing(public_url="https://demo.example.org"))
    named = {"Host": "demo.example.org"}
    assert create_app(engine, demo=True).test_client().get("/sign-in", headers=named).status_code == 200
    named = {"Host": "whatever.example.org"}
    assert create_app(engine, demo=True).test_client().get("/sign-in", headers=named).status_code == 400
    assert create_app(engine).test_client().get("/sign-in", headers=named).status_code == 200


def test_nobody_waits_with_their_writing_while_a_password_is_hashed(
    app: Flask, engine: ProcessEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock of the one writer is free each time, as a command beside it shows."""
    hashed: list[str] = []
    real = passwords._hasher

    class Watched:
        def hash(self, password: str) -> str:
            with engine.database.write(patience_s=0):  # refused to who holds it already, and to who would have to wait
                hashed.append(password)
            return real.hash(password)

        def verify(self, stored: str, password: str) -> bool:
            return real.verify(stored, password)

    monkeypatch.setattr(passwords, "_hasher", Watched())
    client, admin = app.test_client(), ("admin", PASSWORD)
    body = {"profile": {"id": "nova"}, "credentials": {"password": "three grey herons"}}
    assert client.post("/engine-rest/user/create", json=body, auth=admin).status_code == 204
    given = {"password": "four grey herons"}
    assert client.put("/engine-rest/user/nova/credentials", json=given, auth=admin).status_code == 204
    nova = ("nova", "four grey herons")
    given = {"password": "five grey herons"}
    assert client.put("/engine-rest/user/nova/credentials", json=given, auth=nova).status_code == 204
    refused = client.put(
        "/engine-rest/user/admin/credentials", json={"password": "six grey herons"}, auth=("hanna", PASSWORD)
    )
    assert refused.status_code == 403
    assert hashed == ["three grey herons", "four grey herons", "five grey herons"]
