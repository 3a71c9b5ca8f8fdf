"""Flows: uploading, publishing, drafts; and what is said about files that are none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from engine import SYSTEM, DefinitionQuery, ProcessEngine, count_definitions
from tests.pages.person import Person

Somebody = Callable[..., Person]
ONBOARDING = Path(__file__).resolve().parents[2] / "examples" / "onboarding.bpmn"
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def model(inside: str, key: str = "small") -> bytes:
    return (
        f'<definitions xmlns="{BPMN}" targetNamespace="t"><process id="{key}" name="Small" isExecutable="true">'
        f"{inside}</process></definitions>"
    ).encode()


STRAIGHT = model(
    '<startEvent id="begin"/><sequenceFlow id="f1" sourceRef="begin" targetRef="look"/>'
    '<userTask id="look" name="Look"/>'
    '<sequenceFlow id="f2" sourceRef="look" targetRef="end"/><endEvent id="end"/>'
)
TO_NOWHERE = model('<startEvent id="begin"/>\n<sequenceFlow id="lost" sourceRef="begin" targetRef="nowhere"/>')


@pytest.fixture
def owner(somebody: Somebody) -> Person:
    olle = somebody("olle")
    olle.open("/flows")
    return olle


def test_the_example_is_published_by_uploading_it(owner: Person) -> None:
    owner.send(
        "/flows", {"file": ("onboarding.bpmn", ONBOARDING.read_bytes().replace(b"Employee onboarding", b"Changed"))}
    )
    assert "version 2" in owner.says("//*[@role='status']")
    assert "Version 2" in owner.says("//table")


def test_what_is_downloaded_is_what_was_uploaded(owner: Person) -> None:
    owner.send("/flows", {"file": ("small.bpmn", STRAIGHT)})
    found = owner.client.get("/flows/small/1.bpmn")
    assert found.data == STRAIGHT
    assert "small-v1.bpmn" in found.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("picture.png", PNG),
        ("picture.bpmn", PNG),
        ("empty.bpmn", b""),
        ("half.bpmn", STRAIGHT[:90]),
        ("letter.bpmn", b"Dear all,"),
        ("page.bpmn", b"<html><body>Hello</body></html>"),
        ("lost.bpmn", TO_NOWHERE),
        ("entity.bpmn", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + STRAIGHT),
    ],
)
def test_a_file_that_is_no_flow_is_refused_in_words(
    owner: Person, engine: ProcessEngine, name: str, content: bytes
) -> None:
    with engine.query(SYSTEM) as context:
        before = count_definitions(context, DefinitionQuery())
    owner.send("/flows", {"file": (name, content)}, status=400)
    said = owner.says("//*[@role='alert']")
    assert f"{name} was not published" in said
    assert len(said) > 60
    assert "root:" not in owner.answer.text
    with engine.query(SYSTEM) as context:
        assert count_definitions(context, DefinitionQuery()) == before
    owner.open("/flows")


def test_a_problem_tells_the_element_the_line_and_the_remedy(owner: Person) -> None:
    owner.send("/flows", {"file": ("lost.bpmn", TO_NOWHERE)}, status=400)
    first = owner.says("//*[contains(@class,'problems')]/li[1]")
    assert "nowhere" in first
    assert "line 2" in first
    assert "lost" in first


def test_errors_stand_before_warnings(owner: Person) -> None:
    source = STRAIGHT.replace(b'targetRef="end"', b'targetRef="nowhere"')
    owner.send("/flows", {"file": ("lost.bpmn", source)}, status=400)
    severities = owner.page.xpath("//*[contains(@class,'problems')]/li/@data-severity")
    assert set(severities) == {"error", "warning"}
    assert severities == sorted(severities)


def test_flows_are_called_by_their_swedish_names_on_swedish_pages(somebody: Somebody) -> None:
    olle = somebody("olle", language="sv")
    olle.open("/flows")
    assert olle.link("Introduktion av nyanställd", "/flows/") == "/flows/onboarding"
    for path in ("/flows/onboarding", "/flows/onboarding/edit"):
        olle.open(path)
        assert "Introduktion av nyanställd" in olle.says("//h1")


def test_sending_no_file_says_so(owner: Person) -> None:
    found = owner.post("/flows")
    assert found.status_code == 400
    assert "No file was chosen." in found.text


def test_a_file_of_fifty_megabytes_is_refused_and_the_server_serves_on(owner: Person, somebody: Somebody) -> None:
    head = (
        f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{owner.token()}\r\n'
        '--x\r\nContent-Disposition: form-data; name="file"; filename="large.bpmn"\r\n\r\n<definitions>'
    )
    body = head.encode() + b" " * 50_000_000 + b"\r\n--x--\r\n"
    found = owner.client.post("/flows", data=body, content_type="multipart/form-data; boundary=x")
    assert found.status_code == 413
    assert "was not published" in found.text
    assert "2 MB" in found.text
    assert "Employee onboarding" in found.text
    stranger = somebody("hanna").client.post("/flows", data=body, content_type="multipart/form-data; boundary=x")
    assert stranger.status_code == 413
    assert "Employee onboarding" not in stranger.text
    owner.open("/flows")


def test_only_owners_may_upload(somebody: Somebody) -> None:
    found = somebody("hanna").post("/flows")
    assert found.status_code == 403


# ---------------------------------------------------------------- the studio


def sent(owner: Person, path: str, body: dict[str, Any]) -> TestResponse:
    return owner.client.post(path, data=json.dumps(body), content_type="application/json",
                             headers={"X-CSRF-Token": owner.token()})  # fmt: skip


def test_a_new_flow_begins_as_a_draft_that_can_be_published(owner: Person) -> None:
    owner.open("/flows/new")
    owner.send("/flows/new", {"name": "Office <relocation>"})
    data = json.loads(owner.says("//script[@id='page-data']"))
    assert data["key"] == "office_relocation"
    source = owner.client.get(data["xmlUrl"]).text
    found = sent(owner, data["publishUrl"], {"xml": source, "revision": data["revision"]})
    assert found.status_code == 200, found.text
    owner.open(found.json["location"])
    assert "Office <relocation>" in owner.says("//h1")


def test_the_key_of_a_new_flow_keeps_the_letters_under_its_accents(owner: Person) -> None:
    owner.open("/flows/new")
    owner.send("/flows/new", {"name": "Beställ en smörgås"})
    assert json.loads(owner.says("//script[@id='page-data']"))["key"] == "bestall_en_smorgas"


def test_a_task_is_drawn_for_departments_and_not_for_roles(owner: Person) -> None:
    owner.open("/flows/onboarding/edit")
    offered = dict(json.loads(owner.says("//script[@id='page-data']"))["departments"])
    assert offered["hr"] == "HR"
    assert not {"guest", "process-owner", "camunda-admin"} & offered.keys()


def test_a_draft_is_kept_and_the_published_version_runs_on(owner: Person) -> None:
    changed = STRAIGHT.replace(b'id="small"', b'id="access_request"').decode()
    found = sent(owner, "/flows/access_request/draft", {"xml": changed, "revision": 0})
    assert found.json["revision"] == 1
    assert owner.client.get("/flows/access_request/draft.bpmn").text == changed
    owner.open("/flows/access_request")
    assert "There is a draft by Olle Ström" in owner.says("//main")
    assert "Version 2" not in owner.says("//main")


def test_who_saves_over_the_draft_of_another_is_told(owner: Person, somebody: Somebody) -> None:
    body = {"xml": STRAIGHT.decode(), "revision": 0}
    assert sent(owner, "/flows/small/draft", body).status_code == 200
    found = sent(somebody("admin"), "/flows/small/draft", body)
    assert found.status_code == 409
    assert found.json["detail"]


def test_a_flow_with_errors_is_not_published_and_the_draft_is_kept(owner: Person) -> None:
    found = sent(owner, "/flows/small/publish", {"xml": TO_NOWHERE.decode(), "revision": 0})
    assert found.status_code == 422
    assert {"elementId", "line", "message", "remedy", "severity"} <= set(found.json["problems"][0])
    owner.open("/flows/small", 404)


def test_the_studio_lists_problems_in_words(owner: Person) -> None:
    found = owner.client.post("/flows/check", data=TO_NOWHERE, content_type="application/xml",
                              headers={"X-CSRF-Token": owner.token()})  # fmt: skip
    assert found.status_code == 200
    assert any(problem["elementId"] == "lost" and problem["remedy"] for problem in found.json["problems"])


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"xml": 1, "revision": 0}', b'{"xml": "x"}'])
def test_nonsense_sent_to_the_studio_is_refused_in_words(owner: Person, body: bytes) -> None:
    found = owner.client.post("/flows/small/draft", data=body, content_type="application/json",
                              headers={"X-CSRF-Token": owner.token()})  # fmt: skip
    assert found.status_code == 400, found.text
    assert found.json["detail"]


@pytest.mark.parametrize("target", ["draft", "publish"])
def test_a_form_instead_of_what_the_studio_sends_is_refused_on_a_page(owner: Person, target: str) -> None:
    found = owner.post(f"/flows/small/{target}", {"xml": "x"})
    assert found.status_code == 400
    assert "This cannot be used" in found.text
