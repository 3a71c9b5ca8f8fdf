"""`Idempotency-Key`: the same request twice is one effect and one answer, on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from engine import SYSTEM, InstanceQuery, ProcessEngine, TestClock, count_instances
from tests.rest import models
from tests.rest.client import Client, untyped

KEY = "Idempotency-Key"
START = "/process-definition/key/p/start"


@pytest.fixture
def engine(either_engine: ProcessEngine) -> ProcessEngine:
    return either_engine


def send(client: Client, path: str, key: str, body: Any = None, status: int | None = None) -> TestResponse:
    return client.call("POST", path, json=body or {}, headers={KEY: key}, status=status)


def running(engine: ProcessEngine) -> int:
    with engine.query(SYSTEM) as context:
        return count_instances(context, InstanceQuery())


def test_a_start_that_comes_twice_starts_one_instance_and_gets_the_same_answer(
    admin: Client, engine: ProcessEngine
) -> None:
    admin.deploy(models.TWO_TASKS)
    body = {"businessKey": "nora", "withVariablesInReturn": True, "variables": untyped({"a": 1})}
    first = send(admin, START, "k1", body, 200)
    again = send(admin, START, "k1", body, 200)
    assert again.data == first.data
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert running(engine) == 1
    send(admin, START, "k2", body, 200)
    assert running(engine) == 2


def test_a_task_completed_twice_under_one_key_is_204_both_times_and_404_under_another(admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    admin.start()
    path = f"/task/{admin.task('first')['id']}/complete"
    for _ in range(2):
        answer = send(admin, path, "k", {"variables": untyped({"a": 1})}, 204)
        assert (answer.data, "Content-Type" in answer.headers) == (b"", False)
    refused = send(admin, path, "other", {"variables": untyped({"a": 1})}, 404)
    assert refused.json["type"] == "InvalidRequestException"
    assert admin.open_tasks() == ["second"]


def test_a_form_submitted_twice_under_one_key_is_one_submission(admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    admin.start()
    path = f"/task/{admin.task('first')['id']}/submit-form"
    assert [send(admin, path, "k").status_code for _ in range(2)] == [204, 204]


def test_a_message_sent_twice_under_one_key_is_received_once(admin: Client, engine: ProcessEngine) -> None:
    admin.deploy(models.MESSAGE)
    body = {"messageName": "ordered", "resultEnabled": True}
    first, again = (send(admin, "/message", "k", body, 200) for _ in range(2))
    assert first.data == again.data
    assert running(engine) == 1


def test_a_key_that_comes_with_another_request_is_refused_and_nothing_happens(
    admin: Client, engine: ProcessEngine
) -> None:
    admin.deploy(models.TWO_TASKS)
    send(admin, START, "k", {"businessKey": "nora"}, 200)
    refused = send(admin, START, "k", {"businessKey": "olle"}, 422)
    assert "another request" in refused.json["message"]
    assert running(engine) == 1


def test_the_keys_of_two_people_are_not_each_others(app: Flask, admin: Client, engine: ProcessEngine) -> None:
    admin.deploy(models.TWO_TASKS)
    send(admin, START, "k", status=200)
    send(Client(app, "hanna", "demo"), START, "k", {"businessKey": "another"}, 200)
    assert running(engine) == 2


def test_a_request_that_failed_left_nothing_and_is_tried_again(admin: Client, engine: ProcessEngine) -> None:
    send(admin, START, "k", status=404)
    admin.deploy(models.TWO_TASKS)
    send(admin, START, "k", status=200)
    assert running(engine) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_that_is_none_is_refused(admin: Client, key: str) -> None:
    admin.deploy(models.TWO_TASKS)
    assert "Idempotency-Key" in send(admin, START, key, status=400).json["message"]


def test_an_answer_is_kept_for_a_day(admin: Client, engine: ProcessEngine, clock: TestClock) -> None:
    admin.deploy(models.TWO_TASKS)
    first = send(admin, START, "k", status=200).json["id"]
    clock.advance(timedelta(hours=23, minutes=59))
    assert send(admin, START, "k").json["id"] == first
    clock.advance(timedelta(minutes=1))
    assert send(admin, START, "k").json["id"] != first
    assert running(engine) == 2


def test_replays_at_the_same_moment_have_one_effect_and_identical_answers(
    app: Flask, admin: Client, engine: ProcessEngine
) -> None:
    admin.deploy(models.TWO_TASKS)
    answers: list[tuple[int, bytes]] = []
    ready = threading.Barrier(8)

    def ask(number: int) -> None:
        client = Client(app, "admin", "demo")
        ready.wait(30)
        for each in range(5):
            answer = send(client, START, f"k{each}", {"businessKey": f"b{each}"})
            answers.append((answer.status_code, answer.data))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Counter(Counter(answers).values()) == {8: 5}
    assert {status for status, _ in answers} == {200}
    assert running(engine) == 5


def test_the_document_names_the_header(admin: Client) -> None:
    document = admin.get("/openapi.json")
    for path in (START.replace("/p/", "/{key}/"), "/task/{id}/complete", "/message"):
        names = [each["name"] for each in document["paths"][f"/engine-rest{path}"]["post"]["parameters"]]
        assert KEY in names
