"""An administrator erases a person in a real browser, and takes their data out before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from engine import SYSTEM, TaskQuery, assign_task, delete_instance, find_tasks
from tests.browser.conftest import SignIn, Site
from tests.browser.test_onboarding import begin
from tests.browsing import PHONE, picture, schemes
from tests.engine.privacy import measures, traces

pytestmark = pytest.mark.browser

FATIMA = ("fatima@example.org", "Fatima Rahimi")


def test_a_person_is_erased_after_a_look_at_what_it_does(sign_in: SignIn, site: Site, tmp_path: Path) -> None:
    maria = sign_in("maria")
    begin(maria, "Fatima Rahimi", "2027-04-12")
    journey = maria.url.rpartition("/")[2]
    begin(maria, "Bo Ek", "2027-04-13")
    with site.engine.command(SYSTEM) as context:
        other = next(each for each in find_tasks(context, TaskQuery()) if each.root_instance_id != journey)
        assign_task(context, other.id, "fatima")
    admin = sign_in("admin", viewport=PHONE)
    admin.goto("/admin/people/fatima")
    with admin.expect_download() as saved:
        admin.get_by_role("link", name="Download").click()
    saved.value.save_as(tmp_path / "data.json")
    assert json.loads((tmp_path / "data.json").read_text())["account"][0]["id"] == "fatima"
    admin.get_by_role("link", name="Erase …").click()
    expect(admin.get_by_role("heading", name="Finish or withdraw these first")).to_be_visible()
    for scheme in schemes(admin):
        picture(admin, f"erase-{scheme}-in-the-way")
        assert admin.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, scheme
    with site.engine.command(SYSTEM) as context:
        delete_instance(context, journey, "changed her mind")
    assert {"user_account.id", "historic_process_instance.subject", "task.assignee"} <= set(
        traces(site.engine, (*FATIMA, "fatima"))
    )
    measured = measures(site.engine)
    admin.reload()
    expect(admin.get_by_text("1 open task goes back to its queue.")).to_be_visible()
    for scheme in schemes(admin):
        picture(admin, f"erase-{scheme}")
    admin.get_by_label("Write fatima to confirm").fill("fatima")
    admin.get_by_role("button", name="Erase for good").click()
    expect(admin.get_by_role("status")).to_contain_text("Erased.")
    expect(admin.get_by_text("Fatima Rahimi")).to_have_count(0)
    assert traces(site.engine, FATIMA) == {}
    assert measures(site.engine) == measured
