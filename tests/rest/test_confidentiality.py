"""A confidential field, tried through every door: who is not of its department finds neither value nor name."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from api.demo import PASSWORD
from engine import ProcessEngine
from tests.engine.play import END, START, bpmn, flow, user_task
from tests.rest.client import Client, untyped
from tests.rest.test_every_operation import OPERATIONS

SECRET = "7412345"
NAME = "monthlySalary"
FIELD = (
    "<extensionElements><camunda:formData>"
    f'<camunda:formField id="{NAME}" label="Pay" type="string"><camunda:properties>'
    '<camunda:property id="confidential" value="hr"/></camunda:properties></camunda:formField>'
    '<camunda:formField id="room" label="Room" type="string"/></camunda:formData></extensionElements>'
)
HIRING = bpmn(
    START
    + f'<userTask id="agree" name="Agree" camunda:candidateGroups="hr">{FIELD}</userTask>'
    + '<userTask id="desk" name="Desk" camunda:candidateGroups="facilities"/>'
    + '<serviceTask id="print" camunda:type="external" camunda:topic="print"/>'
    + '<callActivity id="call" calledElement="inner"><extensionElements><camunda:in variables="all"/>'
    "</extensionElements></callActivity>"
    + END
    + flow("start", "agree")
    + flow("agree", "desk")
    + flow("agree", "print")
    + flow("agree", "call")
    + flow("desk", "end"),
    "hiring",
)
INNER = bpmn(
    START + user_task("badge", 'camunda:candidateGroups="facilities"') + END + flow("start", "badge", "end"), "inner"
)
MODELS = {
    "GET /engine-rest/process-definition/<id>/xml",
    "GET /engine-rest/process-definition/key/<key>/xml",
    "GET /engine-rest/deployment/<id>/resources/<resource_id>/data",
}
#: What may be asked with the ids of each kind of thing.
FILTERS = ("variables", "processVariables", "taskVariables", "processInstanceVariables")


@pytest.fixture
def journey(admin: Client, app: Flask) -> str:
    """HR has entered the salary; facilities have a task beside it and one in a called process, a worker has one too."""
    admin.deploy(HIRING, "hiring.bpmn")
    admin.deploy(INNER, "inner.bpmn")
    instance = admin.start("hiring", {"building": "A"})
    hanna = Client(app, "hanna", PASSWORD)
    task = hanna.task("agree")
    hanna.post(f"/task/{task['id']}/submit-form", {"variables": untyped({NAME: SECRET, "room": "12"})}, status=204)
    return instance


#: Readings that are asked by sending a body.
ASKED = re.compile(
    r"POST (/engine-rest)?/(process-instance|task|execution|external-task|job|variable-instance|history/.*)(/count)?"
)


def readings(admin: Client, instance: str) -> Iterator[tuple[str, str, str]]:
    """Every reading operation of both APIs, with every id there is: (operation, method, path)."""
    kinds = (
        "deployment", "process-definition", "process-instance", "task", "job", "external-task", "execution",
        "variable-instance", "history/process-instance", "history/activity-instance", "history/task", "user", "group",
    )  # fmt: skip
    ids = {kind: [str(each["id"]) for each in admin.get(f"/{kind}")] for kind in kinds}
    for prefix, operation in OPERATIONS:
        name = f"{operation.method} {prefix}{operation.rule}"
        if operation.method != "GET" and ASKED.fullmatch(name) is None:
            continue
        for found in ids.get(operation.rule.strip("/").partition("/<")[0], [instance]):
            path = operation.rule.replace("<name>", NAME).replace("<key>", "hiring").replace("<id>", found)
            inner = admin.get(f"/deployment/{found}/resources")[0]["id"] if "<resource_id>" in path else found
            yield name, operation.method, prefix + re.sub(r"<\w+>", inner, path)


def walked(client: Client, admin: Client, instance: str) -> list[tuple[str, str]]:
    """(operation, what came), without the name where it only repeats what was asked for."""
    found = []
    for name, method, path in readings(admin, instance):
        answer = client.call(method, path, at="", json={} if method == "POST" else None)
        found.append(
            (name, answer.text.replace(NAME, "") if NAME in path and answer.status_code >= 400 else answer.text)
        )
    return found


@pytest.mark.parametrize("person", ["fatima", "admin", "isak", "nils"])
def test_who_is_not_of_the_department_finds_it_behind_no_door(
    person: str, admin: Client, app: Flask, journey: str
) -> None:
    came = walked(Client(app, person, PASSWORD), admin, journey)
    assert len(came) > 100
    shown = {operation for operation, text in came if SECRET in text}
    named = {operation for operation, text in came if NAME in text}
    assert shown == set()
    # Who may change flows reads in the models what they ask for; nobody else does.
    assert named == (MODELS if person == "admin" else set())


def test_the_same_walk_finds_it_for_the_department(admin: Client, app: Flask, journey: str) -> None:
    """The control: with nothing to hide the doors are open."""
    shown = {operation for operation, text in walked(Client(app, "olle", PASSWORD), admin, journey) if SECRET in text}
    assert len(shown) >= 6, shown


@pytest.mark.parametrize("person", ["fatima", "admin"])
@pytest.mark.parametrize(
    "path", ["/task", "/process-instance", "/history/process-instance", "/history/task", "/execution", "/external-task"]
)
def test_it_cannot_be_guessed_by_filtering(path: str, person: str, app: Flask, journey: str) -> None:
    client = Client(app, person, PASSWORD)
    for name in FILTERS:
        for operator in ("eq", "neq", "like"):
            wanted = {name: [{"name": NAME, "operator": operator, "value": SECRET}]}
            everything = len(client.call("POST", path, json={}).json)
            answer = client.call("POST", f"{path}/count", json=wanted)
            assert answer.status_code != 200 or answer.json["count"] in (0, everything), (name, operator)


def test_who_may_filter_by_it_finds_the_journey(app: Flask, journey: str) -> None:
    wanted = {"variables": [{"name": NAME, "operator": "eq", "value": SECRET}]}
    assert Client(app, "olle", PASSWORD).post("/process-instance/count", wanted)["count"] == 2
    assert Client(app, "admin", PASSWORD).post("/process-instance/count", wanted)["count"] == 0


def test_a_worker_is_given_it_only_as_a_member(app: Flask, journey: str) -> None:
    body = {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": "print", "lockDuration": 1}]}
    (fetched,) = Client(app, "admin", PASSWORD).post("/external-task/fetchAndLock", body)
    assert set(fetched["variables"]) == {"building", "room"}


def test_a_message_is_not_correlated_by_it(engine: ProcessEngine, app: Flask, journey: str) -> None:
    body = {"messageName": "none", "correlationKeys": untyped({NAME: SECRET})}
    answer = Client(app, "admin", PASSWORD).call("POST", "/message", json=body)
    assert answer.status_code == 400


def test_nobody_else_may_set_or_delete_it(app: Flask, journey: str) -> None:
    admin, path = Client(app, "admin", PASSWORD), f"/process-instance/{journey}/variables/{NAME}"
    admin.call("PUT", path, json={"value": "1"}, status=403)
    admin.call("DELETE", path, status=403)
    assert Client(app, "olle", PASSWORD).get(path)["value"] == SECRET
