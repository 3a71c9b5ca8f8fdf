"""What all rooms share: the way to each of them on a phone, and a drawing for a file that has none."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browsing import PHONE, picture

pytestmark = pytest.mark.browser

#: Neither shapes nor `incoming` and `outgoing`: what the layout needs is made of the sequence flows.
UNDRAWN = b"""<?xml version="1.0"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="x"><process id="boxes" isExecutable="true">
  <startEvent id="s"/><sequenceFlow id="first" sourceRef="s" targetRef="t"/>
  <userTask id="t" name="Order boxes" camunda:candidateGroups="facilities"/>
  <sequenceFlow id="second" sourceRef="t" targetRef="e"/><endEvent id="e"/></process></definitions>"""


@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_room_is_in_sight_on_a_phone(sign_in: SignIn, language: str) -> None:
    admin = sign_in("admin", viewport=PHONE, locale=language)
    for path in ("/", "/admin/people", "/admin/exchange", "/admin/jobs", "/account/tokens", "/flows"):
        admin.goto(path)
        rooms = admin.locator("header nav a")
        expect(rooms).to_have_count(7)
        for room in rooms.all():
            box = room.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= PHONE["width"], (path, room.inner_text())
        assert admin.locator("header nav [aria-current]").count() == (path != "/account/tokens"), path


def test_no_label_lies_under_the_buttons_beside_it_on_a_phone(sign_in: SignIn) -> None:
    admin = sign_in("admin", viewport=PHONE, locale="sv")
    admin.goto("/admin/exchange")
    picture(admin, "phone-exchange-sv")
    for item in admin.locator("li.item").all():
        text, buttons = item.locator("> div").bounding_box(), item.locator("> .row").bounding_box()
        assert text is not None
        assert buttons is not None
        assert text["y"] + text["height"] <= buttons["y"]


def test_a_file_without_a_drawing_is_drawn_with_its_flows(sign_in: SignIn) -> None:
    olle = sign_in("olle")
    olle.goto("/flows")
    olle.locator("#file").set_input_files({"name": "boxes.bpmn", "mimeType": "text/xml", "buffer": UNDRAWN})
    olle.get_by_role("button", name="Upload and publish").click()
    expect(olle.locator(".djs-shape [data-element-id], .djs-element[data-element-id=t]").first).to_be_visible()
    expect(olle.locator(".djs-connection")).to_have_count(2)
    picture(olle, "undrawn")


def test_the_menu_lies_over_the_page_on_a_phone(sign_in: SignIn) -> None:
    admin = sign_in("admin", viewport=PHONE)
    admin.goto("/account/tokens")
    admin.get_by_label("What will use it").fill("The nightly run of the payroll system, which has a long name")
    admin.get_by_role("button", name="Create").click()
    admin.goto("/account/tokens")
    admin.locator("details.who summary").click()
    for item in admin.locator(".menu :is(a, button)").all():
        item.click(trial=True)
        assert item.evaluate(
            "each => { const box = each.getBoundingClientRect();"
            " return each.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)); }"
        ), item.inner_text()
