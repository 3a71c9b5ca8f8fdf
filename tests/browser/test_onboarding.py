"""An onboarding from its form to its last task, by its people, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn, Site
from tests.browsing import PHONE, Complaints, picture, schemes

pytestmark = pytest.mark.browser

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "onboarding.bpmn"
PEOPLE = ("hanna", "maria", "isak", "fatima", "nils", "sara", "petra", "bo", "sven", "dana")
#: Longer than any chain of tasks in the flow.
ROUNDS = 30


def do_all(page: Page) -> list[str]:
    """Claims and finishes what stands in the person's list; the names of the tasks."""
    done = []
    page.goto("/tasks?view=all")
    while (first := page.locator("td.main a").first).count():
        name = first.inner_text()
        first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        claim = page.locator("form[action$='/claim'] button")
        if claim.count():
            claim.click()
            expect(page.get_by_role("status")).to_have_text("It is yours now.")
        page.get_by_role("button", name="Finish the task").click()
        expect(page.get_by_role("status")).to_have_text(f"Done: {name}")
        done.append(name)
        page.goto("/tasks?view=all")
    return done


@pytest.mark.slow
def test_an_onboarding_is_uploaded_started_worked_on_by_every_department_and_seen_to_its_end(
    sign_in: SignIn, site: Site
) -> None:
    olle = sign_in("olle")
    olle.goto("/flows")
    olle.get_by_label("BPMN file").set_input_files(EXAMPLE)
    olle.get_by_role("button", name="Upload and publish").click()
    expect(olle.get_by_role("status")).to_have_text("Published: Employee onboarding, version 2")
    maria = sign_in("maria")
    picture(maria, "home")
    maria.get_by_role("link", name="Start something").click()
    maria.get_by_role("link", name="Bring a new employee on board").click()
    maria.get_by_label("Full legal name").fill("Nils Ek")
    maria.get_by_label("First day").fill("2027-04-12")
    maria.get_by_label("Position").fill("Controller")
    maria.get_by_label("Hiring manager").select_option("maria")
    maria.get_by_label("Account of the new employee").select_option("nils")
    picture(maria, "start-form")
    maria.locator("form.fields").get_by_role("button", name="Start").click()
    expect(maria.get_by_role("heading", level=1)).to_have_text("Nils Ek")
    expect(maria.locator("body[data-ready=viewer]")).to_have_count(1)
    expect(maria.locator(".mark-active")).not_to_have_count(0)
    picture(maria, "journey-begun")
    journey = maria.url

    pages = {"maria": maria} | {who: sign_in(who) for who in PEOPLE if who != "maria"}
    done: dict[str, list[str]] = {who: [] for who in PEOPLE}
    for _ in range(ROUNDS):
        finished = 0
        for who in PEOPLE:
            names = do_all(pages[who])
            done[who] += names
            finished += len(names)
        if not finished:
            break
    assert len([who for who, names in done.items() if names]) >= 6

    olle.goto("/flows/onboarding")
    expect(olle.locator("tbody tr").first).to_contain_text("Version 2")
    maria.goto(journey)
    expect(maria.locator(".page-head")).to_contain_text("Completed")
    expect(maria.locator("body[data-ready=viewer]")).to_have_count(1)
    number = sum(len(names) for names in done.values())
    expect(maria.locator("ol.steps li[data-state=done]")).to_have_count(number)
    expect(maria.locator("ol.steps li[data-state=active], ol.steps li[data-state=late]")).to_have_count(0)
    expect(maria.locator(".mark-active, .mark-late")).to_have_count(0)
    expect(maria.locator(".mark-done")).not_to_have_count(0)
    picture(maria, "journey-ended")


def test_what_is_late_is_marked_on_the_diagram_and_in_the_list(sign_in: SignIn, site: Site) -> None:
    maria = sign_in("maria")
    begin(maria, "Nils Ek", "2027-04-12")
    site.clock.set(site.clock.now().replace(month=4))
    hanna = sign_in("hanna")
    hanna.goto("/journeys?view=late")
    hanna.get_by_role("link", name="Nils Ek").click()
    expect(hanna.locator("body[data-ready=viewer]")).to_have_count(1)
    expect(hanna.locator("g.mark-late[data-element-id=verify_contract]")).to_have_count(1)
    expect(hanna.locator("ol.steps li[data-state=late] .when")).to_contain_text("days late")
    expect(hanna.locator(".badge")).to_have_text("HR")
    picture(hanna, "journey-late")


def begin(page: Page, name: str, first_day: str) -> None:
    page.goto("/start/onboarding")
    page.get_by_label("Full legal name").fill(name)
    page.get_by_label("First day").fill(first_day)
    page.get_by_label("Position").fill("Controller")
    page.locator("form.fields").get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


@pytest.mark.parametrize("size", ["wide", "phone", "narrow"])
def test_no_page_is_wider_than_its_screen(sign_in: SignIn, site: Site, complaints: Complaints, size: str) -> None:
    viewport = {"wide": {"width": 1360, "height": 900}, "phone": PHONE, "narrow": {"width": 360, "height": 740}}[size]
    admin = sign_in("admin", viewport=viewport)
    begin(admin, "Wilhelmina Nordenskiöld-Adlercreutz", "2027-04-12")
    journey = admin.url
    for path in ("/", "/tasks?view=all", "/start", "/start/onboarding", "/journeys", journey, "/flows",
                 "/flows/onboarding", "/flows/onboarding/edit", "/search?q=screen", "/nowhere"):  # fmt: skip
        admin.goto(path)
        name = path.removeprefix(site.url).partition("?")[0].strip("/").replace("/", "-")
        for scheme in schemes(admin):
            picture(admin, f"{size}-{scheme}-{'journey' if path == journey else name or 'home'}")
            assert admin.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (path, scheme)
    assert [each for each in complaints if "404" not in each] == []
    complaints.clear()


