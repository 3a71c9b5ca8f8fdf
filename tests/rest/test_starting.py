"""Who may start what over REST, and where it begins."""

from __future__ import annotations

import time

from flask import Flask

from api.demo import seed_flows
from engine import ProcessEngine
from tests.engine.play import END, START, bpmn, flow
from tests.rest import models
from tests.rest.client import Client


def test_a_service_is_started_by_its_starters_only(app: Flask, engine: ProcessEngine, admin: Client) -> None:
    seed_flows(engine)
    newest = admin.get("/process-definition/key/onboarding")["id"]
    fatima, maria = Client(app, "fatima", "demo"), Client(app, "maria", "demo")
    for what in ("start", "submit-form"):
        for which in (f"/process-definition/key/onboarding/{what}", f"/process-definition/{newest}/{what}"):
            refused = fatima.call("POST", which, json={}, status=403)
            assert "hiring-manager" in refused.text
    maria.call("POST", "/process-definition/key/onboarding/start", json={}, status=200)
    fatima.call("POST", "/process-definition/key/access_request/start", json={}, status=200)


def test_only_operators_start_in_the_middle(app: Flask, admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    key = admin.get("/process-definition")[0]["key"]
    hanna = Client(app, "hanna", "demo")
    middle = {"startInstructions": [{"type": "startBeforeActivity", "activityId": "second"}]}
    for asked in (middle, {"skipIoMappings": True}, {"skipCustomListeners": True}):
        hanna.call("POST", f"/process-definition/key/{key}/start", json=asked, status=403)
    admin.call("POST", f"/process-definition/key/{key}/start", json=middle, status=200)
    hanna.call("POST", f"/process-definition/key/{key}/start", json={}, status=200)


def test_a_signal_that_starts_what_throws_it_is_stopped(admin: Client) -> None:
    signal = '<signalEventDefinition signalRef="again"/>'
    body = f'<startEvent id="start">{signal}</startEvent><endEvent id="end">{signal}</endEvent>'
    admin.deploy(bpmn(body + flow("start", "end"), beside='<signal id="again" name="again"/>'))
    began = time.process_time()
    refused = admin.call("POST", "/signal", json={"name": "again"}, status=500)
    assert "1,000 instances" in refused.text
    assert time.process_time() - began < 30
    assert admin.get("/history/process-instance") == []


def test_a_due_date_beyond_all_years_says_so(admin: Client) -> None:
    work = '<userTask id="work" name="Work" camunda:dueDate="${due}"/>'
    admin.deploy(bpmn(START + work + END + flow("start", "work", "end"), "due"))
    given = {"variables": {"due": {"value": "9999-12-31T23:59:59-14:00"}}}
    refused = admin.call("POST", "/process-definition/key/due/start", json=given, status=500)
    assert "beyond the years" in refused.text
