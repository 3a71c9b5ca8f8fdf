"""Viewing as: the owner of a flow is shown what a department is shown, by the same code, and no more than is theirs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from difflib import unified_diff
from pathlib import Path

import lxml.html
import pytest
from lxml.html import HtmlElement

from api.app import create_app
from engine import (
    SYSTEM,
    Actor,
    NotAllowed,
    ProcessEngine,
    Settings,
    TaskQuery,
    TestClock,
    add_comment,
    add_member,
    create_user,
    deploy_resources,
    find_tasks,
    start_instance,
    view_journey_as,
)
from tests.engine.play import END, START, bpmn, flow, user_task
from tests.pages.conftest import HIRE, MONDAY
from tests.pages.person import Person

Somebody = Callable[..., Person]
#: A member of the department with no other part in anything.
MEMBERS = {"hr": "hanna", "facilities": "fatima", "it": "isak"}
PAY = "74123"
ROLE = "Role profile: access bundle, equipment, workplace, buddy candidate"


@pytest.fixture(scope="module")
def engine(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessEngine]:
    """One for all: nothing here changes anything, that is the point."""
    home = tmp_path_factory.mktemp("viewing")
    shutil.copy(demo_template, home / "onedoor.db")
    made = ProcessEngine(Settings(f"sqlite:///{home}/onedoor.db", home, test_clock=True), TestClock(MONDAY))
    yield made
    made.close()


@pytest.fixture(scope="module")
def somebody(engine: ProcessEngine) -> Somebody:
    app = create_app(engine, demo=True)
    return lambda user_id, **more: Person(app, user_id, **more)


@pytest.fixture(scope="module")
def hired(somebody: Somebody, engine: ProcessEngine) -> str:
    """The address of an onboarding with a salary in it, some of its tasks done and something said to everybody, to HR
    and to facilities."""
    maria, hanna = somebody("maria"), somebody("hanna")
    address = maria.start("onboarding", {**HIRE, "salary": PAY})
    hanna.do("Verify signed contract and start data")
    maria.do(ROLE)
    with engine.command(SYSTEM) as context:
        create_user(context, "vera")
        for group in ("process-owner", *MEMBERS):
            add_member(context, group, "vera")
        add_comment(context, address.rpartition("/")[2], "Said to all.")
        add_comment(context, address.rpartition("/")[2], "Said to HR.", departments=("hr",))
        add_comment(context, address.rpartition("/")[2], "Said to facilities.", departments=("facilities",))
    return address


def main(person: Person, department: str = "") -> list[str]:
    """What the page tells, tag by tag: its main part without the banner, the token and what lets, or does not let,
    anybody act."""
    (found,) = person.page.xpath("//main")
    copy: HtmlElement = lxml.html.fromstring(lxml.html.tostring(found))
    for gone in copy.xpath(".//*[contains(@class,'seen-as')] | .//input[@name='csrf_token']"):
        gone.drop_tree()
    for each in copy.xpath(".//fieldset | .//a"):
        each.attrib.pop("disabled", None)
        each.attrib.pop("aria-disabled", None)
        if (each.get("href") or "").endswith("/guest"):
            each.attrib.pop("href")
    text = lxml.html.tostring(copy, encoding="unicode")
    text = text.replace(f"/as/{department}", "") if department else text
    text = re.sub(r'"csrf": "[^"]*"', "", text)
    return [" ".join(line.split()) for line in text.replace("<", "\n<").splitlines() if line.strip()]


def tasks_of(engine: ProcessEngine, department: str) -> list[str]:
    with engine.query(SYSTEM) as context:
        return [each.id for each in find_tasks(context, TaskQuery(candidate_group=department))]


@pytest.mark.parametrize("department", MEMBERS)
@pytest.mark.parametrize("language", ["en", "sv"])
def test_the_pages_are_those_that_a_member_is_shown(
    somebody: Somebody, engine: ProcessEngine, hired: str, department: str, language: str
) -> None:
    """Vera owns every flow and is of all these departments: nothing is withheld from her."""
    member, vera = somebody(MEMBERS[department], language=language), somebody("vera", language=language)
    member.open(hired)
    vera.open(f"{hired}/as/{department}")
    assert list(unified_diff(main(member), main(vera, department))) == []
    assert (PAY in vera.says("//main")) == (department == "hr")
    tasks = tasks_of(engine, department)
    for each in tasks:
        member.open(f"/tasks/{each}")
        vera.open(f"/tasks/{each}/as/{department}")
        assert list(unified_diff(main(member), main(vera, department))) == []
    assert tasks


def test_what_was_said_to_a_department_is_shown_as_its_own(somebody: Somebody, hired: str) -> None:
    olle = somebody("olle")
    for department, told in (("hr", "Said to HR."), ("it", ""), ("facilities", "")):
        olle.open(f"{hired}/as/{department}")
        said = olle.says("//*[@id='timeline']")
        assert "Said to all." in said
        assert [each for each in ("Said to HR.", "Said to facilities.") if each in said] == [
            each for each in (told,) if each
        ]


def test_what_is_not_for_the_viewer_is_left_out_and_the_page_says_so(somebody: Somebody, hired: str) -> None:
    """Alva is an administrator and of no department."""
    hanna, alva = somebody("hanna"), somebody("admin")
    hanna.open(hired)
    assert PAY in hanna.says("//main")
    alva.open(f"{hired}/as/hr")
    assert PAY not in alva.answer.text
    assert "salary" not in alva.says("//main").lower()
    assert "Said to HR." not in alva.answer.text
    assert "What is confidential to HR is left out here" in alva.says("//*[contains(@class,'seen-as')]")
    olle = somebody("olle")
    olle.open(f"{hired}/as/hr")
    assert "left out" not in olle.says("//*[contains(@class,'seen-as')]")


def test_a_form_asks_a_viewer_for_nothing_that_is_not_theirs(somebody: Somebody, engine: ProcessEngine) -> None:
    """Not even the name of the field is told, whether anything was entered in it or not."""
    mark = '<camunda:properties><camunda:property id="confidential" value="hr"/></camunda:properties>'
    asks = (
        "<extensionElements><camunda:formData>"
        f'<camunda:formField id="bonus" label="Bonus" type="string">{mark}</camunda:formField>'
        '<camunda:formField id="shoe" label="Shoe" type="string"/></camunda:formData></extensionElements>'
    )
    drawn = START + user_task("asks", 'camunda:candidateGroups="hr"', asks) + END + flow("start", "asks", "end")
    with engine.command(SYSTEM) as context:
        deploy_resources(context, "asks", [("asks.bpmn", bpmn(drawn, "asking"))])
    for given in ({}, {"bonus": "98765"}):
        with engine.command(SYSTEM) as context:
            started = start_instance(context, key="asking", variables=given)
            (task,) = find_tasks(context, TaskQuery(process_instance_id=started.id))
        asked = {}
        for who, address in (("hanna", ""), ("vera", "/as/hr"), ("admin", "/as/hr"), ("vera", "/as/it")):
            person = somebody(who)
            person.open(f"/tasks/{task.id}{address}")
            asked[who, address] = [each for each in ("Bonus", "98765", "Shoe") if each in person.answer.text]
        assert asked == {
            ("hanna", ""): ["Bonus", *given.values(), "Shoe"],
            ("vera", "/as/hr"): ["Bonus", *given.values(), "Shoe"],
            ("admin", "/as/hr"): ["Shoe"],
            ("vera", "/as/it"): [],
        }


def test_nothing_can_be_done_while_viewing(somebody: Somebody, engine: ProcessEngine, hired: str) -> None:
    olle = somebody("olle")
    (task, *_) = tasks_of(engine, "facilities")
    for address in (f"{hired}/as/facilities", f"/tasks/{task}/as/facilities"):
        olle.open(address)
        forms = olle.page.xpath("//main//form[@method='post']")
        assert forms
        assert all(form.xpath("./fieldset[@disabled]") for form in forms)
        inside = "//main//form[@method='post']"
        control = "self::button or self::input or self::select or self::textarea"
        free = f"{inside}//*[{control}][not(ancestor::fieldset[@disabled])]"
        assert olle.page.xpath(inside + "//button")
        assert not olle.page.xpath(free)
        assert not olle.page.xpath("//main//input[@name='csrf_token']")
    actor = Actor("olle", frozenset({"process-owner"}))
    with engine.query(actor) as context:
        eyes = view_journey_as(context, hired.rpartition("/")[2], "facilities")
    with pytest.raises(NotAllowed), engine.command(eyes):
        pass


def test_a_department_that_does_not_see_it_is_shown_to_see_nothing(somebody: Somebody, hired: str) -> None:
    olle = somebody("olle")
    olle.open(f"{hired}/as/service-desk")
    somebody("dana").open(hired, 404)
    assert "Members of Service desk do not see this" in olle.says("//main")
    assert "Nils Ek" not in olle.says("//main")


def test_the_way_there_and_back(somebody: Somebody, engine: ProcessEngine, hired: str) -> None:
    olle = somebody("olle")
    olle.open(hired)
    offered = olle.page.xpath(f"//form[@action='{hired}/as']//option/@value")
    assert {"hr", "facilities"} <= set(offered)
    assert "process-owner" not in offered
    olle.open(f"{hired}/as?department=facilities")
    assert olle.answer.request.path == f"{hired}/as/facilities"
    assert "You see this as a member of Facilities does." in olle.says("//*[@role='status']")
    address = olle.page.xpath("//ol[@class='steps']//a/@href")[0]
    assert address.endswith("/as/facilities")
    olle.open(address)
    assert olle.link("Back to your own view", "/") == hired
    own = tasks_of(engine, "hr")[0]
    olle.open(f"/tasks/{own}/as/hr")
    assert olle.link("Back to your own view", "/") == f"/tasks/{own}"


@pytest.mark.parametrize("who", ["maria", "hanna", "isak", "bo"])
def test_who_does_not_own_the_flow_is_told_of_nothing(
    somebody: Somebody, engine: ProcessEngine, hired: str, who: str
) -> None:
    """404, for those too who see the journey."""
    person = somebody(who)
    (task, *_) = tasks_of(engine, "hr")
    for department in ("hr", "it", "nowhere"):
        person.open(f"{hired}/as/{department}", 404)
        person.open(f"{hired}/as/{department}/diagram.bpmn", 404)
        person.open(f"/tasks/{task}/as/{department}", 404)
    if who in ("maria", "hanna"):
        person.open(hired)
        assert "View as" not in person.says("//main")


def test_there_is_no_viewing_as_what_is_no_department(somebody: Somebody, hired: str) -> None:
    olle = somebody("olle")
    for department in ("nowhere", "camunda-admin", "process-owner"):
        olle.open(f"{hired}/as/{department}", 404)
    olle.open(f"{hired}/as?department=nowhere", 404)
    olle.open("/journeys/nothing/as/hr", 404)
    olle.open("/tasks/nothing/as/hr", 404)
