"""Every operation of both APIs is sent nonsense, at random but from a fixed seed: wrong types, huge numbers, halves of
characters, NUL, dates beyond the calendar. What comes back is an answer of the contract, never an error nobody foresaw.

ONEDOOR_NONSENSE is how many requests each operation gets (2); a long hunt takes 400.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from api.app import create_app
from api.demo import PASSWORD
from engine import ProcessEngine, Settings, TestClock, backup, restore
from tests.conftest import postgres_database
from tests.rest import models
from tests.rest.client import Client
from tests.rest.test_every_operation import OPERATIONS

TURNS = int(os.environ.get("ONEDOOR_NONSENSE", "2"))
NASTY: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 1.5, 1e308, "", " ", "x", "null", "\x00",
    "a\x00b", "\ud800", "Å\u202e😀", "x" * 5_000, "%", "_", "' OR 1=1 --", "${1/0}", "${missing}", "../../etc/passwd",
    "2027-03-01T10:00:00.000+0000", "0000-00-00T00:00:00", "9999-12-31T23:59:59.999-1400",
    "0001-01-01T00:00:00.000+1400", "P1D", "P999999999Y", "R/PT0S", [], [None], [[]], ["x", 1, None], {}, {"x": None},
    {"value": 1}, {"value": "\x00", "type": "String"}, {"value": "x", "type": "Integer"}, {"value": {}, "type": 7},
    {"value": "{", "type": "Json"}, {"value": "AAA", "type": "Bytes"}, {"value": 2**70, "type": "Long"},
    {"a": {"value": [1], "type": "Object", "valueInfo": {"serializationDataFormat": 3}}}, [{"name": 1, "value": []}],
    [{"type": "cancel", "activityId": "first"}], [{"type": "startBeforeActivity", "activityId": "\x00"}],
    [{"sortBy": "id", "sortOrder": "asc"}],
]  # fmt: skip
PLACE = re.compile(r"<(?:\w+:)?\w+>")
#: After these nobody could sign in any more.
SUICIDAL = re.compile(r"password|/credentials|^DELETE /user/")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def app(request: pytest.FixtureRequest, people_template: Path, tmp_path: Path, clock: TestClock) -> Iterator[Flask]:
    file = tmp_path / "onedoor.db"
    shutil.copy(people_template, file)
    url = f"sqlite:///{file}"
    if request.param == "sqlite":
        yield from served(url, tmp_path, clock)
    else:
        backup(url, tmp_path / "people.backup")
        with postgres_database(request.getfixturevalue("postgres_server")) as other:
            restore(tmp_path / "people.backup", other)
            yield from served(other, tmp_path, clock)


def served(url: str, home: Path, clock: TestClock) -> Iterator[Flask]:
    engine = ProcessEngine(Settings(url, home, test_clock=True), clock)
    yield create_app(engine)
    engine.close()


def filled(client: Client) -> list[str]:
    """Deploys and starts some of everything; the ids of what there is then."""
    for source in (models.TWO_TASKS, models.TIMER, models.ASYNCHRONOUS, models.FAILING, models.EXTERNAL, models.SIGNAL):
        client.deploy(source)
    for key in ("p", "timer", "async", "failing", "external"):
        client.start(key, {"n": 1, "text": "x", "list": [1, {"a": None}]})
    kinds = (
        "deployment", "process-definition", "process-instance", "task", "job", "external-task", "execution",
        "variable-instance", "history/activity-instance", "incident",
    )  # fmt: skip
    return [str(each["id"]) for kind in kinds for each in client.get(f"/{kind}")[:4]]


@dataclass(frozen=True)
class Nonsense:
    """Things of about the right shape with something wrong in them, or other things altogether."""

    choose: random.Random
    ids: list[str]

    def path(self, rule: str) -> str:
        return PLACE.sub(lambda _: self.choose.choice([*self.ids, "nothing", "n", "p"]), rule)

    def query(self, schema: Mapping[str, Any]) -> dict[str, str]:
        """A test client cannot write halves of characters in an address."""
        found = self.object(schema, schema.get("$defs", {}))
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in found.items()}
        return {name: value for name, value in texts.items() if "\ud800" not in value}

    def object(self, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
        required = schema.get("required", ())
        return {
            name: self.value(inner, schemas)
            for name, inner in schema.get("properties", {}).items()
            if name in required or self.choose.random() < 0.3
        }

    def value(self, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
        choose = self.choose
        if choose.random() < 0.5:
            return choose.choice(self.ids) if choose.random() < 0.3 else choose.choice(NASTY)
        if "$ref" in schema:
            return self.value(schemas[schema["$ref"].rpartition("/")[2]], schemas)
        if "anyOf" in schema:
            return self.value(choose.choice(schema["anyOf"]), schemas)
        match schema.get("type"):
            case "object" if "properties" in schema:
                return self.object(schema, schemas)
            case "object":
                inner = schema.get("additionalProperties")
                of = inner if isinstance(inner, dict) else {}
                return {choose.choice(["n", "", "\x00", "a.b"]): self.value(of, schemas)}
            case "array":
                return [self.value(schema.get("items", {}), schemas) for _ in range(choose.randint(0, 2))]
            case "integer" | "number":
                return choose.randint(-2, 2**33)
            case "boolean":
                return choose.random() < 0.5
            case _:
                return choose.choice(["x", "first", "admin", "it", "Integer", "asc", *self.ids])


def test_no_operation_meets_an_error_that_nobody_thought_of(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    client = Client(app, "admin", PASSWORD)
    nonsense = Nonsense(random.Random(20_270_301), filled(client))
    outcomes, unexpected = Counter[int](), []
    for prefix, operation in OPERATIONS * TURNS:
        path = nonsense.path(operation.rule)
        if SUICIDAL.search(f"{operation.method} {path}"):
            continue
        more: dict[str, Any] = {}
        if operation.query is not None:
            more["query_string"] = nonsense.query(operation.query.model_json_schema(by_alias=True))
        if operation.body is not None:
            schema = operation.body.model_json_schema(by_alias=True)
            body = nonsense.object(schema, schema.get("$defs", {}))
            more |= {"data": json.dumps(body), "content_type": "application/json"}
        caplog.clear()
        answer = client.call(operation.method, path, at=prefix, **more)
        outcomes[answer.status_code] += 1
        if "Traceback" in caplog.text:
            unexpected.append((operation.method, prefix + path, more, caplog.text[-1500:]))
    assert not unexpected, "\n\n".join(map(str, unexpected[:5])) + f"\n{len(unexpected)} of {outcomes}"
    assert outcomes[400] > len(OPERATIONS) / 4, "nonsense was hardly ever refused: is it sent at all?"
    assert outcomes[200] + outcomes[204] > len(OPERATIONS) / 4, "hardly anything was ever done: the hunt is too wild"
