"""A file that somebody brings is saved by whoever opens it: in no browser does it become a page of ours."""

from __future__ import annotations

import base64

import pytest

from api.content_security import EVERYTHING_ELSE
from tests.engine.play import END, START, bpmn, flow
from tests.rest import models
from tests.rest.client import Client


def bring(admin: Client, mimetype: str, filename: str = "plan") -> tuple[str, str]:
    """The ids of an instance and its task, on which the variable `plan` is a file."""
    admin.deploy(models.TWO_TASKS)
    instance = admin.start()
    content = base64.b64encode(b"<script>alert(1)</script>").decode()
    value = {"type": "File", "value": content, "valueInfo": {"filename": filename, "mimeType": mimetype}}
    admin.put(f"/process-instance/{instance}/variables/plan", value)
    return instance, admin.task("first")["id"]


@pytest.mark.parametrize(
    ("given", "served"),
    [
        ("text/html", "text/html; charset=utf-8"),
        ("image/svg+xml", "image/svg+xml; charset=utf-8"),
        ("application/pdf", "application/pdf"),
        ("text/javascript", "application/octet-stream"),
        ("application/ecmascript", "application/octet-stream"),
        ("text/html\r\nSet-Cookie: onedoor_session=mine", "application/octet-stream"),
    ],
)
def test_a_file_is_saved_and_runs_nothing(given: str, served: str, admin: Client) -> None:
    instance, task = bring(admin, given, 'a"; x=\r\nSet-Cookie: b')
    places = [
        f"/process-instance/{instance}/variables/plan/data",
        f"/execution/{instance}/localVariables/plan/data",
        f"/task/{task}/variables/plan/data",
        f"/variable-instance/{instance}:plan/data",
        f"/history/variable-instance/{instance}:plan/data",
    ]
    for place in places:
        answer = admin.call("GET", place, status=200)
        assert answer.data == b"<script>alert(1)</script>"
        assert answer.headers["Content-Type"] == served
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["Content-Security-Policy"] == EVERYTHING_ELSE
        assert "Set-Cookie" not in answer.headers


def test_a_deployed_file_is_no_script_of_ours(admin: Client) -> None:
    admin.upload(("flow.bpmn", bpmn(START + END + flow("start", "end"))), ("evil.js", b"alert(1)"))
    deployment = admin.get("/deployment")[0]["id"]
    for found in admin.get(f"/deployment/{deployment}/resources"):
        answer = admin.call("GET", f"/deployment/{deployment}/resources/{found['id']}/data", status=200)
        assert "script" not in answer.headers["Content-Type"]
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_pages_are_not_in_the_sandbox(admin: Client) -> None:
    assert "script-src 'self'" in admin.call("GET", "/sign-in", at="").headers["Content-Security-Policy"]
