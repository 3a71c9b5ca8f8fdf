"""The catalogue: what may be started, by whom, in which words, and how it is found."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import workflows
from bpmn import read
from tests.workflows.drawing import Drawing, fields, properties
from workflows import (
    DEMO_DEPARTMENTS,
    DEMO_PEOPLE,
    CatalogueError,
    Service,
    bpmn_source,
    find_services,
    load_services,
)
from workflows.catalogue import read_service

GOOD = """
key = "leave_request"
source = "leave_request.bpmn"
typical_working_days = 2
[en]
title = "Ask for leave"
summary = "Days off."
words = ["holiday"]
[sv]
title = "Sök ledigt"
summary = "Lediga dagar."
words = ["semester"]
"""


def found(query: str) -> list[str]:
    return [each.key for each in find_services(query)]


def test_three_flows_are_shipped() -> None:
    assert [each.key for each in load_services()] == ["access_request", "equipment_request", "onboarding"]


@pytest.mark.parametrize("service", load_services(), ids=lambda each: each.key)
def test_a_service_is_what_its_flow_is(service: Service) -> None:
    (model,) = read(bpmn_source(service)).processes
    assert model.key == service.key
    assert service.goals
    assert service.typical_working_days > 0
    groups = model.process.candidate_starter_groups
    assert set(groups.text.split(",") if groups else ()) <= {each.id for each in DEMO_DEPARTMENTS}
    drawing = Drawing(service.path)
    assert properties(drawing.process).get("anchor") == service.anchor
    assert properties(drawing.process)["goal"] == service.goals[0]
    (start,) = drawing.of_kind("startEvent")
    assert service.anchor is None or service.anchor in {field.attrib["id"] for field in fields(start)}


@pytest.mark.parametrize("service", load_services(), ids=lambda each: each.key)
def test_a_service_speaks_both_languages(service: Service) -> None:
    assert set(service.words) == {"en", "sv"}
    for words in service.words.values():
        assert words.title
        assert words.summary
        assert len(words.search) >= 5
    assert service.in_language("sv").title != service.in_language("en").title
    assert service.in_language("fi") == service.in_language("en")


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("new employee", "onboarding"),
        ("nyanställd", "onboarding"),
        ("nyanstalld", "onboarding"),
        ("onbording", "onboarding"),
        ("behörigheet", "access_request"),
        ("password", "access_request"),
        ("lösen", "access_request"),
        ("skärm", "equipment_request"),
        ("chiar", "equipment_request"),
        ("Headset!", "equipment_request"),
    ],
)
def test_a_service_is_found_in_plain_words_of_either_language_with_slips_forgiven(query: str, first: str) -> None:
    assert found(query)[0] == first


def test_nothing_is_found_for_what_is_not_offered_and_everything_for_no_words() -> None:
    assert found("helicopter") == []
    assert found("  ") == ["access_request", "equipment_request", "onboarding"]


def test_a_service_of_ones_own_is_read(empty_folder: Path) -> None:
    (empty_folder / "leave_request.bpmn").write_bytes(b"<definitions/>")
    (empty_folder / "service.toml").write_text(GOOD, encoding="utf-8")
    service = read_service(empty_folder / "service.toml")
    assert bpmn_source(service) == b"<definitions/>"
    assert service.words["sv"].search == ("semester",)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (GOOD.replace("key = ", "key "), "leave_request/service.toml"),
        (GOOD.replace('title = "Sök ledigt"\n', ""), "sv.title"),
        (GOOD.replace("typical_working_days = 2", "typical_working_days = -1"), "typical_working_days"),
        (GOOD + 'tilte = "x"\n', "sv.tilte"),
        (GOOD.replace("leave_request.bpmn", "../secret.bpmn"), "source"),
        (GOOD, "there is no leave_request.bpmn"),
    ],
)
def test_a_service_that_cannot_be_used_is_refused_with_its_file_and_field(
    empty_folder: Path, wrong: str, said: str
) -> None:
    (empty_folder / "service.toml").write_text(wrong, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"leave_request/service\.toml") as refused:
        read_service(empty_folder / "service.toml")
    assert said in str(refused.value)


def test_a_file_that_is_no_text_is_refused(empty_folder: Path) -> None:
    (empty_folder / "service.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogueError, match=r"leave_request/service\.toml"):
        read_service(empty_folder / "service.toml")


# ---------------------------------------------------------------- the demo's people


def test_every_department_of_the_demo_has_somebody_in_it_and_everybody_a_department() -> None:
    departments = {each.id for each in DEMO_DEPARTMENTS}
    assert {group for person in DEMO_PEOPLE for group in person.groups} == departments
    assert len({person.id for person in DEMO_PEOPLE}) == len(DEMO_PEOPLE)


def test_the_people_of_the_demo_write_from_example_org() -> None:
    for person in DEMO_PEOPLE:
        assert person.email == f"{person.id}@example.org"
        assert person.says
        assert person.says_sv


def test_the_front_lists_what_it_offers() -> None:
    tree = ast.parse(Path(str(workflows.__file__)).read_text(encoding="utf-8"))
    imported = {name.name for node in tree.body if isinstance(node, ast.ImportFrom) for name in node.names}
    assert imported == set(workflows.__all__)
