"""What Entra ID and Okta send, as they send it: people come, change, leave and come back; departments get and lose
them."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from api.app import create_app
from engine import (
    SYSTEM,
    GroupQuery,
    ProcessEngine,
    actor_of,
    credentials,
    find_groups,
    get_group,
    get_user,
    open_session,
    read_session,
)
from engine.database.tables import user_account, user_operation_log
from tests.engine.play import rows
from tests.scim.conftest import ENTERPRISE, GROUP, USER, DirectoryClient

#: As the provisioning service of Entra ID creates a person.
ENTRA = {
    "schemas": [USER, ENTERPRISE],
    "externalId": "astrid.lund",
    "userName": "Astrid.Lund@example.org",
    "active": True,
    "displayName": "Astrid Lund",
    "emails": [{"primary": True, "type": "work", "value": "astrid@example.org"}],
    "meta": {"resourceType": "User"},
    "name": {"formatted": "Astrid Lund", "familyName": "Lund", "givenName": "Astrid"},
    "title": "Developer",
    "phoneNumbers": [{"type": "work", "value": "+46 8 123"}],
    "roles": [],
    ENTERPRISE: {"department": "IT", "employeeNumber": "17", "manager": {"value": "isak"}},
}
#: As Okta does.
OKTA = {
    "schemas": [USER],
    "userName": "omar@example.org",
    "name": {"givenName": "Omar", "familyName": "Said"},
    "emails": [
        {"primary": False, "value": "omar@home.example.org", "type": "home"},
        {"primary": True, "value": "omar@example.org", "type": "work"},
    ],
    "displayName": "Omar Said",
    "locale": "sv-SE",
    "externalId": "00ujl29u0le5T6Aj10h7",
    "groups": [],
    "password": "1mz050nq",
    "active": True,
}


def user(engine: ProcessEngine, key: str) -> Any:
    with engine.query(SYSTEM) as context:
        return get_user(context, key)


def groups(engine: ProcessEngine, key: str) -> frozenset[str]:
    with engine.query(SYSTEM) as context:
        return actor_of(context, key).groups


@pytest.mark.parametrize("email", ["isak@intranet", "isak@host.1", "isak@10.0.0.1", "no address"])
def test_an_address_that_only_an_earlier_release_took_hides_nobody_and_keeps_nobody_in(
    directory: DirectoryClient, engine: ProcessEngine, email: str
) -> None:
    with engine.command(SYSTEM) as context:
        context.connection.execute(update(user_account).where(user_account.c.id == "isak").values(email=email))
    everybody = directory.get("/Users")["Resources"]
    assert len(everybody) > 1
    [isak] = [each for each in everybody if each["id"] == "isak"]
    assert isak["emails"] == [{"value": email, "type": "work", "primary": True}]
    directory.patch("/Users/isak", {"op": "Replace", "path": "active", "value": False})
    assert not user(engine, "isak").active
    directory.call("PUT", "/Users/isak", {**isak, "active": True}, status=200)
    assert (user(engine, "isak").active, user(engine, "isak").email) == (True, email)
    refused = directory.patch(
        "/Users/isak", {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "new@intranet"}, status=400
    )
    assert refused["scimType"] == "invalidValue"
    assert user(engine, "isak").email == email


# ---------------------------------------------------------------- Entra ID


def test_entra_looks_for_a_person_creates_them_and_finds_them(
    directory: DirectoryClient, engine: ProcessEngine
) -> None:
    asked = {"filter": 'userName eq "astrid.lund@example.org"'}
    none = directory.get("/Users", **asked)
    assert (none["totalResults"], none.get("Resources", [])) == (0, [])
    made = directory.post("/Users", ENTRA)
    assert made["id"] == made["userName"] == "Astrid.Lund@example.org"
    assert made["meta"]["location"] == "http://localhost/scim/v2/Users/Astrid.Lund@example.org"
    assert made[ENTERPRISE]["manager"]["value"] == "isak"
    assert "password" not in made
    assert directory.get("/Users", **asked)["Resources"] == [made]
    assert directory.get("/Users", filter='externalId eq "astrid.lund"')["Resources"] == [made]
    found = user(engine, made["id"])
    assert (found.first_name, found.last_name, found.email, found.manager_id) == (
        "Astrid", "Lund", "astrid@example.org", "isak",
    )  # fmt: skip
    assert directory.post("/Users", ENTRA, status=409)["scimType"] == "uniqueness"


@pytest.mark.parametrize("manager", ["hanna", {"value": "hanna"}, [{"$ref": "../Users/hanna", "value": "hanna"}]])
def test_entra_changes_single_attributes_by_their_paths(
    directory: DirectoryClient, engine: ProcessEngine, manager: object
) -> None:
    key = directory.post("/Users", {**ENTRA, "emails": []})["id"]
    directory.patch(
        f"/Users/{key}",
        {"op": "Replace", "path": "displayName", "value": "A. Lund"},
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "a.lund@example.org"},
        {"op": "Replace", "path": "name.familyName", "value": "Lund-Ek"},
        {"op": "Replace", "path": f"{ENTERPRISE}:manager", "value": manager},
        {"op": "Replace", "path": "preferredLanguage", "value": "sv-SE"},
    )
    assert directory.get(f"/Users/{key}")["emails"] == [
        {"value": "a.lund@example.org", "type": "work", "primary": True}
    ]
    found = user(engine, key)
    assert (found.last_name, found.email, found.manager_id, found.language) == (
        "Lund-Ek", "a.lund@example.org", "hanna", "sv",
    )  # fmt: skip
    directory.patch(f"/Users/{key}", {"op": "Remove", "path": f"{ENTERPRISE}:manager"})
    assert user(engine, key).manager_id is None


@pytest.mark.parametrize("inactive", [False, "False", "false"])
def test_entra_deactivates_and_the_person_is_out_at_once(
    directory: DirectoryClient, engine: ProcessEngine, inactive: object
) -> None:
    with engine.command(SYSTEM) as context:
        secret = open_session(context, "isak").secret
    directory.patch("/Users/isak", {"op": "Replace", "path": "active", "value": inactive})
    with engine.query(SYSTEM) as context:
        assert read_session(context, secret) is None
        assert credentials(context, "isak") is None
    assert directory.get("/Users/isak")["active"] is False
    assert directory.get("/Users", filter="active eq false")["totalResults"] == 1
    directory.patch("/Users/isak", {"op": "Replace", "value": {"active": True}})
    with engine.query(SYSTEM) as context:
        assert credentials(context, "isak") is not None


def test_entra_puts_people_into_departments_and_takes_them_out(
    directory: DirectoryClient, engine: ProcessEngine
) -> None:
    assert (
        directory.get("/Groups", filter='displayName eq "it"', excludedAttributes="members")["Resources"][0]["id"]
        == "it"
    )
    path = "/Groups/it"
    directory.patch(path, {"op": "Add", "path": "members", "value": [{"value": "hanna"}, {"value": "olle"}]})
    assert "it" in groups(engine, "hanna")
    directory.patch(path, {"op": "Remove", "path": "members", "value": [{"value": "hanna"}]})
    directory.patch(path, {"op": "Remove", "path": 'members[value eq "olle"]'})
    assert {each["value"] for each in directory.get(path)["members"]} == {"isak"}
    assert "it" not in groups(engine, "hanna") | groups(engine, "olle")
    (membership,) = directory.get("/Users/isak")["groups"]
    assert (membership["value"], membership["display"]) == ("it", "IT")


def test_a_new_department_is_called_as_the_lane_that_names_it(
    directory: DirectoryClient, engine: ProcessEngine
) -> None:
    made = directory.post(
        "/Groups",
        {
            "schemas": [GROUP],
            "externalId": "8aa1a0c0",
            "displayName": "Människor & kultur",
            "members": [{"value": "hanna"}],
        },
    )
    assert made["id"] == "manniskor-kultur"
    with engine.query(SYSTEM) as context:
        found = get_group(context, made["id"])
        assert (found.name, found.type, found.external_id) == ("Människor & kultur", "WORKFLOW", "8aa1a0c0")
    assert made["id"] in groups(engine, "hanna")
    directory.post("/Groups", {"schemas": [GROUP], "displayName": "Människor och kultur"})
    directory.post("/Groups", {"schemas": [GROUP], "displayName": "människor & Kultur"}, status=409)
    directory.call("DELETE", f"/Groups/{made['id']}", status=204)
    directory.call("GET", f"/Groups/{made['id']}", status=404)


# ---------------------------------------------------------------- Okta


def test_okta_creates_replaces_and_deactivates(directory: DirectoryClient, engine: ProcessEngine) -> None:
    key = directory.post("/Users", OKTA)["id"]
    found = user(engine, key)
    assert (found.email, found.active, found.display_name) == ("omar@example.org", True, "Omar Said")
    directory.call(
        "PUT", f"/Users/{key}", {**OKTA, "id": key, "name": {"givenName": "Omar", "familyName": "Alsaid"}}, status=200
    )
    assert user(engine, key).last_name == "Alsaid"
    directory.patch(f"/Users/{key}", {"op": "replace", "value": {"active": False}})
    assert user(engine, key).active is False
    with engine.query(SYSTEM) as context:
        assert credentials(context, key) is None


def test_okta_renames_a_person_whose_id_stays(directory: DirectoryClient, engine: ProcessEngine) -> None:
    key = directory.post("/Users", OKTA)["id"]
    directory.call("PUT", f"/Users/{key}", {**OKTA, "userName": "omar.said@example.org"}, status=200)
    assert directory.get("/Users", filter='userName eq "OMAR.SAID@example.org"')["Resources"][0]["id"] == key
    assert user(engine, key).user_name == "omar.said@example.org"


def test_okta_pushes_a_group_with_its_members(directory: DirectoryClient, engine: ProcessEngine) -> None:
    members = [{"value": "hanna", "display": "hanna@example.org"}, {"value": "isak", "display": "isak@example.org"}]
    directory.patch(
        "/Groups/it",
        {"op": "replace", "value": {"id": "it", "displayName": "IT operations"}},
        {"op": "replace", "path": "members", "value": members},
    )
    with engine.query(SYSTEM) as context:
        assert get_group(context, "it").name == "IT operations"
    assert "it" in groups(engine, "hanna")
    directory.patch("/Groups/it", {"op": "replace", "path": "members", "value": []})
    assert "it" not in groups(engine, "hanna") | groups(engine, "isak")


# ---------------------------------------------------------------- paging, filters, versions


def test_people_come_in_pages_that_never_overlap(directory: DirectoryClient) -> None:
    total = directory.get("/Users")["totalResults"]
    seen: list[str] = []
    for start in range(1, total + 1, 5):
        page = directory.get("/Users", startIndex=start, count=5)
        assert (page["totalResults"], page["startIndex"]) == (total, start)
        seen += [each["id"] for each in page["Resources"]]
    assert len(seen) == len(set(seen)) == total == 12
    assert directory.get("/Users", count=0)["totalResults"] == total
    assert directory.get("/Groups")["totalResults"] == 10


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ('id eq "isak"', {"isak"}),
        ('userName sw "IS"', {"isak"}),
        ('name.familyName co "ström"', {"isak", "olle"}),
        ('userName eq "isak" and active eq true', {"isak"}),
        ('userName eq "isak" and active eq false', set()),
        ('userName eq "isak" or userName eq "hanna"', {"isak", "hanna"}),
        ('emails[value eq "isak@example.org"]', {"isak"}),
        ('emails.value eq "isak@example.org"', {"isak"}),
        ('groups[value eq "hr"]', {"hanna", "olle"}),
        ("externalId pr", set()),
        ('not (userName co "a")', {"nils", "bo", "sven", "olle"}),
        (f'{ENTERPRISE}:manager.value eq "sven"', {"isak"}),
    ],
)
def test_people_are_found_by_what_a_directory_asks(directory: DirectoryClient, asked: str, ids: set[str]) -> None:
    assert {each["id"] for each in directory.get("/Users", filter=asked).get("Resources", [])} == ids


def test_a_filter_that_is_none_is_refused_and_sorting_sorts(directory: DirectoryClient) -> None:
    refused = directory.call("GET", "/Users", query_string={"filter": "userName equals isak"}, status=400)
    assert refused.get_json(force=True)["scimType"] == "invalidFilter"
    names = [
        each["userName"] for each in directory.get("/Users", sortBy="userName", sortOrder="descending")["Resources"]
    ]
    assert names == sorted(names, reverse=True)
    everything = directory.get("/", filter='id eq "it" or id eq "isak"')
    assert {each["meta"]["resourceType"] for each in everything["Resources"]} == {"User", "Group"}


def test_a_change_of_an_old_version_is_refused(directory: DirectoryClient, engine: ProcessEngine) -> None:
    answer = directory.call("GET", "/Users/isak", status=200)
    version = answer.headers["ETag"]
    directory.call("GET", "/Users/isak", headers={"If-None-Match": version}, status=304)
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "name.givenName", "value": "Isac"}]}  # fmt: skip
    directory.call("PATCH", "/Users/isak", body, headers={"If-Match": version}, status=204)
    directory.call("PATCH", "/Users/isak", body, headers={"If-Match": version}, status=412)
    assert user(engine, "isak").first_name == "Isac"


def test_what_fails_halfway_leaves_no_trace(directory: DirectoryClient, engine: ProcessEngine) -> None:
    before = directory.get("/Groups/it")
    directory.patch(
        "/Groups/it", {"op": "add", "path": "members", "value": [{"value": "hanna"}, {"value": "nobody"}]}, status=404
    )
    assert directory.get("/Groups/it") == before
    directory.post("/Users", {**ENTRA, ENTERPRISE: {"manager": {"value": "nobody"}}}, status=400)
    assert directory.get("/Users", filter='userName eq "astrid.lund@example.org"')["totalResults"] == 0


# ---------------------------------------------------------------- who may


def test_a_directory_gives_no_role_and_sees_none(directory: DirectoryClient, engine: ProcessEngine) -> None:
    ids = {each["id"] for each in directory.get("/Groups")["Resources"]}
    with engine.query(SYSTEM) as context:
        assert ids == {each.id for each in find_groups(context, GroupQuery(type="WORKFLOW"))}
    for role in ("camunda-admin", "process-owner"):
        directory.call("GET", f"/Groups/{role}", status=404)
        directory.patch(f"/Groups/{role}", {"op": "add", "path": "members", "value": [{"value": "isak"}]}, status=404)
        directory.call("DELETE", f"/Groups/{role}", status=404)
    directory.post("/Groups", {"schemas": [GROUP], "displayName": "camunda-admin"}, status=409)
    assert groups(engine, "isak") == {"it"}
    assert directory.patch("/Users/admin", {"op": "replace", "path": "active", "value": False}, status=409)["detail"]


@pytest.mark.parametrize("token", [None, "", "wrong", "a-secret-of-the-directory2", "a-secret-of-the-director"])
@pytest.mark.parametrize("path", ["/Users", "/Users/isak", "/Groups", "/Schemas", "/ResourceTypes", "/Bulk", "/", "/x"])
def test_nobody_without_the_secret_gets_in(app: Flask, token: str | None, path: str) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        answer = DirectoryClient(app, token).call(method, path, {}, status=401)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="SCIM"'
        assert "isak" not in answer.text
    assert DirectoryClient(app, token).call("GET", "/ServiceProviderConfig", status=200).get_json(force=True)["patch"]


def test_the_secret_of_a_person_is_none_of_the_directory(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/scim/v2/Users", auth=("admin", "demo")).status_code == 401


def test_without_a_secret_there_is_no_scim(engine: ProcessEngine) -> None:
    for token in (None, ""):
        app = create_app(engine, scim_token=token)
        assert DirectoryClient(app, "").call("GET", "/Users").status_code == 404
        assert DirectoryClient(app, "").call("GET", "/ServiceProviderConfig").status_code == 404


def test_the_log_says_that_it_was_the_directory(directory: DirectoryClient, engine: ProcessEngine) -> None:
    directory.post("/Users", OKTA)
    directory.patch("/Groups/it", {"op": "add", "path": "members", "value": [{"value": "omar@example.org"}]})
    log = [(row.user_id, row.operation, row.entity_id, row.new_value) for row in rows(engine, user_operation_log)]
    assert {row.door for row in rows(engine, user_operation_log)} == {"scim"}
    assert ("scim", "Create", "omar@example.org", None) in log
    assert log[-1] == ("scim", "AddMember", "it", "omar@example.org")


def test_a_body_that_is_no_scim_is_refused_and_never_a_fault_of_ours(
    directory: DirectoryClient, caplog: pytest.LogCaptureFixture
) -> None:
    for body in (
        [],
        "x",
        1,
        None,
        {},
        {"schemas": ["urn:x"]},
        {"schemas": [USER], "userName": []},
        {"schemas": [USER]},
    ):
        for method, path in (("POST", "/Users"), ("PUT", "/Users/isak"), ("PATCH", "/Groups/it"), ("POST", "/.search")):
            answer = directory.call(method, path, body)
            assert answer.status_code in (200, 400), (method, path, body, answer.text)
    assert "failed" not in caplog.text


@pytest.mark.parametrize(
    "start", ["99999999999999999999", "9223372036854775808", "2147483649", "-99999999999999999999"]
)
def test_a_page_beyond_every_number_is_empty_and_no_fault(directory: DirectoryClient, start: str) -> None:
    for more in ({}, {"filter": 'externalId sw "a"'}, {"sortBy": "externalId"}):
        for path in ("/Users", "/Groups"):
            answer = directory.call("GET", path, query_string={"startIndex": start, **more})
            assert answer.status_code == 200, answer.text
            beyond = not start.startswith("-")
            assert not (beyond and answer.get_json(force=True).get("Resources"))
    assert directory.call("GET", "/Users", query_string={"count": start}).status_code == 200


def test_members_that_come_at_the_same_time_all_stay(
    directory: DirectoryClient, app: Flask, engine: ProcessEngine
) -> None:
    people = ["hanna", "maria", "sara", "petra"]
    ready = threading.Barrier(len(people))

    def joins(person: str) -> None:
        ready.wait(10)
        DirectoryClient(app).patch("/Groups/it", {"op": "add", "path": "members", "value": [{"value": person}]})

    threads = [threading.Thread(target=joins, args=(each,)) for each in people]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert {each["value"] for each in directory.get("/Groups/it")["members"]} == {*people, "isak"}
