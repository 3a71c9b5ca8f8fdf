"""A process owner suspends and moves journeys with a real browser: asked first, with the keyboard alone, on a phone."""

from __future__ import annotations

from playwright.sync_api import expect

from engine import SYSTEM, deploy_resources, start_instance
from tests.browser.conftest import SignIn, Site
from tests.browsing import PHONE, picture
from tests.pages.test_suspension_and_moving import STRAIGHT, TWO, begin, deploy, versions


def test_a_move_is_asked_for_first_and_made_with_the_keyboard(site: Site, sign_in: SignIn) -> None:
    deploy(site.engine, TWO)
    begin(site.engine, done="look")
    begin(site.engine)
    deploy(site.engine, STRAIGHT)
    page = sign_in("olle")
    page.goto("/flows/small")
    picture(page, "flow-with-older-journeys")
    page.get_by_role("link", name="Move to version 2").press("Enter")
    expect(page.get_by_role("heading", name="Move running journeys")).to_be_visible()
    picture(page, "move")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Move", exact=True).press("Enter")
    assert asked == ["Move 1 journey to version 2?"]
    assert versions(site.engine) == ["1", "1"]
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Move", exact=True).press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 journey moved to version 2.")
    assert versions(site.engine) == ["1", "2"]


def test_moving_fits_a_phone_in_the_dark(site: Site, sign_in: SignIn) -> None:
    deploy(site.engine, TWO)
    begin(site.engine, done="look")
    begin(site.engine)
    deploy(site.engine, STRAIGHT)
    page = sign_in("olle", viewport=PHONE, color_scheme="dark")
    page.goto("/flows/small/move?from=1")
    picture(page, "move-phone-dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_suspended_journey_says_so_and_is_activated_again(site: Site, sign_in: SignIn) -> None:
    with site.engine.command(SYSTEM) as context:
        deploy_resources(context, "small", [("small.bpmn", STRAIGHT)])
        journey = start_instance(context, key="small", business_key="Nora")
    page = sign_in("olle")
    page.goto(f"/journeys/{journey.id}")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Suspend").click()
    expect(page.locator(".page-head")).to_contain_text("Suspended")
    picture(page, "journey-suspended")
    page.get_by_role("button", name="Activate").click()
    expect(page.locator(".page-head")).not_to_contain_text("Suspended")
