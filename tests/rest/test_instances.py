"""Running instances: variables of every type, the activity tree, modification, ending."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from tests.rest import models
from tests.rest.client import Client, untyped, values_of


@pytest.fixture
def running(admin: Client) -> str:
    admin.deploy(models.TWO_TASKS)
    return admin.start(variables={"a": 1})


@pytest.mark.parametrize(
    ("sent", "type_", "value"),
    [
        ({"value": "x"}, "String", "x"),
        ({"value": True}, "Boolean", True),
        ({"value": 7}, "Integer", 7),
        ({"value": 2**40}, "Long", 2**40),
        ({"value": 1.5}, "Double", 1.5),
        ({"value": None}, "Null", None),
        ({"value": "7", "type": "Integer", "valueInfo": None}, "Integer", 7),
        ({"value": "true", "type": "boolean"}, "Boolean", True),
        ({"value": 7, "type": "long"}, "Long", 7),
        ({"value": 7, "type": "short"}, "Short", 7),
        ({"value": None, "type": "null"}, "Null", None),
        ({"value": '{"a": [1]}', "type": "Json"}, "Json", '{"a": [1]}'),
        ({"value": "<a/>", "type": "Xml"}, "Xml", "<a/>"),
        ({"value": "2027-03-01T09:00:00.000+0000", "type": "Date"}, "Date", "2027-03-01T09:00:00.000+0000"),
        ({"value": base64.b64encode(b"abc").decode(), "type": "Bytes"}, "Bytes", base64.b64encode(b"abc").decode()),
        ({"value": {"a": 1}}, "Object", {"a": 1}),
        ({"value": [1, "b"]}, "Object", [1, "b"]),
    ],
)
def test_a_variable_comes_back_as_it_went_in(
    admin: Client, running: str, sent: dict[str, Any], type_: str, value: Any
) -> None:
    path = f"/process-instance/{running}/variables/v"
    admin.put(path, sent)
    found = admin.get(path)
    assert (found["type"], found["value"]) == (type_, value)
    assert isinstance(found["value"], bool) == isinstance(value, bool)
    assert found["valueInfo"] is not None
    assert admin.get(f"/process-instance/{running}/variables")["v"] == found
    (row,) = admin.get("/variable-instance", processInstanceIdIn=running, variableName="v")
    assert (row["type"], row["value"], row["activityInstanceId"]) == (type_, value, running)
    (past,) = admin.get("/history/variable-instance", processInstanceId=running, variableName="v")
    assert (past["type"], past["value"], past["state"]) == (type_, value, "CREATED")


def test_objects_come_as_text_if_asked(admin: Client, running: str) -> None:
    admin.put(f"/process-instance/{running}/variables/v", {"value": {"a": [1]}})
    found = admin.get(f"/process-instance/{running}/variables/v", deserializeValue="false")
    assert found["value"] == '{"a": [1]}'
    assert found["valueInfo"]["serializationDataFormat"] == "application/json"
    assert found["valueInfo"]["objectTypeName"] == "java.util.LinkedHashMap"
    assert admin.get(f"/process-instance/{running}/variables", deserializeValues="false")["v"] == found


def test_a_file_is_named_in_the_list_and_sent_on_its_own(admin: Client, running: str) -> None:
    sent = {
        "value": base64.b64encode(b"\x89PNG").decode(),
        "type": "file",
        "valueInfo": {"filename": "badge.png", "mimetype": "image/png"},
    }
    path = f"/process-instance/{running}/variables/badge"
    admin.put(path, sent)
    found = admin.get(path)
    assert (found["type"], found["value"]) == ("File", None)
    assert found["valueInfo"]["filename"] == "badge.png"
    assert found["valueInfo"]["mimeType"] == "image/png"
    for data_path in (f"{path}/data", f"/execution/{running}/localVariables/badge/data"):
        data = admin.call("GET", data_path, status=200)
        assert data.data == b"\x89PNG"
        assert data.content_type == "image/png"


def test_octets_are_uploaded_as_a_form(admin: Client, running: str) -> None:
    path = f"/process-instance/{running}/variables/cv"
    form = {"data": (BytesIO(b"I can juggle"), "cv.txt", "text/plain"), "valueType": "File"}
    admin.call("POST", f"{path}/data", data=form, content_type="multipart/form-data", status=204)
    assert admin.get(path)["valueInfo"]["filename"] == "cv.txt"
    assert admin.call("GET", f"{path}/data", status=200).data == b"I can juggle"
    admin.call("POST", f"{path}/data", data={"valueType": "File"}, content_type="multipart/form-data", status=400)
    task = admin.task("first")["id"]
    form = {"data": (BytesIO(b"raw"), "x.bin"), "valueType": "Bytes"}
    admin.call("POST", f"/task/{task}/variables/raw/data", data=form, content_type="multipart/form-data", status=204)
    assert admin.call("GET", f"/task/{task}/variables/raw/data", status=200).data == b"raw"


@pytest.mark.parametrize(
    "given",
    [
        lambda nested: {"value": nested},
        lambda nested: {"value": {"x": nested}},
        lambda nested: {"value": json.dumps(nested), "type": "Json"},
        lambda nested: {"value": json.dumps(nested), "type": "Object"},
    ],
)
def test_a_value_that_is_nested_too_deep_is_refused_and_hides_nothing_else(
    admin: Client, running: str, given: Callable[[Any], Any]
) -> None:
    path = f"/process-instance/{running}/variables/deep"
    allowed, refused = nested(59), nested(300)
    admin.put(path, given(allowed))
    answer = admin.call("PUT", path, json=given(refused), status=400)
    assert "levels inside each other" in answer.json["message"]
    assert "deep" in [each["name"] for each in admin.get("/variable-instance")]


def nested(levels: int) -> Any:
    found: Any = []
    for _ in range(levels - 1):
        found = [found]
    return found


def test_what_pretends_to_be_typed_is_refused(admin: Client, running: str) -> None:
    for value in ({"onedoor:type": "Date", "value": "x"}, [{"deep": {"onedoor:type": "File"}}]):
        admin.call("PUT", f"/process-instance/{running}/variables/v", json={"value": value}, status=400)


def test_several_variables_change_at_once_and_deletions_win(admin: Client, running: str) -> None:
    body = {"modifications": untyped({"b": 2, "c": 3}), "deletions": ["a", "c"]}
    admin.post(f"/process-instance/{running}/variables", body, status=204)
    assert values_of(admin.get(f"/process-instance/{running}/variables")) == {"b": 2}
    admin.delete(f"/process-instance/{running}/variables/b")
    assert admin.get(f"/process-instance/{running}/variables") == {}
    admin.call("GET", f"/process-instance/{running}/variables/b", status=404)


def test_instances_are_found_by_what_they_are(admin: Client, running: str) -> None:
    for query in (
        {"processDefinitionKey": "p"},
        {"processDefinitionKeyIn": "p,q"},
        {"activityIdIn": "first"},
        {"rootProcessInstances": "true"},
        {"processInstanceIds": running},
    ):
        assert [each["id"] for each in admin.get("/process-instance", **query)] == [running], query
    for query in ({"processDefinitionKey": "q"}, {"activityIdIn": "second"}, {"superProcessInstance": running}):
        assert admin.count("/process-instance", **query) == 0, query
    assert admin.post("/process-instance", {"processDefinitionKey": "p"})[0]["id"] == running
    assert admin.post("/process-instance/count", {"businessKey": "none"}) == {"count": 0}


def test_the_activity_tree_shows_scopes_tokens_and_what_is_still_to_begin(admin: Client) -> None:
    admin.deploy(models.SUBPROCESS)
    instance = admin.start("nested")
    tree = admin.get(f"/process-instance/{instance}/activity-instances")
    assert tree["id"] == instance
    assert tree["activityId"] == tree["processDefinitionId"]
    assert tree["parentActivityInstanceId"] is None
    by_name = {each["activityId"]: each for each in tree["childActivityInstances"]}
    assert set(by_name) == {"inner", "other"}
    assert by_name["inner"]["id"].startswith("inner:")
    assert by_name["inner"]["parentActivityInstanceId"] == instance
    (later,) = by_name["inner"]["childTransitionInstances"]
    assert later["activityId"] == "deep"
    assert later["id"] == later["executionId"]
    assert {"activityName", "name", "activityType", "executionIds", "incidentIds", "incidents"} <= set(by_name["other"])


def test_an_instance_is_moved_by_hand(admin: Client, running: str) -> None:
    body = {
        "instructions": [
            {"type": "startBeforeActivity", "activityId": "second", "variables": {"x": {"value": 1, "local": False}}},
            {"type": "cancel", "activityId": "first"},
        ]
    }
    admin.post(f"/process-instance/{running}/modification", body, status=204)
    assert admin.open_tasks() == ["second"]
    tree = admin.get(f"/process-instance/{running}/activity-instances")
    (leaf,) = tree["childActivityInstances"]
    again = {"instructions": [{"type": "startAfterActivity", "activityId": "first"}]}
    admin.post(f"/process-instance/{running}/modification", again, status=204)
    by_id = {"instructions": [{"type": "cancel", "activityId": "second", "activityInstanceId": leaf["id"]}]}
    admin.post(f"/process-instance/{running}/modification", by_id, status=204)
    assert admin.open_tasks() == ["second"]
    wrong = {"instructions": [{"type": "startBeforeActivity", "activityId": "nowhere"}]}
    refused = admin.call("POST", f"/process-instance/{running}/modification", json=wrong)
    assert refused.status_code in (400, 500)
    assert refused.json["message"]


def test_a_deleted_instance_is_gone_and_its_history_stays(admin: Client, running: str) -> None:
    admin.delete(f"/process-instance/{running}")
    admin.call("GET", f"/process-instance/{running}", status=404)
    admin.call("DELETE", f"/process-instance/{running}", status=404)
    admin.delete(f"/process-instance/{running}", failIfNotExists="false")
    assert admin.get(f"/history/process-instance/{running}")["state"] == "EXTERNALLY_TERMINATED"


def test_a_call_is_a_child_instance(admin: Client) -> None:
    admin.upload(("calling.bpmn", models.CALLING), ("called.bpmn", models.CALLED))
    parent = admin.start("calling")
    (child,) = admin.get("/process-instance", superProcessInstance=parent)
    assert child["definitionKey"] == "called"
    past = admin.get(f"/history/process-instance/{child['id']}")
    assert (past["superProcessInstanceId"], past["rootProcessInstanceId"]) == (parent, parent)
    (call,) = admin.get("/history/activity-instance", activityType="callActivity")
    assert call["calledProcessInstanceId"] == child["id"]


def test_who_has_no_part_in_an_instance_sees_nothing_of_it(
    admin: Client, somebody: Callable[[str], Client], running: str
) -> None:
    stranger, colleague = somebody("fatima"), somebody("hanna")
    for path in ("", "/variables", "/variables/a", "/activity-instances"):
        stranger.call("GET", f"/process-instance/{running}{path}", status=404)
        colleague.call("GET", f"/process-instance/{running}{path}", status=200)
    for path in ("/process-instance", "/history/process-instance", "/history/task", "/variable-instance", "/execution",
                 "/history/variable-instance", "/history/activity-instance", "/task"):  # fmt: skip
        assert stranger.get(path) == [], path
        assert colleague.get(path), path
    for method, path, body in (
        ("PUT", f"/process-instance/{running}/variables/a", {"value": 2}),
        ("POST", f"/process-instance/{running}/modification", {"instructions": []}),
        ("DELETE", f"/process-instance/{running}", {}),
        ("POST", "/message", {"messageName": "m"}),
        ("POST", "/signal", {"name": "s"}),
    ):
        for person in (stranger, colleague):
            assert person.call(method, path, json=body).status_code in (403, 404), path
    assert values_of(admin.get(f"/process-instance/{running}/variables")) == {"a": 1}
