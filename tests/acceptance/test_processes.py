"""Which processes may work on a database, and how they stop."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from engine import (
    ADMINISTRATORS,
    SYSTEM,
    ProcessEngine,
    Settings,
    add_member,
    create_group,
    create_user,
    upgrade,
)
from tests.acceptance.cluster import NODE
from tests.acceptance.server import PASSWORD, Server, onedoor, until
from tests.engine.play import END, START, bpmn, flow, user_task

TIMER = bpmn(
    START
    + '<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition>'
    "</intermediateCatchEvent>" + user_task("after") + END + flow("start", "wait", "after", "end"),
    "timer",
)
SLOW = bpmn(
    START
    + '<serviceTask id="slow" camunda:asyncBefore="true" camunda:delegateExpression="${slow}"/>'
    + user_task("after")
    + END
    + flow("start", "slow", "after", "end"),
    "patience",
)


@contextlib.contextmanager
def running(home: Path, url: str, command: str, *options: str) -> Iterator[Server]:
    home.mkdir()
    server = Server(home, command, *options, launcher=NODE, variables={"ONEDOOR_DATABASE_URL": url})
    server.launch()
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture
def url(postgres_url: str, tmp_path: Path) -> str:
    """With the schema and an administrator."""
    upgrade(postgres_url)
    engine = ProcessEngine(Settings(postgres_url, tmp_path))
    with engine.command(SYSTEM) as context:
        create_group(context, ADMINISTRATORS, "Administrators", type="SYSTEM")
        create_user(context, "admin", password=PASSWORD)
        add_member(context, ADMINISTRATORS, "admin")
    engine.close()
    return postgres_url


def open_tasks(server: Server) -> list[str]:
    return [task["taskDefinitionKey"] for task in server.get("/engine-rest/task")]


@pytest.mark.postgres
def test_one_server_on_postgresql_needs_no_worker_and_one_without_jobs_does(url: str, tmp_path: Path) -> None:
    with running(tmp_path / "a", url, "serve", "--no-jobs") as without:
        without.await_answer()
        without.deploy("timer.bpmn", TIMER)
        without.post("/engine-rest/process-definition/key/timer/start")
        with psycopg.connect(url, autocommit=True) as connection:
            overdue = "SELECT count(*) FROM job WHERE due_at < now() - interval '2 s'"
            until("the due date", lambda: connection.execute(overdue).fetchone() == (1,))
        assert open_tasks(without) == []
        assert without.get("/engine-rest/job/count")["count"] == 1
        with running(tmp_path / "b", url, "serve") as server:
            server.await_answer()
            until("the timer", lambda: open_tasks(without) == ["after"])
            server.post("/engine-rest/process-definition/key/timer/start")
            until("its own timer", lambda: open_tasks(without) == ["after", "after"])


@pytest.mark.postgres
def test_a_worker_told_to_stop_finishes_what_it_runs(url: str, tmp_path: Path) -> None:
    with (
        running(tmp_path / "a", url, "serve", "--no-jobs") as server,
        running(tmp_path / "b", url, "worker", "--concurrency", "2") as worker,
    ):
        server.await_answer()
        server.deploy("slow.bpmn", SLOW)
        server.post("/engine-rest/process-definition/key/patience/start")
        with psycopg.connect(url, autocommit=True) as connection:
            begun = "SELECT count(*) FROM mark_begun"
            connection.execute("CREATE TABLE IF NOT EXISTS mark_begun (instance TEXT)")
            until("the job to begin", lambda: connection.execute(begun).fetchone()[0])
            worker.signal(signal.SIGTERM)
            assert worker.ended() == 0
            assert open_tasks(server) == ["after"]
            assert connection.execute(begun).fetchone()[0] == 1


@pytest.mark.postgres
def test_a_server_and_a_worker_on_an_older_schema_refuse_to_start_and_say_what_to_do(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    monkeypatch.setenv("ONEDOOR_DATABASE_URL", url)
    for command in ("serve", "worker"):
        said = onedoor(tmp_path, command)
        assert said.returncode == 1
        assert "run `onedoor db upgrade` first" in said.stderr


@pytest.mark.postgres
def test_the_tables_of_an_older_queue_are_refused_until_they_are_upgraded(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEDOOR_DATABASE_URL", url)
    trigger = "procrastinate_trigger_status_events_update_v1"
    with psycopg.connect(url) as connection:
        before = "03.04.00_01_pre_add_retry_failed_job_procedure.sql"
        connection.execute("UPDATE procrastinate_onedoor_migration SET name = %s", [before])
        connection.execute(f"DROP TRIGGER {trigger} ON procrastinate_jobs")
    assert "job queue" in onedoor(tmp_path, "worker").stderr
    assert onedoor(tmp_path, "db", "upgrade").returncode == 0
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT tgname FROM pg_trigger WHERE tgname = %s", [trigger]).fetchone() == (trigger,)


@pytest.mark.postgres
def test_nodes_that_start_together_on_an_empty_database_set_it_up_once(postgres_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "ONEDOOR_HOME": str(tmp_path), "ONEDOOR_DATABASE_URL": postgres_url}
    together = [
        subprocess.Popen(
            [*NODE, "user", "add", name, "--password", "Tango-4711"], env=environment, stderr=subprocess.PIPE
        )
        for name in ("eva", "per", "ivar")
    ]
    said = [each.communicate(timeout=120)[1].decode() for each in together]
    assert [each.returncode for each in together] == [0, 0, 0], said
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT id FROM user_account ORDER BY id").fetchall() == [
            ("eva",),
            ("ivar",),
            ("per",),
        ]


@pytest.mark.parametrize("arguments", [["worker"], ["serve", "--no-jobs"]])
def test_a_sqlite_file_has_no_workers(tmp_path: Path, arguments: list[str]) -> None:
    said = onedoor(tmp_path, *arguments)
    assert said.returncode == 2
    assert "SQLite file" in said.stderr
