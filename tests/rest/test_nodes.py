"""Two servers on one PostgreSQL: what one of them is told counts on the other at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from api.app import create_app
from api.authentication import COOKIE
from engine import (
    SYSTEM,
    ProcessEngine,
    Settings,
    TestClock,
    open_session,
    set_password,
)
from engine.database.tables import idempotency_key, web_session
from engine.tidying import tidy
from tests.conftest import postgres_database
from tests.engine.play import rows
from tests.rest import models
from tests.rest.client import Client


@pytest.fixture
def nodes(
    postgres_server: str, people_postgres: str, tmp_path: Path, clock: TestClock
) -> Iterator[tuple[ProcessEngine, ProcessEngine]]:
    with postgres_database(postgres_server, people_postgres) as url:
        engines = tuple(ProcessEngine(Settings(url, tmp_path, test_clock=True), clock) for _ in range(2))
        yield engines[0], engines[1]
        for engine in engines:
            engine.close()


@pytest.fixture
def apps(nodes: tuple[ProcessEngine, ProcessEngine]) -> tuple[Flask, Flask]:
    return create_app(nodes[0]), create_app(nodes[1])


@pytest.mark.postgres
def test_a_changed_password_counts_on_every_node_at_once(
    nodes: tuple[ProcessEngine, ProcessEngine], apps: tuple[Flask, Flask]
) -> None:
    clients = [Client(app, "hanna", "demo") for app in apps]
    for client in clients:  # both remember that the password was right
        client.call("GET", "/task", status=200)
    with nodes[0].command(SYSTEM) as context:
        set_password(context, "hanna", "Tango-4711")
    for client in clients:
        client.call("GET", "/task", status=401)
    for app in apps:
        Client(app, "hanna", "Tango-4711").call("GET", "/task", status=200)


@pytest.mark.postgres
def test_a_session_is_every_nodes_and_ends_on_all(
    nodes: tuple[ProcessEngine, ProcessEngine], apps: tuple[Flask, Flask]
) -> None:
    with nodes[0].command(SYSTEM) as context:
        opened = open_session(context, "hanna")
    clients = [app.test_client() for app in apps]
    for client in clients:
        client.set_cookie(COOKIE, opened.secret)
        assert client.get("/tasks").status_code == 200
    assert clients[1].post("/sign-out", data={"csrf_token": opened.csrf_token}).status_code == 302
    for client in clients:
        assert client.get("/tasks").headers["Location"].startswith("/sign-in")


@pytest.mark.postgres
def test_a_flow_deployed_or_deleted_on_one_node_is_so_on_the_other(apps: tuple[Flask, Flask]) -> None:
    one, other = (Client(app, "admin", "demo") for app in apps)
    first = one.deploy(models.TWO_TASKS)["id"]
    other.start()
    other.post(f"/task/{other.task('first')['id']}/complete", status=204)
    assert one.open_tasks() == ["second"]
    second = other.deploy(models.parallel_tasks(2))["id"]
    one.start()
    assert one.open_tasks() == ["second", "t0", "t1"]
    other.delete(f"/deployment/{second}", cascade="true")
    other.delete(f"/deployment/{first}", cascade="true")
    assert one.open_tasks() == []
    one.post("/process-definition/key/p/start", status=404)


@pytest.mark.postgres
def test_an_answer_kept_by_one_node_is_given_by_the_other(apps: tuple[Flask, Flask]) -> None:
    one, other = (Client(app, "admin", "demo") for app in apps)
    one.deploy(models.TWO_TASKS)
    path, key = "/process-definition/key/p/start", {"Idempotency-Key": "k"}
    first = one.call("POST", path, json={}, headers=key, status=200)
    again = other.call("POST", path, json={}, headers=key, status=200)
    assert (first.data, again.headers["Idempotency-Replayed"]) == (again.data, "true")
    assert other.count("/process-instance") == 1


def test_what_has_run_out_is_thrown_away(either_engine: ProcessEngine, clock: TestClock) -> None:
    app = create_app(either_engine)
    admin = Client(app, "admin", "demo")
    admin.deploy(models.TWO_TASKS)
    admin.call("POST", "/process-definition/key/p/start", json={}, headers={"Idempotency-Key": "k"}, status=200)
    with either_engine.command(SYSTEM) as context:
        open_session(context, "hanna")
    clock.advance(timedelta(hours=12))
    assert tidy(either_engine) == 1
    assert (len(rows(either_engine, web_session)), len(rows(either_engine, idempotency_key))) == (0, 1)
    clock.advance(timedelta(hours=12))
    assert tidy(either_engine) == 1
    assert rows(either_engine, idempotency_key) == []
