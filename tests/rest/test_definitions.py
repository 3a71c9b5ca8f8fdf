"""Deployments and process definitions."""

from __future__ import annotations

import pytest

from tests.engine.play import END, START, bpmn, flow, user_task
from tests.rest import models
from tests.rest.client import Client, untyped


def test_camunda_modeler_deploys_and_starts(admin: Client) -> None:
    """The calls of Camunda Modeler, in its order."""
    assert admin.get("/deployment", maxResults=0) == []
    assert admin.get("/version")["version"].startswith("7.")
    deployed = admin.deploy(models.TWO_TASKS, enable_duplicate_filtering="true")
    definition = next(iter(deployed["deployedProcessDefinitions"].values()))
    assert definition["key"] == "p"
    assert definition["id"].startswith("p:1:")
    assert set(deployed) >= {"links", "id", "name", "source", "deploymentTime", "tenantId", "deployedCaseDefinitions",
                             "deployedDecisionDefinitions", "deployedDecisionRequirementsDefinitions"}  # fmt: skip
    again = admin.deploy(models.TWO_TASKS, enable_duplicate_filtering="true")
    assert again["id"] == deployed["id"]
    assert again["deployedProcessDefinitions"] is None
    body = {"businessKey": None, "variables": None}
    assert admin.post(f"/process-definition/{definition['id']}/start", body)["id"]


def test_a_changed_file_is_a_new_version_and_pycamundas_spelling_counts(admin: Client) -> None:
    admin.deploy(models.TWO_TASKS, enable_duplicate_filtering="True", deploy_changed_only="False")
    changed = bpmn(START + user_task("only") + END + flow("start", "only", "end"))
    deployed = admin.deploy(changed, enable_duplicate_filtering="True", deploy_changed_only="False")
    (definition,) = deployed["deployedProcessDefinitions"].values()
    assert definition["version"] == 2
    assert admin.get("/process-definition/key/p")["version"] == 2
    assert [d["version"] for d in admin.get("/process-definition", latestVersion="true")] == [2]
    assert admin.count("/process-definition", key="p") == 2
    newest_first = admin.get("/process-definition", key="p", sortBy="version", sortOrder="desc", maxResults=1)
    assert [d["version"] for d in newest_first] == [2]


def test_models_that_are_not_executable_are_stored_and_skipped(admin: Client) -> None:
    drawn = models.TWO_TASKS.replace(b'isExecutable="true"', b'isExecutable="false"')
    deployed = admin.deploy(drawn)
    assert deployed["deployedProcessDefinitions"] is None
    assert admin.count("/process-definition") == 0
    assert admin.count("/deployment") == 1


def test_the_files_of_a_deployment_come_back_byte_for_byte(admin: Client) -> None:
    answer = admin.upload(("flow.bpmn", models.TWO_TASKS), ("notes.txt", b"remember the milk"))
    deployment = answer.json["id"]
    resources = admin.get(f"/deployment/{deployment}/resources")
    assert [each["name"] for each in resources] == ["flow.bpmn", "notes.txt"]
    one = admin.get(f"/deployment/{deployment}/resources/{resources[1]['id']}")
    assert one == {"id": resources[1]["id"], "name": "notes.txt", "deploymentId": deployment}
    data = admin.call("GET", f"/deployment/{deployment}/resources/{resources[1]['id']}/data", status=200)
    assert data.data == b"remember the milk"
    assert data.headers["Content-Disposition"].startswith("attachment")
    admin.call("GET", f"/deployment/{deployment}/resources/none", status=404)


def test_a_file_name_with_folders_is_only_its_last_part(admin: Client) -> None:
    answer = admin.upload(("../../etc/flow.bpmn", models.TWO_TASKS))
    assert [each["name"] for each in admin.get(f"/deployment/{answer.json['id']}/resources")] == ["flow.bpmn"]


@pytest.mark.parametrize(
    ("name", "saved_as"),
    [
        ("flow.png", "attachment; filename=flow.png"),
        ("flöde.png", "attachment; filename=fl_de.png; filename*=UTF-8''fl%C3%B6de.png"),
        ("流程.png", "attachment; filename=__.png; filename*=UTF-8''%E6%B5%81%E7%A8%8B.png"),
        ("a\u202egnp.exe", "attachment; filename=agnp.exe"),
        ("a\0b.png", "attachment; filename=ab.png"),
        ("x" * 300 + ".png", "attachment; filename=" + "x" * 196 + ".png"),
    ],
)
def test_a_file_is_saved_under_a_name_that_every_header_can_hold(admin: Client, name: str, saved_as: str) -> None:
    """The server refused the headers of our answer for a name beyond Latin-1, and the file could not be had."""
    deployed = admin.upload((name, b"picture"), ("flow2.bpmn", models.TWO_TASKS)).json["id"]
    files = {each["name"]: each["id"] for each in admin.get(f"/deployment/{deployed}/resources")}
    answer = admin.call("GET", f"/deployment/{deployed}/resources/{files[name]}/data", status=200)
    assert answer.headers["Content-Disposition"] == saved_as
    assert answer.data == b"picture"
    for value in answer.headers.values():
        value.encode("latin-1")


