"""The log of operations over REST: Camunda's entries, and the export."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask

from tests.rest import models
from tests.rest.client import Client, untyped
from tests.rest.test_api_tokens import by

LOG = "/history/user-operation"


@pytest.fixture
def worked(admin: Client) -> str:
    """An instance whose first task was claimed and done."""
    admin.deploy(models.TWO_TASKS)
    instance = admin.start()
    task = admin.task("first")
    admin.post(f"/task/{task['id']}/claim", {"userId": "hanna"}, status=204)
    admin.post(f"/task/{task['id']}/complete", {"variables": untyped({"pay": "SECRET-4711"})}, status=204)
    return instance


def test_entries_are_camundas(admin: Client, worked: str) -> None:
    done, claimed, started = admin.get(LOG, processInstanceId=worked)
    assert [each["operationType"] for each in (started, claimed, done)] == ["Start", "Claim", "Complete"]
    assert (claimed["property"], claimed["orgValue"], claimed["newValue"]) == ("assignee", None, "hanna")
    assert (claimed["entityType"], claimed["category"]) == ("Task", "TaskWorker")
    assert (started["category"], started["userId"], started["taskId"]) == ("Operator", "admin", None)
    assert claimed["taskId"] == done["taskId"]
    assert claimed["timestamp"].endswith("+0000")
    assert "SECRET-4711" not in json.dumps([done, claimed, started])
    assert set(done) >= {"deploymentId", "executionId", "jobId", "batchId", "annotation", "removalTime", "operationId"}


def test_entries_are_found_counted_sorted_and_cut(admin: Client, worked: str) -> None:
    assert admin.get(f"{LOG}/count", processInstanceId=worked) == {"count": 3}
    assert admin.get(f"{LOG}/count", entityTypeIn="Task,Deployment", processDefinitionKey="p") == {"count": 3}
    assert [each["operationType"] for each in admin.get(LOG, operationType="Claim", userId="admin")] == ["Claim"]
    oldest = admin.get(LOG, processInstanceId=worked, sortBy="timestamp", sortOrder="asc", maxResults=1)
    assert [each["operationType"] for each in oldest] == ["Start"]
    assert admin.get(LOG, beforeTimestamp="2000-01-01T00:00:00.000+0000") == []
    admin.call("GET", LOG, query_string={"sortBy": "userId", "sortOrder": "asc"}, status=400)
    admin.call("GET", LOG, query_string={"jobId": "x", "deploymentId": "y"}, status=400)


def test_only_administrators_and_owners_of_flows_read_it(
    admin: Client, worked: str, somebody: Callable[[str], Client]
) -> None:
    hanna = somebody("hanna")
    hanna.call("GET", LOG, status=403)
    hanna.call("GET", f"{LOG}/count", status=403)
    hanna.call("GET", "/operations/export", at="/api/v1", status=403)
    # What was done to a journey one takes part in, its page shows too.
    assert len(hanna.get(LOG, processInstanceId=worked)) == 3


def test_the_export_tells_where_from(admin: Client, worked: str) -> None:
    answer = admin.call("GET", "/operations/export", at="/api/v1", query_string={"processInstanceId": worked})
    assert answer.mimetype == "application/x-ndjson"
    lines = [json.loads(each) for each in answer.text.splitlines()]
    assert {(each["door"], each["address"]) for each in lines} == {("rest", "127.0.0.1")}
    assert len({each["operation_id"] for each in lines}) == 3
    as_csv = admin.call("GET", "/operations/export", at="/api/v1", query_string={"form": "csv"})
    assert as_csv.text.startswith("id,operation_id,occurred_at,user_id")
    admin.call("GET", "/operations/export", at="/api/v1", query_string={"form": "xml"}, status=400)


def test_a_token_stands_beside_what_it_was_used_for(admin: Client, app: Flask) -> None:
    made = admin.post("/api-tokens", {"name": "robot", "scope": "write"}, at="/api/v1")
    admin.deploy(models.TWO_TASKS)
    by(app, made["token"], "POST", "/engine-rest/process-definition/key/p/start", json={})
    (line,) = [
        json.loads(each)
        for each in admin.call("GET", "/operations/export?operation=Start", at="/api/v1").text.splitlines()
    ]
    assert (line["door"], line["token_id"]) == ("rest", made["id"])
