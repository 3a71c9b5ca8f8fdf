"""The rules of the wire everywhere: content types, dates, keys, paging, sorting, filters, what is passed over."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.dto import read_moment, write_moment
from engine import TestClock
from tests.rest import models
from tests.rest.client import Client

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")


@pytest.fixture
def running(admin: Client) -> str:
    """An instance that waits at its first task."""
    admin.deploy(models.TWO_TASKS)
    return admin.start(variables={"name": "Ada", "level": 3, "the_team": "north"}, businessKey="B-1")


def test_answers_are_plain_application_json(admin: Client, running: str) -> None:
    for path in ("/task", "/task/count", "/version", f"/process-instance/{running}", "/task/none"):
        assert admin.call("GET", path).headers["Content-Type"] == "application/json"


def test_204_has_no_body(admin: Client, running: str) -> None:
    answer = admin.call("POST", f"/task/{admin.task('first')['id']}/complete", json={}, status=204)
    assert answer.data == b""
    assert "Content-Type" not in answer.headers


def test_dates_have_milliseconds_and_an_offset_without_colon(admin: Client, running: str) -> None:
    created = admin.task("first")["created"]
    assert created == "2027-03-01T09:00:00.000+0000"
    assert DATE.fullmatch(admin.get("/deployment")[0]["deploymentTime"])


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-01T09:00:00.000+0000",
        "2027-03-01T09:00:00.000 0000",
        "2027-03-01T10:00:00.000+0100",
        "2027-03-01T09:00:00Z",
        "2027-03-01T09:00:00+00:00",
        "2027-03-01T09:00:00",
    ],
)
def test_dates_are_read_as_clients_send_them(text: str) -> None:
    assert read_moment(text) == datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def test_a_date_is_written_in_utc() -> None:
    assert write_moment(datetime(2027, 3, 1, 9, 0, 0, 123_999, tzinfo=UTC)) == "2027-03-01T09:00:00.123+0000"


@pytest.mark.parametrize("text", ["tomorrow", "9999-12-31T23:59:59.999-1400", "0001-01-01T00:00:00.000+1400"])
def test_no_date_is_told_how_to_write_one(admin: Client, text: str) -> None:
    answer = admin.call("GET", "/task", query_string={"dueBefore": text}, status=400)
    assert answer.json["type"] == "InvalidRequestException"
    assert "2026-01-01T10:00:00.000+0000" in answer.json["message"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"duedate": "\\ud800"}', "half of a character"),
        ('{"duedate": ' + "[" * 100_000, "nested too deep"),
        ('["duedate"]', "no JSON object"),
        ('{"duedate"', "no JSON object"),
    ],
)
def test_a_body_that_is_none_is_refused_in_words(admin: Client, body: str, told: str) -> None:
    answer = admin.call("PUT", "/job/none/duedate", data=body, content_type="application/json", status=400)
    assert answer.json["type"] == "InvalidRequestException"
    assert told in answer.json["message"]


def test_a_whole_character_may_be_written_in_two_halves(admin: Client, running: str) -> None:
    body = '{"value": "\\ud83d\\ude00"}'
    path = f"/process-instance/{running}/variables/smile"
    admin.call("PUT", path, data=body, content_type="application/json", status=204)
    assert admin.get(path)["value"] == "😀"


def test_all_keys_that_strict_clients_index_are_there(admin: Client, running: str, clock: TestClock) -> None:
    expected = {
        "/process-definition": "id key category description name version resource deploymentId diagram suspended "
        "tenantId versionTag historyTimeToLive startableInTasklist",
        "/deployment": "deploymentTime id name source tenantId links",
        "/process-instance": "id definitionId businessKey caseInstanceId tenantId suspended links ended definitionKey",
        "/execution": "id processInstanceId ended tenantId",
        "/task": "created due followUp assignee caseDefinitionId caseExecutionId caseInstanceId delegationState "
        "description executionId formKey id name owner parentTaskId priority processDefinitionId processInstanceId "
        "suspended taskDefinitionKey tenantId lastUpdated camundaFormRef taskState",
        "/variable-instance": "id name value type valueInfo processInstanceId executionId caseInstanceId "
        "caseExecutionId taskId activityInstanceId tenantId errorMessage",
        "/history/process-instance": "id businessKey processDefinitionId processDefinitionKey processDefinitionName "
        "processDefinitionVersion startTime endTime removalTime durationInMillis startUserId startActivityId "
        "deleteReason rootProcessInstanceId superProcessInstanceId superCaseInstanceId caseInstanceId tenantId state "
        "restartedProcessInstanceId",
        "/history/activity-instance": "id parentActivityInstanceId activityId activityName activityType "
        "processDefinitionKey processDefinitionId processInstanceId executionId taskId calledProcessInstanceId "
        "calledCaseInstanceId assignee startTime endTime durationInMillis canceled completeScope tenantId removalTime "
        "rootProcessInstanceId",
        "/history/task": "id name description deleteReason owner assignee startTime endTime duration "
        "taskDefinitionKey priority due parentTaskId followUp tenantId removalTime rootProcessInstanceId taskState",
        "/user": "id firstName lastName email",
        "/group": "id name type",
    }
    for path, keys in expected.items():
        found = admin.get(path)[0]
        assert set(keys.split()) - set(found) == set(), path


def test_junk_is_passed_over(admin: Client, running: str) -> None:
    """pycamunda sends a body with every GET; workers send null for what they leave out."""
    assert admin.call("GET", "/task", json={}).json
    assert admin.call("GET", "/task", data=b"not json", content_type="application/json").json
    body = {"variables": None, "unknown": [1], "withVariablesInReturn": False}
    admin.post(f"/task/{admin.task('first')['id']}/complete", body, status=204)
    assert admin.get("/task", unheardOf="x", ver=1)


def test_paging_cuts_and_zero_results_are_legal(admin: Client) -> None:
    admin.deploy(models.parallel_tasks(5))
    admin.start()
    assert admin.get("/deployment", maxResults=0) == []
    assert admin.get("/task", maxResults=0) == []
    by_name = {"sortBy": "name", "sortOrder": "asc"}
    assert [t["name"] for t in admin.get("/task", firstResult=1, maxResults=2, **by_name)] == ["T1", "T2"]
    assert [t["name"] for t in admin.get("/task", firstResult=3, **by_name)] == ["T3", "T4"]
    posted = admin.post("/task", {"sorting": [{"sortBy": "name", "sortOrder": "desc"}]}, firstResult=0, maxResults=1)
    assert [t["name"] for t in posted] == ["T4"]
    assert admin.post("/task/count", {"nameLike": "T%"}) == {"count": 5}
    admin.call("GET", "/task", query_string={"maxResults": -1}, status=400)
    admin.call("GET", "/task", query_string={"firstResult": "x"}, status=400)


def test_sorting_needs_both_halves_and_a_known_name(admin: Client) -> None:
    for path in ("/task", "/process-instance", "/deployment", "/job", "/history/process-instance", "/user"):
        half = admin.call("GET", path, query_string={"sortBy": "id"}, status=400)
        assert half.json["type"] == "InvalidRequestException"
        assert half.json["message"] == ("Only a single sorting parameter specified. sortBy and sortOrder required")
        admin.call("GET", path, query_string={"sortOrder": "asc"}, status=400)
        admin.call("GET", path, query_string={"sortBy": "shoe", "sortOrder": "asc"}, status=400)
    admin.call("GET", "/task", query_string={"sortBy": "name", "sortOrder": "up"}, status=400)


def test_booleans_filter_only_when_true(admin: Client, running: str) -> None:
    for flag in ("active", "unassigned"):
        assert admin.count("/task", **{flag: "true"}) == 1
        assert admin.count("/task", **{flag: "false"}) == 1
    assert admin.count("/task", assigned="true") == 0
    assert admin.count("/task", assigned="false") == 1
    assert admin.count("/process-instance", suspended="true") == 0
    assert admin.count("/process-instance", suspended="false") == 1


def test_like_filters_use_percent_and_lists_use_commas(admin: Client, running: str) -> None:
    assert admin.count("/process-instance", businessKeyLike="B-%") == 1
    assert admin.count("/process-instance", businessKeyLike="B") == 0
    assert admin.count("/process-instance", processInstanceIds=f"{running},other") == 1
    assert admin.count("/process-definition", keysIn="p,q") == 1
    assert admin.count("/process-definition", keyLike="%p%", ver=1) == 1
    assert admin.count("/process-definition", latest="true", version=2) == 0


@pytest.mark.parametrize(
    ("expression", "number"),
    [
        ("name_eq_Ada", 1),
        ("name_gteq_Ada", 1),
        ("name_gt_Ada", 0),
        ("name_lt_Bo", 1),
        ("name_like_A%", 1),
        ("name_notLike_A%", 0),
        ("name_neq_Bo", 1),
        ("level_eq_3", 0),
        ("the_team_eq_north", 1),
        ("the_team_eq_north,name_eq_Ada", 1),
        ("the_team_eq_north,name_eq_Bo", 0),
    ],
)
def test_variables_filter_by_operator_and_as_texts(admin: Client, running: str, expression: str, number: int) -> None:
    assert admin.count("/process-instance", variables=expression) == number
    assert admin.count("/task", processVariables=expression) == number
    assert admin.count("/history/process-instance", variables=expression) == number


def test_variable_filters_can_be_posted_with_typed_values(admin: Client, running: str) -> None:
    def matching(value: Any, operator: str = "eq") -> int:
        body = {"variables": [{"name": "level", "operator": operator, "value": value}]}
        return int(admin.post("/process-instance/count", body)["count"])

    assert matching(3) == 1
    assert matching(3.0) == 1
    assert matching(4) == 0
    assert matching(2, "gt") == 1
    answer = admin.call("POST", "/process-instance", json={"variables": [{"name": "a", "operator": "~", "value": 1}]})
    assert answer.status_code == 400
    admin.call("GET", "/process-instance", query_string={"variables": "nonsense"}, status=400)


def test_time_filters_compare_moments(admin: Client, running: str, clock: TestClock) -> None:
    before, after = (clock.now() - timedelta(hours=1)).isoformat(), (clock.now() + timedelta(hours=1)).isoformat()
    assert admin.count("/task", createdAfter=before) == 1
    assert admin.count("/task", createdBefore=before) == 0
    assert admin.count("/history/process-instance", startedBefore=after, startedAfter=before) == 1
