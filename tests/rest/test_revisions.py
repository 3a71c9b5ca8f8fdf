"""`ETag` and `If-Match`: a change that was decided on an old look is refused."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from flask import Flask

from engine import ProcessEngine
from tests.rest import models
from tests.rest.client import Client, untyped


@pytest.fixture
def engine(either_engine: ProcessEngine) -> ProcessEngine:
    return either_engine


def etag(client: Client, instance: str) -> str:
    return client.call("GET", f"/process-instance/{instance}", status=200).headers["ETag"]


def test_an_instance_has_another_etag_after_each_change(admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    instance = admin.start()
    seen = [etag(admin, instance)]
    admin.put(f"/process-instance/{instance}/variables/a", {"value": 1})
    seen.append(etag(admin, instance))
    admin.post(f"/task/{admin.task('first')['id']}/complete", status=204)
    seen.append(etag(admin, instance))
    assert len(set(seen)) == 3
    assert etag(admin, instance) == seen[-1]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/variables/a", {"value": 2}),
        ("POST", "/variables", {"modifications": untyped({"a": 2})}),
        ("DELETE", "/variables/a", None),
        ("POST", "/modification", {"instructions": [{"type": "startBeforeActivity", "activityId": "second"}]}),
        ("DELETE", "", None),
    ],
)
def test_a_change_with_an_old_etag_is_refused_and_with_the_newest_accepted(
    admin: Client, method: str, path: str, body: object
) -> None:
    admin.deploy(models.TWO_TASKS)
    instance = admin.start(variables={"a": 1})
    old = etag(admin, instance)
    admin.put(f"/process-instance/{instance}/variables/b", {"value": 1})
    newest = etag(admin, instance)

    def change(tag: str) -> tuple[int, object]:
        answer = admin.call(method, f"/process-instance/{instance}{path}", json=body, headers={"If-Match": tag})
        return answer.status_code, answer.json if answer.data else None

    status, problem = change(old)
    assert status == 412
    assert isinstance(problem, dict)
    assert problem["type"] == "OptimisticLockingException"
    assert etag(admin, instance) == newest
    assert change(newest) == (204, None)


def test_any_revision_will_do_for_a_star_and_nonsense_is_none(admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    path = f"/process-instance/{admin.start()}/variables/a"
    admin.call("PUT", path, json={"value": 1}, headers={"If-Match": "*"}, status=204)
    admin.call("PUT", path, json={"value": 1}, headers={"If-Match": '"first"'}, status=400)


def test_of_two_changes_decided_on_the_same_look_one_is_refused(app: Flask, admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    instance = admin.start(variables={"n": 0})
    tag = etag(admin, instance)
    ready, statuses = threading.Barrier(4), []

    def change(number: int) -> None:
        client = Client(app, "admin", "demo")
        ready.wait(30)
        answer = client.call(
            "PUT", f"/process-instance/{instance}/variables/n", json={"value": number}, headers={"If-Match": tag}
        )
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Counter(statuses) == {204: 1, 412: 3}


def test_the_same_task_finished_by_many_is_204_once_and_the_contracts_error_else(app: Flask, admin: Client) -> None:
    admin.deploy(models.parallel_tasks(3))
    admin.start()
    tasks = [task["id"] for task in admin.get("/task")]
    ready, answers = threading.Barrier(6), []

    def finish() -> None:
        client = Client(app, "admin", "demo")
        ready.wait(30)
        for task in tasks:
            answer = client.call("POST", f"/task/{task}/complete", json={})
            answers.append((answer.status_code, answer.json["type"] if answer.data else None))

    threads = [threading.Thread(target=finish) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    done = answers.count((204, None))
    refused = {answer for answer in answers if answer[0] != 204}
    assert (done, len(answers)) == (3, 18)
    assert refused <= {(404, "InvalidRequestException"), (500, "OptimisticLockingException")}
    assert admin.open_tasks() == []
