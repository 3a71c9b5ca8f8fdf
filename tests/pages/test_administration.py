"""Administration: people and departments are found, made, changed and made inactive; both go out and in as CSV."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine import (
    SYSTEM,
    ProcessEngine,
    actor_of,
    departments_of,
    get_group,
    get_user,
    owned_flows,
    password_hash,
    roles_of,
    verify_hash,
)
from tests.pages.person import Person

Somebody = Callable[..., Person]

PAGES = (
    "/admin/people", "/admin/people/new", "/admin/people/isak", "/admin/departments", "/admin/departments/new",
    "/admin/departments/it", "/admin/exchange", "/admin/people.csv", "/admin/departments.csv",
)  # fmt: skip
FORMS = (
    "/admin/people/new", "/admin/people/isak", "/admin/people/isak/active", "/admin/people/isak/password",
    "/admin/departments/new", "/admin/departments/it", "/admin/departments/it/members",
    "/admin/departments/it/members/remove", "/admin/departments/it/delete", "/admin/exchange", "/admin/exchange/apply",
)  # fmt: skip


@pytest.mark.parametrize("who", ["hanna", "maria", "olle", "nils"])
def test_only_administrators_get_in(somebody: Somebody, engine: ProcessEngine, who: str) -> None:
    person = somebody(who)
    for path in PAGES:
        person.open(path, 403)
        assert "Isak" not in person.says("//main")
    for path in FORMS:
        assert (
            person.post(path, {"active": "no", "user": who, "id": "x", "name": "X", "password": "x"}).status_code == 403
        )
    person.open("/")
    assert "Administration" not in person.says("//header")
    with engine.query(SYSTEM) as context:
        assert get_user(context, "isak").active
        assert departments_of(context, "isak") == {"it"}


@pytest.mark.parametrize("path", PAGES[:7])
@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_page_of_administration_opens(somebody: Somebody, path: str, language: str) -> None:
    admin = somebody("admin", language=language)
    admin.open(path)
    assert admin.says("//h1")
    assert ("vdelning" if language == "sv" else "epartment") in admin.says("//main")


def test_people_are_found_by_name_and_by_department(somebody: Somebody) -> None:
    admin = somebody("admin")
    admin.open("/admin/people?q=nystr")
    assert admin.says("//td[@class='main']") == "Isak Nyström isak"
    admin.open("/admin/people?department=hr")
    assert admin.says("//td[@class='main']") == "Hanna Berg hanna Olle Ström olle"
    admin.open("/admin/people?q=%25")
    assert "Nothing fits" in admin.says("//main")
    admin.open("/admin/people?view=inactive")
    assert "Nobody here" in admin.says("//main")


def test_a_person_is_made_with_all_that_belongs_to_them(somebody: Somebody, engine: ProcessEngine) -> None:
    admin = somebody("admin")
    admin.open("/admin/people/new")
    admin.send(
        "/admin/people/new",
        {
            "id": "nora", "first_name": "Nora", "last_name": "Ek", "email": "nora@example.org", "language": "sv",
            "manager_id": "isak", "department": ["it", "hr"], "role": ["head-of-service"], "flow": ["onboarding"],
            "password": "Tango-4711",
        },
    )  # fmt: skip
    assert admin.says("//h1") == "Nora Ek"
    with engine.query(SYSTEM) as context:
        found = get_user(context, "nora")
        assert (found.display_name, found.email, found.language, found.manager_id) == (
            "Nora Ek", "nora@example.org", "sv", "isak",
        )  # fmt: skip
        assert departments_of(context, "nora") == {"it", "hr"}
        assert (roles_of(context, "nora"), owned_flows(context, "nora")) == ({"head-of-service"}, {"onboarding"})
        assert verify_hash(password_hash(context, "nora"), "Tango-4711")
    ticked = {str(each) for each in admin.page.xpath("//input[@type='checkbox'][@checked]/@value")}
    assert ticked == {"it", "hr", "head-of-service", "onboarding"}
    admin.send("/admin/people/nora", {"department": "it", "role": None, "flow": None, "last_name": "Lund"})
    with engine.query(SYSTEM) as context:
        assert actor_of(context, "nora").groups == {"it"}
        assert owned_flows(context, "nora") == frozenset()


def test_what_cannot_be_is_said_above_the_form_which_keeps_what_was_written(somebody: Somebody) -> None:
    admin = somebody("admin")
    admin.open("/admin/people/new")
    admin.send("/admin/people/new", {"id": "isak", "first_name": "Other", "department": "hr"}, status=409)
    assert "already a user isak" in admin.says("//*[@role='alert']")
    assert [str(each) for each in admin.page.xpath("//input[@id='first_name']/@value")] == ["Other"]
    assert "hr" in admin.page.xpath("//input[@name='department'][@checked]/@value")
    admin.open("/admin/people/isak")
    admin.send("/admin/people/isak", {"email": "nowhere"}, status=400)
    assert "no mail address" in admin.says("//*[@role='alert']")
    admin.open("/admin/people/admin")
    admin.send("/admin/people/admin", {"role": None}, status=409)
    assert "last administrator" in admin.says("//*[@role='alert']")


def test_who_is_made_inactive_is_out_and_may_be_let_in_again(somebody: Somebody, engine: ProcessEngine) -> None:
    isak, admin = somebody("isak"), somebody("admin")
    isak.open("/tasks")
    admin.open("/admin/people/isak")
    admin.send("/admin/people/isak/active", {"active": "no"})
    assert "can no longer sign in" in admin.says("//*[@role='status']")
    isak.open("/tasks")
    assert isak.says("//h1") == "Sign in"
    admin.open("/admin/people?view=inactive")
    assert "Isak Nyström" in admin.says("//td[@class='main']")
    admin.open("/admin/people/new")
    assert "isak" not in admin.page.xpath("//select[@id='manager_id']/option/@value")
    admin.open("/admin/people/isak")
    admin.send("/admin/people/isak/active", {"active": "yes"})
    with engine.query(SYSTEM) as context:
        assert get_user(context, "isak").active


def test_a_password_is_set_and_a_guest_has_none(somebody: Somebody, engine: ProcessEngine) -> None:
    admin = somebody("admin")
    admin.open("/admin/people/isak")
    admin.send("/admin/people/isak/password", {"password": "Tango-4711"})
    with engine.query(SYSTEM) as context:
        assert verify_hash(password_hash(context, "isak"), "Tango-4711")
    admin.open("/admin/people/nils")
    admin.send("/admin/people/nils", {"role": ["guest"]})
    assert not admin.has_form("/admin/people/nils/password")
    assert admin.post("/admin/people/nils/password", {"password": "x"}).status_code == 409


# ---------------------------------------------------------------- departments


def test_a_department_nobody_is_in_is_a_problem_that_everybody_sees_in_time(
    somebody: Somebody, engine: ProcessEngine
) -> None:
    flow = (
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="p" '
        b'name="P" isExecutable="true"><laneSet id="l"><lane id="lane_legal" name="Legal"><flowNodeRef>a</flowNodeRef>'
        b'</lane></laneSet><startEvent id="s"/><userTask id="a" name="Read"/><endEvent id="e"/><sequenceFlow id="f1" '
        b'sourceRef="s" targetRef="a"/><sequenceFlow id="f2" sourceRef="a" targetRef="e"/></process></definitions>'
    )
    olle = somebody("olle")
    olle.open("/flows")
    olle.send("/flows", {"file": ("p.bpmn", flow)})
    assert "Nobody is in the department “Legal”" in olle.says("//ul[contains(@class, 'problems')]")
    assert "lane_legal" in olle.says("//ul[contains(@class, 'problems')]")
    admin = somebody("admin")
    admin.open("/admin/departments")
    assert "1 department that a flow may need has nobody in it." in admin.says("//main")
    assert "Unstaffed: only administrators see its tasks" in admin.says("//tr[contains(., 'legal')]")
    admin.open("/admin/departments/legal")
    admin.send("/admin/departments/legal/members", {"user": "hanna"})
    assert "Unstaffed" not in admin.says("//main")
    assert "No representative" in admin.says("//main")
    olle.open("/flows/p")
    assert "Nobody is in" not in olle.says("//main")


def test_a_department_is_made_from_its_name_and_changed(somebody: Somebody, engine: ProcessEngine) -> None:
    admin = somebody("admin")
    admin.open("/admin/departments/new")
    assert not admin.page.xpath("//details[.//input[@id='days_off']]/@open")
    admin.send("/admin/departments/new", {"name": "Människor & kultur", "days_off": "midsummer"}, status=400)
    assert admin.page.xpath("//details[.//input[@id='days_off']]/@open")
    admin.open("/admin/departments/new")
    admin.send("/admin/departments/new", {"name": "Människor & kultur", "representative_id": "hanna"})
    with engine.query(SYSTEM) as context:
        assert get_group(context, "manniskor-kultur").representative_id == "hanna"
    admin.send(
        "/admin/departments/manniskor-kultur",
        {
            "substitute_id": "olle",
            "opens": "07:30",
            "closes": "16:00",
            "days_off": "2027-06-25",
            "email": "mk@example.org",
        },
    )
    assert admin.page.xpath("//input[@id='opens']/@value") == ["07:30"]
    assert admin.page.xpath("//input[@id='days_off']/@value") == ["2027-06-25"]
    admin.send("/admin/departments/manniskor-kultur", {"closes": "07:00"}, status=400)
    assert "turn it round" in admin.says("//*[@role='alert']")
    admin.open("/admin/departments/manniskor-kultur")
    admin.send("/admin/departments/manniskor-kultur/members/remove", {"user": "hanna"})
    assert "Unstaffed" in admin.says("//main")
    admin.send("/admin/departments/manniskor-kultur/delete")
    admin.open("/admin/departments/manniskor-kultur", 404)


def test_a_role_is_no_department(somebody: Somebody) -> None:
    admin = somebody("admin")
    admin.open("/admin/departments")
    assert "camunda-admin" not in admin.says("//main")
    admin.open("/admin/departments/camunda-admin", 404)
    assert admin.post("/admin/departments/camunda-admin/delete").status_code == 404
    assert admin.post("/admin/departments/process-owner/members", {"user": "hanna"}).status_code == 404


# ---------------------------------------------------------------- CSV


def test_people_go_out_and_come_in_after_a_look(somebody: Somebody, engine: ProcessEngine) -> None:
    admin = somebody("admin")
    answer = admin.client.get("/admin/people.csv?separator=;")
    assert answer.content_type.startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    text = answer.data.decode("utf-8-sig")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    changed = text.replace("Isak;", "Isac;")
    admin.open("/admin/exchange")
    admin.send("/admin/exchange", {"what": "people", "file": ("people.csv", changed.encode())})
    assert "0 new, 1 changed, 11 as they are" in admin.says("//main")
    with engine.query(SYSTEM) as context:
        assert get_user(context, "isak").first_name == "Isak"
    admin.send("/admin/exchange/apply")
    with engine.query(SYSTEM) as context:
        assert get_user(context, "isak").first_name == "Isac"
        assert departments_of(context, "isak") == {"it"}


def test_a_file_with_problems_lists_them_all_and_offers_nothing(somebody: Somebody) -> None:
    admin = somebody("admin")
    admin.open("/admin/exchange")
    admin.send(
        "/admin/exchange", {"what": "departments", "file": ("d.csv", b"id,name,opens\nx,,\ny,Y,soon\n")}, status=400
    )
    said = admin.says("//*[@role='alert']")
    assert "2 problems: nothing was imported" in said
    assert "Line 2 A department needs a name." in said
    assert "Line 3" in said
    assert not admin.has_form("/admin/exchange/apply")


def test_what_is_sent_to_be_written_is_checked_anew(somebody: Somebody, engine: ProcessEngine) -> None:
    admin = somebody("admin")
    answer = admin.post("/admin/exchange/apply", {"what": "people", "text": "id,email\nisak,nowhere\n"})
    assert answer.status_code == 400
    with engine.query(SYSTEM) as context:
        assert get_user(context, "isak").email == "isak@example.org"


def test_a_name_that_is_markup_stays_text(somebody: Somebody) -> None:
    admin = somebody("admin")
    name = "<script>alert(1)</script>"
    admin.open("/admin/people/isak")
    admin.send("/admin/people/isak", {"last_name": name})
    for path in ("/admin/people", "/admin/people/isak", "/admin/departments/it", "/absence?for=isak"):
        admin.open(path)
        assert not [each for each in admin.page.iter("script") if "alert" in (each.text or "")]
        assert name in admin.says("//main")


def test_an_id_with_characters_of_addresses_is_opened_and_saved(somebody: Somebody, engine: ProcessEngine) -> None:
    admin = somebody("admin")
    admin.open("/admin/people/new")
    admin.send("/admin/people/new", {"id": "a&b?c#d@x", "first_name": "Odd"})
    assert admin.says("//h1") == "Odd"
    admin.send("a%26b%3Fc%23d%40x", {"last_name": "One"})
    assert admin.says("//h1") == "Odd One"
    admin.open(admin.link("Set an absence", "/absence"))
    admin.send("/absence", {"first_day": "2027-03-01", "last_day": "2027-03-02", "substitute": "isak"})
    assert admin.says("//h1") == "Absence of Odd One"
