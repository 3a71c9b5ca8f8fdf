"""A process owner looks at a journey as a department, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.browser.test_onboarding import begin
from tests.browsing import PHONE, picture

pytestmark = pytest.mark.browser


def test_an_owner_sees_what_a_department_sees_and_comes_back(sign_in: SignIn) -> None:
    maria = sign_in("maria")
    begin(maria, "Nils Ek", "2027-04-12")
    olle = sign_in("olle", viewport=PHONE, color_scheme="dark")
    olle.goto(maria.url)
    olle.get_by_label("View as").select_option("hr")
    olle.get_by_role("button", name="Show").click()
    expect(olle.get_by_role("status")).to_contain_text("You see this as a member of HR does.")
    expect(olle.get_by_role("button", name="Send")).to_be_disabled()
    expect(olle.get_by_role("button", name="Larger")).to_be_enabled()
    picture(olle, "viewing-as")
    assert olle.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    olle.get_by_role("link", name="Verify signed contract and start data").click()
    expect(olle.get_by_role("button", name="Finish the task")).to_be_disabled()
    expect(olle.get_by_role("button", name="Claim")).to_be_disabled()
    olle.get_by_role("link", name="Back to your own view").click()
    expect(olle.get_by_role("button", name="Claim")).to_be_enabled()
