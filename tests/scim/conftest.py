"""The application with a directory's secret, over the demo people on a clock that stands still."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.app import create_app
from engine import ProcessEngine
from tests.rest.conftest import clock, engine, make_engine, people_template

__all__ = ["clock", "engine", "make_engine", "people_template"]

TOKEN = "a-secret-of-the-directory"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


class DirectoryClient:
    """Calls below /scim/v2 with the secret."""

    def __init__(self, app: Flask, token: str | None = TOKEN) -> None:
        self._client = app.test_client(use_cookies=False)
        self._token = token

    def call(self, method: str, path: str, body: Any = None, *, status: int | None = None, **more: Any) -> TestResponse:
        headers = {"Content-Type": "application/scim+json", **more.pop("headers", {})}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body)
        answer = self._client.open(f"/scim/v2{path}", method=method, data=data, headers=headers, **more)
        if status is not None:
            assert answer.status_code == status, answer.text
        return answer

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, query_string=query, status=200).get_json(force=True)

    def post(self, path: str, body: Any, status: int = 201) -> Any:
        return self.call("POST", path, body, status=status).get_json(force=True)

    def patch(self, path: str, *operations: Any, status: int = 204) -> Any:
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return self.call("PATCH", path, body, status=status).get_json(force=True, silent=True)


@pytest.fixture
def app(engine: ProcessEngine) -> Flask:
    return create_app(engine, scim_token=TOKEN)


@pytest.fixture
def directory(app: Flask) -> DirectoryClient:
    return DirectoryClient(app)
