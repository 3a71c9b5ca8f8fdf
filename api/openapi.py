"""Routes whose type hints are their contract: parsing, answering and OpenAPI 3.1 come from the same signature.

    @api.operation("POST", "/task/<id>/claim")
    def claim_task(id: str, body: UserIdDto) -> None:
        \"\"\"Claims a task.\"\"\"

`query` and `body` are pydantic models; a returned model is the answer, None is 204, a Flask response goes out as it is.
"""

from __future__ import annotations

import inspect
import json
import re
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial, wraps
from typing import Any, Literal, TypeVar

from flask import Blueprint, Response, request
from pydantic import BaseModel, TypeAdapter, ValidationError

from bpmn import UnfitJson, read_json

_PATH = re.compile(r"<(?:\w+:)?(\w+)>")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
View = Callable[..., Any]
ViewType = TypeVar("ViewType", bound=View)


class InvalidRequest(Exception):
    """What was sent cannot be understood; the message says what would be."""


@dataclass(frozen=True)
class Around:
    """What an operation does with a request header, around its view: `run` is given what makes the answer, and the
    variables of the path."""

    header: str
    description: str
    run: Callable[[Callable[[], Response], dict[str, Any]], Response]


@dataclass(frozen=True)
class Operation:
    method: str
    rule: str
    view: View
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    #: what the view returns; None where that is nothing, or a response
    answer: Any
    tag: str
    around: tuple[Around, ...] = ()
    only_asks: bool = False

    @property
    def reads(self) -> bool:
        """Changes nothing: a GET, a POST that only carries the filters of one (`list_tasks_posted`), or one that
        only asks what would be."""
        return self.only_asks or self.method in ("GET", "OPTIONS") or self.view.__name__.endswith("_posted")


@dataclass
class Api:
    """One API: its operations, to be registered on blueprints, and the document about them."""

    title: str
    version: str
    description: str
    error: type[BaseModel]
    operations: list[Operation] = field(default_factory=list)

    def operation(
        self, method: str, rule: str, *around: Around, only_asks: bool = False
    ) -> Callable[[ViewType], ViewType]:
        """`only_asks`: whatever the method, nothing is changed."""

        def register(view: ViewType) -> ViewType:
            hints = typing.get_type_hints(view)
            answer: Any = hints.get("return")
            has_answer = answer not in (None, type(None), Response)
            self.operations.append(
                Operation(
                    method,
                    rule,
                    view,
                    hints.get("query"),
                    hints.get("body"),
                    answer if has_answer else None,
                    view.__module__.rpartition(".")[2],
                    around,
                    only_asks,
                )
            )
            return view

        return register

    def blueprint(self, name: str) -> Blueprint:
        """All operations as routes."""
        made = Blueprint(name, __name__)
        own_options = {each.rule for each in self.operations if each.method == "OPTIONS"}
        for number, operation in enumerate(self.operations):
            made.add_url_rule(
                operation.rule,
                endpoint=_endpoint(operation, number),
                view_func=_route(operation),
                methods=[operation.method],
                provide_automatic_options=operation.rule not in own_options,
            )
        return made

    def reading_endpoints(self) -> frozenset[str]:
        """Those (without the blueprint's name) that change nothing."""
        return frozenset(_endpoint(each, number) for number, each in enumerate(self.operations) if each.reads)

    # ------------------------------------------------------------ the document

    def document(self, prefix: str) -> dict[str, Any]:
        """OpenAPI 3.1."""
        schemas: dict[str, Any] = {}
        paths: dict[str, Any] = {}
        problem = _schema(self.error, "serialization", schemas)
        for operation in self.operations:
            path = prefix + _PATH.sub(r"{\1}", operation.rule)
            paths.setdefault(path, {})[operation.method.lower()] = _described(operation, schemas, problem)
        return {
            "openapi": "3.1.0",
            "info": {"title": self.title, "version": self.version, "description": self.description},
            "paths": paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": {
                    "basic": {"type": "http", "scheme": "basic"},
                    "token": {"type": "http", "scheme": "bearer"},
                    "session": {"type": "apiKey", "in": "cookie", "name": "onedoor_session"},
                },
            },
            "security": [{"basic": []}, {"token": []}, {"session": []}],
        }


