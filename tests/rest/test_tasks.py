"""User tasks: found, claimed, handed over, filled in, completed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from engine import ProcessEngine
from tests.rest import models
from tests.rest.client import Client, untyped, values_of


@pytest.fixture
def task(admin: Client) -> str:
    """The first of two tasks; hr is its candidate."""
    admin.deploy(models.TWO_TASKS)
    admin.start(variables={"a": 1}, businessKey="B-1")
    return str(admin.task("first")["id"])


def test_a_task_goes_from_hand_to_hand(admin: Client, task: str) -> None:
    admin.post(f"/task/{task}/claim", {"userId": "hanna"}, status=204)
    assert admin.get(f"/task/{task}")["assignee"] == "hanna"
    assert admin.count("/task", assignee="hanna", assigned="true") == 1
    assert admin.count("/task", candidateGroup="hr") == 0
    assert admin.count("/task", candidateGroup="hr", includeAssignedTasks="true") == 1
    admin.post(f"/task/{task}/assignee", {"userId": "petra"}, status=204)
    assert admin.count("/task", assigneeIn="hanna,petra", assigneeLike="pe%") == 1
    admin.post(f"/task/{task}/unclaim", status=204)
    assert admin.get(f"/task/{task}")["assignee"] is None
    assert admin.count("/task", candidateGroups="it,hr", unassigned="true") == 1


def test_a_member_of_the_department_completes_it_and_the_next_one_sees_the_next(
    admin: Client, somebody: Callable[[str], Client], task: str
) -> None:
    hanna, isak = somebody("hanna"), somebody("isak")
    assert [t["id"] for t in hanna.get("/task")] == [task]
    assert isak.get("/task") == []
    isak.call("POST", f"/task/{task}/complete", json={}, status=404)
    hanna.post(f"/task/{task}/claim", {"userId": "hanna"}, status=204)
    hanna.post(f"/task/{task}/complete", {"variables": untyped({"b": 2})}, status=204)
    hanna.call("GET", f"/task/{task}", status=404)
    assert [t["taskDefinitionKey"] for t in isak.get("/task")] == ["second"]
    answer = isak.post(f"/task/{isak.task('second')['id']}/complete", {"withVariablesInReturn": False}, status=204)
    assert answer is None
    past = {t["taskDefinitionKey"]: t for t in admin.get("/history/task", finished="true")}
    assert [past[key]["assignee"] for key in ("first", "second")] == ["hanna", "isak"]
    assert admin.count("/process-instance") == 0


def test_completing_can_return_the_variables(admin: Client, task: str) -> None:
    body = {"variables": untyped({"b": "x"}), "withVariablesInReturn": True}
    assert values_of(admin.post(f"/task/{task}/complete", body)) == {"a": 1, "b": "x"}


def test_completing_twice_is_told_as_not_found(admin: Client, task: str) -> None:
    admin.post(f"/task/{task}/complete", status=204)
    admin.call("POST", f"/task/{task}/complete", json={}, status=404)


def test_tasks_are_found_by_what_they_are(admin: Client, task: str) -> None:
    found = admin.get(f"/task/{task}")
    matching = {
        "taskId": task,
        "processInstanceId": found["processInstanceId"],
        "processInstanceBusinessKey": "B-1",
        "processInstanceBusinessKeyLike": "B%",
        "processDefinitionKey": "p",
        "processDefinitionKeyIn": "p,q",
        "taskDefinitionKeyIn": "first,second",
        "taskDefinitionKeyLike": "fi%",
        "name": "First",
        "priority": 50,
        "minPriority": 50,
        "withCandidateGroups": "true",
        "candidateGroup": "hr",
    }
    for name, value in matching.items():
        assert [t["id"] for t in admin.get("/task", **{name: value})] == [task], name
    for name, value in {"name": "Other", "maxPriority": 49, "candidateUser": "isak", "owner": "x", "involvedUser": "x",
                        "delegationState": "PENDING", "dueBefore": "2030-01-01T00:00:00Z"}.items():  # fmt: skip
        assert admin.get("/task", **{name: value}) == [], name
    assert admin.post("/task", {"candidateGroups": ["hr"], "sorting": None})[0]["id"] == task


def test_variables_of_a_task_shadow_those_of_its_instance(admin: Client, task: str) -> None:
    instance = admin.get(f"/task/{task}")["processInstanceId"]
    admin.put(f"/task/{task}/localVariables/a", {"value": 9})
    assert admin.get(f"/task/{task}/variables/a")["value"] == 9
    assert admin.get(f"/task/{task}/localVariables/a")["value"] == 9
    assert admin.get(f"/process-instance/{instance}/variables/a")["value"] == 1
    assert admin.count("/task", taskVariables="none_eq_1") == 0
    admin.post(f"/task/{task}/localVariables", {"modifications": untyped({"l": 1}), "deletions": ["a"]}, status=204)
    assert values_of(admin.get(f"/task/{task}/localVariables")) == {"l": 1}
    admin.post(f"/task/{task}/variables", {"modifications": untyped({"g": 2})}, status=204)
    admin.put(f"/task/{task}/variables/h", {"value": "x"})
    assert values_of(admin.get(f"/process-instance/{instance}/variables")) == {"a": 1, "g": 2, "h": "x"}
    admin.delete(f"/task/{task}/variables/g")
    admin.delete(f"/task/{task}/localVariables/l")
    assert values_of(admin.get(f"/task/{task}/variables")) == {"a": 1, "h": "x"}
    admin.call("GET", f"/task/{task}/variables/g", status=404)


def test_a_task_is_delegated_and_resolved(admin: Client, task: str) -> None:
    admin.post(f"/task/{task}/claim", {"userId": "hanna"}, status=204)
    admin.post(f"/task/{task}/delegate", {"userId": "isak"}, status=204)
    found = admin.get(f"/task/{task}")
    assert (found["owner"], found["assignee"], found["delegationState"]) == ("hanna", "isak", "PENDING")
    assert [each["id"] for each in admin.get("/task", delegationState="PENDING", owner="hanna")] == [task]
    admin.post(f"/task/{task}/resolve", {"variables": untyped({"done": True})}, status=204)
    found = admin.get(f"/task/{task}")
    assert (found["owner"], found["assignee"], found["delegationState"]) == ("hanna", "hanna", "RESOLVED")
    assert values_of(admin.get(f"/task/{task}/variables"))["done"] is True
    admin.post(f"/task/{task}/delegate", {}, status=400)


def test_candidates_are_added_and_removed(admin: Client, somebody: Callable[[str], Client], task: str) -> None:
    path = f"/task/{task}/identity-links"
    assert admin.get(path) == [{"userId": None, "groupId": "hr", "type": "candidate"}]
    admin.post(path, {"userId": "isak", "type": "candidate"}, status=204)
    admin.post(path, {"groupId": "facilities", "type": "candidate"}, status=204)
    assert len(somebody("isak").get("/task")) == len(somebody("fatima").get("/task")) == 1
    admin.post(f"{path}/delete", {"userId": "isak", "type": "candidate"}, status=204)
    admin.post(f"{path}/delete", {"groupId": "hr", "type": "candidate"}, status=204)
    assert admin.get(path) == [{"userId": None, "groupId": "facilities", "type": "candidate"}]
    admin.post(path, {"userId": "hanna", "type": "owner"}, status=204)
    assert admin.get(f"/task/{task}")["owner"] == "hanna"
    admin.post(path, {"type": "candidate"}, status=400)


def test_comments_stay_with_the_task(admin: Client, task: str) -> None:
    made = admin.post(f"/task/{task}/comment/create", {"message": "Waiting for the key."})
    assert made["userId"] == "admin"
    assert admin.get(f"/task/{task}/comment") == [made]
    assert admin.get(f"/task/{task}/comment/{made['id']}") == made
    assert set(made) >= {"time", "removalTime", "id", "userId", "taskId", "message", "rootProcessInstanceId"}
    admin.call("GET", f"/task/{task}/comment/none", status=404)
    admin.post(f"/task/{task}/comment/create", {"message": "  "}, status=400)
    admin.post(f"/task/{task}/comment/create", {}, status=400)


def test_a_form_is_shown_and_every_field_is_checked(admin: Client) -> None:
    admin.deploy(models.FORM)
    admin.start("leave", {"reason": "holiday"})
    task = admin.task("decide")["id"]
    assert admin.get(f"/task/{task}/form") == {"key": "app:decide.html", "camundaFormRef": None, "contextPath": None}
    values = admin.get(f"/task/{task}/form-variables", variableNames="reason,days", deserializeValues="false")
    assert values["reason"]["value"] == "holiday"
    assert set(values) <= {"reason", "days"}
    for wrong in ({}, {"days": "many"}, {"days": 0}):
        refused = admin.call("POST", f"/task/{task}/submit-form", json={"variables": untyped(wrong)}, status=400)
        assert "days" in refused.json["message"]
    admin.post(f"/task/{task}/submit-form", {"variables": untyped({"days": 5})}, status=204)
    assert admin.count("/process-instance") == 0


@pytest.mark.parametrize("length", [1, 40])
def test_a_task_list_is_two_queries_whatever_its_length(
    engine: ProcessEngine, admin: Client, somebody: Callable[[str], Client], length: int
) -> None:
    admin.deploy(models.TWO_TASKS)
    for _ in range(length):
        admin.start()
    hanna = somebody("hanna")
    statements: list[str] = []

    def count(*told: Any) -> None:
        statements.append(told[2])

    event.listen(engine.database.engine, "before_cursor_execute", count)
    assert len(hanna.get("/task")) == length
    event.remove(engine.database.engine, "before_cursor_execute", count)
    assert len([each for each in statements if not each.startswith("BEGIN")]) == 2
