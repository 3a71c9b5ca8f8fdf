"""Every route of the application, asked for by somebody: addresses that lead somewhere, bodies that say
something."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from api.authentication import COOKIE, CSRF_HEADER
from tests.policy.world import PAY, World

#: The beginning of an address -> what its <id> is.
IDS = (
    ("/engine-rest/history/variable-instance", "variable"),
    ("/engine-rest/history/activity-instance", "activity"),
    ("/engine-rest/variable-instance", "variable"),
    ("/engine-rest/external-task", "external-task"),
    ("/engine-rest/process-definition", "definition"),
    ("/engine-rest/deployment", "deployment"),
    ("/engine-rest/execution", "execution"),
    ("/engine-rest/incident", "incident"),
    ("/engine-rest/job", "job"),
    ("/engine-rest/group", "department"),
    ("/engine-rest/user", "person"),
    ("/engine-rest/task", "task"),
    ("/api/v1/people", "person"),
    ("/guest/tasks", "task"),
    ("/api/v1/api-tokens", "token"),
    ("/api/v1/failures", "job"),
    ("/api/v1/notifications", "notification"),
    ("/account/tokens", "token"),
    ("/admin/departments", "department"),
    ("/admin/people", "person"),
    ("/admin/jobs", "job"),
    ("/notifications", "notification"),
    ("/absence", "absence"),
    ("/tasks", "task"),
)
#: Of the other parts of addresses.
PARTS = {
    "key": "pay", "name": "room", "user_id": "colleague", "int:version": "1", "path:filename": "icon.svg",
    "path:path": "Users", "what": "people", "person": "colleague", "department": "facilities",
    "invitation_id": "nothing", "invitation": "nothing", "secret": "nothing", "path:_": "nothing", "form": "csv",
}  # fmt: skip
#: What is sent along: something for every operation that takes a body.
BODY: dict[str, Any] = {
    "userId": "colleague", "value": "x", "type": "String", "retries": 1, "duedate": None, "workerId": "w",
    "maxTasks": 9, "topics": [{"topicName": "t", "lockDuration": 1000}], "messageName": "arrived", "all": True,
    "name": "arrived", "modifications": {"x": {"value": 1}}, "message": "x", "variables": {}, "newDuration": 1000,
    "lockDuration": 1000, "errorCode": "x", "escalationCode": "x", "priority": 1, "groupId": "hr", "id": "made",
    "suspended": True, "password": "a long enough one", "days": 9, "scope": "read",
    "instructions": [{"type": "startBeforeActivity", "activityId": "badge"}],
}  # fmt: skip
FORM = {
    "message": "x", "name": "Made", "id": "made", "user": "colleague", "userId": "colleague", "member": "colleague",
    "assignee": "colleague", "first": "2027-05-03", "last": "2027-05-04", "substitute": "colleague", "scope": "read",
    "days": "9", "language": "en", "password": "a long enough one", "kind": "people", "from": "1",
}  # fmt: skip


@dataclass(frozen=True)
class Route:
    method: str
    rule: str

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def routes(app: Flask) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD"}
        for method in sorted(methods if methods == {"OPTIONS"} else methods - {"OPTIONS"}):
            yield Route(method, rule.rule)


def address(world: World, rule: str) -> str:
    what = next((thing for start, thing in IDS if rule.startswith(start)), "journey")
    known = PARTS | world.ids | {"id": (PARTS | world.ids)[what]}
    return re.sub(r"<([\w:]+)>", lambda part: known[part[1]], rule)


def ask(world: World, user_id: str, route: Route) -> TestResponse:
    client, token, path = world.clients[user_id], world.tokens[user_id], address(world, route.rule)
    send = partial(client.open, buffered=True)
    if user_id in world.secrets:  # whoever signed out with the last one is back
        client.set_cookie(COOKIE, world.secrets[user_id])
    if route.method in ("GET", "OPTIONS"):
        return send(path, method=route.method, query_string={"from": "1"} if path.endswith("/move") else None)
    sent = {CSRF_HEADER: token}
    if route.rule == "/engine-rest/deployment/create":
        data = {"deployment-name": "again", "pay.bpmn": (PAY, "pay.bpmn")}
        return send(path, method="POST", headers=sent, data=files(data))
    if path.endswith("/data"):
        data = files({"data": (b"x", "x.txt"), "valueType": "Bytes"})
        return send(path, method="POST", data=data, headers=sent)
    if path.startswith(("/engine-rest", "/api/", "/scim")):
        if path.endswith("/checks"):
            return send(path, method=route.method, data=PAY, headers=sent)
        return send(path, method=route.method, json=body(world, route.rule), headers=sent)
    if route.rule in ("/flows/<key>/draft", "/flows/<key>/publish"):
        given = {"xml": PAY.decode(), "revision": 0}
        return send(path, method="POST", json=given, headers=sent)
    form: dict[str, Any] = {**FORM, "csrf_token": token, "task": world.ids["task"]}
    if route.rule == "/flows":
        form = files({**form, "file": (PAY, "pay.bpmn")})
    return send(path, method=route.method, data=form, headers=sent)


def body(world: World, rule: str) -> dict[str, Any]:
    definition, journey = world.ids["definition"], world.ids["journey"]
    if "/migration/" in rule:
        plan = {"sourceProcessDefinitionId": definition, "targetProcessDefinitionId": definition, "instructions": []}
        return {"migrationPlan": plan, "processInstanceIds": [journey], **plan}
    if rule.endswith(("/identity-links", "/identity-links/delete")):
        return {"groupId": "hr", "type": "candidate"}
    if rule.endswith("/start"):
        return {"variables": {"about": {"value": "x"}, "whom": {"value": "subject"}}}
    if rule.endswith("/submit-form") and "/task/" not in rule:
        return {"variables": {"about": {"value": "x"}, "whom": {"value": "subject"}}}
    if rule == "/engine-rest/process-instance/suspended":
        return {"suspended": True, "processInstanceIds": [journey]}
    if rule in ("/engine-rest/job/suspended", "/engine-rest/process-definition/suspended"):
        return {"suspended": True, "processDefinitionKey": "pay"}
    if rule == "/engine-rest/external-task/retries":
        return {"retries": 1, "externalTaskIds": [world.ids["external-task"]]}
    if rule.endswith("/user/create"):
        return {"profile": {"id": "made", "firstName": "Made"}, "credentials": {"password": "a long enough one"}}
    if rule.endswith("/identity/verify"):
        return {"username": "colleague", "password": "x"}
    if rule.endswith(("/count", "/execution", "/task", "/job", "-instance", "/external-task")):
        return {}
    return BODY


def files(given: dict[str, Any]) -> dict[str, Any]:
    return {name: (BytesIO(each[0]), each[1]) if isinstance(each, tuple) else each for name, each in given.items()}


def outcome(answer: TestResponse) -> str:
    """One letter: see the head of routes.txt."""
    status = answer.status_code
    if status == 401 or (status in (302, 303) and "/sign-in" in answer.headers["Location"]):
        return "s"
    if status in (403, 404):
        return {403: "f", 404: "n"}[status]
    return "o" if status < 400 else "b"


def told(answer: TestResponse) -> str:
    return json.dumps(answer.get_json()) if answer.is_json else answer.text