def _endpoint(operation: Operation, number: int) -> str:
    return f"{operation.view.__name__}_{number}"


def _route(operation: Operation) -> View:
    @wraps(operation.view)
    def route(**path: Any) -> Response:
        answer = partial(_answer, operation, path)
        for each in reversed(operation.around):
            answer = partial(each.run, answer, path)
        return answer()

    return route


def _answer(operation: Operation, path: dict[str, Any]) -> Response:
    given = dict(path)
    if operation.query is not None:
        given["query"] = _validated(operation.query, request.args.to_dict())
    if operation.body is not None:
        given["body"] = _validated(operation.body, json_body())
    found = operation.view(**given)
    if isinstance(found, Response):
        return found
    if found is None:
        return no_content()
    kind: Any = operation.answer or type(found)
    return Response(_adapter(kind).dump_json(found, by_alias=True), mimetype="application/json")


def no_content() -> Response:
    """204, and nothing that describes a body that is not there."""
    answer = Response(status=204)
    del answer.headers["Content-Type"]
    return answer


def json_body() -> Any:
    """The JSON object that was sent; {} for no body. InvalidRequest for anything else."""
    raw = request.get_data(cache=True)
    if not raw.strip():
        return {}
    try:
        found = read_json(raw)
    except UnfitJson as error:
        raise InvalidRequest(f"The request body {error}.") from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InvalidRequest('The request body is no JSON object: send one such as {"variables": {}}.')
    if _SURROGATE.search(raw) and _halved(found):
        raise InvalidRequest("The request body holds one half of a character (\\ud800 to \\udfff): send both, or none.")
    return found


def _halved(found: Any) -> bool:
    """Whether a text in it is none: JSON can write a surrogate without its other half, and nothing can keep it."""
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _validated(model: type[BaseModel], given: Any) -> BaseModel:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidRequest(f"{place}: {first['msg']}" if place else str(first["msg"])) from error


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Made when it is first used: a process answers a few kinds of some 150, and each takes a millisecond or two."""
    return TypeAdapter(kind)


def _schema(kind: Any, mode: Literal["validation", "serialization"], into: dict[str, Any]) -> Any:
    found = _adapter(kind).json_schema(mode=mode, by_alias=True, ref_template="#/components/schemas/{model}")
    into.update(found.pop("$defs", {}))
    return found


def _described(operation: Operation, schemas: dict[str, Any], problem: Any) -> dict[str, Any]:
    signature = inspect.signature(operation.view)
    parameters: list[dict[str, Any]] = [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
        for name in _PATH.findall(operation.rule)
    ]
    if operation.query is not None:
        asked = _schema(operation.query, "validation", schemas)
        parameters += [
            {"in": "query", "name": name, "schema": schema, "required": name in asked.get("required", ())}
            for name, schema in asked.get("properties", {}).items()
        ]
    parameters += [
        {"in": "header", "name": each.header, "description": each.description, "schema": {"type": "string"}}
        for each in operation.around
    ]
    answers: dict[str, Any] = {}
    if operation.answer is not None:
        content = {"application/json": {"schema": _schema(operation.answer, "serialization", schemas)}}
        answers["200"] = {"description": "OK", "content": content}
    else:
        answers["204" if signature.return_annotation in (None, "None") else "200"] = {"description": "Done"}
    answers["default"] = {"description": "Refused", "content": {"application/json": {"schema": problem}}}
    summary, _, rest = (inspect.getdoc(operation.view) or operation.view.__name__).partition("\n")
    found: dict[str, Any] = {
        "operationId": f"{operation.view.__module__.rpartition('.')[2]}.{operation.view.__name__}."
        f"{operation.method.lower()}",
        "summary": summary,
        "tags": [operation.tag],
        "parameters": parameters,
        "responses": answers,
    }
    if rest.strip():
        found["description"] = rest.strip()
    if operation.body is not None:
        content = {"application/json": {"schema": _schema(operation.body, "validation", schemas)}}
        found["requestBody"] = {"content": content}
    return found
