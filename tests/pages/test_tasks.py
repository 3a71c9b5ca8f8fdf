"""My work, one task, and an onboarding through the pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from engine import SYSTEM, ProcessEngine, TestClock, add_member, run_due
from tests.pages.conftest import HIRE
from tests.pages.person import Person

Somebody = Callable[..., Person]
VERIFY = "Verify signed contract and start data"
ROLE = "Role profile: access bundle, equipment, workplace, buddy candidate"


def test_starting_with_one_form_gives_the_department_its_task(somebody: Somebody) -> None:
    maria = somebody("maria")
    journey = maria.start("onboarding", HIRE)
    assert "Nils Ek" in maria.says("//h1")
    assert "You can follow it here" in maria.says("//*[@role='status']")
    hanna = somebody("hanna")
    hanna.open("/")
    assert VERIFY in hanna.says("//main")
    assert hanna.link("Nils Ek", "/journeys/") == journey


def test_who_is_kept_from_a_task_reads_why_and_is_offered_nothing_to_claim(somebody: Somebody) -> None:
    maria = somebody("maria")
    wanted = {"system": "file-share", "forWhom": "Maria", "role": "Reader", "purpose": "The budget"}
    maria.start("access_request", wanted)
    maria.open("/tasks?view=department")
    assert "you asked for it" in maria.says("//table")
    assert not maria.page.xpath("//input[@name='task'] | //button[text()='Claim the chosen']")
    maria.start("onboarding", HIRE)
    hanna = somebody("hanna")
    hanna.open("/tasks?view=department")
    assert len(hanna.page.xpath("//input[@name='task'] | //button[text()='Claim the chosen']")) == 2


def test_who_may_not_do_a_task_reads_its_form_and_why_and_can_fill_in_nothing(
    somebody: Somebody, engine: ProcessEngine
) -> None:
    maria, bo = somebody("maria"), somebody("bo")
    maria.start("access_request", {"system": "file-share", "forWhom": "Maria", "role": "Reader", "purpose": "Budget"})
    address = maria.task("Approve the need")
    form = f"//form[@action='{address}/complete']"
    maria.open(address)
    assert "you asked for it" in maria.says(form)
    assert maria.page.xpath(f"{form}/fieldset[@disabled]//*[@id='needApproved']")
    assert not maria.page.xpath(f"{form}//button")
    with engine.command(SYSTEM) as context:
        add_member(context, "hiring-manager", "bo")
    bo.open(address)
    assert bo.page.xpath(f"{form}/fieldset[not(@disabled)]//*[@id='needApproved']")


def test_what_is_looked_for_is_a_text_and_no_pattern(somebody: Somebody) -> None:
    maria, hanna = somebody("maria"), somebody("hanna")
    for name in ("Nils Ek", "100% Ek_lund"):
        maria.start("onboarding", {**HIRE, "employeeName": name})
    for words, found in (("%25", ["100% Ek_lund"]), ("_", ["100% Ek_lund"]), ("k", ["100% Ek_lund", "Nils Ek"])):
        for person, path in ((maria, "/journeys?q="), (hanna, "/tasks?view=all&q=")):
            person.open(f"{path}{words}")
            said = {each for each in ("Nils Ek", "100% Ek_lund") if each in person.says("//table")}
            assert sorted(said) == found, path


def test_before_it_starts_a_service_says_what_will_happen_and_by_when(somebody: Somebody) -> None:
    maria = somebody("maria")
    maria.open("/start/equipment_request")
    told = maria.says("//section[contains(@class,'top')]")
    assert "about 3 working days. Started today, it is done by 4 March." in told
    assert "Facilities 2 tasks" in told
    maria.open("/start/onboarding")
    assert "counted from the day you choose" in maria.says("//section[contains(@class,'top')]")


def test_a_form_that_is_not_filled_in_says_what_is_missing_and_keeps_the_rest(somebody: Somebody) -> None:
    maria = somebody("maria")
    maria.open("/start/onboarding")
    maria.send("/start/onboarding", {**HIRE, "employeeName": "", "salary": "many", "costCentre": "4711"}, status=422)
    assert maria.says("//*[@id='employeeName-wrong']") == "Fill in this field."
    assert maria.says("//*[@id='salary-wrong']")
    (field,) = maria.page.xpath("//input[@id='employeeName']")
    assert field.get("aria-invalid") == "true"
    assert "employeeName-wrong" in field.get("aria-describedby")
    assert maria.page.xpath("//input[@id='costCentre']/@value") == ["4711"]
    assert maria.page.xpath("//input[@id='salary']/@value") == ["many"]
    assert "2 fields need your attention." in maria.says("//*[@role='alert']")


def test_the_errors_of_a_form_are_in_the_language_of_the_page(somebody: Somebody) -> None:
    maria = somebody("maria", language="sv")
    maria.open("/start/onboarding")
    maria.send("/start/onboarding", {**HIRE, "position": ""}, status=422)
    assert maria.says("//*[@id='position-wrong']") == "Fyll i det här fältet."
    assert "Befattning" in maria.says("//label[@for='position']")


def test_a_claimed_task_is_mine_until_i_give_it_back(somebody: Somebody, journey: str) -> None:
    hanna = somebody("hanna")
    address = hanna.claim(VERIFY)
    hanna.open("/tasks?view=mine")
    assert VERIFY in hanna.says("//main")
    hanna.open(address)
    hanna.send("/release")
    hanna.open("/tasks?view=mine")
    assert VERIFY not in hanna.says("//main")


def test_a_task_is_handed_over_with_a_word_about_why(somebody: Somebody, journey: str) -> None:
    hanna = somebody("hanna")
    address = hanna.claim(VERIFY)
    hanna.open(address)
    hanna.send("/assign", {"assignee": "isak", "why": "You know the contract."})
    assert hanna.says("//*[@role='status']") == f"With Isak Nyström now: {VERIFY}"
    isak = somebody("isak")
    isak.open("/tasks?view=mine")
    assert VERIFY in isak.says("//main")
    isak.open(address)
    assert "You know the contract." in isak.says("//*[@id='comments']")
    assert isak.has_form("/complete")


def test_nobody_is_handed_a_task_who_is_not_there(somebody: Somebody, journey: str) -> None:
    hanna = somebody("hanna")
    address = hanna.claim(VERIFY)
    hanna.open(address)
    hanna.send("/assign", {"assignee": ""})
    assert hanna.says("//*[@role='status']") == "Choose a person."
    hanna.open("/tasks?view=mine")
    assert VERIFY in hanna.says("//main")


def test_a_task_that_somebody_else_took_says_so(somebody: Somebody, journey: str) -> None:
    olle = somebody("olle")
    address = olle.claim(VERIFY)
    hanna = somebody("hanna")
    found = hanna.post(f"{address}/claim")
    assert found.status_code == 409
    assert "Somebody was faster" in found.text
    assert "Olle Ström has taken this task." in found.text
    hanna.open(address)
    assert "With Olle Ström" in hanna.says("//main")
    assert "Olle Ström is on it." in hanna.says("//main")


def test_a_task_that_somebody_finished_meanwhile_leads_to_its_journey(somebody: Somebody, journey: str) -> None:
    hanna, olle = somebody("hanna"), somebody("olle")
    address = hanna.task(VERIFY)
    hanna.open(address)
    olle.do(VERIFY)
    for look in (lambda: hanna.send("/complete"), lambda: hanna.open(address)):
        look()
        assert hanna.answer.request.path == journey
        assert hanna.says("//*[@role='status']") == f"Olle Ström finished “{VERIFY}” today 10:00."
    nils = somebody("nils")
    nils.open(address)
    assert nils.answer.request.path == journey, "whom it is about sees it too"


def test_a_task_that_ended_with_its_journey_is_no_longer_needed(somebody: Somebody, journey: str) -> None:
    hanna, maria = somebody("hanna"), somebody("maria")
    address = hanna.task(VERIFY)
    maria.open(journey)
    maria.send("/withdraw", {"reason": "Took another job"})
    hanna.open(address)
    assert hanna.answer.request.path == journey
    assert f"“{VERIFY}” is no longer needed." in hanna.says("//*[@role='status']")


def test_claiming_several_says_how_many_others_took(somebody: Somebody, journey: str) -> None:
    hanna = somebody("hanna")
    hanna.open("/tasks?view=department")
    (chosen,) = hanna.page.xpath("//input[@name='task']/@value")
    somebody("olle").claim(VERIFY)
    hanna.send("/tasks/claim", {"task": chosen})
    assert hanna.says("//*[@role='status']") == "Claimed: 0 Taken by others meanwhile: 1"


def test_several_tasks_are_claimed_at_once(somebody: Somebody) -> None:
    maria = somebody("maria")
    for name in ("Nils Ek", "Amina Warsame"):
        maria.start("onboarding", {**HIRE, "employeeName": name})
    hanna = somebody("hanna")
    hanna.open("/tasks?view=department")
    both = hanna.page.xpath("//input[@name='task']/@value")
    assert len(both) == 2
    hanna.send("/tasks/claim", {"task": both})
    assert "Claimed: 2" in hanna.says("//*[@role='status']")
    assert hanna.says("//main").count(VERIFY) == 2


def test_what_is_due_first_stands_first(somebody: Somebody) -> None:
    maria = somebody("maria")
    for name, first_day in (("Later", "2027-06-01"), ("Sooner", "2027-04-12"), ("Middle", "2027-05-03")):
        maria.start("onboarding", {**HIRE, "employeeName": name, "firstDay": first_day})
    hanna = somebody("hanna")
    hanna.open("/tasks?view=all")
    rows = hanna.page.xpath("//tbody/tr/td[3]/a")
    assert [row.text_content() for row in rows] == ["Sooner", "Middle", "Later"]
    hanna.open("/tasks?view=all&q=middle")
    assert [row.text_content() for row in hanna.page.xpath("//tbody/tr/td[3]/a")] == ["Middle"]


def test_what_is_late_is_said_everywhere(
    somebody: Somebody, journey: str, engine: ProcessEngine, clock: TestClock
) -> None:
    hanna = somebody("hanna")
    clock.set(clock.now().replace(month=4, day=9))
    run_due(engine)
    hanna = somebody("hanna")
    for path in ("/", "/tasks?view=late", "/journeys?view=late", journey):
        hanna.open(path)
        assert "late" in hanna.says("//main//*[@data-state='late']"), path


def test_facts_entered_before_are_shown_with_who_and_where(somebody: Somebody, journey: str) -> None:
    hanna = somebody("hanna")
    hanna.do(VERIFY)
    maria = somebody("maria")
    maria.open(maria.task(ROLE))
    known = maria.says("//*[@class='fact-group']")
    assert "Contract signed Maria Lindqvist, today 10:00" in known
    assert "First day 12 April 2027" in known
    assert "Hiring manager Maria Lindqvist" in known
    assert "Workplace Stockholm" in known


def test_what_is_confidential_is_for_its_department_alone(somebody: Somebody) -> None:
    maria = somebody("maria")
    journey = maria.start("onboarding", {**HIRE, "salary": "41000"})
    maria.open(journey)
    assert "41000" not in maria.says()
    hanna = somebody("hanna")
    hanna.open(journey)
    assert "Monthly salary (SEK) 41000" in hanna.says()


def test_a_comment_reaches_the_others_and_is_never_markup(somebody: Somebody, journey: str) -> None:
    hanna = somebody("hanna")
    hanna.open(hanna.task(VERIFY))
    hanna.send("/comment", {"message": "<b>A locker, please</b>", "for": ""})
    maria = somebody("maria")
    maria.open(journey)
    assert "<b>A locker, please</b>" in maria.says("//ol[@class='timeline']")
    assert "&lt;b&gt;A locker" in maria.answer.text


def test_saying_nothing_is_answered_on_the_same_page(somebody: Somebody, journey: str) -> None:
    hanna = somebody("hanna")
    for address in (journey, hanna.task(VERIFY)):
        hanna.open(address)
        hanna.send("/comment", {"message": "  "})
        assert hanna.answer.request.path == address
        assert hanna.says("//*[@role='status']") == "Write something first."


def test_a_journey_that_is_withdrawn_stays_on_record(somebody: Somebody, journey: str) -> None:
    maria = somebody("maria")
    maria.open(journey)
    maria.send("/withdraw", {"reason": "Took another job"})
    assert "Withdrawn" in maria.says("//main")
    maria.open("/journeys?view=ended")
    assert maria.link("Nils Ek", "/journeys/") == journey
    hanna = somebody("hanna")
    hanna.open("/tasks?view=all")
    assert VERIFY not in hanna.says("//main")


def test_only_who_started_it_may_withdraw_it(somebody: Somebody, journey: str) -> None:
    hanna = somebody("hanna")
    hanna.open(journey)
    assert not hanna.has_form("/withdraw")
    assert hanna.post(f"{journey}/withdraw", {"reason": "x"}).status_code in (403, 404)
    hanna.open(journey)
    assert "Withdrawn" not in hanna.says("//main")


DONE_BY = {
    "HR": "hanna", "Hiring managers": "maria", "Budget owners": "bo", "Payroll": "petra", "New employees": "nils",
    "Security": "sara", "Facilities": "fatima", "IT": "isak", "System owners": "sven", "Service desk": "dana",
}  # fmt: skip


def play(app: Flask, journey: str) -> list[tuple[str, str]]:
    """Everybody does what they find until the journey has ended; who did what, in order."""
    people = {user: Person(app, user) for user in DONE_BY.values()}
    done: list[tuple[str, str]] = []
    for _round in range(40):
        before = len(done)
        for user, person in people.items():
            person.open("/tasks?view=all")
            for name in [link.text_content() for link in person.page.xpath("//td[contains(@class,'main')]/a")]:
                person.do(name)
                done.append((user, name))
        if len(done) == before:
            break
    return done


def test_an_onboarding_runs_from_its_form_to_its_last_task(app: Flask, journey: str) -> None:
    done = play(app, journey)
    assert len({user for user, _ in done}) >= 6
    hanna = Person(app, "hanna")
    hanna.open(journey)
    assert "Completed" in hanna.says("//main")
    steps = hanna.page.xpath("//ol[@class='steps']/li/@data-state")
    assert set(steps) <= {"done", "skipped"}
    assert steps.count("done") == len(done)
    timeline = hanna.says("//ol[@class='timeline']")
    assert timeline.count(" completed ") == len(done)


@pytest.mark.parametrize("language", ["en", "sv"])
def test_a_task_page_says_why_how_and_by_when(somebody: Somebody, journey: str, language: str) -> None:
    hanna = somebody("hanna", language=language)
    hanna.open("/tasks?view=all")
    hanna.open(hanna.page.xpath("//td[contains(@class,'main')]/a/@href")[0])
    expected = {
        "en": (VERIFY, "Why you got this", "HR"),
        "sv": ("Kontrollera avtal och startuppgifter", "Därför fick du den", "HR"),
    }
    for words in expected[language]:
        assert words in hanna.says("//main")
    assert hanna.page.xpath("//ol[@class='strip']/li[@data-here]")
