"""What the tests of REST say: one client to a person, models, and a deployment as Camunda Modeler sends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

REST = "/engine-rest"


class Client:
    """Calls below /engine-rest (or anywhere, with `at=""`) as one person. `get`, `post` and the like give the JSON of a
    good answer; `call` gives the answer, whatever it is."""

    def __init__(self, app: Flask, user_id: str, password: str) -> None:
        self._client = app.test_client(use_cookies=False)
        self._auth = (user_id, password)

    def call(self, method: str, path: str, *, at: str = REST, status: int | None = None, **more: Any) -> TestResponse:
        answer = self._client.open(at + path, method=method, auth=self._auth, **more)
        if status is not None:
            assert answer.status_code == status, answer.text
        return answer

    def get(self, path: str, *, at: str = REST, **query: Any) -> Any:
        return self.call("GET", path, at=at, query_string=query, status=200).json

    def post(self, path: str, body: Any = None, *, at: str = REST, status: int = 200, **query: Any) -> Any:
        return self.call("POST", path, at=at, json=body or {}, query_string=query, status=status).json

    def put(self, path: str, body: Any = None, *, at: str = REST, status: int = 204) -> Any:
        return self.call("PUT", path, at=at, json=body or {}, status=status).json

    def delete(self, path: str, *, status: int = 204, **query: Any) -> None:
        self.call("DELETE", path, query_string=query, status=status)

    def count(self, path: str, **query: Any) -> int:
        return int(self.get(f"{path}/count", **query)["count"])

    # ------------------------------------------------------------ what most tests begin with

    def upload(self, *files: tuple[str, bytes], fields: Mapping[str, str] | None = None) -> TestResponse:
        """As Camunda Modeler does it: part name and file name are both the file's."""
        form = {"deployment-name": "test", "deployment-source": "Camunda Modeler", **(fields or {})}
        parts = [(f'form-data; name="{name}"', value.encode()) for name, value in form.items()]
        parts += [(f'form-data; name="{name}"; filename="{name}"', content) for name, content in files]
        data = b"".join(
            b"--frontier\r\nContent-Disposition: " + header.encode() + b"\r\n\r\n" + content + b"\r\n"
            for header, content in parts
        )
        return self.call(
            "POST", "/deployment/create", data=data + b"--frontier--\r\n",
            content_type="multipart/form-data; boundary=frontier",
        )  # fmt: skip

    def deploy(self, source: bytes, name: str = "flow.bpmn", **fields: str) -> Any:
        answer = self.upload((name, source), fields={key.replace("_", "-"): value for key, value in fields.items()})
        assert answer.status_code == 200, answer.text
        return answer.json

    def start(self, key: str = "p", variables: Mapping[str, Any] | None = None, **more: Any) -> str:
        """The id of the new instance; values are typed by what they are."""
        body = {"variables": untyped(variables or {}), **more}
        return str(self.post(f"/process-definition/key/{key}/start", body)["id"])

    def task(self, key: str, **query: Any) -> Any:
        (found,) = self.get("/task", taskDefinitionKey=key, **query)
        return found

    def open_tasks(self) -> list[str]:
        return sorted(task["taskDefinitionKey"] for task in self.get("/task"))


def untyped(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"value": value} for name, value in values.items()}


def values_of(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each["value"] for name, each in variables.items()}
