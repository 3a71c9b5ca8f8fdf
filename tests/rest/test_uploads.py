"""Whatever is uploaded: what is right is deployed, what is wrong gets a list of what to mend, the server serves on."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.play import END, START, bpmn, flow
from tests.rest import models
from tests.rest.client import Client

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
MISSING_REFERENCE = bpmn(START + END + flow("start", "nowhere"))
ENTITY_BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (c + 1, b"&%c;" % c * 10) for c in range(97, 105))
    + b"]><definitions>&i;</definitions>"
)
FOREIGN_FILE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><definitions>&e;</definitions>'

HOSTILE = {
    "no XML": b"this is a shopping list",
    "empty": b"",
    "a picture": PNG,
    "broken off": models.TWO_TASKS[:200],
    "another XML": b"<html><body/></html>",
    "a missing reference": MISSING_REFERENCE,
    "an entity bomb": ENTITY_BOMB,
    "a foreign file": FOREIGN_FILE,
    "deep": b"<definitions>" + b"<a>" * 50_000,
    "compressed": zlib.compress(models.TWO_TASKS),
    "too long for a model": bpmn(START + END + flow("start", "end")) + b" " * 3_000_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_gets_a_list_of_problems(content: bytes, admin: Client) -> None:
    answer = admin.upload(("flow.bpmn", content))
    assert answer.status_code == 400, answer.text
    body: Any = answer.json
    assert body["type"] == "ParseException"
    assert body["message"].startswith("ENGINE-09005 Could not parse BPMN process. Errors: ")
    errors = body["details"]["flow.bpmn"]["errors"]
    assert errors
    assert all(each["message"] and each["line"] >= 0 for each in errors)
    assert "root:" not in answer.text
    assert admin.get("/deployment") == []

    checked = admin.call("POST", "/checks", at="/api/v1", data=content, status=200).json
    assert checked["deployable"] is False
    assert all(each["message"] and each["remedy"] and each["severity"] for each in checked["problems"])
    assert admin.get("/version") == {"version": "7.24.0"}


def test_fifty_megabytes_are_refused_and_the_server_serves_on(admin: Client) -> None:
    for at, path, status in (("/engine-rest", "/deployment/create", 400), ("/api/v1", "/checks", 413)):
        content_type = "multipart/form-data; boundary=b"
        answer = admin.call("POST", path, at=at, data=b"x" * 50_000_000, content_type=content_type, status=status)
        assert "too large" in (answer.json.get("message") or answer.json["title"].lower())
    assert admin.get("/version") == {"version": "7.24.0"}


def test_a_form_without_a_file_says_so(admin: Client) -> None:
    answer = admin.call(
        "POST", "/deployment/create", data={"deployment-name": "x"}, content_type="multipart/form-data", status=400
    )
    assert answer.json["message"] == "No deployment resources contained in the form upload."
    nameless = admin.call(
        "POST", "/deployment/create", data={"flow": "<definitions/>"}, content_type="multipart/form-data", status=400
    )
    assert "file name" in nameless.json["message"]
    assert admin.call("POST", "/deployment/create", json={"a": 1}).status_code == 400


def test_only_process_owners_deploy(somebody: Callable[[str], Client]) -> None:
    answer = somebody("hanna").upload(("flow.bpmn", models.TWO_TASKS))
    assert answer.status_code == 403
    assert answer.json["type"] == "AuthorizationException"


def test_a_right_model_has_nothing_to_mend(admin: Client) -> None:
    checked = admin.call("POST", "/checks", at="/api/v1", data=models.TWO_TASKS, status=200).json
    assert checked["deployable"] is True
