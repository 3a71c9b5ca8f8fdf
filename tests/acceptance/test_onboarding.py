"""The example onboarding through every door, worked on over HTTP by people of ten departments, across a kill -9."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.server import Answer, Server, onedoor, serving, until
from workflows import DEMO_PEOPLE

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "onboarding.bpmn"
REST = "/engine-rest"
#: Department -> the person of the demo who works there.
PEOPLE = {group: person.id for person in DEMO_PEOPLE for group in person.groups if group != "process-owner"}
TIMER = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">
  <process id="timer" isExecutable="true">
    <startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="wait"/>
    <intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>PT2S</timeDuration></timerEventDefinition>
    </intermediateCatchEvent><sequenceFlow id="f2" sourceRef="wait" targetRef="end"/><endEvent id="end"/>
  </process></definitions>"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests here: none of them counts what others started, and a killed one is started again."""
    with serving(tmp_path_factory.mktemp("home"), "--demo") as running:
        yield running


def start(server: Server, user: str = "maria") -> str:
    variables = {
        "employeeName": {"value": "Astrid Lund"},
        "firstDay": {"value": "2027-03-01"},
        "roleClass": {"value": "vetted"},
        "remote": {"value": True},
        "cost": {"value": 42_000},
        "systems": {"value": ["payroll-system", "source-code"]},
    }
    started = server.post(f"{REST}/process-definition/key/onboarding/start", {"variables": variables}, user=user)
    return str(started["id"])


def finish_all(server: Server, instance_id: str, most: int = 100) -> list[tuple[str, str]]:
    """Every open task is claimed and completed by somebody of its department, until none is left or `most` are done."""
    done: list[tuple[str, str]] = []
    while len(done) < most:
        tasks = server.get(f"{REST}/task?processInstanceId={instance_id}")
        if not tasks:
            break
        for task in tasks[: most - len(done)]:
            links = server.get(f"{REST}/task/{task['id']}/identity-links")
            person = PEOPLE[next(link["groupId"] for link in links if link["groupId"])]
            server.post(f"{REST}/task/{task['id']}/claim", {"userId": person}, user=person)
            variables = {"inStock": {"value": False}} if task["taskDefinitionKey"] == "reserve_devices" else {}
            server.post(f"{REST}/task/{task['id']}/complete", {"variables": variables}, user=person)
            done.append((task["name"], person))
    return done


def assert_complete(server: Server, instance_id: str, done: list[tuple[str, str]]) -> None:
    """It has ended, and the history has every task with who and when."""
    instance = server.get(f"{REST}/history/process-instance/{instance_id}")
    assert instance["state"] == "COMPLETED"
    assert instance["endTime"] is not None
    history = server.get(f"{REST}/history/task?processInstanceId={instance_id}")
    assert sorted((task["name"], task["assignee"]) for task in history) == sorted(done)
    assert all(task["startTime"] and task["endTime"] for task in history)
    assert len({task["name"] for task in history}) == 25
    assert len({person for _, person in done}) >= 6


def test_an_onboarding_runs_from_its_start_to_its_last_task_over_rest(server: Server) -> None:
    instance_id = start(server)
    done = finish_all(server, instance_id)
    assert_complete(server, instance_id, done)


def test_the_example_is_deployed_over_rest_and_by_the_command(server: Server) -> None:
    before = server.get(f"{REST}/process-definition/key/onboarding")["version"]
    server.deploy("onboarding.bpmn", EXAMPLE.read_bytes())
    assert server.get(f"{REST}/process-definition/key/onboarding")["version"] == before + 1
    said = onedoor(server.home, "deploy", str(EXAMPLE))
    assert said.returncode == 0, said.stderr
    assert f"version {before + 2}" in said.stdout
    assert server.get(f"{REST}/process-definition/key/onboarding")["version"] == before + 2
    instance_id = start(server)
    assert_complete(server, instance_id, finish_all(server, instance_id))


def test_nothing_is_lost_when_the_server_is_killed_in_the_middle_and_timers_still_fire(server: Server) -> None:
    server.deploy("timer.bpmn", TIMER)
    instance_id = start(server)
    done = finish_all(server, instance_id, most=9)
    waiting = server.post(f"{REST}/process-definition/key/timer/start")["id"]
    before = server.get(f"{REST}/task?processInstanceId={instance_id}")
    server.kill()
    server.start()
    assert server.get(f"{REST}/task?processInstanceId={instance_id}") == before
    until(
        "the timer",
        lambda: server.get(f"{REST}/history/process-instance/{waiting}")["state"] == "COMPLETED",
    )
    assert_complete(server, instance_id, done + finish_all(server, instance_id))
    fired = server.get(f"{REST}/history/activity-instance?processInstanceId={waiting}&activityId=wait")
    assert len(fired) == 1, "it fires once"


def test_people_of_other_departments_can_neither_see_nor_finish_a_task(server: Server) -> None:
    instance_id = start(server)
    task = server.get(f"{REST}/task?processInstanceId={instance_id}")[0]
    assert server.get(f"{REST}/task?processInstanceId={instance_id}", user="fatima") == []
    for verb in ("claim", "complete"):
        with pytest.raises(Answer) as refused:
            server.post(f"{REST}/task/{task['id']}/{verb}", {}, user="fatima")
        assert refused.value.status in (404, 500)
    assert server.get(f"{REST}/task/{task['id']}")["assignee"] is None


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.bpmn", b"", "empty"),
        ("picture.bpmn", b"\x89PNG\r\n\x1a\n" + bytes(200), "XML"),
        ("broken.bpmn", b"<definitions><process>", "XML"),
        ("other.bpmn", b"<html/>", "BPMN"),
        ("large.bpmn", b"<a>" + b" " * 3_000_000 + b"</a>", "2,000,000"),
        (
            "reference.bpmn",
            EXAMPLE.read_bytes().replace(b'targetRef="end"', b'targetRef="nowhere"'),
            "nowhere",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_problems_and_the_server_serves_on(
    server: Server, name: str, content: bytes, says: str
) -> None:
    with pytest.raises(Answer) as refused:
        server.deploy(name, content)
    assert refused.value.status == 400
    assert refused.value.body["type"] == "ParseException"
    assert refused.value.body["message"].startswith("ENGINE-09005 Could not parse BPMN process.")
    assert says in refused.value.body["message"]
    assert refused.value.body["details"][name]["errors"]
    assert server.get("/health/ready")["status"] == "ok"


def test_fifty_megabytes_are_refused_and_the_server_serves_on(server: Server) -> None:
    with pytest.raises((Answer, OSError)) as refused:
        server.deploy("huge.bpmn", b"<a>" + b" " * 50_000_000 + b"</a>")
    if isinstance(refused.value, Answer):
        assert refused.value.status in (400, 413)
    assert server.get("/health/ready")["status"] == "ok"
