"""JSON that two readers would read differently, or that no row can hold, is refused in words."""

from __future__ import annotations

import json

import pytest

from tests.rest import models
from tests.rest.client import Client

START = "/process-definition/key/p/start"
REFUSED = {
    "Infinity": ('{"variables": {"x": {"value": Infinity}}}', "holds Infinity, which is no JSON"),
    "minus Infinity": ('{"variables": {"x": {"value": -Infinity}}}', "holds -Infinity"),
    "NaN": ('{"variables": {"x": {"value": NaN}}}', "holds NaN"),
    "a number beyond doubles": ('{"variables": {"x": {"value": 1e999}}}', "holds the number 1e999, which is too large"),
    "a number of 5,000 digits": (f'{{"variables": {{"x": {{"value": {"9" * 5000}}}}}}}', "a number of 5000 digits"),
    "a name twice": ('{"businessKey": "a", "businessKey": "b"}', "has “businessKey” twice in one object"),
    "a name twice, deep inside": ('{"variables": {"x": {"value": {"a": 1, "a": 2}}}}', "has “a” twice"),
    "100,000 lists": ("[" * 100_000, "nested too deep"),
    "100,000 lists in a value": ('{"variables": {"x": {"value": ' + "[" * 100_000 + "]" * 100_000 + "}}}", "too deep"),
    "1,000 lists in a value": ('{"variables": {"x": {"value": ' + "[" * 900 + "]" * 900 + "}}}", "levels inside"),
    "half a character": ('{"variables": {"x": {"value": "\\ud800"}}}', "one half of a character"),
    "Infinity in a JSON text": ('{"variables": {"x": {"type": "Json", "value": "[Infinity]"}}}', "holds Infinity"),
    "a name twice in a JSON text": (
        json.dumps({"variables": {"x": {"type": "Json", "value": '{"a": 1, "a": 2}'}}}), "has “a” twice",
    ),
    "another encoding": ('{"x": 1}'.encode("utf-16"), "is no JSON object"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_and_nothing_starts(admin: Client, what: str) -> None:
    admin.deploy(models.TWO_TASKS)
    body, says = REFUSED[what]
    answer = admin.call("POST", START, data=body, content_type="application/json", status=400)
    assert says in answer.json["message"]
    assert admin.count("/process-instance") == 0


def test_ordinary_json_is_taken_as_it_is(admin: Client) -> None:
    admin.deploy(models.TWO_TASKS)
    body = '{"variables": {"x": {"value": {"a": [1, 2.5, -1e300, "\\ud83d\\ude00", null, true]}}}}'
    instance = admin.call("POST", START, data=body, content_type="application/json", status=200).json["id"]
    value = admin.get(f"/process-instance/{instance}/variables/x")["value"]
    assert value == {"a": [1, 2.5, -1e300, "😀", None, True]}