def test_a_deployment_is_found_and_removed(admin: Client) -> None:
    deployment = admin.deploy(models.TWO_TASKS)["id"]
    assert admin.get(f"/deployment/{deployment}")["source"] == "Camunda Modeler"
    assert admin.count("/deployment", nameLike="te%", source="Camunda Modeler") == 1
    assert admin.count("/deployment", name="other") == 0
    instance = admin.start()
    refused = admin.call("DELETE", f"/deployment/{deployment}")
    assert refused.status_code in (400, 500)
    admin.delete(f"/deployment/{deployment}", cascade="true")
    admin.call("GET", f"/process-instance/{instance}", status=404)
    admin.call("GET", f"/deployment/{deployment}", status=404)
    assert admin.count("/history/process-instance") == 0


def test_a_definition_shows_its_xml_diagram_and_start_form(admin: Client) -> None:
    admin.deploy(models.FORM)
    definition = admin.get("/process-definition/key/leave")
    for path in (definition["id"], "key/leave"):
        found = admin.get(f"/process-definition/{path}/xml")
        assert found["id"] == definition["id"]
        assert found["bpmn20Xml"] == models.FORM.decode()
        admin.call("GET", f"/process-definition/{path}/diagram", status=204)
        form = admin.get(f"/process-definition/{path}/startForm")
        assert form["key"] == "app:ask.html"
        fields = admin.get(f"/process-definition/{path}/form-variables")
        assert fields["reason"]["value"] == "none given"


def test_a_start_form_is_checked_field_by_field(admin: Client) -> None:
    admin.deploy(models.FORM)
    definition = admin.get("/process-definition/key/leave")["id"]
    for path in (definition, "key/leave"):
        refused = admin.call(
            "POST", f"/process-definition/{path}/submit-form", json={"variables": untyped({"reason": ""})}
        )
        assert refused.status_code == 400
        assert "reason" in refused.json["message"]
        body = {"variables": untyped({"reason": "holiday"}), "businessKey": "B"}
        assert admin.post(f"/process-definition/{path}/submit-form", body)["businessKey"] == "B"


def test_starting_can_return_the_variables(admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    body = {"variables": {"a": {"value": "x", "type": "string"}}, "businessKey": "B", "withVariablesInReturn": True}
    started = admin.post("/process-definition/key/p/start", body)
    assert started["variables"] == {"a": {"value": "x", "type": "String", "valueInfo": {}}}
    assert started["businessKey"] == "B"
    assert started["ended"] is False
    assert started["links"][0]["rel"] == "self"


def test_a_process_without_waiting_is_over_at_once(admin: Client) -> None:
    admin.deploy(bpmn(START + END + flow("start", "end")))
    started = admin.post("/process-definition/key/p/start", {"withVariablesInReturn": True})
    assert started["ended"] is True
    assert admin.count("/process-instance") == 0


def test_an_instance_can_start_in_the_middle(admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    body = {"startInstructions": [{"type": "startBeforeActivity", "activityId": "second"}]}
    admin.post("/process-definition/key/p/start", body)
    assert admin.open_tasks() == ["second"]


def test_statistics_count_instances_and_tokens(admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    admin.start()
    admin.start()
    (per_definition,) = admin.get("/process-definition/statistics")
    assert per_definition["instances"] == 2
    assert per_definition["definition"]["key"] == "p"
    assert {"failedJobs", "incidents"} <= set(per_definition)
    for path in (per_definition["id"], "key/p"):
        tokens = admin.get(f"/process-definition/{path}/statistics")
        assert [(each["id"], each["instances"]) for each in tokens] == [("first", 2)]


@pytest.mark.parametrize("verb", ["start", "submit-form"])
def test_variables_that_do_not_fit_their_type_start_nothing(admin: Client, verb: str) -> None:
    admin.deploy(models.TWO_TASKS)
    for value, type_ in (("many", "Integer"), (2**40, "integer"), ("x", "Shoe"), ({"a": 1}, "Json"), ("=", "Bytes")):
        body = {"variables": {"level": {"value": value, "type": type_}}}
        refused = admin.call("POST", f"/process-definition/key/p/{verb}", json=body, status=400)
        assert "level" in refused.json["message"]
    assert admin.count("/process-instance") == 0


def test_an_executor_is_named_with_the_files(admin: Client) -> None:
    answer = admin.upload(("test.bpmn", models.TWO_TASKS), fields={"executor": "spiff"})
    assert answer.status_code == 200, answer.text
    admin.start()
    admin.post(f"/task/{admin.task('first')['id']}/complete", {}, status=204)
    assert admin.open_tasks() == ["second"]
    refused = admin.upload(("test.bpmn", models.TWO_TASKS), fields={"executor": "camunda"})
    assert refused.status_code == 400
    assert "there are native and spiff" in refused.json["message"]
