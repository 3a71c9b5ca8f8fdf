"""Several `onedoor serve` and `onedoor worker` on one PostgreSQL, killed at random while people work, and the count of
what was lost or came twice.

    with Cluster(folder, database_url, seed=7) as cluster:
        tally = cluster.survive(instances=20, kills=8)

A mark that a job leaves in its own transaction must be there once. The same job leaves one outside of it, which nothing
fences: that these come twice shows that the kills hit between the work and its commit.
"""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg

from engine import ADMINISTRATORS, SYSTEM, ProcessEngine, Settings, create_user, set_roles
from tests.acceptance.server import PASSWORD, Answer, Server, until
from tests.engine.play import END, START, bpmn, flow, user_task

NODE = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("node.py"))]


def _marked(name: str) -> str:
    return f'<serviceTask id="{name}" camunda:asyncBefore="true" camunda:delegateExpression="${{mark}}"/>'


#: Three jobs that leave marks, a person's task, a timer.
MODEL = bpmn(
    START
    + _marked("before")
    + user_task("work")
    + '<intermediateCatchEvent id="pause"><timerEventDefinition><timeDuration>PT1S</timeDuration>'
    + "</timerEventDefinition></intermediateCatchEvent>"
    + _marked("after")
    + _marked("last")
    + END
    + flow("start", "before", "work", "pause", "after", "last", "end"),
    "survival",
)
MARKS = 3


@dataclass(frozen=True)
class Tally:
    """`kills`: those from outside; deadly jobs come on top. `lost`: instances and marks that were promised and are not
    there. `duplicated`: those that are there more often. `unfenced`: marks outside of a transaction that came more
    often."""

    instances: int
    kills: int
    lost: int
    duplicated: int
    unfenced: int
    incidents: int
    seconds: float


class Cluster:
    """Servers and workers as processes of their own, each started again when it is killed."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        *,
        servers: int = 3,
        workers: int = 2,
        seed: int = 1,
        deadly: float = 0.06,
    ) -> None:
        self._database_url = database_url
        self._chance = random.Random(seed)
        self._killed = 0
        variables = {
            "ONEDOOR_DATABASE_URL": database_url,
            "ONEDOOR_TEST_SEED": str(seed),
            "ONEDOOR_TEST_DEADLY": str(deadly),
        }
        homes = [folder / f"node{number}" for number in range(servers + workers)]
        for home in homes:
            home.mkdir(parents=True)
        self.servers = [Server(home, "serve", launcher=NODE, variables=variables) for home in homes[:servers]]
        self.workers = [Server(home, "worker", launcher=NODE, variables=variables) for home in homes[servers:]]

    def __enter__(self) -> Cluster:
        first = self.servers[0]
        upgrading = [*NODE, "db", "upgrade"]
        subprocess.run(upgrading, env=first.environment, check=True, capture_output=True, timeout=120)
        with (
            contextlib.closing(ProcessEngine(Settings(self._database_url, first.home))) as engine,
            engine.command(SYSTEM) as made,
        ):
            create_user(made, "admin", password=PASSWORD)
            set_roles(made, "admin", [ADMINISTRATORS])
        with psycopg.connect(self._database_url, autocommit=True) as connection:
            for name in ("mark_inside", "mark_outside"):
                connection.execute(f"CREATE TABLE {name} (instance TEXT, activity TEXT)")
        for each in (*self.servers, *self.workers):
            each.launch()
        for server in self.servers:
            server.await_answer()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in (*self.servers, *self.workers):
            each.kill()

    # ------------------------------------------------------------ what people do

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """Of any server, as behind a load balancer; asked again, elsewhere, until there is an answer."""
        headers = {} if key is None else {"Idempotency-Key": key}

        def answer() -> Any:
            server = random.choice(self.servers)  # the load balancer's choice is not what the seed is about
            try:
                return {"answer": server.call(method, path, body, headers=headers)}
            except OSError:
                return None
            except Answer as refused:
                if refused.status < 500:
                    raise
                return None

        return until(f"an answer to {method} {path}", answer)["answer"]

    def survive(self, *, instances: int, kills: int, people: int = 3) -> Tally:
        """Starts instances and works through their tasks while processes are killed; waits until all is done."""
        self.servers[0].deploy("survival.bpmn", MODEL)
        began = time.monotonic()
        over = threading.Event()
        killing = threading.Thread(target=self._kill, args=(kills, over))
        killing.start()
        failures: list[BaseException] = []
        workers = [
            threading.Thread(target=self._person, args=(range(number, instances, people), instances, failures))
            for number in range(people)
        ]
        for each in workers:
            each.start()
        for each in workers:
            each.join()
        with contextlib.suppress(AssertionError):  # what is missing then is counted
            until("the end of every instance", lambda: self._finished() >= instances)
        over.set()
        killing.join()
        if failures:
            raise failures[0]
        return self._tally(instances, time.monotonic() - began)

    def _person(self, mine: range, instances: int, failures: list[BaseException]) -> None:
        try:
            for each in mine:
                body = {"businessKey": f"journey-{each}"}
                self.ask("POST", "/engine-rest/process-definition/key/survival/start", body, key=f"start-{each}")
            until("all tasks", lambda: self._work() >= instances)
        except BaseException as error:  # shown by the main thread
            failures.append(error)

    def _work(self) -> int:
        """Everybody tries to do what there is, the same tasks at the same moment too; how many are done."""
        for task in self.ask("GET", "/engine-rest/task?maxResults=3"):
            with contextlib.suppress(Answer):  # it is done: this list was read before
                self.ask("POST", f"/engine-rest/task/{task['id']}/complete", {}, key=f"complete-{task['id']}")
        return self._count("/engine-rest/history/task/count?finished=true")

    def _finished(self) -> int:
        return self._count("/engine-rest/history/process-instance/count?finished=true")

    def _count(self, path: str) -> int:
        return int(self.ask("GET", path)["count"])

    # ------------------------------------------------------------ what happens to them

    def _kill(self, kills: int, over: threading.Event) -> None:
        """A worker whose job killed it is started again, as by any supervisor; servers have gunicorn for that."""
        while not over.wait(self._chance.uniform(0.3, 1.5)):
            if self._killed < kills:
                self._killed += 1
                unlucky = self._chance.choice([*self.servers, *self.workers])
                unlucky.kill()
                unlucky.launch()
            for worker in self.workers:
                if not worker.alive:
                    worker.launch()

    def _tally(self, instances: int, seconds: float) -> Tally:
        with psycopg.connect(self._database_url) as connection:
            ended = Counter(row[0] for row in connection.execute(
                "SELECT business_key FROM historic_process_instance WHERE state = 'COMPLETED'"
            ))  # fmt: skip
            started = connection.execute("SELECT count(*) FROM historic_process_instance").fetchone()
            inside, outside = (
                Counter(tuple(row) for row in connection.execute(f"SELECT instance, activity FROM {name}"))
                for name in ("mark_inside", "mark_outside")
            )
            incidents = connection.execute("SELECT count(*) FROM incident").fetchone()
        assert started is not None
        assert incidents is not None
        return Tally(
            instances=instances,
            kills=self._killed,
            lost=instances - len(ended) + max(instances * MARKS - len(inside), 0),
            duplicated=int(started[0]) - instances + sum(count - 1 for count in inside.values()),
            unfenced=sum(count - 1 for count in outside.values()),
            incidents=int(incidents[0]),
            seconds=seconds,
        )
