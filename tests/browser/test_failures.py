"""The page of what failed, at a real browser: no wider than its screen, whatever the message, and one click retries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from engine import SYSTEM, deploy_resources, run_due, start_instance
from tests.browser.conftest import SignIn, Site
from tests.browsing import DESKTOP, PHONE, picture, schemes

MODEL = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t"><process id="booking" isExecutable="true">
 <startEvent id="start"/><sequenceFlow id="f" sourceRef="start" targetRef="book"/>
 <serviceTask id="book" name="Book the room" camunda:asyncBefore="true" camunda:expression="${NAME}"/>
 <sequenceFlow id="g" sourceRef="book" targetRef="end"/><endEvent id="end"/></process></definitions>"""


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_what_failed_fits_the_screen_and_is_retried_with_one_click(sign_in: SignIn, site: Site, size: str) -> None:
    with site.engine.command(SYSTEM) as context:
        source = MODEL.replace("NAME", "a_variable_that_nobody_ever_set_" * 6).encode()
        deploy_resources(context, "booking", [("booking.bpmn", source)])
        start_instance(context, key="booking", business_key="Wilhelmina Nordenskiöld-Adlercreutz")
    for wait in (timedelta(0), timedelta(seconds=10), timedelta(minutes=1)):
        site.clock.advance(wait)
        run_due(site.engine)
    olle = sign_in("olle", viewport=PHONE if size == "phone" else DESKTOP)

    def fits(name: str) -> None:
        for scheme in schemes(olle):
            picture(olle, f"{size}-{scheme}-{name}")
            assert olle.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (name, scheme)

    olle.goto("/admin/jobs")
    fits("failures")
    olle.get_by_role("link", name="Details").click()
    expect(olle.get_by_role("button", name="Retry")).to_be_visible()
    fits("failure")
    olle.get_by_role("button", name="Retry").focus()
    olle.keyboard.press("Enter")
    expect(olle.get_by_role("status")).to_contain_text("It is tried again.")
    expect(olle.get_by_role("button", name="Retry all")).to_have_count(0)