def test_a_list_is_worked_with_the_keyboard_alone(sign_in: SignIn) -> None:
    maria = sign_in("maria")
    for name in ("Amina Warsame", "Nils Ek"):
        begin(maria, name, "2027-04-12")
    hanna = sign_in("hanna")
    hanna.goto("/tasks?view=department")
    hanna.keyboard.press("j")
    hanna.keyboard.press("x")
    hanna.keyboard.press("j")
    hanna.keyboard.press("x")
    expect(hanna.locator("tr[data-current]")).to_have_count(1)
    expect(hanna.locator("input[name=task]:checked")).to_have_count(2)
    hanna.keyboard.press("k")
    hanna.keyboard.press("Enter")
    expect(hanna.get_by_role("heading", level=1)).to_have_text("Verify signed contract and start data")
    hanna.keyboard.press("Control+k")
    expect(hanna.locator("#find")).to_be_focused()
    hanna.keyboard.type("Nils")
    hanna.keyboard.press("Enter")
    expect(hanna.get_by_role("link", name="Nils Ek")).not_to_have_count(0)


def test_escape_closes_the_menu_and_goes_back_to_its_button(sign_in: SignIn) -> None:
    hanna = sign_in("hanna")
    hanna.locator("details.who summary").press("Enter")
    hanna.keyboard.press("Tab")
    expect(hanna.locator("details.who")).to_have_attribute("open", "")
    hanna.keyboard.press("Escape")
    expect(hanna.locator("details.who")).not_to_have_attribute("open", "")
    expect(hanna.locator("details.who summary")).to_be_focused()


def test_the_theme_is_kept_from_page_to_page(sign_in: SignIn) -> None:
    hanna = sign_in("hanna", color_scheme="light")
    hanna.get_by_role("button", name="Light or dark").click()
    hanna.goto("/tasks")
    assert hanna.locator("html").get_attribute("data-theme") == "dark"
    assert hanna.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 22, 26)"


def test_changing_the_theme_keeps_what_is_being_written_and_recolours_the_drawing(sign_in: SignIn) -> None:
    maria = sign_in("maria", color_scheme="light")
    begin(maria, "Nils Ek", "2027-04-12")
    lane = maria.locator("g[data-element-id=lane_hr] rect").first
    assert lane.evaluate("each => getComputedStyle(each).stroke") == "rgb(42, 48, 56)"
    maria.get_by_label("Say something").fill("Half a sentence")
    maria.get_by_role("button", name="Light or dark").click()
    assert lane.evaluate("each => getComputedStyle(each).stroke") == "rgb(215, 220, 228)"
    expect(maria.get_by_label("Say something")).to_have_value("Half a sentence")


def test_the_drawing_speaks_the_language_of_the_page(sign_in: SignIn) -> None:
    maria = sign_in("maria", locale="sv-SE")
    maria.goto("/start/onboarding")
    maria.get_by_label("Fullständigt namn").fill("Nils Ek")
    maria.get_by_label("Första dagen").fill("2027-04-12")
    maria.get_by_label("Befattning").fill("Controller")
    maria.locator("form.fields").get_by_role("button", name="Starta").click()
    drawing = maria.locator("#canvas")
    for words in ("Kontrollera avtal", "Rekryterande chef", "Avtal påskrivet", "Ja"):
        expect(drawing.get_by_text(words).first).to_be_attached()
    for element, lines in (("flow_vetting_needed_vetting_settled", 1), ("vetting_needed", 1), ("works_remotely", 2)):
        expect(drawing.locator(f"[data-element-id={element}_label] tspan")).to_have_count(lines)


def test_who_thinks_better_of_it_may_still_withdraw(sign_in: SignIn) -> None:
    maria = sign_in("maria")
    begin(maria, "Nils Ek", "2027-04-12")
    maria.get_by_label("Reason").fill("Took another job")
    button = maria.get_by_role("button", name="Withdraw")
    maria.once("dialog", lambda dialog: dialog.dismiss())
    button.click()
    maria.once("dialog", lambda dialog: dialog.accept())
    button.click()
    expect(maria.get_by_role("status")).to_have_text("Withdrawn. What was done stays on record.")


def test_pages_work_without_scripts(sign_in: SignIn) -> None:
    maria = sign_in("maria", java_script_enabled=False)
    begin(maria, "Nils Ek", "2027-04-12")
    hanna = sign_in("hanna", java_script_enabled=False)
    assert do_all(hanna)[0] == "Verify signed contract and start data"


def test_a_diagram_asked_for_after_the_session_has_ended_leads_to_the_sign_in_page(sign_in: SignIn) -> None:
    maria = sign_in("maria")
    begin(maria, "Nils Ek", "2027-04-12")
    address, kept = maria.url, maria.request.get(maria.url).text()
    maria.context.clear_cookies(name="onedoor_session")
    # The page is there already, as from the browser's memory; only its diagram is fetched now.
    maria.route(address, lambda route: route.fulfill(body=kept, content_type="text/html"), times=1)
    maria.goto(address)
    expect(maria.get_by_label("Password")).to_be_visible()
