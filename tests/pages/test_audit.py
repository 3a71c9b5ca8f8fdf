"""The log of operations on its page: found, paged, taken along."""

from __future__ import annotations

import ast
import csv
import io
import json
from collections.abc import Callable

import pytest
from flask import Flask

import api.pages.admin.audit as page_of_the_log
from api.pages.admin.log_words import things
from engine import SYSTEM, Origin, ProcessEngine, set_owned_flows, start_instance
from tests.house.tree import ROOT
from tests.pages.conftest import HIRE
from tests.pages.person import Person
from tests.pages.test_statements import asked as asked

Somebody = Callable[..., Person]
LINES = "//table//tbody/tr"


def test_an_administrator_finds_who_did_what_from_where(somebody: Somebody, journey: str) -> None:
    admin = somebody("admin")
    admin.open("/admin/audit?operation=Start")
    (line,) = [admin.says(LINES)]
    assert "Maria Lindqvist Started" in line
    assert "Page 127.0.0.1" in line
    admin.open("/admin/audit?who=maria&operation=SignIn")
    assert "Signed in" in admin.says(LINES)
    admin.open("/admin/audit?who=nobody")
    assert "No line fits." in admin.says("//main")
    admin.open(f"/admin/audit?journey={journey.rpartition('/')[2]}&from=2027-03-01&to=2027-03-01&q=onboarding")
    assert "Started" in admin.says(LINES)
    admin.open("/admin/audit?to=2027-02-28")
    assert "No line fits." in admin.says("//main")


def test_a_line_says_in_words_what_it_is_about(somebody: Somebody, journey: str) -> None:
    hanna, admin = somebody("hanna"), somebody("admin", language="sv")
    hanna.claim("Verify signed contract and start data")
    admin.open("/admin/people/nils")
    admin.send("/admin/people/nils", {"last_name": "Ekström"})
    admin.open("/admin/audit?operation=Claim")
    assert "Hos: – → Hanna Berg" in admin.says(LINES)
    assert "Verify signed contract and start data Nils Ek Introduktion av nyanställd" in admin.says(LINES)
    assert admin.page.xpath(f"{LINES}//a/@href") == [f"/admin/audit?journey={journey.rpartition('/')[2]}"]
    admin.open("/admin/audit?operation=Update")
    assert "Efternamn: Ek → Ekström Person Nils Ekström nils Webbsidan" in admin.says(LINES)


def test_every_thing_that_a_line_is_about_has_its_word(app: Flask) -> None:
    """Read from the calls that write lines: the third argument, or the one that is named so."""
    about = set()
    for path in (ROOT / "engine").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("log_operation", "_log"):
                third = node.args[2:3] if getattr(node.func, "id", "") == "log_operation" else []
                given = [*third, *(each.value for each in node.keywords if each.arg == "entity_type")]
                about |= {
                    each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }
    assert len(about) > 10
    with app.test_request_context("/"):
        assert about - things().keys() == set()


def test_who_owns_a_flow_reads_its_lines_and_others_are_refused(
    somebody: Somebody, engine: ProcessEngine, journey: str
) -> None:
    with engine.command(SYSTEM, origin=Origin("cli")) as context:
        start_instance(context, key="access_request")
    with engine.command(SYSTEM) as context:
        set_owned_flows(context, "hanna", ["onboarding"])
    hanna = somebody("hanna")
    hanna.open("/admin/audit")
    assert "Started" in hanna.says(LINES)
    assert "Signed in" not in hanna.says(LINES)
    assert len(hanna.page.xpath(LINES)) == 1
    assert "127.0.0.1" not in hanna.says(LINES)
    assert hanna.link("Log", "/admin/audit")
    maria = somebody("maria")
    for path in ("/admin/audit", "/admin/audit.csv", "/admin/audit.jsonl"):
        maria.open(path, status=403)
    maria.open("/")
    assert not maria.page.xpath("//a[@href='/admin/audit']")


def test_pages_follow_each_other(somebody: Somebody, journey: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_of_the_log, "MOST", 2)
    admin = somebody("admin")
    for _ in range(4):
        somebody("maria")
    admin.open("/admin/audit?who=maria")
    seen = [admin.says(LINES)]
    while admin.page.xpath("//a[normalize-space()='Older']"):
        admin.open(admin.link("Older", "/admin/audit"))
        seen.append(admin.says(LINES))
    assert " ".join(seen).count("Signed in") == 5
    assert admin.link("Newest", "/admin/audit?who=maria")
    admin.open("/admin/audit?older=rubbish", status=400)
    admin.open("/admin/audit?from=yesterday", status=400)


def test_a_page_of_the_log_asks_as_often_however_long_it_is(
    somebody: Somebody, asked: Callable[[Person, str], list[str]]
) -> None:
    admin = somebody("admin")
    admin.open("/admin/audit")
    short = asked(admin, "/admin/audit")
    maria = somebody("maria")
    for turn in range(12):
        maria.start("onboarding", {**HIRE, "employeeName": f"Nils {turn}"})
    full = asked(admin, "/admin/audit")
    assert len(admin.page.xpath(LINES)) > 12
    assert len(short) == len(full) == 3


def test_it_is_taken_along_as_a_file(somebody: Somebody, journey: str) -> None:
    admin = somebody("admin")
    admin.open("/admin/audit?operation=Start")
    answer = admin.client.get(admin.link("Download as CSV", "/admin/audit.csv"))
    (row,) = list(csv.DictReader(io.StringIO(answer.text)))
    assert (row["user_id"], row["operation"], row["door"], row["address"]) == ("maria", "Start", "page", "127.0.0.1")
    assert answer.headers["Content-Disposition"] == "attachment; filename=operations.csv"
    answer = admin.client.get(admin.link("Download as JSON", "/admin/audit.jsonl"))
    assert json.loads(answer.text)["definition_key"] == "onboarding"
    admin.open("/admin/audit.exe", status=404)


def test_it_is_in_swedish_too(somebody: Somebody, journey: str) -> None:
    admin = somebody("admin", language="sv")
    admin.open("/admin/audit?operation=Start")
    assert "Startat" in admin.says(LINES)
