"""A token acts for its person, as far as its scope, and no longer than it lives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from api.demo import PASSWORD
from engine import (
    SYSTEM,
    ProcessEngine,
    TestClock,
    delete_user,
    get_user,
    remove_member,
    set_absence,
    update_user,
)
from engine.database.tables import api_token, user_operation_log
from tests.rest.client import Client
from tests.rest.models import EXTERNAL, TWO_TASKS


def made(client: Client, scope: str = "write", **more: Any) -> str:
    body = {"name": "nightly export", "scope": scope, **more}
    return str(client.post("/api-tokens", body, at="/api/v1")["token"])


def by(app: Flask, token: str, method: str, path: str, **more: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
    return app.test_client().open(path, method=method, headers=headers, **more)


@pytest.fixture
def hanna(app: Flask, admin: Client) -> Client:
    """A member of hr, whose first task waits."""
    admin.deploy(TWO_TASKS)
    admin.start()
    return Client(app, "hanna", PASSWORD)


def test_a_token_does_what_its_person_may_and_no_more(app: Flask, hanna: Client) -> None:
    token = made(hanna)
    (task,) = by(app, token, "GET", "/engine-rest/task").json
    assert by(app, token, "POST", f"/engine-rest/task/{task['id']}/complete", json={}).status_code == 204
    assert by(app, token, "GET", "/engine-rest/task").json == []
    assert by(app, token, "POST", "/engine-rest/signal", json={"name": "s"}).status_code == 403


def test_one_that_reads_changes_nothing_but_may_send_the_filters_of_a_list(app: Flask, hanna: Client) -> None:
    token = made(hanna, "read")
    (task,) = by(app, token, "POST", "/engine-rest/task", json={"taskDefinitionKey": "first"}).json
    for method, path in (
        ("POST", f"/engine-rest/task/{task['id']}/claim"),
        ("POST", f"/engine-rest/engine/default/task/{task['id']}/complete"),
        ("DELETE", "/engine-rest/deployment/x"),
        ("POST", "/engine-rest/message"),
    ):
        answer = by(app, token, method, path, json={"userId": "hanna"})
        assert answer.status_code == 403, path
        assert answer.json["type"] == "AuthorizationException"
    assert hanna.task("first")["assignee"] is None


def test_one_that_reads_may_ask_what_would_be(app: Flask, hanna: Client, admin: Client) -> None:
    token = made(hanna, "read")
    (definition,) = admin.get("/process-definition")
    same = {"sourceProcessDefinitionId": definition["id"], "targetProcessDefinitionId": definition["id"]}
    plan = by(app, token, "POST", "/engine-rest/migration/generate", json=same)
    assert plan.status_code == 200
    assert by(app, token, "POST", "/engine-rest/migration/validate", json=plan.json).status_code == 200
    assert by(app, token, "POST", "/api/v1/checks", data=TWO_TASKS).json["deployable"]
    moving = {"migrationPlan": plan.json, "processInstanceIds": []}
    assert by(app, token, "POST", "/engine-rest/migration/execute", json=moving).status_code == 403


def test_one_for_workers_starts_no_process_that_is_called_like_its_room(app: Flask, admin: Client) -> None:
    admin.deploy(EXTERNAL.replace(b'id="external"', b'id="external-task"'))
    token = made(admin, "worker")
    answer = by(app, token, "POST", "/engine-rest/process-definition/key/external-task/start", json={})
    assert answer.status_code == 403
    assert admin.get("/process-instance") == []
    assert by(app, token, "GET", "/engine-rest/engine/default/external-task").status_code == 200


def test_one_for_workers_sees_external_tasks_alone(app: Flask, admin: Client) -> None:
    admin.deploy(EXTERNAL)
    admin.start("external")
    token = made(admin, "worker")
    body = {"workerId": "w", "maxTasks": 1, "topics": [{"topicName": "print", "lockDuration": 1000}]}
    (found,) = by(app, token, "POST", "/engine-rest/external-task/fetchAndLock", json=body).json
    done = by(app, token, "POST", f"/engine-rest/external-task/{found['id']}/complete", json={"workerId": "w"})
    assert done.status_code == 204
    assert by(app, token, "GET", "/engine-rest/task").status_code == 403
    assert by(app, token, "GET", "/api/v1/journeys").status_code == 403


def test_it_runs_out(app: Flask, hanna: Client, clock: TestClock) -> None:
    token = made(hanna, days=7)
    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert by(app, token, "GET", "/engine-rest/task").status_code == 200
    clock.advance(timedelta(seconds=1))
    answer = by(app, token, "GET", "/engine-rest/task")
    assert answer.status_code == 401
    assert hanna.get("/api-tokens", at="/api/v1") == []


def test_revoked_it_is_worth_nothing_at_once(app: Flask, hanna: Client) -> None:
    token = made(hanna)
    (listed,) = hanna.get("/api-tokens", at="/api/v1")
    hanna.call("DELETE", f"/api-tokens/{listed['id']}", at="/api/v1", status=204)
    assert by(app, token, "GET", "/engine-rest/task").status_code == 401


def test_who_leaves_takes_their_tokens_along(app: Flask, hanna: Client, engine: ProcessEngine) -> None:
    token = made(hanna)
    with engine.command(SYSTEM) as context:
        remove_member(context, "hr", "hanna")
    assert by(app, token, "GET", "/engine-rest/task").json == []
    with engine.command(SYSTEM) as context:
        delete_user(context, "hanna")
    assert by(app, token, "GET", "/engine-rest/task").status_code == 401


def test_nobody_reads_or_revokes_the_tokens_of_others(app: Flask, hanna: Client, admin: Client) -> None:
    made(hanna)
    (listed,) = hanna.get("/api-tokens", at="/api/v1")
    assert admin.get("/api-tokens", at="/api/v1") == []
    admin.call("DELETE", f"/api-tokens/{listed['id']}", at="/api/v1", status=404)


def test_a_token_makes_no_tokens_and_removes_none(app: Flask, hanna: Client) -> None:
    token = made(hanna)
    (listed,) = hanna.get("/api-tokens", at="/api/v1")
    assert by(app, token, "POST", "/api/v1/api-tokens", json={"name": "heir"}).status_code == 403
    assert by(app, token, "DELETE", f"/api/v1/api-tokens/{listed['id']}").status_code == 403


def test_the_secret_is_told_once_and_stands_nowhere(hanna: Client, engine: ProcessEngine) -> None:
    token = made(hanna)
    assert len(token) >= len("onedoor_") + 43
    (listed,) = hanna.get("/api-tokens", at="/api/v1")
    assert token not in str(listed)
    assert token.startswith(listed["shown"])
    with engine.query(SYSTEM) as context:
        kept = [
            tuple(row) for table in (api_token, user_operation_log) for row in context.connection.execute(select(table))
        ]
    assert kept
    assert token not in str(kept)


def test_when_it_was_last_used_is_kept_to_the_hour(app: Flask, hanna: Client, clock: TestClock) -> None:
    token, times = made(hanna, "read"), []
    for minutes in (0, 30, 40):
        clock.advance(timedelta(minutes=minutes))
        by(app, token, "GET", "/engine-rest/task")
        times.append(hanna.get("/api-tokens", at="/api/v1")[0]["lastUsedAt"])
    assert times[0] is not None
    assert times[0] == times[1] != times[2]


@pytest.mark.parametrize("wrong", [{"name": " "}, {"name": "x" * 101}, {"days": 0}, {"days": 367}, {"scope": "all"}])
def test_what_makes_no_token_is_told(wrong: dict[str, Any], hanna: Client) -> None:
    body = {"name": "x", "scope": "read", "days": 7, **wrong}
    answer = hanna.call("POST", "/api-tokens", at="/api/v1", json=body, status=400)
    assert answer.json["detail"]
    assert hanna.get("/api-tokens", at="/api/v1") == []


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x", "Bearer onedoor_", "Bearer onedoor_\u00e5", "bearer a b"]
)
def test_a_wrong_token_is_nobody_even_beside_a_session(header: str, app: Flask, hanna: Client) -> None:
    answer = app.test_client().get("/engine-rest/task", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_token_of_who_is_no_longer_active_opens_nothing(app: Flask, hanna: Client, engine: ProcessEngine) -> None:
    token = made(hanna)
    assert by(app, token, "GET", "/engine-rest/task").status_code == 200
    with engine.command(SYSTEM) as context:
        update_user(context, replace(get_user(context, "hanna"), active=False))
    assert by(app, token, "GET", "/engine-rest/task").status_code == 401


def test_a_token_of_a_substitute_does_what_its_person_stands_in_for(
    app: Flask, hanna: Client, somebody: Callable[[str], Client], engine: ProcessEngine, clock: TestClock
) -> None:
    token = made(somebody("fatima"))
    assert by(app, token, "GET", "/engine-rest/task").json == []
    today = clock.now().date()
    with engine.command(SYSTEM) as context:
        set_absence(context, "hanna", today, today, "fatima")
    (task,) = by(app, token, "GET", "/engine-rest/task").json
    assert by(app, token, "POST", f"/engine-rest/task/{task['id']}/complete", json={}).status_code == 204


def test_a_token_or_an_open_session_does_not_change_the_password_that_outlives_it(app: Flask, hanna: Client) -> None:
    token, path, new = made(hanna), "/engine-rest/user/hanna/credentials", {"password": "Tango-4711-lagoon"}
    browser = app.test_client()
    browser.post("/sign-in", data={"user": "hanna", "password": PASSWORD})
    session = {"X-CSRF-Token": browser.get("/session").get_json()["csrf"]}

    def asked(body: dict[str, Any]) -> list[int]:
        """With the token, then with the session."""
        answers = by(app, token, "PUT", path, json=body), browser.put(path, json=body, headers=session)
        return [each.status_code for each in answers]

    assert asked(new) == [400, 400]
    assert asked({**new, "authenticatedUserPassword": "guessed"}) == [400, 400]
    hanna.call("GET", "/task/count")
    assert by(app, token, "PUT", path, json={**new, "authenticatedUserPassword": PASSWORD}).status_code == 204
    hanna.call("GET", "/task/count", status=401)
    Client(app, "hanna", new["password"]).call(
        "PUT", "/user/hanna/credentials", json={"password": "Other-4712-lagoon"}, status=204
    )
