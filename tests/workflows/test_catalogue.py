"""The catalogue presents flows in plain words, forgives a slip of the finger, and says what is wrong with itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpmn import UserTask, read
from workflows import DEMO_DEPARTMENTS, DEMO_PEOPLE, CatalogueError, Service, bpmn_source, find_services, load_services
from workflows.catalogue import LANGUAGES, read_service

SERVICES = load_services()


def test_three_services_are_shipped() -> None:
    assert [service.key for service in SERVICES] == ["access_request", "equipment_request", "onboarding"]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.key)
def test_every_service_speaks_both_languages_and_has_the_process_of_its_key(service: Service) -> None:
    for language in LANGUAGES:
        words = service.words[language]
        assert words.title
        assert words.summary
        assert words.search
    (model,) = read(bpmn_source(service)).processes
    assert model.key == service.key
    assert model.process.executable


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.key)
def test_every_lane_has_work_and_every_element_a_swedish_name(service: Service) -> None:
    (model,) = read(bpmn_source(service)).processes
    working = {node.department for node in model.nodes.values() if isinstance(node, UserTask)}
    assert {lane.department for lane in model.lanes} == working
    assert len(working) >= 3
    for element in [*model.nodes.values(), *model.lanes]:
        if element.name:
            assert "name:sv" in element.properties, element.id
    for node in model.nodes.values():
        form = getattr(node, "form", None)
        for field in form.fields if form else ():
            assert "label:sv" in field.properties, (node.id, field.id)
            for key, _ in field.values:
                assert f"value:{key}:sv" in field.properties, (node.id, field.id, key)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.key)
def test_every_department_of_a_flow_is_staffed_in_the_demo(service: Service) -> None:
    (model,) = read(bpmn_source(service)).processes
    staffed = {group for person in DEMO_PEOPLE for group in person.groups}
    known = {department.id for department in DEMO_DEPARTMENTS}
    assert {lane.department for lane in model.lanes} <= staffed & known


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("new employee", "onboarding"),
        ("nyanstald", "onboarding"),
        ("onbording", "onboarding"),
        ("skärm", "equipment_request"),
        ("skarm", "equipment_request"),
        ("screeen", "equipment_request"),
        ("behörighet", "access_request"),
        ("password", "access_request"),
    ],
)
def test_plain_words_find_the_service_in_both_languages(words: str, first: str) -> None:
    assert find_services(words)[0].key == first


def test_no_words_show_everything_and_nonsense_nothing() -> None:
    assert find_services("") == list(SERVICES)
    assert find_services("xyzzy qwertz") == []


def test_who_may_start_is_a_matter_of_groups() -> None:
    onboarding = next(service for service in SERVICES if service.key == "onboarding")
    assert onboarding.may_start(frozenset({"hiring-manager"}))
    assert not onboarding.may_start(frozenset({"it"}))
    assert onboarding.may_start(frozenset(), administrator=True)
    access = next(service for service in SERVICES if service.key == "access_request")
    assert access.may_start(frozenset())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("not toml at all [", "service.toml"),
        ('key = "x"', "source"),
        ('key = "x"\nsource = "../../etc/passwd"\ntypical_working_days = 1', "source"),
    ],
)
def test_a_service_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "broken" / "service.toml"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(CatalogueError, match=says):
        read_service(file)


def test_a_service_without_its_bpmn_is_named(tmp_path: Path) -> None:
    source = Path(SERVICES[0].path).parent / "service.toml"
    file = tmp_path / "lost" / "service.toml"
    file.parent.mkdir()
    file.write_text(source.read_text().replace("access_request.bpmn", "lost.bpmn"))
    with pytest.raises(CatalogueError, match=r"lost\.bpmn"):
        read_service(file)
