"""Requests that would take a server apart: JSON to every route that reads it, parts, and a directory's questions.

Each is to be refused (4xx), or answered, and never to be a fault of ours (500).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask

from api.demo import PASSWORD

SECRET = "the-secret-of-a-directory-0123456789"
ROOMS = ("/engine-rest/", "/api/v1/")
BODIES = {
    "100,000 lists": "[" * 100_000,
    "50,000 objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "900 lists in a field": '{"variables": {"x": {"value": ' + "[" * 900 + "]" * 900 + "}}}",
    "5,000 digits": '{"variables": {"x": {"value": ' + "9" * 5_000 + "}}}",
    "half a character": '{"variables": {"x": {"value": "\\ud800"}}, "name": "\\ud800"}',
    "20,000 variables": json.dumps({"variables": {f"v{number}": {"value": number} for number in range(20_000)}}),
}
_HEAD = "Content-Disposition: form-data; name="
PARTS = {
    "10,000 parts": "".join(f'--x\r\n{_HEAD}"a{number}"\r\n\r\nb\r\n' for number in range(10_000)) + "--x--\r\n",
    "no end": f'--x\r\n{_HEAD}"data"; filename="a.bpmn"\r\n\r\n' + "a" * 2_000_000,
    "a head of 1 MB": f'--x\r\n{_HEAD}"{"a" * 1_000_000}"\r\n\r\nb\r\n--x--\r\n',
    "100,000 heads": "--x\r\n" + "X-A: b\r\n" * 100_000 + "\r\nb\r\n--x--\r\n",
    "line ends": "--x\r\n" + "\r\n" * 500_000 + "--x--\r\n",
    "almost the boundary": f'--x\r\n{_HEAD}"data"; filename="a.bpmn"\r\n\r\n' + "\r\n--" * 500_000 + "\r\n--x--\r\n",
    "a file of 5 MB": f'--x\r\n{_HEAD}"data"; filename="a.bpmn"\r\n\r\n' + "<a/>" * 1_250_000 + "\r\n--x--\r\n",
    "a name of 60,000": f'--x\r\n{_HEAD}"data"; filename="{"a" * 60_000}.bpmn"\r\n\r\n<a/>\r\n--x--\r\n',
    "a name of NULs": f'--x\r\n{_HEAD}"data"; filename="a%00\0.bpmn"\r\n\r\n<a/>\r\n--x--\r\n',
    "zipped": f'--x\r\n{_HEAD}"data"; filename="a.bpmn"\r\n\r\nPK\x03\x04' + "\0" * 100_000 + "\r\n--x--\r\n",
}
_SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def _search(filter: str) -> str:
    return json.dumps({"schemas": [_SEARCH], "filter": filter})


def _patch(*operations: Any) -> str:
    return json.dumps({"schemas": [_PATCH], "Operations": operations})


_RENAME = {"op": "replace", "path": "name.givenName", "value": "x"}
DIRECTORY: dict[str, tuple[str, str, str]] = {
    "50,000 terms": ("POST", "/Users/.search", _search(" or ".join(['userName eq "a"'] * 50_000))),
    "5,000 terms inside": ("POST", "/Users/.search", _search(" and ".join(['emails[value co "a"]'] * 5_000))),
    "20,000 brackets": ("POST", "/Users/.search", _search("(" * 20_000 + 'userName eq "a"' + ")" * 20_000)),
    "450 brackets": ("POST", "/Users/.search", _search("(" * 450 + 'userName eq "a"' + ")" * 450)),
    "240 times not": ("POST", "/Users/.search", _search("not(" * 190 + 'userName eq "a"' + ")" * 190)),
    "a megabyte of a quote": ("POST", "/Users/.search", _search('userName eq "' + "\\" * 900_000)),
    "a number of 900 digits": ("POST", "/Users/.search", _search("userName eq " + "9" * 900)),
    "20,000 changes": ("PATCH", "/Users/anna", _patch(*[_RENAME] * 20_000)),
    "a deep path": (
        "PATCH",
        "/Users/anna",
        _patch({**_RENAME, "path": "emails[" + "(" * 5_000 + ")" * 5_000 + "].value"}),
    ),
    "a long path": ("PATCH", "/Users/anna", _patch({**_RENAME, "path": "a." * 100_000})),
    "100,000 members": (
        "PATCH",
        "/Groups/it",
        _patch({"op": "add", "path": "members", "value": [{"value": f"u{number}"} for number in range(100_000)]}),
    ),
    "100,000 lists": ("POST", "/Users", "[" * 100_000),
    "lists in a change": ("PATCH", "/Users/anna", _patch(_RENAME).replace('"x"', "[" * 90_000 + "]" * 90_000)),
    "5,000 digits": ("POST", "/Users", '{"userName": ' + "9" * 5_000 + "}"),
    "half a character": ("POST", "/Users", '{"userName": "\\ud800"}'),
    "15 MB": ("POST", "/Users", "x" * 15_000_000),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one request; `seconds` of processor."""

    name: str
    status: int
    seconds: float


def sent(app: Flask, user: str, every: int = 1) -> Iterator[Sent]:
    """Everything, as an administrator and as the directory; the application has SECRET as its directory's. JSON goes to
    one route of so many."""
    client = app.test_client(use_cookies=False)

    def ask(name: str, method: str, path: str, **more: Any) -> Sent:
        began = time.process_time()
        answer = client.open(path, method=method, **more)
        answer.get_data()
        return Sent(name, answer.status_code, time.process_time() - began)

    for path, method in sorted(_reading_json(app))[::every]:
        for name, body in BODIES.items():
            yield ask(f"{name} to {method} {path}", method, path, data=body, content_type="application/json",
                      auth=(user, PASSWORD))  # fmt: skip
    for name, body in PARTS.items():
        for path in ("/engine-rest/deployment/create", "/sign-in"):
            yield ask(f"{name} to {path}", "POST", path, data=body.encode(), auth=(user, PASSWORD),
                      content_type="multipart/form-data; boundary=x")  # fmt: skip
    for name, (method, path, body) in DIRECTORY.items():
        yield ask(f"{name} to {method} /scim/v2{path}", method, f"/scim/v2{path}", data=body,
                  headers={"Authorization": f"Bearer {SECRET}"}, content_type="application/scim+json")  # fmt: skip


def _reading_json(app: Flask) -> Iterator[tuple[str, str]]:
    """Every route of the REST rooms that changes something or reads a question, with ids that nothing has."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(ROOMS):
            for method in (rule.methods or set()) & {"POST", "PUT", "DELETE"}:
                path = rule.rule
                for argument in rule.arguments:
                    path = path.replace(f"<{argument}>", "none")
                yield path, method
