"""People administer people, and go away, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn, Site
from tests.browser.test_onboarding import begin
from tests.browsing import PHONE, picture, schemes

pytestmark = pytest.mark.browser

ADMINISTRATION = (
    "/admin/people", "/admin/people/isak", "/admin/people/new", "/admin/departments", "/admin/departments/it",
    "/admin/exchange", "/absence",
)  # fmt: skip


def test_an_absence_is_set_and_the_substitute_finishes_what_waited(sign_in: SignIn, site: Site) -> None:
    maria = sign_in("maria")
    begin(maria, "Nils Ek", "2027-04-12")
    journey = maria.url

    hanna = sign_in("hanna")
    hanna.locator("details.who summary").click()
    hanna.get_by_role("link", name="My absence").click()
    hanna.get_by_label("Last day away").fill("2027-03-05")
    hanna.get_by_label("Substitute").select_option("fatima")
    hanna.get_by_role("button", name="Set it").click()
    expect(hanna.get_by_role("status")).to_contain_text("The absence is set.")
    picture(hanna, "absence-set")

    fatima = sign_in("fatima")
    expect(fatima.get_by_text("You stand in for Hanna Berg")).to_be_visible()
    fatima.get_by_role("link", name="1 for somebody who is away.").click()
    expect(fatima.locator(".stands-in")).to_have_text("for Hanna Berg")
    picture(fatima, "absence-my-work")
    fatima.get_by_role("link", name="Verify signed contract and start data").click()
    expect(fatima.get_by_text("You stand in for Hanna Berg, who is away.")).to_be_visible()
    picture(fatima, "absence-task")
    fatima.get_by_role("button", name="Finish the task").click()
    expect(fatima.get_by_role("status")).to_have_text("Done for Hanna Berg: Verify signed contract and start data")

    hanna.goto("/")
    expect(hanna.get_by_text("Fatima Rahimi finished “Verify signed contract and start data” for you")).to_be_visible()
    maria.goto(journey)
    expect(maria.locator("ol.timeline li").first).to_contain_text("for Hanna Berg")


def test_a_person_is_made_with_the_keyboard_alone(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    admin.goto("/admin/people/new")
    admin.locator("#id").focus()
    for text in ("nora", "Nora", "Ek", "nora@example.org"):
        admin.keyboard.type(text)
        admin.keyboard.press("Tab")
    admin.get_by_role("checkbox", name="IT", exact=True).focus()
    admin.keyboard.press("Space")
    admin.keyboard.press("Enter")
    expect(admin.get_by_role("heading", level=1)).to_have_text("Nora Ek")
    expect(admin.get_by_role("checkbox", name="IT", exact=True)).to_be_checked()


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_no_page_of_administration_is_wider_than_its_screen(sign_in: SignIn, site: Site, size: str) -> None:
    viewport = {"wide": {"width": 1360, "height": 900}, "phone": PHONE}[size]
    admin = sign_in("admin", viewport=viewport)

    def fits(name: str) -> None:
        for scheme in schemes(admin):
            picture(admin, f"{size}-{scheme}-{name}")
            assert admin.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (name, scheme)

    for path in ADMINISTRATION:
        admin.goto(path)
        fits(path.strip("/").replace("/", "-"))
    admin.goto("/admin/exchange")
    admin.locator("#file").set_input_files(
        {
            "name": "people.csv",
            "mimeType": "text/csv",
            "buffer": b"id,first_name,departments\nisak,Isac,it hr\nnora,Nora,\n",
        }
    )
    admin.get_by_role("button", name="Check the file").click()
    expect(admin.get_by_role("heading", name="This would change")).to_be_visible()
    fits("admin-exchange-preview")
