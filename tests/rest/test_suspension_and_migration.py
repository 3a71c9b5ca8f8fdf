"""Suspension, migration, and what can be done to a job, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.play import END, START, bpmn, flow, user_task
from tests.rest import models
from tests.rest.client import Client

OWN = "/api/v1"
SOON = "2027-03-08T09:00:00.000+0000"


def ids(found: list[dict[str, Any]]) -> list[str]:
    return sorted(each["id"] for each in found)


@pytest.mark.parametrize("path", ["/process-instance/{id}/suspended", "/process-instance/suspended"])
def test_an_instance_is_suspended_and_activated(path: str, admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    one, other = admin.start(), admin.start()
    body = {} if "{id}" in path else {"processInstanceIds": [one]}
    admin.put(path.format(id=one), {"suspended": True, **body})
    assert admin.get(f"/process-instance/{one}")["suspended"] is True
    assert ids(admin.get("/process-instance", suspended="true")) == [one]
    assert ids(admin.get("/process-instance", active="true")) == [other]
    task = admin.task("first", processInstanceId=one)
    assert task["suspended"] is True
    refused = admin.call("POST", f"/task/{task['id']}/complete", json={}, status=500).json
    assert refused["type"] == "SuspendedEntityInteractionException"
    assert "is suspended" in refused["message"]
    assert admin.get(f"/history/process-instance/{one}")["state"] == "SUSPENDED"
    admin.put(path.format(id=one), {"suspended": False, **body})
    admin.post(f"/task/{task['id']}/complete", status=204)


def test_several_instances_are_suspended_by_query_definition_and_key(admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    one, other = admin.start(businessKey="A"), admin.start(businessKey="B")
    admin.put("/process-instance/suspended", {"suspended": True, "processInstanceQuery": {"businessKey": "A"}})
    assert ids(admin.get("/process-instance", suspended="true")) == [one]
    definition = admin.get(f"/process-instance/{one}")["definitionId"]
    admin.put("/process-instance/suspended", {"suspended": True, "processDefinitionId": definition})
    assert ids(admin.get("/process-instance", suspended="true")) == sorted([one, other])
    admin.put("/process-instance/suspended", {"suspended": False, "processDefinitionKey": "p"})
    assert admin.count("/process-instance", suspended="true") == 0
    for body in ({}, {"processInstanceIds": []}, {"processInstanceIds": ["nobody"]},
                 {"processDefinitionId": definition, "processDefinitionKey": "p"}):  # fmt: skip
        admin.call("PUT", "/process-instance/suspended", json={"suspended": True, **body}, status=400)
    admin.call("PUT", "/process-instance/nobody/suspended", json={"suspended": True}, status=404)


@pytest.mark.parametrize("path", ["/{id}/suspended", "/key/p/suspended", "/suspended", "/suspended?by=key"])
def test_a_definition_is_suspended_with_or_without_its_instances(path: str, admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    instance = admin.start()
    (definition,) = admin.get("/process-definition")
    address = f"/process-definition{path.format(id=definition['id'])}"
    which: dict[str, str] = {}
    if path.startswith("/suspended"):
        which = {"processDefinitionKey": "p"} if "by" in path else {"processDefinitionId": definition["id"]}
    admin.put(address, {"suspended": True, **which})
    assert admin.get("/process-definition", suspended="true")[0]["id"] == definition["id"]
    assert admin.get(f"/process-instance/{instance}")["suspended"] is False
    admin.call("POST", "/process-definition/key/p/start", json={}, status=500)
    admin.put(address, {"suspended": True, "includeProcessInstances": True, **which})
    assert admin.get(f"/process-instance/{instance}")["suspended"] is True
    admin.put(address, {"suspended": False, "includeProcessInstances": True, **which})
    assert admin.get(f"/process-instance/{instance}")["suspended"] is False


def test_a_definition_is_suspended_later_by_a_job_that_shows(admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    admin.put("/process-definition/key/p/suspended", {"suspended": True, "executionDate": SOON})
    (job,) = admin.get("/job")
    assert (job["dueDate"], job["processInstanceId"], job["executionId"]) == (SOON, None, None)
    admin.put("/test-clock", {"advance": "P7D"}, at=OWN)
    assert admin.get("/job") == []
    admin.call("POST", "/process-definition/key/p/start", json={}, status=500)
    for body in ({}, {"processDefinitionId": "a", "processDefinitionKey": "b"}):
        admin.call("PUT", "/process-definition/suspended", json={"suspended": True, **body}, status=400)
    admin.call("PUT", "/process-definition/key/nothing/suspended", json={"suspended": True}, status=404)


def test_jobs_are_suspended_prioritised_and_deleted(admin: Client) -> None:
    admin.deploy(models.TIMER)
    instance, other = admin.start("timer"), admin.start("timer")
    (job,) = admin.get("/job", processInstanceId=instance)
    admin.put(f"/job/{job['id']}/suspended", {"suspended": True})
    assert ids(admin.get("/job", suspended="true")) == [job["id"]]
    refused = admin.call("POST", f"/job/{job['id']}/execute", json={}, status=500).json
    assert refused["type"] == "SuspendedEntityInteractionException"
    admin.put(f"/job/{job['id']}/suspended", {"suspended": False})
    admin.put("/job/suspended", {"suspended": True, "processInstanceId": other})
    assert [each["processInstanceId"] for each in admin.get("/job", suspended="true")] == [other]
    admin.put("/job/suspended", {"suspended": True, "processDefinitionKey": "timer"})
    assert admin.count("/job", suspended="true") == 2
    admin.put("/job/suspended", {"suspended": False, "processDefinitionId": job["processDefinitionId"]})
    assert admin.count("/job", active="true") == 2
    admin.call("PUT", "/job/suspended", json={"suspended": True}, status=400)
    admin.put(f"/job/{job['id']}/priority", {"priority": 42})
    assert ids(admin.get("/job", priorityHigherThanOrEquals="42")) == [job["id"]]
    assert admin.count("/job", priorityLowerThanOrEquals="41") == 1
    assert ids(admin.get("/job", executionId=job["executionId"])) == [job["id"]]
    assert admin.get("/job", executionId="nobody") == []
    admin.call("PUT", f"/job/{job['id']}/priority", json={}, status=400)
    admin.delete(f"/job/{job['id']}")
    admin.delete(f"/job/{job['id']}", status=404)
    admin.put("/test-clock", {"advance": "PT2H"}, at=OWN)
    assert [each["processInstanceId"] for each in admin.get("/task")] == [other]


def test_an_incident_is_resolved_by_new_retries_and_not_by_itself(admin: Client) -> None:
    admin.deploy(models.FAILING)
    admin.start("failing")
    for _ in range(3):
        admin.put("/test-clock", {"advance": "P1D"}, at=OWN)
    (incident,) = admin.get("/incident")
    refused = admin.call("DELETE", f"/incident/{incident['id']}", status=400).json
    assert "Cannot resolve an incident of type failedJob" in refused["message"]
    assert [each["id"] for each in admin.get("/job", failedActivityId="broken")] == [incident["configuration"]]
    assert admin.get("/job", failedActivityId="other") == []
    admin.delete("/incident/nothing", status=404)


# ---------------------------------------------------------------- migration


NEWER = bpmn(START + user_task("first") + user_task("last") + END + flow("start", "first", "last", "end"))


def two_versions(admin: Client) -> tuple[str, str, str]:
    """An instance on the first of two versions, and both their ids."""
    admin.deploy(models.TWO_TASKS)
    instance = admin.start()
    admin.deploy(NEWER)
    source, target = admin.get("/process-definition", key="p", sortBy="version", sortOrder="asc")
    return instance, source["id"], target["id"]


def test_an_instance_is_moved_by_a_generated_plan(admin: Client) -> None:
    instance, source, target = two_versions(admin)
    plan = admin.post("/migration/generate", {
        "sourceProcessDefinitionId": source, "targetProcessDefinitionId": target, "updateEventTriggers": True,
    })  # fmt: skip
    assert plan == {
        "sourceProcessDefinitionId": source,
        "targetProcessDefinitionId": target,
        "instructions": [{"sourceActivityIds": ["first"], "targetActivityIds": ["first"], "updateEventTrigger": False}],
        "variables": None,
    }
    assert admin.post("/migration/validate", plan) == {"instructionReports": [], "variableReports": {}}
    plan["variables"] = {"moved": {"value": True, "type": "Boolean"}}
    admin.post(
        "/migration/execute",
        {"migrationPlan": plan, "processInstanceQuery": {"processDefinitionId": source}, "skipIoMappings": True},
        status=204,
    )
    assert admin.get(f"/process-instance/{instance}")["definitionId"] == target
    assert admin.get(f"/process-instance/{instance}/variables/moved")["value"] is True
    admin.post(f"/task/{admin.task('first')['id']}/complete", status=204)
    assert admin.open_tasks() == ["last"]


def test_what_is_wrong_with_a_plan_is_reported_and_refused(admin: Client) -> None:
    instance, source, target = two_versions(admin)
    wrong = {"sourceActivityIds": ["first"], "targetActivityIds": ["nowhere"], "updateEventTrigger": None}
    plan = {"sourceProcessDefinitionId": source, "targetProcessDefinitionId": target, "instructions": [wrong]}
    said = {**wrong, "updateEventTrigger": False}
    reports = [{"instruction": said, "failures": ["Target activity 'nowhere' does not exist"]}]
    assert admin.post("/migration/validate", plan)["instructionReports"] == reports
    body = {"migrationPlan": plan, "processInstanceIds": [instance]}
    refused = admin.call("POST", "/migration/execute", json=body, status=400).json
    assert refused["type"] == "MigrationPlanValidationException"
    assert refused["validationReport"] == {"instructionReports": reports}
    assert admin.get(f"/process-instance/{instance}")["definitionId"] == source


def test_what_of_an_instance_cannot_move_is_reported_by_activity(admin: Client) -> None:
    admin.deploy(models.ASYNCHRONOUS)
    waiting = admin.start("async")
    instance, source, target = two_versions(admin)
    plan: dict[str, Any] = {"sourceProcessDefinitionId": source, "targetProcessDefinitionId": target}
    body = {"migrationPlan": plan, "processInstanceIds": [instance]}
    refused = admin.call("POST", "/migration/execute", json=body, status=400).json
    assert refused["type"] == "MigratingProcessInstanceValidationException"
    tree = admin.get(f"/process-instance/{instance}/activity-instances")
    reason = "There is no migration instruction for this instance's activity"
    (child,) = tree["childActivityInstances"]
    assert refused["validationReport"] == {
        "processInstanceId": instance,
        "failures": [],
        "activityInstanceValidationReports": [
            {"activityInstanceId": child["id"], "sourceScopeId": "first", "failures": [reason]}
        ],
        "transitionInstanceValidationReports": [],
    }
    plan["sourceProcessDefinitionId"] = admin.get(f"/process-instance/{waiting}")["definitionId"]
    refused = admin.call("POST", "/migration/execute", json={**body, "processInstanceIds": [waiting]}, status=400).json
    (report,) = refused["validationReport"]["transitionInstanceValidationReports"]
    assert (report["sourceScopeId"], report["failures"]) == ("later", [reason])


@pytest.mark.parametrize("body", [
    {}, {"migrationPlan": {}}, {"migrationPlan": {"sourceProcessDefinitionId": None}, "processInstanceIds": ["x"]},
    {"migrationPlan": {"instructions": [{"sourceActivityIds": ["a", "b"], "targetActivityIds": ["c"]}]}},
])  # fmt: skip
def test_a_migration_that_says_too_little_is_refused(body: dict[str, Any], admin: Client) -> None:
    assert admin.call("POST", "/migration/execute", json=body, status=400).json["type"] == "InvalidRequestException"
    admin.call("POST", "/migration/generate", json=body, status=400)


def test_who_owns_no_process_suspends_and_moves_nothing(admin: Client, somebody: Callable[[str], Client]) -> None:
    instance, source, target = two_versions(admin)
    manager = somebody("maria")
    manager.call("PUT", "/process-definition/key/p/suspended", json={"suspended": True}, status=403)
    manager.call("PUT", f"/process-instance/{instance}/suspended", json={"suspended": True}, status=404)
    plan = {"sourceProcessDefinitionId": source, "targetProcessDefinitionId": target}
    body = {"migrationPlan": plan, "processInstanceIds": [instance]}
    manager.call("POST", "/migration/execute", json=body, status=403)
