"""What the clients of the benchmarks send to Onedoor."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from benchmarks.servers import Request, Server


def _headers(person: str) -> tuple[tuple[str, str], ...]:
    credentials = base64.b64encode(f"{person}:demo".encode()).decode()
    return ("Authorization", f"Basic {credentials}"), ("Content-Type", "application/json")


#: Hanna of HR works; the administrator deploys and moves timers.
PERSON, ADMINISTRATOR = _headers("hanna"), _headers("admin")


#: The arguments of Python that are the command `onedoor`.
COMMAND = ("-c", "from api.cli import main; main()")


def onedoor(port: int) -> list[str]:
    """The arguments of Python that serve Onedoor with the demo people."""
    return [*COMMAND, "serve", "--demo", "--port", str(port)]


def environment(url: str, home: Path) -> dict[str, str]:
    return {"ONEDOOR_HOME": str(home), "ONEDOOR_DATABASE_URL": url}


def rest(method: str, path: str, body: object = None, headers: tuple[tuple[str, str], ...] = PERSON) -> Request:
    return Request(method, f"/engine-rest{path}", None if body is None else json.dumps(body), headers)


TASK_LIST = rest("GET", "/task?maxResults=20&sortBy=dueDate&sortOrder=asc")


def completion(task_id: str) -> Request:
    return rest("POST", f"/task/{task_id}/complete", {})


def start(key: str) -> Request:
    return rest("POST", f"/process-definition/key/{key}/start", {})


def deploy(server: Server, key: str, source: bytes) -> None:
    boundary = "onedoor"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="data"; filename="{key}.bpmn"\r\n\r\n'
        f"{source.decode()}\r\n--{boundary}--\r\n"
    )
    headers = (ADMINISTRATOR[0], ("Content-Type", f"multipart/form-data; boundary={boundary}"))
    status, content = server.ask(Request("POST", "/engine-rest/deployment/create", body, headers))
    if status != 200:
        raise RuntimeError(f"the flow was not deployed: {content!r}")


def open_tasks(server: Server, filters: str = "") -> list[str]:
    """Ids; the oldest first."""
    _, content = server.ask(rest("GET", f"/task?sortBy=created&sortOrder=asc{filters}", headers=ADMINISTRATOR))
    return [task["id"] for task in json.loads(content)]
