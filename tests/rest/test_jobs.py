"""Jobs, incidents, external tasks and the test clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from api.app import create_app
from engine import TestClock
from tests.rest import models
from tests.rest.client import Client, untyped, values_of
from tests.rest.conftest import MakeEngine

OWN = "/api/v1"


def test_a_timer_is_a_job_that_can_be_executed_at_once(admin: Client) -> None:
    admin.deploy(models.TIMER)
    instance = admin.start("timer")
    (job,) = admin.get("/job", timers="true", processInstanceId=instance)
    assert job["dueDate"] == "2027-03-01T10:00:00.000+0000"
    assert job["retries"] == 3
    assert admin.get(f"/job/{job['id']}") == job
    assert admin.count("/job", dueDates="lt_2027-03-01T10:00:01.000 0000") == 1
    assert admin.count("/job", dueDates="gt_2027-03-01T10:00:01Z") == 0
    admin.call("GET", "/job", query_string={"dueDates": "gt_soon"}, status=400)
    admin.call("GET", "/job", query_string={"dueDates": "soon"}, status=400)
    assert admin.get("/job", sortBy="jobDueDate", sortOrder="desc") == [job]
    admin.put(f"/job/{job['id']}/duedate", {"duedate": "2027-03-02T09:00:00.000+0000"})
    assert admin.get(f"/job/{job['id']}")["dueDate"] == "2027-03-02T09:00:00.000+0000"
    admin.post(f"/job/{job['id']}/execute", status=204)
    assert admin.open_tasks() == ["after"]
    admin.call("POST", f"/job/{job['id']}/execute", json={}, status=404)


def test_a_job_that_keeps_failing_becomes_an_incident_and_new_retries_end_it(admin: Client) -> None:
    admin.deploy(models.FAILING)
    instance = admin.start("failing")
    (job,) = admin.get("/job", messages="true")
    for _ in range(3):
        admin.put("/test-clock", {"advance": "P1D"}, at=OWN)
    (failed,) = admin.get("/job", noRetriesLeft="true", withException="true")
    assert failed["id"] == job["id"]
    assert failed["failedActivityId"] == "broken"
    assert "missing" in failed["exceptionMessage"]
    trace = admin.call("GET", f"/job/{job['id']}/stacktrace", status=200)
    assert trace.mimetype == "text/plain"
    (incident,) = admin.get("/incident", incidentType="failedJob", processInstanceId=instance)
    assert admin.get(f"/incident/{incident['id']}") == incident
    assert incident["configuration"] == job["id"]
    assert admin.get("/incident/count") == {"count": 1}
    assert admin.count("/process-instance", withIncident="true") == 1
    admin.put(f"/job/{job['id']}/retries", {"retries": 2})
    assert admin.get("/incident") == []
    admin.call("PUT", f"/job/{job['id']}/retries", json={}, status=400)


def test_only_who_runs_the_place_executes_jobs(admin: Client, somebody: Callable[[str], Client]) -> None:
    admin.deploy(models.TIMER)
    admin.start("timer")
    (job,) = admin.get("/job")
    hanna = somebody("hanna")
    assert hanna.get("/job") == []
    for method, path, body in (
        ("POST", "execute", {}),
        ("PUT", "retries", {"retries": 1}),
        ("PUT", "duedate", {"duedate": None}),
        ("GET", "stacktrace", {}),
    ):
        assert hanna.call(method, f"/job/{job['id']}/{path}", json=body).status_code in (403, 404), path


# ---------------------------------------------------------------- the test clock


def test_the_clock_is_moved_and_what_is_due_runs(admin: Client, clock: TestClock) -> None:
    admin.deploy(models.TIMER)
    admin.deploy(models.ASYNCHRONOUS)
    admin.start("timer")
    admin.start("async")
    before = clock.now()
    assert admin.count("/job") == 2
    admin.put("/test-clock", {"runJobs": True}, at=OWN)
    assert admin.open_tasks() == ["later"]
    admin.put("/test-clock", {"advance": "PT59M"}, at=OWN)
    assert admin.open_tasks() == ["later"]
    admin.put("/test-clock", {"advance": "PT1M"}, at=OWN)
    assert admin.open_tasks() == ["after", "later"]
    assert clock.now() == before + timedelta(hours=1)
    assert admin.call("PUT", "/test-clock", at=OWN, json={"advance": "soon"}).status_code == 400


def test_only_an_administrator_moves_the_clock(somebody: Callable[[str], Client]) -> None:
    somebody("hanna").call("PUT", "/test-clock", at=OWN, json={"advance": "PT1H"}, status=403)


def test_without_a_test_clock_the_route_does_not_exist(make_engine: MakeEngine) -> None:
    app = create_app(make_engine(test_clock=False))
    admin = Client(app, "admin", "demo")
    admin.call("PUT", "/test-clock", at=OWN, json={"advance": "PT1H"}, status=404)
    assert "/api/v1/test-clock" not in admin.get("/openapi.json", at=OWN)["paths"]


# ---------------------------------------------------------------- external tasks


@pytest.fixture
def printing(admin: Client) -> str:
    admin.deploy(models.EXTERNAL)
    return admin.start("external", {"text": "hello", "other": {"deep": 1}}, businessKey="B-1")


def fetched(admin: Client, worker: str = "w", **topic: Any) -> list[dict[str, Any]]:
    asked = {"topicName": "print", "lockDuration": 60_000, **topic}
    found: list[dict[str, Any]] = admin.post(
        "/external-task/fetchAndLock", {"workerId": worker, "maxTasks": 5, "sorting": None, "topics": [asked]}
    )
    return found


def test_a_worker_fetches_everything_it_reads(admin: Client, printing: str) -> None:
    (task,) = fetched(admin, includeExtensionProperties=True, processVariables={}, deserializeValues=True)
    assert task["processInstanceId"] == printing
    assert task["extensionProperties"] == {"paper": "A4"}
    assert values_of(task["variables"]) == {"text": "hello", "other": {"deep": 1}}
    assert (task["workerId"], task["retries"], task["priority"], task["businessKey"]) == ("w", None, 7, "B-1")
    assert task["lockExpirationTime"] == "2027-03-01T09:01:00.000+0000"
    assert set(task) >= {"activityId", "activityInstanceId", "errorMessage", "errorDetails", "executionId", "id",
                         "createTime", "processDefinitionId", "processDefinitionKey", "processDefinitionVersionTag",
                         "suspended", "topicName", "tenantId"}  # fmt: skip
    assert fetched(admin, "another") == []
    assert admin.count("/external-task", locked="true", workerId="w", topicName="print") == 1
    assert admin.get("/external-task/topic-names") == ["print"]
    listed = admin.get("/external-task")[0]
    assert "variables" not in listed
    assert admin.get(f"/external-task/{task['id']}") == listed


def test_variables_are_chosen_and_serialized(admin: Client, printing: str) -> None:
    (task,) = fetched(admin, variables=["other"])
    assert values_of(task["variables"]) == {"other": '{"deep": 1}'}
    assert task["extensionProperties"] == {}
    admin.post(f"/external-task/{task['id']}/unlock", status=204)
    (again,) = fetched(admin, variables=[])
    assert again["variables"] == {}


def test_a_worker_completes(admin: Client, printing: str) -> None:
    (task,) = fetched(admin)
    path = f"/external-task/{task['id']}/complete"
    refused = admin.call("POST", path, json={"workerId": "v"}, status=400)
    assert refused.json["type"] == "RestException"
    assert refused.json["message"] == (
        f"External Task {task['id']} cannot be completed by worker 'v'. It is locked by worker 'w'."
    )
    admin.post(path, {"workerId": "w", "variables": untyped({"pages": 2}), "localVariables": None}, status=204)
    assert admin.open_tasks() == ["collect"]
    assert values_of(admin.get(f"/process-instance/{printing}/variables"))["pages"] == 2
    gone = admin.call("POST", path, json={"workerId": "w"}, status=404)
    assert gone.json["message"] == f"External task with id {task['id']} does not exist"


def test_a_failure_hides_the_task_and_the_last_one_is_an_incident(admin: Client, printing: str) -> None:
    (task,) = fetched(admin)
    body = {"workerId": "w", "errorMessage": "jam", "errorDetails": "page 3", "retries": 1, "retryTimeout": 30_000}
    admin.post(f"/external-task/{task['id']}/failure", body, status=204)
    assert fetched(admin) == []
    details = admin.call("GET", f"/external-task/{task['id']}/errorDetails", status=200)
    assert (details.text, details.mimetype) == ("page 3", "text/plain")
    admin.put("/test-clock", {"advance": "PT31S"}, at=OWN)
    (again,) = fetched(admin)
    assert (again["retries"], again["errorMessage"]) == (1, "jam")
    admin.post(f"/external-task/{task['id']}/failure", {**body, "retries": 0}, status=204)
    assert [i["incidentType"] for i in admin.get("/incident")] == ["failedExternalTask"]
    assert admin.count("/external-task", noRetriesLeft="true") == 1
    admin.put("/external-task/retries", {"retries": 2, "externalTaskIds": [task["id"]]})
    assert admin.get("/incident") == []
    admin.put(f"/external-task/{task['id']}/retries", {"retries": 4})
    admin.put(f"/external-task/{task['id']}/priority", {"priority": 9})
    found = admin.get(f"/external-task/{task['id']}")
    assert (found["retries"], found["priority"]) == (4, 9)
    admin.post(f"/external-task/{task['id']}/failure", {**body, "retries": -1}, status=400)


def test_a_business_error_goes_to_its_boundary(admin: Client, printing: str) -> None:
    (task,) = fetched(admin)
    body = {"workerId": "w", "errorCode": "JAM", "errorMessage": "stuck", "variables": untyped({"tray": 2})}
    admin.post(f"/external-task/{task['id']}/bpmnError", body, status=204)
    assert admin.open_tasks() == ["repair"]


def test_locks_are_extended_while_they_hold(admin: Client, printing: str) -> None:
    (task,) = fetched(admin)
    path = f"/external-task/{task['id']}"
    admin.post(f"{path}/extendLock", {"workerId": "w", "newDuration": 120_000}, status=204)
    assert admin.get(path)["lockExpirationTime"] == "2027-03-01T09:02:00.000+0000"
    admin.post(f"{path}/lock", {"workerId": "v", "lockDuration": 1000}, status=400)
    admin.put("/test-clock", {"advance": "PT3M"}, at=OWN)
    admin.post(f"{path}/extendLock", {"workerId": "w", "newDuration": 1000}, status=400)
    admin.post(f"{path}/lock", {"workerId": "v", "lockDuration": 1000}, status=204)
    assert admin.get(path)["workerId"] == "v"
    admin.call("POST", f"{path}/unlock", status=204)
    assert admin.get(path)["workerId"] is None


def test_a_wait_that_is_too_long_is_refused(admin: Client) -> None:
    body = {"workerId": "w", "maxTasks": 1, "asyncResponseTimeout": 1_800_001, "topics": []}
    refused = admin.call("POST", "/external-task/fetchAndLock", json=body, status=400)
    assert "1800000 milliseconds" in refused.json["message"]
    admin.post("/external-task/fetchAndLock", {"topics": []}, status=400)
