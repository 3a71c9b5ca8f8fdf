"""Messages, signals, conditions, executions and what waits for them."""

from __future__ import annotations

import pytest

from tests.rest import models
from tests.rest.client import Client, untyped, values_of


@pytest.fixture
def order(admin: Client) -> str:
    """An order that waits for its payment."""
    admin.deploy(models.MESSAGE)
    body = {"messageName": "ordered", "businessKey": "O-1", "resultEnabled": True,
            "processVariables": untyped({"customer": "Ada"})}  # fmt: skip
    (result,) = admin.post("/message", body)
    assert (result["resultType"], result["execution"]) == ("ProcessDefinition", None)
    return str(result["processInstance"]["id"])


def test_a_message_reaches_the_one_execution_that_fits(admin: Client, order: str) -> None:
    body = {
        "messageName": "paid",
        "businessKey": "O-1",
        "correlationKeys": {"customer": {"value": "Ada", "type": "String"}},
        "processVariables": untyped({"amount": 12}),
        "resultEnabled": True,
        "variablesInResultEnabled": True,
        "tenantId": None,
    }
    (result,) = admin.post("/message", body)
    assert (result["resultType"], result["processInstance"]) == ("Execution", None)
    assert result["execution"]["processInstanceId"] == order
    assert values_of(result["variables"]) == {"customer": "Ada", "amount": 12}
    assert admin.open_tasks() == ["ship"]


def test_a_message_that_fits_nobody_or_several_is_refused(admin: Client, order: str) -> None:
    keys = untyped({"customer": "Bo"})
    for more in ({"businessKey": "O-2"}, {"processInstanceId": "none"}, {"correlationKeys": keys}):
        admin.post("/message", {"messageName": "paid", **more}, status=400)
    admin.post("/message", {"messageName": "ordered", "businessKey": "O-2"}, status=204)
    admin.post("/message", {"messageName": "paid"}, status=400)
    admin.post("/message", {}, status=400)
    results = admin.post("/message", {"messageName": "paid", "all": True, "resultEnabled": True})
    assert len(results) == 2


def test_one_execution_is_sent_its_message(admin: Client, order: str) -> None:
    (waiting,) = admin.get("/execution", messageEventSubscriptionName="paid")
    assert admin.get(f"/execution/{waiting['id']}") == waiting
    path = f"/execution/{waiting['id']}/messageSubscriptions"
    admin.post(f"{path}/unheard/trigger", status=400)
    admin.post(f"{path}/paid/trigger", {"variables": untyped({"amount": 1})}, status=204)
    assert admin.open_tasks() == ["ship"]


def test_subscriptions_show_what_waits_and_what_starts(admin: Client, order: str) -> None:
    found = {each["eventName"]: each for each in admin.get("/event-subscription", eventType="message")}
    assert found["ordered"]["processInstanceId"] is None
    assert found["ordered"]["executionId"] is None
    assert found["paid"]["processInstanceId"] == order
    assert found["paid"]["activityId"] == "wait"
    assert set(found["paid"]) >= {"id", "eventType", "createdDate", "tenantId"}
    assert admin.count("/event-subscription", processInstanceId=order) == 1
    assert admin.get("/event-subscription", eventType="signal") == []


def test_a_signal_reaches_everyone_and_nobody_is_no_error(admin: Client) -> None:
    admin.deploy(models.SIGNAL)
    admin.start("drill")
    admin.start("drill")
    admin.post("/signal", {"name": "unheard"}, status=204)
    admin.post("/signal", {"name": "fire", "variables": untyped({"where": "kitchen"})}, status=204)
    assert admin.open_tasks() == ["leave", "leave"]
    admin.post("/signal", {}, status=400)


def test_a_signal_can_go_to_one_execution(admin: Client) -> None:
    admin.deploy(models.SIGNAL)
    admin.start("drill")
    admin.start("drill")
    one, _other = admin.get("/execution", signalEventSubscriptionName="fire")
    admin.post("/signal", {"name": "fire", "executionId": one["id"]}, status=204)
    assert admin.open_tasks() == ["leave"]
    refused = admin.call("POST", "/signal", json={"name": "fire", "executionId": "none"})
    assert refused.status_code in (400, 500)


def test_a_condition_starts_what_it_holds_for(admin: Client) -> None:
    admin.deploy(models.CONDITION)
    assert admin.post("/condition", {"variables": untyped({"level": 1})}) == []
    (started,) = admin.post("/condition", {"variables": untyped({"level": 3}), "businessKey": "B"})
    assert started["businessKey"] == "B"
    assert admin.open_tasks() == ["look"]
    admin.post("/condition", {}, status=400)


def test_a_waiting_execution_is_let_go_on(admin: Client) -> None:
    admin.deploy(models.RECEIVE)
    instance = admin.start("receive")
    (waiting,) = admin.get("/execution", activityId="wait", processInstanceId=instance)
    assert admin.count("/execution", processDefinitionKey="receive") >= 1
    assert admin.post("/execution", {"activityId": "wait"}) == [waiting]
    admin.post(f"/execution/{waiting['id']}/signal", {"variables": untyped({"x": 1})}, status=204)
    assert admin.open_tasks() == ["go"]
    assert admin.call("POST", f"/execution/{waiting['id']}/signal", json={}).status_code in (400, 404, 500)


def test_an_execution_holds_variables_of_its_own(admin: Client) -> None:
    admin.deploy(models.RECEIVE)
    instance = admin.start("receive", {"a": 1})
    (waiting,) = admin.get("/execution", activityId="wait")
    path = f"/execution/{waiting['id']}/localVariables"
    admin.put(f"{path}/b", {"value": 2})
    admin.post(path, {"modifications": untyped({"c": 3})}, status=204)
    assert values_of(admin.get(path)) == {"b": 2, "c": 3}
    assert admin.get(f"{path}/b")["value"] == 2
    assert admin.call("GET", f"{path}/b/data", status=200).data == b"2"
    admin.delete(f"{path}/b")
    admin.call("GET", f"{path}/b", status=404)
    assert values_of(admin.get(f"/process-instance/{instance}/variables")) == {"a": 1}
    assert values_of(admin.get(f"/execution/{instance}/localVariables")) == {"a": 1}
