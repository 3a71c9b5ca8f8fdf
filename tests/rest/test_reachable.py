"""What the engine can do and the contract names: delegation, skipping, topics by variables, variables by what holds
them."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.engine.play import END, START, bpmn, flow, user_task
from tests.engine.test_delegation import CATCHING
from tests.rest import models
from tests.rest.client import Client, untyped


def names(found: list[dict[str, Any]]) -> list[str]:
    return sorted(each["name"] for each in found)


def test_a_task_is_delegated_and_resolved(admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    instance = admin.start()
    task = admin.task("first")
    admin.post(f"/task/{task['id']}/claim", {"userId": "hanna"}, status=204)
    admin.post(f"/task/{task['id']}/delegate", {"userId": "ivar"}, status=204)
    handed = admin.get("/task", delegationState="PENDING")
    assert [(each["assignee"], each["owner"], each["delegationState"]) for each in handed] == [
        ("ivar", "hanna", "PENDING")
    ]
    admin.call("POST", f"/task/{task['id']}/complete", json={}, status=400)
    admin.post(f"/task/{task['id']}/resolve", {"variables": untyped({"seen": 1})}, status=204)
    assert admin.get("/task", delegationState="RESOLVED")[0]["assignee"] == "hanna"
    assert admin.get(f"/process-instance/{instance}/variables/seen")["value"] == 1
    admin.call("POST", f"/task/{task['id']}/delegate", json={}, status=400)
    admin.call("POST", "/task/nothing/resolve", json={}, status=404)


def test_a_task_ends_in_an_error_or_escalates(admin: Client) -> None:
    admin.deploy(CATCHING)
    admin.start()
    task = admin.task("ask")
    admin.post(f"/task/{task['id']}/bpmnEscalation", {"escalationCode": "X1"}, status=204)
    assert admin.open_tasks() == ["ask", "assist"]
    admin.call("POST", f"/task/{task['id']}/bpmnEscalation", json={}, status=400)
    admin.call("POST", f"/task/{task['id']}/bpmnError", json={}, status=400)
    admin.post(f"/task/{task['id']}/bpmnError", {"errorCode": "E1", "variables": untyped({"n": 1})}, status=204)
    assert admin.open_tasks() == ["assist", "mend"]


SKIPPING = bpmn(
    START + '<subProcess id="room"><extensionElements>'
    '<camunda:executionListener event="start" expression="${execution.setVariable(\'began\', true)}"/>'
    '<camunda:executionListener event="end" expression="${execution.setVariable(\'over\', true)}"/>'
    '<camunda:inputOutput><camunda:inputParameter name="inner">1</camunda:inputParameter></camunda:inputOutput>'
    '</extensionElements><startEvent id="i"/>' + user_task("ask") + '<endEvent id="o"/>' + flow("i", "ask", "o")
    + "</subProcess>" + END + flow("start", "room", "end"),
)  # fmt: skip


@pytest.mark.parametrize("skip", [False, True])
def test_listeners_and_mappings_are_skipped_if_asked(skip: bool, admin: Client) -> None:
    admin.deploy(SKIPPING)
    skipping = {"skipCustomListeners": skip, "skipIoMappings": skip}
    instance = admin.start(startInstructions=[{"type": "startBeforeActivity", "activityId": "ask"}], **skipping)
    seen = set(admin.get(f"/task/{admin.task('ask')['id']}/variables"))
    assert seen == (set() if skip else {"began", "inner"})
    admin.delete(f"/process-instance/{instance}", **{name: str(skip).lower() for name in skipping})
    kept = names(admin.get("/history/variable-instance", processInstanceId=instance))
    assert ("over" in kept) is not skip


def fetched(client: Client, **topic: Any) -> list[str]:
    body = {"workerId": "w", "maxTasks": 10, "topics": [{"topicName": "print", "lockDuration": 0, **topic}]}
    return [each["businessKey"] for each in client.post("/external-task/fetchAndLock", body)]


def test_a_topic_is_narrowed_by_definition_tag_and_variables(admin: Client) -> None:
    admin.deploy(models.EXTERNAL)
    admin.start("external", {"city": "Lund"}, businessKey="A")
    admin.deploy(models.EXTERNAL.replace(b"<process ", b'<process camunda:versionTag="new" '))
    admin.start("external", {"city": "Umea"}, businessKey="B")
    first, second = admin.get("/process-definition", key="external", sortBy="version", sortOrder="asc")
    assert fetched(admin) == ["A", "B"]
    assert fetched(admin, processVariables={"city": "Umea"}) == ["B"]
    assert fetched(admin, processDefinitionIdIn=[first["id"]]) == ["A"]
    assert fetched(admin, processDefinitionKeyIn=["external"]) == ["A", "B"]
    assert fetched(admin, processDefinitionKeyIn=["other"]) == []
    assert fetched(admin, processDefinitionVersionTag="new") == ["B"]
    assert second["versionTag"] == "new"


def test_the_newest_work_is_fetched_first_if_asked(admin: Client) -> None:
    admin.deploy(models.EXTERNAL)
    admin.start("external", businessKey="A")
    admin.put("/test-clock", {"advance": "PT1M"}, at="/api/v1")
    admin.start("external", businessKey="B")
    body: dict[str, Any] = {
        "workerId": "w", "maxTasks": 1, "topics": [{"topicName": "print", "lockDuration": 0}],
        "sorting": [{"sortBy": "createTime", "sortOrder": "desc"}],
    }  # fmt: skip
    assert [each["businessKey"] for each in admin.post("/external-task/fetchAndLock", body)] == ["B"]
    assert [each["businessKey"] for each in admin.post("/external-task/fetchAndLock", {**body, "sorting": None})] == [
        "A"
    ]
    wrong = {**body, "sorting": [{"sortBy": "id", "sortOrder": "asc"}]}
    admin.call("POST", "/external-task/fetchAndLock", json=wrong, status=400)


def test_external_tasks_are_found_by_several_activities_instances_and_priority(admin: Client) -> None:
    admin.deploy(models.EXTERNAL)
    one, other = admin.start("external"), admin.start("external")
    assert admin.count("/external-task", activityIdIn="work,nothing") == 2
    assert admin.count("/external-task", activityIdIn="nothing") == 0
    assert [each["processInstanceId"] for each in admin.get("/external-task", processInstanceIdIn=one)] == [one]
    assert admin.count("/external-task", processInstanceIdIn=f"{one},{other}") == 2
    assert admin.count("/external-task", priorityHigherThanOrEquals="7") == 2
    assert admin.count("/external-task", priorityHigherThanOrEquals="8") == 0
    assert admin.count("/external-task", priorityLowerThanOrEquals="6") == 0


@pytest.mark.parametrize("path", ["/variable-instance", "/history/variable-instance"])
def test_variables_are_found_by_what_holds_them_and_by_value(path: str, admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    one, _ = admin.start(variables={"level": 1}), admin.start(variables={"level": 2})
    task = admin.task("first", processInstanceId=one)
    admin.put(f"/task/{task['id']}/localVariables/note", {"value": "mine"})
    assert names(admin.get(path, taskIdIn=task["id"])) == ["note"]
    assert names(admin.get(path, executionIdIn=f"{task['id']},{one}")) == ["level", "note"]
    (inner,) = admin.get(f"/process-instance/{one}/activity-instances")["childActivityInstances"]
    assert names(admin.get(path, activityInstanceIdIn=inner["id"])) == ["note"]
    assert admin.get(path, taskIdIn=task["id"], executionIdIn=one) == []
    assert admin.get(path, taskIdIn="nothing") == []
    (found,) = admin.get(path, variableValues="note_eq_mine")
    assert found["name"] == "note"
    assert admin.count(path, variableName="note", variableValue="other") == 0
    assert admin.post(path, {"variableName": "level", "variableValue": 2})[0]["value"] == 2
    admin.call("GET", path, query_string={"variableValue": "x"}, status=400)
    assert admin.get(f"{path}/{found['id']}") == found
    assert admin.call("GET", f"{path}/{found['id']}/data", status=200).data == b"mine"
    admin.call("GET", f"{path}/nothing", status=404)
    admin.call("GET", f"{path}/nothing/data", status=404)


@pytest.mark.parametrize("where", ["execution", "task"])
def test_a_file_is_put_into_a_local_variable_and_executions_are_counted(where: str, admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    instance = admin.start()
    task = admin.task("first")
    address = f"/{where}/{task['executionId' if where == 'execution' else 'id']}/localVariables/paper/data"
    form = {"data": (io.BytesIO(b"octets"), "a.txt", "text/plain"), "valueType": "File"}
    admin.call("POST", address, data=form, content_type="multipart/form-data", status=204)
    assert admin.call("GET", address, status=200).data == b"octets"
    assert "paper" not in admin.get(f"/process-instance/{instance}/variables")
    assert admin.post("/execution/count", {"activityId": "first"}) == {"count": 1}
    assert admin.post("/execution/count", {"activityId": "second"}) == {"count": 0}


def test_tasks_are_found_by_the_very_moment_and_by_no_follow_up(admin: Client) -> None:
    dated = user_task("dated", 'camunda:dueDate="2027-03-05T12:00:00Z" camunda:followUpDate="2027-03-04T12:00:00Z"')
    admin.deploy(bpmn(
        START + '<parallelGateway id="fork"/>' + dated + user_task("plain") + END
        + flow("start", "fork", "dated", "end") + flow("fork", "plain"),
    ))  # fmt: skip
    admin.start()
    everything = ["dated", "plain"]
    for query, expected in (
        ({"createdOn": "2027-03-01T09:00:00.000+0000"}, everything),
        ({"createdOn": "2027-03-01T09:00:01.000+0000"}, []),
        ({"dueDate": "2027-03-05T12:00:00.000+0000"}, ["dated"]),
        ({"followUpDate": "2027-03-04T12:00:00.000+0000"}, ["dated"]),
        ({"followUpBeforeOrNotExistent": "2027-03-04T12:00:00.000+0000"}, ["plain"]),
        ({"followUpBeforeOrNotExistent": "2027-03-04T12:00:01.000+0000"}, everything),
    ):
        assert sorted(each["taskDefinitionKey"] for each in admin.get("/task", **query)) == expected, query
