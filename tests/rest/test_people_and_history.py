"""History, people, groups, and what /api/v1 adds: services, journeys, notifications."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from api.demo import seed_flows
from engine import SYSTEM, ProcessEngine, create_user, get_user, notify, set_roles, update_user
from tests.rest import models
from tests.rest.client import Client, untyped

OWN = "/api/v1"


def test_history_tells_who_did_what_when(admin: Client, somebody: Callable[[str], Client]) -> None:
    admin.deploy(models.TWO_TASKS)
    instance = admin.start(businessKey="B")
    somebody("hanna").post(f"/task/{admin.task('first')['id']}/complete", status=204)
    admin.put("/test-clock", {"advance": "PT1H"}, at=OWN)
    somebody("isak").post(f"/task/{admin.task('second')['id']}/complete", status=204)
    past = admin.get(f"/history/process-instance/{instance}")
    assert (past["state"], past["startUserId"], past["businessKey"]) == ("COMPLETED", "admin", "B")
    assert (past["startActivityId"], past["durationInMillis"]) == ("start", 3_600_000)
    for query, number in (
        ({"finished": "true", "completed": "true"}, 1), ({"unfinished": "true"}, 0), ({"active": "true"}, 0),
        ({"processInstanceBusinessKeyIn": "A,B"}, 1), ({"executedActivityIdIn": "first"}, 1),
        ({"startedBy": "hanna"}, 0), ({"rootProcessInstances": "true"}, 1), ({"externallyTerminated": "true"}, 0),
    ):  # fmt: skip
        assert admin.count("/history/process-instance", **query) == number, query
        assert admin.post("/history/process-instance/count", query) == {"count": number}, query
    in_order = admin.get("/history/activity-instance", processInstanceId=instance, sortBy="occurrence", sortOrder="asc")
    assert [each["activityId"] for each in in_order] == ["start", "first", "second", "end"]
    assert all(each["endTime"] and each["canceled"] is False for each in in_order)
    assert admin.count("/history/activity-instance", activityType="userTask", finished="true") == 2
    for each in in_order:
        assert admin.get(f"/history/activity-instance/{each['id']}") == each
    admin.call("GET", f"/history/activity-instance/other:{in_order[0]['executionId']}", status=404)
    assert admin.post("/history/activity-instance", {"activityIdIn": ["end"]})[0]["activityType"] == "noneEndEvent"
    second = admin.get("/history/task", taskDefinitionKey="second")[0]
    assert (second["assignee"], second["duration"], second["deleteReason"]) == ("isak", 3_600_000, "completed")
    assert admin.post("/history/task/count", {"taskAssignee": "hanna"}) == {"count": 1}


def test_a_deleted_scope_leaves_the_running_variables_and_stays_in_history(admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    instance = admin.start(variables={"a": 1})
    task = admin.task("first")["id"]
    admin.put(f"/task/{task}/localVariables/b", {"value": 2})
    assert sorted(v["name"] for v in admin.get("/variable-instance")) == ["a", "b"]
    assert admin.count("/variable-instance", variableNameLike="a%") == 1
    admin.post(f"/task/{task}/complete", status=204)
    assert [v["name"] for v in admin.post("/variable-instance", {"processInstanceIdIn": [instance]})] == ["a"]
    assert admin.post("/variable-instance/count", {}) == {"count": 1}
    assert admin.post("/history/variable-instance/count", {"processInstanceId": instance}) == {"count": 2}
    inner = [v for v in admin.get("/history/variable-instance") if v["activityInstanceId"] != instance]
    assert [v["name"] for v in inner] == ["b"]


def test_people_come_and_go(admin: Client, somebody: Callable[[str], Client]) -> None:
    profile = {"id": "new.one", "firstName": "New", "lastName": "One", "email": "new@example.org"}
    admin.post("/user/create", {"profile": profile, "credentials": {"password": "Tango-4711"}}, status=204)
    assert admin.get("/user/new.one/profile") == profile
    assert admin.get("/user", id="new.one") == [profile]
    assert admin.call("POST", "/user/create", json={"profile": profile}).status_code in (400, 500)
    admin.put("/user/new.one/profile", {**profile, "firstName": "Newer"})
    admin.put("/group/it/members/new.one")
    assert [u["firstName"] for u in admin.get("/user", memberOfGroup="it", firstName="Newer")] == ["Newer"]
    assert admin.get("/group", member="new.one") == [{"id": "it", "name": "IT", "type": "WORKFLOW"}]
    groups = admin.get("/identity/groups", userId="new.one")
    assert groups["groups"] == [{"id": "it", "name": "IT"}]
    assert "isak" in [user["id"] for user in groups["groupUsers"]]
    admin.delete("/group/it/members/new.one")
    assert admin.count("/group", member="new.one") == 0
    admin.delete("/user/new.one")
    admin.call("GET", "/user/new.one/profile", status=404)
    hanna = somebody("hanna")
    hanna.call("POST", "/user/create", json={"profile": {"id": "x"}}, status=403)
    hanna.call("DELETE", "/user/admin", status=403)
    hanna.call("PUT", "/user/admin/credentials", json={"password": "mine"}, status=403)
    hanna.call("PUT", "/group/camunda-admin/members/hanna", status=403)


def test_people_and_groups_are_found_as_the_contract_says(admin: Client) -> None:
    for query, ids in (
        ({"firstNameLike": "Ha%"}, ["hanna"]), ({"lastNameLike": "%tröm"}, ["isak", "olle"]),
        ({"emailLike": "isak@%"}, ["isak"]), ({"email": "isak@example.org"}, ["isak"]),
        ({"idIn": "bo,dana"}, ["bo", "dana"]),
        ({"firstNameLike": "%", "sortBy": "lastName", "sortOrder": "asc", "maxResults": 1}, ["admin"]),
        ({"memberOfGroup": "hr", "sortBy": "userId", "sortOrder": "desc"}, ["olle", "hanna"]),
    ):  # fmt: skip
        assert [each["id"] for each in admin.get("/user", **query)] == ids, query
    assert [each["id"] for each in admin.get("/group", nameLike="Sec%")] == ["security"]
    assert admin.count("/group", nameLike="%owners", type="SYSTEM") == 1


def test_the_address_of_a_guest_is_for_administrators(
    admin: Client, engine: ProcessEngine, somebody: Callable[[str], Client]
) -> None:
    with engine.command(SYSTEM) as context:
        create_user(context, "guest-1", first_name="Astrid", email="astrid@private.example")
        set_roles(context, "guest-1", ["guest"])
    hanna = somebody("hanna")
    for who, address in ((admin, "astrid@private.example"), (hanna, None)):
        assert who.get("/user/guest-1/profile")["email"] == address
        assert [each["email"] for each in who.get("/user", firstName="Astrid")] == [address]
        for filters in ({"email": "astrid@private.example"}, {"emailLike": "%@private%"}):
            assert who.count("/user", **filters) == (who is admin), "nor is it guessed by asking"
    assert hanna.count("/user", emailLike="isak@%") == 1


def test_who_sends_their_own_password_along_must_know_it(admin: Client, somebody: Callable[[str], Client]) -> None:
    body = {"password": "new secret", "authenticatedUserPassword": "wrong"}
    admin.call("PUT", "/user/hanna/credentials", json=body, status=400)
    somebody("hanna").get("/task")
    admin.put("/user/hanna/credentials", {**body, "authenticatedUserPassword": "demo"})
    somebody("hanna").call("GET", "/task", status=401)
    assert admin.post("/identity/verify", {"username": "hanna", "password": "new secret"})["authenticated"] is True


def test_who_is_not_active_has_no_right_password(admin: Client, engine: ProcessEngine) -> None:
    with engine.command(SYSTEM) as context:
        update_user(context, replace(get_user(context, "hanna"), active=False))
    assert admin.post("/identity/verify", {"username": "hanna", "password": "demo"})["authenticated"] is False


def test_a_deployment_says_which_departments_have_nobody(admin: Client) -> None:
    deployed = admin.deploy(models.TWO_TASKS.replace(b'"hr"', b'"legal"'))
    ((warning,),) = deployed["warnings"].values()
    assert warning["mainElementId"] == "first"
    assert warning["line"] > 0
    assert "Nobody is in the department" in warning["message"]
    assert admin.get("/group/legal") == {"id": "legal", "name": "legal", "type": "WORKFLOW"}
    assert admin.deploy(models.TWO_TASKS)["warnings"] == {}
    checked = admin.call("POST", "/checks", at=OWN, data=models.TWO_TASKS.replace(b'"it"', b'"board"')).json
    assert (checked["deployable"], [each["rule"] for each in checked["problems"]]) == (True, ["unstaffed-department"])


def test_groups_come_and_go(admin: Client) -> None:
    admin.post("/group/create", {"id": "legal", "name": "Legal", "type": "WORKFLOW"}, status=204)
    admin.put("/group/legal", {"id": "legal", "name": "Law", "type": "WORKFLOW"})
    assert admin.get("/group/legal") == {"id": "legal", "name": "Law", "type": "WORKFLOW"}
    assert admin.count("/group", idIn="legal,it") == 2
    admin.delete("/group/legal")
    admin.call("GET", "/group/legal", status=404)


def test_options_are_real_answers_with_links(admin: Client) -> None:
    for noun in ("user", "user/x", "group", "group/x", "group/x/members", "tenant", "filter", "authorization"):
        answer = admin.call("OPTIONS", f"/{noun}", status=200)
        assert all(set(link) == {"method", "href", "rel"} for link in answer.json["links"])
        assert answer.json["links"]


def test_what_there_is_none_of_is_an_empty_list(admin: Client) -> None:
    for noun in ("tenant", "filter", "authorization", "batch", "job-definition"):
        assert admin.get(f"/{noun}") == []
    assert admin.get("/engine") == [{"name": "default"}]
    assert admin.get("/telemetry/configuration") == {"enableTelemetry": False}


def test_services_are_found_in_plain_words(admin: Client, somebody: Callable[[str], Client]) -> None:
    every = somebody("maria").get("/services", at=OWN)
    assert len(every) >= 3
    assert set(every[0]) == {"key", "title", "summary", "icon", "typicalWorkingDays", "goals", "mayStart"}
    english = {each["key"]: each["title"] for each in every}
    swedish = {each["key"]: each["title"] for each in admin.get("/services", at=OWN, language="sv")}
    assert english.keys() == swedish.keys()
    assert english != swedish
    found = admin.get("/services", at=OWN, q="laptop")
    assert found
    assert len(found) < len(every)


def test_a_journey_is_seen_by_whom_it_concerns(
    engine: ProcessEngine, admin: Client, somebody: Callable[[str], Client]
) -> None:
    seed_flows(engine)
    maria, petra = somebody("maria"), somebody("petra")
    key = maria.get("/services", at=OWN, q="equipment")[0]["key"]
    started = maria.post(f"/process-definition/key/{key}/start", {"variables": untyped({})})
    (mine,) = maria.get("/journeys", at=OWN, mine="true", open="true", service=key)
    assert mine["id"] == started["id"]
    assert mine["startedBy"] == "maria"
    assert mine["waitingFor"]
    whole = maria.get(f"/journeys/{started['id']}", at=OWN)
    assert whole["summary"] == mine
    assert {"done", "active"} & set(whole["marks"].values())
    assert all(step["names"] for step in whole["steps"])
    assert [each["id"] for each in admin.get("/journeys", at=OWN)] == [mine["id"]]
    assert petra.get("/journeys", at=OWN) == []
    refused = petra.call("GET", f"/journeys/{started['id']}", at=OWN, status=404)
    assert refused.json["status"] == 404
    admin.call("GET", "/journeys", at=OWN, query_string={"maxResults": 100_000}, status=400)


def test_notifications_are_read_once(engine: ProcessEngine, somebody: Callable[[str], Client]) -> None:
    with engine.command(SYSTEM) as context:
        notify(context, user_id="hanna", message={"en": "Come in.", "sv": "Kom in."})
    hanna = somebody("hanna")
    (found,) = hanna.get("/notifications", at=OWN)
    assert found["message"] == {"en": "Come in.", "sv": "Kom in."}
    assert found["readAt"] is None
    somebody("isak").post(f"/notifications/{found['id']}/read", at=OWN, status=404)
    hanna.post(f"/notifications/{found['id']}/read", at=OWN, status=204)
    assert hanna.get("/notifications", at=OWN) == []
    assert len(hanna.get("/notifications", at=OWN, unread="false")) == 1
