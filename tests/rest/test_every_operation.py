"""What holds for every operation of both APIs, known and yet to come."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.openapi import Operation
from api.rest import REST
from api.v1 import V1
from tests.rest.client import Client

ENGINE = "/engine-rest"
OWN = "/api/v1"
OPERATIONS = [(ENGINE, each) for each in REST.operations] + [(OWN, each) for each in V1(test_clock=True).operations]


def path_of(operation: Operation) -> str:
    return re.sub(r"<\w+>", "nothing", operation.rule)


def test_every_operation_answers_what_is_not_there_in_the_contracts_shape(
    admin: Client, caplog: pytest.LogCaptureFixture
) -> None:
    for prefix, operation in OPERATIONS:
        name = f"{operation.method} {prefix}{operation.rule}"
        answer = admin.call(operation.method, path_of(operation), at=prefix, json={"unknown": None})
        assert answer.status_code in (200, 204, 400, 404, 500), (name, answer.text)
        assert " failed" not in caplog.text, f"{name} met an error that nobody mapped"
        assert "Traceback" not in answer.text, name
        if answer.status_code == 204:
            assert answer.data == b"", name
        elif answer.status_code == 200:
            kinds = ("application/json", "text/plain; charset=utf-8", "application/x-ndjson")
            assert answer.content_type in kinds, name
        elif prefix == ENGINE:
            assert answer.content_type == "application/json", name
            assert set(answer.json) >= {"type", "message", "code"}, name
            assert answer.json["message"], name
        else:
            assert answer.content_type == "application/problem+json", name
            assert set(answer.json) >= {"type", "title", "status", "detail"}, name


def test_no_operation_works_for_nobody(app: Flask) -> None:
    client = app.test_client()
    for prefix, operation in OPERATIONS:
        answer = client.open(prefix + path_of(operation), method=operation.method, json={})
        assert answer.status_code == 401, operation.rule
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="default"'
        assert set(answer.get_json()) == {"type", "message", "code"}


@pytest.mark.parametrize("body", [b"[1, 2", b'"text"', b"\xff\xfe\x00", b"[]", b"{" * 5000])
def test_no_operation_breaks_on_a_body_that_is_no_object(
    body: bytes, admin: Client, caplog: pytest.LogCaptureFixture
) -> None:
    for prefix, operation in OPERATIONS:
        answer = admin.call(operation.method, path_of(operation), at=prefix, data=body, content_type="application/json")
        assert answer.status_code in (200, 204, 400, 404, 500), (operation.rule, answer.text)
    assert " failed" not in caplog.text


@pytest.mark.parametrize("prefix", [ENGINE, OWN])
def test_the_document_names_every_route_and_is_valid_openapi(prefix: str, app: Flask, admin: Client) -> None:
    document = admin.get("/openapi.json", at=prefix)
    OpenAPIV31SpecValidator(document).validate()
    documented = {(method.upper(), path) for path, described in document["paths"].items() for method in described}
    routes = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(f"{prefix}/") and rule.endpoint.count(".") == 1:
            verbs = (rule.methods or set()) - {"HEAD"}
            explicit = verbs if verbs == {"OPTIONS"} else verbs - {"OPTIONS"}
            routes |= {(verb, re.sub(r"<(\w+)>", r"{\1}", rule.rule)) for verb in explicit}
    assert len(routes) == sum(each[0] == prefix for each in OPERATIONS)
    assert documented == routes


def test_every_operation_says_what_it_does_under_a_name_of_its_own() -> None:
    for api in (REST, V1(test_clock=True)):
        described = [each for path in api.document("").values() if isinstance(path, dict) for each in path]
        assert described
        operations = [each for path in api.document("")["paths"].values() for each in path.values()]
        assert all(each["summary"].endswith((".", "!")) for each in operations), operations
        names = [each["operationId"] for each in operations]
        assert len(set(names)) == len(names)


def test_documents_are_open_to_who_has_no_account_yet_and_name_no_machine(app: Flask) -> None:
    text = app.test_client().get("/engine-rest/openapi.json").text
    assert "localhost" not in text
    assert "127.0.0.1" not in text


def test_the_same_rooms_answer_below_the_engines_name(admin: Client, somebody: Callable[[str], Client]) -> None:
    assert admin.get("/engine/default/version") == admin.get("/version") == {"version": "7.24.0"}
    assert somebody("hanna").get("/engine/default/task/count") == {"count": 0}
    assert admin.get("/engine") == [{"name": "default"}]
    for path in ("/engine/default", "/engine//version", "/engine/a/engine/b/version"):
        admin.call("GET", path, status=404)
